"""Estimating weights: honest shares, the share of undeclared groups, and whether the base rate told can stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from mapae.assessment import honest
from mapae.assessment.levels import NOTHING, Shares
from mapae.assessment.weights import BILLION, Pattern, Weights

# No undeclared group is held to be rarer among honest people than this (evidence.md, "Ring").
LEAST_CONTROL = 1e-5
# The base rate told stands unless the counts show less than half of it, and are 8 times likelier then, or more: 3 bits.
# Both are analysis (benchmarks/evidence_model.py): smaller gaps are as well explained by case shares that are off.
LEAST_BITS, AT_MOST = 3.0, 0.5
# Rounds of fitting the honest side and the base rate in turn; passes over one honest side in each.
ROUNDS, PASSES = 8, 100


class _Counted(NamedTuple):
    """Counts of patterns as arrays: own levels once each, and where each whole pattern finds its own."""

    own: honest.Codes
    own_numbers: honest.Counts
    where: honest.Counts
    control: honest.Codes
    numbers: honest.Counts
    control_numbers: honest.Floats


class _Fit(NamedTuple):
    """One fit: base rate, honest side, and log2 likelihood of the counts."""

    rho: float
    side: honest.Honest
    control_u: honest.Floats
    bits: float


def estimate(counts: Mapping[Pattern, int], shares: Shares, base_rate: float, kinds: int = 1) -> Weights:
    """Estimate weights from the counts of patterns.

    The base rate told stands unless the counts speak plainly against it: they show less than half of it, and are at
    least eight times likelier under what they show. Then that lower rate is used, counted together with one case in
    1/base rate accounts; and that one case alone where what is seen may well be chance, being less than eight times
    likelier than next to nothing. The rate is never taken up. So a workspace in which nobody differs leaves nobody to
    review, and the sum check says why.

    Args:
        counts: accounts per pattern; a pattern is a level code per family and, last, one of control.
        shares: the case side.
        base_rate: the base rate told.
        kinds: kinds of honest people, 1 or 2.

    Returns:
        The weights, rounded to parts per billion.
    """
    counted = _arrays(counts, len(shares.families))
    told = _fit(counted, shares, base_rate, kinds)
    best, rho = told, base_rate
    for _ in range(ROUNDS):
        rho = _seen_rate(counted, shares, best, base_rate)
        settled = best.rho - rho < 1e-3 * best.rho
        best = _fit(counted, shares, rho, kinds)
        if settled:
            break
    against = best.rho < AT_MOST * base_rate and best.bits - told.bits >= LEAST_BITS
    fit = best if against else told
    if against:
        nobody = _fit(counted, shares, 1 / (float(counted.numbers.sum()) + 1 / base_rate), kinds)
        fit = nobody if best.bits - nobody.bits < LEAST_BITS else best
    return Weights(
        told=_ppb(base_rate),
        rho=_ppb(fit.rho),
        pi=tuple(_ppb(p) for p in fit.side.pi),
        u=tuple(tuple((0, *(_ppb(x) for x in family[NOTHING:])) for family in kind) for kind in fit.side.u),
        m=tuple(tuple(_ppb(x) for x in family) for family in shares.families),
        control_u=tuple(_ppb(x) for x in fit.control_u),
        control_m=tuple(_ppb(x) for x in shares.control),
        cap_centibits=round(100 * shares.cap_bits),
        counts=dict(sorted((p, int(n)) for p, n in counts.items())),
    )


def control_rates(numbers: honest.Floats, m: honest.Floats, rho: float, cap_bits: float = 6.0) -> honest.Floats:
    """Shares of honest people per level of control, the cases taken out.

    Args:
        numbers: accounts per level, alone to five and more; where nobody has one, every weight is 0.
        m: case shares per level.
        rho: base rate.
        cap_bits: no share is taken below m / 2**cap_bits.

    Returns:
        max((rate - rho m) / (1 - rho), 0.00001, m / 2**cap_bits) per level.
    """
    total = float(numbers.sum())
    if total <= 0:
        return m.copy()
    taken_out = (numbers / total - rho * m) / (1 - rho)
    rates: honest.Floats = np.maximum(np.maximum(taken_out, LEAST_CONTROL), m / 2.0**cap_bits)
    return rates


def _arrays(counts: Mapping[Pattern, int], families: int) -> _Counted:
    every = np.array(sorted(counts), dtype=np.int8).reshape(-1, families + 1)
    numbers = np.array([counts[p] for p in sorted(counts)], dtype=np.int64)
    own, where = np.unique(every[:, :-1], axis=0, return_inverse=True)
    where = where.ravel().astype(np.int64)
    own_numbers = np.zeros(len(own), dtype=np.int64)
    np.add.at(own_numbers, where, numbers)
    control_numbers = np.bincount(every[:, -1], weights=numbers, minlength=5)[1:5].astype(np.float64)
    return _Counted(own, own_numbers, where, every[:, -1], numbers, control_numbers)


def _sides(
    counted: _Counted, shares: Shares, side: honest.Honest, control_u: honest.Floats
) -> tuple[honest.Floats, ...]:
    """Probability of each whole pattern among cases and among honest people."""
    case = honest.pattern_case(counted.own, np.array(shares.families))[counted.where]
    case = case * np.append(1.0, np.array(shares.control))[counted.control]
    by_kind = honest.pattern_kinds(counted.own, side.u)
    fair = np.zeros(len(counted.own))
    for k, share in enumerate(side.pi):
        fair += share * by_kind[:, k]
    return case, fair[counted.where] * np.append(1.0, control_u)[counted.control]


def _fit(counted: _Counted, shares: Shares, rho: float, kinds: int) -> _Fit:
    """The honest side that explains the counts best at a base rate."""
    m = np.array(shares.families)
    side = honest.estimate(counted.own, counted.own_numbers, m, rho, kinds, shares.cap_bits)
    control_u = control_rates(counted.control_numbers, np.array(shares.control), rho, shares.cap_bits)
    case, fair = _sides(counted, shares, side, control_u)
    whole = rho * case + (1 - rho) * fair
    return _Fit(rho, side, control_u, float(np.sum(counted.numbers * np.log2(np.maximum(whole, 1e-300)))))


def _seen_rate(counted: _Counted, shares: Shares, fit: _Fit, base_rate: float) -> float:
    """Base rate that the counts show beside one honest side, never above the one told."""
    case, fair = _sides(counted, shares, fit.side, fit.control_u)
    total, rho = float(counted.numbers.sum()), fit.rho
    for _ in range(PASSES):
        mine, theirs = rho * case, (1 - rho) * fair
        expected = float(np.sum(counted.numbers * mine / np.maximum(mine + theirs, 1e-300)))
        rho = min(base_rate, (expected + 1) / (total + 1 / base_rate))
    return rho


def _ppb(share: float) -> int:
    return round(float(share) * BILLION)
