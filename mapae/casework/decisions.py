"""Decisions: what a person decided about a case, and why; held while the digest of its evidence stands.

A covert hold (the subject is not told) takes two different persons, the same evidence and an end date, and ends by
itself. Texts that people write go into a ledger that nobody can edit, so contact data in them is refused.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import unicodedata
from typing import Any

from mapae.casework import history, playbooks
from mapae.casework.cases import Case
from mapae.casework.history import COVERT, LOOKING, NEW, STATES, Past
from mapae.model.errors import MapaeError, WrongUse
from mapae.store import ledger
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace, writing

# States that need no reason: taking a case up, and putting it back.
WITHOUT_REASON = (NEW, LOOKING)
# E-mail addresses, IP addresses, and seven digits and more in a row or broken by separators, as telephone and document
# numbers are; days written 2026-11-24 pass.
_CONTACT = re.compile(
    r"\S+@\S+|\b\d{1,3}(\.\d{1,3}){3}\b|[0-9a-f]{1,4}(:[0-9a-f]{0,4}){3,}|\d(?:[ ()/.-]?\d){6,}", re.I
)
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
TEXT_MOST = 500


@dataclasses.dataclass(frozen=True)
class Decided:
    """What came of a decision: the state in force, and one sentence for the person."""

    state: str
    says: str


def plain(text: str, called: str, *, needed: bool = True) -> str:
    """A text that may stand in the ledger.

    Args:
        text: what a person wrote.
        called: the option, for messages.
        needed: whether it may not be empty.

    Raises:
        WrongUse: it is empty though needed, too long, or holds an address or a number of a person.
    """
    folded = " ".join(unicodedata.normalize("NFC", text).split())
    if needed and not folded:
        raise WrongUse(f"{called} is missing.", do=f"Say it in a few words: {called} …")
    if len(folded) > TEXT_MOST:
        raise WrongUse(f"{called} is too long.", do=f"At most {TEXT_MOST} letters; keep the rest in your case file.")
    if any(not c.isprintable() for c in folded) or _CONTACT.search(_DAY.sub("", folded)):
        raise WrongUse(
            f"{called} holds what looks like an e-mail address, an IP address or a number of a person.",
            why="The ledger is never edited, so nothing that must one day be erased may stand in it.",
            do="Say it in words; the case's own references are recorded anyway.",
        )
    return folded


def day(text: str, called: str, today: dt.date) -> str:
    """A day after today, as ISO text.

    Raises:
        WrongUse: it is no ISO date, or not after today.
    """
    try:
        told = dt.date.fromisoformat(text)
    except ValueError:
        raise WrongUse(f"{called} is no day: {text!r}.", do="Write it as 2026-12-31.") from None
    if told <= today:
        raise WrongUse(f"{called} {text} is not after today.", do="Name a later day.")
    return told.isoformat()


def decide(
    space: Workspace,
    run: OpenRun,
    case: Case,
    *,
    state: str,
    by: str,
    now: dt.datetime,
    reason: str = "",
    until: str = "",
) -> Decided:
    """Record what a person decided about a case. Takes the writing lock.

    Args:
        state: one of :data:`mapae.casework.history.STATES`.
        by: who decided.
        reason: why; needed but for new and looking.
        until: last day of a covert hold; needed for it and for nothing else.
        now: when, in UTC.

    Returns:
        The state in force. A covert hold asked for by one person leaves the state as it was until a second agrees.

    Raises:
        WrongUse: an argument is missing or wrong.
    """
    if state not in STATES:
        raise WrongUse(f"There is no state {state!r}.", do="States: " + ", ".join(STATES) + ".")
    by = plain(by, "--by")
    reason = plain(reason, "--reason", needed=state not in WITHOUT_REASON)
    if until and state != COVERT:
        raise WrongUse(f"--until goes with {COVERT} alone.", do="To put a case off: mapae snooze CASE --until DAY")
    with writing(space):
        ledger.repair(space)
        past = (history.of(case, history.read(space)) or Past()).on(now.date())
        if state == COVERT:
            return _covert(space, run, case, past, by=by, now=now, reason=reason, until=until)
        ledger.append(space, [line(run, case, "state", by=by, now=now, state=state, reason=reason)])
    return Decided(state, f"{case.ref} is {state}, decided by {by}; it holds while the evidence stands.")


def _covert(
    space: Workspace, run: OpenRun, case: Case, past: Past, *, by: str, now: dt.datetime, reason: str, until: str
) -> Decided:
    asked = past.asked
    second = asked is not None and asked.digest == case.digest and not same_person(asked.by, by)
    if not second and asked is not None and same_person(asked.by, by) and asked.digest == case.digest:
        raise WrongUse(
            f"{by} asked for this covert hold already.",
            why="A person who is not told cannot answer, so it takes two different persons.",
            do="Let a second person run the same command with their own --by.",
        )
    if not until and not second:
        raise WrongUse("A covert hold needs its last day.", do="Add --until DAY; it ends by itself after that day.")
    last = day(until, "--until", now.date()) if until else ""
    most = playbooks.of_run(run.manifest).covert_days
    if last and dt.date.fromisoformat(last) > now.date() + dt.timedelta(days=most):
        raise WrongUse(f"A covert hold lasts at most {most} days.", do="Name an earlier day; it can be asked for anew.")
    if not second:
        ledger.append(space, [line(run, case, "asked", by=by, now=now, state=COVERT, reason=reason, until=last)])
        return Decided(
            past.state, f"{by} asks for a covert hold until {last}. It begins when a second person decides the same."
        )
    assert asked is not None
    last = min(last or asked.until, asked.until)
    made = line(run, case, "state", by=by, now=now, state=COVERT, reason=reason, until=last, asked_by=asked.by)
    ledger.append(space, [made])
    return Decided(COVERT, f"Covert hold until {last}, asked for by {asked.by} and agreed by {by}; it ends by itself.")


def snooze(
    space: Workspace, run: OpenRun, case: Case, *, until: str, by: str, now: dt.datetime, reason: str = ""
) -> Decided:
    """Put a case off until a day, on which it is raised again. Takes the writing lock.

    Raises:
        WrongUse: the day is not after today.
    """
    last = day(until, "--until", now.date())
    made = line(
        run, case, "snooze", by=plain(by, "--by"), now=now, until=last, reason=plain(reason, "--reason", needed=False)
    )
    with writing(space):
        ledger.repair(space)
        ledger.append(space, [made])
    return Decided("snoozed", f"{case.ref} sleeps until {last}; only a nexus fact wakes it before.")


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's, as far as spelling tells: case, blanks and forms of letters do not."""

    def folded(text: str) -> str:
        return "".join(unicodedata.normalize("NFKC", text).casefold().split())

    return folded(one) == folded(other)


def line(run: OpenRun, case: Case, what: str, *, by: str, now: dt.datetime, **more: Any) -> dict[str, Any]:
    """A decision's ledger line: who, when, about which case of which run, on which evidence."""
    if now.tzinfo is None:
        raise MapaeError("A decision's time has no zone.", do="Give it in UTC.")
    return {
        "act": "decision",
        "what": what,
        "at": now.astimezone(dt.UTC).replace(microsecond=0).isoformat(),
        "by": by,
        "run": run.name,
        "case": case.ref,
        "finding": case.finding,
        "members": list(case.members),
        "centibits": case.centibits,
        "families": sorted(case.reasons),
        "digest": case.digest,
        **{name: value for name, value in more.items() if value != ""},
    }
