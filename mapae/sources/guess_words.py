"""What headers and cells of unknown files may mean, by the words of the catalogue."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from pathlib import Path

from rapidfuzz import fuzz

from mapae.sources.mapping_paths import header_key

FOLDER = Path(__file__).resolve().parent.parent / "catalogue" / "infrastructure"
# Likeness in hundredths from which a header is taken for a misspelt word; whoever confirms it is asked. Analysis: one slip in ten letters.
LIKE = 90
# Shorter words are too like each other to be told apart when one is misspelt.
SHORTEST_LIKE = 6
NOT_READ = "not_read"


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


@functools.cache
def headers() -> Mapping[str, Mapping[str, str]]:
    """Per table: header as compared to column; the first column that names a word has it."""
    made: dict[str, dict[str, str]] = {}
    for row in _rows("header_words.csv"):
        words = made.setdefault(row["table"], {})
        for word in row["words"].split("|"):
            words.setdefault(header_key(word), row["column"])
    return made


@functools.cache
def order(table: str) -> Mapping[str, int]:
    """How specific a word is for its column: its place in the list, the first is the best."""
    made: dict[str, int] = {}
    for row in _rows("header_words.csv"):
        if row["table"] == table:
            for i, word in enumerate(row["words"].split("|")):
                made.setdefault(header_key(word), i)
    return made


@functools.cache
def distinctive() -> frozenset[str]:
    """Headers that one table alone knows."""
    seen: dict[str, set[str]] = {}
    for table, words in headers().items():
        for word in words:
            seen.setdefault(word, set()).add(table)
    return frozenset(word for word, tables in seen.items() if len(tables) == 1)


@functools.cache
def values(column: str) -> Mapping[str, str]:
    """Words of cells to the value of the column."""
    made: dict[str, str] = {}
    for row in _rows("value_words.csv"):
        if row["column"] == column:
            for word in row["words"].split("|"):
                made.setdefault(value_key(word), row["value"])
    return made


def value_key(text: str) -> str:
    """A word of a cell as compared."""
    return " ".join(text.lower().replace("-", " ").replace("_", " ").split())


def likely(key: str, table: str) -> str:
    """The word of a table that a header is most like, where it is like one; "" else."""
    if len(key) < SHORTEST_LIKE:
        return ""
    scored = [(fuzz.ratio(key, word), word) for word in headers().get(table, {}) if abs(len(word) - len(key)) <= 3]
    best = max(scored, default=(0.0, ""), key=lambda s: (s[0], s[1]))
    return best[1] if best[0] >= LIKE else ""


def known(key: str) -> bool:
    """Whether any table knows a header."""
    return any(key in words for words in headers().values())
