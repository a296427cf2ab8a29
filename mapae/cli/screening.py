"""screening report."""

from __future__ import annotations

from pathlib import Path

import click

from mapae.cli import common
from mapae.model.errors import DONE, MapaeError


@click.group()
def screening() -> None:
    """What screening by name is worth on your own lists."""


@screening.command()
@common.directory
@click.option("--out", default="", type=click.Path(), help="File to write to; default: print.")
@click.option("--names", default=2000, show_default=True, help="Listed names that are given simulated typing errors.")
@click.option("--people", default=1000, show_default=True, help="Simulated ordinary people of each group.")
def report(directory: str, out: str, names: int, people: int) -> int:
    """Publish how many simulated typing errors are seen through, and the false alerts about simulated people.

    The lists are those of the last run of DIR.
    """
    from mapae.screening import report as room
    from mapae.store.runs import OpenRun

    with OpenRun.last(directory) as run:
        made = room.of_run(run, most=names, each=people)
    if not made.names:
        raise MapaeError("The last run holds no list.", do="Put a list into inputs/, then: mapae run")
    written = room.text(made)
    if out:
        Path(out).write_text(written, encoding="utf-8")
        click.echo(out)
    else:
        click.echo(written, nl=False)
    return DONE
