"""why, case, export."""

from __future__ import annotations

from pathlib import Path

import click

from mapae.cli import common
from mapae.model.errors import DONE, WrongUse


@click.command()
@click.argument("finding", metavar="FINDING")
@common.directory
@click.option("--all", "all_", is_flag=True, help="Show every ground, not the first twenty.")
def why(finding: str, directory: str, all_: bool) -> int:
    """Walk FINDING back to the rows that it rests on.

    FINDING is an id, its first eight digits, or a number of the list last printed by run or status.
    """
    from mapae.reports import why as report
    from mapae.store.runs import OpenRun

    with OpenRun.last(directory) as run:
        wanted = finding
        if finding.isdigit() and len(finding) < 8:
            listed = common.remembered(run.space)
            if not 1 <= int(finding) <= len(listed):
                raise WrongUse(
                    f"The list last printed has no line {finding}.", do=f"Print it anew: mapae status {directory}"
                )
            wanted = listed[int(finding) - 1]
        kind, row = report.find(run, wanted)
        tree = report.Walk(run, all=all_).of(kind, row)
        click.echo(f"{kind} {row['id']}")
        click.echo(report.text(tree))
        leaves = tree.leaves()
        sources = len({leaf.source for leaf in leaves})
        counted = (
            f"{len(leaves)} lea{'f' if len(leaves) == 1 else 'ves'} in {sources} source{'' if sources == 1 else 's'}"
        )
        click.echo(f"\n{counted}; each source's bytes were hashed again.")
    return DONE


@click.command()
@click.argument("subject", metavar="SUBJECT")
@common.directory
@click.option("--out", default="", help="Folder for the files; default: cases/ in DIR.")
def case(subject: str, directory: str, out: str) -> int:
    """Write the case file of SUBJECT (account:a17, ring:a17, party:ofac-1234 …): one HTML file, and JSON of the same."""
    from mapae.reports import dossier
    from mapae.store.runs import OpenRun

    with OpenRun.last(directory) as run:
        folder = Path(out) if out else run.space.root / "cases"
        for path in dossier.write(run, subject, folder):
            click.echo(path)
    return DONE


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
    from mapae.store.runs import OpenRun

    with OpenRun.last(directory) as run:
        written = exports.tables(run, Path(out), only=only, format=format_)
    click.echo(f"Wrote {len(written)} tables to {out}.")
    return DONE
