"""Reading small files in tests: a file of text in, records and rejected rows out."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from mapae.rules.kinds import CATALOGUE, read_rule
from mapae.rules.tables import Table
from mapae.sources.reading import REJECTED, Counts
from mapae.sources.tables import read_table

SOURCE = "0123456789abcdef"
_NEXT = itertools.count()


@functools.cache
def table_rules() -> dict[str, Table]:
    """Every record table of the catalogue."""
    rules = [read_rule(path, "table", Table) for path in sorted((CATALOGUE / "tables").glob("*.yml"))]
    return {rule.id: rule for rule in rules if isinstance(rule, Table)}


@dataclasses.dataclass
class Outcome:
    """What a file became."""

    counts: Counts
    notes: list[str]
    tables: dict[str, pa.Table]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Rows of a table by row number."""
        found = self.tables[table].to_pylist()
        return sorted(found, key=lambda r: (r["mapae_row"], r.get("position") or 0))

    def reasons(self) -> dict[int, tuple[str, str]]:
        """Column and reason per rejected row."""
        (name,) = [n for n in self.tables if n.startswith("rejected/")]
        return {r["mapae_row"]: (r["column"], r["reason"]) for r in self.rows(name)}


@contextmanager
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of two threads."""
    con = duckdb.connect()
    con.execute("set threads = 2; set memory_limit = '1GB'; set timezone = 'UTC'")
    try:
        yield con
    finally:
        con.close()


def read(path: Path, table: str, *, earlier: Sequence[Path] = (), source: str = SOURCE) -> Outcome:
    """Read a file, and hold what came out against its schema and its counts."""
    rule = table_rules()[table]
    with engine() as con:
        staging = path.parent / f".staging-{next(_NEXT)}"
        staging.mkdir()
        reading = read_table(path, rule, source, con, staging=staging, earlier=earlier)
        made = {n: con.sql(q.sql).to_arrow_table() for n, q in reading.tables.items()}
    records = made[f"records/{table}"].cast(rule.schema())
    made[f"records/{table}"] = records
    for child in rule.children():
        made[f"records/{child.name}"] = made[f"records/{child.name}"].cast(child.schema)
    made[f"rejected/{table}"] = made[f"rejected/{table}"].cast(REJECTED)
    assert reading.counts.balanced()
    assert records.num_rows == reading.counts.kept
    assert made[f"rejected/{table}"].num_rows == reading.counts.rejected
    return Outcome(reading.counts, reading.notes, made)


def written(folder: Path, name: str, text: str | bytes) -> Path:
    """A file with a content."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
