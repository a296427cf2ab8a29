"""Playbooks are data in a form, cited or marked, and say nothing that they may not."""

from __future__ import annotations

import re

import pytest

from mapae.casework import playbooks
from mapae.model.errors import RuleRefused
from mapae.reports.playbook import _band
from mapae.rules.kinds import CATALOGUE, load_catalogue

TEXT = (CATALOGUE / playbooks.FILE).read_text("utf-8")


def steps() -> list[playbooks.Step]:
    books = playbooks.shipped()
    return [
        *books.everybody,
        *books.never,
        *(one for band in (*books.bands, books.nexus) for one in (*band.check, *band.ask)),
    ]


def test_a_band_is_the_first_that_odds_and_families_reach() -> None:
    books = playbooks.shipped()
    titles = [books.band(odds, families).title for odds, families in ((1, 2), (0, 2), (500, 1), (-317, 1), (-318, 5))]
    assert titles == ["look first", "worth a look", "worth a look", "worth a look", "for the record"]


def test_every_step_is_cited_or_marked_and_every_citation_is_there() -> None:
    known = load_catalogue().citations
    cited = {key for one in (*steps(), *playbooks.shipped().blind) for key in one.cites}
    assert cited - set(known) == set()
    assert [one.say for one in steps() if one.mark == "sourced" and not one.cites] == []


def test_no_step_asks_after_what_is_never_an_input() -> None:
    barred = re.compile(r"nationality|ethnic|accent|origin|language|birthplace|race|religio|korea", re.I)
    never = {one.say for one in playbooks.shipped().never}
    assert [one.say for one in steps() if barred.search(one.say) and one.say not in never] == []


def test_a_table_that_would_show_something_is_a_table() -> None:
    tables = set(load_catalogue().tables)
    assert {table for one in playbooks.shipped().blind for table in one.shown_by} - tables == set()


def test_a_band_is_printed_with_its_reason_and_mark() -> None:
    assert "analysis" in _band(playbooks.shipped().bands[0])[0]


@pytest.mark.parametrize(
    ("change", "to"),
    [
        ("covert_hold:", "covert_holt:"),
        ('most_days: "90"', 'most_days: "a quarter"'),
        ("mark: sourced, cites: [ic3-2023-10-18]", "mark: sourced, cites: []"),
        ("mark: analysis", "mark: certain"),
        ('from_centibits: "-317"', 'from_centibits: "900"'),
        ('least_families: "0"', 'least_families: "1"'),
        ("counts_as: apart", "counts_as: perhaps"),
        ("doors: [employer]", "doors: [everyone]"),
    ],
)
def test_a_breach_of_form_is_refused_with_file_and_remedy(change: str, to: str) -> None:
    assert change in TEXT
    with pytest.raises(RuleRefused) as caught:
        playbooks.from_text(TEXT.replace(change, to, 1))
    assert caught.value.where.startswith("playbooks.yml:") and caught.value.do
    assert playbooks.of_run({"data": {playbooks.FILE: {"text": TEXT.replace(change, to, 1)}}}) == playbooks.shipped()
