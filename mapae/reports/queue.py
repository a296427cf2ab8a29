"""The queue that ``mapae run`` prints for people who look every day: what the records can speak of, then what is new.

It says what it cannot see before what it sees, groups by case and not by rule, and compares with one's own people.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

from mapae.casework import outcomes, playbooks
from mapae.casework.alerts import Alert, Board
from mapae.casework.cases import STAGE
from mapae.casework.outcomes import Calibration
from mapae.model.verdicts import NO, YES
from mapae.reports import reasons
from mapae.reports.wording import SIMULATED, one_in, parsed
from mapae.store.runs import OpenRun
from mapae.store.views import first, name, quote

# Lines of a list on a terminal (issue text of the product: at most ten worth a look).
LISTED = 10
# Kinds of blindness named in full; the rest is counted.
BLIND_NAMED = 2
# Doors of the measure ``doors``, as one says them.
DOORS = {"employee": "employees", "applicant": "applicants", "platform": "accounts"}


@dataclasses.dataclass(frozen=True)
class Told:
    """The block's text, and the finding behind each numbered line."""

    text: str
    listed: list[str]


def is_for(run: OpenRun) -> bool:
    """Whether a run holds people of a register or applicants, for whom the queue is what is printed first."""
    return first(run.con, "select 1 from doors where door <> 'platform' limit 1") is not None


def of(run: OpenRun, board: Board, *, most: int = LISTED) -> Told:
    """The block that ``mapae run`` prints.

    Args:
        run: the run.
        board: what :func:`mapae.casework.alerts.update` gave.
        most: numbered lines at most.

    Returns:
        Text, and the ids of the assessments behind its numbered lines, for ``mapae why N``.
    """
    known = outcomes.calibration(run.space)
    lines = [SIMULATED, ""] if run.manifest["settings"].get("simulated") else []
    lines.append(can_speak(run))
    lines += [blind(run)] if blind(run) else []
    head = f"new, worst first ({people_of(board.new)} of {board.people:,} people; {nexus_words(board.new)}; {prior_words(run, known)})"
    lines.append(head if board.new else f"nothing new among {board.people:,} people ({prior_words(run, known)})")
    listed: list[str] = []
    apart = tuple(alert for alert in board.new if alert.case.nexus)[:most]
    others = tuple(alert for alert in board.new if not alert.case.nexus)[: most - len(apart)]
    if apart:
        lines += [
            "with a nexus fact (the second question, asked apart; it adds no bits):",
            *listing(run, apart, known, listed),
        ]
        lines += ["by the weight of their signs:"] if others else []
    lines += listing(run, others, known, listed)
    if len(board.new) > most:
        lines.append(f"    and {len(board.new) - most:,} more new cases (mapae alerts)")
    lines += rest(board)
    if board.new:
        lines.append(
            "mapae why N shows what line N rests on; in brackets: how many of your own people show the same sign, and how many of the case"
        )
    return Told("\n".join(lines), listed)


def alerts(run: OpenRun, board: Board, *, all_: bool = False, most: int = LISTED) -> Told:
    """The board as ``mapae alerts`` prints it: new and open cases with their references, with ``all_`` every list.

    Args:
        all_: also what waits, sleeps and is settled, without a limit of lines.
    """
    known = outcomes.calibration(run.space)
    lines = [f"{board.people:,} people; {prior_words(run, known)}"]
    listed: list[str] = []
    shown = [
        ("new", board.new),
        ("to look at again: the evidence has changed since the decision", board.again),
        ("open", board.open),
    ]
    if all_:
        shown += [
            ("waiting for next week's places", board.waiting),
            ("snoozed", board.snoozed),
            ("cleared, confirmed or reported", board.settled),
        ]
    for title, held in shown:
        if held:
            lines.append(f"{title} ({len(held):,}):")
            some = held if all_ else held[:most]
            lines += listing(run, some, known, listed, named=True)
            lines += [f"    and {len(held) - len(some):,} more (--all)"] if len(some) < len(held) else []
    for alert in board.ended:
        lines.append(f"a covert hold has ended by itself: {alert.case.ref}. The person may now be told and heard.")
    if not listed:
        lines.append("nothing is new or open")
    lines += [] if all_ else rest(board, opened=False)
    return Told("\n".join(lines), listed)


def listing(
    run: OpenRun, held: tuple[Alert, ...], known: Calibration, listed: list[str], *, named: bool = False
) -> list[str]:
    """Numbered lines of alerts; ``listed`` takes their findings."""
    books = playbooks.of_run(run.manifest)
    lines = []
    for alert in held:
        listed.append(alert.case.finding)
        band = books.nexus if alert.case.nexus else books.band(alert.case.log_odds, len(alert.case.families))
        said = [
            f"{len(listed):>3}  {who(alert)}",
            band.title,
            weight(alert, known),
            "; ".join(reasons.of(run, alert.case)),
        ]
        marks = [alert.case.ref, state(alert)] if named else [again(alert)]
        lines.append("  ".join(part for part in [*said, *(f"({m})" for m in marks if m)] if part))
    return lines


def who(alert: Alert) -> str:
    """How many people a case is: ``two people, one case``."""
    number = len(alert.case.people)
    words = ("one person", "two people", "three people", "four people", "five people")
    return words[0] if number == 1 else f"{words[number - 1] if number <= 5 else f'{number:,} people'}, one case"


def weight(alert: Alert, known: Calibration) -> str:
    """Bits with their sign, before the prior; a percentage beside them where the workspace is calibrated."""
    bits = f"{alert.case.centibits / 100:+.1f} bits"
    return f"{bits} ({alert.case.permille / 10:.1f} %)" if known.enough else bits


def again(alert: Alert) -> str:
    """Why a case that was raised before is raised again; empty at the first time."""
    told = [why for why in alert.why if why != "first"]
    return f"raised again: {', '.join(told)}; first {alert.past.first}" if told else ""


def state(alert: Alert) -> str:
    """State of a case in words, with who decided, and until when."""
    past = alert.past
    words = [past.state] if not past.by or past.state == "new" else [f"{past.state}, {past.by}, {past.at}"]
    words += [f"until {past.until}"] if past.until else []
    words += [f"asleep until {past.snoozed}"] if past.snoozed else []
    words += [f"covert hold asked for by {past.asked.by}, waits for a second person"] if past.asked else []
    words += [f"turned out: {past.outcome}"] if past.outcome else []
    return "; ".join(words)


def people_of(held: tuple[Alert, ...]) -> str:
    """How many people the cases are."""
    return f"{len({person for alert in held for person in alert.case.people}):,}"


def nexus_words(held: tuple[Alert, ...]) -> str:
    """Nexus apart: a fact or none, never a weight."""
    number = sum(bool(alert.case.nexus) for alert in held)
    return f"{number:,} with a nexus fact" + (", which is normal" if not number else "; asked apart, never weighed")


def second_question(run: OpenRun, door: str) -> str:
    """What is assumed of applicants' links to the DPRK: a question of its own, with a base rate of its own."""
    rate = float(run.manifest["settings"].get("nexus_rate_applicant") or 0)
    return f" (for a link to the DPRK, asked apart, 1 in {1 / rate:,.0f})" if door == "applicant" and rate else ""


def prior_words(run: OpenRun, known: Calibration) -> str:
    """The prior of each door that these people came through, and whether outcomes of one's own stand beside it."""
    doors = (
        "select 'account:' || account_id as subject, door from doors"
        if "measures/doors" in run.manifest["tables"]
        else ("select '' as subject, '' as door where false")
    )
    rows = run.con.execute(
        "select door, arg_max(prior, (n, -prior)) from (select coalesce(d.door, 'platform') as door, a.prior_centibits as prior, count(*) as n "
        f"from assessment as a left join ({doors}) as d on d.subject = a.subject group by 1, 2) as counted group by door order by door"
    ).fetchall()
    said = [
        f"prior for {DOORS.get(door, door)} assumed {one_in(prior)}{second_question(run, door)}" for door, prior in rows
    ]
    return ", ".join([*said, known.says])


def rest(board: Board, *, opened: bool = True) -> list[str]:
    """What is not listed, counted in words."""
    told = [f"{len(board.open):,} open (mapae alerts)"] if board.open and opened else []
    told += (
        [f"{len(board.again):,} decided on evidence that has changed since (mapae alerts)"]
        if board.again and opened
        else []
    )
    if board.waiting:
        told.append(
            f"{len(board.waiting):,} wait, since {board.budget:,} new cases a week are taken at most (mapae alerts --all)"
        )
    told += [f"{len(board.snoozed):,} snoozed"] if board.snoozed else []
    changed = sum(alert.changed for alert in board.settled)
    told += (
        [
            f"{len(board.settled):,} settled"
            + (f", {changed:,} of them on evidence that has changed a little" if changed else "")
        ]
        if board.settled
        else []
    )
    told += [f"{board.gone:,} raised before are no longer in the records"] if board.gone else []
    lines = ["    " + "; ".join(told)] if told else []
    return lines + [
        f"    a covert hold has ended by itself: {alert.case.ref} (mapae alerts)" for alert in board.ended if opened
    ]


# --- what the records can speak of


def can_speak(run: OpenRun) -> str:
    """How many signs could be answered for anybody, by family, and how many kinds of sharing could be seen."""
    signs = _signs(run)
    held = [c[0] for c in run.con.execute("describe answers").fetchall() if c[0] != "account_id"]
    columns = [c for c in held if c.replace("__", ".") in signs]
    known: Counter[str] = Counter()
    if columns:
        asked = ", ".join(f"bool_or({name(c)} in ({quote(YES)}, {quote(NO)}))" for c in columns)
        row = first(run.con, f"select {asked} from answers") or ()
        for column, speaks in zip(columns, row, strict=True):
            known[signs[column.replace("__", ".")]] += bool(speaks)
    order = list(dict.fromkeys([*_listed(run, "families.yml", "families"), *sorted(signs.values())]))
    there = [family for family in order if family in signs.values()]
    parts = ", ".join(f"{family} {known[family]}" for family in there)
    keys = _listed(run, "keys.yml", "keys")
    kinds = {str(kind): str(key) for key, told in keys.items() for kind in told["kinds"]}
    seen = {
        kinds[row[0]] for row in run.con.execute("select distinct kind from identifiers").fetchall() if row[0] in kinds
    }
    return f"can speak: {known.total()} of {len(signs)} signs ({parts}); {len(seen)} of {len(keys)} things that people can share"


def blind(run: OpenRun) -> str:
    """What stays unseen because every table that would show it is empty; empty where nothing does."""
    door = "employer" if _any(run, "employees") or not _any(run, "payouts") else "platform"
    unseen = []
    for one in playbooks.of_run(run.manifest).blind:
        if door in one.doors and not any(_any(run, table) for table in one.shown_by):
            words = " or ".join(one.shown_by.values())
            unseen.append(f"to {one.to}; {words} would show them")
    if not unseen:
        return ""
    more = (
        f". And to {len(unseen) - BLIND_NAMED} more things for want of a file (mapae status)"
        if len(unseen) > BLIND_NAMED
        else ""
    )
    return "blind " + ". Blind ".join(unseen[:BLIND_NAMED]) + more


def _any(run: OpenRun, table: str) -> bool:
    return f"records/{table}" in run.manifest["tables"] and bool(first(run.con, f"select 1 from {name(table)} limit 1"))


def _signs(run: OpenRun) -> dict[str, str]:
    """Counted indicators to their families; with an HR file those alone that an employer can see."""
    employer = _any(run, "employees")
    signs = {}
    for key, held in run.manifest["rules"].items():
        kind, _, rule = key.partition("/")
        if kind == "indicator":
            told = parsed(held["text"])
            counted = told.get("stage") == STAGE and told.get("status") in ("test", "stable")
            if counted and (not employer or "employer" in told.get("seen_by", ())):
                signs[rule] = str(told["family"])
    return signs


def _listed(run: OpenRun, file: str, part: str) -> dict[str, Any]:
    kept = run.manifest.get("data", {}).get(file)
    return dict(parsed(kept["text"]).get(part, {})) if kept else {}
