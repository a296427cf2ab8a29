"""CSV and JSON Lines row by row into a Parquet of texts: names of columns, numbers of rows, and rows set aside."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mapae.model.errors import InputRefused
from mapae.rules.tables import UNKNOWN, Table
from mapae.sources import opened
from mapae.sources.headers import SET_ASIDE, assign, header_name, json_text
from mapae.sources.normal import LARGEST_CELL

# Rows and bytes held in memory before they go to disk.
BATCH_ROWS, BATCH_BYTES = 50_000, 32 << 20
# A cell up to this size is one row's fault; beyond it a quotation mark was never closed.
LARGEST_PARSED = 32 << 20
RAW_BYTES = 4096
DELIMITERS = (",", ";", "\t")


@dataclasses.dataclass(frozen=True)
class Text:
    """A file as text.

    Args:
        staged: Parquet of texts with ``mapae_row``.
        columns: name as compared, and name in ``staged``.
        headers: as the file writes them.
        unknown: column of ``staged`` with what has no column of its own, as canonical JSON; or "".
        set_aside: Parquet of the rows that could not be taken apart.
        aside: their number.
    """

    staged: Path
    columns: tuple[tuple[str, str], ...]
    headers: tuple[str, ...]
    unknown: str
    set_aside: Path
    aside: int


def cut(raw: str, size: int = RAW_BYTES) -> str:
    """The beginning of a text, at most ``size`` bytes of UTF-8."""
    coded = raw[:size].encode("utf-8", "replace")
    return coded[:size].decode("utf-8", "ignore")


class _Writer:
    """Rows of texts into a Parquet file, in batches."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file = pq.ParquetWriter(path, schema, compression="zstd", compression_level=1)
        self._schema = schema
        self._rows: list[tuple[Any, ...]] = []
        self._bytes = 0
        self.count = 0

    def add(self, row: tuple[Any, ...], size: int) -> None:
        self._rows.append(row)
        self._bytes += size
        self.count += 1
        if len(self._rows) >= BATCH_ROWS or self._bytes >= BATCH_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [pa.array(values, field.type) for values, field in zip(columns, self._schema, strict=True)]
            self._file.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._rows, self._bytes = [], 0

    def close(self) -> None:
        self._flush()
        self._file.close()


class Sink:
    """The two files that a text table becomes."""

    def __init__(self, staging: Path, columns: int) -> None:
        staging.mkdir(parents=True, exist_ok=True)
        self.good_path, self.aside_path = staging / "rows.parquet", staging / "aside.parquet"
        schema = pa.schema([*((f"c{i}", pa.string()) for i in range(columns)), ("mapae_row", pa.int64())])
        self.good, self.aside = _Writer(self.good_path, schema), _Writer(self.aside_path, SET_ASIDE)

    def reject(self, row: int, column: str, reason: str, raw: str) -> None:
        self.aside.add((row, column, reason, cut(raw)), min(len(raw), RAW_BYTES))

    def close(self) -> None:
        self.good.close()
        self.aside.close()


def too_large(names: Sequence[str], cells: Sequence[str | None]) -> str | None:
    """The first column whose cell is larger than a row may hold, or None."""
    for column, cell in zip(names, cells, strict=True):
        if (
            cell is not None
            and len(cell) > LARGEST_CELL // 4
            and len(cell.encode("utf-8", "surrogatepass")) > LARGEST_CELL
        ):
            return column
    return None


TOO_LARGE = "a cell of more than 1 MB"


def read_csv(path: Path, table: Table, staging: Path) -> Text:
    """CSV with a header line; the delimiter is the one of ``, ; tab`` that the header has most of.

    Raises:
        InputRefused: no header, a quotation mark that is never closed, or as :func:`mapae.sources.opened.lines`.
    """
    source = opened.lines(path)
    first = next(source, "")
    if not first.strip():
        raise InputRefused(
            "The first line of a table is empty.",
            where=f"{path}, line 1",
            why="The names of its columns belong there.",
            do="Write them there.",
        )
    if "\x00" in first:
        raise InputRefused(
            "A file is no table of text.",
            where=f"{path}, line 1",
            why="It holds zero bytes, as spreadsheets and programs do.",
            do="Export the table as CSV.",
        )
    if "\r" in first.rstrip("\r\n"):
        raise InputRefused(
            "Line ends of a table are those of an old computer (carriage returns alone).",
            where=f"{path}, line 1",
            do='Save it as "CSV UTF-8".',
        )
    delimiter = max(DELIMITERS, key=lambda d: (first.count(d), -DELIMITERS.index(d)))
    csv.field_size_limit(LARGEST_PARSED)

    def text() -> Iterator[str]:
        yield first
        yield from source

    reader = csv.reader(text(), delimiter=delimiter, strict=True)
    headers: list[str] = []
    sink: Sink | None = None
    names: list[str] = []
    row, began = 0, 1
    try:
        while True:
            began = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as problem:
                message = str(problem)
                if "unexpected end" in message or "field larger" in message or sink is None:
                    raise _unclosed(path, began) from problem
                if reader.line_num > began:  # what lies between was swallowed by a mark that some later one closed
                    raise _unclosed(path, began) from problem
                row += 1
                sink.reject(
                    row, "", "a quotation mark in the middle of a cell; quotation marks inside cells are doubled", ""
                )
                continue
            if cells is None:
                break
            if sink is None:
                headers = cells
                names = assign(path, table, headers)
                sink = Sink(staging, len(names))
                continue
            if not cells:
                continue
            row += 1
            if len(cells) != len(names):
                reason = f"the row has {len(cells)} cells and the header {len(names)}"
                if reader.line_num > began:
                    reason += f"; it goes from line {began} to {reader.line_num}: look at its quotation marks"
                sink.reject(row, "", reason, _raw_list(cells))
                continue
            size = sum(map(len, cells))
            large = too_large(names, cells) if size > LARGEST_CELL // 4 else None
            if large is not None:
                sink.reject(row, large, TOO_LARGE, _raw_list(cells))
                continue
            sink.good.add((*cells, row), size + 64)
    finally:
        if sink is not None:
            sink.close()
    assert sink is not None
    columns = tuple((n, f"c{i}") for i, n in enumerate(names))
    return Text(sink.good_path, columns, tuple(headers), "", sink.aside_path, sink.aside.count)


def _unclosed(path: Path, line: int) -> InputRefused:
    return InputRefused(
        "A quotation mark of a table is never closed.",
        where=f"{path}, the row that begins in line {line}",
        why="All that follows would be one cell; the file was cut off, or a mark is missing.",
        do="Mend that line, or export the table again.",
    )


def _raw_list(cells: Sequence[str]) -> str:
    made, size = [], 2
    for cell in cells:
        made.append(json_text(cell[:RAW_BYTES]))
        size += len(made[-1])
        if size > RAW_BYTES:
            break
    return "[" + ",".join(made) + "]"


# ---- JSON Lines

_SURROGATES = re.compile("[\ud800-\udfff]")


def looks_like_json(path: Path) -> bool:
    """Whether the first sign of a file opens a JSON object."""
    for line in opened.lines(path):
        if line.strip():
            return line.lstrip().startswith("{")
    return False


class _Doubled(ValueError):
    pass


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Doubled("a name stands twice in the object")
    return made


def as_text(value: Any) -> str | None:
    """A JSON value as text: numbers as written, words of truth in lower case, lists and objects as canonical JSON."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return _canonical(value)
    return _SURROGATES.sub("\ufffd", str(value))


class _Literal(str):
    """A number as the file writes it."""


def _canonical(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{"
            + ",".join(
                f"{json_text(_SURROGATES.sub(chr(0xFFFD), k))}:{_canonical(v)}" for k, v in sorted(value.items())
            )
            + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, _Literal) else json_text(_SURROGATES.sub("\ufffd", str(value)))


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=_Literal, parse_int=_Literal, parse_constant=_Literal)


def read_jsonl(path: Path, table: Table, staging: Path) -> Text:
    """One JSON object a line; lines that are none are set aside.

    Raises:
        InputRefused: not one line is an object, or as :func:`mapae.sources.opened.lines`.
    """
    names = [*table.columns, UNKNOWN]
    aliases = {alias: column.name for column in table.columns.values() for alias in column.also}
    sink = Sink(staging, len(names))
    seen: dict[str, None] = {}
    row, first_line, first_reason = 0, 0, ""
    try:
        for number, line in enumerate(opened.lines(path), start=1):
            if not line.strip():
                continue
            row += 1
            first_line = first_line or number
            try:
                found = _DECODER.decode(line.strip())
                if not isinstance(found, dict):
                    raise ValueError("the line is no object")
                cells = _cells(found, table, aliases, seen)
            except (ValueError, RecursionError) as problem:
                reason = _reason(problem)
                first_reason = first_reason or reason
                sink.reject(row, "", reason, line.strip())
                if row == 100 and sink.good.count == 0:
                    break
                continue
            large = too_large(names, cells)
            if large is not None:
                sink.reject(row, large, TOO_LARGE, line.strip())
                continue
            sink.good.add((*cells, row), len(line) + 64)
    finally:
        sink.close()
    if sink.good.count == 0 and first_reason and not seen:
        raise InputRefused(
            "A file holds no JSON Lines.",
            where=f"{path}, line {first_line}",
            why=f'Each line must be one object, as {{"account_id": "a1"}}; but {first_reason}.',
            do="Export it as JSON Lines, without a list around the objects.",
        )
    known = tuple((n, f"c{i}") for i, n in enumerate(table.columns) if n in seen)
    return Text(sink.good_path, known, tuple(seen), f"c{len(table.columns)}", sink.aside_path, sink.aside.count)


def _reason(problem: Exception) -> str:
    if isinstance(problem, RecursionError):
        return "the object is nested too deep"
    if isinstance(problem, json.JSONDecodeError):
        return f"the line is not in JSON at sign {problem.pos + 1}"
    return str(problem)


def _cells(found: dict[str, Any], table: Table, aliases: dict[str, str], seen: dict[str, None]) -> list[str | None]:
    """Texts per declared column, and the rest as one JSON text."""
    values: dict[str, str | None] = {}
    for header, value in found.items():
        column = header_name(_SURROGATES.sub("\ufffd", header), 0)
        if column in values:
            raise _Doubled(f"the name {column} stands twice in the object")
        values[column] = as_text(value)
    for alias, column in aliases.items():
        if alias in values and column not in values:
            values[column] = values.pop(alias)
    for column in values:
        seen.setdefault(column)
    rest = {n: v for n, v in values.items() if n not in table.columns and v is not None}
    unknown = "{" + ",".join(f"{json_text(n)}:{json_text(v)}" for n, v in sorted(rest.items())) + "}" if rest else None
    return [*(values.get(n) for n in table.columns), unknown]
