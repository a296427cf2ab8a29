"""The step of screening: what is written, at what level, and on what it rests."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from mapae.model import findings, statements
from mapae.rules.kinds import load_catalogue
from mapae.screening.exact import judge
from mapae.screening.steps import steps
from mapae.settings import Settings

TEXT = pa.string()
SCHEMATA = {
    "names": pa.schema([(c, TEXT) for c in ("party", "name", "script", "quality", "kind", "ref")]),
    "identifiers": pa.schema([(c, TEXT) for c in ("party", "kind", "value", "ref")]),
    "entries": pa.schema(
        [(c, TEXT) for c in ("party", "entity_id", "schema", "caption", "list", "programs")]
        + [("snapshot", pa.date32())]
    ),
    "statements_now": statements.SCHEMA,
    "accounts": pa.schema(
        [
            (c, TEXT)
            for c in ("account_id", "id_document_kind", "id_document_number", "id_document_country", "mapae_source")
        ]
        + [("mapae_row", pa.int64()), ("date_of_birth", pa.date32())]
    ),
    "wallet_transfers": pa.schema(
        [(c, TEXT) for c in ("from_address", "to_address", "mapae_source")] + [("mapae_row", pa.int64())]
    ),
}


@dataclasses.dataclass
class Tables:
    """Inputs of the step, over tables in memory."""

    con: duckdb.DuckDBPyConnection

    def progress(self, said: str) -> None: ...

    def arrow(self, sql: str) -> pa.Table:
        return self.con.sql(sql).to_arrow_table()

    def refs(self, table: str) -> list[str]:
        return []


class Room:
    """``listed("ri", "RI Yong Mu")``; ``account("a", "Ri Yong-mu")``; ``match()``."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {table: [] for table in SCHEMATA}

    def add(self, table: str, **values: Any) -> None:
        self.rows[table].append(values)

    def say(self, entity: str, schema: str, prop: str, value: str) -> str:
        """A statement of a listed party (numbers of papers are invented); returns its reference."""
        id_ = statements.statement_id("un_sc", entity, prop, value)
        row = {"id": id_, "entity_id": entity, "schema": schema, "prop": prop, "value": value, "dataset": "un_sc"}
        blank = {"prop_type": "", "original_value": "", "lang": "", "first_seen": "", "last_seen": "", "origin": ""}
        self.add("statements_now", **blank, **row, external=False, mapae_source="feed", mapae_row=1)
        return f"statement:{id_}"

    def listed(self, entity: str, name: str, quality: str = "primary", schema: str = "Person", born: str = "") -> None:
        party = f"party:{entity}"
        if not any(e["party"] == party for e in self.rows["entries"]):
            day = dt.date(2026, 2, 27)
            entry = {"party": party, "entity_id": entity, "schema": schema, "caption": name, "list": "un_sc"}
            self.add("entries", **entry, programs="UN-PRK", snapshot=day)
        ref = self.say(entity, schema, "name", name)
        self.add("names", party=party, name=name, script="", quality=quality, kind=schema, ref=ref)
        if born:
            self.say(entity, schema, "birthDate", born)

    def paper(self, entity: str, number: str, country: str = "", schema: str = "Passport") -> None:
        paper = f"{entity}-{number}"
        ref = self.say(paper, schema, "number", number)
        if country:
            self.say(paper, schema, "country", country)
        self.add("identifiers", party=f"party:{entity}", kind="document", value=number, ref=ref)

    def account(
        self,
        id_: str,
        name: str = "",
        born: str = "",
        number: str = "",
        country: str | None = None,
        kind: str = "passport",
    ) -> None:
        row = len(self.rows["accounts"]) + 1
        ref = f"record:accounts:0123456789abcdef:{row}"
        self.add(
            "accounts", account_id=id_, id_document_kind=kind if number else None, id_document_number=number or None,
            id_document_country=country, mapae_source="0123456789abcdef", mapae_row=row,
            date_of_birth=dt.date.fromisoformat(born) if born else None,
        )  # fmt: skip
        if name:
            self.add("names", party=f"account:{id_}", name=name, script="", quality="primary", kind="account", ref=ref)
        if number:
            self.add("identifiers", party=f"account:{id_}", kind="document", value=number, ref=ref)

    def match(self, shuffled: bool = False) -> list[dict[str, Any]]:
        con = duckdb.connect()
        for table, schema in SCHEMATA.items():
            rows = self.rows[table][::-1] if shuffled else self.rows[table]
            con.register(table, pa.Table.from_pylist(rows, schema=schema))
        (step,) = steps(load_catalogue(), Settings())
        assert step.function is not None
        made = step.function(Tables(con))["findings/match"]
        assert made.schema == findings.schema("match")
        return list(made.to_pylist())


@pytest.fixture
def room() -> Room:
    room = Room()
    room.listed("un-1", "RI Yong Mu", born="1925-01-25")
    room.listed("un-2", "Abdul Rahman Yasin", born="1960")
    room.listed("un-3", "Jin Hyok Park", quality="weak")
    return room


def test_a_match_on_a_name_alone_stays_possible_whatever_it_weighs(room: Room) -> None:
    room.account("a", "Ri Yong Mu")
    room.account("b", "YASIN, Abdulrahman")
    room.account("c", "Maria Garcia")
    made = room.match()
    assert [(m["subject"], m["object"]) for m in made] == [("account:a", "party:un-1"), ("account:b", "party:un-2")]
    for match in made:
        assert (match["rule"], match["level"], match["verdict"]) == ("screening.name", "possible", "unknown")
        assert match["centibits"] > 0
        assert match["list"] == "un_sc"
        assert match["snapshot"] == dt.date(2026, 2, 27)
    facts = json.loads(made[0]["facts"])
    assert (facts["name"], facts["alias"], facts["programs"]) == ("Ri Yong Mu", "RI Yong Mu", "UN-PRK")
    assert facts["why"]


def test_a_match_rests_on_the_record_and_the_statement(room: Room) -> None:
    room.account("a", "Ri Yong Mu")
    (match,) = room.match()
    assert match["because"] == [
        "record:accounts:0123456789abcdef:1",
        "statement:" + statements.statement_id("un_sc", "un-1", "name", "RI Yong Mu"),
    ]


@pytest.mark.parametrize(("born", "level"), [("1925-01-25", "strong"), ("1925-01-26", "possible"), ("", "possible")])
def test_an_equal_full_date_of_birth_makes_a_name_strong_and_never_certain(room: Room, born: str, level: str) -> None:
    room.account("a", "Ri Yong Mu", born=born)
    (match,) = room.match()
    assert (match["level"], match["verdict"]) == (level, "unknown")


def test_a_year_alone_is_no_equal_date_of_birth(room: Room) -> None:
    room.account("b", "Abdul Rahman Yasin", born="1960-01-01")
    room.account("c", "Abdul Rahman Yasin", born="1990-01-01")
    one, other = room.match()
    assert one["level"] == other["level"] == "possible"
    assert "another year of birth" in json.loads(other["facts"])["why"]


def test_a_weak_alias_matches_only_as_it_is_listed(room: Room) -> None:
    room.account("a", "Park Jin Hyok")
    room.account("b", "Bak Jin Hyok")
    assert [m["subject"] for m in room.match()] == ["account:a"]


def test_a_ship_is_nobodys_name(room: Room) -> None:
    room.listed("un-9", "Chong Chon Gang", schema="Vessel")
    room.account("a", "Chong Chon Gang")
    room.add(
        "names",
        party="vessel:7937317",
        name="CHONG CHON GANG",
        script="",
        quality="primary",
        kind="Vessel",
        ref="record:vessels:s:1",
    )
    assert [(m["subject"], m["object"]) for m in room.match()] == [("vessel:7937317", "party:un-9")]


@pytest.mark.parametrize(
    ("listed_country", "country", "kind", "level", "verdict"),
    [
        ("kp", "KP", "passport", "exact", "yes"),
        ("kp", None, "passport", "strong", "unknown"),
        ("", "KP", "passport", "strong", "unknown"),
        ("kp", "CN", "passport", None, None),
        ("kp", "KP", "national_id", "possible", "unknown"),
    ],
)
def test_a_document_is_exact_when_number_kind_and_country_agree(
    room: Room, listed_country: str, country: str | None, kind: str, level: str | None, verdict: str | None
) -> None:
    room.paper("un-1", "XX 000-000001", listed_country)
    room.account("a", number="xx000000001", country=country, kind=kind)
    made = room.match()
    assert [(m["rule"], m["level"], m["verdict"]) for m in made] == (
        [("screening.document", level, verdict)] if level else []
    )
    assert all(m["alias"] == "XX 000-000001" and m["centibits"] is None for m in made)


def test_a_document_without_country_is_exact_where_the_names_match_too(room: Room) -> None:
    room.paper("un-1", "000000001")
    room.account("a", "Ri Yong Mu", number="000000001")
    assert [(m["rule"], m["level"]) for m in room.match()] == [
        ("screening.document", "exact"),
        ("screening.name", "possible"),
    ]


def test_a_document_number_of_many_is_a_placeholder_and_says_so(room: Room) -> None:
    room.paper("un-1", "000000000", "kp")
    for n in range(21):
        room.account(f"a{n:02}", number="000000000", country="KP")
    made = room.match()
    assert {(m["level"], m["verdict"]) for m in made} == {("possible", "unknown")}
    assert json.loads(made[0]["facts"])["why"] == ["not used: 21 parties of the records hold it, more than 20"]


def test_a_listed_wallet_is_found_as_a_wallet_and_at_the_account_that_is_paid_there(room: Room) -> None:
    room.listed("ofac-27307", "Lazarus Group", schema="Organization")
    address = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"
    room.add("identifiers", party="party:ofac-27307", kind="wallet", value=address, ref="statement:w")
    room.add("identifiers", party="account:a", kind="wallet", value=address.lower(), ref="record:payouts:s:4")
    room.add("wallet_transfers", from_address="other", to_address=address.lower(), mapae_source="s", mapae_row=9)
    made = room.match()
    assert [(m["rule"], m["subject"], m["object"], m["level"], m["verdict"]) for m in made] == [
        ("screening.wallet", "account:a", "party:ofac-27307", "exact", "yes"),
        ("screening.wallet", f"wallet:{address.lower()}", "party:ofac-27307", "exact", "yes"),
    ]
    assert made[1]["because"] == ["record:payouts:s:4", "record:wallet_transfers:s:9", "statement:w"]


@pytest.mark.parametrize(("other", "hits"), [(str, 2), (str.swapcase, 0)])
def test_other_letters_in_an_address_that_tells_case_apart_are_another_wallet(
    room: Room, other: Callable[[str], str], hits: int
) -> None:
    address = "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h"
    room.listed("ofac-25308", "YAN Xiaobing")
    room.add("identifiers", party="party:ofac-25308", kind="wallet", value=address, ref="statement:w")
    room.add("identifiers", party="account:a", kind="wallet", value=other(address), ref="record:payouts:s:4")
    assert len(room.match()) == hits


def test_a_listed_party_is_no_subject_and_keyed_hashes_are_no_names(room: Room) -> None:
    room.listed("un-4", "RI Yong Mu")
    room.account("a", "hmac:ri yong mu")
    assert room.match() == []


def test_the_order_of_rows_changes_nothing(room: Room) -> None:
    for n, name in enumerate(["Ri Yong Mu", "리용무", "Lee Yongmu", "Abdulrahman Yasin", "Jin Hyok Park"]):
        room.account(f"a{n}", name, born="1925-01-25")
    again = room.match(shuffled=True)
    # Rows carry their own numbers, so only their order in the tables differs.
    assert room.match() == again
    assert len(again) == 5


def test_no_lists_and_no_records_give_an_empty_table() -> None:
    assert Room().match() == []


def test_short_numbers_say_nothing() -> None:
    pair = {
        "kind": "document", "holders": 1, "letters": 4, "paper": "passport", "country": "KP", "countries": ["kp"],
        "passport": True, "other": False,
    }  # fmt: skip
    assert judge(pair, named=True) is None
    assert judge({**pair, "letters": 5}, named=False) is not None
