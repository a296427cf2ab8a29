"""No group of simulated ordinary people is troubled by name alone more than three times in a thousand."""

from __future__ import annotations

import csv
import lzma
from pathlib import Path

import pytest

from mapae.rules.kinds import load_catalogue
from mapae.screening import measured, ordinary
from mapae.sources import un

EACH, MOST_PER_1000 = 500, 3
QUALITIES = {"name": "primary", "alias": "strong", "previousName": "strong", "weakAlias": "weak"}


def _un(file: Path) -> set[tuple[str, str, str, str]]:
    rule = next(r for r in load_catalogue().lists.values() if r.data["format"] == "un")
    rows = [row for batch in un.read(file, rule, "0" * 16).tables["statements"] for row in batch.to_pylist()]
    return {
        (r["entity_id"], r["value"], r["schema"], QUALITIES[r["prop"]])
        for r in rows
        if r["prop"] in QUALITIES and r["value"]
    }


def _sdn(file: Path) -> set[tuple[str, str, str, str]]:
    """Primary names of the list's own CSV form, which is quicker to read than its XML."""
    with lzma.open(file, "rt", encoding="latin-1", newline="") as lines:
        rows = [row for row in csv.reader(lines) if len(row) > 2]
    schema = {"individual": "Person", "vessel": "Vessel", "aircraft": "Airplane"}
    return {(f"ofac-{r[0]}", r[1], schema.get(r[2].strip(' "'), "Organization"), "primary") for r in rows}


@pytest.fixture(scope="module")
def listed(shared: Path) -> measured.Listed:
    """The newest UN list and the newest SDN list at hand in CSV, indexed."""
    lists = shared / "lists"
    uns, sdns = sorted(lists.glob("un/un_consolidated_*.xml.xz")), sorted(lists.glob("us-history/sdn_*.csv.xz"))
    if not uns or not sdns:
        pytest.skip("the UN and SDN lists are not in ../shared/data/lists")
    return measured.Listed(sorted(_un(uns[-1]) | _sdn(sdns[-1])))


@pytest.mark.xfail(reason="Arabic, Pakistani and other groups are still above the line", strict=False)
def test_no_group_of_ordinary_people_is_above_three_alerts_in_a_thousand(listed: measured.Listed) -> None:
    groups = measured.false_alerts(listed, ordinary.people(EACH, seed=7))
    assert len(groups) >= 12
    # A rate is above the line where its interval is: with 500 people one alert more or less decides nothing.
    above = {
        group: (found.rate.text(1000), found.examples[:5])
        for group, found in groups.items()
        if found.rate.interval()[0] * 1000 > MOST_PER_1000
    }
    assert not above
