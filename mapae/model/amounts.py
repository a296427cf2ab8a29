"""Whole numbers: bits in hundredths, probabilities in thousandths. Logarithms are taken once per weight, here."""

from __future__ import annotations

import math


def centibits(ratio: float) -> int:
    """log2 of a likelihood ratio in hundredths of a bit, rounded half to even.

    Raises:
        ValueError: the ratio is not positive and finite.
    """
    if not (ratio > 0 and math.isfinite(ratio)):
        raise ValueError(f"a likelihood ratio is positive and finite, not {ratio}")
    return round(100 * math.log2(ratio))


def probability(total_centibits: int) -> float:
    """Probability at log2 odds given in centibits."""
    bits = max(-1000.0, min(1000.0, total_centibits / 100))
    return 1 / (1 + 2**-bits)


def permille(total_centibits: int) -> int:
    """The same in whole thousandths."""
    return round(1000 * probability(total_centibits))


def prior_centibits(base_rate: float) -> int:
    """Log2 odds of a base rate in centibits."""
    return centibits(base_rate / (1 - base_rate))
