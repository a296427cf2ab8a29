"""A world of flags alone, for the evidence model: known truth, correlated flags, a quarter missing (evidence.md).

It has nothing to do with the simulated platform and no record behind it; its rates are made up and say so.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from mapae.worlds.population import Bools, Ints

Codes = NDArray[np.int8]

UNKNOWN, NOTHING, WEAK, MEDIUM, STRONG = range(5)
# Seven families as the catalogue has them; the last, reports, stays unknown throughout.
FAMILIES = ("network", "device", "document", "money", "behaviour", "content", "report")
TRIPPING, FLAGS = 6, 5
# The level of each flag of a family, from its weak ones to its strong one.
LEVEL = np.array([WEAK, WEAK, MEDIUM, MEDIUM, STRONG], dtype=np.int8)
BASE_RATE = 0.013
MISSING = 0.25
# Share of people in whom a family stirs at all, and how often each of its flags then trips, and trips otherwise.
STIRS_HONEST = np.array([0.05, 0.03, 0.02, 0.04, 0.06, 0.04])
STIRS_CASE = np.array([0.50, 0.45, 0.40, 0.50, 0.45, 0.40])
TRIPS_HONEST = np.array([0.50, 0.40, 0.20, 0.15, 0.06])
TRIPS_CASE = np.array([0.50, 0.45, 0.40, 0.35, 0.30])
TRIPS_STILL = np.array([0.012, 0.010, 0.003, 0.002, 0.0005])
# Harsher: this share of honest people trips every family so many times as often.
RESTLESS, RESTLESS_TIMES = 0.03, 12.0
# With rings: 10 per 1,000 accounts belong to rings of 3 to 10, whose families stir half as often; 2 % of honest people
# stand in undeclared groups of 2 to 10.
IN_RINGS, RING_LEAST, RING_MOST, FAINT = 0.010, 3, 10, 0.5
HONEST_IN_GROUPS = 0.02


@dataclasses.dataclass(frozen=True)
class PatternWorld:
    """Simulated accounts without records.

    Args:
        case: misrepresented in truth, shape (N,).
        flags: which flags tripped, shape (N, 6, 5); false where the family cannot be seen.
        seen: which families can be looked at, shape (N, 6).
        levels: level codes (0 unknown, 1 nothing, 2 weak, 3 medium, 4 strong), shape (N, 7).
        group: number of the account's undeclared group, -1 alone, shape (N,).
        ring: whether the account belongs to a ring, shape (N,).
    """

    case: Bools
    flags: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    levels: Codes
    group: Ints
    ring: Bools


def _place(group: Ints, members: Ints, share: float, least: int, rng: np.random.Generator) -> None:
    """Put a share of ``members`` into groups of ``least`` to ten, numbered on from what ``group`` holds, in place."""
    chosen = rng.permutation(members)[: round(len(members) * share)]
    number, at = int(group.max(initial=-1)) + 1, 0
    while at < len(chosen):
        size = int(rng.integers(least, RING_MOST + 1))
        group[chosen[at : at + size]] = number
        number, at = number + 1, at + size


def pattern_world(n: int, seed: int, harsher: bool = False, *, rings: bool = False) -> PatternWorld:
    """A simulated world of levels and flags.

    Args:
        n: accounts.
        seed: the same seed gives the same world.
        harsher: 3 % of honest people trip every family twelve times as often.
        rings: most cases stand in rings and show less; some honest people stand in undeclared groups.

    Returns:
        The world; 1.3 % of it misrepresented (rounded).

    Raises:
        ValueError: fewer than a thousand accounts.
    """
    if n < 1000:
        raise ValueError(f"a world of flags has at least 1,000 accounts, not {n}")
    rng = np.random.default_rng([seed, n, int(harsher), int(rings)])
    case = np.zeros(n, dtype=bool)
    case[rng.choice(n, size=round(n * BASE_RATE), replace=False)] = True
    group = np.full(n, -1, dtype=np.int64)
    if rings:
        _place(group, np.flatnonzero(case), IN_RINGS / BASE_RATE, RING_LEAST, rng)
        _place(group, np.flatnonzero(~case), HONEST_IN_GROUPS, 2, rng)
    times = np.where((rng.random(n) < (RESTLESS if harsher else 0.0)) & ~case, RESTLESS_TIMES, 1.0)
    often = STIRS_CASE * (FAINT if rings else 1.0)
    stirs = np.where(case[:, None], often, np.minimum(0.95, STIRS_HONEST * times[:, None]))
    stirred = rng.random((n, TRIPPING)) < stirs
    trips = np.where(case[:, None, None], TRIPS_CASE, TRIPS_HONEST)
    chance = np.where(stirred[:, :, None], trips, TRIPS_STILL)
    seen = rng.random((n, TRIPPING)) >= MISSING
    flags = (rng.random((n, TRIPPING, FLAGS)) < chance) & seen[:, :, None]
    level = np.where(flags, LEVEL, NOTHING).max(axis=2).astype(np.int8)
    levels = np.zeros((n, len(FAMILIES)), dtype=np.int8)
    levels[:, :TRIPPING] = np.where(seen, level, UNKNOWN)
    return PatternWorld(case=case, flags=flags, seen=seen, levels=levels, group=group, ring=case & (group >= 0))
