"""demo: a small simulated workspace, run before one's eyes."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import click

from mapae.cli import common
from mapae.model.errors import DONE, WrongUse

ACCOUNTS, SEED = 20_000, 2022


@click.command()
@click.argument("directory", metavar="[DIR]", default="demo", type=click.Path())
@click.option("--accounts", default=ACCOUNTS, show_default=True, help="How many simulated accounts.")
@click.option(
    "--lists", default="", help="Folder with official lists to use instead of the compact extract that ships."
)
def demo(directory: str, accounts: int, lists: str) -> int:
    """Build a simulated platform in DIR (default: demo), run it, and print what was found and where the case files are.

    The platform, its accounts and their money are simulated, and marked so on every page. The list entries and the
    evidence about designated and convicted parties are real, restated in our own words, and cited.
    """
    from mapae import pipeline
    from mapae.reports import dossier, summary
    from mapae.rules.kinds import CATALOGUE
    from mapae.store import workspace
    from mapae.store.runs import OpenRun
    from mapae.worlds import write

    started = time.monotonic()
    target = Path(directory)
    mark = target / ".mapae" / "made-by-demo"
    if target.exists() and any(target.iterdir()):
        if not mark.exists():
            raise WrongUse(f"{directory} is not empty, and no demo made it.", do="Name a new folder: mapae demo NEW")
        shutil.rmtree(target)
    space = workspace.init(target)
    mark.touch()
    with common.progress() as say:
        say(f"simulating a platform of {accounts:,} accounts")
        write.simulate(target, accounts=accounts, seed=SEED, progress=say)
        shutil.copy(CATALOGUE / "demo" / "evidence.yaml", space.inputs / "evidence.yaml")
        if lists:
            for path in sorted(Path(lists).iterdir()):
                if path.is_file():
                    shutil.copy(path, space.inputs / path.name)
        else:
            shutil.copy(CATALOGUE / "demo" / "dprk_designations.ftm.json", space.inputs / "dprk_designations.ftm.json")
        pipeline.run(target, progress=say)
        with OpenRun.last(target) as run:
            told = summary.of(run)
            common.remember(space, told.listed)
            say("writing case files")
            made = [dossier.write(run, subject, target / "cases")[0] for subject in summary.worth_a_case(run)]
    click.echo(told.text)
    click.echo("\nCase files (each one page that stands alone; JSON of the same beside it):")
    for path in made:
        click.echo(f"  {path}")
    click.echo(
        f"\nDone in {time.monotonic() - started:.0f} s. Next: mapae why 1 {directory}   mapae evaluate {directory}   mapae status {directory}"
    )
    return DONE
