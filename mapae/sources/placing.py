"""Bringing a user's file into a workspace: where it is put, under which name, and what is only referred to."""

from __future__ import annotations

import filecmp
import json
import re
import shutil
from pathlib import Path

from mapae.model.errors import MapaeError
from mapae.store import disk
from mapae.store.workspace import Workspace

_INPUTS = re.compile(r"^inputs\s*=\s*(\[[^\]]*\])", re.MULTILINE)


def copy_in(space: Workspace, path: Path) -> tuple[Path, bool]:
    """Put a file into inputs/ under its own name, or beside one of the same name with other bytes.

    Args:
        space: the workspace.
        path: the user's file; one that lies in inputs/ already stays where it is.

    Returns:
        Where it lies now, and whether it is new there.

    Raises:
        MapaeError: the disk is full or may not be written.
    """
    if path.resolve().is_relative_to(space.inputs.resolve()):
        return path, False
    stem, ending = path.name.split(".", 1)[0], path.name[len(path.name.split(".", 1)[0]) :]
    # Files are read in order of their names and the newest wins: v002 sorts behind every ending of the first.
    target, number = space.inputs / path.name, 1
    while target.exists():
        if target.is_file() and filecmp.cmp(path, target, shallow=False):
            return target, False
        number += 1
        target = space.inputs / f"{stem}.v{number:03}{ending}"
    half = space.tmp / f"add-{target.name}"
    try:
        shutil.copyfile(path, half)
        half.replace(target)
    except OSError as problem:
        half.unlink(missing_ok=True)
        raise disk.full_disk(problem, target) from problem
    return target, True


def refer_to(space: Workspace, path: Path) -> bool:
    """Name a file in mapae.toml instead of copying it: files under somebody's licence, and very large ones.

    Args:
        space: the workspace.
        path: the user's file, which stays where it lies.

    Returns:
        Whether it was not named there yet.

    Raises:
        MapaeError: the line ``inputs`` of mapae.toml cannot be read.
    """
    text = space.settings_file.read_text("utf-8") if space.settings_file.exists() else ""
    found = _INPUTS.search(text)
    try:
        given = json.loads(found.group(1).replace("'", '"')) if found else []
    except ValueError as problem:
        raise MapaeError(
            "The line inputs of mapae.toml cannot be added to.",
            where=str(space.settings_file),
            do=f"Add this path to it by hand: {path.resolve()}",
        ) from problem
    wanted = str(path.resolve())
    if wanted in given:
        return False
    line = f"inputs = {json.dumps([*given, wanted], ensure_ascii=False)}"
    text = text[: found.start()] + line + text[found.end() :] if found else f"{line}\n{text}"
    disk.place(text.encode(), space.tmp / "settings.half", space.settings_file)
    return True
