"""Verify computes every hash anew: each changed byte and each missing file is a fault, and it says what it cannot show."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from small import call, key_in, run, small

from mapae.store import ledger, workspace
from mapae.store.verify import CANNOT_SHOW, verify
from mapae.store.workspace import Workspace


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("key")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Workspace:
    with key_in(key):
        space = small(tmp_path_factory.mktemp("verify") / "w", only=("accounts", "sign_ins"), lists=False)
        run(space)
    return space


@pytest.fixture
def space(ran: Workspace, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("MAPAE_CONFIG", str(key))
    return workspace.find(shutil.copytree(ran.root, tmp_path / "w", symlinks=True))


def test_what_is_whole_has_no_fault_and_the_limits_are_said(space: Workspace) -> None:
    told = call("verify", space.root)
    assert told.code == 0 and "no faults" in told.out and CANNOT_SHOW in told.out
    report = verify(space)
    assert report.lines == 1 and report.runs == 1 and report.sources == 2 and report.parts > 50


@pytest.mark.parametrize("folder", ["vault", "parts", "runs", "weights"])
def test_a_flipped_bit_and_a_missing_file_are_faults(folder: str, space: Workspace) -> None:
    chance = random.Random(folder)
    files = sorted(getattr(space, folder).iterdir())
    for file in files if len(files) < 8 else chance.sample(files, 8):
        data = file.read_bytes()
        at = chance.randrange(len(data))
        file.write_bytes(data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :])
        assert len(verify(space).faults) == 1, file
        if folder in ("parts", "weights"):
            file.unlink()
            assert len(verify(space).faults) == 1, file
        file.write_bytes(data)
    assert not verify(space).faults


def test_a_changed_ledger_and_head_are_faults_that_the_command_prints(space: Workspace) -> None:
    for file in (space.ledger, space.head):
        data = file.read_bytes()
        file.write_bytes(data[:20] + bytes([data[20] ^ 1]) + data[21:])
        told = call("verify", space.root)
        assert told.code == 1 and f"Does not hold: {file.name}" in told.err and "Traceback" not in told.text
        file.write_bytes(data)
    space.head.unlink()
    assert "ledger.head is missing" in call("verify", space.root).err
    assert call("run", space.root, "--quiet").code == 0  # the head is signed again


def test_a_head_of_another_key_is_noted_and_one_for_another_line_is_a_fault(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAPAE_CONFIG", str(tmp_path / "another"))
    told = call("verify", space.root)
    assert told.code == 0 and "which is not yours; its signature was not checked" in told.out
    ledger.sign_head(space, 1, "0" * 64)
    told = call("verify", space.root)
    assert told.code == 1 and "line 1 is not the one that its head was made for" in told.err


def test_a_cut_tail_is_a_fault_and_a_torn_line_a_note(space: Workspace) -> None:
    data = space.ledger.read_bytes()
    space.ledger.write_bytes(b"")
    assert call("verify", space.root).code == 1
    told = call("run", space.root, "--quiet")
    assert told.code == 1 and "The ledger's end is missing" in told.err and "Restore ledger.jsonl" in told.err
    space.ledger.write_bytes(data + b'{"act":"run"')
    told = call("verify", space.root)
    assert told.code == 0 and "a torn last line of 12 bytes" in told.out
    assert "Note: a torn last line of 12 bytes was cut off" in call("run", space.root, "--quiet").err
    assert ledger.read(space.ledger).torn == 0


def test_a_part_that_is_missing_is_made_again_with_the_same_name_and_bytes(space: Workspace) -> None:
    wanted = {path.name: path.read_bytes() for path in space.parts.iterdir()}
    for name in random.Random(3).sample(sorted(wanted), 12):
        (space.parts / name).unlink()
    assert call("verify", space.root).code == 1
    run(space)
    assert {path.name: path.read_bytes() for path in space.parts.iterdir()} == wanted
    assert not verify(space).faults
