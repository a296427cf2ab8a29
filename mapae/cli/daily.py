"""schedule, notify."""

from __future__ import annotations

import datetime as dt
import shutil
import sys

import click

from mapae.cli import common
from mapae.model.errors import DONE, WrongUse
from mapae.store.runs import OpenRun


@click.command()
@common.directory
@click.option("--print", "print_", is_flag=True, help="Print the lines (nothing is ever installed).")
@click.option("--at", default="06:15", help="Time of day, in the machine's zone.")
def schedule(directory: str, print_: bool, at: str) -> int:
    """Print a cron line and a systemd timer that run DIR once a day."""
    from mapae.reports import schedule as lines
    from mapae.store import workspace

    if not print_:
        raise WrongUse(
            "Mapae installs no schedule.",
            do=f"Print the lines and add them yourself: mapae schedule {directory} --print",
        )
    program = shutil.which("mapae")
    command = (program,) if program else (sys.executable, "-m", "mapae")
    click.echo(lines.text(command, workspace.find(directory).root, at), nl=False)
    return DONE


@click.command()
@common.directory
@click.option("--url", required=True, help="Where to post: the address that the receiving service gave you.")
def notify(directory: str, url: str) -> int:
    """Post the webhook text of DIR's board to --url, once. It carries counts and words, nothing of anybody's."""
    from mapae.casework import alerts
    from mapae.reports import webhook

    with OpenRun.last(directory) as run:
        body = webhook.text(run, alerts.board(run, today=dt.datetime.now(dt.UTC).date()))
    click.echo(f"Delivered; the receiver answered {webhook.send(body, url)}.")
    return DONE
