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

IN_QUOTES = "the row that begins in line {line} was cut off: the file ends within a quotation mark; export it again for what followed"

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
        :func:`names`, empty ones left out. A row of another width is a :class:`Broken`, and so is the row in which a file
        that was cut off ends.

    Raises:
        InputRefused: no header, a quotation mark that swallows rows, or as :func:`mapae.sources.opened.lines`.
    """
    cut_off: list[str] = []
    ended = False
    source = opened.lines(path, cut_off)
    first = next(source, "")
    if not first.strip():
        raise InputRefused("The first line of a table is empty.", where=f"{path}, line 1", do="Export it again.")

    def text() -> Iterator[str]:
        nonlocal ended
        yield first
        yield from source
        ended = True

    csv.field_size_limit(LARGEST_PARSED)
    reader = csv.reader(text(), delimiter=_delimiter(first), strict=False)
    columns = names(next(reader))
    number = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as problem:
            raise unclosed(path, line) from problem
        if cells is not None and ended:  # the reader asked for one more line, since a quotation mark was open
            if reader.line_num > line:  # a mark was forgotten, and has swallowed rows
                raise unclosed(path, line)
            yield number + 1, line, Broken(IN_QUOTES.format(line=line), cut(",".join(cells)))
            return
        if cells is None:
            if cut_off:
                yield number + 1, line, Broken(was_cut(cut_off, line), cut(cut_off[1]))
            return
        if not cells:
            continue
        number += 1
        if len(cells) != len(columns):
            reason = f"the row in line {line} has {len(cells)} cells and the header {len(columns)}"
            yield number, line, Broken(reason, cut(",".join(cells)))
            continue
        yield number, line, {name: cell for name, cell in zip(columns, cells, strict=True) if cell}


def was_cut(cut_off: list[str], line: int) -> str:
    """Why a file ends in a line, as the reason of that row."""
    why = f"{cut_off[0][:1].lower()}{cut_off[0][1:].rstrip('.')}"
    return f"the file was cut off in line {line} ({why}); export it again for what followed"


def unclosed(path: Path, line: int) -> InputRefused:
    """The refusal of a table of which a quotation mark swallows all that follows."""
    return InputRefused(
        "A quotation mark of a table is never closed.",
        where=f"{path}, the row that begins in line {line}",
        why="All that follows would be one cell; the file was cut off, or a mark is missing.",
        do="Mend that line, or export the table again.",
    )


def _delimiter(line: str) -> str:
    return max(DELIMITERS, key=lambda d: (line.count(d), -DELIMITERS.index(d)))
