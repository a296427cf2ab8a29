"""Rows of a file as received, by the numbers that records carry: lines of a table, objects of a JSON file, rows of Parquet."""

from __future__ import annotations

import contextlib
import csv
import json
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from mapae.sources import json_records, opened, rows
from mapae.sources.layouts import FURTHER

# Titles that reports put above their header stand in the first lines, and have few cells.
_ABOVE = 25


class Raw(NamedTuple):
    """A row: its number in the file, its text as received, and its content by name."""

    number: int
    text: str
    content: dict[str, Any]


def number_in_file(row: int) -> int:
    """Number of the record in the file behind a record's row number (an event may give several rows of one table)."""
    return (row - 1) % FURTHER + 1


@contextlib.contextmanager
def called(file: Path, shown: str) -> Iterator[Path]:
    """A vault file under the name that the user gave it, since its endings say how it is compressed."""
    with tempfile.TemporaryDirectory(prefix="mapae-") as folder:
        link = Path(folder) / (Path(shown).name or "file")
        link.symlink_to(file.resolve())
        yield link


def form(path: Path, layout: bool) -> str:
    """How a file is to be taken apart: parquet, lines (JSON Lines of a table), json, or csv."""
    with path.open("rb") as handle:
        if handle.read(4) == b"PAR1":
            return "parquet"
    endings = {s.lower() for s in path.suffixes}
    if layout:
        first = next((line.lstrip("\ufeff \t") for line in opened.lines(path) if line.strip()), "")
        return "json" if first[:1] in "{[" and first[:1] else "csv"
    if {".jsonl", ".ndjson", ".json"} & endings or (".csv" not in endings and rows.looks_like_json(path)):
        return "lines"
    return "csv"


def read(path: Path, *, layout: bool, wanted: Collection[int] | None = None, texts: bool = True) -> Iterator[Raw]:
    """Rows of a file in one pass, in order of their numbers.

    Args:
        path: the file, under a name with its endings (:func:`called`).
        layout: whether it was read in a vendor's layout, else as a record table.
        wanted: numbers of the rows to give; all when None. Reading stops behind the last of them.
        texts: whether the texts are needed; of JSON files they cost a second look.

    Raises:
        InputRefused: the file cannot be read.
    """
    last = max(wanted, default=0) if wanted is not None else None
    how = form(path, layout)
    source = {"parquet": _parquet, "json": _json if texts else _objects, "lines": _lines, "csv": _csv}[how](
        path, wanted
    )
    for raw in source:
        if wanted is None or raw.number in wanted:
            yield raw
        if last is not None and raw.number >= last:
            return


def header(path: Path, *, layout: bool) -> str:
    """The line of a table that names its columns, with its line end; "" where the form needs none."""
    if form(path, layout) != "csv":
        return ""
    source = opened.lines(path)
    try:
        return _header(source)[1]
    finally:
        source.close()  # type: ignore[attr-defined]


def _lines(path: Path, wanted: Collection[int] | None) -> Iterator[Raw]:
    number = 0
    for line in opened.lines(path):
        if line.strip():
            number += 1
            if wanted is not None and number not in wanted:
                yield Raw(number, "", {})
                continue
            try:
                found = json.loads(line)
            except ValueError:
                found = None
            yield Raw(number, line, found if isinstance(found, dict) else {"line": line.strip()})


def _header(source: Iterator[str]) -> tuple[list[str], str, str, list[str]]:
    """Columns, the header's line, the delimiter, and the lines already taken behind it."""
    ahead = [line for _, line in zip(range(_ABOVE), source, strict=False)]
    first = ahead[0] if ahead else ""
    delimiter = max((*rows.DELIMITERS, "|"), key=lambda d: (first.count(d), -(*rows.DELIMITERS, "|").index(d)))
    cells = [len([c for c in next(csv.reader([line], delimiter=delimiter), []) if c.strip()]) for line in ahead]
    at = next((i for i, n in enumerate(cells) if 2 * n > max(cells)), 0)
    return next(csv.reader([ahead[at]], delimiter=delimiter), []) if ahead else [], ahead[at] if ahead else "", delimiter, ahead[at + 1 :]  # fmt: skip


def _csv(path: Path, wanted: Collection[int] | None) -> Iterator[Raw]:
    source = opened.lines(path)
    columns, _, delimiter, ahead = _header(source)
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in ahead:
            taken.append(line)
            yield line
        for line in source:
            taken.append(line)
            yield line

    csv.field_size_limit(rows.LARGEST_PARSED)
    number = 0
    for cells in csv.reader(lines(), delimiter=delimiter):
        text = "".join(taken)
        taken.clear()
        if cells:
            number += 1
            yield Raw(number, text, dict(zip(columns, cells, strict=False)))


def _objects(path: Path, wanted: Collection[int] | None) -> Iterator[Raw]:
    for number, _, found in json_records.records(path):
        if isinstance(found, json_records.Broken):
            yield Raw(number, found.raw, {"line": found.raw})
        else:
            yield Raw(number, "", found)


def _json(path: Path, wanted: Collection[int] | None) -> Iterator[Raw]:
    """Objects with their texts: those of the file where an object has its lines for itself, else written anew."""
    held: dict[int, Raw] = {}
    lines: dict[int, tuple[int, int]] = {}
    last, before = max(wanted, default=0) if wanted is not None else None, 0
    for number, line, found in json_records.records(path):
        if before:
            lines[before] = (lines[before][0], line)
        if last is not None and number > last:
            break
        before = 0
        if wanted is None or number in wanted:
            broken = isinstance(found, json_records.Broken)
            held[number] = Raw(number, found.raw if broken else "", {"line": found.raw} if broken else found)  # type: ignore[union-attr,arg-type]
            if not broken:
                lines[number], before = (line, 1 << 62), number
    texts = _texts(path, lines)
    for number in sorted(held):
        raw = held[number]
        yield Raw(number, _received(texts[number], raw.content), raw.content) if number in lines else raw


def _texts(path: Path, wanted: dict[int, tuple[int, int]]) -> dict[int, str]:
    """Lines of each object, from that in which it begins to that in which the next one does."""
    starts: dict[int, list[int]] = {}
    for number, (first, _) in wanted.items():
        starts.setdefault(first, []).append(number)
    made: dict[int, list[str]] = {number: [] for number in wanted}
    open_: list[int] = []
    behind = max((first for first, _ in wanted.values()), default=0)
    for n, line in enumerate(opened.lines(path), start=1):
        open_ = [o for o in open_ if n < wanted[o][1]] + starts.get(n, [])
        for number in open_:
            made[number].append(line)
        if n > behind and not open_:
            break
    return {number: "".join(texts) for number, texts in made.items()}


def _received(text: str, found: dict[str, Any]) -> str:
    """The object's text as it stands in the file; written anew where its lines hold more than it."""
    stripped = text.strip().lstrip("[").rstrip("],").strip() if not text.strip().startswith("{") else text.strip()
    for candidate in (stripped, stripped.rstrip(","), stripped.rstrip("],\n\r ")):
        with contextlib.suppress(ValueError):
            if candidate and json.loads(candidate) == found:
                return candidate + "\n"
    return json.dumps(found, ensure_ascii=False) + "\n"


def _parquet(path: Path, wanted: Collection[int] | None) -> Iterator[Raw]:
    parquet = pq.ParquetFile(path)
    before = 0
    for group in range(parquet.num_row_groups):
        size = parquet.metadata.row_group(group).num_rows
        here = (
            range(1, size + 1) if wanted is None else sorted(n - before for n in wanted if before < n <= before + size)
        )
        if here:
            held = parquet.read_row_group(group)
            for n in here:
                found = held.slice(n - 1, 1).to_pylist()[0]
                content = {k: str(v) for k, v in found.items() if v is not None}
                yield Raw(before + n, json.dumps(content, ensure_ascii=False) + "\n", content)
        before += size
