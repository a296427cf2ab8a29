"""A provision as determinations read it, and which days its text governs.

A provision whose ``temporal`` is ``conduct`` is the text in force on the day of the act (section 0 point 7 of the
legal reference: the cautious reading); ``as_of`` looks to the run's day and flags acts older than the law.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools

from mapae.determinations import elements
from mapae.determinations.elements import Element, Fact
from mapae.rules.kinds import Provision

# Where an act lies in regard to the days in force.
IN, BEFORE, UNDATED = "in", "before", "undated"


@dataclasses.dataclass(frozen=True)
class Defeater:
    """An exception: it stands beside the elements and defeats the result when it is established."""

    id: str
    supports: frozenset[str]
    sufficient: frozenset[str]


@dataclasses.dataclass(frozen=True)
class Law:
    """A provision of the catalogue.

    Args:
        versions: days in force, each from a first to a last day (None: still).
        conduct: whether the law of the day of the act decides (else the run's day).
        conjunctive: ids of elements that must all be met.
        apart: ids of elements of which each gives an overall of its own, the cautious reading first.
    """

    provision: Provision
    versions: tuple[tuple[dt.date, dt.date | None], ...]
    conduct: bool
    elements: tuple[Element, ...]
    exceptions: tuple[Defeater, ...]
    conjunctive: tuple[str, ...]
    apart: tuple[str, ...]

    @functools.cached_property
    def first(self) -> dt.date:
        """First day on which any version was in force."""
        return min(since for since, _ in self.versions)

    @functools.cached_property
    def words(self) -> frozenset[str]:
        """Every fact that this provision names."""
        return frozenset(w for e in self.elements for w in e.words) | frozenset(
            w for e in self.exceptions for w in e.supports
        )

    @functools.cached_property
    def acts(self) -> frozenset[str]:
        """Facts that date the act."""
        return frozenset(w for e in self.elements if e.dated for w in e.supports | e.part)

    @functools.cached_property
    def dated(self) -> frozenset[str]:
        """Facts, for or against, of elements that ask about the act itself."""
        return frozenset(w for e in self.elements if e.dated for w in e.words)

    def in_force(self, first: dt.date, last: dt.date | None = None) -> bool:
        """Whether some day from ``first`` to ``last`` (``first`` alone where None) lies in force."""
        last = last or first
        return any(since <= last and (until is None or first <= until) for since, until in self.versions)


def read_law(provision: Provision) -> Law:
    """A provision of the catalogue as :class:`Law`."""
    data = provision.data
    result = data["result"]
    return Law(
        provision=provision,
        versions=tuple(
            (dt.date.fromisoformat(v["from"]), dt.date.fromisoformat(v["to"]) if v.get("to") else None)
            for v in data["in_force"]
        ),
        conduct=data["temporal"] == "conduct",
        elements=tuple(elements.read_element(e) for e in provision.elements),
        exceptions=tuple(
            Defeater(str(e["id"]), frozenset(e["for"]), frozenset(e["sufficient"])) for e in data.get("exceptions", ())
        ),
        conjunctive=tuple(result["all"]),
        apart=tuple(result.get("one_of", ())),
    )


def span(fact: Fact) -> tuple[dt.date, dt.date] | None:
    """Days of an act: what has a beginning and no end reaches to the day on which it was known, and no further.

    Returns:
        First and last day, or None where the source names no day of the act.
    """
    first = fact.since or fact.until
    if first is None:
        return None
    last = fact.until or max(first, fact.known_from or first)
    return first, max(first, last)


def place(law: Law, fact: Fact) -> str:
    """Where an act lies: ``in`` the days in force (in part at least), ``before`` (outside) them, or ``undated``.

    An act of which nobody says when, known already before the law, lay before it.
    """
    days = span(fact)
    if days is not None:
        return IN if law.in_force(*days) else BEFORE
    return BEFORE if fact.known_from is not None and fact.known_from < law.first else UNDATED


def older(law: Law, fact: Fact) -> bool:
    """Whether an act began before the law was in force."""
    days = span(fact)
    return days is not None and days[0] < law.first


def force_of(law: Law, acts: list[Fact], as_of: dt.date | None) -> str:
    """Whether the law governs the acts: yes, part (some of them is older), no, or unknown (no day known).

    Args:
        law: the provision.
        acts: the facts that date the act.
        as_of: the run's day, None where it is not known.
    """
    if not law.conduct:
        return "unknown" if as_of is None else "yes" if law.in_force(as_of) else "no"
    places = [place(law, f) for f in acts]
    if IN in places:
        return "part" if any(older(law, f) for f in acts) else "yes"
    if places and UNDATED not in places:
        return "no"
    # No day of the act is known: it cannot lie in force while the law itself is not, on the run's day.
    return "no" if as_of is not None and not law.in_force(law.first, as_of) else "unknown"


def law_on(law: Law, acts: list[Fact], as_of: dt.date | None) -> dt.date | None:
    """The day whose text is applied: the run's day, or the first day of the acts on which the text was in force."""
    if not law.conduct:
        return as_of
    starts = [
        max(first, since)
        for first, last in filter(None, map(span, acts))
        for since, until in law.versions
        if since <= last and (until is None or first <= until)
    ]
    return min(starts, default=None)
