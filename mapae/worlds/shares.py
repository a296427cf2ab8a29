"""Shares with their intervals, and how they are written."""

from __future__ import annotations

import math
from typing import Any

# Two-sided 95 % of the normal distribution.
Z = 1.959963984540054


def wilson(found: int, of: int) -> dict[str, Any]:
    """A share with its Wilson 95 % interval.

    Returns:
        ``found``, ``of`` and ``share``, ``low``, ``high`` to four digits (None where there is nothing to take a share of).

    Example:
        >>> wilson(8, 10)["low"], wilson(8, 10)["high"]
        (0.4902, 0.9433)
    """
    if of == 0:
        return {"found": found, "of": of, "share": None, "low": None, "high": None}
    share = found / of
    middle = (share + Z * Z / (2 * of)) / (1 + Z * Z / of)
    half = Z * math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of)) / (1 + Z * Z / of)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return {"found": found, "of": of, "share": round(share, 4), "low": round(low, 4), "high": round(high, 4)}


def percent(share: dict[str, Any]) -> str:
    """A share of :func:`wilson` as text."""
    if share["share"] is None:
        return f"{share['found']} of {share['of']}"
    return (
        f"{share['found']:,} of {share['of']:,} ({share['share']:.1%}; 95 %: {share['low']:.1%} to {share['high']:.1%})"
    )
