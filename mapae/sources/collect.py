"""Which files a workspace offers: everything under inputs/, and what mapae.toml names elsewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from mapae.model.errors import InputRefused, MapaeError, RuleRefused
from mapae.rules.kinds import Catalogue
from mapae.settings import Settings
from mapae.sources import layouts
from mapae.sources.addresses import is_licensed
from mapae.sources.layout import Layout
from mapae.sources.recognise import ADDRESSES, LAYOUT, recognise
from mapae.store import vault
from mapae.store.workspace import Workspace

# What a file of the folder mappings/ is that cannot be used.
MAPPING = "mapping"
_TABLE_ENDINGS = (
    ".csv",
    ".parquet",
    ".jsonl",
    ".json",
    ".ndjson",
    ".xml",
    ".yaml",
    ".yml",
    ".gz",
    ".xz",
    ".zst",
    ".bz2",
    ".zip",
)


@dataclasses.dataclass(frozen=True)
class Found:
    """A file that was found: its path as the user sees it, and what it is, or why it was refused."""

    shown: str
    path: Path
    what: str = ""
    name: str = ""
    kept: vault.Kept | None = None
    error: MapaeError | None = None
    same_as: str = ""
    layout: Layout | None = None


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.startswith(".") or path.name.endswith(("~", ".tmp", ".part")):
            continue
        if path.is_dir():
            if path.name.lower().endswith(_TABLE_ENDINGS) and not any(path.iterdir()):
                yield path
            else:
                yield from _walk(path)
        else:
            yield path


def _files(space: Workspace, settings: Settings) -> Iterator[tuple[str, Path]]:
    if space.inputs.is_dir():
        for path in _walk(space.inputs):
            yield str(path.relative_to(space.root)), path
    for given in settings.inputs:
        outside = Path(given) if Path(given).is_absolute() else space.root / given
        if outside.is_dir():
            for path in _walk(outside):
                yield f"{given.rstrip('/')}/{path.relative_to(outside)}", path
        else:
            yield given, outside


def as_shown(problem: InputRefused, shown: str, path: Path) -> InputRefused:
    """A refusal that calls the file as the user does: the same words in whatever folder the workspace lies."""
    texts = (text.replace(str(path), shown) for text in (problem.what, problem.where, problem.why, problem.do))
    what, where, why, do = texts
    return InputRefused(what, where=where, why=why, do=do)


def _mapping(space: Workspace, problem: RuleRefused) -> Found:
    """A mapping of the workspace that is not in its form: what it would have read goes on without it."""
    where = problem.where.replace(f"{space.root}/", "")
    path, _, line = where.rpartition(":")
    shown = path if line.isdigit() else where
    error = RuleRefused(problem.what, where=where, why=problem.why, do=problem.do)
    return Found(shown, space.root / shown, MAPPING, error=error)


def collect(space: Workspace, settings: Settings, catalogue: Catalogue) -> list[Found]:
    """Find, keep in the vault and recognise every input, in order of path. A refused file is one entry with its error,
    and so is a mapping of the workspace that cannot be used.

    Raises:
        MapaeError: the vault itself cannot be written (a full disk).
    """
    refused: list[RuleRefused] = []
    known = layouts.known(catalogue, space.root / "mappings", refused)
    by_name = {one.name: one for one in known}
    found = [_mapping(space, problem) for problem in refused]
    seen: dict[tuple[str, str, str], str] = {}
    for shown, path in _files(space, settings):
        try:
            if path.exists() and not path.is_file() and not path.is_dir():
                raise InputRefused(
                    "This is no ordinary file.",
                    where=shown,
                    why="A pipe, socket or device cannot be kept as evidence.",
                    do="Copy its content into a file.",
                )
            what, name = ("unknown", "")
            limit = settings.large_table_mb * 1_000_000
            if path.is_file():
                what, name = recognise(path, catalogue, known)
            # Address files under somebody's licence stay where they lie, and so do large tables.
            largest = limit if what in ("table", LAYOUT) else 1 << 62
            if what == ADDRESSES and is_licensed(name):
                largest = -1
            kept = vault.keep(space, path, large_bytes=largest)
            if what == "unknown":
                found.append(
                    Found(
                        shown,
                        path,
                        what,
                        "",
                        kept,
                        InputRefused(
                            "This file is none that Mapae knows.",
                            where=shown,
                            why=name,
                            do=f"Run: mapae add {shown} (it writes a mapping for the file), or name a table's file after the table (accounts.csv); see docs/reference/tables.md.",
                        ),
                    )
                )
                continue
        except InputRefused as problem:
            found.append(Found(shown, path, error=as_shown(problem, shown, path)))
            continue
        key = (kept.sha256, what, name)
        if key in seen:
            found.append(Found(shown, path, what, name, kept, same_as=seen[key]))
        else:
            seen[key] = shown
            found.append(Found(shown, path, what, name, kept, layout=by_name[name] if what == LAYOUT else None))
    return found
