"""What the tests of killed runs share: the server of killing.py, the state wanted, and what holds after every kill."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from workspaces import DAY, state, tiny

from mapae import pipeline
from mapae.store import ledger, runs
from mapae.store.runs import OpenRun
from mapae.store.verify import verify
from mapae.store.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
KILLER = Path(__file__).with_name("killing.py")


class Killer:
    """The server of killing.py, asked line by line."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, str(KILLER)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, space: Workspace, **order: Any) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"workspace": str(space.root), "day": DAY, **order}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)


@pytest.fixture(scope="module")
def killer(wanted: dict[str, str]) -> Iterator[Killer]:
    one = Killer()
    yield one
    one.close()


def clean(space: Workspace) -> pipeline.Outcome:
    return pipeline.run(space.root, today=dt.date.fromisoformat(DAY))


def opens(space: Workspace) -> None:
    """What holds after every kill: the ledger reads, and what it commits is there, byte for byte."""
    reading = ledger.read(space.ledger)
    assert not reading.fault
    if runs.committed(space):
        with OpenRun.last(space.root) as run:
            assert run.rows("select count(*) as n from accounts")[0]["n"] == 40
        assert not [f for f in verify(space).faults if "ledger.head" not in f and "signed head" not in f]


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The state after one run that nobody killed."""
    os.environ["MAPAE_CONFIG"] = str(tmp_path_factory.mktemp("key"))
    space = tiny(tmp_path_factory.mktemp("clean") / "w")
    clean(space)
    return state(space)
