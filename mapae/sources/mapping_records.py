"""Records of a file as a mapping sees them: rows of a CSV or Parquet by header, objects of a JSON file."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mapae.sources import json_records, mapping_csv
from mapae.sources.formats import broken
from mapae.sources.mapping_paths import Record
from mapae.sources.rows import cut

BATCH_ROWS = 10_000


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """A record of a file: its number from 1, its content, or why it could not be taken apart, and the text of it."""

    number: int
    record: Record
    refused: str = ""
    raw: str = ""


def of_csv(sheet: mapping_csv.Sheet) -> Iterator[Taken]:
    """Rows of a CSV file by header as compared; empty cells are left out."""
    keys = sheet.keys
    for row in sheet.rows:
        if row.refused:
            yield Taken(row.number, {}, row.refused, mapping_csv.raw(row.cells))
        else:
            yield Taken(row.number, {k: c for k, c in zip(keys, row.cells, strict=False) if c.strip()})


def of_json(path: Path) -> Iterator[Taken]:
    """Objects of a JSON file.

    Raises:
        InputRefused: as :func:`mapae.sources.json_records.records`.
    """
    for number, _line, found in json_records.records(path):
        if isinstance(found, json_records.Broken):
            yield Taken(number, {}, found.reason, cut(found.raw))
        else:
            yield Taken(number, found)


def parquet_headers(path: Path) -> tuple[str, ...]:
    """Names of a Parquet file's columns.

    Raises:
        InputRefused: the file is damaged.
    """
    try:
        return tuple(pq.read_schema(path).names)
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise broken(path, problem) from problem


def of_parquet(path: Path) -> Iterator[Taken]:
    """Rows of a Parquet file, with nested columns as objects and times in ISO 8601.

    Raises:
        InputRefused: the file is damaged.
    """
    number = 0
    try:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=BATCH_ROWS):
            for row in batch.to_pylist():
                number += 1
                yield Taken(number, {k: plain(v) for k, v in row.items() if v is not None})
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise broken(path, problem) from problem


def plain(value: Any) -> Any:
    """A value of a Parquet file as JSON would hold it."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if value.tzinfo else value.isoformat()
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


def of(path: Path, form: str, sheet: Callable[[], mapping_csv.Sheet | None]) -> Iterator[Taken]:
    """Records of a file in one of the three formats.

    Args:
        path: the file.
        form: csv, json or parquet.
        sheet: opens it as CSV; gives None where no row is the header.
    """
    if form == "csv":
        opened = sheet()
        yield from of_csv(opened) if opened is not None else ()
    elif form == "json":
        yield from of_json(path)
    else:
        yield from of_parquet(path)
