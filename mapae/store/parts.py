"""Parts: Parquet files that never change, named by the recipe of what made them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from mapae.model.findings import canonical_json
from mapae.store import disk
from mapae.store.workspace import Workspace

# Row groups of every part (house.md, "One envelope").
ROW_GROUP = 122_880


def recipe(step: str, what: str, parameters: Mapping[str, Any], inputs: Iterable[str], engine: str, writes: str) -> str:
    """Name of a part: SHA-256 of the step's name, its SQL in normal form or function and version, its
    parameters, the names of its input parts, the engine's version, and the table written."""
    text = canonical_json(
        {
            "step": step,
            "what": what,
            "parameters": parameters,
            "inputs": list(inputs),
            "engine": engine,
            "writes": writes,
        }
    )
    return hashlib.sha256(text.encode()).hexdigest()


def path(space: Workspace, name: str) -> Path:
    """Where a part lies."""
    return space.parts / f"{name}.parquet"


def half(space: Workspace, name: str) -> Path:
    """Where a part is written before it has its name."""
    return space.tmp / f"{name}.parquet"


def settle(space: Workspace, name: str) -> None:
    """Give a written half its name (step 1 of the commit protocol).

    Raises:
        MapaeError: the disk is full or refuses.
    """
    try:
        disk.settle(half(space, name), path(space, name))
    except OSError as problem:
        raise disk.full_disk(problem, path(space, name)) from problem


def hash_file(file: Path) -> str:
    """SHA-256 of a file's bytes."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def rows(file: Path) -> int:
    """Rows of a Parquet file, from its footer."""
    return int(pq.read_metadata(file).num_rows)
