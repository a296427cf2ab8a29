"""Rows of a file to be screened (CSV, JSON Lines, Parquet), each kept as it is, a broken one with the reason."""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mapae.model.errors import InputRefused

_LONGEST_CELL = 16 << 20
_DELIMITERS = ",;\t|"


@dataclasses.dataclass(slots=True)
class Row:
    """One row: number (from 1), its cells in the order of the heads, and what is wrong with it."""

    number: int
    cells: list[Any]
    problem: str = ""


@dataclasses.dataclass(frozen=True)
class Rows:
    """A file's heads, their Arrow types, and how its rows are read."""

    path: Path
    kind: str
    heads: tuple[str, ...]
    types: tuple[pa.DataType, ...]
    encoding: str = "utf-8"
    delimiter: str = ","

    def read(self, skip: int = 0) -> Iterator[Row]:
        """Rows in order, the first ``skip`` left out."""
        rows = {"csv": self._csv, "jsonl": self._jsonl, "parquet": self._parquet}[self.kind]()
        return itertools.islice(rows, skip, None)

    def _csv(self) -> Iterator[Row]:
        width = len(self.heads)
        for number, (cells, line) in enumerate(
            itertools.islice(_csv_rows(self.path, self.encoding, self.delimiter), 1, None), 1
        ):
            problem = ""
            if len(cells) > width:
                problem = f"line {line}: {len(cells)} cells under {width} heads; the surplus: {self.delimiter.join(cells[width:])}"
            elif len(cells) < width:
                problem = f"line {line}: {len(cells)} cells under {width} heads; the last are missing"
            kept = [*cells[:width], *[""] * (width - len(cells))]
            if any(not cell.isascii() and any("\udc80" <= c <= "\udcff" for c in cell) for cell in kept):
                kept = [cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for cell in kept]
                problem = problem or f"line {line}: not UTF-8; what cannot be read stands as \ufffd"
            yield Row(number, kept, problem)

    def _jsonl(self) -> Iterator[Row]:
        for number, (line, held) in enumerate(_json_rows(self.path), 1):
            if isinstance(held, dict):
                yield Row(number, [held.get(head) for head in self.heads])
            else:
                yield Row(number, [None] * len(self.heads), f"line {line}: {held}")

    def _parquet(self) -> Iterator[Row]:
        number = 0
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(batch_size=5_000):
                for cells in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    number += 1
                    yield Row(number, list(cells))


def open_rows(path: Path) -> Rows:
    """Look at a file: its kind by its ending, its heads.

    Raises:
        InputRefused: it cannot be read; the message names the place and the remedy.
    """
    if not path.is_file():
        raise InputRefused("There is no such file.", where=str(path), do="Check the path.")
    ending = path.suffix.lower()
    try:
        if ending in (".csv", ".tsv", ".txt"):
            return _open_csv(path)
        if ending in (".jsonl", ".ndjson"):
            heads: dict[str, None] = {}
            for _, held in _json_rows(path):
                if isinstance(held, dict):
                    heads.update(dict.fromkeys(held))
            return _checked(Rows(path, "jsonl", tuple(heads), tuple(pa.string() for _ in heads)))
        if ending == ".parquet":
            schema = pq.read_schema(path)
            return _checked(Rows(path, "parquet", tuple(schema.names), tuple(schema.types)))
    except (OSError, pa.ArrowException) as problem:
        raise InputRefused(
            f"{path.name} cannot be read.",
            where=str(path),
            why=str(problem).splitlines()[0][:200] + ".",
            do="Write it again, or name another file.",
        ) from problem
    raise InputRefused(
        f"Files ending in {ending or 'nothing'} are not screened.",
        where=str(path),
        do="Give CSV (.csv, .tsv), JSON Lines (.jsonl) or Parquet (.parquet); save a table of an office program as CSV.",
    )


def _checked(rows: Rows) -> Rows:
    if not rows.heads:
        raise InputRefused(
            f"{rows.path.name} has no columns.",
            where=f"{rows.path}, line 1",
            do="Put a line of heads first: name,birth date,country.",
        )
    return rows


def _open_csv(path: Path) -> Rows:
    with path.open("rb") as file:
        beginning = file.read(1 << 16)
    encoding = "utf-8-sig"
    if beginning[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif b"\0" in beginning:
        raise InputRefused(
            f"{path.name} is no text.",
            where=str(path),
            why="It holds bytes that no text has.",
            do="Save it as CSV in UTF-8.",
        )
    first = next(iter(io.StringIO(beginning.decode(encoding, "replace"))), "")
    delimiter = "\t" if path.suffix.lower() == ".tsv" else max(_DELIMITERS, key=lambda d: (first.count(d), d == ","))
    head, _ = next(_csv_rows(path, encoding, delimiter), ([], 0))
    seen: dict[str, int] = {}
    heads = []
    for at, text in enumerate(head, 1):
        text = text.strip() or f"column {at}"
        seen[text] = seen.get(text, 0) + 1
        heads.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return _checked(Rows(path, "csv", tuple(heads), tuple(pa.string() for _ in heads), encoding, delimiter))


def _csv_rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """Cells of each record that is not an empty line, and the line on which it ends."""
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(
        encoding=encoding, newline="", errors="surrogateescape" if encoding != "utf-16" else "replace"
    ) as file:
        reader = csv.reader(file, delimiter=delimiter)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as problem:
                raise InputRefused(
                    f"{path.name} is no CSV.", where=f"{path}, line {reader.line_num}", why=f"{problem}.",
                    do="Look for a quotation mark that is never closed.",
                ) from problem  # fmt: skip
            if cells:
                yield cells, reader.line_num


def _json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Line numbers and objects; a text says why a line is none."""
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            if not raw.strip():
                continue
            try:
                held = json.loads(raw.decode("utf-8-sig"))
                yield (
                    number,
                    held
                    if isinstance(held, dict)
                    else f"no JSON object: {raw[:200].decode('utf-8', 'replace').strip()}",
                )
            except (ValueError, RecursionError):
                yield number, f"no JSON: {raw[:200].decode('utf-8', 'replace').strip()}"
