"""The honest side: how often honest people stand on each level of what could be seen, with the cases taken out.

Two kinds of honest people at most, settled and restless, learnt by expectation-maximisation on the counts of
patterns with the case side and the base rate held fixed (evidence.md). Pure functions on arrays; no chance, a fixed
start, and sums in sorted order of the pattern, so that the answer depends on nothing but the counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mapae.assessment.levels import LEVELS, NOTHING, WEAK
from mapae.assessment.reach import CODES, SETS, bit

# Passes, start and smoothing of evidence.md ("Honest side").
STEPS = 60
RESTLESS_SHARE = 0.1
RESTLESS_FACTOR = 6.0
SMOOTHING = 0.001
# Accounts for which the whole counts beside those of one set of reachable levels (evidence.md, "Peer group": a group
# is drawn toward the whole by 200), so that a set that few accounts have says no more than the whole bears out.
DRAWN = 200.0

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]


class Honest(NamedTuple):
    """Honest people as learnt.

    Attributes:
        pi: share of each kind, shape (K,); settled first.
        u: share of each kind on each code of each family (reach.py), shape (K, F, 32): within each set of reachable
            levels they sum to 1; column 0 (unknown) is 1, and codes that cannot occur are 0.
    """

    pi: Floats
    u: Floats


def pattern_case(patterns: Codes, m: Floats) -> Floats:
    """Probability of each pattern among cases: the product over visible families.

    Args:
        patterns: codes, shape (P, F).
        m: case shares per code, shape (F, 32); column 0 is not read.

    Returns:
        Probabilities, shape (P,).
    """
    return _product(patterns, m)


def pattern_kinds(patterns: Codes, u: Floats) -> Floats:
    """Probability of each pattern under each honest kind, shape (P, K)."""
    return np.stack([_product(patterns, kind) for kind in u], axis=1)


def _product(patterns: Codes, shares: Floats) -> Floats:
    result = np.ones(len(patterns))
    for family in range(patterns.shape[1]):
        column = shares[family].copy()
        column[0] = 1.0
        result *= column[patterns[:, family]]
    return result


def estimate(
    patterns: Codes, counts: Counts, m: Floats, base_rate: float, kinds: int = 1, cap_bits: float = 6.0
) -> Honest:
    """Honest rates that, with the cases, explain the counts of patterns best.

    Args:
        patterns: codes (reach.py), shape (P, F); each row once.
        counts: how many accounts show each pattern, shape (P,).
        m: case shares per code, shape (F, 32), held fixed.
        base_rate: share of cases, held fixed.
        kinds: 1, or 2 (settled and restless).
        cap_bits: no honest rate is taken below m / 2**cap_bits, which caps a family's weight.

    Returns:
        Shares of the kinds and their rates per level.

    Raises:
        ValueError: shapes do not fit, or ``kinds`` is neither 1 nor 2.
    """
    if kinds not in (1, 2):
        raise ValueError(f"kinds of honest people are 1 or 2, not {kinds}")
    if patterns.ndim != 2 or counts.shape != (len(patterns),) or m.shape != (patterns.shape[1], CODES):
        raise ValueError(f"patterns are (P, F), counts (P,), m (F, {CODES})")
    order = np.lexsort(patterns.T[::-1])
    patterns, weight = patterns[order], counts[order].astype(np.float64)
    floor = m / 2.0**cap_bits
    case = base_rate * pattern_case(patterns, m)
    start = _rates(patterns, weight, m, floor)
    if kinds == 1:
        pi, u = np.ones(1), start[None]
    else:
        restless = start.copy()
        restless.reshape(-1, SETS, 4)[:, 1:, 1:] *= RESTLESS_FACTOR
        pi, u = np.array([1 - RESTLESS_SHARE, RESTLESS_SHARE]), np.stack([start, _floored(restless, floor)])
    for _ in range(STEPS):
        share = (1 - base_rate) * pi * pattern_kinds(patterns, u)
        total = case + _across(share)
        taken = share / np.where(total > 0, total, 1.0)[:, None] * weight[:, None]
        sums = np.array([float(np.sum(taken[:, k])) for k in range(kinds)])
        pi = sums / sums.sum() if sums.sum() > 0 else pi
        u = np.stack([_rates(patterns, taken[:, k], m, floor) for k in range(kinds)])
    return _settled_first(Honest(pi, u))


def _across(share: Floats) -> Floats:
    """Sum over kinds, in order."""
    total = np.zeros(len(share))
    for k in range(share.shape[1]):
        total += share[:, k]
    return total


def _rates(patterns: Codes, weight: Floats, m: Floats, floor: Floats) -> Floats:
    """Shares of the levels of each family within each set, drawn toward the whole, smoothed, floored; shape (F, 32)."""
    rates = np.zeros_like(floor)
    for family in range(patterns.shape[1]):
        seen = np.zeros((SETS, 4))
        seen.flat[:] = np.bincount(patterns[:, family], weights=weight, minlength=CODES)[:CODES]
        case = m[family].reshape(SETS, 4)
        rates[family] = (seen + DRAWN * _whole(seen, case) + SMOOTHING).ravel()
    return _floored(rates, floor)


def _whole(seen: Floats, case: Floats) -> Floats:
    """What all accounts bear out for each set: of those for whom a level was reachable, how many stand on it.

    Args:
        seen: accounts per set and level (nothing, weak, medium, strong), shape (8, 4).
        case: case shares, shape (8, 4); they stand in for a level that nobody could be seen on, so that it weighs
            nothing until weights are estimated anew.

    Returns:
        Shares, shape (8, 4); every set that can occur sums to 1.
    """
    whole = np.zeros_like(seen)
    looked = seen.sum(axis=1)
    for level in range(WEAK, len(LEVELS)):
        could = np.array([bool(reach & bit(level)) for reach in range(SETS)]) & (case[:, level - NOTHING] > 0)
        held = float(looked[could].sum())
        stand_in = case[could, level - NOTHING]
        whole[could, level - NOTHING] = float(seen[could, level - NOTHING].sum()) / held if held > 0 else stand_in
    whole[:, 0] = np.where(case[:, 0] > 0, np.maximum(1 - whole.sum(axis=1), 0), 0)
    total = whole.sum(axis=1, keepdims=True)
    shares: Floats = whole / np.where(total > 0, total, 1.0)
    return shares


def _floored(rates: Floats, floor: Floats) -> Floats:
    """Rates that sum to 1 over the levels of each set of each family and never lie below the floor."""
    least = floor.reshape(-1, 4)
    levels = np.where(least > 0, rates.reshape(-1, 4), 0.0)
    held = np.zeros(levels.shape, dtype=bool)
    scaled = levels
    for _ in range(4):
        free = np.where(held, 0.0, levels).sum(axis=1, keepdims=True)
        left = 1 - np.where(held, least, 0.0).sum(axis=1, keepdims=True)
        scaled = np.where(held, least, levels * left / np.where(free > 0, free, 1.0))
        below = ~held & (scaled < least)
        if not below.any():
            break
        held |= below
    out = np.where(held, least, scaled).reshape(floor.shape)
    out[:, 0] = 1.0
    return out


def _settled_first(honest: Honest) -> Honest:
    """The kind that shows nothing most often comes first."""
    if len(honest.pi) == 1:
        return honest
    nothing = honest.u.reshape(2, -1, SETS, 4)[:, :, 1:, 0]
    quiet = [float(np.sum(np.log(kind[kind > 0]))) for kind in nothing]
    order = [0, 1] if quiet[0] >= quiet[1] else [1, 0]
    return Honest(honest.pi[order], honest.u[order])
