"""The catalogue that is shipped: in its form, its cases true, its inputs lawful."""

from __future__ import annotations

import dataclasses

import pytest

from mapae.determinations.apply import answer_case
from mapae.engine.answering import DuckDBAnswering
from mapae.rules import check as whole
from mapae.rules import citations, lock
from mapae.rules.answers import used
from mapae.rules.cases import local_breaches, measures_of, run_cases
from mapae.rules.kinds import Catalogue, load_catalogue
from mapae.rules.sql import check
from mapae.sources.case_rows import read_rows

# Columns that say, or let one guess, ethnicity, origin, language, birthplace, looks, sex or age: never an input.
NEVER = {
    *("nationality_declared", "date_of_birth", "display_name", "legal_name", "photo_phash", "browser_languages"),
    *("display_name_folded", "legal_name_folded", "id_document_country", "worker_nationality", "destination_name"),
    *("phone", "email", "browser_timezone", "claimed_timezone", "headline", "profile_text", "resume_text", "text"),
}
# Two statements of one account about its clock, which the measure ``clock`` holds against each other: what counts is that
# they contradict each other, never which zone either of them names. No other measure may read them.
CLOCKS = {"claimed_timezone", "browser_timezone"}
# An address or number that others have warned of is looked for as a whole; what it looks like says nothing.
LOOKED_UP = {"email", "phone"}
ALLOWED = {"clock": CLOCKS, "watchlisted": LOOKED_UP}
# Columns that no indicator asks for: ``persons`` and ``doors`` are read by linkage, by the assessment (which base rate
# holds) and by the seen forms of all tables; the others show in words what a measure counts.
ASKED_ELSEWHERE = {"persons.person_id", "persons.principal", "persons.basis", "doors.door"}
SHOWN = {"rhythm.sign_ins", "control.remote_sign_ins", "bidding.bid_days", "payout_places.payouts"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def test_every_rule_keeps_to_its_contract(catalogue: Catalogue) -> None:
    locked = set(lock.check(catalogue))
    assert [p for p in whole.problems(catalogue) if p not in locked] == []


def test_every_rule_is_as_the_lock_says(catalogue: Catalogue) -> None:
    assert lock.check(catalogue) == [], "write the lock anew with mapae.rules.lock.write after the review"


def test_every_case_of_measures_and_indicators_comes_out_as_written(catalogue: Catalogue) -> None:
    results = run_cases(catalogue, DuckDBAnswering(), read_rows)
    assert len(results) >= 3 * len(catalogue.indicators) + len(catalogue.measures)
    assert [r for r in results if not r.passed] == []


def test_every_case_of_a_provision_comes_out_as_written(catalogue: Catalogue) -> None:
    law = dataclasses.replace(catalogue, measures={}, indicators={})
    results = run_cases(law, DuckDBAnswering(), read_rows, judge=answer_case)
    assert len(results) >= 2 * len(catalogue.provisions)
    assert [r for r in results if not r.passed] == []


def test_measures_that_say_local_answer_each_account_from_its_own_records(catalogue: Catalogue) -> None:
    assert local_breaches(catalogue, DuckDBAnswering(), read_rows) == []


def test_eight_indicators_of_at_least_five_families(catalogue: Catalogue) -> None:
    assert len(catalogue.indicators) >= 8
    assert len({i.family for i in catalogue.indicators.values()}) >= 5
    assert {i.level for i in catalogue.indicators.values()} == {"strong", "medium", "weak"}


def test_no_measure_reads_what_may_never_be_an_input(catalogue: Catalogue) -> None:
    for indicator in catalogue.indicators.values():
        for measure in measures_of(catalogue, indicator):
            never = NEVER - ALLOWED.get(measure.id, set())
            for table, columns in check(measure.sql, path=measure.path).tables.items():
                assert not never & set(columns), f"{indicator.id} reads {never & set(columns)} of {table}"


def test_the_clock_is_read_only_as_two_statements_that_contradict_each_other(catalogue: Catalogue) -> None:
    assert {"claimed_timezone", "browser_timezone"} <= NEVER
    sql = " ".join(catalogue.measures["clock"].sql.split())
    for column in sorted(CLOCKS):
        uses = sql.count(column)
        assert uses == sql.count(f"at time zone a.{column}") + sql.count(f"at time zone s.{column}") == 1
    assert not any("zone" in column.name for column in catalogue.measures["clock"].columns if column.type == "string")


def test_an_address_or_number_is_only_held_against_a_list(catalogue: Catalogue) -> None:
    sql = catalogue.measures["watchlisted"].sql
    assert LOOKED_UP <= NEVER and "regexp" not in sql
    assert sql.count("split_part") == sql.count("split_part(a.email, '@', 2) as domain") == 1


def test_no_indicator_names_a_country(catalogue: Catalogue) -> None:
    import re

    for indicator in catalogue.indicators.values():
        for measure in measures_of(catalogue, indicator):
            assert not re.search(r"country[a-z_ ]*(?:=|in)\s*\(?'", measure.sql)


def test_pay_to_another_country_stays_weak(catalogue: Catalogue) -> None:
    assert catalogue.indicators["money.elsewhere"].level == "weak"


def test_every_column_of_a_measure_is_asked_for_or_shown(catalogue: Catalogue) -> None:
    asked = {m: set() for m in catalogue.measures}  # type: dict[str, set[str]]
    for indicator in catalogue.indicators.values():
        for measure, columns in used(catalogue, indicator).items():
            asked[measure] |= set(columns)
            asked[measure] |= {c.name for c in catalogue.measures[measure].columns if f"{{{c.name}}}" in indicator.says}
    idle = {f"{m}.{c.name}" for m, rule in catalogue.measures.items() for c in rule.columns if c.name not in asked[m]}
    assert idle <= ASKED_ELSEWHERE | SHOWN
    assert idle >= ASKED_ELSEWHERE


def test_citations_that_nobody_has_read_are_known(catalogue: Catalogue) -> None:
    assert all(citations.UNREAD in citations.shown(catalogue, key) for key in citations.unread(catalogue))
    cited = {key for i in catalogue.indicators.values() for key in i.cites}
    assert not cited & set(citations.unread(catalogue))
