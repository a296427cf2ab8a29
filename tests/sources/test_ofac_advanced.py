"""OFAC's advanced XML: every field that is used comes out, the published counts to the one, the damage refused."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapae.model.dates import parse_partial
from mapae.model.errors import InputRefused
from mapae.model.statements import SCHEMA
from mapae.rules.kinds import CATALOGUE, ListRule, read_rule
from mapae.sources import ofac_advanced
from mapae.sources.date_ranges import MOST_YEARS, prefixes
from mapae.sources.statement_rows import ListReading

SMALL = Path(__file__).parent / "lists" / "advanced.xml"
SOURCE = "0123456789abcdef"
# Counts of shared/data/README.md: parties, and parties with a DPRK* programme.
COUNTS = {
    "2024-05-28": (14984, 489),
    "2024-12-19": (16983, 509),
    "2025-07-01": (17509, 514),
    "2025-08-27": (17815, 522),
    "2025-11-19": (18348, 538),
}


def rule() -> ListRule:
    made = read_rule(CATALOGUE / "lists" / "us_ofac_sdn.yml", "list", ListRule)
    assert isinstance(made, ListRule)
    return made


def rows(reading: ListReading) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = reading.tables["statements"].read_all().to_pylist()
    return made


@pytest.fixture(scope="module")
def small() -> ListReading:
    return ofac_advanced.read(SMALL, rule(), SOURCE)


@pytest.fixture(scope="module")
def said(small: ListReading) -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    """Entity to property to value to statement."""
    made: dict[str, dict[str, dict[str, dict[str, Any]]]] = {}
    for row in rows(small):
        made.setdefault(row["entity_id"], {}).setdefault(row["prop"], {})[row["value"]] = row
    return made


def test_date_dataset_and_source_stand_on_the_reading(small: ListReading) -> None:
    assert small.snapshot == dt.date(2026, 3, 4) and small.dataset == "us_ofac_sdn"
    assert small.tables["statements"].schema == SCHEMA


def test_records_are_counted_and_what_is_broken_is_said(small: ListReading) -> None:
    assert small.counts.read == 9 and small.counts.rejected == 2 and small.counts.balanced()
    refused = small.tables["rejected/statements"].to_pylist()
    assert [(r["mapae_row"], r["column"]) for r in refused] == [(4, "FixedRef"), (8, "ProfileRelationship")]


def test_a_list_out_of_all_expectation_is_noted(small: ListReading) -> None:
    assert any("parties are 3" in note for note in small.notes)


def test_names_keep_script_kind_and_quality(said: Any) -> None:
    party = said["ofac-7"]
    assert {v: s["origin"] for v, s in party["name"].items()} == {
        "EXEMPLAR Il Ho": "primary/name/Latn",
        "예일호": "primary/name/Hang",
    }
    assert party["weakAlias"]["THE WELDER"]["origin"] == "weak/aka/Latn"
    assert party["previousName"]["FORMER, Name"]["origin"] == "strong/fka/Latn"
    assert set(party["lastName"]) >= {"EXEMPLAR", "예"} and "Il Ho" in party["firstName"]


def test_birth_dates_are_ranges_with_their_original(said: Any) -> None:
    births = said["ofac-7"]["birthDate"]
    assert births["1961"]["origin"] == "circa" and births["1961"]["original_value"] == "1961-01-01/1961-12-31"
    assert [births[y]["original_value"] for y in ("1982", "1983", "1984")] == ["1982-01-01/1984-12-31"] * 3


def test_places_and_countries_become_codes_and_keep_their_words(said: Any) -> None:
    party = said["ofac-7"]
    assert party["nationality"]["kp"]["original_value"] == "Korea, North"
    assert "Nationality Country: undetermined" in party["notes"], "what is no country is kept as a note"
    assert "Sinuiju, North Korea" in party["birthPlace"] and "kp" in party["birthCountry"]


def test_addresses_are_entities_in_each_script(said: Any) -> None:
    trade = said["ofac-9"]
    assert set(trade["address"]) == {"1 Example Street, Room 2, Pyongyang, Korea, North", "평양"}
    assert set(trade["country"]) == {"kp", "pw"}, "a place of which only the country is known is a country"
    address = said[next(iter(trade["addressEntity"]))]
    assert "Pyongyang" in address["city"] and "평양" in address["city"] and "kp" in address["country"]


def test_papers_have_holder_type_country_days_and_validity(said: Any) -> None:
    assert said["ofac-7"]["passportNumber"]["P123"]["origin"] == "Passport (fraudulent)"
    assert "C-9" in said["ofac-7"]["idNumber"]
    paper = said["ofac-7-document-2"]
    assert paper["number"]["P123"]["schema"] == "Passport"
    assert {p: set(v) for p, v in paper.items() if p in ("holder", "country", "endDate", "authority", "summary")} == {
        "holder": {"ofac-7"},
        "country": {"kp"},
        "endDate": {"2030-01-02"},
        "authority": {"Example Office"},
        "summary": {"seized"},
    }


def test_ships_have_numbers_that_check_flags_and_an_owner(said: Any) -> None:
    ship = said["ofac-8"]
    assert set(ship["imoNumber"]) == {"9187629"} and "IMO 1234560" in ship["registrationNumber"]
    assert "kp" in ship["flag"] and "Bulk Carrier" in ship["type"] and "HMXX" in ship["callSign"]
    assert "Former Vessel Flag: None Identified" in ship["notes"]
    owned = [e for e in said.values() if "owner" in e and "ofac-8" in e.get("asset", {})]
    assert len(owned) == 1
    owner = said[next(iter(owned[0]["owner"]))]
    assert "Example Shipping Ltd" in owner["name"] and "topics" not in owner, "named in words, not itself listed"


def test_contacts_wallets_and_remarks_come_out(said: Any) -> None:
    party = said["ofac-7"]
    assert "Someone@example.org" in party["email"] and "+8613102808677" in party["phone"] and "male" in party["gender"]
    wallet = said["ofac-wallet-1SimulatedAddressXxxxxxxxxxxxxxxxx"]
    assert {p: set(v) for p, v in wallet.items()} == {
        "publicKey": {"1SimulatedAddressXxxxxxxxxxxxxxxxx"},
        "currency": {"BTC"},
        "holder": {"ofac-7"},
    }
    assert set(party["notes"]) >= {
        "told of by a newspaper",
        "Secondary sanctions risk: North Korea Sanctions Regulations, sections 510.201 and 510.210",
        "Email Address: no address",
        "Something New: of a kind that is new",
        "Title: Minister (marked false by the publisher)",
        "Digital Currency Address - XBT: seen in 2025",
    }
    assert "position" not in party, "what the publisher marks false is no fact"


def test_relations_keep_their_direction_role_and_former(said: Any) -> None:
    owned = said["ofac-relation-1"]
    assert set(owned["asset"]) == {"ofac-9"} and set(owned["owner"]) == {"ofac-7"}
    assert said["ofac-9"]["name"]["EXAMPLE TRADING"]["schema"] == "Company", "what is owned is an asset"
    agent = said["ofac-relation-2"]
    assert set(agent["agent"]) == {"ofac-7"} and set(agent["client"]) == {"ofac-9"}
    assert (
        set(agent["description"]) == {"former", "quality of the relation: high"}
        and "since the founding" in agent["summary"]
    )
    odd = said["ofac-relation-3"]
    assert odd["subject"]["ofac-7"]["schema"] == "UnknownLink" and "Family member of" in odd["role"], (
        "a ship has no family"
    )


def test_entries_keep_tag_basis_and_day(said: Any, small: ListReading) -> None:
    entry = said["ofac-7-sanction-7"]
    assert set(entry["program"]) == {"DPRK3", "CYBER2"} and set(said["ofac-7"]["programId"]) == {"DPRK3", "CYBER2"}
    assert set(entry["reason"]) == {"Executive Order 13722 (North Korea)"} and set(entry["provisions"]) == {"Block"}
    assert set(entry["listingDate"]) == {"2018-09-13"}, "30 February is no day and is left out"
    assert entry["entity"]["ofac-7"]["mapae_row"] == 9 and said["ofac-7"]["name"]["예일호"]["mapae_row"] == 1
    assert small.figures["nexus"] == 1 and small.figures["nexus:Person"] == 1 and small.figures["program:DPRK3"] == 1


def test_ids_are_unique_and_a_second_reading_gives_the_same(small: ListReading) -> None:
    again = ofac_advanced.read(SMALL, rule(), SOURCE).tables["statements"].read_all()
    assert again.equals(ofac_advanced.read(SMALL, rule(), SOURCE).tables["statements"].read_all())
    assert len(set(again["id"].to_pylist())) == again.num_rows


@given(since=st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)), days=st.integers(0, 40 * 366))
def test_a_range_is_covered_by_its_dates_and_each_touches_it(since: dt.date, days: int) -> None:
    until = since + dt.timedelta(min(days, (dt.date.max - since).days))
    made = [parse_partial(text) for text in prefixes(since, until)]
    if not made:
        assert until.year - since.year >= MOST_YEARS
        return
    assert made == sorted(made)
    assert (
        made[0].since is not None and made[0].since <= since and made[-1].until is not None and made[-1].until >= until
    )
    for before, after in itertools.pairwise(made):
        assert before.until is not None and after.since == before.until + dt.timedelta(1), "no day between is left out"
    assert all(r.since is not None and r.until is not None and r.since <= until and r.until >= since for r in made)


def test_a_range_that_runs_backwards_is_none() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        prefixes(dt.date(2000, 1, 2), dt.date(2000, 1, 1))


TEXT = SMALL.read_bytes()
PIECES = (
    b"",
    b"<x/>",
    b"</Profile>",
    b"-1",
    b"9999999999",
    b"\xff",
    b"&amp;",
    b"&e;",
    b"]]>",
    b"0000",
    b"\x00",
    b"ID",
    b'"',
)


@given(
    at=st.integers(0, len(TEXT) - 1), gone=st.integers(0, 400), piece=st.sampled_from(PIECES), end=st.integers(0, 3000)
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_gives_a_reading_or_a_refusal_and_nothing_else(
    tmp_path: Path, at: int, gone: int, piece: bytes, end: int
) -> None:
    path = tmp_path / "damaged.xml"
    path.write_bytes((TEXT[:at] + piece + TEXT[at + gone :])[: None if end < 2000 else -end])
    try:
        reading = ofac_advanced.read(path, rule(), SOURCE)
    except InputRefused:
        return
    assert reading.counts.balanced() and reading.snapshot is not None
    assert reading.tables["statements"].read_all().num_rows > 0


def test_another_xml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.xml"
    path.write_text("<Sanctions><Nothing/></Sanctions>", "utf-8")
    with pytest.raises(InputRefused, match="no list of OFAC"):
        ofac_advanced.read(path, rule(), SOURCE)


def newest(shared: Path, date: str = "2025-11-19") -> ListReading:
    path = shared / "lists" / "us" / f"sdn_advanced_{date}.xml.bz2"
    assert path.is_file(), "the list is missing from ../shared/data"
    return ofac_advanced.read(path, rule(), SOURCE)


def test_the_newest_list_gives_the_published_counts(shared: Path) -> None:
    reading = newest(shared)
    figures = reading.figures
    assert reading.snapshot == dt.date(2025, 11, 19) and reading.counts.rejected == 0 and reading.notes == []
    assert (figures["parties"], figures["nexus"], figures["names"]) == (18348, 538, 48461)
    tags = {tag: figures[f"program:{tag}"] for tag in ("DPRK", "DPRK2", "DPRK3", "DPRK4", "DPRK-NKSPEA", "NPWMD")}
    assert tags == {"DPRK": 69, "DPRK2": 124, "DPRK3": 160, "DPRK4": 190, "DPRK-NKSPEA": 2, "NPWMD": 1127}
    kinds = {kind: figures[f"nexus:{kind}"] for kind in ("Person", "Organization", "Vessel", "Airplane")}
    assert kinds == {"Person": 193, "Organization": 224, "Vessel": 105, "Airplane": 16}
    table = reading.tables["statements"].read_all()
    listed = {r["entity_id"] for r in table.filter(_is(table, "topics")).to_pylist()}
    assert len(listed) == 18348, "the statements tell the same as the figures"
    tagged = {
        r["entity_id"]
        for r in table.filter(_is(table, "programId")).to_pylist()
        if r["schema"] != "Sanction" and r["value"].startswith("DPRK")
    }
    assert len(tagged) == 538
    assert len(set(table["id"].to_pylist())) == table.num_rows


def _is(table: Any, prop: str) -> Any:
    import pyarrow.compute as pc

    return pc.equal(table["prop"], prop)


@pytest.mark.slow
@pytest.mark.parametrize("date", sorted(set(COUNTS) - {"2025-11-19"}))
def test_older_lists_give_the_published_counts(shared: Path, date: str) -> None:
    reading = newest(shared, date)
    assert (reading.figures["parties"], reading.figures["nexus"]) == COUNTS[date]
    assert reading.snapshot == dt.date.fromisoformat(date) and reading.counts.rejected == 0
