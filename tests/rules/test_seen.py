"""What measures see: a person's accounts as one, declarations in its name, addresses as the user's own files know them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from mapae.engine.answering import DuckDBAnswering
from mapae.rules.cases import pooled_tables, with_persons
from mapae.rules.kinds import Catalogue, load_catalogue
from mapae.rules.seen import also_read, seen
from mapae.sources.case_rows import read_rows

DAY = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def empty(catalogue: Catalogue) -> dict[str, pa.Table]:
    return {name: table.slice(0, 0) for name, table in pooled_tables(catalogue, read_rows).items()}


def rows(table: pa.Schema, *given: dict[str, Any]) -> pa.Table:
    """Rows with their columns filled up; those of a source are numbered."""
    made = [{"mapae_source": "s", "mapae_row": n, **row} for n, row in enumerate(given, 1)]
    return pa.Table.from_pylist(made, schema=pa.schema([pa.field(f.name, f.type) for f in table]))


def ask(
    catalogue: Catalogue, empty: dict[str, pa.Table], sql: str, **tables: list[dict[str, Any]]
) -> list[tuple[Any, ...]]:
    engine = DuckDBAnswering()
    held = {
        **empty,
        "free_mail": catalogue.lookups["free_mail"].table(),
        **{name: rows(empty[name].schema, *given) for name, given in tables.items()},
    }
    held = with_persons(catalogue, engine, held)
    answer = engine.sql(seen(sql, catalogue), held)
    return [tuple(row.values()) for row in answer.to_pylist()]


PEOPLE: dict[str, list[dict[str, Any]]] = {
    "employees": [{"person_id": "p7", "employer_id": "acme"}, {"person_id": "p8", "employer_id": "acme"}],
    "accounts": [
        {"account_id": "hr/7", "platform": "hr", "person_id": "p7", "email": "a@acme.example", "claimed_country": "US"},
        {"account_id": "hr/8", "platform": "hr", "person_id": "p8", "email": "b@gmail.com", "claimed_country": "US"},
        {"account_id": "okta/1", "platform": "okta", "email": "a@acme.example"},
        {"account_id": "okta/2", "platform": "okta", "email": "b@gmail.com"},
        {"account_id": "okta/3", "platform": "okta", "email": "a@acme.example", "kind": "service"},
    ],
}


def test_logins_of_one_person_are_seen_under_the_account_that_stands_for_it(
    catalogue: Catalogue, empty: dict[str, pa.Table]
) -> None:
    found = ask(
        catalogue, empty, "select s.account_id as account_id, a.claimed_country as c from sign_ins as s inner join accounts as a on a.account_id = s.account_id order by 1",
        **PEOPLE, sign_ins=[{"account_id": "okta/1", "happened_at": DAY}, {"account_id": "hr/8", "happened_at": DAY}],
    )  # fmt: skip
    assert found == [("hr/7", "US"), ("hr/8", "US")]


def test_a_mailbox_that_anybody_can_open_joins_nobody_and_a_service_is_nobody(
    catalogue: Catalogue, empty: dict[str, pa.Table]
) -> None:
    found = ask(catalogue, empty, "select a.account_id as account_id from accounts as a order by 1", **PEOPLE)
    assert found == [("hr/7",), ("hr/8",), ("okta/2",)]


def test_a_register_is_seen_by_account_and_declarations_name_it(
    catalogue: Catalogue, empty: dict[str, pa.Table]
) -> None:
    declared = [
        {"kind": "travel", "subject": "p7"}, {"kind": "travel", "subject": "okta/1"}, {"kind": "network", "subject": "192.0.2.0/24"}
    ]  # fmt: skip
    found = ask(
        catalogue, empty, "select d.kind as kind, d.subject as subject, e.person_id as person from declared as d left join employees as e on e.account_id = d.subject order by 1, 2",
        **PEOPLE, declared=declared,
    )  # fmt: skip
    assert found == [("network", "192.0.2.0/24", None), ("travel", "hr/7", "p7"), ("travel", "hr/7", "p7")]


@pytest.mark.parametrize(
    ("sender", "file", "declared", "wanted"),
    [
        ("residential", "vpn", False, "vpn"),
        ("vpn", "residential", False, "vpn"),
        (None, "residential", False, "residential"),
        ("unknown", "unknown", False, "unknown"),
        ("mobile", None, False, "mobile"),
        ("vpn", "corporate", True, "corporate"),
        ("vpn", "hosting", False, "hosting"),
    ],
)
def test_the_kind_of_a_network_is_the_files_unless_the_sender_knows_of_a_tunnel(
    catalogue: Catalogue, empty: dict[str, pa.Table], sender: str | None, file: str | None, declared: bool, wanted: str
) -> None:
    found = ask(
        catalogue, empty, "select s.network_kind as k from sign_ins as s",
        sign_ins=[{"account_id": "a", "happened_at": DAY, "ip": "192.0.2.1", "network_kind": sender}],
        addresses=[{"ip": "192.0.2.1", "network_kind": file, "declared": declared}],
    )  # fmt: skip
    assert found == [(wanted,)]


def test_a_declared_network_is_corporate_while_it_is_declared(catalogue: Catalogue, empty: dict[str, pa.Table]) -> None:
    when = [DAY + dt.timedelta(days=n) for n in range(-2, 3)]
    found = ask(
        catalogue, empty, "select s.network_kind as k from sign_ins as s order by s.mapae_row",
        sign_ins=[{"account_id": "a", "happened_at": t, "ip": "192.0.2.1", "network_kind": "residential"} for t in when],
        addresses=[{"ip": "192.0.2.1", "declared": True, "declared_since": when[1], "declared_until": when[3]}],
    )  # fmt: skip
    assert [k for (k,) in found] == ["residential", "corporate", "corporate", "corporate", "residential"]


def test_a_place_is_taken_whole_from_one_file(catalogue: Catalogue, empty: dict[str, pa.Table]) -> None:
    sender = {
        "account_id": "a",
        "happened_at": DAY,
        "country": "US",
        "region": "Ohio",
        "lat": 40.0,
        "lon": -83.0,
        "place_file": "sender",
    }
    sql = "select s.country as c, s.region as r, s.lat as lat, s.place_file as f from sign_ins as s"
    file = {"ip": "192.0.2.1", "country": "NL", "place_file": "f1"}
    assert ask(catalogue, empty, sql, sign_ins=[{**sender, "ip": "192.0.2.1"}], addresses=[file]) == [
        ("NL", None, None, "f1")
    ]
    assert ask(catalogue, empty, sql, sign_ins=[{**sender, "ip": "192.0.2.9"}], addresses=[file]) == [
        ("US", "Ohio", 40.0, "sender")
    ]


def test_what_is_read_beside_the_tables_is_told(catalogue: Catalogue) -> None:
    assert also_read({"sign_ins"}, catalogue) == {"persons", "addresses"}
    assert also_read({"payouts"}, catalogue) == {"persons"}
    assert also_read({"statements"}, catalogue) == set()


def test_lookups_are_tables_of_text_with_the_hash_of_their_bytes(catalogue: Catalogue) -> None:
    held = catalogue.lookups["free_mail"]
    assert "gmail.com" in held.table()["domain"].to_pylist() and len(held.sha256) == 64
    assert {str(f.type) for f in held.schema()} == {"string"}
