"""Alerts: a case with its set of reasons, raised once, and again only for a new family or three more bits.

A snooze ends on its date and brings the case back; what was cleared stays cleared under the same rule; at most so many
are raised a week, worst first, and the rest waits. A nexus fact never waits, and counts as a family of its own.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from mapae.casework import cases, history, playbooks
from mapae.casework.cases import NEXUS, Case
from mapae.casework.history import NEW, SETTLED, Past
from mapae.store import ledger
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace, writing

# The budget is counted over this many days, ending today.
WEEK = 7
FIRST, SNOOZE_ENDED = "first", "snooze ended"


@dataclasses.dataclass(frozen=True)
class Alert:
    """A case on the board: its history as of today, and why it was or would be raised (words, empty when neither)."""

    case: Case
    past: Past
    why: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether what a decision rests on has changed since it was made."""
        return bool(self.past.digest) and self.past.digest != self.case.digest


@dataclasses.dataclass(frozen=True)
class Board:
    """Everything that waits for people, each list worst first.

    Args:
        new: raised just now by :func:`update`; on a :func:`board` those that the run raised and nobody took up.
        open: raised before, and not cleared, confirmed or reported.
        again: decided, and put to a person again because what the decision rests on has changed.
        waiting: above the line, beyond this week's budget.
        snoozed: asleep until their date.
        settled: cleared, confirmed or reported, and the evidence stands or has changed by less than the rule.
        ended: covert holds that have run out by themselves.
        people, least, budget, used: people assessed; the line in centibits; alerts a week at most, and raised in this.
        gone: how many that were raised are in no case of this run.
    """

    new: tuple[Alert, ...]
    open: tuple[Alert, ...]
    again: tuple[Alert, ...]
    waiting: tuple[Alert, ...]
    snoozed: tuple[Alert, ...]
    settled: tuple[Alert, ...]
    ended: tuple[Alert, ...]
    people: int
    least: int
    budget: int
    used: int
    gone: int


def budget(people: int, per_thousand: int) -> int:
    """Alerts that may be raised in a week: so many per 1,000 people, rounded up."""
    return -(-people * per_thousand // 1000)


def why(case: Case, past: Past | None, today: dt.date, *, least: int, more: int) -> tuple[str, ...]:
    """Why a case is to be raised today; empty where it is not.

    Args:
        case: as the run sees it.
        past: its history; None where there is none.
        today: the day.
        least: weight from which a case is an alert, in centibits.
        more: centibits more than when last raised or cleared that raise it again.

    Returns:
        ``first``, ``snooze ended``, ``more bits`` or ``new family: …`` words.
    """
    if case.centibits < least and not case.nexus:
        return ()
    fresh = sorted(case.reasons - past.families) if past else []
    if past and past.asleep(today):
        return (f"new family: {NEXUS}",) if NEXUS in fresh and past.centibits is not None else ()
    if past and past.snoozed:
        return (SNOOZE_ENDED,)
    if past is None or past.centibits is None:
        return (FIRST,)
    told = [f"new family: {family}" for family in fresh]
    return tuple(told + (["more bits"] if case.centibits >= past.centibits + more else []))


def waits(case: Case, reasons: Iterable[str]) -> bool:
    """Whether the budget may hold an alert back: not for a nexus fact, nor for the end of a snooze."""
    return not case.nexus and SNOOZE_ENDED not in reasons


def board(run: OpenRun, *, today: dt.date) -> Board:
    """The board as of a day; nothing is written.

    Cases that the next :func:`update` would raise stand among those that wait.
    """
    return _look(run, today).board(run.name)


def update(space: Workspace, run: OpenRun, *, today: dt.date) -> Board:
    """Raise what is new in a run, within the week's budget, as ledger lines in one write; nothing new writes nothing.

    Takes the writing lock itself; call it after the run's commit, without holding the workspace.

    Args:
        space: the workspace of the run.
        run: the last run, held open.
        today: the day that budgets and snoozes go by.

    Returns:
        The board, with what was raised just now as ``new``.

    Raises:
        MapaeError: another writer did not finish, or the ledger is damaged.
    """
    with writing(space):
        ledger.repair(space)
        look = _look(run, today)
        raised = look.raised()
        if raised:
            ledger.append(space, [_line(run, alert, today) for alert in raised])
            look = _look(run, today)
    return look.board(run.name, {alert.case.ref: alert.why for alert in raised})


def _line(run: OpenRun, alert: Alert, today: dt.date) -> dict[str, Any]:
    return {
        "act": "alert",
        "at": today.isoformat(),
        "run": run.name,
        "case": alert.case.ref,
        "members": list(alert.case.members),
        "centibits": alert.case.centibits,
        "families": sorted(alert.case.reasons),
        "digest": alert.case.digest,
        "why": list(alert.why),
        "budgeted": "yes" if waits(alert.case, alert.why) else "no",
    }


@dataclasses.dataclass(frozen=True)
class _Look:
    """Cases of a run beside their histories."""

    alerts: list[Alert]
    today: dt.date
    people: int
    least: int
    budget: int
    used: int
    gone: int

    def raised(self) -> list[Alert]:
        """What is to be raised today: all that may not wait, and the worst of the rest within the budget."""
        due = [alert for alert in self.alerts if alert.why]
        left = max(0, self.budget - self.used)
        chosen = []
        for alert in due:
            if waits(alert.case, alert.why):
                if left <= 0:
                    continue
                left -= 1
            chosen.append(alert)
        return chosen

    def board(self, run: str, raised: Mapping[str, tuple[str, ...]] | None = None) -> Board:
        lists: dict[str, list[Alert]] = {
            name: [] for name in ("new", "open", "again", "waiting", "snoozed", "settled", "ended")
        }
        for alert in self.alerts:
            now = alert.past.on(self.today)
            shown = dataclasses.replace(alert, past=now)
            here = now.raised_run == run and now.state == NEW if raised is None else alert.case.ref in raised
            if alert.past.ended(self.today):
                lists["ended"].append(shown)
            if raised and here:
                lists["new"].append(dataclasses.replace(shown, why=raised[alert.case.ref]))
            elif alert.why:
                lists["waiting"].append(shown)
            elif now.asleep(self.today):
                lists["snoozed"].append(shown)
            elif now.raised and here:
                lists["new"].append(shown)
            elif now.state != history.CLEARED and alert.changed:
                lists["again"].append(shown)
            elif now.state in SETTLED:
                lists["settled"].append(shown)
            elif now.raised or now.state != NEW:
                lists["open"].append(shown)
        return Board(
            **{name: tuple(held) for name, held in lists.items()},
            people=self.people, least=self.least, budget=self.budget, used=self.used, gone=self.gone,
        )  # fmt: skip


def _look(run: OpenRun, today: dt.date) -> _Look:
    settings = run.space.settings
    least = settings.alerts_least_bits
    known = history.read(run.space)
    found = cases.read(run, least=least, also=known)
    more = playbooks.of_run(run.manifest).more_centibits
    alerts: list[Alert] = []
    seen: set[str] = set()
    for case in found:
        past = history.of(case, known)
        seen.update(case.members)
        reasons = why(case, past, today, least=least, more=more)
        if past or reasons:
            alerts.append(Alert(case, past or Past(), reasons))
    number = cases.people(run)
    gone = {past for ref, past in known.items() if past.raised and ref not in seen}
    there = {known[ref] for ref in seen if ref in known}
    return _Look(
        alerts=alerts,
        today=today,
        people=number,
        least=least,
        budget=budget(number, settings.alerts_later_per_week if _later(run.space, today) else settings.alerts_per_week),
        used=_used(run.space, today),
        gone=len(gone - there),
    )


def _later(space: Workspace, today: dt.date) -> bool:
    """Whether the first alert was raised more than a week ago: what had piled up before has been shown by then."""
    days = [str(line.act["at"]) for line in ledger.read(space.ledger).lines if line.act.get("act") == "alert"]
    return bool(days) and min(days) <= (today - dt.timedelta(days=WEEK)).isoformat()


def _used(space: Workspace, today: dt.date) -> int:
    """Alerts within the budget that were raised in the week up to today; later ones (a clock set back) count too."""
    since = (today - dt.timedelta(days=WEEK - 1)).isoformat()
    acts = (line.act for line in ledger.read(space.ledger).lines)
    return sum(act.get("act") == "alert" and act["budgeted"] == "yes" and act["at"] >= since for act in acts)
