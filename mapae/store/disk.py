"""The few ways in which a workspace touches the disk; every one of them can be killed without harm.

All writes of ``store`` go through here, so that a test can stop the process at each of them.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from mapae.model.errors import MapaeError

CHUNK = 1 << 20


def full_disk(problem: OSError, path: Path) -> MapaeError:
    """The error for a write that the system refused, in words for people."""
    if problem.errno == errno.ENOSPC:
        return MapaeError(
            "The disk is full; the run was stopped.",
            where=str(path.parent),
            why="What had been committed before is untouched.",
            do="Free some space and run again: finished parts are used as they are.",
        )
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return MapaeError(
            "A file of the workspace cannot be written.",
            where=str(path),
            why="This user lacks the permission, or the disk is read-only.",
            do="Give the permission, or copy the workspace to a folder of your own.",
        )
    return MapaeError(
        "A file of the workspace cannot be written.",
        where=str(path),
        why=str(problem.strerror or problem),
        do="Run again when that is mended; nothing committed was touched.",
    )


def write(handle: int, data: bytes) -> None:
    """Write all bytes to an open file."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view[:CHUNK]) :]


def fsync(handle: int) -> None:
    """Force an open file's bytes to the disk."""
    os.fsync(handle)


def rename(source: Path, target: Path) -> None:
    """Give a finished file its name."""
    source.replace(target)


def fsync_folder(folder: Path) -> None:
    """Force a folder's names to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fsync(handle)
    finally:
        os.close(handle)


def settle(half: Path, target: Path) -> None:
    """Step 1 of the commit protocol for a file already written: fsync, rename, fsync the folder."""
    handle = os.open(half, os.O_RDONLY)
    try:
        fsync(handle)
    finally:
        os.close(handle)
    rename(half, target)
    fsync_folder(target.parent)


def place(data: bytes, half: Path, target: Path) -> None:
    """Write bytes to ``half`` (below tmp/), then settle them under their name.

    Raises:
        MapaeError: the disk is full or refuses.
    """
    try:
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            write(handle, data)
        finally:
            os.close(handle)
        settle(half, target)
    except OSError as problem:
        half.unlink(missing_ok=True)
        raise full_disk(problem, target) from problem
