"""History: what the ledger says was raised and decided about each reference, replayed line by line.

History belongs to members. A case carries on whatever was raised or decided about any reference that is in it, so it
continues when a ring is renamed, split or merged; where its members' histories differ, :func:`together` says what holds.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import Any

from mapae.casework.cases import Case
from mapae.store import ledger
from mapae.store.workspace import Workspace

NEW, LOOKING, COVERT, CONTAINED = "new", "looking", "covert hold", "contained"
CLEARED, CONFIRMED, REPORTED = "cleared", "confirmed", "reported"
# Of members with several histories, the state that asks for most attention holds; cleared only where all are.
STATES = (COVERT, CONTAINED, CONFIRMED, REPORTED, LOOKING, NEW, CLEARED)
SETTLED = (CLEARED, CONFIRMED, REPORTED)


@dataclasses.dataclass(frozen=True)
class Asked:
    """A covert hold that one person asked for: by whom, until when, on what evidence."""

    by: str
    until: str
    digest: str


@dataclasses.dataclass(frozen=True)
class Past:
    """What is known of one reference. Days are ISO texts, empty where there is none.

    Args:
        families: families and ``nexus`` that an alert or a clearing named.
        centibits: weight when last raised or cleared; None where neither happened.
        raised, raised_run: day and run of the last alert.
        first: day of the first alert.
        state, by, at, reason, until, digest, run: of the decision in force.
        before: the state that a covert hold returns to.
        asked: a covert hold that waits for a second person.
        snoozed: last snooze's end, until the case is raised or decided again.
        outcome: what it turned out to be.
        since: number of the ledger line that says the latest, to order histories.
    """

    families: frozenset[str] = frozenset()
    centibits: int | None = None
    raised: str = ""
    raised_run: str = ""
    first: str = ""
    state: str = NEW
    by: str = ""
    at: str = ""
    reason: str = ""
    until: str = ""
    digest: str = ""
    run: str = ""
    before: str = NEW
    asked: Asked | None = None
    snoozed: str = ""
    outcome: str = ""
    since: int = 0

    def on(self, today: dt.date) -> Past:
        """As it stands on a day: covert holds and requests for one end by themselves after their last day."""
        day, now = today.isoformat(), self
        if now.state == COVERT and now.until < day:
            now = dataclasses.replace(now, state=now.before, until="", asked=None)
        if now.asked and now.asked.until < day:
            now = dataclasses.replace(now, asked=None)
        return now

    def ended(self, today: dt.date) -> bool:
        """Whether a covert hold was in force and has run out."""
        return self.state == COVERT and self.until < today.isoformat()

    def asleep(self, today: dt.date) -> bool:
        """Whether a snooze holds on a day; it ends with the day before its date."""
        return bool(self.snoozed) and today.isoformat() < self.snoozed


def read(space: Workspace) -> dict[str, Past]:
    """What the ledger says of each reference."""
    return replay(line.act | {"line": line.sequence} for line in ledger.read(space.ledger).lines)


def replay(acts: Iterable[dict[str, Any]]) -> dict[str, Past]:
    """Histories out of ledger acts in their order; acts of other rooms are passed over."""
    known: dict[str, Past] = {}
    for number, act in enumerate(acts, 1):
        members = act.get("members")
        if act.get("act") not in ("alert", "decision") or not isinstance(members, list):
            continue
        day = dt.date.fromisoformat(str(act["at"])[:10])
        past = _after(together([known[m] for m in members if m in known]).on(day), act)
        past = dataclasses.replace(past, since=int(act.get("line", number)))
        known |= dict.fromkeys(members, past)
    return known


def of(case: Case, known: dict[str, Past]) -> Past | None:
    """The history of a case: its members' together; None where nothing was ever said of any."""
    held = [known[ref] for ref in case.members if ref in known]
    return together(held) if held else None


def together(pasts: Iterable[Past]) -> Past:
    """Several histories as one: all families named, the greatest weight, the state that asks for most attention.

    A snooze holds only where all are snoozed, to the earliest end; a case is cleared only where all were.
    """
    held = sorted(set(pasts), key=lambda p: p.since)
    if not held:
        return Past()
    if len(held) == 1:
        return held[0]
    leading = min(held, key=lambda p: (STATES.index(p.state), -p.since))
    weights = [p.centibits for p in held if p.centibits is not None]
    latest = max(held, key=lambda p: (p.raised, p.since))
    return dataclasses.replace(
        leading,
        families=frozenset().union(*(p.families for p in held)),
        centibits=max(weights) if weights else None,
        raised=latest.raised,
        raised_run=latest.raised_run,
        first=min((p.first for p in held if p.first), default=""),
        snoozed=min(p.snoozed for p in held),
        outcome=next((p.outcome for p in reversed(held) if p.outcome), ""),
        since=held[-1].since,
    )


def _after(past: Past, act: dict[str, Any]) -> Past:
    families = past.families | frozenset(act.get("families", ()))
    day = str(act["at"])[:10]
    if act["act"] == "alert":
        if past.state == CLEARED:  # the clearing is over, and with it what it rested on
            past = dataclasses.replace(past, state=NEW, digest="")
        return dataclasses.replace(
            past, families=families, centibits=int(act["centibits"]), raised=day, raised_run=str(act["run"]),
            first=past.first or day, snoozed="",
        )  # fmt: skip
    what = act.get("what")
    if what == "snooze":
        return dataclasses.replace(past, snoozed=str(act["until"]))
    if what == "outcome":
        return dataclasses.replace(past, outcome=str(act["is"]))
    if what == "asked":
        return dataclasses.replace(past, asked=Asked(str(act["by"]), str(act["until"]), str(act["digest"])))
    if what != "state":
        return past
    state = str(act["state"])
    changed = dataclasses.replace(
        past, state=state, by=str(act["by"]), at=day, reason=str(act.get("reason", "")), until=str(act.get("until", "")),
        digest=str(act["digest"]), run=str(act["run"]), asked=None, snoozed="",
        before=past.before if past.state == COVERT else past.state,
    )  # fmt: skip
    if state == CLEARED:
        changed = dataclasses.replace(changed, families=families, centibits=int(act["centibits"]))
    return changed
