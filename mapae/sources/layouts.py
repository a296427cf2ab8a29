"""Files in a vendor's layout: every layout that is known, and one file of one of them as rows of record tables."""

from __future__ import annotations

import contextlib
import gc
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mapae.model.errors import RuleRefused
from mapae.rules.kinds import Catalogue
from mapae.rules.tables import Table
from mapae.sources import formats, rows
from mapae.sources.headers import json_text
from mapae.sources.layout import Layout
from mapae.sources.normal import LARGEST_CELL
from mapae.sources.reading import Counts, Reading
from mapae.sources.tables import read_staged
from mapae.store.views import FURTHER

if TYPE_CHECKING:
    import duckdb

__all__ = ["FURTHER", "known", "read_layout", "told"]


def known(
    catalogue: Catalogue, mappings: Path | None = None, refused: list[RuleRefused] | None = None
) -> tuple[Layout, ...]:
    """Every layout, in the order in which a file is held against them: the workspace's own mappings, readers, shipped mappings.

    Args:
        catalogue: with the mappings that ship.
        mappings: the workspace's folder of mappings, or None.
        refused: gets the errors of the workspace's own mappings that are not in their form; the others go on. A mapping of
            the workspace takes the place of what ships under its name; of two of its own with one name the second is
            refused.
    """
    from mapae.sources import intelligence, mapping, readers

    found: list[RuleRefused] = [] if refused is None else refused
    own = mapping.of_workspace(mappings, catalogue, refused=found) if mappings is not None and mappings.is_dir() else ()
    named: dict[str, Layout] = {}
    for one in own:
        before = named.setdefault(one.name, one)
        if before is not one:
            assert isinstance(before, mapping.Mapping)
            found.append(
                RuleRefused(
                    "Two mappings have one name.",
                    where=f"{one.path}:{one.data.line_of('mapping')}",
                    why=f"{before.path.name} is called {one.name} too, and is the one that is used.",
                    do="Give one of them another name, or take it away.",
                )
            )
    for layout in (*readers.READERS, *intelligence.LAYOUTS, *mapping.shipped(catalogue)):
        named.setdefault(layout.name, layout)
    return tuple(named.values())


@contextlib.contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for cycles of objects seldom: parsed records hold none, and looking costs a tenth of reading a large log."""
    before = gc.get_threshold()
    gc.set_threshold(500_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def read_layout(
    path: Path,
    layout: Layout,
    tables: Mapping[str, Table],
    source16: str,
    con: duckdb.DuckDBPyConnection,
    *,
    staging: Path,
    earlier: Mapping[str, Sequence[Path]],
) -> Reading:
    """Read one file in a layout.

    Args:
        path: the file.
        layout: which layout it is in.
        tables: all tables of the catalogue.
        source16: first 16 hex digits of the file's SHA-256.
        con: connection in which the queries of the result are run.
        staging: an empty folder of this file's own; it must stay until the results are written.
        earlier: per table, parts of it from sources read before; rows equal to theirs are not kept again.

    Returns:
        Records, child tables and rejected rows of each table that the file gives, with ``events`` (records of the file),
        ``other`` (those that no table is for) and ``by_table``.

    Raises:
        InputRefused: the file cannot be read at all.
    """
    con.execute("set timezone = 'UTC'")
    staged = _Staged(layout, tables, staging)
    log = any(tables[name].kind == "event" for name in layout.tables)
    try:
        with _seldom_collected():
            for event in layout.events(path):
                staged.add(event.number, event.rows, event.refused, event.raw)
    finally:
        staged.close()
    reading = Reading({}, Counts(), events=staged.events, other=staged.other)
    for name, sink in staged.sinks.items():
        table = tables[name]
        one = formats.staged_text(sink.text(), table)
        made = read_staged(
            path,
            table,
            source16,
            con,
            one,
            staging=staging / name,
            earlier=list(earlier.get(f"records/{name}", ())),
            from_log=log,
        )
        reading.tables.update(made.tables)
        reading.notes += made.notes
        reading.by_table[name] = made.counts
        for what in ("read", "kept", "rejected", "equal"):
            setattr(reading.counts, what, getattr(reading.counts, what) + getattr(made.counts, what))
    return reading


class _TableSink:
    """Rows of one table on their way into a Parquet of texts."""

    def __init__(self, table: Table, staging: Path) -> None:
        self.names = list(table.columns)
        self.known = frozenset(self.names)
        self.also = {alias: column.name for column in table.columns.values() for alias in column.also}
        self.sink = rows.Sink(staging / f"{table.name}-text", len(self.names) + 1)
        self.seen: set[str] = set()

    def add(self, number: int, cells: dict[str, str | None]) -> None:
        rest: dict[str, str] = {}
        values: dict[str, str | None] = {}
        size = 64
        for column, value in cells.items():
            if value is None or value == "":
                continue
            name = column if column in self.known else self.also.get(column, "")
            size += len(value)
            if name:
                values.setdefault(name, value)
            else:
                rest[column] = value
        self.seen.update(values)
        unknown = "{" + ",".join(f"{json_text(n)}:{json_text(v)}" for n, v in sorted(rest.items())) + "}"
        texts = [values.get(n) for n in self.names]
        large = rows.too_large(self.names, texts) if size > LARGEST_CELL // 4 else None
        if large is not None:
            self.sink.reject(number, large, rows.TOO_LARGE, json.dumps(cells, ensure_ascii=False)[: rows.RAW_BYTES])
            return
        self.sink.good.add((*texts, unknown if rest else None, number), size)

    def text(self) -> rows.Text:
        columns = tuple((n, f"c{i}") for i, n in enumerate(self.names) if n in self.seen)
        unknown = f"c{len(self.names)}"
        return rows.Text(
            self.sink.good_path, columns, tuple(sorted(self.seen)), unknown, self.sink.aside_path, self.sink.aside.count
        )


class _Staged:
    """The rows of one file by table."""

    def __init__(self, layout: Layout, tables: Mapping[str, Table], staging: Path) -> None:
        self.layout, self.tables, self.staging = layout, tables, staging
        self.sinks: dict[str, _TableSink] = {}
        self.events = self.other = 0

    def _sink(self, name: str) -> _TableSink:
        if name not in self.sinks:
            self.staging.mkdir(parents=True, exist_ok=True)
            self.sinks[name] = _TableSink(self.tables[name], self.staging)
        return self.sinks[name]

    def add(self, number: int, given: Sequence[tuple[str, dict[str, str | None]]], refused: str, raw: str) -> None:
        self.events += 1
        if refused:
            self._sink(self.layout.tables[0]).sink.reject(number, "", refused, raw)
            return
        if not given:
            self.other += 1
            return
        if len(given) == 1:
            self._sink(given[0][0]).add(number, given[0][1])
            return
        nth: Counter[str] = Counter()
        for name, cells in given:
            self._sink(name).add(number + FURTHER * nth[name], cells)
            nth[name] += 1

    def close(self) -> None:
        for sink in self.sinks.values():
            sink.sink.close()


def told(by_table: Mapping[str, Any]) -> list[str]:
    """Counts of a file's tables for its bookkeeping row: ``table read kept rejected equal``."""
    return [f"{n} {c.read} {c.kept} {c.rejected} {c.equal}" for n, c in sorted(by_table.items())]
