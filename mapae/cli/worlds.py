"""simulate, evaluate."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mapae.cli import common
from mapae.model.errors import DONE, WrongUse


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path())
@click.option("--accounts", default=20_000, show_default=True, help="How many accounts the platform has.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same bytes.")
@click.option("--null", is_flag=True, help="A null world: misrepresented accounts behave like everybody else.")
def simulate(directory: str, accounts: int, seed: int, null: bool) -> int:
    """Write a simulated platform into DIR as a workspace, with its truth beside it in truth/."""
    from mapae.store import workspace
    from mapae.worlds import write

    if accounts < 100:
        raise WrongUse("A simulated platform has at least 100 accounts.", do="Give --accounts 100 or more.")
    target = Path(directory)
    if target.exists() and any(target.iterdir()):
        raise WrongUse(
            f"{directory} is not empty.", do="Name a new folder; a simulated world is never mixed with anything else."
        )
    workspace.init(target)
    with common.progress() as say:
        write.simulate(target, accounts=accounts, seed=seed, null=null, progress=say)
    click.echo(f"Wrote a simulated platform of {accounts:,} accounts to {directory}. Next: mapae run {directory}")
    return DONE


@click.command()
@common.directory
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(directory: str, as_json: bool) -> int:
    """Hold the last run of a simulated workspace against its truth."""
    from mapae.worlds import evaluate as worlds

    found = worlds.evaluate(Path(directory))
    click.echo(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) if as_json else worlds.text(found))
    return DONE
