"""One table of four rows judges every element of every provision (house.md, "Provision"; law.md section 5).

| verdict | when |
|---|---|
| met | support of a sufficient source kind, and nothing of equal kind against |
| partly | weaker support, or both sides |
| not met | only against, of a sufficient source kind |
| unknown | nothing, or nothing but a weaker voice against |

A charge, the press and one's own inquiry are never sufficient, whatever a provision says.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterable

from mapae.model import verdicts
from mapae.rules import load

# Source kinds that show an allegation and no more: at most "partly" (records.md, law.md section 5).
ALLEGATIONS = frozenset({"charge", "press", "own_inquiry"})
SOURCE_KINDS = ("court", "government", "un_panel", "coalition", "sworn", "record", "charge", "press", "own_inquiry")

# Strength of one side: nothing, something weaker than sufficient, sufficient.
NOTHING, WEAKER, SUFFICIENT = 0, 1, 2


@dataclasses.dataclass(frozen=True)
class Fact:
    """One row of the projection ``facts``: what a source shows of a subject.

    Args:
        subject: typed reference.
        fact: a word of the vocabulary (``catalogue/facts.yml``).
        source_kind: one of :data:`SOURCE_KINDS`.
        since, until: first and last day; None where the source does not say.
        known_from: day from which it was known; None where it has been in the records all along.
        ref: reference of the ground.
    """

    subject: str
    fact: str
    source_kind: str
    since: dt.date | None = None
    until: dt.date | None = None
    known_from: dt.date | None = None
    ref: str = ""


@dataclasses.dataclass(frozen=True)
class Element:
    """An element of a provision, as the catalogue states it.

    Args:
        id: short name, as ``worker``; the finding's rule is ``<provision>#<id>``.
        asks: the question in words.
        supports: words that speak for it.
        part: words that speak for a part of it, whoever says so.
        against: words that speak against it.
        sufficient: source kinds that suffice.
        opinion: whether it is a matter of judgement; its factors are shown and a person decides.
        dated: whether its facts date the act, so that the law of that day decides if they count.
    """

    id: str
    asks: str
    supports: frozenset[str]
    part: frozenset[str]
    against: frozenset[str]
    sufficient: frozenset[str]
    opinion: bool
    dated: bool

    @functools.cached_property
    def words(self) -> frozenset[str]:
        """All facts that this element looks at."""
        return self.supports | self.part | self.against


@dataclasses.dataclass(frozen=True)
class Judged:
    """An element's verdict with its two sides; ``left_out`` are facts wholly outside the days of the law."""

    element: Element
    verdict: str
    supporting: tuple[Fact, ...]
    opposing: tuple[Fact, ...]
    left_out: tuple[Fact, ...] = ()
    undated: tuple[Fact, ...] = ()

    @property
    def used(self) -> tuple[Fact, ...]:
        """Every fact that the verdict looked at."""
        return self.supporting + self.opposing


def read_element(data: load.Mapping) -> Element:
    """An element as a value, from its mapping in the provision."""
    opinion = list(data.get("opinion", ()))
    return Element(
        id=str(data["id"]),
        asks=str(data["asks"]),
        supports=frozenset([*data.get("for", ()), *opinion]),
        part=frozenset(data.get("part", ())),
        against=frozenset(data.get("against", ())),
        sufficient=frozenset(data.get("sufficient", ())) - ALLEGATIONS,
        opinion=bool(opinion),
        dated=data.get("dated") == "yes",
    )


def verdict_of(support: int, against: int) -> str:
    """The table of four rows.

    Args:
        support: strength of what speaks for it: NOTHING, WEAKER or SUFFICIENT.
        against: strength of what speaks against it.

    Example:
        >>> verdict_of(SUFFICIENT, WEAKER), verdict_of(SUFFICIENT, SUFFICIENT), verdict_of(NOTHING, WEAKER)
        ('met', 'partly', 'unknown')
    """
    if support == SUFFICIENT and against < SUFFICIENT:
        return verdicts.MET
    if support > NOTHING:
        return verdicts.PARTLY
    if against == SUFFICIENT:
        return verdicts.NOT_MET
    return verdicts.UNKNOWN


def judge(
    element: Element,
    facts: Iterable[Fact],
    *,
    undated: frozenset[Fact] = frozenset(),
    left_out: frozenset[Fact] = frozenset(),
) -> Judged:
    """Judge an element on one subject's facts.

    Args:
        element: what is asked.
        facts: the subject's facts known by then, in any order.
        undated: facts of which nobody says when: they show a part of what needs a day.
        left_out: facts wholly outside the days on which the provision was in force: they count for neither side.

    Returns:
        The verdict and both sides, each sorted by its grounds.
    """
    named = sorted((f for f in facts if f.fact in element.words), key=_order)
    counted = [f for f in named if f not in left_out]
    supporting = tuple(f for f in counted if f.fact in element.supports or f.fact in element.part)
    opposing = tuple(f for f in counted if f.fact in element.against)
    support = max((_support(element, f, undated) for f in supporting), default=NOTHING)
    against = max((_strength(element, f) for f in opposing), default=NOTHING)
    verdict = verdict_of(support, against)
    if element.opinion and verdict == verdicts.MET:
        verdict = verdicts.PARTLY
    return Judged(
        element=element,
        verdict=verdict,
        supporting=supporting,
        opposing=opposing,
        left_out=tuple(f for f in named if f in left_out),
        undated=tuple(f for f in supporting if f in undated),
    )


def exception_state(sufficient: Iterable[str], supporting: Iterable[Fact]) -> str:
    """State of an exception: ``none on record``, ``claimed`` or ``established``; only the last defeats.

    Args:
        sufficient: source kinds that establish it.
        supporting: the subject's facts that speak for it.
    """
    kinds = {f.source_kind for f in supporting}
    if kinds & (frozenset(sufficient) - ALLEGATIONS):
        return "established"
    return "claimed" if kinds else "none on record"


def _support(element: Element, fact: Fact, undated: frozenset[Fact]) -> int:
    """Strength of one supporting fact: part of the question, or no day where one is needed, is weaker."""
    if fact.fact not in element.supports or fact in undated:
        return WEAKER
    return _strength(element, fact)


def _strength(element: Element, fact: Fact) -> int:
    return SUFFICIENT if fact.source_kind in element.sufficient else WEAKER


def _order(fact: Fact) -> tuple[str, str, str, str]:
    return (fact.fact, fact.source_kind, fact.ref, str(fact.since))
