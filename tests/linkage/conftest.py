"""A small world for linkage, written by hand: who holds what, and nothing else."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from mapae.linkage.steps import steps
from mapae.model import findings
from mapae.rules.kinds import load_catalogue
from mapae.settings import Settings


@dataclasses.dataclass
class Tables:
    """The step's inputs: views over Arrow tables."""

    con: duckdb.DuckDBPyConnection

    def progress(self, said: str) -> None: ...

    def arrow(self, sql: str) -> pa.Table:
        return self.con.execute(sql).to_arrow_table()

    def refs(self, table: str) -> list[str]:
        return []


class World:
    """Holdings by hand: ``hold("a", device="D1")``. Accounts are created in the order in which they are named."""

    def __init__(self) -> None:
        self.accounts: dict[str, dict[str, Any]] = {}
        self.identifiers: list[tuple[str, str, str]] = []
        self.said: list[tuple[str, list[str]]] = []
        self.homes: dict[str, tuple[str, str]] = {}

    def account(self, name: str, person: str | None = None, country: str | None = None) -> None:
        self.accounts.setdefault(name, {"person_id": None, "id_document_country": None})
        if person:
            self.accounts[name]["person_id"] = person
        if country:
            self.accounts[name]["id_document_country"] = country

    def hold(self, names: str, **values: str) -> None:
        for name in names.split():
            self.account(name)
            self.identifiers += [(f"account:{name}", kind, value) for kind, value in values.items()]

    def live(self, name: str, address: str, region: str) -> None:
        """Give an account a person of the register, and that person a home."""
        self.account(name, person=f"person-{name}")
        self.homes[f"person-{name}"] = (address, region)

    def declare(self, kind: str, subject: str, *others: str) -> None:
        self.said.append((kind, [subject, *others]))

    def run(self, *, threads: int = 1, order: Any = None, base_rate: float = 0.013) -> dict[str, pa.Table]:
        con = duckdb.connect(config={"threads": threads})
        con.execute("set timezone = 'UTC'")
        accounts = list(enumerate(self.accounts.items()))
        held = sorted(set(self.identifiers))
        refs = {row: f"record:x:s:{i}" for i, row in enumerate(held)}
        if order:
            order(accounts)
            order(held)
        con.register(
            "accounts_in",
            pa.table(
                {
                    "account_id": pa.array([name for _, (name, _) in accounts], pa.string()),
                    "n": pa.array([i for i, _ in accounts], pa.int64()),
                    "person_id": pa.array([row["person_id"] for _, (_, row) in accounts], pa.string()),
                    "id_document_country": pa.array([r["id_document_country"] for _, (_, r) in accounts], pa.string()),
                }
            ),
        )
        con.execute(
            "create table accounts as select *, timestamptz '2020-01-01 00:00:00+00' + to_days(n::int) as created_at, "
            "'s' as mapae_source, n + 1 as mapae_row from accounts_in"
        )
        con.execute(
            "create table persons as select account_id, person_id, min(account_id) over (partition by person_id) as principal, "
            "'person_id' as basis from accounts_in where person_id is not null"
        )
        con.execute(
            "create table employees (person_id text, home_address_folded text, home_address_unit text, "
            "home_region_folded text, home_country text, hired_on date)"
        )
        for person, (address, region) in sorted(self.homes.items()):
            con.execute("insert into employees values (?, ?, null, ?, 'US', null)", [person, address, region])
        con.execute("create table doors as select account_id, 'platform' as door from accounts_in")
        con.register(
            "identifiers",
            pa.table(
                {
                    "party": pa.array([row[0] for row in held], pa.string()),
                    "kind": pa.array([row[1] for row in held], pa.string()),
                    "value": pa.array([row[2] for row in held], pa.string()),
                    "ref": pa.array([refs[row] for row in held], pa.string()),
                }
            ),
        )
        con.execute(
            "create table declared (kind text, subject text, since timestamptz, until timestamptz, mapae_source text, mapae_row bigint)"
        )
        con.execute(
            "create table declared_with_whom (mapae_source text, mapae_row bigint, position bigint, value text)"
        )
        for n, (kind, names) in enumerate(self.said):
            con.execute("insert into declared values (?, ?, null, null, 's', ?)", [kind, names[0], n])
            for position, other in enumerate(names[1:]):
                con.execute("insert into declared_with_whom values ('s', ?, ?, ?)", [n, position, other])
        step = steps(load_catalogue(), Settings(base_rate=base_rate))[0]
        assert isinstance(step.function, functools.partial)
        made = dict(step.function(Tables(con)))
        tables = {}
        for name, value in made.items():
            table = con.sql(value.sql).to_arrow_table() if hasattr(value, "sql") else value
            table = table.select(step.schema[name].names).cast(step.schema[name])
            tables[name] = table.sort_by([(c, "ascending") for c in step.order[name]])
        assert set(findings.schema("link").names) == set(tables["findings/link"].column_names)
        return tables

    def rings(self, **how: Any) -> dict[str, list[str]]:
        rings: dict[str, list[str]] = {}
        for row in self.run(**how)["findings/ring"].to_pylist():
            rings.setdefault(row["object"], []).append(row["subject"].removeprefix("account:"))
        return rings


@pytest.fixture
def world() -> World:
    return World()
