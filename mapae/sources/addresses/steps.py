"""The step that looks up every distinct address of the records in the user's own address files."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from mapae.engine.steps import Inputs, Query, Step
from mapae.rules.kinds import Catalogue
from mapae.settings import Settings
from mapae.sources.addresses import blocks
from mapae.sources.addresses.declared import networks
from mapae.sources.addresses.files import AddressFile
from mapae.sources.addresses.look_up import ADDRESS_FACTS, FACTS_SQL, ORDER, VERSION, join, number
from mapae.sources.addresses.merge import addresses_sql

NAME = "sources.addresses"
FACTS_TABLE, TABLE = "address_facts", "records/addresses"
# Record tables with an address in the column ip.
WITH_ADDRESS = ("sign_ins", "applications", "authenticators", "meetings")


def step(catalogue: Catalogue, settings: Settings, files: Sequence[AddressFile], folder: Path | None = None) -> Step:
    """The one step of the room's addresses.

    Args:
        catalogue: has the table ``addresses`` and the list ``address_blocks``.
        settings: ``as_of`` decides which blocks have expired.
        files: the user's address files; none is no fault.
        folder: keeps flattened ranges (look_up.py, ``flattened``); None keeps none.
    """
    held = catalogue.lookups[blocks.NAME]
    given = sorted({f.source16: f for f in files}.values(), key=lambda f: f.source16)
    return Step(
        name=NAME,
        reads=(*(f"records/{t}" for t in WITH_ADDRESS), "records/declared"),
        writes=(FACTS_TABLE, TABLE),
        function=functools.partial(_made, catalogue, settings.as_of, tuple(given), folder),
        version=f"1.{VERSION}",
        parameters={
            "files": [[f.sha256, f.kind] for f in given],
            "blocks": held.sha256,
            "kinds": catalogue.lookups["address_kinds"].sha256,
            "as_of": settings.as_of,
        },
        schema={FACTS_TABLE: ADDRESS_FACTS, TABLE: schema(catalogue)},
        order={FACTS_TABLE: ORDER, TABLE: ("ip",)},
    )


def schema(catalogue: Catalogue) -> pa.Schema:
    """Columns of the table ``addresses``."""
    return catalogue.tables["addresses"].schema()


def _made(
    catalogue: Catalogue, as_of: str, files: Sequence[AddressFile], folder: Path | None, inputs: Inputs
) -> Mapping[str, Any]:
    con = inputs.con
    each = " union ".join(f"select ip from {t} where ip is not null" for t in WITH_ADDRESS)
    number(con, inputs.arrow(f"select ip from ({each}) order by ip"))
    if files:
        inputs.progress(f"looking up addresses in {len(files)} files")
    join(con, files, folder)
    told = inputs.arrow(
        "select subject, since, until from declared where kind = 'network' order by subject, since, mapae_source, mapae_row"
    ).to_pylist()
    own = blocks.nexus_blocks(catalogue.lookups[blocks.NAME])
    merged = addresses_sql(con, files, networks((d["subject"], d["since"], d["until"]) for d in told), own, as_of)
    return {FACTS_TABLE: Query(FACTS_SQL), TABLE: Query(merged)}
