"""Weights in force: a pinned file that turns a pattern of levels into bits, and how far accounts have drifted from it.

The file is canonical JSON of whole numbers (shares in parts per billion) and is named after its hash. It holds what
it came from: the base rate told and the one used, the case shares, the honest shares, and the counts.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Mapping
from typing import Any

from mapae.assessment.levels import CONTROL, FAMILIES, LEVELS
from mapae.model.amounts import centibits, prior_centibits
from mapae.model.findings import canonical_json

Pattern = tuple[int, ...]
BILLION = 1_000_000_000
# Bar that takes back what a restless person explains (evidence.md, "Weight of a subject").
TAKEN_BACK = "restless"


@dataclasses.dataclass(frozen=True)
class Weights:
    """Everything that turns a pattern into bits. Shares are parts per billion.

    Args:
        told: base rate of the settings.
        rho: base rate used: the one told, or less where the counts speak against it.
        pi: share of each kind of honest people.
        u: per kind and family, shares on the five level codes (code 0, unknown, is 0).
        m: case shares per family.
        control_u, control_m: shares per level of control.
        cap_centibits: what one family may weigh at most.
        counts: accounts per pattern (own levels and control) that the estimate came from.
    """

    told: int
    rho: int
    pi: tuple[int, ...]
    u: tuple[tuple[tuple[int, ...], ...], ...]
    m: tuple[tuple[int, ...], ...]
    control_u: tuple[int, ...]
    control_m: tuple[int, ...]
    cap_centibits: int
    counts: Mapping[Pattern, int]
    _weighed: dict[Pattern, tuple[int, dict[str, int]]] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def prior(self) -> int:
        """Log2 odds of the base rate used, in centibits."""
        return prior_centibits(self.rho / BILLION)

    def weigh(self, pattern: Pattern) -> tuple[int, dict[str, int]]:
        """Weight of one pattern of own levels, and the bars that add up to it.

        Args:
            pattern: a level code per family.

        Returns:
            The weight in centibits, and a bar per known family, with two kinds of honest people also the bar that
            takes back what a restless person explains. The bars add up exactly to the weight.
        """
        if pattern not in self._weighed:
            self._weighed[pattern] = self._weigh(pattern)
        total, bars = self._weighed[pattern]
        return total, dict(bars)

    def _weigh(self, pattern: Pattern) -> tuple[int, dict[str, int]]:
        bars = {}
        used: list[int] = []
        for i, level in enumerate(pattern):
            if not level:
                continue
            case, settled = self.m[i][level], self.u[0][i][level]
            bars[FAMILIES[i]] = self._capped(case, settled)
            if case and all(kind[i][level] for kind in self.u):
                used.append(i)
        total = sum(bars.values())
        if len(self.pi) > 1 and used:
            case_p = math.prod(self.m[i][pattern[i]] / BILLION for i in used)
            honest_p = math.fsum(
                share / BILLION * math.prod(kind[i][pattern[i]] / BILLION for i in used)
                for share, kind in zip(self.pi, self.u, strict=True)
            )
            whole = min(centibits(case_p / honest_p), self.cap_centibits * len(used))
            bars[TAKEN_BACK] = whole - total
            total = whole
        return total, bars

    def control(self, level: int) -> int:
        """Weight of a level of control in centibits: 0 unknown, 1 alone, 2 two, 3 three to four, 4 five and more."""
        return self._capped(self.control_m[level - 1], self.control_u[level - 1]) if level else 0

    def _capped(self, case: int, honest_: int) -> int:
        if not case or not honest_:
            return 0  # a level that these weights never saw says nothing until they are estimated anew
        return max(-self.cap_centibits, min(self.cap_centibits, centibits(case / honest_)))

    def text(self) -> str:
        """The file's text: canonical JSON."""
        told = {field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.init} | {
            "counts": {"".join(map(str, p)): n for p, n in self.counts.items()},
            "families": FAMILIES,
            "levels": LEVELS,
            "control_levels": CONTROL,
            "unit": "parts per billion",
        }
        return canonical_json(told)

    def name(self) -> str:
        """The file's name without ending: the SHA-256 of its text."""
        return hashlib.sha256(self.text().encode()).hexdigest()


def from_json(told: Mapping[str, Any]) -> Weights:
    """Weights out of a parsed weights file.

    Args:
        told: the parsed JSON.

    Returns:
        The weights.

    Raises:
        KeyError: the file lacks a value.
    """
    return Weights(
        told=int(told["told"]),
        rho=int(told["rho"]),
        pi=tuple(told["pi"]),
        u=tuple(tuple(tuple(family) for family in kind) for kind in told["u"]),
        m=tuple(tuple(family) for family in told["m"]),
        control_u=tuple(told["control_u"]),
        control_m=tuple(told["control_m"]),
        cap_centibits=int(told["cap_centibits"]),
        counts={tuple(int(c) for c in p): int(n) for p, n in told["counts"].items()},
    )


def drift_permille(now: Mapping[Pattern, int], pinned: Mapping[Pattern, int]) -> int:
    """Population stability index of the counts of patterns against those that the weights came from.

    The sum over patterns of (now - then) x ln(now / then), patterns held by fewer than one account in a hundred
    taken together. A convention of credit scoring reads 100 and less as stable, 250 and more as changed (unsourced).

    Args:
        now: accounts per pattern in this run.
        pinned: accounts per pattern in the weights file.

    Returns:
        The index in thousandths.
    """
    total_now, total_then = sum(now.values()), sum(pinned.values())
    if not total_now or not total_then:
        return 0
    common = [p for p in sorted(pinned) if pinned[p] * 100 >= total_then]
    pairs = [(now.get(p, 0) / total_now, pinned[p] / total_then) for p in common]
    pairs.append((1 - math.fsum(a for a, _ in pairs), 1 - math.fsum(b for _, b in pairs)))
    least = 1e-4
    terms = ((max(a, least), max(b, least)) for a, b in pairs)
    return round(1000 * math.fsum((a - b) * math.log(a / b) for a, b in terms))
