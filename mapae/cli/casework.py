"""alerts, decide, outcome, snooze, sample: what waits for people, and what they decided."""

from __future__ import annotations

import datetime as dt
import getpass
import json
from typing import TYPE_CHECKING, Any

import click

from mapae.cli import common
from mapae.model.errors import DONE, WrongUse

if TYPE_CHECKING:
    from mapae.casework.alerts import Alert, Board
    from mapae.casework.cases import Case
    from mapae.store.runs import OpenRun


def user_name() -> str:
    """Who acts, as the system knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def now() -> dt.datetime:
    """The clock, in UTC."""
    return dt.datetime.now(dt.UTC)


case_argument = click.argument("case", metavar="CASE")
by_option = click.option("--by", default=user_name, help="Who decides; default: the system's name of you.")


@click.command()
@common.directory
@click.option("--all", "all_", is_flag=True, help="Also what waits, sleeps and is settled, every line.")
@click.option("--playbook", is_flag=True, help="Also what to check, whom to ask, and what nobody does, by band.")
@click.option("--json", "json_", is_flag=True, help="The board as JSON.")
def alerts(directory: str, all_: bool, playbook: bool, json_: bool) -> int:
    """Print the cases of DIR's last run that wait for people: new, to look at again, and open."""
    from mapae.casework import alerts as casework
    from mapae.reports import playbook as books
    from mapae.reports import queue
    from mapae.store.runs import OpenRun

    with OpenRun.last(directory) as run:
        board = casework.board(run, today=now().date())
        told = queue.alerts(run, board, all_=all_)
        common.remember(run.space, told.listed)
        if json_:
            click.echo(json.dumps(_as_json(run, board), indent=2, ensure_ascii=False))
            return DONE
        click.echo(told.text)
        if playbook:
            click.echo("\n" + books.text(run, board))
    return DONE


@click.command()
@case_argument
@common.directory
@click.option("--state", required=True, help="new, looking, covert hold, contained, cleared, confirmed or reported.")
@by_option
@click.option("--reason", default="", help="Why, in words; no addresses, no numbers of persons.")
@click.option("--until", default="", help="Last day of a covert hold (2026-12-31); it ends by itself.")
def decide(case: str, directory: str, state: str, by: str, reason: str, until: str) -> int:
    """Record what was decided about CASE, by whom and why.

    CASE is a number of the list last printed, ring:…, person:…, account:…, or a finding's id. A covert hold takes two
    different persons: each runs this command with a --by of their own.
    """
    from mapae.casework import decisions
    from mapae.store.runs import OpenRun

    with OpenRun.last(directory) as run:
        held = _case(run, case)
        click.echo(
            decisions.decide(run.space, run, held, state=state, by=by, now=now(), reason=reason, until=until).says
        )
    return DONE


@click.command()
@case_argument
@common.directory
@click.option("--is", "is_", required=True, help="operator, identity renter, laptop host, … (mapae outcome --help).")
@click.option("--how", required=True, help="How it was confirmed, in words; no addresses, no numbers of persons.")
@by_option
def outcome(case: str, directory: str, is_: str, how: str, by: str) -> int:
    """Record what CASE turned out to be, and how that was confirmed.

    Outcomes: operator, identity renter, laptop host, stand-in, victim, over-employed, other fraud, honest vpn,
    honest travel, honest accommodation, honest shared home, honest error. A later outcome replaces an earlier one.
    """
    from mapae.casework import outcomes
    from mapae.store.runs import OpenRun

    with OpenRun.last(directory) as run:
        made = outcomes.record(run.space, run, _case(run, case), is_=is_, how=how, by=by, now=now())
        known = outcomes.calibration(run.space)
    drawn = (
        f"; it stands for {made.weight_permille / 1000:,.0f} cases of the audit sample" if made.weight_permille else ""
    )
    click.echo(
        f"Recorded: {made.is_}, confirmed by {made.by}{drawn}. {known.confirmed} confirmed outcomes; {known.says}."
    )
    return DONE


@click.command()
@case_argument
@common.directory
@click.option("--until", required=True, help="Day on which it comes back (2026-12-31).")
@by_option
@click.option("--reason", default="", help="Why, in words.")
def snooze(case: str, directory: str, until: str, by: str, reason: str) -> int:
    """Put CASE off until a day, on which it is raised again."""
    from mapae.casework import decisions
    from mapae.store.runs import OpenRun

    with OpenRun.last(directory) as run:
        held = _case(run, case)
        click.echo(decisions.snooze(run.space, run, held, until=until, by=by, now=now(), reason=reason).says)
    return DONE


@click.command()
@common.directory
@click.option("--size", default=None, type=click.IntRange(1, 1000), help="How many; default: the catalogue's number.")
@by_option
def sample(directory: str, size: int | None, by: str) -> int:
    """Offer a few cases of DIR from below the line, drawn by hash, so that what the line misses is measured.

    Check each and record what it is with mapae outcome; each stands for as many as it was drawn from.
    """
    from mapae.casework import outcomes
    from mapae.casework import sample as casework
    from mapae.store.runs import OpenRun

    with OpenRun.last(directory) as run:
        drawn = casework.offer(run.space, run, by=by, now=now(), k=size)
        common.remember(run.space, [one.case.finding for one in drawn])
        for number, one in enumerate(drawn, 1):
            click.echo(f"{number:>3}  {one.case.ref}  {one.case.centibits / 100:+.1f} bits")
        labels = outcomes.labels(run.space)
    if not drawn:
        click.echo("Nothing lies below the line.")
        return DONE
    click.echo(
        f"Each stands for {drawn[0].weight_permille / 1000:,.1f} cases below the line; record: mapae outcome N --is … --how …"
    )
    if labels.sampled:
        click.echo(
            f"So far {labels.missed} of {labels.sampled} checked from below the line were misrepresented; "
            f"at most {labels.missed_at_most / 10:.1f} % by a 95 % Wilson interval."
        )
    return DONE


def _case(run: OpenRun, wanted: str) -> Case:
    """The case that an argument names: a number of the list last printed, a reference, or a finding's id."""
    from mapae.casework import cases

    if wanted.isdigit() and len(wanted) < 8:
        listed = common.remembered(run.space)
        if not 1 <= int(wanted) <= len(listed):
            raise WrongUse(f"The list last printed has no line {wanted}.", do="Print it anew: mapae alerts")
        wanted = listed[int(wanted) - 1]
    return cases.find(run, wanted)


def _as_json(run: OpenRun, board: Board) -> dict[str, Any]:
    from mapae.casework import outcomes, playbooks

    books = playbooks.of_run(run.manifest)
    known = outcomes.calibration(run.space)

    def one(alert: Alert) -> dict[str, Any]:
        case, past = alert.case, alert.past
        told: dict[str, Any] = {
            "case": case.ref, "people": list(case.people), "finding": case.finding, "centibits": case.centibits,
            "prior_centibits": case.prior, "band": books.band(case.log_odds, len(case.families)).title,
            "families": {family: list(ids) for family, ids in case.families.items()}, "nexus": list(case.nexus),
            "state": past.state, "by": past.by, "decided_on": past.at, "until": past.until, "snoozed_until": past.snoozed,
            "outcome": past.outcome, "raised_on": past.raised, "first_raised_on": past.first, "why": list(alert.why),
            "evidence_changed": "yes" if alert.changed else "no",
        }  # fmt: skip
        return told | ({"permille": case.permille} if known.enough else {})

    lists = ("new", "again", "open", "waiting", "snoozed", "settled", "ended")
    told: dict[str, Any] = {name: [one(alert) for alert in getattr(board, name)] for name in lists}
    return told | {
        "run": run.name, "people": board.people, "least_centibits": board.least, "a_week_at_most": board.budget,
        "raised_this_week": board.used, "no_longer_there": board.gone, "calibration": known.says,
    }  # fmt: skip
