"""Measures and projections as steps: the catalogue's SQL, its columns cast to their declared types."""

from __future__ import annotations

import functools

import pyarrow as pa
import sqlglot
from sqlglot import exp

from mapae.engine.steps import Step
from mapae.model.errors import RuleRefused
from mapae.rules.base import Column
from mapae.rules.kinds import Catalogue, Measure, Projection
from mapae.rules.seen import PERSONS, also_read, seen
from mapae.rules.sql import check
from mapae.store.views import name

# Type words of the catalogue as Arrow types.
TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "int64": pa.int64(),
    "int32": pa.int32(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "time": pa.timestamp("us", tz="UTC"),
    "double": pa.float64(),
}

# Views that are no record tables, and the table each of them shows.
_OTHERS = {
    "statements": "statements",
    "statements_now": "statements_now",
    "entries": "entries",
    "answers": "answers",
    **{kind: f"findings/{kind}" for kind in ("match", "link", "ring", "flag", "path", "assessment")},
}


def schema_of(columns: tuple[Column, ...], first: str | None = None, last: str | None = None) -> pa.Schema:
    """Arrow schema of declared columns, with a text column before or after them where named."""
    fields = [pa.field(c.name, TYPES[c.type]) for c in columns]
    if first:
        fields.insert(0, pa.field(first, pa.string()))
    if last:
        fields.append(pa.field(last, pa.string()))
    return pa.schema(fields)


def table_of(catalogue: Catalogue, view: str, where: str) -> str:
    """The table that a view name of the SQL stands for.

    Raises:
        RuleRefused: the SQL reads what no table is called.
    """
    if view in _OTHERS:
        return _OTHERS[view]
    if view in catalogue.measures:
        return f"measures/{view}"
    if view in catalogue.projections:
        return view
    if view in catalogue.lookups:
        return f"infrastructure/{view}"
    children = {child.name for table in catalogue.tables.values() for child in table.children()}
    if view in catalogue.tables or view in children:
        return f"records/{view}"
    raise RuleRefused(
        f"The SQL reads {view!r}, and nothing is called so.",
        where=where,
        do="See docs/reference/tables.md for the tables.",
    )


@functools.lru_cache(1024)
def _views(sql: str, where: str) -> frozenset[str]:
    """Views that a rule's SQL reads; held by its text, since parsing it is most of what a small run costs."""
    return frozenset(check(sql, path=where, line=1).tables)


def reads(catalogue: Catalogue, sql: str, where: str) -> tuple[str, ...]:
    """Tables that a rule's SQL reads, taken from its tree."""
    return tuple(sorted(table_of(catalogue, view, where) for view in _views(sql, where)))


def seen_reads(catalogue: Catalogue, measure: Measure, sql: str) -> tuple[str, ...]:
    """Tables that a measure's SQL reads in its seen form (rules/seen.py)."""
    if measure.id == PERSONS:
        return reads(catalogue, sql, str(measure.path))
    views = _views(sql, str(measure.path))
    return tuple(
        sorted(table_of(catalogue, view, str(measure.path)) for view in views | also_read(set(views), catalogue))
    )


def seen_sql(catalogue: Catalogue, measure: Measure, sql: str) -> str:
    """A measure's SQL as it is asked: over the seen forms of its tables, but for the measure that makes them."""
    return sql if measure.id == PERSONS else seen(sql, catalogue)


def measure_step(catalogue: Catalogue, measure: Measure) -> Step:
    """The step that computes one measure."""
    table = f"measures/{measure.id}"
    return Step(
        name=f"measure.{measure.id}",
        reads=seen_reads(catalogue, measure, measure.sql),
        writes=(table,),
        sql=seen_sql(catalogue, measure, measure.sql),
        schema={table: schema_of(measure.columns, first=measure.key)},
        order={table: (measure.key,)},
    )


def _ref(sql: str) -> str:
    """An origin's ground as a reference; which of the four it is follows from the columns that its SQL gives."""
    columns = {c.lower() for c in _columns(sql)}
    if "statement_id" in columns:
        return "'statement:' || statement_id"
    if "finding_id" in columns:
        return "'finding:' || finding_id"
    if "item" in columns:
        return "'evidence:' || mapae_source || ':' || item"
    return "'record:' || table_name || ':' || mapae_source || ':' || mapae_row"


def _columns(sql: str) -> list[str]:
    tree = sqlglot.parse_one(sql, read="duckdb")
    assert isinstance(tree, exp.Query)
    return [str(c) for c in tree.named_selects]


def projection_step(catalogue: Catalogue, projection: Projection) -> Step:
    """The step that joins a projection's origins and gives each row the reference of its ground."""
    table = f"{projection.id}"
    schema = schema_of(projection.columns, last="ref")
    read: set[str] = set()
    selects = []
    for origin, sql in projection.origins.items():
        read.update(reads(catalogue, sql, f"{projection.path} ({origin})"))
        from mapae.engine.duckdb import duck_type

        listed = ", ".join(f"cast({name(f.name)} as {duck_type(f.type)}) as {name(f.name)}" for f in list(schema)[:-1])
        selects.append(f"select {listed}, {_ref(sql)} as ref from ({sql}) as {name('from_' + origin)}")
    return Step(
        name=f"projection.{projection.id}",
        reads=tuple(sorted(read)),
        writes=(table,),
        sql=" union all ".join(selects),
        schema={table: schema},
        order={table: tuple(schema.names)},
    )
