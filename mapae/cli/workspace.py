"""init, run, status, verify, sweep."""

from __future__ import annotations

import click

from mapae.cli import common
from mapae.model.errors import DONE, NOT_DONE, SUM_CHECK


@click.command()
@common.directory
def init(directory: str) -> int:
    """Make DIR a workspace: inputs/, mapae.toml and a place for what Mapae makes."""
    from mapae.store import ledger, workspace

    space = workspace.init(directory)
    click.echo(f"{space.root} is a workspace. Put your files into {space.inputs}, then: mapae run {directory}")
    click.echo(f"Its ledger is signed with key {ledger.key_name()} in {ledger.key_folder()}.")
    return DONE


@click.command()
@common.directory
@click.option("--strict", is_flag=True, help="End with exit code 3 when the probabilities do not add up.")
@click.option("--quiet", is_flag=True, help="Print the result alone.")
@click.option("--no-wait", is_flag=True, help="Do not wait for another run on this workspace.")
def run(directory: str, strict: bool, quiet: bool, no_wait: bool) -> int:
    """Read what is new in DIR's inputs, derive what follows, and commit it as one run.

    Where an employer's people or applicants are held, the queue of new cases is printed, and tomorrow only what is new
    by then; mapae status prints the whole.
    """
    import datetime as dt

    from mapae import pipeline
    from mapae.casework import alerts
    from mapae.reports import queue, summary
    from mapae.store.runs import OpenRun

    with common.progress(quiet) as say:
        outcome = pipeline.run(directory, progress=say, wait=0 if no_wait else 600)
    for error in outcome.errors:
        click.echo(error, err=True)
    for note in outcome.notes:
        click.echo(f"Note: {note}.", err=True)
    if not outcome.new and not outcome.worked:
        click.echo(f"Nothing new: run {outcome.name[:8]} stands, no work was done.")
    with OpenRun.last(directory) as held:
        board = alerts.update(held.space, held, today=dt.datetime.now(dt.UTC).date())
        told = summary.of(held)
        if queue.is_for(held):
            block = queue.of(held, board)
            common.remember(held.space, block.listed)
            click.echo(block.text)
            click.echo(f"\nmapae status {directory} shows all that run {outcome.name[:8]} found.")
        else:
            common.remember(held.space, told.listed)
            click.echo(told.text)
        if strict and told.sum_check not in ("ok", "not judged"):
            click.echo(
                "The probabilities of all accounts do not add up (see above); --strict ends with exit code 3.", err=True
            )
            return SUM_CHECK
    return DONE


@click.command()
@common.directory
def status(directory: str) -> int:
    """Say what DIR holds: its sources, its last run, and what that found."""
    from mapae.reports import summary
    from mapae.store import ledger, runs, workspace
    from mapae.store.runs import OpenRun

    space = workspace.find(directory)
    lines = ledger.read(space.ledger)
    click.echo(f"Workspace {space.root}")
    click.echo(f"Ledger: {len(lines.lines)} lines, signed with key {ledger.key_name()} in {ledger.key_folder()}")
    if lines.fault:
        click.echo(f"The ledger was changed outside Mapae: {lines.fault}. See: mapae verify {directory}", err=True)
    if not runs.committed(space):
        click.echo(f"Nothing has been run yet. Put files into {space.inputs}, then: mapae run {directory}")
        return DONE
    with OpenRun.last(directory) as held:
        told = summary.of(held)
        common.remember(space, told.listed)
        click.echo(summary.sources(held))
        click.echo(told.text)
    return DONE


@click.command()
@common.directory
def verify(directory: str) -> int:
    """Compute every hash of DIR again: ledger, runs, parts, weights, vault."""
    from mapae.store import verify as store
    from mapae.store import workspace

    report = store.verify(workspace.find(directory))
    for note in report.notes:
        click.echo(f"Note: {note}")
    for fault in report.faults:
        click.echo(f"Does not hold: {fault}", err=True)
    click.echo(
        f"{report.lines} ledger lines, {report.runs} runs, {report.parts} parts and {report.sources} sources checked; "
        f"{len(report.faults) or 'no'} fault{'' if len(report.faults) == 1 else 's'}."
    )
    click.echo(store.CANNOT_SHOW)
    return NOT_DONE if report.faults else DONE


@click.command()
@common.directory
def sweep(directory: str) -> int:
    """Delete runs older than the last three that nothing names, and parts that no kept run names."""
    from mapae.store import ledger, workspace
    from mapae.store import sweep as store

    space = workspace.find(directory)
    with workspace.writing(space, say=click.echo):
        ledger.repair(space)
        swept = store.sweep(space)
    click.echo(f"Deleted {swept.manifests} runs and {swept.parts} parts ({swept.bytes / 1e6:.1f} MB).")
    return DONE
