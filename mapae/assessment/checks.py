"""Checks of a run that need no labels: probabilities add up, and accounts are like those the weights came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from mapae.assessment.weights import BILLION, Pattern, Weights, drift_permille
from mapae.model.amounts import probability

OK, TOO_BOLD, TOO_SHY, NOT_JUDGED, DRIFTED = "ok", "too bold", "too shy", "not judged", "drifted"
# Bounds of the sum in thousandths, and expected cases below which it is not judged (evidence.md, "The sum check").
SHY_BELOW, BOLD_ABOVE, LEAST_CASES = 800, 1250, 100
# Index above which weights should be estimated anew; a convention of credit scoring (unsourced).
DRIFT_ABOVE = 250

SCHEMA = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),
        pa.field("value", pa.int64(), nullable=False),
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("says", pa.string(), nullable=False),
    ]
)
ORDER = ("name",)


def sum_check(weights: Weights, totals: Iterable[tuple[int, int]]) -> dict[str, Any]:
    """Whether the probabilities of all accounts add up to base rate x accounts.

    Args:
        weights: those in force.
        totals: weight in centibits and how many accounts have it.

    Returns:
        A row of the table ``run_checks``; its value is the ratio in thousandths.
    """
    billionths = accounts = 0
    for centibits, number in totals:
        billionths += round(BILLION * probability(weights.prior + centibits)) * number
        accounts += number
    expected = weights.told * accounts
    value = round(1000 * billionths / expected) if expected else 0
    if expected < LEAST_CASES * BILLION:
        verdict = NOT_JUDGED
        says = f"too few accounts to judge: {expected / BILLION:.1f} cases are to be expected, {LEAST_CASES} are needed"
    elif value > BOLD_ABOVE:
        verdict, says = TOO_BOLD, "weights too bold: the probabilities add up to more than the base rate allows"
    elif value < SHY_BELOW:
        verdict, says = TOO_SHY, "weights too shy: the probabilities add up to less than the base rate lets one expect"
    else:
        verdict, says = OK, "the probabilities add up to what the base rate lets one expect"
    says += f"; sum {value / 1000:.2f} of base rate x accounts (0.80 to 1.25 is in order)"
    if weights.rho < weights.told:
        says += (
            "; the counts show no case beyond chance, so nobody is put up for review:"
            f" the base rate told ({1000 * weights.told / BILLION:.2f} in 1,000) was set aside"
        )
    return {"name": "sum_check", "value": value, "verdict": verdict, "says": says}


def drift_check(weights: Weights, counts: Mapping[Pattern, int]) -> dict[str, Any]:
    """Whether accounts still show the patterns that the weights were estimated from.

    Args:
        weights: those in force.
        counts: accounts per pattern in this run.

    Returns:
        A row of the table ``run_checks``; its value is the population stability index in thousandths.
    """
    value = drift_permille(counts, weights.counts)
    moved = value > DRIFT_ABOVE
    says = (
        "accounts show other patterns than those the weights came from: estimate them anew"
        if moved
        else "accounts are like those the weights came from"
    )
    return {"name": "weights_drift", "value": value, "verdict": DRIFTED if moved else OK, "says": says}
