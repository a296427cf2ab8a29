"""The part file of a screening: rows are appended block by block, so that a stopped run goes on where it was.

CSV and JSON Lines grow as text. Parquet cannot grow, so its part is an Arrow stream that is turned at the end.
"""

from __future__ import annotations

import csv
import datetime as dt
import decimal
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from mapae.model.errors import InputRefused
from mapae.store import disk

KINDS = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
_END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"


def kind_of(path: Path) -> str:
    """What a file's ending asks for.

    Raises:
        InputRefused: none of the three.
    """
    kind = KINDS.get(path.suffix.lower(), "")
    if not kind:
        raise InputRefused(
            f"Rows are not written to files ending in {path.suffix or 'nothing'}.",
            where=str(path),
            do="Name a file ending in .csv, .jsonl or .parquet.",
        )
    return kind


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value.hex() if isinstance(value, bytes) else str(value)


def text(value: Any) -> str:
    """A value as the text of a cell; "" for nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, int | float | decimal.Decimal) and not isinstance(value, bool):
        return str(value)
    made = plain(value)
    return made if isinstance(made, str) else json.dumps(made, ensure_ascii=False)


class Part:
    """``OUT.part``: opened at the bytes that are known to be whole."""

    def __init__(self, out: Path, names: Sequence[str], types: Sequence[pa.DataType], whole: int) -> None:
        """Open it.

        Args:
            out: the file wanted.
            names, types: its columns.
            whole: bytes to keep; what follows was written by a run that was stopped.
        """
        self.out, self.path, self.kind = out, part_of(out), kind_of(out)
        self.names = list(names)
        self.schema = pa.schema([pa.field(n, t) for n, t in zip(names, types, strict=True)])
        self._delimiter = "\t" if out.suffix.lower() == ".tsv" else ","
        try:
            self.file: BinaryIO = self.path.open("r+b" if whole else "wb")
            self.file.truncate(whole)
            self.file.seek(whole)
            if not whole:
                self._append(
                    {"csv": self._csv([self.names]), "jsonl": b"", "parquet": self.schema.serialize().to_pybytes()}[
                        self.kind
                    ]
                )
        except OSError as problem:
            raise disk.full_disk(problem, self.path) from problem

    def add(self, rows: list[list[Any]]) -> int:
        """Append rows and bring them to the disk.

        Returns:
            bytes of the part that are whole now.
        """
        if self.kind == "csv":
            data = self._csv([[text(cell) for cell in row] for row in rows])
        elif self.kind == "jsonl":
            data = "".join(
                json.dumps(dict(zip(self.names, map(plain, row), strict=True)), ensure_ascii=False) + "\n"
                for row in rows
            ).encode("utf-8", "replace")
        else:
            columns = list(zip(*rows, strict=True)) if rows else [()] * len(self.names)
            arrays = [_array(values, field.type) for values, field in zip(columns, self.schema, strict=True)]
            data = pa.record_batch(arrays, schema=self.schema).serialize().to_pybytes()
        try:
            self._append(data)
            return self.file.tell()
        except OSError as problem:
            raise disk.full_disk(problem, self.path) from problem

    def finish(self) -> None:
        """Make the part the file wanted."""
        try:
            if self.kind != "parquet":
                self.file.close()
                self.path.replace(self.out)
                return
            self._append(_END_OF_STREAM)
            self.file.close()
            half = self.out.with_name(self.out.name + ".half")
            with (
                pa.memory_map(str(self.path)) as held,
                pa.ipc.open_stream(held) as stream,
                pq.ParquetWriter(half, self.schema, compression="zstd") as writer,
            ):
                for batch in stream:
                    writer.write_batch(batch)
            half.replace(self.out)
            self.path.unlink()
        except OSError as problem:
            raise disk.full_disk(problem, self.out) from problem

    def close(self) -> None:
        """Let go of the part; it stays for the next run."""
        self.file.close()

    def _append(self, data: bytes) -> None:
        self.file.write(data)
        self.file.flush()
        os.fsync(self.file.fileno())

    def _csv(self, rows: list[list[str]]) -> bytes:
        made = io.StringIO()
        csv.writer(made, delimiter=self._delimiter, lineterminator="\n").writerows(rows)
        return made.getvalue().encode("utf-8", "replace")


def part_of(out: Path) -> Path:
    """Where the rows of an unfinished file lie."""
    return out.with_name(out.name + ".part")


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_string(kind):
        return pa.array([None if v is None else text(v).encode("utf-8", "replace").decode() for v in values], kind)
    return pa.array(values, kind)
