"""Conditions in three-valued logic, and the one select that answers all indicators."""

from __future__ import annotations

import dataclasses

import duckdb
import pytest

from mapae.model.errors import RuleRefused
from mapae.rules import load
from mapae.rules.answers import cell_sql, condition, indicators_sql, says_columns, used
from mapae.rules.kinds import Catalogue, Indicator, load_catalogue
from mapae.rules.sql import check


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def changed(catalogue: Catalogue, **values: str) -> Indicator:
    travel = catalogue.indicators["network.impossible_travel"]
    data = load.Mapping(travel.data)
    data.lines, data.text_lines = travel.data.lines, travel.data.text_lines
    data.update(values)
    return dataclasses.replace(travel, data=data)


@pytest.mark.parametrize(
    ("fixed", "hops", "answer"),
    [
        *((2, 2, "yes"), (2, 1, "no"), (1, 5, "unknown"), (1, 0, "unknown")),
        *((None, None, "unknown"), (None, 5, "unknown"), (5, None, "unknown")),
    ],
)
def test_what_cannot_be_known_is_unknown_and_never_no(
    catalogue: Catalogue, fixed: int | None, hops: int | None, answer: str
) -> None:
    cell = cell_sql(catalogue, catalogue.indicators["network.impossible_travel"])
    row = "select cast(? as bigint) as fixed_sign_ins, cast(? as bigint) as impossible_hops"
    assert duckdb.execute(f"select {cell} from ({row}) as travel", [fixed, hops]).fetchall() == [(answer,)]


def test_an_account_of_which_no_measure_knows_anything_is_unknown_throughout(catalogue: Catalogue) -> None:
    con = duckdb.connect()
    con.execute("create table accounts as select 'a' as account_id")
    for measure in catalogue.measures.values():
        columns = ", ".join(f"cast(null as {c.type}) as {c.name}" for c in measure.columns)
        con.execute(f"create table {measure.id} as select 'b' as account_id, {columns}")
    row = con.execute(indicators_sql(catalogue)).fetchall()[0]
    assert row == ("a", *["unknown"] * len(catalogue.indicators))


def test_the_one_select_keeps_to_the_list_of_the_gate(catalogue: Catalogue) -> None:
    gives = check(indicators_sql(catalogue), path="answers").gives
    assert list(gives) == ["account_id", *(i.column for i in catalogue.indicators.values())]


def test_drafts_and_retired_ones_are_not_answered(catalogue: Catalogue) -> None:
    for status in ("draft", "retired"):
        one = changed(catalogue, status=status)
        other = dataclasses.replace(catalogue, indicators={**catalogue.indicators, one.id: one})
        assert one.column not in indicators_sql(other)


def test_measures_and_columns_of_a_condition_are_taken_from_its_tree(catalogue: Catalogue) -> None:
    travel = catalogue.indicators["network.impossible_travel"]
    assert used(catalogue, travel) == {"travel": ("fixed_sign_ins", "impossible_hops")}
    assert says_columns(catalogue, travel) == {"impossible_hops": "travel"}


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("speed.hops >= 2", "no measure is called 'speed'"),
        ("travel.speed >= 2", "no column 'speed'"),
        ("travel.impossible_hops >= :many", "no parameter is called :many"),
        ("impossible_hops >= 2", "no measure"),
        ("travel.impossible_hops >= 2.5", "no whole number"),
        ("travel.impossible_hops = 'x'", "no whole number"),
        ("travel.impossible_hops >= (select 1)", "SELECT"),
        ("random() > travel.impossible_hops", "RAND"),
        ("travel.impossible_hops / 2 > 1", "/"),
        ("travel.impossible_hops >= ", "Expected|Required|parse"),
        ("1 = 1; drop table accounts", "."),
    ],
)
def test_a_condition_that_is_more_than_a_condition_is_refused(catalogue: Catalogue, when: str, why: str) -> None:
    import re

    with pytest.raises(RuleRefused) as caught:
        condition(catalogue, changed(catalogue, when=when), "when")
    assert re.search(why, caught.value.why)
    line = catalogue.indicators["network.impossible_travel"].data.line_of("when")
    assert caught.value.where.endswith(f"impossible_travel.yml:{line}")
    assert caught.value.do


def test_a_sentence_that_names_what_its_conditions_do_not_read_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(RuleRefused, match="cannot be filled"):
        says_columns(catalogue, changed(catalogue, says="{bids} bids"))
    with pytest.raises(RuleRefused, match="cannot be read"):
        says_columns(catalogue, changed(catalogue, says="{bids"))
