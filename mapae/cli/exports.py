"""export: tables, findings, evidence, webhook."""

from __future__ import annotations

from pathlib import Path

import click

from mapae.cli import common
from mapae.model.errors import DONE
from mapae.store.runs import OpenRun


@click.group()
def export() -> None:
    """Write what the last run holds, for other tools."""


@export.command()
@common.directory
@click.option("--out", required=True, help="Folder to write to.")
@click.option(
    "--only",
    default="",
    type=click.Choice(["", "findings", "records", "rejected", "statements", "measures"]),
    help="One part of the tables alone.",
)
@click.option(
    "--format",
    "format_",
    default="parquet",
    type=click.Choice(["parquet", "csv", "jsonl"]),
    help="Format of the files.",
)
def tables(directory: str, out: str, only: str, format_: str) -> int:
    """Write every table of DIR's last run under its own name below --out."""
    from mapae.reports import exports

    with OpenRun.last(directory) as run:
        written = exports.tables(run, Path(out), only=only, format=format_)
    click.echo(f"Wrote {len(written)} tables to {out}.")
    if format_ == "csv":
        click.echo(
            "Cells that begin with = + - @ or a tab carry an apostrophe before them, so that no spreadsheet runs them.",
            err=True,
        )
    return DONE


@export.command()
@common.directory
@click.option(
    "--format", "format_", required=True, type=click.Choice(["ocsf", "csv", "stix", "misp"]), help="Format of the file."
)
@click.option("--out", required=True, help="File to write; - prints it.")
@click.option(
    "--subject", "subjects", multiple=True, help="A case to export (may be given again); default: all under review."
)
@click.option("--masked", is_flag=True, help="Keyed hashes in place of names, addresses and other values.")
def findings(directory: str, format_: str, out: str, subjects: tuple[str, ...], masked: bool) -> int:
    """Write cases under review for a SIEM or a threat platform: OCSF Detection Finding, CSV, STIX 2.1 or MISP."""
    from mapae.reports import finding_exports

    with OpenRun.last(directory) as run:
        text, counted = finding_exports.text(run, format_, subjects=subjects, masked=masked)
        finding_exports.put(run, text, out, format_, counted, masked=masked)
    if out == "-":
        click.echo(text, nl=False)
    click.echo(
        f"{counted} cases, as {format_}{', masked' if masked else ''}{'' if out == '-' else f', in {out}'}.",
        err=out == "-",
    )
    return DONE


@export.command()
@click.argument("subject", metavar="CASE")
@common.directory
@click.option(
    "--for",
    "form",
    required=True,
    type=click.Choice(["counsel", "ic3"]),
    help="Reader: counsel, or the FBI's complaint form.",
)
@click.option("--out", required=True, type=click.Path(), help="A new folder for the package.")
@click.option("--reader", default="", help="Who asks for it; default: the user of this computer.")
def evidence(subject: str, directory: str, form: str, out: str, reader: str) -> int:
    """Write the evidence package of CASE: narrative, identifiers, raw rows, hashes; its run is held from deletion."""
    from mapae.cli.reports import named
    from mapae.reports import package

    with OpenRun.last(directory) as run:
        written = package.write(run, named(run, subject, directory), Path(out), form=form, reader=reader)
    click.echo(f"Wrote {len(written)} files to {out}. It holds personal data in clear; the run is on hold.")
    return DONE


@export.command()
@common.directory
@click.option("--out", default="-", help="File to write; - prints it.")
def webhook(directory: str, out: str) -> int:
    """Print the webhook text of DIR's board: counts, bands and words of keys, no personal data. Nothing is sent."""
    import datetime as dt

    from mapae.casework import alerts
    from mapae.reports import webhook as report
    from mapae.store import disk

    with OpenRun.last(directory) as run:
        body = report.text(run, alerts.board(run, today=dt.datetime.now(dt.UTC).date()))
    if out == "-":
        click.echo(body, nl=False)
        return DONE
    try:
        Path(out).write_text(body, "utf-8")
    except OSError as problem:
        raise disk.full_disk(problem, Path(out)) from problem
    click.echo(f"Wrote {out}.")
    return DONE
