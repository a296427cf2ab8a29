"""Cases as exports and packages see them: who, the facts, and the identifiers with first and last sight."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from mapae.casework import alerts
from mapae.model.ids import finding_id
from mapae.reports import facts, identifiers, people
from mapae.reports.dossier import subject_of
from mapae.reports.facts import Fact
from mapae.reports.people import Person
from mapae.reports.sections import rows_in
from mapae.store.runs import OpenRun


@dataclasses.dataclass(frozen=True)
class Identifier:
    """A value that the records show with a person of the case.

    Args:
        kind, value: see :data:`mapae.reports.identifiers.PLACES`.
        person: the account that stands for the person.
        first, last: first and last sight (UTC); None where the rows carry no time.
        rows: rows that show it.
        first_ref, last_ref: references to the first and last of them.
    """

    kind: str
    value: str
    person: str
    first: Any
    last: Any
    rows: int
    first_ref: str
    last_ref: str


@dataclasses.dataclass(frozen=True)
class Case:
    """One case of a run.

    Args:
        subject: typed reference of the operator.
        id: 32 hex digits, the same in every run.
        review: whether the run puts it to people.
        people: who it is about.
        facts: signs and what is shared.
        state: what people have made of it so far, as new or looking.
    """

    subject: str
    id: str
    review: bool
    people: tuple[Person, ...]
    facts: tuple[Fact, ...]
    state: str = "new"


def chosen(run: OpenRun, subjects: tuple[str, ...] = (), today: dt.date | None = None) -> dict[str, str]:
    """Subjects of the cases, in order, each with its state (new, looking …).

    Args:
        subjects: those named; when empty, every case that was raised or that the run puts to people, and that nobody
            has cleared, confirmed or reported.
        today: the day on which snoozes and holds are looked at; the clock's when None.

    Raises:
        MapaeError: the run holds nothing about a named one.
    """
    board = alerts.board(run, today=today or dt.datetime.now(dt.UTC).date())
    states = {
        a.case.ref: a.past.state
        for held in (board.settled, board.snoozed, board.waiting, board.new, board.open, board.again)
        for a in held
    }
    if subjects:
        named = [subject_of(run, s) for s in subjects]
    else:
        settled = {a.case.ref for a in (*board.settled, *board.snoozed)}
        named = [a.case.ref for a in (*board.new, *board.open, *board.again)]
        named += [
            r["s"]
            for r in run.rows(
                "select distinct case when ring = '' then subject else ring end as s from assessment where verdict = 'yes' order by s"
            )
            if r["s"] not in settled
        ]
    operators = sorted({people.operator(run, s) for s in named})
    return {s: states.get(s, "new") for s in operators}


def of(run: OpenRun, subject: str, state: str = "new") -> Case:
    """A case by its subject.

    Raises:
        MapaeError: the subject is no person and no group of people.
    """
    who = people.of(run, subject)
    review = rows_in(
        run,
        "select 1 as n from assessment where verdict = 'yes' and subject in $in limit 1",
        [f"account:{p.principal}" for p in who],
    )
    return Case(
        subject,
        finding_id("case", "case", subject),
        bool(review),
        tuple(who),
        tuple(facts.signs(run, who) + facts.shared(run, who)),
        state,
    )


def seen(run: OpenRun, case: Case, kinds: tuple[str, ...] = identifiers.KINDS) -> list[Identifier]:
    """Identifiers of the case's people with their first and last sight, by kind, value and person."""
    holders = [p.principal for p in case.people] + [f"person:{p.person_id}" for p in case.people if p.person_id]
    rows = rows_in(
        run,
        "select kind, value, holder, min(seen_at) as first, max(seen_at) as last, count(*) as rows, "
        "arg_min(ref, (coalesce(seen_at, timestamptz '1900-01-01'), ref)) as first_ref, "
        "arg_max(ref, (coalesce(seen_at, timestamptz '1900-01-01'), ref)) as last_ref from ("
        "select *, 'record:' || table_name || ':' || mapae_source || ':' || mapae_row as ref "
        f"from ({identifiers.sightings(run, kinds)}) as s where holder in $in) as t "
        "group by kind, value, holder order by kind, value, holder",
        holders,
    )
    return [
        Identifier(r["kind"], r["value"], r["holder"], r["first"], r["last"], r["rows"], r["first_ref"], r["last_ref"])
        for r in rows
    ]
