"""A workspace: made without touching what is there, found only where there is one, written by one at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mapae.model.errors import MapaeError, WorkspaceBusy
from mapae.settings import Settings
from mapae.store import workspace


def test_init_makes_the_folders_and_settings_that_are_all_defaults(tmp_path: Path) -> None:
    space = workspace.init(tmp_path / "deep" / "w")
    assert all(folder.is_dir() for folder in space.folders)
    assert space.settings == Settings()
    assert workspace.find(tmp_path / "deep" / "w") == space


def test_init_leaves_what_is_there(tmp_path: Path) -> None:
    space = workspace.init(tmp_path)
    space.settings_file.write_text("threads = 3\n")
    (space.inputs / "accounts.csv").write_text("account_id\n")
    assert workspace.init(tmp_path) == space
    assert space.settings.threads == 3 and (space.inputs / "accounts.csv").read_text() == "account_id\n"


def test_a_folder_with_inputs_alone_is_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    with workspace.writing(workspace.find(tmp_path)):
        assert (tmp_path / ".mapae" / "parts").is_dir()


@pytest.mark.parametrize("what", ["missing", "file", "other"])
def test_what_is_no_workspace_is_said_with_what_to_do(what: str, tmp_path: Path) -> None:
    target = tmp_path / "x"
    if what == "file":
        target.write_text("")
    elif what == "other":
        target.mkdir()
    with pytest.raises(MapaeError) as caught:
        workspace.find(target)
    assert str(target) in caught.value.where and caught.value.do
    if what == "file":
        with pytest.raises(MapaeError, match="this is a file"):
            workspace.init(target)


def test_one_writer_at_a_time_and_the_lock_goes_with_its_holder(tmp_path: Path) -> None:
    space = workspace.init(tmp_path)
    with workspace.writing(space):
        with pytest.raises(WorkspaceBusy) as caught, workspace.writing(space, wait=0):
            pass
        assert f"process {os.getpid()}" in caught.value.why
    with workspace.writing(space, wait=0):
        pass
    with pytest.raises(RuntimeError), workspace.writing(space, wait=0):
        raise RuntimeError
    with workspace.writing(space, wait=0):
        pass


def test_a_lock_file_of_garbage_still_says_somebody_holds_it(tmp_path: Path) -> None:
    space = workspace.init(tmp_path)
    with workspace.writing(space):
        space.lock.write_text("nothing one could read")
        with pytest.raises(WorkspaceBusy) as caught, workspace.writing(space, wait=0):
            pass
        assert "another process" in caught.value.why


def test_half_written_files_are_emptied_and_links_are_not_followed(tmp_path: Path) -> None:
    space = workspace.init(tmp_path / "w")
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("stays")
    (space.tmp / "half.parquet").write_text("half")
    (space.tmp / "source-1" / "staged").mkdir(parents=True)
    (space.tmp / "source-1" / "staged" / "rows.parquet").write_text("half")
    (space.tmp / "source-1" / "link").symlink_to(kept, target_is_directory=True)
    with workspace.writing(space):
        assert list(space.tmp.iterdir()) == []
    assert (kept / "file").read_text() == "stays"
