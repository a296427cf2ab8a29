"""What could be seen decides what "nothing found" says: the less was looked at, the less it speaks for an account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from assessment_room import FAMILIES, assessed, ring, run
from hypothesis import given
from hypothesis import strategies as st
from test_weights_in_force import ONE, SHARES, TWO, counts

from mapae.assessment import honest
from mapae.assessment.checks import drift_check
from mapae.assessment.estimating import estimate
from mapae.assessment.reach import by_code, code, code_name, code_sql, level_of, reach_of, set_name, sets_of, within
from mapae.assessment.weights import Pattern, from_json
from mapae.model.errors import MapaeError
from mapae.rules.kinds import Indicator

WEAK_, MEDIUM_, STRONG_ = 1, 2, 4
CASE = (0.0, 0.54, 0.22, 0.18, 0.06)


def patchy(share: float = 0.5, seed: int = 3) -> dict[Pattern, int]:
    """Made-up accounts of whom many could be looked at for the medium level of the first family alone."""
    chance = np.random.default_rng(seed)
    made: dict[Pattern, int] = {}
    for pattern, number in sorted(counts(seed=seed).items()):
        cut = int(chance.binomial(number, share)) if level_of(pattern[0]) in (1, 3) else 0
        fewer = (code(MEDIUM_, level_of(pattern[0])), *pattern[1:])
        for one, n in ((pattern, number - cut), (fewer, cut)):
            if n:
                made[one] = made.get(one, 0) + n
    return made


PATCHY = estimate(patchy(), SHARES, 0.013)


def alone(told: int, at: int = 0) -> Pattern:
    """A pattern of one family."""
    return tuple(told if i == at else 0 for i in range(len(FAMILIES)))


@given(st.integers(1, 7), st.integers(1, 4))
def test_a_code_says_level_and_set(reach: int, level: int) -> None:
    told = code(reach, level)
    assert (reach_of(told), level_of(told)) == (reach, level) and 4 <= told < 32
    assert within(told, 7) == told and within(told, 0) == 0
    assert code_name(told).endswith(f" of {set_name(reach)}")
    assert code(reach, 0) == code(0, level) == 0


@given(st.lists(st.sampled_from([0.0, 0.1, 0.2]), min_size=3, max_size=3))
def test_case_shares_of_every_set_sum_to_one_and_what_cannot_be_seen_is_nothing_found(flagged: list[float]) -> None:
    case = (0.0, 1 - sum(flagged), *flagged)
    told = by_code(case)
    for reach in range(1, 8):
        within_set = told[code(reach, 1) : code(reach, 4) + 1]
        assert abs(sum(within_set) - (reach in sets_of(case))) < 1e-12
        for level in (2, 3, 4):
            seen = reach in sets_of(case) and reach >> (level - 2) & 1
            assert within_set[level - 1] == (case[level] if seen else 0)


def test_each_set_that_is_cut_adds_its_share_to_nothing() -> None:
    told = by_code(CASE)
    assert told[code(7, 1)] == pytest.approx(0.54) and told[code(MEDIUM_, 1)] == pytest.approx(0.82)
    assert told[code(WEAK_ + MEDIUM_, 1)] == pytest.approx(0.60) and told[code(STRONG_, 1)] == pytest.approx(0.94)


@given(st.data())
def test_the_table_of_answers_gives_the_set_of_known_answers_and_the_strongest_yes(data: st.DataObject) -> None:
    levels = ["weak", "weak", "medium", "strong", "strong"]
    made = [
        Indicator(id=f"money.sign{i}", path=Path("made up"), text="", data={"family": "money", "level": level})  # type: ignore[arg-type]
        for i, level in enumerate(levels)
    ]
    chosen = data.draw(st.lists(st.sampled_from(range(5)), min_size=1, max_size=5, unique=True))
    said = {i: data.draw(st.sampled_from(["yes", "no", "unknown"])) for i in chosen}
    answers = pa.table({"account_id": ["a"], **{f"money__sign{i}": [told] for i, told in said.items()}})
    con = duckdb.connect()
    con.register("answers", answers)
    got = con.execute(f"select money, network from ({code_sql([made[i] for i in sorted(chosen)])}) as x").fetchone()
    number = {"weak": (2, WEAK_), "medium": (3, MEDIUM_), "strong": (4, STRONG_)}
    reach = sum({number[levels[i]][1] for i, told in said.items() if told != "unknown"})
    level = max([1, *(number[levels[i]][0] for i, told in said.items() if told == "yes")])
    assert got == (code(reach, level), 0)


def test_nothing_found_speaks_less_where_less_was_looked_at() -> None:
    some, every = PATCHY.weigh(alone(code(MEDIUM_, 1)))[0], PATCHY.weigh(alone(code(7, 1)))[0]
    assert every < some < 0
    assert PATCHY.weigh(alone(code(STRONG_, 1)))[0] > some, "the strong level is rarer still among cases"
    assert PATCHY.weigh(alone(0))[0] == 0, "and nothing looked at weighs nothing"


def test_through_the_steps_an_account_with_one_sign_known_gets_a_weaker_nothing(tmp_path: Path) -> None:
    rows = {f"a{i:04}": {"behaviour": "no" if i % 2 else "no of medium"} for i in range(3_000)}
    rows |= {f"b{i}": {"behaviour": "medium"} for i in range(10)} | {"c": {"behaviour": "weak of weak"}}
    said = assessed(run(rows, folder=tmp_path))
    few, both, none = (json.loads(said[a]["facts"])["behaviour"] for a in ("a0000", "a0001", "c"))
    assert both < few < 0 < none
    assert said["a0000"]["families_seen"] == said["a0001"]["families_seen"] == 1


@pytest.mark.parametrize("kinds", [1, 2])
def test_each_set_has_honest_shares_of_its_own_and_bars_add_up(kinds: int) -> None:
    told = patchy()
    held = {reach: sum(n for p, n in told.items() if reach_of(p[0]) == reach) for reach in (MEDIUM_, 7)}
    stand = {reach: sum(n for p, n in told.items() if p[0] == code(reach, 3)) for reach in (MEDIUM_, 7)}
    assert min(held.values()) > 5_000
    for reach in (MEDIUM_, 7):
        raw = stand[reach] / held[reach]
        share = PATCHY.u[0][0][code(reach, 3)] / 1e9
        assert abs(share - max(raw, CASE[3] / 64)) < 0.15 * raw + 5e-4
    weights = estimate(told, SHARES, 0.013, kinds)
    for pattern in told:
        total, bars = weights.weigh(pattern[:-1])
        assert sum(bars.values()) == total


def test_a_set_that_few_accounts_have_is_drawn_toward_the_whole() -> None:
    base = counts()
    lone = {(*alone(code(MEDIUM_ + STRONG_, 4)), 0): 1}
    drawn = estimate({**base, **lone}, SHARES, 0.013).weigh(alone(code(MEDIUM_ + STRONG_, 4)))[0]
    assert drawn > 100, "one account that shows it does not make it usual"
    assert abs(drawn - ONE.weigh(alone(code(7, 4)))[0]) < 200


def test_a_set_that_the_weights_never_saw_is_weighed_by_the_whole_and_reported_as_drift() -> None:
    for weights in (ONE, TWO):
        new, known = weights.weigh(alone(code(STRONG_, 1)))[0], weights.weigh(alone(code(7, 1)))[0]
        assert known < new < 0
    assert drift_check(ONE, {(*alone(code(STRONG_, 1)), 0): 1_000})["verdict"] == "drifted"


def test_a_family_or_a_level_that_the_weights_never_saw_says_nothing() -> None:
    dark = estimate({(0, *p[1:]): n for p, n in counts().items()}, SHARES, 0.013)
    assert [dark.weigh(alone(code(7, level)))[0] for level in (1, 2, 3, 4)] == [0, 0, 0, 0]
    full = SHARES.families[0]
    cut = ((0.0, 1 - full[2], full[2], 0.0, 0.0), *SHARES.families[1:])
    few = estimate({(code(WEAK_, min(level_of(p[0]), 2)), *p[1:]): n for p, n in counts().items()},
                   type(SHARES)(cut, SHARES.control, SHARES.cap_bits), 0.013)  # fmt: skip
    assert few.weigh(alone(code(WEAK_ + STRONG_, 1))) == few.weigh(alone(code(WEAK_, 1))), "as good as not looked at"
    assert few.weigh(alone(code(STRONG_, 4)))[0] == few.weigh(alone(code(STRONG_, 1)))[0] == 0


def test_where_all_could_be_seen_sets_change_nothing() -> None:
    table = np.array([by_code(family) for family in SHARES.families])
    levels = np.array([p[:-1] for p in sorted(ONE.counts)], dtype=np.int8)
    numbers = np.array([ONE.counts[p] for p in sorted(ONE.counts)])
    found = honest.estimate(levels, numbers, table, 0.013)
    seen = np.bincount(levels[:, 0], weights=numbers, minlength=32)[28:]
    assert np.allclose(found.u[0, 0, 28:], seen / seen.sum(), atol=0.006)


def test_a_weights_file_records_the_sets_and_an_older_form_is_refused() -> None:
    told: dict[str, Any] = json.loads(PATCHY.text())
    assert from_json(told) == PATCHY
    assert set(told["u"][0]["network"]) == {set_name(reach) for reach in range(1, 8)}
    assert told["codes"]["8"] == "nothing of medium" and any(key[0] == "8" for key in told["counts"])
    with pytest.raises(MapaeError, match="older form"):
        from_json({k: v for k, v in told.items() if k != "codes"})


def test_who_holds_nothing_that_rings_are_found_by_is_not_called_alone(tmp_path: Path) -> None:
    rows = {f"a{i:03}": {"network": "no"} for i in range(300)}
    said = assessed(run(rows, rings=ring("r", ["a000", "a001"]), keyless=("a007",), folder=tmp_path))
    assert "control" in json.loads(said["a008"]["facts"]) and "control" not in json.loads(said["a007"]["facts"])
    assert said["a007"]["centibits"] > said["a008"]["centibits"]


def test_weights_have_a_row_for_every_set_that_answers_can_make(tmp_path: Path) -> None:
    made = run({"a": dict.fromkeys(FAMILIES, "no")}, folder=tmp_path)
    told = json.loads(pq.read_table(made["weights"]).to_pylist()[0]["text"])
    assert all(len(told["doors"]["platform"]["u"][0][family]) == 7 for family in FAMILIES)
