"""Rules' inline cases, run through the tables' own reader and whichever engine is handed in.

Cases whose measures are all local, and whose every row names an account of theirs, are put into one set of tables and
asked together: one query per measure, not one per case. The others keep tables of their own (asking.py). Afterwards each
pooled account is asked alone; that the two agree is the proof that ``local: yes`` is true.
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
from mapae.rules.answers import used
from mapae.rules.asking import (
    Tables,
    answer_rows,
    measure_rows,
    measure_rows_apart,
    pool_tables,
    seen_apart,
    with_persons,
)
from mapae.rules.base import Rule
from mapae.rules.filling import WHOSE, Given, filled
from mapae.rules.kinds import Catalogue, Indicator, Measure, Provision
from mapae.rules.seen import PERSONS, Same
from mapae.rules.sql import check
from mapae.rules.tables import UNKNOWN, Table

# Reads a table's rows as its own reader would: (table, header, rows as text) to normal forms with mapae_row.
ReadRows = Callable[[Table, list[str], list[list[str]]], pa.Table]
# Answers a case of a provision: (provision, case) to a verdict in words.
Judge = Callable[[Provision, load.Mapping], str]
# A column that no table declares: it keeps rows of two cases from being equal, and is taken out again.
_CASE = "mapae_case"


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

    @functools.cached_property
    def apart(self) -> bool:
        """Whether every row names an account or person of the case, so that no other case's answer can hang on it."""
        return all(self._own(table) for table in self.tables.values())

    def _own(self, table: pa.Table) -> bool:
        whose = [table[name] for name in WHOSE if name in table.column_names]
        rows = zip(*(column.to_pylist() for column in whose), strict=True)
        return bool(whose) and all(any(v and v.startswith(f"{self.place}/") for v in row) for row in rows)


@dataclasses.dataclass(frozen=True)
class Measured:
    """Cases' accounts and what the measures say of them, each case's accounts under ids of its own."""

    accounts: pa.Table
    measures: Tables
    persons: Tables


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
    cases = read_cases(catalogue, read_rows)
    results = _answered(catalogue, engine, cases) if cases else []
    if judge is not None:
        results += [
            _judged(provision, case, judge) for provision in catalogue.provisions.values() for case in provision.cases
        ]
    return sorted(results, key=lambda r: (r.rule, r.line))


def read_cases(catalogue: Catalogue, read_rows: ReadRows) -> tuple[Case, ...]:
    """The cases of all measures and indicators with their rows read; rows of one table are read together."""
    return _read_cases(Same(catalogue), read_rows)


@functools.lru_cache(maxsize=4)
def _read_cases(same: Same[Catalogue], read_rows: ReadRows) -> tuple[Case, ...]:
    catalogue = same.held
    rules: list[Rule] = [*catalogue.measures.values(), *catalogue.indicators.values()]
    told = [(rule, data) for rule in rules for data in rule.cases]
    given = [filled(catalogue.tables, _given(catalogue, r, d), f"c{n}") for n, (r, d) in enumerate(told)]
    alike: dict[tuple[str, ...], list[int]] = {}
    for number, tables in enumerate(given):
        for name, rows in tables.items():
            alike.setdefault((name, *_told_apart(rows)), []).append(number)
    read: list[Tables] = [{} for _ in told]
    for (name, *_), numbers in alike.items():
        made = _read_together(catalogue.tables[name], {n: given[n][name] for n in numbers}, read_rows)
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
    return tuple(found)


def _told_apart(given: Given) -> tuple[str, ...]:
    """Columns of a header in which an empty cell says something else than no column; headers alike in them go together."""
    columns = given.table.columns
    return tuple(n for n in given.header if columns[n].default is not None and columns[n].empty)


def _read_together(table: Table, given: dict[int, Given], read_rows: ReadRows) -> list[pa.Table]:
    """Rows of several cases through the reader at once, and apart again by their row numbers."""
    header = [name for name in table.columns if any(name in one.header for one in given.values())]
    rows = []
    for number, one in given.items():
        at = {name: place for place, name in enumerate(one.header)}
        rows += [[*(row[at[n]] if n in at else "" for n in header), str(number)] for row in one.rows]
    made = read_rows(table, [*header, _CASE], rows)
    if UNKNOWN in made.column_names:
        at_ = made.schema.get_field_index(UNKNOWN)
        made = made.set_column(at_, made.schema.field(at_), pa.nulls(made.num_rows, pa.string()))
    parts, start = [], 1
    for one in given.values():
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
    return [catalogue.measures[name] for name in _used(Same(catalogue), Same(rule))]


@functools.lru_cache(maxsize=1024)
def _used(catalogue: Same[Catalogue], indicator: Same[Indicator]) -> tuple[str, ...]:
    return tuple(used(catalogue.held, indicator.held))


def pooled(catalogue: Catalogue, cases: Iterable[Case]) -> list[Case]:
    """The cases that may share one set of tables: their measures are local, and every row names an account of theirs."""
    return [case for case in cases if case.apart and all(m.local for m in measures_of(catalogue, case.rule))]


def measured(catalogue: Catalogue, engine: Answering, cases: Iterable[Case]) -> Measured:
    """What the measures that each case asks say of its accounts.

    Args:
        catalogue: the rules.
        engine: what answers the measures' SQL.
        cases: at least one.
    """
    cases = list(cases)
    together = pooled(catalogue, cases)
    kept = {case.place for case in together}
    alone = [case for case in cases if case.place not in kept]
    persons = catalogue.measures.get(PERSONS)
    given = [case.tables for case in alone]
    people: list[pa.Table] = []
    if persons is not None and alone:
        known = [tables for tables in given if _names_people(tables)] or given[:1]
        people = measure_rows_apart(catalogue, persons, engine, known)
        given = seen_apart(catalogue, engine, given, pa.concat_tables(people))
    sets = dict(zip((case.place for case in alone), given, strict=True))
    pool = with_persons(catalogue, engine, pool_tables(catalogue, [case.tables for case in together]))
    if persons is not None:
        people.append(pool[PERSONS])
    found: dict[str, list[pa.Table]] = {}
    for id_ in sorted({m.id for case in together for m in measures_of(catalogue, case.rule)}):
        found[id_] = [measure_rows(catalogue, catalogue.measures[id_], engine, pool)]
    asked: dict[str, list[Tables]] = {}
    for case in alone:
        for measure in measures_of(catalogue, case.rule):
            asked.setdefault(measure.id, []).append(case.tables if measure is persons else sets[case.place])
    for id_, some in sorted(asked.items()):
        found.setdefault(id_, []).extend(measure_rows_apart(catalogue, catalogue.measures[id_], engine, some))
    return Measured(
        accounts=pool_tables(catalogue, [case.tables for case in cases])["accounts"],
        measures={id_: pa.concat_tables(parts) for id_, parts in found.items()},
        persons={PERSONS: pa.concat_tables(people)} if people else {},
    )


def local_breaches(catalogue: Catalogue, engine: Answering, read_rows: ReadRows) -> list[str]:
    """Measures that say ``local: yes`` and answer an account otherwise when its records stand alone.

    Who belongs to one person (``persons``) is known in both; accounts of one person are never apart.

    Returns:
        One line per breach: measure, case, account, and both answers; or that no case shows it, or a table that it reads
        and whose rows name no account.
    """
    cases = pooled(catalogue, read_cases(catalogue, read_rows))
    pool = with_persons(catalogue, engine, pool_tables(catalogue, [case.tables for case in cases]))
    people, given = _people(pool), [case.tables for case in cases]
    if PERSONS in pool:
        given = seen_apart(catalogue, engine, given, pool[PERSONS])
    seen_tables = dict(zip((case.place for case in cases), given, strict=True))
    breaches = []
    for measure in (m for m in catalogue.measures.values() if m.local):
        breaches += [f"{measure.id}: reads {name}, whose rows name no account" for name in _nobodys(catalogue, measure)]
        asked = [(c, account) for c in cases if measure in measures_of(catalogue, c.rule) for account in c.accounts]
        if not asked:
            breaches.append(f"{measure.id}: no case asks it, so nothing shows that it is local")
            continue
        together = _by_key(measure_rows(catalogue, measure, engine, pool))
        sets = [_only(seen_tables[case.place], account, people) for case, account in asked]
        for (case, account), rows in zip(asked, measure_rows_apart(catalogue, measure, engine, sets), strict=True):
            apart = _by_key(rows)
            if apart.get(account) != together.get(account):
                name = f"{measure.id}: {case.data['name']!r}, account {account}"
                breaches.append(f"{name}: {together.get(account)} together, {apart.get(account)} alone")
    return breaches


def _nobodys(catalogue: Catalogue, measure: Measure) -> list[str]:
    """Record tables that a measure reads and that have no column for an account or person."""
    read = check(measure.sql, path=measure.path).tables
    return [n for n in read if n in catalogue.tables and not set(WHOSE) & set(catalogue.tables[n].columns)]


def _answered(catalogue: Catalogue, engine: Answering, cases: Iterable[Case]) -> list[CaseResult]:
    cases = list(cases)
    found = measured(catalogue, engine, cases)
    said = {id_: _by_key(rows) for id_, rows in found.measures.items()}
    indicators = {c.rule.id: c.rule for c in cases if isinstance(c.rule, Indicator)}
    cells: dict[str, dict[str, Any]] = {}
    if indicators:
        held = found.measures | found.persons
        cells = _by_key(answer_rows(catalogue, indicators.values(), engine, found.accounts, held))
    results = []
    for case in cases:
        if isinstance(case.rule, Indicator):
            expected = str(case.data["answer"])
            got = str(cells.get(case.account, {}).get(case.rule.column, "no such account"))
        else:
            row = said[case.rule.id].get(case.account)
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
        unknown = sorted(set(header) - catalogue.tables[name].columns.keys())
        if unknown:
            why = f"{name} has no column {', '.join(unknown)}"
            raise RuleRefused(f"A case of {rule.id} fills a column that is not there.", where=where, why=why)
        given[name] = Given(catalogue.tables[name], list(header), [list(row) for row in rows], where)
    return given


def _account_ids(table: pa.Table) -> list[str]:
    return [v for v in table.column("account_id").to_pylist() if v] if "account_id" in table.column_names else []


def _names_people(tables: Tables) -> bool:
    """Whether any row names a person; where none does, no account is a known person's."""
    return any("person_id" in t.column_names and t["person_id"].null_count < t.num_rows for t in tables.values())


def _people(pool: Tables) -> dict[str, set[str]]:
    """Account of a known person to the person and all accounts of the person."""
    rows = pool[PERSONS].to_pylist() if PERSONS in pool else []
    together: dict[str, set[str]] = {}
    for row in rows:
        together.setdefault(row["person_id"], {row["person_id"]}).add(row["account_id"])
    return {row["account_id"]: together[row["person_id"]] for row in rows}


def _only(tables: Tables, account: str, people: Mapping[str, set[str]]) -> Tables:
    """The records of one account, by account, person or subject; tables left without rows are left out."""
    rows = tables["accounts"].filter(pc.equal(tables["accounts"]["account_id"], account))
    mine = {account} | people.get(account, set()) | {person for person in rows["person_id"].to_pylist() if person}
    wanted, kept = pa.array(sorted(mine), pa.string()), {}
    for name, table in tables.items():
        found = [pc.fill_null(pc.is_in(table[c], wanted), False) for c in WHOSE if c in table.column_names]
        kept[name] = table.filter(functools.reduce(pc.or_, found))
    return {name: table for name, table in kept.items() if table.num_rows}


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
