"""Steps of the indicators room: each measure, each projection, the answers, the flags."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from mapae.engine.steps import Inputs, Step
from mapae.indicators.flags import flags_query, witness_tables
from mapae.indicators.measures import measure_step, projection_step, seen_reads
from mapae.model import findings
from mapae.rules.answers import answered, indicators_sql, measures_used
from mapae.rules.kinds import Catalogue
from mapae.rules.seen import PERSONS, seen
from mapae.settings import Settings


def _flags(catalogue: Catalogue, inputs: Inputs) -> Mapping[str, Any]:
    indicators = answered(catalogue)
    if not indicators:
        return {"findings/flag": findings.table("flag", [])}
    witness_tables(catalogue, inputs, indicators)
    return {"findings/flag": flags_query(catalogue, indicators)}


def steps(catalogue: Catalogue, settings: Settings) -> list[Step]:
    """Measures, projections, ``answers`` and ``findings/flag``."""
    indicators = answered(catalogue)
    used = measures_used(catalogue)
    held = [PERSONS] if PERSONS in catalogue.measures else []
    made = [measure_step(catalogue, m) for m in catalogue.measures.values()]
    made += [projection_step(catalogue, p) for p in catalogue.projections.values()]
    made.append(
        Step(
            name="indicators.answers",
            reads=("records/accounts", *(f"measures/{m}" for m in sorted({*used, *held}))),
            writes=("answers",),
            sql=seen(indicators_sql(catalogue), catalogue),
            schema={
                "answers": pa.schema([("account_id", pa.string()), *((i.column, pa.string()) for i in indicators)])
            },
            order={"answers": ("account_id",)},
        )
    )
    witnesses = {
        table
        for m in used
        for sql in catalogue.measures[m].rows
        for table in seen_reads(catalogue, catalogue.measures[m], sql)
    }
    made.append(
        Step(
            name="indicators.flags",
            reads=("answers", *(f"measures/{m}" for m in used), *sorted(witnesses)),
            writes=("findings/flag",),
            function=functools.partial(_flags, catalogue),
            parameters={i.id: i.sha256 for i in indicators} | {m: catalogue.measures[m].sha256 for m in used},
            schema={"findings/flag": findings.schema("flag")},
            order={"findings/flag": findings.ORDER},
        )
    )
    return made
