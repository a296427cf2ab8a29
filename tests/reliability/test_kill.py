"""A killed run leaves a workspace that opens, and that the next run completes to the same bytes."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from workspaces import DAY, state, tiny

from mapae import pipeline
from mapae.store import ledger, runs, workspace
from mapae.store.runs import OpenRun
from mapae.store.verify import verify
from mapae.store.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
KILLER = Path(__file__).with_name("killing.py")
# Random moments at which a run is killed: 100 in .ci/run, a fifth of that where somebody waits for make test.
MOMENTS = int(os.environ.get("MAPAE_KILLS") or (40 if os.environ.get("MAPAE_CI") else 20))


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


def test_a_kill_at_every_touch_of_the_disk(wanted: dict[str, str], killer: Killer, tmp_path: Path) -> None:
    """SIGKILL at every write, fsync and rename that a run makes, each in turn; half of a killed write stays behind."""
    space = tiny(tmp_path / "w")
    seen = tmp_path / "seen"
    killed = compared = 0
    while (answer := killer.run(space, seen=str(seen)))["code"] != 0:
        assert answer["code"] == -signal.SIGKILL
        killed += 1
        opens(space)
        if killed % 24 == 0:
            copy = tmp_path / "copy"
            shutil.copytree(space.root, copy, symlinks=True)
            assert killer.run(workspace.find(copy))["code"] == 0
            found = state(workspace.find(copy))
            assert found == wanted
            compared += len(found)
            shutil.rmtree(copy)
    found = state(space)
    compared += len(found)
    assert found == wanted
    labels = [line for line in seen.read_text().split("\n") if line]
    print(f"\nkilled at {killed} touches ({len(set(labels))} different), compared {compared} files: all equal")
    assert killed == len(labels) > 200
    assert {label.split()[0] for label in labels} == {"write", "fsync", "rename"}
    assert any("ledger.jsonl" in label for label in labels) and any("ledger.head" in label for label in labels)


def test_a_kill_at_random_moments(wanted: dict[str, str], killer: Killer, tmp_path: Path) -> None:
    chance = random.Random(11)
    compared = survived = 0
    fresh = tiny(tmp_path / "fresh")
    took = killer.run(tiny(tmp_path / "timed"))["seconds"]
    for _ in range(MOMENTS):
        copy = tmp_path / "copy"
        shutil.copytree(fresh.root, copy)
        space = workspace.find(copy)
        survived += killer.run(space, after=chance.uniform(0.01, 1.0) * took)["code"] == 0
        opens(space)
        assert killer.run(space)["code"] == 0
        found = state(space)
        assert found == wanted
        compared += len(found)
        shutil.rmtree(copy)
    print(f"\n{MOMENTS} kills at random moments ({survived} came after the end), compared {compared} files: all equal")
    assert survived < MOMENTS / 2


def test_a_ledger_torn_at_every_length_loses_and_doubles_nothing(wanted: dict[str, str], tmp_path: Path) -> None:
    space = tiny(tmp_path / "w")
    clean(space)
    data, head = space.ledger.read_bytes(), space.head.read_bytes()
    for end in range(len(data)):
        space.ledger.write_bytes(data[:end])
        space.head.unlink(missing_ok=True)
        assert ledger.read(space.ledger).torn == end
        notes = ledger.repair(space)
        assert bool(notes) == bool(end) and space.ledger.read_bytes() == b""
    for end in (0, 1, len(data) // 2, len(data) - 1):
        space.ledger.write_bytes(data[:end])
        space.head.unlink(missing_ok=True)
        clean(space)
        assert state(space) == wanted
    space.ledger.write_bytes(data)
    space.head.write_bytes(head)
    assert not verify(space).faults


def test_readers_see_whole_runs_while_a_writer_and_a_sweep_run(tmp_path: Path) -> None:
    """Readers hash every part of the run they hold, over and over, while inputs change and old runs are swept."""
    space = tiny(tmp_path / "w")
    clean(space)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    reader = ROOT / "tests" / "reliability" / "reading.py"
    until = str(time.time() + 14)
    readers = [
        subprocess.Popen([sys.executable, str(reader), str(space.root), until], env=environment, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    runs_made = 0
    while time.time() < float(until) - 1:
        tiny(space.root, rings=runs_made % 5)
        clean(space)
        with workspace.writing(space):
            from mapae.store.sweep import sweep

            sweep(space)
        runs_made += 1
    counts = []
    for process in readers:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0, out.decode()
        counts.append(int(out))
    print(f"\n{runs_made} runs, readers hashed {counts} parts: none wrong, none missing")
    assert runs_made >= 4 and min(counts) > 100
