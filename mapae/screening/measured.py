"""How well a list screens: listed names with simulated typing errors found again, and alerts about simulated ordinary people."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence

from mapae.names.fold import tokens as fold_tokens
from mapae.names.people import is_particle
from mapae.names.syllables import is_syllable
from mapae.screening.index import NameIndex
from mapae.screening.score import screen
from mapae.screening.typing_errors import TREATMENTS, seeded, wrong

# Quantile of the normal distribution for an interval of 95 %.
_Z = 1.959964


@dataclasses.dataclass(frozen=True)
class Share:
    """So many of so many, with its 95 % Wilson interval.

    Args:
        found: how many.
        of: of how many.
    """

    found: int
    of: int

    def interval(self) -> tuple[float, float]:
        """Lower and upper end; 0 and 1 where nothing was counted (Wilson 1927)."""
        if not self.of:
            return 0.0, 1.0
        n, p, zz = self.of, self.found / self.of, _Z * _Z
        middle = (p + zz / (2 * n)) / (1 + zz / n)
        half = _Z * math.sqrt(p * (1 - p) / n + zz / (4 * n * n)) / (1 + zz / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def text(self, per: int) -> str:
        """The share per hundred or thousand, its interval and counts, as ``98.2 (97.1 to 98.9; 687 of 700)``."""
        if not self.of:
            return "- (none)"
        low, high = self.interval()
        value = self.found / self.of
        return f"{value * per:.1f} ({low * per:.1f} to {high * per:.1f}; {self.found:,} of {self.of:,})"


@dataclasses.dataclass(frozen=True)
class Alert:
    """What screening a name gave.

    Args:
        parties: listed parties that the name may be.
        same: one of them has the very tokens (or the same letters joined) as a name.
        best: weight of the clearest, in centibits.
        alias: that listed name, folded.
    """

    parties: frozenset[str]
    same: bool
    best: int
    alias: str


class Listed:
    """Listed names with their parties, indexed."""

    def __init__(self, names: Sequence[tuple[str, str, str, str]]) -> None:
        """Index the names.

        Args:
            names: each a party, name, FollowTheMoney schema, and quality (primary, strong or weak).
        """
        self.index = NameIndex([(name, kind) for _, name, kind, _ in names])
        self._strong: dict[int, set[str]] = {}
        self._weak: dict[int, set[str]] = {}
        for place, (party, _, _, quality) in zip(self.index.of_name, names, strict=True):
            (self._weak if quality == "weak" else self._strong).setdefault(place, set()).add(party)

    def alerts(self, names: Sequence[str], kinds: Sequence[str] | None = None) -> dict[int, Alert]:
        """Screen names as a run does; a weak alias counts only where it is the very name.

        Args:
            names: as written.
            kinds: schema of each one's bearer; unknown where None.

        Returns:
            by place in ``names``; a name without an alert is left out.
        """
        made: dict[int, Alert] = {}
        for hit in screen(self.index, names, kinds):
            same = hit.comparison.same
            parties = self._strong.get(hit.listed, set()) | (self._weak.get(hit.listed, set()) if same else set())
            if not parties:
                continue
            before = made.get(hit.asked, Alert(frozenset(), False, -(1 << 60), ""))
            clearer = hit.comparison.centibits > before.best
            made[hit.asked] = Alert(
                before.parties | parties,
                before.same or same,
                hit.comparison.centibits if clearer else before.best,
                " ".join(self.index.names[hit.listed][0]) if clearer else before.alias,
            )
        return made


def syllabic(name: str) -> bool:
    """Whether every token of a name can be a syllable of Hangul or pinyin; it says nothing of a person."""
    tokens = [t for t in fold_tokens(name) if not is_particle(t)]
    return len(tokens) > 1 and all(is_syllable(t) for t in tokens)


def another(index: NameIndex, name: str, changed: str) -> bool:
    """Whether an error made something else that is valid: another listed name, listed tokens, or whole syllables.

    Args:
        index: the listed names.
        name: as printed.
        changed: with the error.
    """
    before, after = fold_tokens(name), fold_tokens(changed)
    new = set(after) - set(before)
    if not new:
        return False
    if syllabic(name) and all(is_syllable(t) for t in after):
        return True
    return all(t in index.rarity for t in new)


def sample(names: Iterable[tuple[str, str, str, str]], most: int, seed: int) -> list[tuple[str, str, str]]:
    """Listed names to give errors to: of each party its first primary name of two tokens or more in Latin letters.

    Args:
        names: party, name, schema, quality.
        most: draw no more.
        seed: of the draw.

    Returns:
        (party, name, schema), sorted.
    """
    first: dict[str, tuple[str, str]] = {}
    for party, name, kind, quality in sorted(names):
        letters = [c for c in name if c.isalpha()]
        latin = bool(letters) and all(ord(c) < 0x250 for c in letters)
        if quality == "primary" and latin and kind not in ("Vessel", "Airplane") and len(fold_tokens(name)) > 1:
            first.setdefault(party, (name, kind))
    found = sorted((party, *held) for party, held in first.items())
    return found if len(found) <= most else sorted(seeded(seed).sample(found, most))


@dataclasses.dataclass(frozen=True)
class Recalled:
    """Names with errors found again.

    Args:
        found: (treatment, class) -> share; classes are ``plain``, ``syllabic`` and ``another``, the errors that made
            another valid name and are set apart.
        missed: (treatment, class, name, with errors) of those not found.
    """

    found: dict[tuple[str, str], Share]
    missed: list[tuple[str, str, str, str]]

    def total(self, *classes: str, treatment: str = "") -> Share:
        """Share over classes, of all treatments or of one."""
        held = [s for (t, c), s in self.found.items() if c in classes and treatment in ("", t)]
        return Share(sum(s.found for s in held), sum(s.of for s in held))


def recall(listed: Listed, targets: Sequence[tuple[str, str, str]], seed: int, errors: int = 1) -> Recalled:
    """Give each name one error of each treatment (or so many errors of treatments drawn), and look for its party.

    Args:
        listed: the lists.
        targets: (party, name as printed, schema).
        seed: of the errors.
        errors: 1, or more for names with several errors each, under the treatment ``two errors``.
    """
    asked: list[tuple[str, str, str, str]] = []
    schemata: list[str] = []
    for party, name, schema in targets:
        for treatment in TREATMENTS:
            kinds, label = [treatment], treatment
            if errors > 1:
                kinds, label = seeded(seed, treatment, name).choices(list(TREATMENTS), k=errors), ""
            changed = wrong(name, kinds, seed)
            if changed is not None:
                asked.append((label or "two errors", party, name, changed))
                schemata.append(schema)
    alerts = listed.alerts([changed for _, _, _, changed in asked], schemata)
    counts: dict[tuple[str, str], list[int]] = {}
    missed = []
    for at, (label, party, name, changed) in enumerate(asked):
        class_ = "another" if another(listed.index, name, changed) else "syllabic" if syllabic(name) else "plain"
        hit = at in alerts and party in alerts[at].parties
        count = counts.setdefault((label, class_), [0, 0])
        count[0] += hit
        count[1] += 1
        if not hit:
            missed.append((label, class_, name, changed))
    return Recalled({key: Share(*count) for key, count in counts.items()}, missed)


@dataclasses.dataclass(frozen=True)
class Group:
    """Alerts about the simulated ordinary people of one group.

    Args:
        people: how many.
        shares: people who have the very tokens of a listed name; they come up, and are counted apart.
        false: people of the others who came up.
        examples: (name, listed name) of those, the clearest first.
    """

    people: int
    shares: int
    false: int
    examples: tuple[tuple[str, str], ...]

    @property
    def rate(self) -> Share:
        """False alerts among people who do not share a listed name."""
        return Share(self.false, self.people - self.shares)


def false_alerts(listed: Listed, groups: Mapping[str, Sequence[str]]) -> dict[str, Group]:
    """Screen simulated ordinary people.

    Args:
        listed: the lists.
        groups: names by group.
    """
    made = {}
    for group, names in groups.items():
        alerts = listed.alerts(names)
        false = sorted((-a.best, names[at], a.alias) for at, a in alerts.items() if not a.same)
        examples = tuple((name, alias) for _, name, alias in false[:20])
        made[group] = Group(len(names), len(alerts) - len(false), len(false), examples)
    return made
