"""The step of this room: facts per subject, every provision applied, findings written."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from mapae.determinations import apply
from mapae.determinations.apply import LISTED, LISTED_DPRK, Determined
from mapae.determinations.elements import Fact, Judged
from mapae.determinations.law import Law, read_law
from mapae.engine.steps import Inputs, Step
from mapae.model import findings, verdicts
from mapae.model.ids import finding_id, finding_ref
from mapae.rules.kinds import Catalogue
from mapae.settings import Settings

ELEMENT, DETERMINATION = "findings/element", "findings/determination"


def steps(catalogue: Catalogue, settings: Settings) -> list[Step]:
    """One step that applies every provision to every subject with a fact that the provision names.

    Args:
        catalogue: its provisions are applied; their hashes are part of the step's recipe.
        settings: ``as_of`` and ``known_by``; where empty, all facts count and the law is taken on their latest day.
    """
    laws = [read_law(provision) for provision in catalogue.provisions.values()]
    as_of, known_by = _day(settings.as_of), _day(settings.known_by)

    def function(inputs: Inputs) -> dict[str, Any]:
        rows: dict[str, list[dict[str, Any]]] = {"element": [], "determination": []}
        for subject, facts in _by_subject(inputs, laws):
            for law in laws:
                if any(f.fact in law.words for f in facts):
                    determined = apply.determine(law, subject, facts, as_of=as_of, known_by=known_by)
                    _add(rows, determined)
        return {
            ELEMENT: findings.table("element", rows["element"]),
            DETERMINATION: findings.table("determination", rows["determination"]),
        }

    return [
        Step(
            name="determinations",
            reads=("facts", "findings/path"),
            writes=(ELEMENT, DETERMINATION),
            function=function,
            version="1",
            parameters={
                "as_of": settings.as_of,
                "known_by": settings.known_by,
                "provisions": {law.provision.id: law.provision.sha256 for law in laws},
            },
            schema={ELEMENT: findings.schema("element"), DETERMINATION: findings.schema("determination")},
            order={ELEMENT: findings.ORDER, DETERMINATION: findings.ORDER},
        )
    ]


def _by_subject(inputs: Inputs, laws: Iterable[Law]) -> Iterable[tuple[str, list[Fact]]]:
    """Facts that some provision names, with the listing of their subjects, one subject after the other."""
    words = sorted(frozenset(w for law in laws for w in law.words))
    if not words:
        return
    named = ", ".join(f"'{w}'" for w in words)
    table = inputs.arrow(
        "select subject, fact, source_kind, since, until, known_from, ref from facts "
        f"where fact in ({named}) or (fact in ('{LISTED}', '{LISTED_DPRK}') "
        f"and subject in (select subject from facts where fact in ({named}))) "
        "order by subject, fact, ref, source_kind, since, until, known_from"
    )
    days = _days_of_paths(inputs)
    for subject, rows in itertools.groupby(table.to_pylist(), key=lambda r: str(r["subject"])):
        yield subject, [_fact(row, days) for row in rows]


def _fact(row: Mapping[str, Any], days: Mapping[str, tuple[dt.date | None, dt.date | None]]) -> Fact:
    """A row of the projection; a path's days are those of its hops."""
    since, until = row["since"], row["until"]
    if since is None and until is None and row["ref"] in days:
        since, until = days[row["ref"]]
    return Fact(row["subject"], row["fact"], row["source_kind"], since, until, row["known_from"], row["ref"])


def _days_of_paths(inputs: Inputs) -> dict[str, tuple[dt.date | None, dt.date | None]]:
    """First and last day of what happened on each path, by the path's reference.

    A hop with a first and a last day happened then (payments); one with an open end is a state (ownership), which
    dates a path only where nothing else does.
    """
    table = inputs.arrow("select id, hops from path where 'finding:' || id in (select ref from facts) order by id")
    days = {}
    for row in table.to_pylist():
        happened = [hop for hop in row["hops"] if hop["since"] is not None and hop["until"] is not None]
        named = [day for hop in happened or row["hops"] for day in (hop["since"], hop["until"]) if day is not None]
        days[finding_ref(row["id"])] = (min(named, default=None), max(named, default=None))
    return days


def _add(rows: dict[str, list[dict[str, Any]]], determined: Determined) -> None:
    """Findings of one provision about one subject."""
    grounds = [f.ref for f in determined.exception_facts]
    for judged in determined.judged:
        rows["element"].append(_element_row(determined, judged))
        grounds.append(finding_ref(finding_id("element", _rule(determined, judged), determined.subject)))
    rows["determination"].append(
        findings.row(
            "determination",
            rule=determined.law.provision.id,
            subject=determined.subject,
            verdict=determined.verdict,
            because=grounds,
            facts=_facts(determined),
            act_since=determined.act_since,
            act_until=determined.act_until,
            law_on=determined.law_on,
            missing=apply.missing(determined),
        )
    )


def _rule(determined: Determined, judged: Judged) -> str:
    return f"{determined.law.provision.id}#{judged.element.id}"


def _element_row(determined: Determined, judged: Judged) -> dict[str, Any]:
    used = judged.used
    return findings.row(
        "element",
        rule=_rule(determined, judged),
        subject=determined.subject,
        verdict=judged.verdict,
        because=[f.ref for f in judged.supporting],
        facts={
            "code": determined.law.provision.data.get("sheet", {}).get(judged.element.id, ""),
            "for": sorted({f.fact for f in judged.supporting}),
            "against": sorted({f.fact for f in judged.opposing}),
            "left_out": len(judged.left_out),
            "undated": len(judged.undated),
            "opinion": verdicts.YES if judged.element.opinion else verdicts.NO,
        },
        since=min((f.since for f in used if f.since), default=None),
        until=max((f.until for f in used if f.until), default=None),
        known_from=max((f.known_from for f in used if f.known_from), default=None),
        source_kinds=sorted({f.source_kind for f in used}),
        against=sorted({f.ref for f in judged.opposing}),
    )


def _facts(determined: Determined) -> dict[str, Any]:
    """Values of the determination's sentence; both overalls stand side by side."""
    law = determined.law
    counted = [*law.conjunctive, *law.apart[:1]]
    by_id = {j.element.id: j.verdict for j in determined.judged}
    return {
        **determined.overalls,
        "result": determined.result,
        "in_force": determined.in_force,
        "older_than_the_law": determined.older,
        "undated": determined.undated,
        "met": sum(by_id[i] == verdicts.MET for i in counted),
        "elements": len(counted),
        "exceptions": determined.exceptions,
        "duty": str(law.provision.data["duty"]),
        "sheet": str(law.provision.data.get("sheet", {}).get("id", "")),
        "record": _record(determined),
    }


def _record(determined: Determined) -> str:
    """What the lists say of the subject; a list's programme never says which limb of an order was used."""
    if not determined.listed:
        return "no public record of designation in the lists read"
    since = f" since {determined.listed_since.isoformat()}" if determined.listed_since else ""
    programme = (
        "a programme on North Korea"
        if determined.listed == LISTED_DPRK
        else "a programme that does not name North Korea"
    )
    return f"listed under {programme}{since}; on what ground, the list does not say"


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
