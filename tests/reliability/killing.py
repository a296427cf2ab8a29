"""Runs workspaces in forked children and lets them be killed: at a chosen touch of the disk, or at a moment.

A server: it has imported everything, read the rules and opened nothing, so that a child starts at once. Each line of its standard
input is one order, as JSON: {"workspace", "day", "seen", "after"}. With "seen", the child kills itself at the first
touch of the disk whose label is not in that file (and adds it). With "after", it is killed after so many seconds.
The answer is one line: {"code", "touches", "seconds"}.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mapae import pipeline
from mapae.determinations import steps as determinations
from mapae.engine.duckdb import what
from mapae.indicators import steps as indicators
from mapae.linkage import steps as linkage
from mapae.rules.kinds import load_catalogue
from mapae.screening import steps as screening
from mapae.settings import Settings
from mapae.store import disk
from mapae.tracing import steps as tracing


def child(workspace: str, day: str, seen_file: Path | None) -> int:
    """Run a workspace; gives the number of touches, if it lives."""
    seen = set(seen_file.read_text().split("\n")) if seen_file and seen_file.exists() else set()
    counts: dict[str, int] = {}
    touches = 0

    def label(what: str, target: str) -> str:
        return f"{what} {target} {counts.get(f'{what} {target}', 0) + 1}"

    def touched(what: str, target: str) -> None:
        nonlocal touches
        touches += 1
        one = label(what, target)
        counts[f"{what} {target}"] = counts.get(f"{what} {target}", 0) + 1
        if seen_file is not None and one not in seen:
            with seen_file.open("a") as handle:
                handle.write(one + "\n")
            os.kill(os.getpid(), signal.SIGKILL)

    renamed = ["nothing"]

    def named(handle: int) -> str:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        return f"{path.name}-after-{renamed[-1]}" if path.is_dir() else path.name

    def target_of_rename(source: Path, target: Path) -> str:
        renamed.append(target.name)
        return target.name

    def wrap(name: str, target_of: Callable[..., str]) -> None:
        real: Any = getattr(disk, name)

        def half(handle: int, data: bytes) -> None:
            if seen_file is not None and label(name, target_of(handle)) not in seen:
                real(handle, bytes(data)[: len(data) // 2])  # a killed write leaves half of its bytes behind
            touched(name, target_of(handle))
            real(handle, data)

        def whole(*given: Any) -> Any:
            touched(name, target_of(*given))
            return real(*given)

        setattr(disk, name, half if name == "write" else whole)

    wrap("write", named)
    wrap("fsync", named)
    wrap("rename", target_of_rename)
    pipeline.run(workspace, today=dt.date.fromisoformat(day))
    return touches


def warm() -> None:
    """Read the rules and put their SQL in normal form once, so that no child has to."""
    catalogue, settings = load_catalogue(), Settings()
    for stage in (indicators, screening, linkage, tracing, determinations):
        for step in stage.steps(catalogue, settings):
            what(step)


def serve() -> None:
    """Answer orders until standard input ends."""
    warm()
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        started = time.monotonic()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                touches = child(order["workspace"], order["day"], Path(order["seen"]) if order.get("seen") else None)
                os.write(writing, str(touches).encode())
                code = 0
            finally:
                os._exit(code)
        os.close(writing)
        if order.get("after") is not None:
            time.sleep(order["after"])
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        told = os.read(reading, 100)
        os.close(reading)
        code = os.waitstatus_to_exitcode(status)
        print(json.dumps({"code": code, "touches": int(told or 0), "seconds": time.monotonic() - started}), flush=True)


if __name__ == "__main__":
    serve()
