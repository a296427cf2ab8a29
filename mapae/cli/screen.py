"""screen: names and files against the lists of a workspace, and what a person decided about a match."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mapae.cli.casework import now, user_name
from mapae.model.errors import DONE, WrongUse

if TYPE_CHECKING:
    from mapae.screening.clearings import Clearings
    from mapae.screening.queries import Match, Query
    from mapae.screening.screener import Screener
    from mapae.store.runs import OpenRun

_ENDINGS = (".csv", ".tsv", ".parquet", ".jsonl", ".ndjson")


@click.command()
@click.argument("name", metavar="[NAME|FILE]...", nargs=-1)
@click.option("--schema", default="", help="Person, Organization, Company, Vessel …; default: anything.")
@click.option("--born", default="", help="Date of birth: 1971-05-03, 1971-05 or 1971.")
@click.option("--country", multiple=True, help="Country (kp, North Korea); may be given more than once.")
@click.option(
    "--document", multiple=True, help="Document number, with @ and the issuing country where known: 123456@kp."
)
@click.option("--imo", default="", help="IMO number of a ship or shipping company.")
@click.option("--wallet", default="", help="Address of a wallet.")
@click.option("--email", default="", help="E-mail address.")
@click.option("--domain", default="", help="Domain or web address.")
@click.option("--as-of", default="", help="Screen against the lists of this day (2026-01-31).")
@click.option("--json", "json_", is_flag=True, help="The matches as JSON.")
@click.option(
    "--out", default="", help="Screen FILE and write every row with its best match here (.csv, .parquet, .jsonl)."
)
@click.option("--column", multiple=True, help="Say what a column of FILE is: name=Customer.")
@click.option("--quiet", is_flag=True, help="No progress of a file.")
@click.option(
    "--not-this", nargs=2, default=None, metavar="NAME ENTRY", help="NAME is not ENTRY (as ofac-1234): clear it."
)
@click.option("--withdraw", is_flag=True, help="With --not-this: take the clearing back.")
@click.option("--reason", default="", help="With --not-this: why, in words; no names, addresses or numbers of persons.")
@click.option("--by", default=user_name, help="With --not-this: who decides; default: the system's name of you.")
@click.option("--until", default="", help="With --not-this: last day it holds (2026-12-31).")
@click.option(
    "--workspace", default=".", type=click.Path(), help="Workspace whose last run's lists are used; default: here."
)
def screen(name: tuple[str, ...], out: str, not_this: tuple[str, str] | None, **options: Any) -> int:
    """Screen NAME, or every row of FILE, against the lists of a workspace's last run.

    A name alone is a possible match, never more; a full date of birth that agrees makes it strong; a document number
    with its country, an IMO number, a wallet or an e-mail address that is the entry's own makes it exact.
    """
    from mapae.store.runs import OpenRun

    asked = not_this[0] if not_this else " ".join(name)
    if not_this and (name or out):
        raise WrongUse(
            "--not-this goes without NAME, FILE and --out.", do='mapae screen --not-this "NAME" ENTRY --reason "…"'
        )
    if not not_this and (options["withdraw"] or options["until"] or options["reason"]):
        raise WrongUse("--reason, --until and --withdraw go with --not-this.", do="Add --not-this NAME ENTRY.")
    if not out and not not_this and len(name) == 1 and name[0].lower().endswith(_ENDINGS) and Path(name[0]).is_file():
        raise WrongUse(
            f"{name[0]} is a file.", do=f"Say where its rows shall go: mapae screen {name[0]} --out screened.csv"
        )
    day = _day(options["as_of"])
    if out:
        if len(name) != 1:
            raise WrongUse("--out goes with one FILE.", do="mapae screen customers.csv --out screened.csv")
        _only_with_names(options)
        from mapae.cli import screen_file

        return screen_file.whole(
            name[0], out, options["workspace"], day, list(options["column"]), options["schema"], options["quiet"]
        )
    if options["column"]:
        raise WrongUse("--column goes with FILE and --out.", do="Leave it out.")
    query = _query(asked, options)
    with OpenRun.last(options["workspace"]) as run:
        made, _ = screener(run, day)
        if not_this:
            click.echo(_clear(run, made, query, not_this[1], options))
            return DONE
        matches = made.screen(query)
        if options["json_"]:
            click.echo(json.dumps(_as_json(run, day, query, matches), indent=2, ensure_ascii=False))
        else:
            click.echo(_text(run, day, made, query, matches))
    return DONE


def screener(run: OpenRun, day: dt.date | None) -> tuple[Screener, Clearings]:
    """The screener of a run with the workspace's clearings."""
    from mapae.screening.clearings import Clearings
    from mapae.screening.screener import Screener

    clearings = Clearings(run.space, now().date())
    return Screener.from_run(run, day, cleared=clearings if clearings else None), clearings


def country(text: str) -> str:
    """A country as a code of two letters.

    Raises:
        WrongUse: nobody knows it.
    """
    from mapae.sources.countries import country_code, known_codes

    code = text.strip().lower()
    made = code if code in known_codes() else country_code(text)
    if not made:
        raise WrongUse(f"There is no country {text!r}.", do="Write its code of two letters (kp) or its English name.")
    return made


def schema(text: str) -> str:
    """A FollowTheMoney schema, however its letters are written; "" for nothing.

    Raises:
        WrongUse: there is none of that name.
    """
    from mapae.sources.schemata import schemata

    known = {one.lower(): one for one in schemata()}
    if text and text.lower() not in known:
        raise WrongUse(
            f"There is no schema {text!r}.", do="Person, Organization, Company, LegalEntity, Vessel, Airplane."
        )
    return known.get(text.lower(), "")


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongUse(f"--as-of is no day: {text!r}.", do="Write it as 2026-01-31.") from None


def _only_with_names(options: dict[str, Any]) -> None:
    given = [f"--{o}" for o in ("born", "country", "document", "imo", "wallet", "email", "domain") if options[o]]
    if given or options["json_"]:
        raise WrongUse(
            f"{', '.join(given) or '--json'} does not go with a file.",
            do="A file says it by its columns; --column birth_date=HEADER names one. JSON Lines: --out screened.jsonl",
        )


def _query(name: str, options: dict[str, Any]) -> Query:
    from mapae.screening import queries

    born = options["born"]
    try:
        born = queries.birth_date(born) if born else ""
    except ValueError:
        raise WrongUse(f"--born is no date: {born!r}.", do="Write it as 1971-05-03, 1971-05 or 1971.") from None
    papers = []
    for text in options["document"]:
        paper = queries.paper(text)
        papers.append(dataclasses.replace(paper, country=country(paper.country) if paper.country else ""))
    made = queries.Query(
        name=name.strip(), schema=schema(options["schema"]), birth_date=born,
        countries=tuple(country(c) for c in options["country"]), documents=tuple(papers), imo=options["imo"],
        wallet=options["wallet"], email=options["email"], domain=options["domain"],
    )  # fmt: skip
    for option, value, form in (
        ("imo", made.imo, queries.imo),
        ("email", made.email, queries.email),
        ("domain", made.domain, queries.domain),
    ):
        if value and not form(value):
            raise WrongUse(
                f"--{option} is none: {value!r}.",
                do={
                    "imo": "Write its seven digits.",
                    "email": "Write it as name@example.org.",
                    "domain": "Write it as example.org.",
                }[option],
            )
    if not (made.name or made.documents or made.imo or made.wallet or made.email or made.domain):
        raise WrongUse("There is nothing to screen.", do='mapae screen "NAME"')
    return made


def _clear(run: OpenRun, made: Screener, query: Query, entry: str, options: dict[str, Any]) -> str:
    from mapae.casework import decisions
    from mapae.screening import clearings

    by = decisions.plain(options["by"], "--by")
    reason = decisions.plain(options["reason"], "--reason", needed=not options["withdraw"])
    until = decisions.day(options["until"], "--until", now().date()) if options["until"] else ""
    matches = [m for m in made.screen(query) if m.entry == entry.removeprefix("party:")]
    if not matches:
        raise WrongUse(
            f"This name does not come up for {entry}; there is nothing to clear.",
            do='Take the entry from what this prints: mapae screen "NAME"',
        )
    clearings.record(
        run.space,
        query,
        matches,
        by=by,
        reason=reason,
        now=now(),
        run=run.name,
        until=until,
        withdraw=options["withdraw"],
    )
    if options["withdraw"]:
        return f"{matches[0].entry} is open again for this name, by {by}."
    ends = f"until {until}, or until" if until else "until"
    born = " and date of birth" if query.birth_date else ""
    return (
        f"{matches[0].entry} is cleared for this name{born} by {by}; it holds {ends} what the list says of it changes."
    )


def lists(run: OpenRun, day: dt.date | None) -> str:
    """The lists that are screened against, with the days of their copies."""
    from mapae.screening import screener_lists

    return ", ".join(f"{name} of {on}" if on else f"{name} (undated)" for name, on in screener_lists.copies(run, day))


def _text(run: OpenRun, day: dt.date | None, made: Screener, query: Query, matches: list[Match]) -> str:
    against = f"{len(made.entries):,} entries of {lists(run, day)}"
    if not matches:
        return f"No match among {against}."
    lines = [f"{len(matches)} match{'es' if len(matches) > 1 else ''} among {against}."]
    for number, match in enumerate(matches, 1):
        level = (
            f"cleared ({match.level})" if match.cleared else match.level + (f", {match.owned}" if match.owned else "")
        )
        lines.append(f"\n{number:>3}  {level}  {match.bits:+.1f} bits  {match.entry}  {match.name}")
        on = f" of {match.snapshot}" if match.snapshot else " (undated)"
        lines.append(
            f"     list {match.list}{on}; programme {match.programme or 'not told'}; {match.authority or 'authority not told'}"
        )
        if match.alias:
            lines.append(f"     by the {match.quality} name {match.alias}")
        if match.cleared:
            lines.append(f"     cleared: {match.cleared}")
        lines += [f"     - {reason}" for reason in match.why]
    return "\n".join(lines)


def _as_json(run: OpenRun, day: dt.date | None, query: Query, matches: list[Match]) -> dict[str, Any]:
    from mapae.screening import screener_lists

    return {
        "query": {k: v for k, v in dataclasses.asdict(query).items() if v},
        "lists": [{"list": name, "snapshot": on} for name, on in screener_lists.copies(run, day)],
        "matches": [{**dataclasses.asdict(match), "bits": match.bits} for match in matches],
    }
