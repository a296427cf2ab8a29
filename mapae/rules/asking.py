"""Measures asked over tables in memory: over one set of tables, or over many small sets at once.

Cases of measures that look beyond an account must stand alone, since another case's rows would change the answer. Each
keeps tables of its own, under names of its own, and many are asked in one question: a part per case.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import sqlglot
from sqlglot import exp

from mapae.engine.answering import Answering
from mapae.rules.answers import indicators_sql, used
from mapae.rules.kinds import Catalogue, Indicator, Measure
from mapae.rules.seen import ADDRESSES, PERSONS, also_read, seen
from mapae.rules.sql import check

ARROW = {
    "int64": pa.int64(),
    "string": pa.string(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "time": pa.timestamp("us", tz="UTC"),
}
Tables = dict[str, pa.Table]
# Stands before a table's name until it is known which set's table is meant.
_MARK = "mapae_set__"
# Sets asked in one question: enough to make the cost of a connection small, few enough for an engine to plan. A measure
# of this many characters is a question of its own: planning costs more than twice as much for two of its kind.
_AT_ONCE, _LONG = 8, 4000


def pool_tables(catalogue: Catalogue, sets: Iterable[Tables]) -> Tables:
    """All tables of the catalogue with the rows of all sets; tables without rows are empty ones."""
    found: dict[str, list[pa.Table]] = {}
    for tables in sets:
        for name, table in tables.items():
            found.setdefault(name, []).append(table)
    pooled: Tables = {}
    for table in catalogue.tables.values():
        pooled[table.name] = table.schema().empty_table()
        pooled.update({child.name: child.schema.empty_table() for child in table.children()})
    pooled.update({lookup.name: lookup.table() for lookup in catalogue.lookups.values()})
    return pooled | {name: pa.concat_tables(parts, promote_options="default") for name, parts in found.items()}


def with_persons(catalogue: Catalogue, engine: Answering, tables: Tables) -> Tables:
    """Tables with the measure ``persons`` over them, which the seen forms of all others read."""
    persons = catalogue.measures.get(PERSONS)
    return tables if persons is None else tables | {PERSONS: measure_rows(catalogue, persons, engine, tables)}


def measure_rows(catalogue: Catalogue, measure: Measure, engine: Answering, tables: Tables) -> pa.Table:
    """A measure over tables: its columns cast to their declared types, by key.

    Args:
        catalogue: all rules.
        measure: the question.
        engine: what answers it.
        tables: every table that it reads, after :func:`with_persons`.
    """
    views = dict(_reads(measure.sql))
    if measure.id == PERSONS:
        answer = engine.sql(measure.sql, {name: _narrow(tables[name], columns) for name, columns in views.items()})
    else:
        read = set(views) | also_read(set(views), catalogue)
        answer = engine.sql(seen(measure.sql, catalogue), {name: tables[name] for name in sorted(read)})
    return _typed(measure, answer)


def seen_apart(catalogue: Catalogue, engine: Answering, sets: Sequence[Tables], persons: pa.Table) -> list[Tables]:
    """The seen forms of many sets of tables, as tables: what :func:`measure_rows_apart` asks.

    Args:
        catalogue: all rules.
        engine: what answers.
        sets: tables that are not empty; no account and no source is in two sets. What is known of addresses holds within
            a set alone.
        persons: the measure ``persons`` over each of the sets.

    Returns:
        The sets in their order.
    """
    empty = pool_tables(catalogue, []) | {PERSONS: persons}
    found: list[Tables] = [dict(tables) for tables in sets]
    for name in sorted({name for tables in found for name in tables}):
        more = also_read({name}, catalogue)
        if not more:
            continue
        sql = seen(f"select {', '.join(empty[name].column_names)} from {name} as t", catalogue)
        having = [number for number, tables in enumerate(found) if name in tables]
        placed = [number for number in having if ADDRESSES in more and ADDRESSES in found[number]]
        together = sorted(set(having) - set(placed))
        for numbers in [together, *([number] for number in placed)]:
            if not numbers:
                continue
            read = {n: empty[n] for n in more} | {name: pa.concat_tables([sets[k][name] for k in numbers])}
            if numbers is not together:
                read[ADDRESSES] = sets[numbers[0]][ADDRESSES]
            rows = engine.sql(sql, read)
            for number in numbers:
                raw = sets[number][name]
                mine = rows.filter(pc.is_in(rows["mapae_source"], pc.unique(raw["mapae_source"])))
                found[number][name] = mine.cast(pa.schema([field.with_nullable(True) for field in raw.schema]))
    return found


def measure_rows_apart(
    catalogue: Catalogue, measure: Measure, engine: Answering, sets: Sequence[Tables]
) -> list[pa.Table]:
    """A measure over each of many sets of tables that know nothing of each other: as :func:`measure_rows` of each.

    Args:
        catalogue: all rules.
        measure: the question.
        engine: what answers it.
        sets: tables that are not empty, after :func:`seen_apart`; lists of the catalogue are known to all.

    Returns:
        The answers, in the order of the sets.
    """
    views, empty = tuple(name for name, _ in _reads(measure.sql)), pool_tables(catalogue, [])
    columns = ", ".join(_schema(measure).names)
    at_once = _AT_ONCE if len(measure.sql) < _LONG else 1
    found: list[pa.Table] = []
    for start in range(0, len(sets), at_once):
        some = sets[start : start + at_once]
        read: Tables = {}
        parts = []
        for number, tables in enumerate(some):
            names = {name: f"s{number}_{name}" if name in tables else name for name in views}
            read |= {names[name]: tables.get(name, empty[name]) for name in views}
            part = re.sub(rf"\b{_MARK}(\w+)", lambda m, names=names: names[m[1]], _marked(measure.sql, views))  # type: ignore[misc]
            parts.append(f"select {number} as mapae_set, {columns} from ({part}) as s{number}")
        answer = engine.sql(" union all ".join(parts), read)
        found += [_typed(measure, answer.filter(pc.equal(answer["mapae_set"], n))) for n in range(len(some))]
    return found


def answer_rows(
    catalogue: Catalogue, indicators: Iterable[Indicator], engine: Answering, accounts: pa.Table, measures: Tables
) -> pa.Table:
    """The indicators' one SELECT over accounts and measures, by account."""
    chosen = list(indicators)
    named = {"accounts": accounts, **{n: measures[n] for i in chosen for n in used(catalogue, i)}}
    sql = indicators_sql(catalogue, chosen)
    if PERSONS in measures:
        named, sql = named | {PERSONS: measures[PERSONS]}, seen(sql, catalogue)
    return engine.sql(sql, named).sort_by("account_id")


@functools.cache
def _reads(sql: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(check(sql, path="a measure").tables.items())


@functools.lru_cache(maxsize=256)
def _marked(sql: str, views: tuple[str, ...]) -> str:
    """A question whose tables, but not its own parts, bear the mark of a set."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    for node in list(tree.find_all(exp.Table)):
        if node.name in views:
            called = node.alias_or_name
            node.replace(exp.to_table(_MARK + node.name).as_(called))
    return tree.sql(dialect="duckdb")


def _schema(measure: Measure) -> pa.Schema:
    return pa.schema([(measure.key, pa.string()), *((c.name, ARROW[c.type]) for c in measure.columns)])


def _typed(measure: Measure, answer: pa.Table) -> pa.Table:
    schema = _schema(measure)
    answer = answer.rename_columns([name.lower() for name in answer.column_names]).select(schema.names)
    return answer.cast(schema).sort_by(measure.key)


def _narrow(table: pa.Table, columns: tuple[str, ...]) -> pa.Table:
    """The columns that a question reads; of what it only counts, all."""
    chosen = [name for name in columns if name in table.column_names]
    return table.select(chosen) if chosen else table
