"""Leaves: the row of a source's file that a reference points to, its bytes checked against the source's hash."""

from __future__ import annotations

import dataclasses
from typing import Any

from mapae.model.errors import Damaged
from mapae.model.ids import Ref
from mapae.sources.formats import raw_row
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


class Leaves:
    """Leaves of one open run; each source's bytes are checked once."""

    def __init__(self, run: OpenRun) -> None:
        self.run = run
        self._checked: dict[str, vault.Kept | str] = {}
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
                leaf.content = raw_row(kept.file, self._sources[ref.source]["path"], int(ref.key))
            return leaf
        if ref.kind == "statement":
            rows = self.run.rows("select * from statements where id = ? order by mapae_source, mapae_row limit 1", [ref.key])
            if not rows:
                return None
            said = rows[0]
            return self._leaf(said["mapae_source"], said["mapae_row"], "entry", {said["prop"]: said["value"], "of": said["entity_id"]})
        if ref.kind == "evidence":
            rows = self.run.rows("select * from evidence where item = ? and mapae_source = ?", [ref.key, ref.source])
            if not rows:
                return None
            said = rows[0]
            content = {k: str(said[k]) for k in ("says", "cite", "fact", "source_kind", "known_from") if said[k] is not None}
            return self._leaf(said["mapae_source"], said["mapae_row"], "item", content)
        return None
