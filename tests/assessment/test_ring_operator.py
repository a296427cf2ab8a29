"""A ring is one operator: weighed by the mean of its members, control once, membership in doubt counted as doubt."""

from __future__ import annotations

import pytest
from test_weights_in_force import SHARES, counts, fully

from mapae.assessment.estimating import estimate
from mapae.assessment.operators import (
    FIVE_AND_MORE,
    Member,
    control_level,
    declared_groups,
    undeclared,
    weigh_alone,
    weigh_ring,
)
from mapae.model.amounts import permille, probability

GROUPS = {(*fully(*[1] * 7), control): n for control, n in ((1, 30_000), (2, 300), (3, 100), (4, 30))}
WEIGHTS = estimate({**{(*p[:-1], 1): n for p, n in counts().items()}, **GROUPS}, SHARES, 0.013)
LOUD, QUIET, DARK = fully(2, 3, 1, 2, 1, 1, 1), fully(*[1] * 7), (0,) * 7


def ring(patterns: list[tuple[int, ...]], mu: int = 1000) -> list[Member]:
    return [Member(f"a{i}", f"person:p{i}", mu, pattern) for i, pattern in enumerate(patterns)]


def test_members_are_averaged_and_never_added_up() -> None:
    few, many = (
        weigh_ring(WEIGHTS, ring([LOUD] * 5), FIVE_AND_MORE),
        weigh_ring(WEIGHTS, ring([LOUD] * 50), FIVE_AND_MORE),
    )
    assert few["a0"].centibits == many["a0"].centibits
    assert few["a0"].bars["control"] == WEIGHTS.control(FIVE_AND_MORE) > 0


def test_a_member_that_nothing_is_known_of_does_not_thin_the_ring() -> None:
    with_dark = weigh_ring(WEIGHTS, ring([LOUD] * 5 + [DARK]), FIVE_AND_MORE)
    assert with_dark["a0"].centibits == weigh_ring(WEIGHTS, ring([LOUD] * 6), FIVE_AND_MORE)["a0"].centibits
    assert with_dark["a5"].centibits == with_dark["a0"].centibits, "who shows nothing is weighed with its ring"


@pytest.mark.parametrize("mu", [0, 1, 370, 950, 1000])
def test_doubt_about_membership_is_counted_as_doubt_and_bars_still_add_up(mu: int) -> None:
    said = weigh_ring(WEIGHTS, ring([LOUD] * 5 + [QUIET], mu), FIVE_AND_MORE)
    alone = weigh_alone(WEIGHTS, QUIET, 1)
    sure = weigh_ring(WEIGHTS, ring([LOUD] * 5 + [QUIET]), FIVE_AND_MORE)["a5"]
    between = mu / 1000 * probability(WEIGHTS.prior + sure.centibits)
    between += (1 - mu / 1000) * probability(WEIGHTS.prior + alone.centibits)
    assert abs(permille(WEIGHTS.prior + said["a5"].centibits) - 1000 * between) <= 4
    for one in said.values():
        assert sum(one.bars.values()) == one.centibits


def test_what_is_declared_or_one_person_has_no_level_of_control() -> None:
    assert [control_level(n) for n in (0, 1, 2, 3, 4, 5, 40)] == [0, 0, 2, 3, 3, 4, 4]
    assert undeclared(["p", "p", "p"], []) == 1
    assert undeclared(["a", "b", "c"], [frozenset("abc")]) == 1
    assert undeclared(["a", "b", "c", "d"], [frozenset("ab"), frozenset("bc")]) == 2
    assert undeclared(["a", "b"], [frozenset("xyz")]) == 2
    said = weigh_ring(WEIGHTS, ring([QUIET] * 3), control_level(1))["a0"]
    assert "control" not in said.bars


def test_declared_names_may_be_accounts_or_persons() -> None:
    person_of = {"a1": "person:p1", "a2": "account:a2"}
    groups = declared_groups([("a1", ["person:p9"]), ("account:a2", ["a1"])], person_of)
    assert groups == [frozenset({"person:p1", "person:p9"}), frozenset({"account:a2", "person:p1"})]


def test_a_quiet_ring_is_not_accused_for_being_a_ring() -> None:
    assert weigh_ring(WEIGHTS, ring([QUIET] * 8), FIVE_AND_MORE)["a0"].centibits + WEIGHTS.prior < 0
