"""screen FILE --out FILE: every row with its best match, with progress, continued where it was stopped."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from mapae.cli import common
from mapae.model.errors import DONE


def whole(
    file: str, out: str, directory: str, day: dt.date | None, columns: list[str], schema: str, quiet: bool
) -> int:
    """Screen a file; says on stderr what was taken, on stdout what came of it."""
    from mapae.cli import screen
    from mapae.screening import screen_files
    from mapae.store.runs import OpenRun

    plan = screen_files.plan(Path(file), Path(out), columns, country=screen.country, schema=screen.schema, kind=schema)
    for line in plan.says():
        click.echo(line, err=True)
    with OpenRun.last(directory) as run:
        with common.progress(quiet) as say:
            say("building the index")
            made, clearings = screen.screener(run, day)
            recipe = f"{run.name} {day or ''} {clearings.digest}"
            done = screen_files.screen_file(plan, made, recipe, progress=say)
        against = screen.lists(run, day)
    if done.continued:
        click.echo(f"Continued after {done.continued:,} rows that were done before.", err=True)
    click.echo(
        f"{done.rows:,} rows screened against {against}: {done.exact:,} exact, {done.strong:,} strong, "
        f"{done.possible:,} possible, {done.cleared:,} cleared, {done.rows - done.matched:,} without a match"
        f"{f', {done.problems:,} with a problem (see the column {plan.out_names[-1]})' if done.problems else ''}."
    )
    click.echo(f"Written: {out}")
    return DONE
