"""Runs a workspace and kills itself: at a chosen touch of the disk, or at a moment.

Usage: killing.py WORKSPACE DAY label SEEN_FILE   kill at the first touch whose label is not in SEEN_FILE (and add it)
       killing.py WORKSPACE DAY count             run through and print the number of touches
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main() -> None:
    from mapae import pipeline
    from mapae.store import disk

    directory, day, mode, *rest = sys.argv[1:]
    seen_file = Path(rest[0]) if rest else None
    seen = set(seen_file.read_text().split("\n")) if seen_file and seen_file.exists() else set()
    counts: dict[str, int] = {}
    touches = 0

    def touched(what: str, target: str) -> None:
        nonlocal touches
        touches += 1
        base = f"{what} {target}"
        counts[base] = counts.get(base, 0) + 1
        label = f"{base} {counts[base]}"
        if mode == "label" and label not in seen and seen_file is not None:
            with seen_file.open("a") as handle:
                handle.write(label + "\n")
            os.kill(os.getpid(), signal.SIGKILL)

    def named(handle: int) -> str:
        return Path(os.readlink(f"/proc/self/fd/{handle}")).name

    def wrap(name: str, label: Callable[..., str]) -> None:
        real: Any = getattr(disk, name)

        def half(handle: int, data: bytes) -> None:
            # A killed write leaves half of its bytes behind.
            target = label(handle, data)
            before = touches
            if mode == "label" and f"write {target} {counts.get(f'write {target}', 0) + 1}" not in seen:
                real(handle, data[: len(data) // 2])
            touched(name, target)
            assert touches == before + 1
            real(handle, data)

        def replaced(*given: Any) -> Any:
            touched(name, label(*given))
            return real(*given)

        setattr(disk, name, half if name == "write" else replaced)

    wrap("write", lambda handle, data: named(handle))
    wrap("fsync", lambda handle: named(handle))
    wrap("rename", lambda source, target: target.name)
    pipeline.run(directory, today=dt.date.fromisoformat(day))
    print(touches)


main()
