"""Leaves: the row of a source's file that a reference points to, its bytes checked against the source's hash."""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mapae.model.errors import Damaged, InputRefused
from mapae.model.ids import Ref
from mapae.sources import opened, rows
from mapae.store import vault
from mapae.store.runs import OpenRun


@dataclasses.dataclass
class Leaf:
    """Where a claim rests: file as the user named it, row (or entry), what stands there; or why it cannot be shown."""

    source: str
    path: str
    row: int
    unit: str
    content: dict[str, Any]
    problem: str = ""

    def __str__(self) -> str:
        place = f"{self.path}, {self.unit} {self.row} (source {self.source})"
        return f"{place}: {self.problem}" if self.problem else place


class _Rows:
    """Rows of one file as received, by the numbering of the reader; what was decoded once is kept."""

    # Text files up to this size are kept in memory once read; of larger ones each row is looked up anew.
    SMALL = 64 << 20

    def __init__(self, file: Path, shown: str) -> None:
        self.file, self.shown = file, shown
        with file.open("rb") as handle:
            self.parquet = pq.ParquetFile(file) if handle.read(4) == b"PAR1" else None
        self._groups: dict[int, pa.Table] = {}
        self._texts: list[dict[str, Any]] | None = None

    def row(self, number: int) -> dict[str, Any]:
        """Header to value of a 1-based data row; nothing where the file ends before it."""
        if self.parquet is not None:
            return self._of_parquet(self.parquet, number)
        if self._texts is None and self.file.stat().st_size <= self.SMALL:
            self._texts = list(self._text())
        rows_ = (
            self._texts[number - 1 : number] if self._texts is not None else islice(self._text(), number - 1, number)
        )
        return next(iter(rows_), {})

    def _of_parquet(self, parquet: pq.ParquetFile, number: int) -> dict[str, Any]:
        before = 0
        for group in range(parquet.num_row_groups):
            size = parquet.metadata.row_group(group).num_rows
            if number <= before + size:
                if group not in self._groups:
                    if len(self._groups) >= 8:
                        self._groups.clear()
                    self._groups[group] = parquet.read_row_group(group)
                found = self._groups[group].slice(number - before - 1, 1).to_pylist()
                return {k: str(v) for k, v in found[0].items() if v is not None} if found else {}
            before += size
        return {}

    def _text(self) -> Iterator[dict[str, Any]]:
        lines = opened.lines(self.file)
        endings = {s.lower() for s in Path(self.shown).suffixes}
        if {".jsonl", ".ndjson", ".json"} & endings or (".csv" not in endings and rows.looks_like_json(self.file)):
            for line in lines:
                if line.strip():
                    try:
                        yield json.loads(line)
                    except ValueError:
                        yield {"line": line.strip()}
            return
        first = next(lines, "")
        delimiter = max(rows.DELIMITERS, key=lambda d: (first.count(d), -rows.DELIMITERS.index(d)))
        csv.field_size_limit(rows.LARGEST_PARSED)
        headers = next(csv.reader([first], delimiter=delimiter))
        for cells in csv.reader(lines, delimiter=delimiter):
            if cells:
                yield dict(zip(headers, cells, strict=False))


class Leaves:
    """Leaves of one open run; each source's bytes are checked once."""

    def __init__(self, run: OpenRun) -> None:
        self.run = run
        self._checked: dict[str, vault.Kept | str] = {}
        self._rows: dict[str, _Rows] = {}
        self._sources = {r["source"]: r for r in run.rows("select * from sources where error = '' order by path desc")}

    def _kept(self, source: str) -> vault.Kept | str:
        if source not in self._checked:
            try:
                self._checked[source] = vault.find(self.run.space, source)
            except Damaged as problem:
                self._checked[source] = f"cannot be shown: {problem.what} {problem.why}".strip()
        return self._checked[source]

    def _leaf(self, source: str, row: int, unit: str, content: dict[str, Any]) -> Leaf:
        path = self._sources.get(source, {}).get("path", "a source that this run does not hold")
        kept = self._kept(source)
        if isinstance(kept, str):
            return Leaf(source, path, row, unit, {}, kept)
        return Leaf(source, path, row, unit, content)

    def of(self, ref: Ref) -> Leaf | None:
        """The leaf of a record, statement or evidence reference; None where the run holds no such thing."""
        if ref.kind == "record":
            leaf = self._leaf(ref.source, int(ref.key), "row", {})
            kept = self._kept(ref.source)
            if not leaf.problem and isinstance(kept, vault.Kept):
                try:
                    if ref.source not in self._rows:
                        self._rows[ref.source] = _Rows(kept.file, leaf.path)
                    leaf.content = self._rows[ref.source].row(int(ref.key))
                except (InputRefused, OSError, ValueError):
                    leaf.problem = "cannot be shown: the file no longer reads as a table"
            return leaf
        if ref.kind == "statement":
            rows = self.run.rows(
                "select * from statements where id = ? order by mapae_source, mapae_row limit 1", [ref.key]
            )
            if not rows:
                return None
            said = rows[0]
            return self._leaf(
                said["mapae_source"], said["mapae_row"], "entry", {said["prop"]: said["value"], "of": said["entity_id"]}
            )
        if ref.kind == "evidence":
            rows = self.run.rows("select * from evidence where item = ? and mapae_source = ?", [ref.key, ref.source])
            if not rows:
                return None
            said = rows[0]
            content = {
                k: str(said[k]) for k in ("says", "cite", "fact", "source_kind", "known_from") if said[k] is not None
            }
            return self._leaf(said["mapae_source"], said["mapae_row"], "item", content)
        return None
