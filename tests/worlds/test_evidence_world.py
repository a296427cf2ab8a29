"""The world of flags alone: rates as told, levels that follow from the flags."""

from __future__ import annotations

import numpy as np
import pytest

from mapae.worlds import evidence_world as ew


def test_shares_are_as_told() -> None:
    world = ew.pattern_world(100_000, 1)
    assert world.case.mean() == pytest.approx(0.013)
    assert (world.levels[:, :6] == ew.UNKNOWN).mean() == pytest.approx(0.25, abs=0.005)
    assert (world.levels[:, 6] == ew.UNKNOWN).all()


def test_a_level_is_that_of_the_strongest_flag_and_unknown_has_none() -> None:
    world = ew.pattern_world(5_000, 2)
    strongest = np.where(world.flags, ew.LEVEL, ew.NOTHING).max(axis=2)
    assert (world.levels[:, :6][world.seen] == strongest[world.seen]).all()
    assert not world.flags[~world.seen].any()


def test_flags_of_one_family_go_together_and_families_do_not() -> None:
    world = ew.pattern_world(200_000, 3)
    honest = world.flags[~world.case & world.seen[:, :2].all(axis=1)]
    one, same, other = honest[:, 0, 0], honest[:, 0, 1], honest[:, 1, 1]
    assert same[one].mean() > 5 * same.mean()
    assert other[one].mean() < 1.6 * other.mean()


def test_the_harsher_world_has_honest_people_with_many_families() -> None:
    plain, harsh = ew.pattern_world(100_000, 4), ew.pattern_world(100_000, 4, harsher=True)

    def many(world: ew.PatternWorld) -> float:
        return float(((world.levels[~world.case] >= ew.WEAK).sum(axis=1) >= 3).mean())

    assert many(harsh) > 3 * many(plain)


def test_rings_have_three_to_ten_members_and_honest_people_stand_in_groups_too() -> None:
    world = ew.pattern_world(100_000, 5, rings=True)
    sizes = np.bincount(world.group[world.ring])
    sizes = sizes[sizes > 0]
    assert sizes[:-1].min() >= 1 and np.median(sizes) >= 3 and sizes.max() <= 10
    assert world.ring.mean() == pytest.approx(0.010, rel=0.02)
    assert ((world.group >= 0) & ~world.case).sum() / (~world.case).sum() == pytest.approx(0.02, rel=0.02)


def test_the_same_seed_gives_the_same_world() -> None:
    one, two = ew.pattern_world(2_000, 9), ew.pattern_world(2_000, 9)
    assert (one.flags == two.flags).all() and (one.levels == two.levels).all()
    assert not (one.flags == ew.pattern_world(2_000, 10).flags).all()


def test_a_tiny_world_is_refused() -> None:
    with pytest.raises(ValueError, match="1,000"):
        ew.pattern_world(10, 1)
