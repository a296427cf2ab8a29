"""declare: say what is known and allowed, so that it is no sign."""

from __future__ import annotations

import datetime as dt
import getpass
import ipaddress
import json

import click

from mapae.cli.add import directory_option
from mapae.model.errors import DONE, WrongUse

KINDS = ("network", "team", "household", "travel", "tool", "accommodation", "virtual_desktop")
# The file in inputs/ that grows by one line a declaration.
FILE = "declared.mapae.jsonl"


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("subject")
@click.argument("with_whom", nargs=-1)
@directory_option
@click.option("--from", "since", default="", help="First day or moment (ISO 8601); default: always.")
@click.option("--until", default="", help="Last day or moment (ISO 8601); default: for good.")
@click.option("--by", default="", help="Who approved it; default: the user of this computer.")
@click.option("--says", default="", help="In words, for whoever reads it later.")
def declare(
    kind: str, subject: str, with_whom: tuple[str, ...], directory: str, since: str, until: str, by: str, says: str
) -> int:
    """Declare a network, team, household, journey, tool, lodging or virtual desktop of SUBJECT (and of others).

    SUBJECT is a network (198.51.100.7 or 198.51.100.0/24), a product (declare tool AnyDesk [WHO…]; nobody named means
    everybody), or a person, account or work e-mail. What is declared is no sign while it holds.
    """
    from mapae.model.findings import canonical_json
    from mapae.store import disk, ledger, workspace

    space = workspace.find(directory)
    names = [subject, *with_whom]
    if kind == "network":
        names = [_network(name) for name in names]
    elif kind == "tool":
        names = [subject, *(_known(directory, n) for n in with_whom)]
    else:
        names = [_known(directory, name) for name in names]
    if kind in ("team", "household") and len(names) < 2:
        raise WrongUse(f"A {kind} has at least two members.", do=f"mapae declare {kind} PERSON PERSON …")
    now = dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat()
    approved = by or getpass.getuser()
    row = {
        "kind": kind, "subject": names[0], "with_whom": names[1:], "since": _moment(since), "until": _moment(until),
        "approved_by": approved, "happened_at": now, "says": says,
    }  # fmt: skip
    if row["since"] and row["until"] and str(row["until"]) < str(row["since"]):
        raise WrongUse("It would end before it begins.", do="Give --until a day after --from.")
    with workspace.writing(space, say=click.echo):
        ledger.repair(space)
        target = space.inputs / FILE
        text = target.read_text("utf-8") if target.exists() else ""
        line = json.dumps({k: v for k, v in row.items() if v}, ensure_ascii=False, sort_keys=True) + "\n"
        disk.place((text + line).encode(), space.tmp / "declared.half", target)
        act = {
            "act": "decision",
            "what": "declared",
            "kind": kind,
            "by": approved,
            "at": now,
            "row": canonical_json(row),
        }
        ledger.append(space, [act])
    others = f" with {', '.join(names[1:])}" if names[1:] else ""
    held = (f" from {row['since']}" if row["since"] else "") + (f" until {row['until']}" if row["until"] else "")
    click.echo(
        f"Declared: {kind} {names[0]}{others}{held}, approved by {approved}. It holds from the next run: mapae run"
    )
    return DONE


def _network(name: str) -> str:
    try:
        found = ipaddress.ip_network(name, strict=False)
    except ValueError as problem:
        raise WrongUse(
            f"{name} is no address and no network.", do="Write 198.51.100.7 or 198.51.100.0/24."
        ) from problem
    return str(found.network_address) if found.num_addresses == 1 else str(found)


def _moment(text: str) -> str:
    if not text:
        return ""
    try:
        dt.datetime.fromisoformat(text)
    except ValueError as problem:
        raise WrongUse(f"{text} is no day of ISO 8601.", do="Write 2026-11-24, or 2026-11-24T08:00:00Z.") from problem
    return text


def _known(directory: str, name: str) -> str:
    """An account or person as the last run knows it; an e-mail is turned into whom it belongs to.

    Raises:
        WrongUse: an e-mail that no account carries, or several people do.
    """
    from mapae.model.errors import MapaeError
    from mapae.store.runs import OpenRun

    bare = name.removeprefix("account:").removeprefix("person:")
    if "@" not in bare:
        return bare
    try:
        with OpenRun.last(directory) as run:
            rows = run.rows(
                "select distinct coalesce(p.principal, a.account_id) as who from accounts as a "
                "left join persons as p on p.account_id = a.account_id where a.email = ?",
                [bare.lower()],
            )
    except MapaeError as problem:
        raise WrongUse(
            "An e-mail can be turned into a person only after a first run.",
            do="Run: mapae run, or give the person's id.",
        ) from problem
    if len(rows) != 1:
        raise WrongUse(
            "This e-mail belongs to nobody here." if not rows else "This e-mail belongs to several people.",
            do="Give the id of the person or account.",
        )
    return str(rows[0]["who"])
