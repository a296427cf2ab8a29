"""A provision applied to one subject: each element's verdict, exceptions, the overall, and what is missing.

In force is a gate before the elements. The overall is the weakest of the conjunctive elements; the two readings of
knowledge give two overalls, and the determination's verdict takes the one with actual knowledge, the cautious
reading (section 0 point 3 of the legal reference); the other is printed beside it and never merged with it.
An exception stands beside the elements: none on record, claimed or established; only an established one defeats.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from mapae.determinations import elements
from mapae.determinations.elements import Fact, Judged
from mapae.determinations.law import BEFORE, UNDATED, Law, force_of, law_on, older, place, read_law, span
from mapae.model import verdicts
from mapae.rules.kinds import Provision

# That a party stands on an official list, under a DPRK programme or another: no element, printed beside the result.
LISTED_DPRK, LISTED = "listed_dprk", "listed"
NOT_IN_FORCE = "not in force"
EXCEPTED = "not met (excepted)"


@dataclasses.dataclass(frozen=True)
class Determined:
    """A provision's answer about one subject.

    Args:
        exceptions: state of each exception by its id.
        overalls: ``overall_actual`` and ``overall_constructive``, or ``overall``; the first is the verdict's.
        verdict: met, partly, not met or unknown.
        result: the same in fuller words: ``not in force``, ``not met (excepted)``, or the verdict.
        in_force: yes, part, no or unknown (see :func:`mapae.determinations.law.force_of`).
        act_since, act_until: days of the act as far as the facts name them.
        law_on: the day whose text was applied.
        older: how many facts of the act began before the law.
        undated: how many name no day.
        listed: ``listed_dprk``, ``listed`` or "": how a list that was read has the subject; ``listed_since``: from when.
    """

    law: Law
    subject: str
    judged: tuple[Judged, ...]
    exceptions: dict[str, str]
    exception_facts: tuple[Fact, ...]
    overalls: dict[str, str]
    verdict: str
    result: str
    in_force: str
    act_since: dt.date | None
    act_until: dt.date | None
    law_on: dt.date | None
    older: int
    undated: int
    listed: str
    listed_since: dt.date | None

    def answer(self, of: str = "") -> str:
        """Verdict of an element, state of an exception, an overall (``overall_actual``), or the result in all."""
        by_id = {j.element.id: j.verdict for j in self.judged}
        return {**self.overalls, **self.exceptions, **by_id, "": self.result}[of]


def determine(
    law: Law, subject: str, facts: Iterable[Fact], *, as_of: dt.date | None, known_by: dt.date | None
) -> Determined:
    """Apply a provision to a subject.

    Args:
        law: the provision.
        subject: typed reference; the facts are about it.
        facts: all of the subject's facts.
        as_of: day as of which the law is taken; None: the latest day that the facts themselves name.
        known_by: facts known only after this day are not used; None uses all.

    Returns:
        Verdicts of the elements and of the whole.
    """
    known = [f for f in facts if known_by is None or f.known_from is None or f.known_from <= known_by]
    as_of = as_of or max((d for f in known for d in (f.since, f.until, f.known_from) if d), default=None)
    acts = [f for f in known if f.fact in law.acts]
    placed = {f: place(law, f) for f in known if law.conduct and f.fact in law.dated}
    outside = frozenset(f for f, where in placed.items() if where == BEFORE)
    undated = frozenset(f for f, where in placed.items() if where == UNDATED)
    nothing: frozenset[Fact] = frozenset()
    judged = tuple(
        elements.judge(e, known, left_out=outside if e.dated else nothing, undated=undated if e.dated else nothing)
        for e in law.elements
    )
    in_force = force_of(law, acts, as_of)
    overalls = _overalls(law, {j.element.id: j.verdict for j in judged})
    states = {
        e.id: elements.exception_state(e.sufficient, [f for f in known if f.fact in e.supports]) for e in law.exceptions
    }
    verdict = next(iter(overalls.values()))
    result = verdict
    if in_force == "no":
        verdict, result = verdicts.NOT_MET, NOT_IN_FORCE
    elif "established" in states.values():
        verdict, result = verdicts.NOT_MET, EXCEPTED
    spans = [s for s in map(span, acts) if s is not None]
    named = {f.fact for f in known}
    listed = LISTED_DPRK if LISTED_DPRK in named else LISTED if LISTED in named else ""
    return Determined(
        law=law,
        subject=subject,
        judged=judged,
        exceptions=states,
        exception_facts=tuple(f for f in known if any(f.fact in e.supports for e in law.exceptions)),
        overalls=overalls,
        verdict=verdict,
        result=result,
        in_force=in_force,
        act_since=min((first for first, _ in spans), default=None),
        act_until=max((last for _, last in spans), default=None),
        law_on=law_on(law, acts, as_of) if in_force != "no" else None,
        older=sum(older(law, f) for f in acts),
        undated=len(acts) - len(spans),
        listed=listed,
        listed_since=min((f.since for f in known if f.since and f.fact == listed), default=None),
    )


def missing(determined: Determined) -> list[str]:
    """Elements that are not met, each with the evidence that would suffice, in the provision's order."""
    lines = []
    for judged in determined.judged:
        element = judged.element
        if judged.verdict == verdicts.MET:
            continue
        words = ", ".join(sorted(element.supports))
        kinds = ", ".join(k for k in elements.SOURCE_KINDS if k in element.sufficient)
        need = (
            f"a person's decision, on the factors {words}"
            if element.opinion
            else f"one of {words}, shown by one of {kinds}"
        )
        lines.append(f"{element.id}: {judged.verdict}; would need {need}")
    return lines


def answer_case(provision: Provision, case: Mapping[str, Any]) -> str:
    """Answer of a provision's inline case, to be held against the case's ``answer``.

    A case has ``on`` (the run's two dates, and the day of every fact that names none of its own), ``given.facts``
    (a header and rows) and ``of`` (an element, an exception, an overall; absent: the result in all).
    An empty cell is a date that the source does not name.

    Raises:
        ValueError: a date is no ISO date.
        KeyError: ``of`` names nothing that the provision has.
    """
    on = dt.date.fromisoformat(case["on"])
    header, *rows = case.get("given", {}).get("facts", []) or [[]]
    facts = []
    for number, cells in enumerate(rows):
        row = dict(zip(header, cells, strict=True))
        days = {name: _day(row[name]) if name in row else on for name in ("since", "until", "known_from")}
        facts.append(
            Fact(row["subject"], row["fact"], row["source_kind"], ref=f"record:facts:case:{number + 1}", **days)
        )
    subject = facts[0].subject if facts else "party:nobody"
    determined = determine(read_law(provision), subject, facts, as_of=on, known_by=on)
    return determined.answer(str(case.get("of", "")))


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _overalls(law: Law, by_id: dict[str, str]) -> dict[str, str]:
    """Weakest of the conjunctive elements, once for each reading that stands apart."""
    base = [by_id[i] for i in law.conjunctive]
    if not law.apart:
        return {"overall": verdicts.weakest(base)}
    return {f"overall_{i.rpartition('.')[2]}": verdicts.weakest([*base, by_id[i]]) for i in law.apart}
