"""simulate, evaluate."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mapae.cli import common
from mapae.model.errors import DONE, WrongUse

PLATFORM_ONLY, EMPLOYER_ONLY = ("accounts", "null"), ("people", "months", "planted", "events_per_person")


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path())
@click.option(
    "--kind",
    type=click.Choice(["platform", "employer"]),
    default="platform",
    show_default=True,
    help="What is simulated.",
)
@click.option("--accounts", default=20_000, show_default=True, help="Platform: how many accounts it has.")
@click.option("--null", is_flag=True, help="Platform: misrepresented accounts behave like everybody else.")
@click.option("--people", default=4_000, show_default=True, help="Employer: how many people work there.")
@click.option("--months", default=6, show_default=True, help="Employer: months of thirty days that the log covers.")
@click.option(
    "--planted",
    type=click.Choice(["0", "1", "2", "5"]),
    default="0",
    show_default=True,
    help="Employer: planted workers: none; 1, a lone one; 2, a farm of two; 5, two farms of two and a lone one.",
)
@click.option(
    "--events-per-person",
    default=300,
    show_default=True,
    help="Employer: events a person in the log; sign-ins stay the same, the rest is use of applications.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same bytes.")
@click.pass_context
def simulate(
    context: click.Context,
    directory: str,
    kind: str,
    accounts: int,
    null: bool,
    people: int,
    months: int,
    planted: str,
    events_per_person: int,
    seed: int,
) -> int:
    """Write a simulated platform or employer into DIR as a workspace, with its truth beside it in truth/."""
    from mapae.store import workspace
    from mapae.worlds import write
    from mapae.worlds.employer import write as employer

    foreign = EMPLOYER_ONLY if kind == "platform" else PLATFORM_ONLY
    for name in foreign:
        if context.get_parameter_source(name) == click.core.ParameterSource.COMMANDLINE:
            raise WrongUse(
                f"A simulated {kind} has no --{name.replace('_', '-')}.",
                do="See mapae simulate --help, or give --kind.",
            )
    if kind == "platform" and accounts < 100:
        raise WrongUse("A simulated platform has at least 100 accounts.", do="Give --accounts 100 or more.")
    target = Path(directory)
    if target.exists() and any(target.iterdir()):
        raise WrongUse(
            f"{directory} is not empty.", do="Name a new folder; a simulated world is never mixed with anything else."
        )
    if kind == "employer":
        employer.allowed(people, months, int(planted), seed, events_per_person)
    workspace.init(target)
    with common.progress() as say:
        if kind == "employer":
            counts = employer.simulate(target, people, months, int(planted), seed, each=events_per_person, progress=say)
            made = f"employer of {people:,} people, {counts['okta.json']:,} events"
        else:
            write.simulate(target, accounts=accounts, seed=seed, null=null, progress=say)
            made = f"platform of {accounts:,} accounts"
    click.echo(f"Wrote a simulated {made} to {directory}. Next: mapae run {directory}")
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
