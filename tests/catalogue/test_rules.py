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
            for table, columns in check(measure.sql, path=measure.path).tables.items():
                assert not NEVER & set(columns), f"{indicator.id} reads {NEVER & set(columns)} of {table}"


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
    assert idle <= {"rhythm.sign_ins", "control.remote_sign_ins", "bidding.bid_days", "payout_places.payouts"}


def test_citations_that_nobody_has_read_are_known(catalogue: Catalogue) -> None:
    assert all(citations.UNREAD in citations.shown(catalogue, key) for key in citations.unread(catalogue))
    cited = {key for i in catalogue.indicators.values() for key in i.cites}
    assert not cited & set(citations.unread(catalogue))
