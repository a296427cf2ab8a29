"""Reading one source into parts, once: its tables, and a row of bookkeeping that later runs find again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from mapae import __version__
from mapae.engine.duckdb import DuckDBEngine, in_words
from mapae.engine.steps import Query
from mapae.model import statements
from mapae.model.errors import InputRefused
from mapae.rules.kinds import Catalogue
from mapae.sources import evidence, ftm, layouts, ofac_advanced, un
from mapae.sources.collect import Found
from mapae.sources.reading import REJECTED, Counts, Reading
from mapae.sources.tables import read_table
from mapae.store import parts, views
from mapae.store.workspace import Workspace

# Raised when a reader would make other tables of the same bytes.
READERS = "3"

# Memory that sorting a list's statements may take, in MB: the largest list has some 700,000, and they spill.
LIST_MB = 200

BOOKS = pa.schema(
    [
        ("source", pa.string()),
        ("what", pa.string()),
        ("name", pa.string()),
        ("dataset", pa.string()),
        ("snapshot", pa.date32()),
        ("latest", pa.date32()),
        ("read", pa.int64()),
        ("kept", pa.int64()),
        ("rejected", pa.int64()),
        ("equal", pa.int64()),
        ("repeated", pa.int64()),
        ("events", pa.int64()),
        ("other", pa.int64()),
        ("by_table", pa.list_(pa.string())),
        ("notes", pa.list_(pa.string())),
        ("error", pa.string()),
        ("tables", pa.list_(pa.string())),
    ]
)

# Stand in a stored refusal for the file's path and name: the same bytes may be found under another name next time.
_PATH, _NAME = "\ue000", "\ue001"

_LISTS = {"ofac_advanced": ofac_advanced.read, "un": un.read}


@dataclasses.dataclass(frozen=True)
class Read:
    """A source that was read: its bookkeeping part and row, and the part of each table it made."""

    found: Found
    name: str
    book: dict[str, Any]
    parts: Mapping[str, str]


def _schemas(catalogue: Catalogue) -> dict[str, tuple[pa.Schema, tuple[str, ...]]]:
    known: dict[str, tuple[pa.Schema, tuple[str, ...]]] = {"statements": (statements.SCHEMA, statements.ORDER)}
    for name, table in catalogue.tables.items():
        known[f"records/{name}"] = (table.schema(), ())
        known[f"rejected/{name}"] = (REJECTED, ("mapae_source", "mapae_row", "column"))
        for child in table.children():
            known[f"records/{child.name}"] = (child.schema, tuple(child.order))
    for name in catalogue.lists:
        known[f"rejected/{name}"] = (REJECTED, ("mapae_source", "mapae_row", "column"))
    known["books"] = (BOOKS, ())
    known["rejected/statements"] = (REJECTED, ("mapae_source", "mapae_row", "column"))
    known["rejected/entities"] = (REJECTED, ("mapae_source", "mapae_row", "column"))
    return known


def schemas(catalogue: Catalogue) -> dict[str, tuple[pa.Schema, tuple[str, ...]]]:
    """Schema and order of every table that a source can make (an empty order: rows stay in the file's order)."""
    return _schemas(catalogue)


def read_source(
    space: Workspace,
    engine: DuckDBEngine,
    catalogue: Catalogue,
    found: Found,
    *,
    earlier: Mapping[str, Sequence[str]],
    today: dt.date,
    progress: Callable[[str], None],
) -> Read:
    """Read a source, or find what an earlier run made of it.

    Args:
        earlier: parts of the same tables from sources before this one; event rows equal to theirs count once.
        today: rows dated later do not move the run's default date.

    Raises:
        MapaeError: the workspace cannot be written.
    """
    assert found.kept is not None
    rule = catalogue.rules().get(f"{found.what}/{found.name}")
    resting = rule.sha256 if rule else ""
    if found.what == "evidence":  # which words are facts decides which items are kept
        resting = hashlib.sha256(repr(sorted(evidence.fact_words(catalogue))).encode()).hexdigest()
    if found.layout is not None:  # a reader's version, a mapping's text
        resting = found.layout.version
    tables = found.layout.tables if found.layout is not None else ((found.name,) if found.what == "table" else ())
    before_by = {f"records/{table}": list(earlier.get(f"records/{table}", ())) for table in tables}
    before = [part for listed in before_by.values() for part in listed]
    parameters = {
        "sha256": found.kept.sha256,
        "what": found.what,
        "name": found.name,
        "rule": resting,
    }

    def name(table: str) -> str:
        return parts.recipe("source", f"readers@{READERS}/{__version__}", parameters, before, engine.version, table)

    book_name = name("book")
    book_path = parts.path(space, book_name)
    if book_path.exists():
        book = pq.read_table(book_path).to_pylist()[0]
        if all(parts.path(space, name(t)).exists() for t in book["tables"]):
            return Read(found, book_name, _called(book, found), {t: name(t) for t in book["tables"]})
    progress(f"reading {found.shown}")
    paths = {table: [parts.path(space, p) for p in listed] for table, listed in before_by.items()}
    made = _make(space, engine, catalogue, found, paths, name, today)
    engine.write(
        engine.connect(), pa.Table.from_pylist([made], schema=BOOKS), parts.half(space, book_name), schema=BOOKS
    )
    parts.settle(space, book_name)
    return Read(found, book_name, _called(made, found), {t: name(t) for t in made["tables"]})


def _called(book: dict[str, Any], found: Found) -> dict[str, Any]:
    """A book whose refusal calls the file as it is called now."""
    return {**book, "error": book["error"].replace(_PATH, found.shown).replace(_NAME, found.path.name)}


def _make(
    space: Workspace,
    engine: DuckDBEngine,
    catalogue: Catalogue,
    found: Found,
    earlier: dict[str, list[Path]],
    name: Callable[[str], str],
    today: dt.date,
) -> dict[str, Any]:
    assert found.kept is not None
    staging = space.tmp / f"source-{found.kept.source16}"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    link = staging / found.path.name
    link.symlink_to(found.kept.file)
    known = _schemas(catalogue)
    con = engine.connect()
    book: dict[str, Any] = {
        "source": found.kept.source16, "what": found.what, "name": found.name, "dataset": "", "snapshot": None,
        "latest": None, "read": 0, "kept": 0, "rejected": 0, "equal": 0, "repeated": 0, "events": 0, "other": 0,
        "by_table": [], "notes": [], "error": "", "tables": [],
    }  # fmt: skip
    try:
        reading = _read(catalogue, found, link, con, staging, earlier)
        for table, value in reading.tables.items():
            schema, order = known[table]
            half = parts.half(space, name(table))
            if hasattr(value, "sql"):
                engine.write(con, value, half, schema=schema, order=order)
            else:
                small = DuckDBEngine(
                    threads=engine.threads, memory_mb=min(engine.memory_mb, LIST_MB), spill=engine.spill
                )
                small.write(small.connect(), value, half, schema=schema, order=order)
            if order == () and table.startswith("records/"):
                _in_row_order(engine, con, half, schema)
            parts.settle(space, name(table))
        counts: Counts = reading.counts
        if not counts.balanced():
            raise AssertionError(f"{found.shown}: rows do not add up: {counts}")
        book.update(
            dataset=reading.dataset, snapshot=reading.snapshot, latest=reading.snapshot, notes=list(reading.notes),
            tables=sorted(reading.tables), read=counts.read, kept=counts.kept, rejected=counts.rejected, equal=counts.equal,
        )  # fmt: skip
        book.update(events=reading.events, other=reading.other, by_table=layouts.told(reading.by_table))
        if found.what == "evidence":
            part = views.quote(str(parts.path(space, name("records/evidence"))))
            known_from = views.first(
                con, f"select max(known_from) from read_parquet({part}) where known_from <= ?", [today]
            )
            book["latest"] = known_from[0] if known_from else None
        for table in [found.name] if found.what == "table" else sorted(reading.by_table):
            _look(space, con, catalogue, table, parts.path(space, name(f"records/{table}")), book, today)
    except InputRefused as problem:
        text = str(problem).replace(str(link), _PATH).replace(str(found.kept.file), _PATH)
        book["error"] = text.replace(link.name, _NAME)
    except duckdb.Error as problem:  # the engine could not; that says nothing about the file, and is not stored
        raise in_words(problem, space.tmp) from problem
    finally:
        con.close()
        shutil.rmtree(staging, ignore_errors=True)
    return book


def _read(
    catalogue: Catalogue,
    found: Found,
    link: Path,
    con: duckdb.DuckDBPyConnection,
    staging: Path,
    earlier: dict[str, list[Path]],
) -> Reading:
    assert found.kept is not None
    source16 = found.kept.source16
    if found.what == "table":
        before = earlier[f"records/{found.name}"]
        return read_table(link, catalogue.tables[found.name], source16, con, staging=staging, earlier=before)
    if found.layout is not None:
        return layouts.read_layout(
            link, found.layout, catalogue.tables, source16, con, staging=staging / "staged", earlier=earlier
        )
    if found.what == "list":
        rule = catalogue.lists[found.name]
        return _LISTS[str(rule.data["format"])](link, rule, source16)
    if found.what == "evidence":
        return evidence.read(link, source16, catalogue)
    return ftm.read(link, source16)


def _in_row_order(engine: DuckDBEngine, con: duckdb.DuckDBPyConnection, half: Path, schema: pa.Schema) -> None:
    """A source's rows are known by their number: where the engine gave them otherwise, write them again in order."""
    file = views.quote(str(half))
    query = f"select 1 from (select mapae_row < lag(mapae_row) over () as back from read_parquet({file})) as s where back limit 1"
    if views.first(con, query) is None:
        return
    again = half.with_suffix(".again")
    engine.write(con, Query(f"select * from read_parquet({file})"), again, schema=schema, order=("mapae_row",))
    again.replace(half)


def _look(
    space: Workspace,
    con: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    name: str,
    part: Path,
    book: dict[str, Any],
    today: dt.date,
) -> None:
    table = catalogue.tables[name]
    file = f"read_parquet({views.quote(str(part))})"
    if table.kind == "state" and table.key:
        keys = ", ".join(views.name(k) for k in table.key)
        book["repeated"] += views.first(con, f"select count(*) - count(distinct ({keys})) from {file}")[0]  # type: ignore[index]
    if "happened_at" in table.columns:
        latest = views.first(con, f"select max(happened_at)::date from {file} where happened_at < ?::date + 1", [today])
        if latest and latest[0]:
            book["latest"] = max(latest[0], book["latest"] or latest[0])
