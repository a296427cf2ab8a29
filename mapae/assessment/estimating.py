"""Estimating weights: honest shares, the share of undeclared groups, and whether the base rate told can stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from mapae.assessment import honest
from mapae.assessment.levels import Shares
from mapae.assessment.reach import by_code, quiet_levels
from mapae.assessment.weights import BILLION, Pattern, Weights

# No undeclared group is held to be rarer among honest people than this (evidence.md, "Ring").
LEAST_CONTROL = 1e-5
# The base rate told stands unless the counts show no case beyond chance: they are 8 times likelier (3 bits) under next
# to none than under the rate told, and under no rate in between 8 times likelier still. How many cases there are is
# never read off the counts: case shares that are off would be taken for it. With two kinds of honest people, cases can
# pass for restless people, so the counts must say it with a tenth of a bit for each case that the rate told expects.
# Both bounds are analysis, from benchmarks/evidence_model.py: worlds in which nobody differs gave 0.2 bits and more for
# each expected case, worlds with cases at most 0.05.
LEAST_BITS, LEAST_BITS_A_CASE = 3.0, 0.1
# Rates tried in between: the rate told, halved up to so many times.
HALVED = 7


class _Counted(NamedTuple):
    """Counts of patterns as arrays: own codes once each, and where each whole pattern finds its own."""

    own: honest.Codes
    own_numbers: honest.Counts
    where: honest.Counts
    quiet: tuple[int, ...]
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

    The base rate told stands unless the counts speak plainly against any case at all: they are at least eight times
    likelier with next to none (one case in 1/base rate accounts more than there are), and no rate in between is eight
    times likelier still. So a workspace in which nobody differs leaves nobody to review, and the sum check says why.

    Args:
        counts: accounts per pattern; a pattern is a code per family (reach.py) and, last, one of control.
        shares: the case side.
        base_rate: the base rate told.
        kinds: kinds of honest people, 1 or 2.

    Returns:
        The weights, rounded to parts per billion.
    """
    counted = _arrays(counts, len(shares.families))
    told = _fit(counted, shares, base_rate, kinds)
    none = 1 / (float(counted.numbers.sum()) + 1 / base_rate)
    single = told if kinds == 1 else _fit(counted, shares, base_rate, 1)
    empty = _nobody(counted, shares, single, none, 1, LEAST_BITS)
    if not empty and kinds == 2:
        least = max(LEAST_BITS, LEAST_BITS_A_CASE * base_rate * float(counted.numbers.sum()))
        empty = _nobody(counted, shares, told, none, 2, least)
    fit = _fit(counted, shares, none, kinds) if empty else told
    return Weights(
        told=_ppb(base_rate),
        rho=_ppb(fit.rho),
        pi=tuple(_ppb(p) for p in fit.side.pi),
        u=tuple(tuple((0, *(_ppb(x) for x in family[1:])) for family in kind) for kind in fit.side.u),
        m=tuple(tuple(_ppb(x) for x in family) for family in shares.families),
        control_u=tuple(_ppb(x) for x in fit.control_u),
        control_m=tuple(_ppb(x) for x in shares.control),
        cap_centibits=round(100 * shares.cap_bits),
        counts=dict(sorted((p, int(n)) for p, n in counts.items())),
        quiet=counted.quiet,
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
    quiet = tuple(quiet_levels(int(told) for told in column) for column in own.T) if len(own) else (0,) * families
    return _Counted(own, own_numbers, where, quiet, every[:, -1], numbers, control_numbers)


def _case(shares: Shares, quiet: tuple[int, ...]) -> honest.Floats:
    """Case shares per family and code."""
    return np.array([by_code(family, q) for family, q in zip(shares.families, quiet, strict=True)])


def _sides(
    counted: _Counted, shares: Shares, side: honest.Honest, control_u: honest.Floats
) -> tuple[honest.Floats, ...]:
    """Probability of each whole pattern among cases and among honest people."""
    case = honest.pattern_case(counted.own, _case(shares, counted.quiet))[counted.where]
    case = case * np.append(1.0, np.array(shares.control))[counted.control]
    by_kind = honest.pattern_kinds(counted.own, side.u)
    fair = np.zeros(len(counted.own))
    for k, share in enumerate(side.pi):
        fair += share * by_kind[:, k]
    return case, fair[counted.where] * np.append(1.0, control_u)[counted.control]


def _fit(counted: _Counted, shares: Shares, rho: float, kinds: int) -> _Fit:
    """The honest side that explains the counts best at a base rate."""
    side = honest.estimate(counted.own, counted.own_numbers, _case(shares, counted.quiet), rho, kinds, shares.cap_bits)
    control_u = control_rates(counted.control_numbers, np.array(shares.control), rho, shares.cap_bits)
    case, fair = _sides(counted, shares, side, control_u)
    whole = rho * case + (1 - rho) * fair
    return _Fit(rho, side, control_u, float(np.sum(counted.numbers * np.log2(np.maximum(whole, 1e-300)))))


def _nobody(counted: _Counted, shares: Shares, told: _Fit, none: float, kinds: int, least: float) -> bool:
    """Whether the counts speak for next to no case by so many bits, and for no rate in between still more."""
    at_none = _fit(counted, shares, none, kinds).bits
    if at_none - told.bits < least:
        return False
    between = (told.rho / 2**halved for halved in range(1, HALVED + 1))
    return all(_fit(counted, shares, rho, kinds).bits - at_none < LEAST_BITS for rho in between if rho > none)


def _ppb(share: float) -> int:
    return round(float(share) * BILLION)
