"""names compare."""

from __future__ import annotations

import json

import click

from mapae.model.errors import DONE


@click.group()
def names() -> None:
    """Compare names."""


@names.command()
@click.argument("a")
@click.argument("b")
@click.option(
    "--schema",
    default="Person",
    show_default=True,
    help='What bears the names: Person, Company, Organization, Vessel …; "" when unknown.',
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compare(a: str, b: str, schema: str, as_json: bool) -> int:
    """Say whether A and B can be names of one party: match, possible or no match, with bits and reasons."""
    from mapae.names import compare as compared

    found = compared(a, b, schema)
    if as_json:
        told = {
            "verdict": found.verdict,
            "match": found.match,
            "possible": found.possible,
            "bits": found.bits,
            "centibits": found.centibits,
            "schema": schema,
            "why": found.why,
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return DONE
    click.echo(f"{found.verdict} ({found.bits:+.2f} bits)")
    for line in found.why:
        click.echo(f"  {line}")
    return DONE
