"""What a case leaves out because it is of no matter to it: ids, words that must be there, the accounts themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from mapae.model.errors import RuleRefused
from mapae.rules.tables import Table, TableColumn

# Columns that say whose row it is: each case's accounts and people get ids of their own.
WHOSE = ("account_id", "person_id", "subject")
# Declarations whose subject may be a product or a network: an account or person only where the case names one so.
_OF_THINGS = ("tool", "network")
# A value of each type for columns that must be there. 192.0.2.1 is an address for documentation (RFC 5737).
FILL = {
    "ip": "192.0.2.1",
    "country": "US",
    "money": "1",
    "integer": "1",
    "number": "1",
    "bool": "true",
    "currency": "USD",
}


@dataclasses.dataclass(frozen=True)
class Given:
    """Rows of one table as a case gives them: the header, then rows of text."""

    table: Table
    header: list[str]
    rows: list[list[str]]
    where: str


def filled(tables: Mapping[str, Table], given: Mapping[str, Given], place: str) -> dict[str, Given]:
    """A case's tables with what it leaves out.

    Args:
        tables: all tables of the catalogue.
        given: table to rows, as the case gives them.
        place: the case's own prefix for ids of accounts and people.

    Returns:
        The tables given, and ``accounts`` with a row for each account that only records name.

    Raises:
        RuleRefused: a row has more or fewer values than the header, or a column that nothing can stand in for is missing.
    """
    people = {
        row[at]
        for rows in given.values()
        for at, name in enumerate(rows.header)
        if name in ("account_id", "person_id")
        for row in rows.rows
        if len(row) == len(rows.header)
    }
    own = {name: _own(rows, place, people) for name, rows in given.items()}
    seen = dict.fromkeys(
        row[rows.header.index("account_id")]
        for rows in own.values()
        if "account_id" in rows.header
        for row in rows.rows
    )
    accounts = own.get("accounts", Given(tables["accounts"], ["account_id"], [], ""))
    have = {row[accounts.header.index("account_id")] for row in accounts.rows}
    blank = [""] * (len(accounts.header) - 1)
    at = accounts.header.index("account_id")
    missing = [[*blank[:at], account, *blank[at:]] for account in seen if account and account not in have]
    own["accounts"] = dataclasses.replace(accounts, rows=[*accounts.rows, *missing])
    return {name: _complete(rows) for name, rows in own.items()}


def _own(given: Given, place: str, people: set[str]) -> Given:
    """Rows with accounts and people under ids of the case's own; products and networks keep their names."""
    for row in given.rows:
        if len(row) != len(given.header):
            raise RuleRefused(
                f"A case's row of {given.table.name} has {len(row)} values where its header has {len(given.header)}.",
                where=given.where,
                why=", ".join(map(str, row)),
                do='Write one value per column; an empty one is "".',
            )
    whose = [name in WHOSE for name in given.header]
    kind = given.header.index("kind") if given.table.name == "declared" and "kind" in given.header else None
    rows = []
    for row in given.rows:
        things = kind is not None and row[kind] in _OF_THINGS
        rows.append(
            [
                f"{place}/{v}" if mine and v and (not things or v in people) else v
                for v, mine in zip(row, whose, strict=True)
            ]
        )
    return dataclasses.replace(given, rows=rows)


def _complete(given: Given) -> Given:
    header, rows = list(given.header), [list(row) for row in given.rows]
    made = given.table.key_made_from
    for column in given.table.columns.values():
        needed = column.req and column.default is None and not (column.name in given.table.key and made)
        if needed and column.name not in header:
            _add(given, column, header, rows)
    for group in given.table.one_of:
        if not set(group) & set(header):
            _add(given, given.table.columns[group[0]], header, rows)
    return dataclasses.replace(given, header=header, rows=rows)


def _add(given: Given, column: TableColumn, header: list[str], rows: list[list[str]]) -> None:
    header.append(column.name)
    for number, row in enumerate(rows, 1):
        row.append(_value(given, column, number, row[0]))


def _value(given: Given, column: TableColumn, number: int, first: str) -> str:
    if column.words:
        return column.words[0]
    if column.name in given.table.key:
        return f"{first}-{number}"
    if column.type in ("id", "text"):
        return column.name
    if column.type in FILL:
        return FILL[column.type]
    raise RuleRefused(
        f"A case leaves out {column.name} of {given.table.name}.",
        where=given.where,
        why="every row must have it, and nothing can stand in for it",
        do=f"Give {column.name} in the header and in each row.",
    )
