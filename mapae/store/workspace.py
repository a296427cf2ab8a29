"""A workspace on disk: where things lie, the one writer's lock, and ``init``."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from mapae import settings as settings_room
from mapae.model.errors import MapaeError, WorkspaceBusy
from mapae.store import disk

SETTINGS_TEXT = """\
# Settings of this workspace. Every setting has a default; docs/reference/settings.md lists them.
# inputs = ["/data/export/sign_ins.parquet"]   # files or folders that lie outside inputs/
"""


@dataclasses.dataclass(frozen=True)
class Workspace:
    """Paths of one workspace (house.md, "What lies in a workspace")."""

    root: Path

    @property
    def inputs(self) -> Path:
        return self.root / "inputs"

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def settings_file(self) -> Path:
        return self.root / "mapae.toml"

    @property
    def hidden(self) -> Path:
        return self.root / ".mapae"

    @property
    def vault(self) -> Path:
        return self.hidden / "vault"

    @property
    def parts(self) -> Path:
        return self.hidden / "parts"

    @property
    def weights(self) -> Path:
        return self.hidden / "weights"

    @property
    def runs(self) -> Path:
        return self.hidden / "runs"

    @property
    def ledger(self) -> Path:
        return self.hidden / "ledger.jsonl"

    @property
    def head(self) -> Path:
        return self.hidden / "ledger.head"

    @property
    def lock(self) -> Path:
        return self.hidden / "lock"

    @property
    def tmp(self) -> Path:
        return self.hidden / "tmp"

    @property
    def ranges(self) -> Path:
        """Address files as ranges, flattened once: a cache, and no part of any run."""
        return self.hidden / "ranges"

    @property
    def settings(self) -> settings_room.Settings:
        """Settings of ``mapae.toml``, defaults where it says nothing."""
        return settings_room.load(self.settings_file)

    @property
    def folders(self) -> tuple[Path, ...]:
        return (self.inputs, self.hidden, self.vault, self.parts, self.weights, self.runs, self.tmp)


def find(directory: str | Path) -> Workspace:
    """The workspace in a folder.

    Raises:
        MapaeError: the folder is none, or no workspace.
    """
    root = Path(directory)
    if not root.exists():
        raise MapaeError(
            "There is no such folder.",
            where=str(root),
            do="Check the path, or make a workspace there with: mapae init " + str(root),
        )
    if not root.is_dir():
        raise MapaeError(
            "A workspace is a folder, and this is a file.", where=str(root), do="Name the folder that holds inputs/."
        )
    if not (root / ".mapae").is_dir() and not (root / "inputs").is_dir():
        raise MapaeError(
            "This folder is no workspace.", where=str(root.resolve()), do=f"Make it one with: mapae init {root}"
        )
    return Workspace(root.resolve())


def init(directory: str | Path) -> Workspace:
    """Make a workspace in a folder; what is there already stays.

    Raises:
        MapaeError: the folder cannot be made.
    """
    root = Path(directory)
    if root.exists() and not root.is_dir():
        raise MapaeError("A workspace is a folder, and this is a file.", where=str(root), do="Name another place.")
    try:
        root.mkdir(parents=True, exist_ok=True)
        space = Workspace(root.resolve())
        for folder in space.folders:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise disk.full_disk(problem, root / ".mapae") from problem
    if not space.settings_file.exists():
        disk.place(SETTINGS_TEXT.encode(), space.tmp / "mapae.toml", space.settings_file)
    return space


def _holder(text: str) -> str:
    try:
        held = json.loads(text)
        return f"process {held['pid']} on this machine"
    except (ValueError, KeyError, TypeError):
        return "another process"


@contextlib.contextmanager
def writing(space: Workspace, *, wait: float = 600.0, say: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold a workspace as its one writer; a second writer waits, and says for whom.

    Args:
        wait: seconds to wait before giving up.
        say: is told once when there is somebody to wait for.

    Raises:
        WorkspaceBusy: the holder did not finish in time; the message names its process.
    """
    for folder in space.folders:
        folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(space.lock, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as problem:
        raise disk.full_disk(problem, space.lock) from problem
    try:
        until, told = time.monotonic() + wait, False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = _holder(os.pread(handle, 4096, 0).decode("utf-8", "replace"))
                if time.monotonic() >= until:
                    raise WorkspaceBusy(
                        "Another run holds this workspace.",
                        where=str(space.root),
                        why=f"{holder} is writing to it.",
                        do="Wait until it has finished, then run again.",
                    ) from None
                if say and not told:
                    say(f"Waiting: {holder} is writing to this workspace.")
                    told = True
                time.sleep(0.1)
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid()}).encode(), 0)
        empty_tmp(space)
        yield
    finally:
        os.close(handle)


def empty_tmp(space: Workspace) -> None:
    """Remove half-written files of a run that was killed."""
    for path in sorted(space.tmp.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
