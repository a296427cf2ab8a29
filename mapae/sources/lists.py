"""Steps over what was read: the newest snapshot of each list, one row per listed entity, one row per source."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from mapae.engine.steps import Inputs, Query, Step
from mapae.model import statements
from mapae.rules.kinds import Catalogue

ENTRIES = pa.schema(
    [
        ("party", pa.string()),
        ("entity_id", pa.string()),
        ("schema", pa.string()),
        ("caption", pa.string()),
        ("list", pa.string()),
        ("snapshot", pa.date32()),
        ("programs", pa.string()),
        ("authorities", pa.string()),
        ("listed_on", pa.date32()),
        ("mapae_source", pa.string()),
    ]
)

SOURCES = pa.schema(
    [
        ("source", pa.string()),
        ("sha256", pa.string()),
        ("path", pa.string()),
        ("what", pa.string()),
        ("name", pa.string()),
        ("snapshot", pa.date32()),
        ("read", pa.int64()),
        ("kept", pa.int64()),
        ("rejected", pa.int64()),
        ("equal", pa.int64()),
        ("events", pa.int64()),
        ("other", pa.int64()),
        ("by_table", pa.list_(pa.string())),
        ("repeated", pa.int64()),
        ("notes", pa.list_(pa.string())),
        ("error", pa.string()),
    ]
)

# Newest snapshot of each dataset among the sources that as_of allows; of two files of one day the later source.
_NOW = """
select s.* from statements as s
join (
  select dataset, mapae_source from snapshots
  qualify row_number() over (partition by dataset order by snapshot desc nulls last, place desc) = 1
) as newest on newest.mapae_source = s.mapae_source and newest.dataset = s.dataset
"""

_ENTRIES = """
with about as (
  select value as entity_id, entity_id as sanction from statements_now where prop = 'entity' and schema = 'Sanction'
), sanction as (
  select about.entity_id,
    coalesce(string_agg(distinct case when prop in ('program', 'programId') then value end, ';' order by case when prop in ('program', 'programId') then value end), '') as programs,
    coalesce(string_agg(distinct case when prop = 'authorityId' or prop = 'authority' then value end, ';' order by case when prop = 'authorityId' or prop = 'authority' then value end), '') as authorities,
    min(case when prop in ('listingDate', 'startDate') then try_cast(value as date) end) as listed_on
  from about join statements_now as s on s.entity_id = about.sanction
  group by about.entity_id
)
select 'party:' || e.entity_id as party, e.entity_id, e.schema, coalesce(e.caption, e.entity_id) as caption, coalesce(nullif(case when e.dataset = 'entities' then e.told end, ''), e.dataset) as list,
  n.snapshot, sanction.programs, sanction.authorities, sanction.listed_on, e.mapae_source
from (
  select entity_id, dataset, mapae_source, max(schema) as schema, min(origin) as told, min(case when prop = 'name' then value end) as caption
  from statements_now where schema not in ('Sanction', 'Address', 'Identification', 'Passport')
  group by entity_id, dataset, mapae_source
) as e
join sanction on sanction.entity_id = e.entity_id
join snapshots as n on n.mapae_source = e.mapae_source and n.dataset = e.dataset
"""


def steps(catalogue: Catalogue, snapshots: list[dict[str, Any]], sources: list[dict[str, Any]]) -> list[Step]:
    """Steps that make ``statements_now``, ``entries`` and ``sources``.

    Args:
        snapshots: one item per list or entity source that as_of allows: mapae_source, dataset, snapshot (ISO), place.
        sources: the rows of ``sources``, in order.
    """

    def registered(inputs: Inputs, sql: str) -> Query:
        table = pa.table(
            {
                "mapae_source": pa.array([s["mapae_source"] for s in snapshots], pa.string()),
                "dataset": pa.array([s["dataset"] for s in snapshots], pa.string()),
                "snapshot": pa.array([s["snapshot"] or None for s in snapshots], pa.string()).cast(pa.date32()),
                "place": pa.array([s["place"] for s in snapshots], pa.int64()),
            }
        )
        inputs.con.register("snapshots", table)
        return Query(sql)

    return [
        Step(
            name="lists.now",
            reads=("statements",),
            writes=("statements_now",),
            function=lambda inputs: {"statements_now": registered(inputs, _NOW)},
            parameters={"snapshots": snapshots},
            schema={"statements_now": statements.SCHEMA},
            order={"statements_now": statements.ORDER},
        ),
        Step(
            name="lists.entries",
            reads=("statements_now",),
            writes=("entries",),
            function=lambda inputs: {"entries": registered(inputs, _ENTRIES)},
            parameters={"snapshots": snapshots},
            schema={"entries": ENTRIES},
            order={"entries": ("party", "list")},
        ),
        Step(
            name="sources.listed",
            reads=(),
            writes=("sources",),
            function=lambda inputs: {"sources": pa.Table.from_pylist(sources, schema=SOURCES)},
            parameters={"sources": [{**s, "snapshot": str(s["snapshot"] or "")} for s in sources]},
            schema={"sources": SOURCES},
        ),
    ]
