"""Weights in force: a pinned file that turns a pattern of levels into bits, and how far accounts have drifted from it.

The file is canonical JSON of whole numbers (shares in parts per billion) and is named after its hash. It holds what
it came from: the base rate told and the one used, the case shares, the honest shares of every set of levels that
could be seen, and the counts.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

from mapae.assessment.levels import CONTROL, FAMILIES, LEVELS, NOTHING
from mapae.assessment.reach import CODES, LETTERS, by_code, code, code_name, set_name, sets_of, within
from mapae.model.amounts import centibits, prior_centibits
from mapae.model.errors import MapaeError
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
        u: per kind and family, honest shares per code (reach.py); codes that cannot occur are 0.
        m: case shares per family, on unknown (0), nothing, weak, medium, strong, where all of them could be seen.
        control_u, control_m: shares per level of control.
        cap_centibits: what one family may weigh at most.
        counts: accounts per pattern (own codes and control) that the estimate came from.
        quiet: per family, the set of levels on which nobody stood then (reach.py).
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
    quiet: tuple[int, ...] = (0,) * len(FAMILIES)
    _weighed: dict[Pattern, tuple[int, dict[str, int]]] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def prior(self) -> int:
        """Log2 odds of the base rate used, in centibits."""
        return prior_centibits(self.rho / BILLION)

    def weigh(self, pattern: Pattern) -> tuple[int, dict[str, int]]:
        """Weight of one pattern of own codes, and the bars that add up to it.

        Args:
            pattern: a code per family (reach.py).

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
        case_side, honest_side = [], []
        for i, told in enumerate(pattern):
            if not told:
                continue
            # A level that these weights never saw says nothing, and was as good as not looked at, until they are
            # estimated anew.
            one = within(told, max(sets_of(self.m[i]), default=0))
            case, honest_ = by_code(self.m[i], self.quiet[i])[one], [kind[i][one] for kind in self.u]
            bars[FAMILIES[i]] = self._capped(case, honest_[0])
            if case and all(honest_):
                case_side.append(case / BILLION)
                honest_side.append([share / BILLION for share in honest_])
        total = sum(bars.values())
        if len(self.pi) > 1 and case_side:
            honest_p = math.fsum(
                share / BILLION * math.prod(family[k] for family in honest_side) for k, share in enumerate(self.pi)
            )
            whole = min(centibits(math.prod(case_side) / honest_p), self.cap_centibits * len(case_side))
            bars[TAKEN_BACK] = whole - total
            total = whole
        return total, bars

    def control(self, level: int) -> int:
        """Weight of a level of control in centibits: 0 unknown, 1 alone, 2 two, 3 three to four, 4 five and more."""
        return self._capped(self.control_m[level - 1], self.control_u[level - 1]) if level else 0

    def _capped(self, case: float, honest_: int) -> int:
        if not case or not honest_:
            return 0
        return max(-self.cap_centibits, min(self.cap_centibits, centibits(case / honest_)))

    def text(self) -> str:
        """The file's text: canonical JSON."""
        told = {field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.init} | {
            "u": [
                {FAMILIES[i]: _named(family, sets_of(self.m[i])) for i, family in enumerate(kind)} for kind in self.u
            ],
            "counts": {"".join(LETTERS[told] for told in p): n for p, n in self.counts.items()},
            "codes": {LETTERS[told]: code_name(told) for told in (0, *range(4, CODES))},
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
        MapaeError: the file is of an older form, which did not say what could be seen.
    """
    if "codes" not in told:
        raise MapaeError(
            "The weights in force are of an older form.",
            why="they do not say which levels could be seen, and so how much it speaks for an account to find nothing",
            do='Set weights = "estimate" in mapae.toml for one run.',
        )
    return Weights(
        told=int(told["told"]),
        rho=int(told["rho"]),
        pi=tuple(told["pi"]),
        u=tuple(tuple(_coded(kind[family]) for family in FAMILIES) for kind in told["u"]),
        m=tuple(tuple(family) for family in told["m"]),
        control_u=tuple(told["control_u"]),
        control_m=tuple(told["control_m"]),
        cap_centibits=int(told["cap_centibits"]),
        counts={tuple(LETTERS.index(c) for c in p): int(n) for p, n in told["counts"].items()},
        quiet=tuple(told.get("quiet", (0,) * len(FAMILIES))),
    )


def doors_text(held: Mapping[str, Weights]) -> str:
    """Text of the weights file of one or several doors: canonical JSON."""
    return canonical_json({"doors": {door: json.loads(one.text()) for door, one in held.items()}})


def doors_from_json(told: Mapping[str, Any]) -> dict[str, Weights]:
    """Weights by door out of a parsed weights file.

    Raises:
        MapaeError: the file is of an older form.
    """
    return {str(door): from_json(one) for door, one in told.get("doors", {"platform": told}).items()}


def _named(shares: tuple[int, ...], sets: tuple[int, ...]) -> dict[str, list[int]]:
    """Shares of one family by set in words, on nothing, weak, medium, strong."""
    return {set_name(reach): list(shares[code(reach, NOTHING) :][:4]) for reach in sets}


def _coded(named: Mapping[str, list[int]]) -> tuple[int, ...]:
    """Shares of one family per code, out of a weights file."""
    shares = [0] * CODES
    for reach in range(1, CODES // 4):
        shares[code(reach, NOTHING) : code(reach, NOTHING) + 4] = named.get(set_name(reach), [0] * 4)
    return tuple(shares)


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
