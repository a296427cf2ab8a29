"""Steps of the indicators room: each measure, each projection, the answers, the flags."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from mapae.engine.steps import Inputs, Step
from mapae.indicators.flags import flags_query, measures_used, rows_listed, witness_tables
from mapae.indicators.measures import measure_step, projection_step, reads
from mapae.model import findings
from mapae.rules.answers import indicators_sql
from mapae.rules.kinds import Catalogue, Indicator
from mapae.settings import Settings

# Rules below these do not speak (house.md, "Rules": draft > test > stable > retired).
SPEAKING = ("test", "stable")


def speaking(catalogue: Catalogue) -> list[Indicator]:
    """Indicators whose status lets them speak, by id."""
    return [i for i in catalogue.indicators.values() if i.status in SPEAKING]


def _flags(catalogue: Catalogue, inputs: Inputs) -> Mapping[str, Any]:
    indicators = speaking(catalogue)
    if not indicators:
        return {"findings/flag": findings.table("flag", [])}
    witness_tables(catalogue, inputs, indicators)
    return {"findings/flag": flags_query(catalogue, indicators)}


def steps(catalogue: Catalogue, settings: Settings) -> list[Step]:
    """Measures, projections, ``answers`` and ``findings/flag``."""
    indicators = speaking(catalogue)
    used = sorted({m for i in indicators for m in measures_used(catalogue, i)})
    made = [measure_step(catalogue, m) for m in catalogue.measures.values()]
    made += [projection_step(catalogue, p) for p in catalogue.projections.values()]
    made.append(
        Step(
            name="indicators.answers",
            reads=("records/accounts", *(f"measures/{m}" for m in used)),
            writes=("answers",),
            sql=indicators_sql(catalogue),
            schema={"answers": pa.schema([("account_id", pa.string()), *((i.column, pa.string()) for i in indicators)])},
            order={"answers": ("account_id",)},
        )
    )
    witnesses = {
        table for m in used for sql in rows_listed(catalogue.measures[m]) for table in reads(catalogue, sql, m)
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


