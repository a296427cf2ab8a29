"""What measures see: record tables with each person's accounts as one, and addresses as the user's own files know them.

A measure is written over the record tables and groups by ``account_id``. Before it is asked, each table in it is put
in its seen form: an account of a person who has several becomes the one that stands for the person (``principal``
of the measure ``persons``), declarations name that account too, and a sign-in's network and place come from the
table ``addresses`` where that knows the address. Nothing is written into a record; projections see the records as
they are.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Generic, TypeVar

import sqlglot
from sqlglot import exp

from mapae.rules.kinds import Catalogue
from mapae.rules.tables import Table

_Held = TypeVar("_Held")
PERSONS, ADDRESSES = "persons", "addresses"
# What an address file says of a network only by leaving its flags empty; a sender who names a tunnel knows better.
_NO_WORD = "('residential', 'unknown')"
# Columns of a sign-in's place, all from one file.
_PLACE = ("country", "region", "region_folded", "city", "city_folded", "lat", "lon")
# Accounts that stand behind another, and every person's one account.
_OTHERS = f"(select account_id, principal from {PERSONS} where principal <> account_id)"
_OF_PERSON = (
    f"(select person_id, min(principal) as principal from {PERSONS} where person_id is not null group by person_id)"
)


class Same(Generic[_Held]):
    """A value as a key of a cache: equal to itself alone. The cache holds it, so its identity is nobody else's."""

    def __init__(self, held: _Held) -> None:
        self.held = held

    def __hash__(self) -> int:
        return id(self.held)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.held is other.held


def seen(sql: str, catalogue: Catalogue) -> str:
    """A measure's SQL over the seen forms of its tables.

    Args:
        sql: one SELECT that passed the gate (sql.py), in DuckDB's dialect.
        catalogue: all rules; its tables say which columns there are.

    Returns:
        SQL in DuckDB's dialect that also reads ``persons``, and ``addresses`` where sign-ins are read.
    """
    if PERSONS not in catalogue.measures:
        return sql
    held = _forms(Same(catalogue.tables))
    forms = tuple((name, held[name]) for name in _names(sql) if name in held)
    return _seen_text(sql, forms) if forms else sql


def also_read(tables: set[str], catalogue: Catalogue) -> set[str]:
    """Views that the seen forms of some tables read beside them.

    Args:
        tables: names of views that a measure's SQL reads.
        catalogue: all rules.
    """
    if PERSONS not in catalogue.measures:
        return set()
    more = {PERSONS} if tables & _forms(Same(catalogue.tables)).keys() else set()
    return more | ({ADDRESSES} if "sign_ins" in tables else set())


@functools.lru_cache(maxsize=512)
def _seen_text(sql: str, forms: tuple[tuple[str, str], ...]) -> str:
    tree = sqlglot.parse_one(sql, read="duckdb")
    wanted = dict(forms)
    for node in list(tree.find_all(exp.Table)):
        form = wanted.get(node.name)
        if form is not None:
            inner = sqlglot.parse_one(form, read="duckdb")
            assert isinstance(inner, exp.Query)
            node.replace(inner.subquery(node.alias_or_name))
    return tree.sql(dialect="duckdb")


@functools.lru_cache(maxsize=512)
def _names(sql: str) -> tuple[str, ...]:
    """Names of the views that a question reads, and of its own parts."""
    return tuple(sorted({node.name for node in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Table)}))


@functools.lru_cache(maxsize=8)
def _forms(tables: Same[Mapping[str, Table]]) -> dict[str, str]:
    """Table to the SELECT of its seen form; those seen as they are, are left out."""
    found: dict[str, str] = {}
    for table in tables.held.values():
        if not table.made_by:
            found[table.name] = _of_table(table)
            found |= {child.name: _of_child(child.name, [f.name for f in child.schema]) for child in table.children()}
    return {name: form for name, form in found.items() if form}


def _of_table(table: Table) -> str:
    columns = [f.name for f in table.schema()]
    if table.name == "accounts":
        listed = _listed(columns, {"person_id": "coalesce(r.person_id, p.person_id)"})
        return (
            f"select {listed} from accounts as r left join {PERSONS} as p on p.account_id = r.account_id "
            "where (p.principal is null or p.principal = r.account_id) and coalesce(r.kind, '') <> 'service'"
        )
    if table.name == "declared":
        subject = "coalesce(p.principal, q.principal, r.subject)"
        return (
            f"select {_listed(columns, {'subject': subject})} from declared as r left join {PERSONS} as p "
            f"on p.account_id = r.subject left join {_OF_PERSON} as q on q.person_id = r.subject"
        )
    if "account_id" not in columns:
        return ""
    account, joins = "coalesce(p.principal, r.account_id)", f"left join {_OTHERS} as p on p.account_id = r.account_id"
    if "person_id" in columns:
        account = "coalesce(p.principal, q.principal, r.account_id)"
        joins += f" left join {_OF_PERSON} as q on q.person_id = r.person_id"
    made = {"account_id": account}
    if table.name == "sign_ins":
        made |= _of_address()
        joins += f" left join {ADDRESSES} as f on f.ip = r.ip"
    return f"select {_listed(columns, made)} from {table.name} as r {joins}"


def _of_address() -> dict[str, str]:
    declared = (
        "f.declared and (f.declared_since is null or f.declared_since <= r.happened_at) "
        "and (f.declared_until is null or r.happened_at <= f.declared_until)"
    )
    kind = (
        f"case when {declared} then 'corporate' when f.network_kind not in {_NO_WORD} and f.network_kind <> 'corporate' then f.network_kind "
        f"when r.network_kind not in {_NO_WORD} then r.network_kind when f.network_kind = 'residential' then f.network_kind "
        "else coalesce(r.network_kind, f.network_kind) end"
    )
    made = {
        "network_kind": kind,
        "asn": "coalesce(f.asn, r.asn)",
        "as_org": "coalesce(f.as_org, r.as_org)",
        "as_org_folded": "coalesce(f.as_org_folded, r.as_org_folded)",
        "vpn_operator": "coalesce(f.vpn_operator, r.vpn_operator)",
        "vpn_operator_folded": "coalesce(f.vpn_operator_folded, r.vpn_operator_folded)",
        "place_file": "coalesce(f.place_file, r.place_file)",
    }
    return made | {c: f"case when f.place_file is null then r.{c} else f.{c} end" for c in _PLACE}


def _of_child(name: str, columns: list[str]) -> str:
    if name == "declared_with_whom":
        value = "coalesce(p.principal, q.principal, r.value)"
        return (
            f"select {_listed(columns, {'value': value})} from {name} as r left join {PERSONS} as p "
            f"on p.account_id = r.value left join {_OF_PERSON} as q on q.person_id = r.value"
        )
    if "account_id" not in columns:
        return ""
    made = {"account_id": "coalesce(p.principal, r.account_id)"}
    return f"select {_listed(columns, made)} from {name} as r left join {_OTHERS} as p on p.account_id = r.account_id"


def _listed(columns: list[str], made: dict[str, str]) -> str:
    return ", ".join(f"{made.get(c, 'r.' + c)} as {c}" for c in columns)
