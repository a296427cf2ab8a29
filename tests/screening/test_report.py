"""The hit-rate report on a small made-up list."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from mapae import pipeline
from mapae.cli import screening as command
from mapae.screening import measured, ordinary, report
from mapae.screening.typing_errors import TREATMENTS, wrong
from mapae.store import workspace

MADE_UP = [
    ("party:1", "Valdemar Oxenstrand", "Person", "primary"),
    ("party:1", "Waldemar Oxenstrand", "Person", "strong"),
    ("party:2", "Ibrahim Quddusanov Talmasi", "Person", "primary"),
    ("party:3", "RI Yong Mu", "Person", "primary"),
    ("party:4", "Northern Grindstone Shipping Company", "Organization", "primary"),
    ("party:5", "Night Owl", "Person", "weak"),
    ("party:6", "Emma Smith", "Person", "primary"),
]


def test_an_error_is_one_change_and_seeded() -> None:
    for treatment in TREATMENTS:
        changed = wrong("Valdemar Oxenstrand", [treatment], 3)
        assert changed is not None and changed != "Valdemar Oxenstrand"
        assert changed == wrong("Valdemar Oxenstrand", [treatment], 3)
    assert wrong("Valdemar", ["join"], 3) is None
    assert sorted(wrong("Valdemar Oxenstrand", ["order"], 3).split()) == ["Oxenstrand", "Valdemar"]  # type: ignore[union-attr]


def test_rare_long_names_are_found_with_an_error() -> None:
    listed = measured.Listed(MADE_UP)
    targets = [t for t in measured.sample(MADE_UP, 100, 1) if t[0] in ("party:1", "party:2")]
    found = measured.recall(listed, targets, seed=1)
    total = found.total("plain", "another")
    assert total.of == 2 * len(TREATMENTS)
    assert total.found == total.of, found.missed


def test_recall_counts_a_name_that_is_not_listed_as_missed() -> None:
    listed = measured.Listed(MADE_UP[3:])
    found = measured.recall(listed, [("party:1", "Valdemar Oxenstrand", "Person")], seed=1)
    assert found.total("plain", "another").found == 0
    assert len(found.missed) == len(TREATMENTS)


def test_an_error_that_makes_another_syllable_is_set_apart() -> None:
    index = measured.Listed(MADE_UP).index
    assert measured.another(index, "RI Yong Mu", "RI Yang Mu")
    assert not measured.another(index, "RI Yong Mu", "RI Yyong Mu")
    assert measured.another(index, "Emma Oxenstrand", "Valdemar Oxenstrand")
    assert not measured.another(index, "Valdemar Oxenstrand", "Oxenstrand Valdemar")


def test_people_who_share_a_listed_name_are_counted_apart() -> None:
    found = measured.false_alerts(
        measured.Listed(MADE_UP), {"simulated": ["Smith Emma", "Jonas Ek", "Waldemar Oxenstrant"]}
    )
    assert (found["simulated"].people, found["simulated"].shares, found["simulated"].false) == (3, 1, 1)
    assert found["simulated"].rate == measured.Share(1, 2)


def test_a_weak_alias_counts_only_as_the_very_name() -> None:
    listed = measured.Listed(MADE_UP)
    assert listed.alerts(["Owl Night"])[0].parties == {"party:5"}
    assert listed.alerts(["Nigth Owl"]) == {}


def test_wilson_intervals_hold_the_known_values() -> None:
    low, high = measured.Share(8, 10).interval()
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert measured.Share(0, 0).interval() == (0.0, 1.0)


def test_simulated_people_are_many_and_repeatable() -> None:
    made = ordinary.people(300, 5)
    assert len(made) >= 12
    assert all(len(set(names)) == 300 for names in made.values())
    assert made == ordinary.people(300, 5)


def test_the_report_says_what_it_rests_on() -> None:
    made = report.measure(MADE_UP, [("made_up", "2026-01-01", 6)], most=10, each=20, seed=1)
    text = report.text(made)
    assert text == report.text(report.measure(MADE_UP, [("made_up", "2026-01-01", 6)], most=10, each=20, seed=1))
    for needed in ("simulated", "threshold: 10.0 bits", "made_up, 2026-01-01, 6 parties", "| substitute |", "| all | "):
        assert needed in text


def test_the_command_measures_the_lists_of_the_last_run(tmp_path: Path) -> None:
    space = workspace.init(tmp_path)
    entities = [
        {"id": "sim-1", "schema": "Person", "properties": {"name": ["Valdemar Oxenstrand"]}, "datasets": ["made_up"]},
        {"id": "sim-1-s", "schema": "Sanction", "properties": {"entity": ["sim-1"]}, "datasets": ["made_up"]},
    ]
    (space.inputs / "list.ftm.json").write_text("".join(json.dumps(e) + "\n" for e in entities), "utf-8")
    pipeline.run(space.root)
    out = tmp_path / "report.md"
    told = CliRunner().invoke(command.screening, ["report", str(space.root), "--people", "5", "--out", str(out)])
    assert told.exit_code == 0, told.output
    assert "| one error, all | 100.0 (" in out.read_text("utf-8")
