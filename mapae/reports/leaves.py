"""Leaves: the row of a source's file that a reference points to, its bytes checked against the source's hash."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path
from typing import Any

from mapae.model.errors import Damaged, InputRefused
from mapae.model.ids import Ref
from mapae.reports import raw_rows
from mapae.reports.wording import rule_data
from mapae.sources.recognise import LAYOUT
from mapae.store import vault
from mapae.store.runs import OpenRun
from mapae.store.views import name


@dataclasses.dataclass
class Leaf:
    """Where a claim rests: file as the user named it, row (or entry), what stands there; or why it cannot be shown.

    ``key`` is the row's own id in its table (an event's, a shipment's), where the sender gave one.
    """

    source: str
    path: str
    row: int
    unit: str
    content: dict[str, Any]
    problem: str = ""
    key: str = ""

    def __str__(self) -> str:
        place = f"{self.path}, {self.unit} {self.row} (source {self.source}{', ' + self.key if self.key else ''})"
        return f"{place}: {self.problem}" if self.problem else place


class _Rows:
    """Rows of one file as received, by the numbering of its reader; what was decoded once is kept."""

    # Files up to this size are kept in memory once read; of larger ones each row is looked up anew.
    SMALL = 64 << 20

    def __init__(self, file: Path, shown: str, layout: bool) -> None:
        self.file, self.shown, self.layout = file, shown, layout
        self._held: dict[int, dict[str, Any]] = {}
        self._whole = False
        with file.open("rb") as handle:
            self._parquet = handle.read(4) == b"PAR1"

    def fetch(self, numbers: set[int]) -> None:
        """Look rows up in one pass and keep them."""
        wanted = numbers - set(self._held)
        if not wanted or self._whole:
            return
        whole = not self._parquet and self.file.stat().st_size <= self.SMALL
        with raw_rows.called(self.file, self.shown) as path:
            found = raw_rows.read(path, layout=self.layout, wanted=None if whole else wanted, texts=False)
            self._held |= {r.number: r.content for r in found}
        self._whole = whole

    def row(self, number: int) -> dict[str, Any]:
        """Header to value of a 1-based data row; nothing where the file ends before it."""
        self.fetch({number})
        return self._held.get(number, {})


class Leaves:
    """Leaves of one open run; each source's bytes are checked once."""

    def __init__(self, run: OpenRun) -> None:
        self.run = run
        self._checked: dict[str, vault.Kept | str] = {}
        self._rows: dict[str, _Rows] = {}
        self._keys: dict[str, list[str]] = {}
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

    def _layout(self, source: str) -> bool:
        return bool(self._sources.get(source, {}).get("what") == LAYOUT)

    def _file(self, source: str) -> _Rows:
        if source not in self._rows:
            kept = self._kept(source)
            assert isinstance(kept, vault.Kept)
            self._rows[source] = _Rows(kept.file, self._sources.get(source, {}).get("path", ""), self._layout(source))
        return self._rows[source]

    def fetch(self, refs: list[Ref]) -> None:
        """Look the rows of many references up, each file in one pass."""
        wanted: dict[str, set[int]] = {}
        for ref in refs:
            if ref.kind == "record":
                wanted.setdefault(ref.source, set()).add(raw_rows.number_in_file(int(ref.key)))
        for source, numbers in sorted(wanted.items()):
            if isinstance(self._kept(source), vault.Kept):
                with contextlib.suppress(InputRefused, OSError, ValueError):
                    self._file(source).fetch(numbers)

    def _key(self, ref: Ref, content: dict[str, Any]) -> str:
        """The row's own id in its table, where its beginning does not show it already."""
        if ref.table not in self._keys:
            table = rule_data(self.run.manifest, ref.table, kinds=("table",))
            self._keys[ref.table] = [str(k) for k in table.get("key", ())][:1]
        for column in self._keys[ref.table]:
            found = self.run.rows(
                f"select {name(column)} as k from {name(ref.table)} where mapae_source = ? and mapae_row = ? limit 1",
                [ref.source, int(ref.key)],
            )
            value = str(found[0]["k"]) if found and found[0]["k"] is not None else ""
            if value and value not in [str(v) for v in list(content.values())[:3]]:
                return f"{column} {value}"
        return ""

    def of(self, ref: Ref) -> Leaf | None:
        """The leaf of a record, statement or evidence reference; None where the run holds no such thing."""
        if ref.kind == "record":
            row = raw_rows.number_in_file(int(ref.key))
            leaf = self._leaf(ref.source, row, "event" if self._layout(ref.source) else "row", {})
            if not leaf.problem:
                try:
                    leaf.content = self._file(ref.source).row(row)
                    leaf.key = self._key(ref, leaf.content)
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
