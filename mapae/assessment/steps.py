"""Steps of the assessment room: the weights in force, and one assessment for every account."""

from __future__ import annotations

import functools
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from mapae.assessment import checks, estimating, operators, weights
from mapae.assessment.because import assessments, make_grounds
from mapae.assessment.levels import counted_indicators, key_kinds, shares
from mapae.assessment.operators import Weighed
from mapae.assessment.placing import PLATFORM, READS, Placed, encode, place
from mapae.assessment.weights import Pattern, Weights
from mapae.engine.steps import Inputs, Step
from mapae.model import findings
from mapae.model.amounts import permille
from mapae.model.findings import canonical_json
from mapae.rules.kinds import Catalogue
from mapae.settings import Settings

# Review begins above one in two with at least this many families speaking (house.md, "The evidence model", 6).
LEAST_FAMILIES = 2
# Of the steps' functions: 5 since levels on which nobody stands are quiet.
VERSION = "5"
WEIGHTS_SCHEMA = pa.schema(
    [pa.field("name", pa.string(), nullable=False), pa.field("text", pa.string(), nullable=False)]
)


def steps(catalogue: Catalogue, settings: Settings, pinned: Mapping[str, Any] | None = None) -> list[Step]:
    """The steps ``assessment.weights`` (``weights``) and ``assessment.assess`` (``findings/assessment``, ``run_checks``).

    Args:
        catalogue: all rules.
        settings: base rate and kinds of honest people.
        pinned: a parsed weights file that is in force; None estimates weights from this run's accounts.

    Returns:
        Two steps.
    """
    indicators = counted_indicators(catalogue)
    levels = {one.id: [one.column, one.family, one.level] for one in indicators}
    if pinned is None:
        estimating = Step(
            name="assessment.weights",
            reads=READS,
            writes=("weights",),
            function=functools.partial(_estimate, catalogue, settings),
            parameters={
                "levels": levels,
                "key_kinds": key_kinds(catalogue.keys),
                "families": hashlib.sha256(canonical_json(catalogue.families).encode()).hexdigest(),
                "base_rates": {door: str(rate) for door, rate in settings.base_rates().items()},
                "as_of": settings.as_of,
                "honest_kinds": settings.honest_kinds,
            },
            schema={"weights": WEIGHTS_SCHEMA},
            order={"weights": ("name",)},
            version=VERSION,
        )
    else:
        in_force = weights.doors_from_json(pinned)
        estimating = Step(
            name="assessment.weights",
            reads=(),
            writes=("weights",),
            function=functools.partial(_pinned, in_force),
            parameters={"pinned": weights.doors_text(in_force)},
            schema={"weights": WEIGHTS_SCHEMA},
            order={"weights": ("name",)},
            version=VERSION,
        )
    assessing = Step(
        name="assessment.assess",
        reads=("findings/flag", "weights", *READS),
        writes=("findings/assessment", "run_checks"),
        function=functools.partial(_assess, catalogue, settings),
        parameters={
            "levels": levels,
            "key_kinds": key_kinds(catalogue.keys),
            "base_rates": {door: str(rate) for door, rate in settings.base_rates().items()},
            "as_of": settings.as_of,
        },
        schema={"findings/assessment": findings.schema("assessment"), "run_checks": checks.SCHEMA},
        order={"findings/assessment": findings.ORDER, "run_checks": checks.ORDER},
        version=VERSION,
    )
    return [estimating, assessing]


def estimate_step(catalogue: Catalogue, settings: Settings, inputs: Inputs) -> dict[str, Weights]:
    """Weights by door, estimated from the accounts of this run."""
    indicators = counted_indicators(catalogue)
    placed = place(inputs, indicators, key_kinds(catalogue.keys), settings.as_of)
    case, rates = shares(catalogue.families, indicators), settings.base_rates()
    return {
        door: estimating.estimate(held.counts, case, rates[door], settings.honest_kinds)
        for door, held in placed.items()
    }


def _estimate(catalogue: Catalogue, settings: Settings, inputs: Inputs) -> Mapping[str, Any]:
    return _pinned(estimate_step(catalogue, settings, inputs), inputs)


def _pinned(in_force: Mapping[str, Weights], inputs: Inputs) -> Mapping[str, Any]:
    text = weights.doors_text(in_force)
    row = {"name": hashlib.sha256(text.encode()).hexdigest(), "text": text}
    return {"weights": pa.Table.from_pylist([row], schema=WEIGHTS_SCHEMA)}


def _assess(catalogue: Catalogue, settings: Settings, inputs: Inputs) -> Mapping[str, Any]:
    con = inputs.con
    stored = con.execute("select text from weights").fetchone()
    assert stored is not None
    pinned = weights.doors_from_json(json.loads(stored[0]))
    indicators = counted_indicators(catalogue)
    placed = place(inputs, indicators, key_kinds(catalogue.keys), settings.as_of)
    case, rates = shares(catalogue.families, indicators), settings.base_rates()
    patterns, members, rows, priors = [], [], [], []
    for door, held in placed.items():
        inputs.progress(f"{door}: {len(held.counts):,} patterns, {len(held.rings):,} rings")
        # A door that came after the weights were pinned is weighed by what it shows itself.
        in_force = pinned.get(door) or estimating.estimate(held.counts, case, rates[door], settings.honest_kinds)
        alone, in_rings, check = weigh_all(in_force, held)
        told = _table(in_force, alone, pa.int64())
        patterns.append(told.append_column("door", pa.array([door] * told.num_rows, pa.string())))
        members.append(_table(in_force, in_rings, pa.string()))
        priors.append((door, in_force.prior))
        of_door = "" if door == PLATFORM else f".{door}"
        for row in (check, checks.drift_check(in_force, held.counts)):
            rows.append({**row, "name": row["name"] + of_door})
    con.register(
        "priors",
        pa.table(
            {
                "door": pa.array([d for d, _ in priors], pa.string()),
                "prior": pa.array([p for _, p in priors], pa.int32()),
            }
        ),
    )
    con.register("weighed_patterns", pa.concat_tables(patterns) if patterns else _NO_PATTERNS)
    con.register("weighed_members", pa.concat_tables(members) if members else _NO_MEMBERS)
    con.register("counted_rules", pa.table({"rule": pa.array([one.id for one in indicators], pa.string())}))
    make_grounds(inputs)
    return {
        "findings/assessment": assessments(),
        "run_checks": pa.Table.from_pylist(rows, schema=checks.SCHEMA),
    }


def weigh_all(in_force: Weights, placed: Placed) -> tuple[dict[int, Weighed], dict[str, Weighed], dict[str, Any]]:
    """Weigh each pattern once and each ring once.

    Args:
        in_force: the weights.
        placed: counts per pattern, and rings.

    Returns:
        By pattern number x 2 + control (0 or 1) what is said of accounts alone; by account what is said of ring
        members; the sum check.
    """
    members: dict[str, Weighed] = {}
    in_ring: Counter[Pattern] = Counter()
    for ring in placed.rings:
        weigh = operators.weigh_ring if ring.door == PLATFORM else operators.weigh_people
        members |= weigh(in_force, ring.members, ring.control)
        in_ring.update((*one.pattern, ring.control) for one in ring.members)
    alone: dict[int, Weighed] = {}
    totals: list[tuple[int, int]] = [(said.centibits, 1) for said in members.values()]
    for pattern, number in sorted(placed.counts.items()):
        rest = number - in_ring[pattern]
        if rest:
            said = operators.weigh_alone(in_force, pattern[:-1], pattern[-1])
            alone[encode(pattern[:-1]) * 2 + pattern[-1]] = said
            totals.append((said.centibits, rest))
    return alone, members, checks.sum_check(in_force, totals)


def verdict(in_force: Weights, said: Weighed) -> str:
    """The assessment's verdict.

    Args:
        in_force: the weights, for the prior.
        said: what was weighed.

    Returns:
        ``yes`` opens a review: above one in two, and at least two families speak. ``unknown``: no family could be
        known. Else ``no``.
    """
    if not said.families_seen:
        return "unknown"
    return "yes" if said.families >= LEAST_FAMILIES and in_force.prior + said.centibits > 0 else "no"


def _weighed_columns(key: pa.DataType) -> pa.Schema:
    whole = {"centibits": pa.int32(), "permille": pa.int32(), "families_seen": pa.int8(), "families": pa.int8()}
    return pa.schema([("key", key), ("verdict", pa.string()), *whole.items(), ("facts", pa.string())])


_NO_PATTERNS = _weighed_columns(pa.int64()).append(pa.field("door", pa.string())).empty_table()
_NO_MEMBERS = _weighed_columns(pa.string()).empty_table()


def _table(in_force: Weights, weighed: Mapping[Any, Weighed], key: pa.DataType) -> pa.Table:
    said = [weighed[k] for k in sorted(weighed)]
    columns = {
        "key": pa.array(sorted(weighed), key),
        "verdict": pa.array([verdict(in_force, one) for one in said], pa.string()),
        "centibits": pa.array([one.centibits for one in said], pa.int32()),
        "permille": pa.array([permille(in_force.prior + one.centibits) for one in said], pa.int32()),
        "families_seen": pa.array([one.families_seen for one in said], pa.int8()),
        "families": pa.array([one.families for one in said], pa.int8()),
        "facts": pa.array([canonical_json(one.bars) for one in said], pa.string()),
    }
    return pa.table(columns)
