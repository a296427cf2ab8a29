"""The vault keeps bytes as received, and says in words why it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapae.model.errors import Damaged, InputRefused
from mapae.store import vault, workspace
from mapae.store.workspace import Workspace


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return workspace.init(tmp_path / "w")


def test_bytes_are_kept_under_their_hash(space: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"account_id\na1\n")
    kept = vault.keep(space, file, large_bytes=1 << 20)
    assert kept.file.read_bytes() == b"account_id\na1\n" and kept.file.name == kept.sha256
    assert vault.find(space, kept.source16) == kept


def test_one_changed_byte_is_noticed(space: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"account_id\na1\n")
    kept = vault.keep(space, file, large_bytes=1 << 20)
    kept.file.write_bytes(b"account_id\na2\n")
    with pytest.raises(Damaged, match="changed"):
        vault.find(space, kept.source16)


def test_a_large_file_is_referred_to_and_its_vanishing_is_said(space: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "sign_ins.csv"
    file.write_bytes(b"x" * 5000)
    kept = vault.keep(space, file, large_bytes=1000)
    assert kept.file == file.resolve() and not (space.vault / kept.sha256).exists()
    file.unlink()
    with pytest.raises(Damaged, match="vanished"):
        vault.find(space, kept.source16)


def test_a_folder_and_a_missing_file_are_refused_in_words(space: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="folder, not a file"):
        vault.keep(space, tmp_path, large_bytes=1000)
    with pytest.raises(InputRefused, match="no longer there"):
        vault.keep(space, tmp_path / "gone.csv", large_bytes=1000)
