"""Every row of the catalogue's blocks expires; a company's own way out is asked about and never assumed."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest

from mapae.model.errors import RuleRefused
from mapae.rules.kinds import load_catalogue
from mapae.rules.lookups import Lookup
from mapae.sources.addresses import blocks, fields
from mapae.sources.addresses.egress import Suspect, suspects
from mapae.sources.addresses.numbers import parse_range


def rows(name: str) -> list[dict[str, str | None]]:
    held = load_catalogue().lookups[name]
    return [dict(zip(held.columns, row, strict=True)) for row in held.rows]


def test_every_block_expires_and_says_its_source_and_guard() -> None:
    for row in rows("address_blocks"):
        assert dt.date.fromisoformat(row["valid_until"] or ""), row
        assert row["kind"] in ("cidr", "asn", "operator") and row["nexus"] in ("yes", "no"), row
        assert all(row[c] for c in ("says", "source", "seen", "guard", "mark")), row
        assert row["source"] in load_catalogue().citations, row
        assert row["kind"] != "cidr" or parse_range(row["value"] or ""), row


def test_the_dprks_own_block_is_the_only_nexus_among_addresses() -> None:
    assert [row["value"] for row in rows("address_blocks") if row["nexus"] == "yes"] == ["175.45.176.0/22"]


def test_a_block_of_a_nexus_without_an_end_is_refused() -> None:
    held = load_catalogue().lookups[blocks.NAME]
    first = list(held.rows[0])
    first[held.columns.index("valid_until")] = None
    with pytest.raises(RuleRefused, match="expires"):
        blocks.nexus_blocks(Lookup(held.name, held.path, held.columns, (tuple(first),), held.sha256))


def test_every_kind_of_the_list_of_words_is_one_of_the_table() -> None:
    assert {row.network_kind for row in fields.kind_rows()} <= set(fields.order())
    assert "corporate" not in {row.network_kind for row in fields.kind_rows()}


def asked(sign_ins: list[tuple[str, str, int]], declared: tuple[str, ...] = ()) -> list[Suspect]:
    """Suspects among sign-ins given as account, address and number."""
    con = duckdb.connect()
    con.execute("create table s (account_id varchar, ip varchar, ip_64 varchar, outcome varchar)")
    for account, ip, number in sign_ins:
        con.execute("insert into s select ?, ?, ?, 'success' from range(?)", [account, ip, ip, number])
    con.execute("insert into s select 'x' || range, '203.0.113.9', '203.0.113.9', 'failure' from range(10000)")
    return suspects(con, "s", load_catalogue(), declared)


OFFICE = [(f"a{n}", "198.51.100.7", 71) for n in range(10)]
HOMES = [(f"a{n}", f"192.0.2.{n}", 29) for n in range(10)]


def test_the_address_of_most_sign_ins_is_asked_about_with_its_share() -> None:
    found = asked(OFFICE + HOMES)
    assert found == [Suspect("198.51.100.7", 710, 10, 710)]
    assert (
        found[0].says
        == "one address carries 71 % of all sign-ins (198.51.100.7): corporate egress? mapae declare network 198.51.100.7"
    )


def test_what_is_declared_is_not_asked_about() -> None:
    assert asked(OFFICE + HOMES, ("198.51.100.0/24", "the office")) == []


def test_an_address_of_many_people_with_few_sign_ins_is_asked_about() -> None:
    homes = [(f"a{n}", f"192.0.2.{n}", 100) for n in range(60)]
    gateway = [(f"a{n}", "198.51.100.7", 1) for n in range(6)]
    assert [s.ip for s in asked(homes + gateway)] == ["198.51.100.7"]
    assert asked(homes + gateway[:5]) == []


def test_homes_of_a_small_company_are_not_asked_about() -> None:
    assert asked([("a", "192.0.2.1", 50), ("b", "192.0.2.1", 50), ("c", "192.0.2.2", 50)]) == []


def test_addresses_that_change_within_a_64_are_one() -> None:
    con = duckdb.connect()
    con.execute("create table s (account_id varchar, ip varchar, ip_64 varchar, outcome varchar)")
    con.execute(
        "insert into s select 'a' || range % 8, '2001:db8::' || range, '2001:db8::/64', 'success' from range(90)"
    )
    con.execute(
        "insert into s select 'a' || range % 8, '192.0.2.' || range % 8, '192.0.2.' || range % 8, 'success' from range(10)"
    )
    assert [s.ip for s in suspects(con, "s", load_catalogue())] == ["2001:db8::/64"]
    assert suspects(con, "s", load_catalogue(), ["2001:db8::/32"]) == []
