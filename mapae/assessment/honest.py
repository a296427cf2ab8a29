"""The honest side: how often honest people stand on each level, with the cases taken out.

Two kinds of honest people at most, settled and restless, learnt by expectation-maximisation on the counts of
patterns with the case side and the base rate held fixed (evidence.md). Pure functions on arrays; no chance, a fixed
start, and sums in sorted order of the pattern, so that the answer depends on nothing but the counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

# Passes, start and smoothing of evidence.md ("Honest side").
STEPS = 60
RESTLESS_SHARE = 0.1
RESTLESS_FACTOR = 6.0
SMOOTHING = 0.001

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]


class Honest(NamedTuple):
    """Honest people as learnt.

    Attributes:
        pi: share of each kind, shape (K,); settled first.
        u: share of each kind on each level of each family, shape (K, F, 5); column 0 (unknown) is 1.
    """

    pi: Floats
    u: Floats


def pattern_case(patterns: Codes, m: Floats) -> Floats:
    """Probability of each pattern among cases: the product over visible families.

    Args:
        patterns: level codes, shape (P, F).
        m: case shares, shape (F, 5); column 0 is not read.

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
        patterns: level codes (0 unknown, 1 nothing, 2 weak, 3 medium, 4 strong), shape (P, F); each row once.
        counts: how many accounts show each pattern, shape (P,).
        m: case shares, shape (F, 5), held fixed.
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
    if patterns.ndim != 2 or counts.shape != (len(patterns),) or m.shape != (patterns.shape[1], 5):
        raise ValueError("patterns are (P, F), counts (P,), m (F, 5)")
    order = np.lexsort(patterns.T[::-1])
    patterns, weight = patterns[order], counts[order].astype(np.float64)
    floor = m / 2.0**cap_bits
    case = base_rate * pattern_case(patterns, m)
    start = _rates(patterns, weight, floor)
    if kinds == 1:
        pi, u = np.ones(1), start[None]
    else:
        restless = start.copy()
        restless[:, 2:] *= RESTLESS_FACTOR
        pi, u = np.array([1 - RESTLESS_SHARE, RESTLESS_SHARE]), np.stack([start, _floored(restless, floor)])
    for _ in range(STEPS):
        share = (1 - base_rate) * pi * pattern_kinds(patterns, u)
        total = case + _across(share)
        taken = share / np.where(total > 0, total, 1.0)[:, None] * weight[:, None]
        sums = np.array([float(np.sum(taken[:, k])) for k in range(kinds)])
        pi = sums / sums.sum() if sums.sum() > 0 else pi
        u = np.stack([_rates(patterns, taken[:, k], floor) for k in range(kinds)])
    return _settled_first(Honest(pi, u))


def _across(share: Floats) -> Floats:
    """Sum over kinds, in order."""
    total = np.zeros(len(share))
    for k in range(share.shape[1]):
        total += share[:, k]
    return total


def _rates(patterns: Codes, weight: Floats, floor: Floats) -> Floats:
    """Shares of the levels of each family among the visible, smoothed and floored; shape (F, 5)."""
    rates = np.zeros_like(floor)
    for family in range(patterns.shape[1]):
        rates[family] = np.bincount(patterns[:, family], weights=weight, minlength=5)[:5]
    rates[:, 1:] += SMOOTHING
    return _floored(rates, floor)


def _floored(rates: Floats, floor: Floats) -> Floats:
    """Rates that sum to 1 over the levels of each family and never lie below the floor."""
    out = rates.copy()
    out[:, 0] = 1.0
    for family in range(len(out)):
        levels, least = out[family, 1:], floor[family, 1:]
        held = np.zeros(4, dtype=bool)
        for _ in range(4):
            free = levels[~held].sum()
            scaled = np.where(held, least, levels * (1 - least[held].sum()) / (free if free > 0 else 1.0))
            below = ~held & (scaled < least)
            if not below.any():
                break
            held |= below
        out[family, 1:] = np.where(held, least, scaled)
    return out


def _settled_first(honest: Honest) -> Honest:
    """The kind that shows nothing most often comes first."""
    if len(honest.pi) == 1:
        return honest
    quiet = [float(np.sum(np.log(u[:, 1]))) for u in honest.u]
    order = [0, 1] if quiet[0] >= quiet[1] else [1, 0]
    return Honest(honest.pi[order], honest.u[order])
