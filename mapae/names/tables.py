"""Word tables: CSV files below ``mapae/catalogue/names``, whose comment lines say where they come from."""

from __future__ import annotations

import csv
import functools
import hashlib
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "catalogue" / "names"


@functools.cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a word table, in the file's order.

    Args:
        name: file name without folder, as ``hangul.csv``.

    Returns:
        one dictionary per row; every value is text.
    """
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    return tuple(csv.DictReader(line for line in lines if not line.startswith("#")))


@functools.cache
def weights() -> dict[str, int]:
    """Weights and limits of ``weights.csv`` by name; whole numbers in the unit that the file states."""
    return {row["name"]: int(row["value"]) for row in rows("weights.csv")}


def digest() -> str:
    """SHA-256 over all word tables: part of the recipe of what is made with them.

    Returns:
        64 hex digits.
    """
    made = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.csv")):
        made.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return made.hexdigest()
