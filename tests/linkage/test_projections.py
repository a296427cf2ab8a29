"""The projections identifiers and edges: each row of theirs points to the row or statement that it rests on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from mapae.indicators.measures import projection_step, schema_of
from mapae.model.statements import SCHEMA
from mapae.rules.kinds import load_catalogue

DAY = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)


class Records:
    """Record tables and statements, empty but for what a test puts there."""

    def __init__(self) -> None:
        self.catalogue = load_catalogue()
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def put(self, table: str, *rows: dict[str, Any], source: str = "s1") -> None:
        held = self.rows.setdefault(table, [])
        for row in rows:
            held.append({"mapae_source": source, "mapae_row": len(held) + 1, **row})

    def say(self, entity: str, schema: str, **props: str) -> None:
        for prop, value in props.items():
            blank = {f.name: "" for f in SCHEMA} | {"external": False}
            self.put("statements_now", blank | {
                "id": f"{entity}.{prop}", "entity_id": entity, "schema": schema, "prop": prop, "value": value,
                "mapae_source": "list", "mapae_row": 1,
            })  # fmt: skip

    def _schema(self, view: str) -> pa.Schema:
        if view == "statements_now":
            return SCHEMA
        if view in self.catalogue.measures:
            measure = self.catalogue.measures[view]
            return schema_of(measure.columns, first=measure.key)
        lookup = self.catalogue.lookups.get(view)
        return lookup.schema() if lookup else self.catalogue.tables[view].schema()

    def project(self, name: str) -> list[dict[str, Any]]:
        step = projection_step(self.catalogue, self.catalogue.projections[name])
        con = duckdb.connect()
        con.execute("set timezone = 'UTC'")
        for table in step.reads:
            view = table.split("/")[-1]
            schema = self._schema(view)
            loose = pa.schema([pa.field(f.name, f.type) for f in schema])
            con.register(view, pa.Table.from_pylist(self.rows.get(view, []), schema=loose))
        assert step.sql is not None
        ordered = f"select * from ({step.sql}) order by {', '.join(step.order[step.writes[0]])}"
        rows: list[dict[str, Any]] = con.sql(ordered).to_arrow_table().cast(step.schema[step.writes[0]]).to_pylist()
        return rows


@pytest.fixture
def records() -> Records:
    return Records()


def values(rows: list[dict[str, Any]], kind: str) -> list[tuple[str, str, str]]:
    return [(r["party"], r["value"], r["ref"]) for r in rows if r["kind"] == kind]


def test_a_device_is_once_per_account_with_its_first_successful_sign_in(records: Records) -> None:
    made = [
        {"account_id": "a", "device_id": "D", "happened_at": DAY, "outcome": o}
        for o in ("failure", "success", "success")
    ]
    records.put("sign_ins", *made)
    records.put("sign_ins", made[1], source="s0")
    assert values(records.project("identifiers"), "device") == [("account:a", "D", "record:sign_ins:s0:4")]


def test_failed_sign_ins_link_nobody(records: Records) -> None:
    records.put("sign_ins", {"account_id": "a", "device_id": "D", "happened_at": DAY, "outcome": "denied"})
    assert values(records.project("identifiers"), "device") == []


def test_a_crypto_destination_is_a_payout_and_a_wallet(records: Records) -> None:
    records.put(
        "payouts",
        {"payout_id": "1", "account_id": "a", "happened_at": DAY, "destination_id": "bc1q", "method": "crypto"},
    )
    rows = records.project("identifiers")
    assert values(rows, "payout") == values(rows, "wallet") == [("account:a", "bc1q", "record:payouts:s1:1")]


def test_short_texts_are_not_compared_and_long_ones_by_hash_alone(records: Records) -> None:
    text = "worked with all kinds of systems " * 8
    for name, said in (("a", text), ("b", text), ("c", "react developer")):
        records.put("accounts", {"account_id": name, "platform": "x", "resume_text_folded": said})
    found = values(records.project("identifiers"), "text")
    assert [party for party, _, _ in found] == ["account:a", "account:b"]
    assert len({value for _, value, _ in found}) == 1 and text not in found[0][1]


def test_a_sub_address_has_its_mailbox_beside_it(records: Records) -> None:
    records.put("accounts", {"account_id": "a", "platform": "x", "email": "m+1@x.org", "email_root": "m@x.org"})
    records.put("accounts", {"account_id": "b", "platform": "x", "email": "m@x.org", "email_root": "m@x.org"})
    rows = records.project("identifiers")
    assert [v for _, v, _ in values(rows, "email")] == ["m+1@x.org", "m@x.org"]
    assert [v for _, v, _ in values(rows, "email_root")] == ["m@x.org"]


def test_listed_wallets_papers_and_ships_identify_their_holders(records: Records) -> None:
    records.say("ofac-1", "Person", passportNumber="P1")
    records.say("pass-1", "Passport", holder="ofac-1", number="P2")
    records.say("w-1", "CryptoWallet", publicKey="bc1q", holder="ofac-1")
    records.say("ship", "Vessel", imoNumber="IMO9187629")
    rows = records.project("identifiers")
    assert [(p, v) for p, v, _ in values(rows, "document")] == [("party:ofac-1", "P1"), ("party:ofac-1", "P2")]
    assert values(rows, "wallet") == [("party:ofac-1", "bc1q", "statement:w-1.publicKey")]
    assert values(rows, "vessel") == [("party:ship", "9187629", "statement:ship.imoNumber")]


def test_payouts_to_one_destination_are_one_relation_with_their_sum_and_days(records: Records) -> None:
    for n, (day, cents) in enumerate([(DAY, 100), (DAY + dt.timedelta(days=40), 250), (DAY, 50)]):
        records.put("payouts", {"payout_id": str(n), "account_id": "a", "happened_at": day, "destination_id": "iban",
            "method": "bank", "amount_usd_cents": cents}, source=f"s{2 - n}")  # fmt: skip
    (edge,) = records.project("edges")
    assert (edge["from_ref"], edge["to_ref"], edge["role"], edge["cents"]) == (
        "account:a",
        "party:iban",
        "paid_to",
        400,
    )
    assert (edge["since"], edge["until"]) == (DAY.date(), DAY.date() + dt.timedelta(days=40))
    assert edge["ref"] == "record:payouts:s0:3"


def test_ownership_points_to_the_owner_and_wallets_to_their_holder(records: Records) -> None:
    records.put("ownership", {"owner_id": "mother", "owned_id": "daughter", "since": dt.date(2020, 1, 1)})
    records.say("w-1", "CryptoWallet", publicKey="bc1q", holder="ofac-1")
    found = {(r["from_ref"], r["to_ref"], r["role"], r["ref"]) for r in records.project("edges")}
    assert found == {
        ("party:daughter", "party:mother", "owned_by", "record:ownership:s1:1"),
        ("wallet:bc1q", "party:ofac-1", "held_by", "statement:w-1.holder"),
    }


@pytest.mark.parametrize(
    ("schema", "start", "end", "role"),
    [
        ("Ownership", "asset", "owner", "owned_by"),
        ("Directorship", "organization", "director", "directed_by"),
        ("Employment", "employee", "employer", "works_for"),
        ("Representation", "agent", "client", "acts_for"),
        ("Membership", "member", "organization", "member_of"),
        ("Family", "person", "relative", "family_of"),
        ("Associate", "person", "associate", "associated_with"),
        ("UnknownLink", "subject", "object", "linked_to"),
    ],
)
def test_relations_of_the_lists_point_towards_who_stands_behind(
    records: Records, schema: str, start: str, end: str, role: str
) -> None:
    records.say("rel", schema, **{start: "one", end: "other", "startDate": "2017-05-01", "endDate": "2019"})
    (edge,) = records.project("edges")
    assert (edge["from_ref"], edge["to_ref"], edge["role"]) == ("party:one", "party:other", role)
    assert edge["since"] == dt.date(2017, 5, 1) and edge["until"] is None and edge["ref"] == f"statement:rel.{end}"


def test_every_role_of_the_edges_is_known_to_tracing(records: Records) -> None:
    import re

    from mapae.rules.load import load_file

    known = set(load_file(records.catalogue.root / "tracing.yml")["roles"])
    written = "\n".join(records.catalogue.projections["edges"].origins.values())
    used = (
        set(re.findall(r"'([a-z_]+)' as role", written)) | set(re.findall(r"then '([a-z_]+)'", written)) | {"linked_to"}
    )
    assert used <= known and known - used == {"matched_to"}
