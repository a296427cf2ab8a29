"""The honest side: found again in made-up counts, the same whatever the order of rows, never below its floor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapae.assessment import honest
from mapae.assessment.reach import by_code, code

CASE = np.array([[0.0, 0.5, 0.2, 0.2, 0.1], [0.0, 0.6, 0.2, 0.1, 0.1], [0.0, 0.5, 0.3, 0.1, 0.1]])
TRUE = np.array([[0.0, 0.93, 0.05, 0.015, 0.005], [0.0, 0.95, 0.03, 0.015, 0.005], [0.0, 0.9, 0.07, 0.02, 0.01]])
RHO = 0.013
EVERY = 7  # the set of all three levels
M = np.array([by_code(tuple(family)) for family in CASE])
U = np.array([by_code(tuple(family)) for family in TRUE])


def every_pattern() -> honest.Codes:
    """All patterns of three families in which all levels could be seen, unknown among them."""
    codes = [code(EVERY, level) for level in range(5)]
    return np.array([[a, b, c] for a in codes for b in codes for c in codes], dtype=np.int8)


def seen(u: honest.Floats) -> honest.Floats:
    """The shares on nothing, weak, medium, strong where all could be seen."""
    return u[..., code(EVERY, 1) : code(EVERY, 4) + 1]


def expected(side: honest.Honest, rho: float = RHO, total: int = 10_000_000) -> honest.Counts:
    """Counts as they would be, a fifth of each family unknown."""
    patterns = every_pattern()
    hidden = np.where(patterns == 0, 0.2, 0.8).prod(axis=1)
    fair = (honest.pattern_kinds(patterns, side.u) * side.pi).sum(axis=1)
    counts: honest.Counts = np.rint(
        total * hidden * (rho * honest.pattern_case(patterns, M) + (1 - rho) * fair)
    ).astype(np.int64)
    return counts


def test_one_kind_is_found_again_with_the_cases_taken_out() -> None:
    found = honest.estimate(every_pattern(), expected(honest.Honest(np.ones(1), U[None])), M, RHO)
    assert np.allclose(seen(found.u[0]), np.maximum(TRUE, CASE / 64)[:, 1:], atol=3e-4)
    raw = (1 - RHO) * TRUE + RHO * CASE
    assert abs(seen(found.u)[0, 0, 3] - TRUE[0, 4]) < abs(raw[0, 4] - TRUE[0, 4]) / 3


def test_two_kinds_are_told_apart() -> None:
    restless = TRUE.copy()
    restless[:, 2:] *= 8
    restless[:, 1] = 1 - restless[:, 2:].sum(axis=1)
    truth = honest.Honest(np.array([0.95, 0.05]), np.stack([U, [by_code(tuple(f)) for f in restless]]))
    found = honest.estimate(every_pattern(), expected(truth), M, RHO, kinds=2)
    assert found.pi[0] > 0.8 and abs(found.pi.sum() - 1) < 1e-12
    assert (seen(found.u)[1][:, 0] < seen(found.u)[0][:, 0]).all(), "settled people come first and show less"
    one = honest.estimate(every_pattern(), expected(truth), M, RHO)
    three_weak = np.full((1, 3), code(EVERY, 2), dtype=np.int8)
    with_two = (honest.pattern_kinds(three_weak, found.u) * found.pi).sum()
    assert with_two > 2 * honest.pattern_kinds(three_weak, one.u).sum(), (
        "a restless life explains several signs at once"
    )


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([1, 2]), st.integers(1, 10_000))
def test_rates_sum_to_one_stay_above_the_floor_and_ignore_order(chance: object, kinds: int, scale: int) -> None:
    patterns = every_pattern()
    draw = np.random.default_rng(chance.randrange(2**32))  # type: ignore[attr-defined]
    counts = draw.integers(0, scale, len(patterns))
    found = honest.estimate(patterns, counts, M, RHO, kinds)
    assert np.allclose(found.u.reshape(kinds, 3, 8, 4)[:, :, 1:].sum(axis=3), 1), "in every set of levels"
    assert (found.u[:, :, 1:] >= M[None, :, 1:] / 64 - 1e-12).all()
    order = draw.permutation(len(patterns))
    again = honest.estimate(patterns[order], counts[order], M, RHO, kinds)
    assert again.u.tobytes() == found.u.tobytes() and again.pi.tobytes() == found.pi.tobytes()


def test_three_kinds_and_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="1 or 2"):
        honest.estimate(every_pattern(), np.ones(125, dtype=np.int64), M, RHO, kinds=3)
    with pytest.raises(ValueError, match="patterns are"):
        honest.estimate(every_pattern(), np.ones(3, dtype=np.int64), M, RHO)
