"""Weights: bars add up exactly, unknown weighs nothing, no family beats its cap, and a file reads back as it was."""

from __future__ import annotations

import json

import numpy as np
from assessment_room import catalogue
from hypothesis import given
from hypothesis import strategies as st

from mapae.assessment.checks import drift_check, sum_check
from mapae.assessment.estimating import control_rates, estimate
from mapae.assessment.levels import FAMILIES, counted_indicators, shares
from mapae.assessment.reach import code
from mapae.assessment.weights import TAKEN_BACK, Pattern, from_json

SHARES = shares(catalogue().families, counted_indicators(catalogue()))


EVERY = 7  # the set of all three levels


def fully(*levels: int) -> Pattern:
    """A pattern in which every level could be seen wherever anything could."""
    return tuple(code(EVERY, level) for level in levels)


def counts(total: int = 40_000, seed: int = 7, restless: bool = False) -> dict[Pattern, int]:
    """Made-up accounts, all honest, some of them restless."""
    chance = np.random.default_rng(seed)
    rate = np.where((chance.random(total) < 0.05) & restless, 8.0, 1.0)
    made: dict[Pattern, int] = {}
    columns = []
    for _ in FAMILIES:
        draw = chance.random(total) / rate
        level = np.where(draw < 0.002, 4, np.where(draw < 0.01, 3, np.where(draw < 0.04, 2, 1)))
        columns.append(np.where(chance.random(total) < 0.25, 0, level))
    for row in zip(*columns, strict=True):
        key = (*fully(*(int(x) for x in row)), 0)
        made[key] = made.get(key, 0) + 1
    return made


ONE = estimate(counts(), SHARES, 0.013)
TWO = estimate(counts(restless=True), SHARES, 0.013, kinds=2)
CODES = st.builds(lambda reach, level: code(reach, level) if level < 2 or reach >> (level - 2) & 1 else 0,
                  st.integers(0, 7), st.integers(0, 4))  # fmt: skip
PATTERNS = st.tuples(*[CODES] * len(FAMILIES))


@given(PATTERNS)
def test_bars_add_up_exactly_to_the_weight(pattern: Pattern) -> None:
    for weights in (ONE, TWO):
        total, bars = weights.weigh(pattern)
        assert sum(bars.values()) == total
        assert set(bars) - {TAKEN_BACK} == {f for f, told in zip(FAMILIES, pattern, strict=True) if told}


@given(PATTERNS, st.integers(0, len(FAMILIES) - 1))
def test_unknown_weighs_nothing(pattern: Pattern, at: int) -> None:
    hidden = (*pattern[:at], 0, *pattern[at + 1 :])
    assert FAMILIES[at] not in ONE.weigh(hidden)[1]
    assert ONE.weigh(pattern)[0] - ONE.weigh(hidden)[0] == ONE.weigh(pattern)[1].get(FAMILIES[at], 0)
    assert ONE.weigh((0,) * len(FAMILIES)) == (0, {})
    assert TWO.weigh((0,) * len(FAMILIES)) == (0, {})


@given(PATTERNS)
def test_no_family_weighs_more_than_its_cap(pattern: Pattern) -> None:
    for weights in (ONE, TWO):
        bars = weights.weigh(pattern)[1]
        assert all(abs(bars[f]) <= 600 for f in FAMILIES if f in bars)
    assert all(ONE.control(level) <= 600 for level in range(5))


def test_one_family_alone_stays_below_the_prior() -> None:
    for weights in (ONE, TWO):
        for at in range(len(FAMILIES)):
            alone = fully(*(4 if i == at else 0 for i in range(len(FAMILIES))))
            assert weights.prior + weights.weigh(alone)[0] < 0


def test_finding_nothing_speaks_a_little_for_the_account() -> None:
    total, bars = ONE.weigh(fully(*[1] * len(FAMILIES)))
    assert all(-200 < bars[f] < 0 for f in FAMILIES) and total < 0


def test_a_restless_life_takes_bits_back() -> None:
    assert TWO.weigh(fully(2, 3, 2, 2, 0, 0, 0))[1][TAKEN_BACK] < -100


def test_a_weights_file_reads_back_as_it_was_and_is_named_after_its_text() -> None:
    again = from_json(json.loads(TWO.text()))
    assert again == TWO and again.name() == TWO.name() != ONE.name()
    assert "." not in "".join(c for c in TWO.text() if c in ".0123456789"), "whole numbers only"


def test_control_takes_the_cases_out_and_keeps_its_floor() -> None:
    rates = control_rates(np.array([9_700.0, 200.0, 80.0, 20.0]), np.array(SHARES.control), 0.013)
    assert abs(rates[1] - (0.02 - 0.013 * SHARES.control[1]) / 0.987) < 1e-12
    assert rates[3] == max((0.002 - 0.013 * SHARES.control[3]) / 0.987, 1e-5, SHARES.control[3] / 64)
    none = control_rates(np.zeros(4), np.array(SHARES.control), 0.013)
    assert list(none) == list(SHARES.control), "where no group could be seen, control says nothing"


def test_where_nobody_differs_the_base_rate_is_set_aside_and_the_check_says_so() -> None:
    assert ONE.rho < ONE.told / 4
    said = sum_check(ONE, [(ONE.weigh(p[:-1])[0], n) for p, n in ONE.counts.items()])
    assert said["verdict"] == "too shy" and "no case beyond chance" in said["says"]


def test_a_workspace_of_few_accounts_keeps_the_base_rate_told_and_is_not_judged() -> None:
    few = estimate(counts(200), SHARES, 0.013)
    assert few.rho == few.told == 13_000_000
    assert sum_check(few, [(0, 200)])["verdict"] == "not judged"
    assert estimate({}, SHARES, 0.013).rho == 13_000_000


def test_the_sum_check_is_judged_by_its_bounds() -> None:
    prior_only = [(0, 100_000)]
    assert sum_check(ONE, prior_only)["name"] == "sum_check"
    told = estimate(counts(200), SHARES, 0.013)
    assert sum_check(told, prior_only)["verdict"] == "ok" and sum_check(told, prior_only)["value"] in range(990, 1011)
    assert sum_check(told, [(100, 100_000)])["verdict"] == "too bold"
    assert sum_check(told, [(-100, 100_000)])["verdict"] == "too shy"


def test_drift_is_none_on_the_same_accounts_and_reported_on_others() -> None:
    assert drift_check(ONE, ONE.counts)["value"] == 0
    assert drift_check(ONE, counts(seed=8))["verdict"] == "ok"
    moved = {(*fully(*[3] * len(FAMILIES)), 0): 1000}
    assert drift_check(ONE, moved)["verdict"] == "drifted"
