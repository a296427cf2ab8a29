"""A case as one HTML file: styles and drawings inside it, nothing fetched, good on paper."""

from __future__ import annotations

from typing import Any

import jinja2

from mapae.drawings.network import network
from mapae.drawings.route import route
from mapae.reports.wording import money


def _bits(centibits: int) -> str:
    return f"{centibits / 100:+.2f}"


def _short(ref: str) -> str:
    return ref.partition(":")[2] if ref.startswith(("account:", "party:")) else ref


def environment() -> jinja2.Environment:
    """Templates with escaping on, and undefined names an error."""
    env = jinja2.Environment(
        loader=jinja2.PackageLoader("mapae.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(bits=_bits, money=money, short=_short)
    return env


# What a bar is called on the page where the family's own word would not tell a newcomer enough.
BAR_NAMES = {"control": "group size", "restless": "restless life", "ring": "mean of ring"}


def page(case: dict[str, Any]) -> str:
    """Render a case (see :func:`mapae.reports.dossier.build`) as a page that stands alone."""
    nodes = [(m["subject"], _short(m["subject"])) for m in case["members"]]
    edges = [(e["subject"], e["object"], ", ".join(e["keys"])) for e in case["links"]]
    routes = {
        p["id"]: route(p["stops"], [h["role"].replace("_", " ") for h in p["hops"]]) for p in case["paths"] if p["hops"]
    }
    text: str = (
        environment()
        .get_template("case.html.j2")
        .render(case=case, network=network(nodes, edges), routes=routes, bar_names=BAR_NAMES)
    )
    return text
