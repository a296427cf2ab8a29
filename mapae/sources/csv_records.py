"""Records of a CSV export, one by one, by the names of its columns: twin names, blanks in them and cut ends told apart."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from mapae.model.errors import InputRefused
from mapae.sources import opened
from mapae.sources.json_broken import Broken
from mapae.sources.rows import DELIMITERS, LARGEST_PARSED, cut

_BLANKS = re.compile(r"\s+")


def names(headers: list[str]) -> list[str]:
    """Names of columns without outer and double blanks; a name that stands again gets its number: ``X``, ``X (2)``.

    Example:
        >>> names(["Application ID ", "Autonomous system  number", "X", "X"])
        ['Application ID', 'Autonomous system number', 'X', 'X (2)']
    """
    made: list[str] = []
    for header in headers:
        name = first = _BLANKS.sub(" ", header.replace("\ufeff", "")).strip()
        again = 1
        while name in made:
            again += 1
            name = f"{first} ({again})"
        made.append(name)
    return made


def headers(beginning: str) -> list[str]:
    """Names of columns in the first line of a text, or none where it is no line of a table."""
    line = beginning.lstrip("\ufeff").split("\n", 1)[0].rstrip("\r")
    if not line or line[0] in "{[<":
        return []
    try:
        return names(next(csv.reader([line], delimiter=_delimiter(line)), []))
    except csv.Error:
        return []


def records(path: Path) -> Iterator[tuple[int, int, dict[str, str] | Broken]]:
    """Rows of a CSV file with a header line.

    Args:
        path: the file; compressed where its ending says so.

    Yields:
        The number of the row behind the header, counted from 1, the line it begins in, and its cells by the names of
        :func:`names`, empty ones left out. A row of another width is a :class:`Broken`.

    Raises:
        InputRefused: no header, a quotation mark that is never closed, or as :func:`mapae.sources.opened.lines`.
    """
    source = opened.lines(path)
    first = next(source, "")
    if not first.strip():
        raise InputRefused("The first line of a table is empty.", where=f"{path}, line 1", do="Export it again.")

    def text() -> Iterator[str]:
        yield first
        yield from source

    csv.field_size_limit(LARGEST_PARSED)
    reader = csv.reader(text(), delimiter=_delimiter(first), strict=False)
    columns = names(next(reader))
    number = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as problem:
            raise InputRefused(
                "A quotation mark of a table is never closed.",
                where=f"{path}, the row that begins in line {line}",
                why="All that follows would be one cell; the file was cut off, or a mark is missing.",
                do="Mend that line, or export the table again.",
            ) from problem
        if cells is None:
            return
        if not cells:
            continue
        number += 1
        if len(cells) != len(columns):
            reason = f"the row in line {line} has {len(cells)} cells and the header {len(columns)}"
            yield number, line, Broken(reason, cut(",".join(cells)))
            continue
        yield number, line, {name: cell for name, cell in zip(columns, cells, strict=True) if cell}


def _delimiter(line: str) -> str:
    return max(DELIMITERS, key=lambda d: (line.count(d), -DELIMITERS.index(d)))
