"""Rules' inline cases, run through the tables' own reader and whichever engine is handed in.

Cases of rules whose measures are all local are put into one set of tables, each under account ids of its own, and
asked together: one query per measure, not one per case. Afterwards each account can be asked alone; that the two
agree is the proof that ``local: yes`` is true.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mapae.engine.answering import Answering
from mapae.model.errors import RuleRefused
from mapae.rules import load
from mapae.rules.answers import indicators_sql, used
from mapae.rules.base import Rule
from mapae.rules.filling import Given, filled
from mapae.rules.kinds import Catalogue, Indicator, Measure, Provision
from mapae.rules.seen import PERSONS, also_read, seen
from mapae.rules.sql import check
from mapae.rules.tables import Table

# Reads a table's rows as its own reader would: (table, header, rows as text) to normal forms with mapae_row.
ReadRows = Callable[[Table, list[str], list[list[str]]], pa.Table]
# Answers a case of a provision: (provision, case) to a verdict in words.
Judge = Callable[[Provision, load.Mapping], str]

ARROW = {
    "int64": pa.int64(),
    "string": pa.string(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "time": pa.timestamp("us", tz="UTC"),
}
Tables = dict[str, pa.Table]


@dataclasses.dataclass(frozen=True)
class CaseResult:
    """How one case came out: what the rule's text expects, and what was answered."""

    rule: str
    case: str
    passed: bool
    expected: str
    got: str
    path: Path
    line: int


@dataclasses.dataclass(frozen=True)
class Case:
    """One case of a measure or indicator, its rows read, its accounts under ids of its own."""

    rule: Rule
    data: load.Mapping
    place: str
    accounts: tuple[str, ...]
    tables: Tables

    @property
    def account(self) -> str:
        """The account asked about."""
        asked = self.data.get("account", self.data.get("subject"))
        return f"{self.place}/{asked}" if asked else self.accounts[0]


def run_cases(
    catalogue: Catalogue, engine: Answering, read_rows: ReadRows, judge: Judge | None = None
) -> list[CaseResult]:
    """Run every inline case of measures and indicators, and of provisions where a judge is handed in.

    Args:
        catalogue: the rules.
        engine: what answers the measures' SQL and the indicators' one SELECT.
        read_rows: the tables' own reader.
        judge: answers a provision's case; None leaves provisions out.

    Returns:
        One result per case, by rule and in the order of the file.

    Raises:
        RuleRefused: rows of a case are refused by their table's reader, or name a table or column that is not there.
    """
    results: list[CaseResult] = []
    cases = read_cases(catalogue, read_rows)
    pooled = [case for case in cases if all(m.local for m in measures_of(catalogue, case.rule))]
    alone = [case for case in cases if case not in pooled]
    for group in [pooled, *([case] for case in alone)]:
        results += _run(catalogue, engine, group)
    if judge is not None:
        results += [
            _judged(provision, case, judge) for provision in catalogue.provisions.values() for case in provision.cases
        ]
    return sorted(results, key=lambda r: (r.rule, r.line))


def read_cases(catalogue: Catalogue, read_rows: ReadRows) -> list[Case]:
    """The cases of all measures and indicators with their rows read; rows of one table and header are read together."""
    rules: list[Rule] = [*catalogue.measures.values(), *catalogue.indicators.values()]
    told = [(rule, data) for rule in rules for data in rule.cases]
    given = [filled(catalogue.tables, _given(catalogue, r, d), f"c{n}") for n, (r, d) in enumerate(told)]
    alike: dict[tuple[str, ...], list[int]] = {}
    for number, tables in enumerate(given):
        for name, rows in tables.items():
            alike.setdefault((name, *rows.header), []).append(number)
    read: list[Tables] = [{} for _ in told]
    for (name, *header), numbers in alike.items():
        made = _read_together(catalogue.tables[name], header, [given[n][name] for n in numbers], read_rows)
        for number, table in zip(numbers, made, strict=True):
            source = hashlib.sha256(f"c{number}".encode()).hexdigest()[:16]
            at = table.schema.get_field_index("mapae_source")
            field = pa.field("mapae_source", pa.string(), nullable=False)
            read[number][name] = table.set_column(at, field, pa.array([source] * table.num_rows, pa.string()))
    found = []
    for number, (rule, data) in enumerate(told):
        accounts = [value for name in data["given"] for value in _account_ids(read[number][name])]
        accounts = accounts or read[number]["accounts"]["account_id"].to_pylist()
        found.append(Case(rule, data, f"c{number}", tuple(dict.fromkeys(accounts)), read[number]))
    return found


def _read_together(table: Table, header: list[str], given: list[Given], read_rows: ReadRows) -> list[pa.Table]:
    """Rows of several cases through the reader at once, and apart again by their row numbers."""
    made = read_rows(table, header, [row for one in given for row in one.rows])
    parts, start = [], 1
    for one in given:
        mine = pc.and_(pc.greater_equal(made["mapae_row"], start), pc.less(made["mapae_row"], start + len(one.rows)))
        part = made.filter(mine)
        if part.num_rows != len(one.rows):
            raise RuleRefused(
                f"The reader of {table.name} keeps {part.num_rows} of the {len(one.rows)} rows of a case.",
                where=one.where,
                why="a row breaks the table's contract, or two are equal",
                do="Write rows that the table takes.",
            )
        parts.append(part)
        start += len(one.rows)
    return parts


def pooled_tables(catalogue: Catalogue, read_rows: ReadRows) -> Tables:
    """All tables of the catalogue filled with the rows of all cases, for comparing engines."""
    return pool_tables(catalogue, [case.tables for case in read_cases(catalogue, read_rows)])


def measures_of(catalogue: Catalogue, rule: Rule) -> list[Measure]:
    """The measures that a case of the rule asks."""
    if isinstance(rule, Measure):
        return [rule]
    assert isinstance(rule, Indicator)
    return [catalogue.measures[name] for name in used(catalogue, rule)]


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
    fields = [pa.field(measure.key, pa.string()), *(pa.field(c.name, ARROW[c.type]) for c in measure.columns)]
    answer = answer.rename_columns([name.lower() for name in answer.column_names]).select([f.name for f in fields])
    return answer.cast(pa.schema(fields)).sort_by(measure.key)


@functools.cache
def _reads(sql: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(check(sql, path="a measure").tables.items())


def _narrow(table: pa.Table, columns: tuple[str, ...]) -> pa.Table:
    """The columns that a question reads; of what it only counts, all."""
    chosen = [name for name in columns if name in table.column_names]
    return table.select(chosen) if chosen else table


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


def local_breaches(catalogue: Catalogue, engine: Answering, read_rows: ReadRows) -> list[str]:
    """Measures that say ``local: yes`` and answer an account otherwise when its records stand alone.

    Returns:
        One line per breach: measure, case, account, and both answers.
    """
    cases = [c for c in read_cases(catalogue, read_rows) if all(m.local for m in measures_of(catalogue, c.rule))]
    breaches = []
    pool = with_persons(catalogue, engine, pool_tables(catalogue, [case.tables for case in cases]))
    empty = pool_tables(catalogue, [])
    for measure in (m for m in catalogue.measures.values() if m.local):
        asked = [case for case in cases if measure in measures_of(catalogue, case.rule)]
        if not asked:
            breaches.append(f"{measure.id}: no case asks it, so nothing shows that it is local")
            continue
        together = _by_key(measure_rows(catalogue, measure, engine, pool))
        for case in asked:
            for account in case.accounts:
                mine = with_persons(catalogue, engine, empty | _only(case.tables, account, pool))
                apart = _by_key(measure_rows(catalogue, measure, engine, mine))
                if apart.get(account) != together.get(account):
                    name = f"{measure.id}: {case.data['name']!r}, account {account}"
                    breaches.append(f"{name}: {together.get(account)} together, {apart.get(account)} alone")
    return breaches


def _run(catalogue: Catalogue, engine: Answering, cases: list[Case]) -> list[CaseResult]:
    tables = with_persons(catalogue, engine, pool_tables(catalogue, [case.tables for case in cases]))
    wanted = {m.id: m for case in cases for m in measures_of(catalogue, case.rule)}
    measures = {id_: measure_rows(catalogue, m, engine, tables) for id_, m in sorted(wanted.items())}
    indicators = {c.rule.id: c.rule for c in cases if isinstance(c.rule, Indicator)}
    cells: dict[str, dict[str, Any]] = {}
    if indicators:
        held = measures | ({PERSONS: tables[PERSONS]} if PERSONS in tables else {})
        answers = answer_rows(catalogue, indicators.values(), engine, tables["accounts"], held)
        cells = _by_key(answers)
    results = []
    for case in cases:
        if isinstance(case.rule, Indicator):
            expected = str(case.data["answer"])
            got = str(cells.get(case.account, {}).get(case.rule.column, "no such account"))
        else:
            row = _by_key(measures[case.rule.id]).get(case.account)
            names = list(case.data["expect"])
            expected = _written(dict(case.data["expect"]))
            got = _written({n: _text(row[n]) for n in names}) if row is not None else "no row"
        results.append(_result(case.rule, case.data, expected, got))
    return results


def _judged(provision: Provision, data: load.Mapping, judge: Judge) -> CaseResult:
    return _result(provision, data, str(data["answer"]), judge(provision, data))


def _result(rule: Rule, data: load.Mapping, expected: str, got: str) -> CaseResult:
    return CaseResult(rule.id, str(data["name"]), expected == got, expected, got, rule.path, data.line)


def _given(catalogue: Catalogue, rule: Rule, data: load.Mapping) -> dict[str, Given]:
    given: dict[str, Given] = {}
    for name, (header, *rows) in data["given"].items():
        where = f"{rule.path}:{data['given'].line_of(name)}"
        if name not in catalogue.tables:
            raise RuleRefused(f"A case of {rule.id} fills a table that is not there.", where=where, why=name)
        given[name] = Given(catalogue.tables[name], list(header), [list(row) for row in rows], where)
    return given


def _account_ids(table: pa.Table) -> list[str]:
    return [v for v in table.column("account_id").to_pylist() if v] if "account_id" in table.column_names else []


def pool_tables(catalogue: Catalogue, tables_of_cases: Iterable[Tables]) -> Tables:
    """All tables of the catalogue with the rows of the cases; tables without rows are empty ones."""
    found: dict[str, list[pa.Table]] = {}
    for tables in tables_of_cases:
        for name, table in tables.items():
            found.setdefault(name, []).append(table)
    pooled: Tables = {}
    for table in catalogue.tables.values():
        pooled[table.name] = table.schema().empty_table()
        pooled.update({child.name: child.schema.empty_table() for child in table.children()})
    pooled.update({lookup.name: lookup.table() for lookup in catalogue.lookups.values()})
    return pooled | {name: pa.concat_tables(parts, promote_options="default") for name, parts in found.items()}


def _only(tables: Tables, account: str, pool: Tables) -> Tables:
    """The records of one account: its rows by account, person or subject; rows that name nobody stay.

    Accounts of one person are never apart.
    """
    mine = {account}
    if PERSONS in pool:
        persons = pool[PERSONS].to_pylist()
        people = {row["person_id"] for row in persons if row["account_id"] == account}
        mine |= people | {row["account_id"] for row in persons if row["person_id"] in people}
    given = tables["accounts"].filter(pc.equal(tables["accounts"]["account_id"], account))["person_id"].to_pylist()
    mine |= {person for person in given if person}
    kept, wanted = {}, pa.array(sorted(mine), pa.string())
    for name, table in tables.items():
        columns = [c for c in ("account_id", "subject", "person_id") if c in table.column_names]
        if columns:
            found = [pc.fill_null(pc.is_in(table[c], wanted), False) for c in columns]
            table = table.filter(functools.reduce(pc.or_, found))
        kept[name] = table
    return kept


def _by_key(table: pa.Table) -> dict[str, dict[str, Any]]:
    key = table.column_names[0]
    return {row[key]: row for row in table.to_pylist()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)


def _written(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value or 'nothing'}" for name, value in values.items())
