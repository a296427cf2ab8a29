"""Cases of a mapping: a record goes through it and through the tables' own reader, and what is kept is compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping as Texts
from typing import Any

from mapae.model.errors import InputRefused
from mapae.rules.kinds import Catalogue
from mapae.rules.tables import Table
from mapae.sources.case_rows import read_rows
from mapae.sources.layout import Rows
from mapae.sources.mapping import Mapping, shipped
from mapae.sources.mapping_times import Unreadable

Kept = list[dict[str, str]]


def failures(mapping: Mapping, catalogue: Catalogue) -> list[str]:
    """Cases of a mapping that do not hold, one line each; none when all do.

    Only columns that a case names are compared; ``""`` means that nothing stands there.
    """
    found: list[str] = []
    given: list[Rows] = []
    for case in mapping.cases:
        wanted = str(case.get("refused", ""))
        try:
            rows = mapping.rows_of(case["in"])
        except Unreadable as problem:
            given.append([])
            if not wanted or wanted not in str(problem):
                found.append(f"{mapping.path}:{case.line}: the record is refused ({problem}).")
            continue
        given.append(rows)
        if wanted:
            found.append(f"{mapping.path}:{case.line}: the record is not refused.")
    for table in {p.table.name: p.table for p in mapping.parts}.values():
        kept = _kept(table, given)
        for case, rows_kept in zip(mapping.cases, kept, strict=True):
            expected = case.get("also", {}).get(table.name)
            if table.name == mapping.parts[0].table.name and "out" in case:
                expected = case["out"]
            if expected is not None:
                wrong = _differs(expected if isinstance(expected, list) else [expected], rows_kept)
                if wrong:
                    found.append(f"{mapping.path}:{case.line}: {table.name}: {wrong}")
    return found


def failures_shipped(catalogue: Catalogue) -> list[str]:
    """The same for all shipped mappings."""
    return [line for mapping in shipped(catalogue) for line in failures(mapping, catalogue)]


def _kept(table: Table, given: list[Rows]) -> list[Kept]:
    """Per case the rows of a table that its own reader keeps, as texts."""
    rows = [(i, cells) for i, made in enumerate(given) for name, cells in made if name == table.name]
    kept: list[Kept] = [[] for _ in given]
    if not rows:
        return kept
    header = list(dict.fromkeys(c for _, cells in rows for c in cells))
    # Equal rows of two cases would be one: each is told apart by a column that the table does not know.
    lines = [[*(cells.get(c) or "" for c in header), str(i)] for i, cells in rows]
    try:
        read = read_rows(table, [*header, "case_number"], lines)
    except InputRefused as refused:
        raise AssertionError(str(refused)) from refused
    for row in sorted(read.to_pylist(), key=lambda r: int(r["mapae_row"])):
        kept[rows[row["mapae_row"] - 1][0]].append({c: _text(v) for c, v in row.items()})
    return kept


def _differs(expected: list[Texts[str, Any]], kept: Kept) -> str:
    if len(expected) != len(kept):
        return f"{len(kept)} rows are kept where {len(expected)} are expected."
    for number, (want, have) in enumerate(zip(expected, kept, strict=True), start=1):
        for column, text in want.items():
            if have.get(column, "") != str(text):
                return f"{column} of row {number} is {have.get(column, '')!r} and not {str(text)!r}."
    return ""


def _text(value: Any) -> str:
    """A value of a record as cases write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
