"""add: take files as people hold them, say what each is, and how its logins join to people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mapae.cli import common
from mapae.model.errors import DONE, NOT_DONE, MapaeError

if TYPE_CHECKING:
    import duckdb

    from mapae.pipeline import Brought
    from mapae.store.workspace import Workspace

directory_option = click.option(
    "--dir", "directory", default=".", help="The workspace; default: the folder one stands in."
)
# Questions about a guessed mapping that are printed; the file holds them all.
ASKED = 5
# Reasons of rejected rows that are printed for a file.
REASONS = 3


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path())
@directory_option
@click.option(
    "--employer",
    default="",
    help="Short name of the employer, for ids of a guessed HR mapping; default: the workspace's folder.",
)
@click.option("--quiet", is_flag=True, help="Print the result alone.")
def add(files: tuple[str, ...], directory: str, employer: str, quiet: bool) -> int:
    """Put FILEs into the workspace, recognise what they are by their content, read them, and say what came of it.

    Files that nothing recognises get a mapping with guesses in mappings/, and the lines that a person must confirm.
    Address files (MMDB, CSV) stay where they lie; their path is noted in mapae.toml. Nothing is sent anywhere.
    """
    from mapae import pipeline
    from mapae.sources import collect
    from mapae.store import workspace

    space = workspace.find(directory)
    refused: list[str] = []
    shown: dict[str, str] = {}
    with workspace.writing(space, say=click.echo):
        for path in _files(files):
            try:
                where, says = _place(
                    space, path, employer or re.sub(r"[^a-z0-9]+", "-", space.root.resolve().name.lower())
                )
                shown[where] = says
            except MapaeError as problem:
                refused.append(str(problem))
    with common.progress(quiet) as say:
        brought = pipeline.bring(directory, progress=say)
    con = brought.connect()
    try:
        for source in brought.sources:
            if source["what"] == collect.MAPPING:
                refused.append(source["error"])
            if source["path"] in shown:
                click.echo(_line(source, con, space))
                click.echo(shown[source["path"]], nl=bool(shown[source["path"]]))
                if source["error"]:
                    refused.append(source["error"])
        for line in _people(brought, con):
            click.echo(line)
    finally:
        con.close()
    for text in refused:
        click.echo(text, err=True)
    return NOT_DONE if refused and not shown else DONE


def _files(given: tuple[str, ...]) -> Iterator[Path]:
    for one in given:
        path = Path(one).expanduser()
        if path.is_dir():
            yield from (p for p in sorted(path.rglob("*")) if p.is_file() and not p.name.startswith("."))
        else:
            yield path


def _place(space: Workspace, path: Path, employer: str) -> tuple[str, str]:
    """Bring one file in; how sources call it, and what is to be said beside its counts."""
    from mapae.rules.kinds import load_catalogue
    from mapae.sources import layouts, opened, placing
    from mapae.sources.recognise import ADDRESSES, TABLE, UNKNOWN, recognise

    opened.check_file(path)
    catalogue = load_catalogue()
    what, name = recognise(path, catalogue, layouts.known(catalogue, space.root / "mappings"))
    large = path.stat().st_size > space.settings.large_table_mb * 1_000_000
    says = ""
    if what == UNKNOWN or (what == TABLE and not _is_table(path, name)):
        says = _guess(space, path, employer)
    inside = path.resolve().is_relative_to(space.inputs.resolve())
    if (what == ADDRESSES or large) and not inside:
        placing.refer_to(space, path)
        return str(path.resolve()), says
    target, new = placing.copy_in(space, path)
    if not new and not inside:
        says += f"{path.name} lies in inputs/ already, byte for byte.\n"
    return str(target.relative_to(space.root)) if target.is_relative_to(space.root) else str(target), says


def _is_table(path: Path, name: str) -> bool:
    """Whether a file called like a table has the columns that the table's rows need."""
    from mapae.rules.kinds import load_catalogue
    from mapae.sources.recognise import has_what_rows_need

    return has_what_rows_need(path, load_catalogue().tables[name])


def _guess(space: Workspace, path: Path, employer: str) -> str:
    """Write a mapping for a file that nothing recognises; what to say of it."""
    from mapae.rules.kinds import load_catalogue
    from mapae.sources import guess

    made = guess.guess(path, load_catalogue(), employer=employer)
    folder = space.root / "mappings"
    folder.mkdir(exist_ok=True)
    target = folder / f"{re.sub(r'[^a-z0-9_]+', '_', path.name.split('.')[0].lower())}.yml"
    if target.exists():
        return (
            f"  mappings/{target.name} is there already and was left as it is; it does not fit this file's headers.\n"
        )
    target.write_text(made.text, "utf-8")
    lines = [f"  unknown layout, {made.columns} columns: wrote mappings/{target.name} ({made.table})."]
    if made.questions:
        lines.append(f"  Please confirm {len(made.questions)} line{'' if len(made.questions) == 1 else 's'}:")
        lines += [f"    {question}" for question in made.questions[:ASKED]]
        more = len(made.questions) - ASKED
        lines += [f"    and {more} more, in the file"] if more > 0 else []
    return "\n".join(lines) + "\n"


def _line(source: dict[str, Any], con: duckdb.DuckDBPyConnection, space: Workspace) -> str:
    """One file: what it is, what it held, what was kept."""
    name = Path(source["path"]).name
    if source["error"]:
        return f"{name}: refused, see below"
    if source["what"] == "addresses":
        return f"{name}: address file ({source['name']}), noted in mapae.toml; it stays where it lies"
    title = _title(source, space)
    counted = _counts(source, con)
    total = f"{source['read']:,} rows read = {source['kept']:,} kept + {source['rejected']:,} rejected + {source['equal']:,} equal"
    span = _span(source, con)
    events = (
        f"{source['events']:,} records{span} -> "
        if source["events"]
        else f"{span.removeprefix(', ') + ': ' if span else ''}"
    )
    notes = "".join(f"\n  {note}" for note in [*_reasons(source, con), *source["notes"]])
    other = f"; {source['other']:,} records are of kinds that no table is for" if source["other"] else ""
    return f"{name}: {title}: {events}{counted}\n  {total}{other}{notes}"


def _title(source: dict[str, Any], space: Workspace) -> str:
    from mapae.rules.kinds import load_catalogue
    from mapae.sources import layouts

    if source["what"] == "layout":
        titles = {one.name: one.title for one in layouts.known(load_catalogue(), space.root / "mappings")}
        return titles.get(str(source["name"]), str(source["name"]))
    return str(source["name"] or source["what"])


def _counts(source: dict[str, Any], con: duckdb.DuckDBPyConnection) -> str:
    from mapae.store import views

    told = []
    for text in source["by_table"] or (
        [f"{source['name']} 0 {source['kept']} 0 0"] if source["what"] == "table" else []
    ):
        table, _, kept, _, _ = text.split(" ")
        more = ""
        if table == "sign_ins":
            row = views.first(
                con, "select count_if(outcome = 'success') from sign_ins where mapae_source = ?", [source["source"]]
            )
            more = f" ({row[0]:,} success)" if row else ""
        told.append(f"{table} {int(kept):,}{more}")
    return ", ".join(told) or f"{source['kept']:,} kept"


def _reasons(source: dict[str, Any], con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Why rows were rejected, the commonest reason first; a reason names no value of anybody's."""
    if not source["rejected"]:
        return
    from mapae.store import views

    held = {view for (view,) in con.execute("select view_name from duckdb_views() where not internal").fetchall()}
    found: list[tuple[int, str, int, str]] = []
    for table in [t.split(" ")[0] for t in source["by_table"]] or [source["name"]]:
        if f"rejected_{table}" in held:
            rows = con.execute(
                "select count(*), \"column\", min((mapae_row - 1) % ? + 1), regexp_replace(reason, ' \\(line [0-9]+\\)$', '') as why "
                f'from {views.name(f"rejected_{table}")} where mapae_source = ? group by "column", why',
                [views.FURTHER, source["source"]],
            ).fetchall()
            found += [(n, f"{table}.{column}" if column else table, row, why) for n, column, row, why in rows]
    found.sort(key=lambda one: (-one[0], one[2], one[1], one[3]))
    for n, column, row, why in found[:REASONS]:
        yield f"rejected: {n:,} of {column}, first in record {row:,}: {why}"
    if len(found) > REASONS:
        yield f"rejected for {len(found) - REASONS} more reasons: mapae run, then mapae export tables --only rejected --out FOLDER"


def _span(source: dict[str, Any], con: duckdb.DuckDBPyConnection) -> str:
    """First and last day of what a file dates."""
    from mapae.rules.kinds import load_catalogue
    from mapae.store import views

    tables = load_catalogue().tables
    days: list[Any] = []
    for table in [t.split(" ")[0] for t in source["by_table"]] or [source["name"]]:
        if table in tables and "happened_at" in tables[table].columns and tables[table].kind == "event":
            row = views.first(
                con,
                f"select min(happened_at)::date, max(happened_at)::date from {views.name(table)} where mapae_source = ?",
                [source["source"]],
            )
            days += [d for d in row or () if d]
    if not days:
        return ""
    return f", {min(days).strftime('%-d %b %Y')} to {max(days).strftime('%-d %b %Y')}"


def _people(brought: Brought, con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """How logins join to people, and the address that most sign-ins come from."""
    from mapae.sources import joined
    from mapae.sources.addresses import egress
    from mapae.store import disk

    register = joined.people(con, brought.catalogue.measures["persons"].sql)
    rates = joined.rates(con)
    text, number = joined.unmatched(con)
    if register:
        for one in rates:
            by = f", {one.by_email:,} of them by e-mail" if one.by_email else ""
            yield (
                f"joined {one.joined:,} of {one.logins - one.services:,} {one.platform} logins to the {register:,} people of the register{by}"
                + (f"; {one.services:,} are services" if one.services else "")
            )
        twice = joined.shared_mails(con)
        if twice:
            stand = "e-mail stands" if twice == 1 else "e-mails stand"
            yield f"{twice:,} {stand} at several people of the register: nobody is joined by that until it is corrected"
        if number:
            target = brought.space.root / "unmatched.csv"
            disk.place(text.encode(), brought.space.tmp / "unmatched.half", target)
            yield f"{number:,} logins without a person: {target.name}"
    elif rates:
        yield "no register of people (an HR export) is here yet: logins stand for themselves"
    declared = [
        s for (s,) in con.execute("select subject from declared where kind = 'network' order by subject").fetchall()
    ]
    for suspect in egress.suspects(con, "sign_ins", brought.catalogue, declared):
        yield (
            f"one address carries {suspect.share_permille / 10:.0f} % of all sign-ins ({suspect.ip}): corporate egress? "
            f"mapae declare network {suspect.ip}"
        )
