"""The vault: sources as received, known by their SHA-256; large tables are referred to and stay where they lie."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from pathlib import Path

from mapae.model.errors import Damaged, InputRefused
from mapae.store import disk
from mapae.store.workspace import Workspace


@dataclasses.dataclass(frozen=True)
class Kept:
    """A source in the vault: its hash, and the file to read it from."""

    sha256: str
    file: Path
    size: int

    @property
    def source16(self) -> str:
        """Short name of the source, as references carry it."""
        return self.sha256[:16]


def _refuse(problem: OSError, path: Path) -> InputRefused:
    if isinstance(problem, IsADirectoryError) or path.is_dir():
        return InputRefused(
            "This is a folder, not a file.",
            where=str(path),
            do="Name the files in it, or put the folder under inputs/ by its table's name.",
        )
    if isinstance(problem, FileNotFoundError):
        return InputRefused(
            "An input is no longer there.",
            where=str(path),
            why="It was moved or deleted.",
            do="Put it back, or take its path out of mapae.toml.",
        )
    if isinstance(problem, PermissionError):
        return InputRefused(
            "A file may not be read.",
            where=str(path),
            why="This user lacks the permission.",
            do="Give read permission, or copy the file into inputs/.",
        )
    return InputRefused(
        "A file cannot be read.",
        where=str(path),
        why=str(problem.strerror or problem),
        do="Check the disk or copy the file anew.",
    )


def keep(space: Workspace, file: Path, *, large_bytes: int) -> Kept:
    """Take a source into the vault; what is there already is not written again.

    Args:
        large_bytes: a file above this size is referred to (path, size, time, hash) instead of copied.

    Raises:
        InputRefused: the file cannot be read.
        MapaeError: the vault cannot be written.
    """
    try:
        facts = file.stat()
        if file.is_dir():
            raise IsADirectoryError(str(file))
        if facts.st_size > large_bytes:
            return _refer(space, file, facts)
        digest = hashlib.sha256()
        half = space.tmp / "vault-half"
        with file.open("rb") as source:
            try:
                handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            except OSError as problem:
                raise disk.full_disk(problem, half) from problem
            try:
                while block := source.read(disk.CHUNK):
                    digest.update(block)
                    try:
                        disk.write(handle, block)
                    except OSError as problem:
                        raise disk.full_disk(problem, half) from problem
            finally:
                os.close(handle)
    except OSError as problem:
        raise _refuse(problem, file) from problem
    name = digest.hexdigest()
    target = space.vault / name
    if target.exists():
        half.unlink()
    else:
        try:
            disk.settle(half, target)
        except OSError as problem:
            raise disk.full_disk(problem, target) from problem
    return Kept(name, target, facts.st_size)


def _refer(space: Workspace, file: Path, facts: os.stat_result) -> Kept:
    mark = {"path": str(file.resolve()), "size": facts.st_size, "mtime_ns": facts.st_mtime_ns}
    for ref in sorted(space.vault.glob("*.ref")):
        told = json.loads(ref.read_text("utf-8"))
        if {k: told.get(k) for k in mark} == mark:
            return Kept(ref.stem, file.resolve(), facts.st_size)
    with file.open("rb") as handle:
        name = hashlib.file_digest(handle, "sha256").hexdigest()
    text = json.dumps({**mark, "sha256": name}, sort_keys=True).encode()
    disk.place(text, space.tmp / f"{name}.ref", space.vault / f"{name}.ref")
    return Kept(name, file.resolve(), facts.st_size)


def find(space: Workspace, sha256_or_16: str) -> Kept:
    """The file behind a source's (short) hash, its bytes checked against it.

    Raises:
        Damaged: nothing is there under this name, or its bytes have changed.
    """
    for path in sorted(space.vault.glob(f"{sha256_or_16}*")):
        if path.suffix == ".ref":
            told = json.loads(path.read_text("utf-8"))
            file = Path(told["path"])
            if not file.exists():
                raise Damaged(
                    "A large input has vanished since it was read.",
                    where=str(file),
                    why="Large tables stay where they lie; only their path, size, time and hash are kept.",
                    do="Put the file back to see its rows; findings made from it stand.",
                )
            name = path.stem
        else:
            file, name = path, path.name
        with file.open("rb") as handle:
            if hashlib.file_digest(handle, "sha256").hexdigest() != name:
                raise Damaged(
                    "A source's bytes have changed since they were read.",
                    where=str(file),
                    why=f"They no longer hash to {name[:16]}….",
                    do="Restore the file from a copy; run: mapae verify",
                )
        return Kept(name, file, file.stat().st_size)
    raise Damaged(
        "A source is missing in the vault.",
        where=f"{space.vault}/{sha256_or_16}",
        do="Restore it from a copy; run: mapae verify",
    )
