"""The step of tracing: from rings and exactly matched accounts to listed parties, as findings."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from mapae.engine.steps import Inputs, Step
from mapae.model import findings
from mapae.model.ids import finding_ref
from mapae.rules.kinds import Catalogue
from mapae.rules.load import load_file
from mapae.settings import Settings
from mapae.tracing import graph, money, paths, roles
from mapae.tracing.graph import Hop, Listed
from mapae.tracing.paths import MEMBER, Route
from mapae.tracing.roles import Bounds

RULE = "tracing.path"
READS = ("edges", "findings/ring", "findings/match", "entries", "statements_now")
NOTES = pa.schema(
    [
        pa.field("about", pa.string(), nullable=False),
        pa.field("neighbours", pa.int64(), nullable=False),
        pa.field("says", pa.string(), nullable=False),
    ]
)


def steps(catalogue: Catalogue, settings: Settings) -> list[Step]:
    """The one step of tracing.

    Args:
        catalogue: ``tracing.yml`` beside its rules, and the lists' further programme tags.
        settings: not used; every stage takes it.
    """
    data = load_file(catalogue.root / "tracing.yml")
    programmes = sorted({str(tag) for rule in catalogue.lists.values() for tag in rule.data.get("nexus_programs", ())})
    return [
        Step(
            name="tracing",
            reads=READS,
            writes=("findings/path", "notes/tracing"),
            function=functools.partial(trace, data=data, programmes=programmes),
            parameters={"bounds": data, "programmes": programmes},
            schema={"findings/path": findings.schema("path"), "notes/tracing": NOTES},
            order={"findings/path": findings.ORDER, "notes/tracing": ("about",)},
        )
    ]


def trace(inputs: Inputs, *, data: Any, programmes: list[str]) -> Mapping[str, Any]:
    """Paths to listed parties, and the parties that were not walked through.

    Args:
        inputs: with the views of :data:`READS`.
        data: ``catalogue/tracing.yml``.
        programmes: programme tags that the lists name as DPRK's.

    Returns:
        A value per written table.
    """
    bounds = roles.read(data)
    targets = graph.listed(inputs, bounds, programmes)
    reach = graph.reach(inputs, list(targets), bounds)
    routes: list[Route] = []
    for start, conduct, member in _starts(inputs):
        for hops in itertools.islice(paths.walk(start, reach, frozenset(targets), bounds), paths.most(bounds)):
            routes.append(Route(conduct, hops[-1].to_ref, (*member, *hops)))
    rows: dict[str, dict[str, Any]] = {}
    for (_, target), held in paths.by_ends(routes, bounds).items():
        cents = money.total((route.hops[_members(route) :] for route in held), bounds)
        for route in held[: bounds.routes]:
            for row in _rows(route, targets[target], len(held), cents, bounds):
                rows[row["id"]] = row
    says = f"not walked through: more than {bounds.fan_out} neighbours"
    notes = [{"about": node, "neighbours": n, "says": says} for node, n in sorted(reach.crowded.items())]
    return {
        "findings/path": findings.table("path", list(rows.values())),
        "notes/tracing": pa.Table.from_pylist(notes, schema=NOTES),
    }


def _starts(inputs: Inputs) -> list[tuple[str, str, tuple[Hop, ...]]]:
    """Accounts that paths begin at: the conduct each stands for, and its membership as a hop."""
    rows = inputs.con.execute(
        "select subject, object, member_permille, id from ring where verdict = 'yes' order by subject, object"
    ).fetchall()
    made: list[tuple[str, str, tuple[Hop, ...]]] = [
        (account, ring, (Hop(ring, account, MEMBER, finding_ref(id_), permille=permille),))
        for account, ring, permille, id_ in rows
    ]
    alone = inputs.con.execute(
        "select distinct subject from match where level = 'exact' and verdict = 'yes' and starts_with(subject, 'account:') "
        "and subject not in (select subject from ring where verdict = 'yes') order by subject"
    ).fetchall()
    return made + [(account, account, ()) for (account,) in alone]


def _members(route: Route) -> int:
    return 1 if route.hops[0].role == MEMBER else 0


def _rows(route: Route, end: Listed, number: int, cents: int, bounds: Bounds) -> list[dict[str, Any]]:
    """A route as findings: one for the listed party, one for each party that stands between."""
    made = []
    for length in range(_members(route) + 1, len(route.hops) + 1):
        hops = route.hops[:length]
        subject = hops[-1].to_ref
        if subject != route.target and not subject.startswith("party:"):
            continue
        entered, passed = money.along(hops[_members(route) :], bounds)
        facts: dict[str, Any] = {
            "caption": end.caption,
            "conduct": route.conduct,
            "listed_party": route.target,
            "programs": end.programs,
            "routes": number,
            "steps": paths.steps_of(hops, bounds),
            "total_cents": cents,
        }
        if entered is not None:
            facts["cents"] = entered
        if passed is not None:
            facts["passed_on_permille"] = passed
        made.append(
            findings.row(
                "path",
                rule=RULE,
                subject=subject,
                object=route.object,
                verdict="yes",
                because=[hop.ref for hop in hops],
                facts=facts,
                direct=paths.steps_of(hops, bounds) <= 1,
                role=bounds.role(hops[-1].role).name,
                weakest_permille=min(hop.permille for hop in hops),
                hops=[
                    {
                        "from_ref": hop.from_ref,
                        "to_ref": hop.to_ref,
                        "role": hop.role,
                        "since": hop.since,
                        "until": hop.until,
                        "ref": hop.ref,
                    }
                    for hop in hops
                ],
            )
        )
    return made
