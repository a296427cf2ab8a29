"""rules check, test, show, lock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mapae.model.errors import DONE, NOT_DONE, MapaeError, WrongUse

if TYPE_CHECKING:
    from mapae.rules.kinds import Catalogue

catalogue_option = click.option(
    "--catalogue", default="", help="Folder of rules to read instead of the catalogue that ships.", type=click.Path()
)


def _catalogue(folder: str) -> Catalogue:
    from mapae.rules.kinds import CATALOGUE, load_catalogue

    root = Path(folder) if folder else CATALOGUE
    if not root.is_dir():
        raise MapaeError(
            "There is no such folder of rules.", where=str(root), do="Name a folder laid out like mapae/catalogue."
        )
    return load_catalogue(root)


@click.group()
def rules() -> None:
    """Check, test and show the rules of the catalogue."""


@rules.command()
@catalogue_option
def check(catalogue: str) -> int:
    """Check every rule: its form, its SQL, its citations, and the lock."""
    from mapae.rules import check as room
    from mapae.rules import citations

    held = _catalogue(catalogue)
    problems = room.problems(held)
    for problem in problems:
        click.echo(str(problem), err=True)
    unread = citations.unread(held)
    click.echo(
        f"{len(held.rules())} rules, {len(held.citations)} citations ({len(unread)} that nobody here has read), {len(problems) or 'no'} problems."
    )
    return NOT_DONE if problems else DONE


@rules.command()
@catalogue_option
@click.option("--engine", default="duckdb", type=click.Choice(["duckdb", "spark"]), help="Engine that answers.")
@click.option("--mutate", is_flag=True, help="Delete, negate and move each condition, and see which cases notice.")
@click.argument("rule", metavar="[RULE]", default="")
def test(rule: str, mutate: bool, engine: str, catalogue: str) -> int:
    """Run the inline cases of every rule, or of RULE alone."""
    if mutate:
        return _mutated(_catalogue(catalogue), rule)
    from mapae.determinations.apply import answer_case
    from mapae.engine.answering import DuckDBAnswering
    from mapae.rules.cases import local_breaches, run_cases
    from mapae.sources.case_rows import read_rows

    held = _catalogue(catalogue)
    if engine == "spark":
        from mapae.engine.spark import SparkEngine

        with SparkEngine() as spark:
            results = run_cases(held, spark, read_rows, answer_case)
            breaches = local_breaches(held, spark, read_rows)
    else:
        results = run_cases(held, DuckDBAnswering(), read_rows, answer_case)
        breaches = local_breaches(held, DuckDBAnswering(), read_rows)
    results = [r for r in results if not rule or r.rule == rule]
    if not results:
        raise WrongUse(f"No rule called {rule} has cases.", do="mapae rules show lists the rules.")
    failed = [r for r in results if not r.passed]
    for r in failed:
        click.echo(f"{r.path}:{r.line}: {r.rule}, case “{r.case}”: expected {r.expected}, got {r.got}", err=True)
    for breach in breaches:
        click.echo(breach, err=True)
    click.echo(
        f"{len(results)} cases of {len({r.rule for r in results})} rules on {engine}: {len(results) - len(failed)} passed, {len(failed)} failed."
    )
    return NOT_DONE if failed or breaches else DONE


def _mutated(held: Catalogue, rule: str) -> int:
    """Try the mutants of indicators and provisions, print how many each rule's cases kill, and each survivor's line."""
    from mapae.determinations.apply import answer_case
    from mapae.engine.answering import DuckDBAnswering
    from mapae.rules.mutate import LEAST_PERCENT, Trial, mutate
    from mapae.rules.mutate_law import mutate_laws
    from mapae.sources.case_rows import read_rows

    trial = mutate(held, DuckDBAnswering(), read_rows, rule)
    laws = Trial(tuple(mutate_laws(held, answer_case, rule)))
    if not trial.mutants and not laws.mutants:
        raise WrongUse(
            f"No indicator or provision called {rule} is answered in a run.", do="mapae rules show lists them."
        )
    for one in (trial, laws):
        for id_, (killed, survived) in one.by_rule().items():
            click.echo(f"{id_:<44} {killed:>4} killed {survived:>4} survived")
        for mutant in one.survivors:
            click.echo(f"{mutant.path}:{mutant.line}: {mutant.rule}: no case notices {mutant.change}", err=True)
    click.echo(
        f"{len(trial.mutants)} mutants of {len(trial.by_rule())} indicators: "
        f"{len(trial.mutants) - len(trial.survivors)} killed, {len(trial.survivors)} survived "
        f"({trial.killed_permille / 10:.1f} %; at least {LEAST_PERCENT} % and none of a stable rule)."
    )
    click.echo(
        f"{len(laws.mutants)} mutants of {len(laws.by_rule())} provisions: "
        f"{len(laws.mutants) - len(laws.survivors)} killed, {len(laws.survivors)} survived (told, and not counted)."
    )
    return DONE if trial.passed or not trial.mutants else NOT_DONE


@rules.command()
@catalogue_option
@click.argument("rule", metavar="[RULE]", default="")
def show(rule: str, catalogue: str) -> int:
    """Print RULE as it stands, or list all rules."""
    held = _catalogue(catalogue)
    found = [(key, one) for key, one in held.rules().items() if not rule or rule in (one.id, key)]
    if not found:
        raise WrongUse(f"The catalogue has no rule called {rule}.", do="mapae rules show lists the rules.")
    for key, one in found:
        if rule:
            click.echo(f"# {one.path}\n# sha256 {one.sha256}\n{one.text}")
        else:
            click.echo(f"{key:<44} {one.title}")
    return DONE


@rules.command()
@catalogue_option
def lock(catalogue: str) -> int:
    """Pin the hash of every rule in lock.json; a changed indicator must have raised its version."""
    from mapae.rules import lock as room

    room.write(_catalogue(catalogue))
    click.echo("lock.json is written.")
    return DONE
