"""The UN consolidated list: every field that is used comes out, the published counts to the one, the damage refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapae.model.errors import InputRefused
from mapae.rules.kinds import CATALOGUE, ListRule, read_rule
from mapae.sources import un
from mapae.sources.statement_rows import ListReading

SMALL = Path(__file__).parent / "lists" / "un.xml"
SOURCE = "0123456789abcdef"


def rule() -> ListRule:
    made = read_rule(CATALOGUE / "lists" / "un_sc_consolidated.yml", "list", ListRule)
    assert isinstance(made, ListRule)
    return made


@pytest.fixture(scope="module")
def small() -> ListReading:
    return un.read(SMALL, rule(), SOURCE)


@pytest.fixture(scope="module")
def said() -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    """Entity to property to value to statement."""
    made: dict[str, dict[str, dict[str, dict[str, Any]]]] = {}
    for row in un.read(SMALL, rule(), SOURCE).tables["statements"].read_all().to_pylist():
        made.setdefault(row["entity_id"], {}).setdefault(row["prop"], {})[row["value"]] = row
    return made


def test_counts_date_and_refusals_stand_on_the_reading(small: ListReading) -> None:
    assert small.snapshot == dt.date(2026, 3, 4) and small.dataset == "un_sc_consolidated"
    assert (small.counts.read, small.counts.kept, small.counts.rejected) == (3, 2, 1)
    assert small.tables["rejected/statements"].to_pylist()[0]["mapae_row"] == 2
    assert small.figures["nexus"] == 1 and small.figures["names"] == 8


def test_names_keep_quality_kind_and_script(said: Any) -> None:
    party = said["un-101"]
    assert {v: s["origin"] for v, s in party["name"].items()} == {
        "EXEMPLAR IL HO": "primary/name/Latn",
        "예일호": "primary/original/Hang",
    }
    assert party["alias"]["Yil Ho Exemplar"]["origin"] == "strong/aka/Latn"
    assert (
        party["weakAlias"]["The Welder"]["origin"] == "weak/aka/Latn"
        and "Alias The Welder: call sign" in party["notes"]
    )
    assert party["previousName"]["Old Name"]["origin"] == "strong/fka/Latn"
    assert set(said["un-202"]["alias"]) == {"EXAMPLE TRADING", "EXAMPLE HOLDING", "Exatrade"}, (
        "two names in one are also two"
    )
    assert "First Example Bank" in said["un-202"]["previousName"]


def test_birth_dates_are_ranges_and_what_is_no_date_is_a_note(said: Any) -> None:
    party = said["un-101"]
    assert {v: s["origin"] for v, s in party["birthDate"].items()} == {
        "1944-10-13": "exact",
        "1961": "circa",
        "1970": "between",
        "1971": "between",
        "1972": "between",
        "1980": "alias",
    }
    assert party["birthDate"]["1971"]["original_value"] == "1970-01-01/1972-12-31"
    assert {"Date of birth: by his brother", "Date of birth: 1960-02-31"} <= set(party["notes"])


def test_countries_places_and_papers_come_out(said: Any) -> None:
    party = said["un-101"]
    assert set(party["nationality"]) == {"kp"} and "Nationality: Possibly Atlantis" in party["notes"]
    assert "Sinuiju, Democratic People's Republic of Korea" in party["birthPlace"] and set(party["birthCountry"]) == {
        "kp"
    }
    assert set(party["country"]) == {"kp", "sy"} and len(party["addressEntity"]) == 1
    assert "previous address" in said[next(iter(party["addressEntity"]))]["remarks"]
    assert set(party["passportNumber"]) == {"P77"} and set(party["idNumber"]) == {"N-1"}
    paper = next(e for e in said.values() if "P77" in e.get("number", {}))
    assert (
        set(paper["country"]) == {"cn"}
        and set(paper["startDate"]) == {"2011-12-07"}
        and set(paper["holder"]) == {"un-101"}
    )
    assert set(party["title"]) == {"Dr."} and set(party["position"]) == {"Director of Example Trading"}
    assert "Simulated. Second line." in party["notes"]


def test_the_entry_keeps_reference_programme_and_days(said: Any) -> None:
    entry = said["un-101-sanction"]
    kept = {
        p: set(v) for p, v in entry.items() if p in ("program", "unscId", "listingDate", "modifiedAt", "description")
    }
    assert kept == {
        "program": {"DPRK"},
        "unscId": {"KPi.999"},
        "listingDate": {"2016-03-02"},
        "modifiedAt": {"2022-07-26"},
        "description": {"submitted by Germany"},
    }


@pytest.mark.parametrize(
    "text", ["<CONSOLIDATED_LIST dateGenerated='2026-01-01'/>", "<CONSOLIDATED_LIST><INDIVIDUAL/></CONSOLIDATED_LIST>"]
)
def test_a_list_without_entries_or_day_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "un.xml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputRefused):
        un.read(path, rule(), SOURCE)


TEXT = SMALL.read_bytes()
PIECES = (b"", b"<x/>", b"</INDIVIDUAL>", b"-1", b"9999999999", b"\xff", b"&e;", b"0000", b"\x00", b";")


@given(
    at=st.integers(0, len(TEXT) - 1), gone=st.integers(0, 300), piece=st.sampled_from(PIECES), end=st.integers(0, 3000)
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_gives_a_reading_or_a_refusal_and_nothing_else(
    tmp_path: Path, at: int, gone: int, piece: bytes, end: int
) -> None:
    path = tmp_path / "damaged.xml"
    path.write_bytes((TEXT[:at] + piece + TEXT[at + gone :])[: None if end < 2000 else -end])
    try:
        reading = un.read(path, rule(), SOURCE)
    except InputRefused:
        return
    assert reading.counts.balanced() and reading.tables["statements"].read_all().num_rows > 0


@pytest.mark.parametrize(("date", "people", "entities"), [("2022-09-15", 699, 253), ("2026-02-27", 730, 273)])
def test_the_real_lists_give_the_published_counts(shared: Path, date: str, people: int, entities: int) -> None:
    reading = un.read(shared / "lists" / "un" / f"un_consolidated_{date}.xml.xz", rule(), SOURCE)
    figures = reading.figures
    assert (figures["kind:Person"], figures["kind:Organization"], figures["nexus"]) == (people, entities, 155)
    assert reading.snapshot == dt.date.fromisoformat(date) and reading.counts.rejected == 0 and reading.notes == []
    table = reading.tables["statements"].read_all()
    assert len(set(table["id"].to_pylist())) == table.num_rows
