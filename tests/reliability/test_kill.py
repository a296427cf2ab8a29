"""A killed run leaves a workspace that opens, and that the next run completes to the same bytes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from killed import ROOT, Killer, clean, opens
from workspaces import state, tiny

from mapae.store import ledger, workspace
from mapae.store.verify import verify


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
    until = str(time.time() + 30)
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
