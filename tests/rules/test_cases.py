"""Cases go through the reader and an engine, and a wrong rule fails its case."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pyarrow as pa
import pytest

from mapae.engine.answering import DuckDBAnswering
from mapae.model.errors import RuleRefused
from mapae.rules import load
from mapae.rules.asking import measure_rows, measure_rows_apart, pool_tables, seen_apart, with_persons
from mapae.rules.cases import local_breaches, read_cases, run_cases
from mapae.rules.filling import Given, filled
from mapae.rules.kinds import Catalogue, Indicator, Measure, load_catalogue
from mapae.sources.case_rows import read_rows


def only(*ids: str) -> Catalogue:
    """The catalogue with some of its measures and indicators, and no provision."""
    whole = load_catalogue()
    return dataclasses.replace(
        whole,
        measures={i: m for i, m in whole.measures.items() if i in ids},
        indicators={i: r for i, r in whole.indicators.items() if i in ids},
        provisions={},
    )


def rewritten(rule: Measure | Indicator, old: str, new: str) -> Measure | Indicator:
    assert old in rule.text
    data = load.load_text(rule.text.replace(old, new), str(rule.path))
    return dataclasses.replace(rule, data=data, text=rule.text.replace(old, new))


def failed(catalogue: Catalogue) -> list[str]:
    return [r.case for r in run_cases(catalogue, DuckDBAnswering(), read_rows) if not r.passed]


def test_a_threshold_moved_by_one_fails_the_near_misses() -> None:
    catalogue = only("travel", "network.impossible_travel")
    rule = catalogue.indicators["network.impossible_travel"]
    lower = rewritten(rule, "hops: {value: 2", "hops: {value: 1")
    higher = rewritten(rule, "hops: {value: 2", "hops: {value: 3")
    assert failed(catalogue) == []
    assert failed(dataclasses.replace(catalogue, indicators={rule.id: lower})) == ["once is one short"]
    assert failed(dataclasses.replace(catalogue, indicators={rule.id: higher})) == [
        "Lagos to Austin in ten minutes and back"
    ]


def test_a_result_says_what_was_expected_what_came_and_where_it_stands() -> None:
    catalogue = only("travel")
    rule = rewritten(catalogue.measures["travel"], "hop_m > 250.0", "hop_m > 0.0 - 250.0")
    results = run_cases(dataclasses.replace(catalogue, measures={"travel": rule}), DuckDBAnswering(), read_rows)
    wrong = [r for r in results if not r.passed]
    assert [(r.expected, r.got) for r in wrong[:1]] or results
    for result in results:
        assert result.path.name == "travel.yml"
        assert f"name: {result.case}" in result.path.read_text("utf-8").splitlines()[result.line - 1]


def test_rows_that_the_reader_rejects_fail_loudly() -> None:
    catalogue = only("travel")
    rule = rewritten(catalogue.measures["travel"], "2026-01-01T00:10Z, residential", "yesterday, residential")
    with pytest.raises(RuleRefused, match="keeps 1 of the 2 rows"):
        run_cases(dataclasses.replace(catalogue, measures={"travel": rule}), DuckDBAnswering(), read_rows)


def test_a_table_that_is_not_there_is_named_with_its_line() -> None:
    catalogue = only("travel")
    rule = rewritten(catalogue.measures["travel"], "given: {sign_ins:", "given: {sign_outs:")
    with pytest.raises(RuleRefused) as caught:
        run_cases(dataclasses.replace(catalogue, measures={"travel": rule}), DuckDBAnswering(), read_rows)
    assert caught.value.why == "sign_outs" and "travel.yml:" in caught.value.where


def test_each_case_has_accounts_of_its_own() -> None:
    cases = read_cases(only("travel", "network.impossible_travel"), read_rows)
    seen = [account for case in cases for account in case.accounts]
    assert len(seen) == len(set(seen)) and all("/" in account for account in seen)


def test_a_product_or_network_keeps_its_name_and_an_account_gets_one_of_the_cases_own() -> None:
    tables = load_catalogue().tables
    rows = [["tool", "anydesk"], ["network", "192.0.2.0/24"], ["tool", "a"], ["travel", "b"]]
    given = {
        "declared": Given(tables["declared"], ["kind", "subject"], rows, "here"),
        "sign_ins": Given(tables["sign_ins"], ["account_id", "happened_at"], [["a", "2026-01-01T00:00Z"]], "here"),
    }
    made = filled(tables, given, "c1")["declared"]
    assert [row[1] for row in made.rows] == ["anydesk", "192.0.2.0/24", "c1/a", "c1/b"]


LISTED = """\
measure: listed
title: Whether the list of others holds a value
grain: account
local: no
columns: {held: {type: int64, unit: rows}}
sql: |
  with lists as (select count(*) as held from watchlist)
  select a.account_id as account_id, l.held as held from accounts as a inner join lists as l on 1 = 1
rows: select account_id, 'accounts' as table_name, mapae_source, mapae_row from accounts
cases:
  - name: one row
    given: {accounts: [[account_id], [a]], watchlist: [[value, kind, source, valid_until], [w, wallet, x, 2026-12-31]]}
    expect: {held: "1"}
  - name: the same row in another case
    given: {accounts: [[account_id], [a]], watchlist: [[value, kind, source, valid_until], [w, wallet, x, 2026-12-31]]}
    expect: {held: "1"}
  - name: no list
    given: {accounts: [[account_id], [a]]}
    expect: {held: "0"}
"""


def test_equal_rows_that_name_nobody_stand_in_each_case_and_reach_no_other() -> None:
    listed = Measure(id="listed", path=Path("listed.yml"), text=LISTED, data=load.load_text(LISTED))
    catalogue = dataclasses.replace(only("persons"), measures={"listed": listed, **only("persons").measures})
    cases = [case for case in read_cases(catalogue, read_rows) if case.rule.id == "listed"]
    assert [case.apart for case in cases] == [False, False, True]
    assert [case.tables["watchlist"].num_rows for case in cases[:2]] == [1, 1]
    assert cases[0].tables["watchlist"]["mapae_unknown"].to_pylist() == [None]
    assert failed(catalogue) == []


def test_equal_rows_of_one_case_are_refused() -> None:
    catalogue = only("travel")
    text = LISTED.replace("[w, wallet, x, 2026-12-31]]", "[w, wallet, x, 2026-12-31], [w, wallet, x, 2026-12-31]]", 1)
    twice = Measure(id="listed", path=Path("listed.yml"), text=text, data=load.load_text(text))
    with pytest.raises(RuleRefused, match="keeps 1 of the 2 rows"):
        read_cases(dataclasses.replace(catalogue, measures={"listed": twice}), read_rows)


def test_a_column_that_no_table_has_is_refused() -> None:
    catalogue = only("travel")
    rule = rewritten(
        catalogue.measures["travel"],
        "given: {sign_ins: [[account_id, happened_at",
        "given: {sign_ins: [[account_id, hapened_at",
    )
    with pytest.raises(RuleRefused, match="a column that is not there") as caught:
        read_cases(dataclasses.replace(catalogue, measures={"travel": rule}), read_rows)
    assert "sign_ins has no column hapened_at" in str(caught.value.why)


@pytest.mark.parametrize("measure", ["watchlisted", "regions", "home_lines", "persons"])
def test_sets_asked_in_one_question_answer_as_each_of_them_alone(measure: str) -> None:
    catalogue, engine = load_catalogue(), DuckDBAnswering()
    asked = catalogue.measures[measure]
    cases = [case.tables for case in read_cases(catalogue, read_rows) if case.rule.id == measure]
    alone = [with_persons(catalogue, engine, pool_tables(catalogue, [tables])) for tables in cases]
    given = (
        cases
        if measure == "persons"
        else seen_apart(catalogue, engine, cases, pa.concat_tables([t["persons"] for t in alone]))
    )
    together = measure_rows_apart(catalogue, asked, engine, given)
    for rows, tables in zip(together, alone, strict=True):
        assert rows.num_rows and rows.to_pylist() == measure_rows(catalogue, asked, engine, tables).to_pylist()


GREEDY = """\
measure: greedy
title: Sign-ins on devices that another account uses too
grain: account
local: yes
columns: {shared: {type: int64, unit: sign-ins}}
sql: |
  select s.account_id as account_id, coalesce(count_if(o.holders > 1), 0) as shared
  from sign_ins as s
  left join (select device_id, count(distinct account_id) as holders from sign_ins group by device_id) as o on o.device_id = s.device_id
  group by s.account_id
rows: select account_id, 'sign_ins' as table_name, mapae_source, mapae_row from sign_ins
cases:
  - name: two accounts on one device
    subject: a
    given: {sign_ins: [[account_id, happened_at, device_id], [a, 2026-01-01T00:00Z, d], [b, 2026-01-02T00:00Z, d]]}
    expect: {shared: "1"}
"""


def test_a_measure_that_looks_at_others_and_says_local_is_found_out() -> None:
    greedy = Measure(id="greedy", path=Path("greedy.yml"), text=GREEDY, data=load.load_text(GREEDY))
    catalogue = dataclasses.replace(only(), measures={"greedy": greedy})
    assert failed(catalogue) == []
    breaches = local_breaches(catalogue, DuckDBAnswering(), read_rows)
    assert len(breaches) == 2 and all("two accounts on one device" in b for b in breaches)


def test_provisions_are_judged_by_whom_the_caller_hands_in() -> None:
    whole = dataclasses.replace(load_catalogue(), measures={}, indicators={})
    results = run_cases(whole, DuckDBAnswering(), read_rows, judge=lambda provision, case: str(case["answer"]))
    assert results and all(r.passed for r in results)
    assert run_cases(whole, DuckDBAnswering(), read_rows) == []
