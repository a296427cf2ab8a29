"""Mutated rules: what is changed, what counts as noticed, and that the rules shipped here notice nearly all."""

from __future__ import annotations

import dataclasses

import pytest
from click.testing import CliRunner

from mapae.cli.rules import rules
from mapae.determinations.apply import answer_case
from mapae.engine.answering import DuckDBAnswering
from mapae.rules import load
from mapae.rules.answers import cell_sql
from mapae.rules.kinds import Catalogue, Provision, load_catalogue
from mapae.rules.mutate import Mutant, Trial, mutants_of, mutate
from mapae.rules.mutate_law import mutate_laws
from mapae.sources.case_rows import read_rows

RULE = "document.check_failed"


def catalogue_of(rule: str = RULE) -> Catalogue:
    """The catalogue with one indicator."""
    whole = load_catalogue()
    return dataclasses.replace(whole, indicators={rule: whole.indicators[rule]}, provisions={})


def rewritten(catalogue: Catalogue, changes: dict[str, str], rule: str = RULE) -> Catalogue:
    """The catalogue with parts of its one indicator's text replaced."""
    one = catalogue.indicators[rule]
    text = one.text
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    made = dataclasses.replace(one, data=load.load_text(text, str(one.path)), text=text)
    return dataclasses.replace(catalogue, indicators={rule: made})


def changes_of(catalogue: Catalogue, rule: str = RULE) -> list[str]:
    return [mutant.change for mutant in mutants_of(catalogue, catalogue.indicators[rule])]


def trial(catalogue: Catalogue) -> Trial:
    return mutate(catalogue, DuckDBAnswering(), read_rows)


def test_each_condition_is_deleted_negated_and_moved_by_one_either_way() -> None:
    made = changes_of(catalogue_of())
    assert sorted(made) == sorted(
        [
            "known_when: not (checks.document_checks >= 1)",
            "known_when: without checks.document_checks >= 1",
            "known_when: 0 and not 1 in checks.document_checks >= 1",
            "known_when: 2 and not 1 in checks.document_checks >= 1",
            "when: not (checks.open_mismatches >= :mismatches)",
            "when: not (checks.open_failures >= :failures)",
            "when: without checks.open_mismatches >= :mismatches",
            "when: without checks.open_failures >= :failures",
            ":mismatches is 0 and not 1",
            ":mismatches is 2 and not 1",
            ":failures is 2 and not 3",
            ":failures is 4 and not 3",
        ]
    )


def test_brackets_nots_and_true_columns_are_conditions_too() -> None:
    changed = rewritten(
        catalogue_of(),
        {
            "when: checks.open_mismatches >= :mismatches or checks.open_failures >= :failures": (
                "when: (checks.open_mismatches >= :mismatches or checks.open_failures >= :failures) and not checks.open_mismatches is null"
            )
        },
    )
    made = changes_of(changed)
    assert "when: without (checks.open_mismatches >= :mismatches OR checks.open_failures >= :failures)" in made
    assert any(change.startswith("when: without not") for change in made)
    whole = load_catalogue()
    rhythm = next(i for i in whole.indicators.values() if "rhythm.declared_team" in i.when)
    assert "when: not (rhythm.declared_team)" in changes_of(whole, rhythm.id)


def test_a_factor_that_only_changes_the_unit_is_no_threshold() -> None:
    whole = load_catalogue()
    made = [m.change for m in mutants_of(whole, whole.indicators["money.elsewhere"])]
    assert not [change for change in made if "99 and not" in change or "101 and not" in change]
    assert ":percent is 49 and not 50" in made


def test_no_mutant_is_the_rule_itself_and_none_stands_twice() -> None:
    whole = load_catalogue()
    for indicator in whole.indicators.values():
        cells = [mutant.sql for mutant in mutants_of(whole, indicator)]
        assert len(cells) == len(set(cells))
        own = cell_sql(whole, indicator)
        assert own.replace(".", "__") not in [cell.replace(".", "__") for cell in cells], indicator.id


def test_near_misses_kill_and_their_absence_lets_survive() -> None:
    full = trial(catalogue_of())
    assert {m.change: m.killed_by for m in full.mutants}[":failures is 2 and not 3"] == "two failures are one short"
    start = "  - name: two failures are one short"
    end = "  - name: a poor camera, and then it passed"
    text = load_catalogue().indicators[RULE].text
    gone = text[text.index(start) : text.index(end)]
    poorer = trial(rewritten(catalogue_of(), {gone: ""}))
    assert ":failures is 2 and not 3" in [m.change for m in poorer.survivors]
    assert ":failures is 2 and not 3" not in [m.change for m in full.survivors]


def test_a_survivor_names_the_line_of_what_was_changed() -> None:
    made = {m.change: m for m in mutants_of(load_catalogue(), load_catalogue().indicators[RULE])}
    lines = load_catalogue().indicators[RULE].text.splitlines()
    assert "failures: {value: 3" in lines[made[":failures is 2 and not 3"].line - 1]
    assert lines[made["known_when: without checks.document_checks >= 1"].line - 1].startswith("known_when:")


@pytest.mark.parametrize(
    ("killed", "survived", "status", "passed"),
    [(19, 1, "test", True), (18, 2, "test", False), (99, 1, "stable", False), (20, 0, "stable", True)],
)
def test_ninety_five_per_cent_and_none_of_a_stable_rule(killed: int, survived: int, status: str, passed: bool) -> None:
    path = load_catalogue().indicators[RULE].path
    alive = Mutant("a.b", status, "", "", path, 1)
    dead = dataclasses.replace(alive, killed_by="a case")
    made = Trial((*[dead] * killed, *[alive] * survived))
    assert made.passed is passed
    assert made.by_rule() == {"a.b": (killed, survived)}


def test_all_mutants_of_all_indicators_are_one_select() -> None:
    asked: list[str] = []

    class Counting(DuckDBAnswering):
        def sql(self, sql: str, tables: object) -> object:  # type: ignore[override]
            asked.append(sql)
            return super().sql(sql, tables)  # type: ignore[arg-type]

    trial_of = mutate(catalogue_of(), Counting(), read_rows)
    assert len([sql for sql in asked if "from cases as cases" in sql]) == 1
    assert len(trial_of.mutants) > 10 and len(asked) < 5


def test_the_command_prints_each_rule_and_its_survivors_with_their_lines() -> None:
    done = CliRunner().invoke(rules, ["test", "--mutate", "document.mismatch_again"], standalone_mode=False)
    assert done.return_value == 0, done.output
    assert "document.mismatch_again" in done.output and "0 survived" in done.output
    wrong = CliRunner().invoke(rules, ["test", "--mutate", "no.such_rule"], standalone_mode=False)
    assert wrong.exception is not None and "no.such_rule" in str(wrong.exception)


def test_a_provision_is_tried_by_its_days_elements_and_exceptions() -> None:
    made = mutate_laws(load_catalogue(), answer_case, "us.eo13722.s2a4")
    told = {m.change: m.killed_by for m in made}
    assert told["in force from 2016-03-15 and not 2016-03-16"] == "the day before the order is in force"
    assert told["element exportation negated: for and against exchanged"]
    assert "result without the element worker" in told and "without the exception official-business" in told
    for mutant in made:
        assert mutant.rule == "us.eo13722.s2a4" and mutant.path.name == "eo13722.2a4.yml" and mutant.line > 1


def test_a_case_that_asks_for_what_a_mutant_lacks_notices_it() -> None:
    whole = load_catalogue()
    provision = whole.provisions["us.eo13722.s2a4"]

    def asks(mutated: Provision, case: load.Mapping) -> str:
        return {str(e["id"]): str(case["answer"]) for e in mutated.data.get("exceptions", ())}["official-business"]

    made = mutate_laws(dataclasses.replace(whole, provisions={provision.id: provision}), asks)
    assert [m.change for m in made if m.killed_by] == ["without the exception official-business"]
