"""why, case, pivot."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mapae.cli import common
from mapae.cli.exports import export as export
from mapae.model.errors import DONE, NOT_DONE, MapaeError, WrongUse
from mapae.store.runs import OpenRun


def listed(run: OpenRun, number: str, directory: str) -> str:
    """The id behind a number of the list last printed.

    Raises:
        WrongUse: the list has no such line.
    """
    ids = common.remembered(run.space)
    if not 1 <= int(number) <= len(ids):
        raise WrongUse(f"The list last printed has no line {number}.", do=f"Print it anew: mapae status {directory}")
    return ids[int(number) - 1]


def named(run: OpenRun, wanted: str, directory: str) -> str:
    """The subject that a person named: by a reference, an account id, or a number of the list last printed.

    Raises:
        MapaeError: the run holds nothing of that name.
    """
    from mapae.reports import dossier, why

    if not (wanted.isdigit() and len(wanted) < 8):
        return dossier.subject_of(run, wanted)
    try:
        held = listed(run, wanted, directory)
    except WrongUse:
        return dossier.subject_of(run, wanted)  # an account whose id is a number
    if ":" in held:
        return held
    kind, row = why.find(run, held)
    if kind == "assessment" and row["ring"]:
        return str(row["ring"])
    return str(row["object"] if kind == "ring" else row["subject"])


@click.command()
@click.argument("finding", metavar="FINDING")
@common.directory
@click.option("--all", "all_", is_flag=True, help="Show every ground, not the first twenty.")
def why(finding: str, directory: str, all_: bool) -> int:
    """Walk FINDING back to the rows that it rests on.

    FINDING is an id, its first eight digits, or a number of the list last printed by run or status.
    """
    from mapae.reports import beside
    from mapae.reports import why as report

    with OpenRun.last(directory) as run:
        wanted = listed(run, finding, directory) if finding.isdigit() and len(finding) < 8 else finding
        kind, row = report.find(run, wanted)
        tree = report.Walk(run, all=all_).of(kind, row)
        click.echo(f"{kind} {row['id']}")
        click.echo(report.text(tree))
        told = beside.text(run, tree)
        if told:
            click.echo(f"\n{told}")
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
@click.option("--html", is_flag=True, help="The HTML file alone, without JSON of the same.")
@click.option(
    "--for",
    "form",
    default="analyst",
    type=click.Choice(["analyst", "hr", "counsel"]),
    help="Reader: analyst (the whole file), hr or counsel (facts in plain words, no scores).",
)
@click.option(
    "--purpose", default="", help="Why hr or counsel need the names; without it they are masked. Noted in the ledger."
)
@click.option("--reader", default="", help="Who reads; default: the user of this computer.")
def case(subject: str, directory: str, out: str, html: bool, form: str, purpose: str, reader: str) -> int:
    """Write the case file of SUBJECT (account:a17, ring:a17, party:ofac-1234, or a number of the list last printed)."""
    from mapae.reports import dossier, hr

    with OpenRun.last(directory) as run:
        folder = Path(out) if out else run.space.root / "cases"
        chosen = named(run, subject, directory)
        if form == "analyst":
            if purpose or reader:
                raise WrongUse("--purpose and --reader go with --for hr or --for counsel.", do="Add --for hr.")
            for path in dossier.write(run, chosen, folder):
                if html and path.suffix != ".html":
                    path.unlink()
                else:
                    click.echo(path)
            return DONE
        click.echo(hr.write(run, chosen, folder, form=form, purpose=purpose, reader=reader))
        if not purpose:
            click.echo('Names are masked; --purpose "…" shows them and is noted in the ledger.', err=True)
    return DONE


@click.command()
@click.argument("value", metavar="VALUE")
@common.directory
@click.option("--kind", default="", help="What VALUE is: ip, /64, asn, phone, email, device, wallet, payout, address …")
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def pivot(value: str, directory: str, kind: str, as_json: bool) -> int:
    """Say who had VALUE, when, how rare it is, and which values of the same people to look at next.

    The look-up is noted in the ledger as a read of personal data.
    """
    from mapae.reports import identifiers
    from mapae.reports import pivot as report

    if kind and kind not in identifiers.KINDS:
        raise WrongUse(f"There is no kind {kind!r}.", do=f"Kinds: {', '.join(identifiers.KINDS)}.")
    with OpenRun.last(directory) as run:
        found = report.look(run, value, kind)
        if as_json:
            click.echo(json.dumps(report.data(found), ensure_ascii=False, indent=1))
        elif found:
            click.echo(report.text(found))
        else:
            problem: MapaeError = report.nobody()
            click.echo(str(problem), err=True)
    return DONE if found else NOT_DONE
