"""Rows of a CSV file as records by header: twin headers kept apart, lines above the header left out, faults named by line."""

from __future__ import annotations

import codecs
import csv
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mapae.model.errors import InputRefused
from mapae.sources import csv_records, opened
from mapae.sources.mapping_paths import header_key
from mapae.sources.rows import LARGEST_PARSED, cut

DELIMITERS = (",", ";", "\t", "|")
# Titles and dates that reports put above their header; a header further down belongs to no table.
MOST_ABOVE = 25
UTF8 = frozenset({"utf-8", "utf8", "utf-8-sig", "ascii"})


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A row: its number among the data rows, the line it begins in, its cells, or why it could not be taken apart."""

    number: int
    line: int
    cells: list[str]
    refused: str = ""


@dataclasses.dataclass(frozen=True)
class Sheet:
    """A CSV file that was begun: its headers as written (twins numbered) and the rows to come."""

    headers: tuple[str, ...]
    delimiter: str
    rows: Iterator[Line]

    @property
    def keys(self) -> tuple[str, ...]:
        """Headers as mappings compare them."""
        return tuple(header_key(h, i) for i, h in enumerate(self.headers))


def named(cells: Sequence[str]) -> tuple[str, ...]:
    """Headers in which no two are alike: the second ``Name`` is ``Name (2)``, a blank one ``column3``.

    Example:
        >>> named(["Name", "name ", ""])
        ('Name', 'name (2)', 'column3')
    """
    seen: set[str] = set()
    made = []
    for i, cell in enumerate(cells):
        header = " ".join(cell.replace("\ufeff", "").split()) or f"column{i + 1}"
        name, times = header, 1
        while header_key(name, i) in seen:
            times += 1
            name = f"{header} ({times})"
        seen.add(header_key(name, i))
        made.append(name)
    return tuple(made)


def lines(path: Path, encoding: str = "utf-8", cut_off: list[str] | None = None) -> Iterator[str]:
    """Lines of a text file in an encoding, each with its line end.

    Args:
        path: the file.
        encoding: its encoding.
        cut_off: as :func:`mapae.sources.opened.lines`, of files in UTF-8.

    Raises:
        InputRefused: the file is in another encoding, or as :func:`mapae.sources.opened.lines`.
    """
    if encoding.lower() in UTF8:
        yield from opened.lines(path, cut_off)
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    number, pending = 0, ""
    try:
        for block in opened.blocks(path):
            *whole, pending = (pending + decoder.decode(block)).split("\n")
            for text in whole:
                number += 1
                yield text.removeprefix("\ufeff") + "\n" if number == 1 else text + "\n"
        rest = pending + decoder.decode(b"", final=True)
    except UnicodeError as problem:
        raise InputRefused(
            f"A file is not written in {encoding}.",
            where=f"{path}, after line {number}",
            why="Its bytes do not occur there in that encoding.",
            do="Correct the line `encoding` of its mapping, or save the file as UTF-8.",
        ) from problem
    if rest:
        yield rest


def delimiter_of(sample: Sequence[str]) -> str:
    """The sign between cells: the one that most lines have, and equally often; a comma where none has any."""
    best, most = ",", (0, 0)
    for sign in DELIMITERS:
        counts = [text.count(sign) for text in sample if text.strip()]
        usual = max(set(counts), key=lambda n: (counts.count(n), n), default=0) if counts else 0
        if usual == 0:
            usual = max(counts, default=0)
            score = (0, usual)
        else:
            score = (counts.count(usual) * min(usual, 200), usual)
        if usual and score > most:
            best, most = sign, score
    return best


def open_sheet(
    path: Path,
    *,
    encoding: str = "utf-8",
    is_header: Callable[[tuple[str, ...]], bool] | None = None,
    header: bool = True,
) -> Sheet | None:
    """Begin a CSV file.

    Args:
        path: the file, also compressed.
        encoding: its encoding.
        is_header: says of headers (as :func:`named` gives them) whether they are the header; the first row of which it is
            true within :data:`MOST_ABOVE` rows is taken. Without it the first row that is not blank.
        header: whether there is a header at all; without one columns are ``column1``, ``column2`` …

    Returns:
        None where no row is the header.

    Raises:
        InputRefused: the file is no text in the encoding, or a quotation mark is never closed.
    """
    cut_off: list[str] = []
    source = lines(path, encoding, cut_off)
    sample: list[str] = []
    for text in source:
        sample.append(text)
        if len(sample) >= MOST_ABOVE:
            break
    if any("\x00" in text for text in sample):
        raise InputRefused(
            "A file is no table of text.",
            where=f"{path}, line 1",
            why="It holds zero bytes, as spreadsheets and programs do.",
            do="Export the table as CSV.",
        )
    if sample and "\r" in sample[0].rstrip("\r\n"):
        raise InputRefused(
            "Line ends of a table are those of an old computer (carriage returns alone).",
            where=f"{path}, line 1",
            do='Save it as "CSV UTF-8".',
        )
    delimiter = delimiter_of(sample)

    def whole() -> Iterator[str]:
        yield from sample
        yield from source

    found = _rows(path, whole(), delimiter, cut_off)
    above = 0
    for row in found:
        if row.refused or not any(cell.strip() for cell in row.cells):
            continue
        if not header:
            names = tuple(f"column{i + 1}" for i in range(len(row.cells)))
            return Sheet(names, delimiter, _numbered([row], found, len(names)))
        names = named(row.cells)
        if is_header is None or is_header(names):
            return Sheet(names, delimiter, _numbered([], found, len(names)))
        above += 1
        if above >= MOST_ABOVE:
            return None
    return None


def _numbered(first: list[Line], rest: Iterator[Line], width: int) -> Iterator[Line]:
    """Rows counted from 1; those of another width are refused, blank ones are rows with nothing in them."""
    number = 0
    for rows in (first, rest):
        for row in rows:
            if not row.refused and not row.cells:
                continue
            number += 1
            refused, cells = row.refused, row.cells
            if not refused and len(cells) != width:
                if len(cells) > width and not any(c.strip() for c in cells[width:]):
                    cells = cells[:width]
                elif any(c.strip() for c in cells):
                    refused = f"the row has {len(cells)} cells and the header {width}"
            yield Line(number, row.line, cells, refused)


def _rows(path: Path, source: Iterator[str], delimiter: str, cut_off: list[str]) -> Iterator[Line]:
    csv.field_size_limit(LARGEST_PARSED)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        began = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as problem:
            message = str(problem)
            if "unexpected end" in message and reader.line_num <= began:  # it is the file's last line
                yield Line(0, began, [], csv_records.IN_QUOTES.format(line=began))
                return
            if "unexpected end" in message or "field larger" in message or reader.line_num > began:
                raise csv_records.unclosed(path, began) from problem
            reason = "a quotation mark in the middle of a cell; quotation marks inside cells are doubled"
            yield Line(0, began, [], f"{reason} (line {began})")
            continue
        if cells is None:
            if cut_off:
                yield Line(0, began, [cut_off[1]], csv_records.was_cut(cut_off, began))
            return
        yield Line(0, began, cells)


def raw(cells: Sequence[str]) -> str:
    """A row as received, shortened, for whoever mends it."""
    return cut(" | ".join(cell[:400] for cell in cells))
