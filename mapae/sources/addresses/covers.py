"""Which addresses lie in declared networks and in the catalogue's blocks, as temporary tables beside the facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from mapae.sources.addresses.blocks import Block
from mapae.sources.addresses.declared import Declared
from mapae.sources.addresses.look_up import NUMBERS
from mapae.sources.addresses.numbers import halves, key, signed

if TYPE_CHECKING:
    import duckdb

# Addresses in a declared range, declarations by a network's number, addresses in a block (nexus: false once expired).
DECLARED, DECLARED_NUMBERS, BLOCK = "mapae_address_declared", "mapae_address_numbered", "mapae_address_block"
_INSTANT = pa.timestamp("us", tz="UTC")


def hold(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Keep an Arrow table as a temporary one."""
    con.register("mapae_address_given", table)
    con.execute(f"create or replace temp table {name} as select * from mapae_address_given")
    con.unregister("mapae_address_given")


def covers(con: duckdb.DuckDBPyConnection, declared: Sequence[Declared], blocks: Sequence[Block], as_of: str) -> None:
    """Make the three tables over that of numbers (look_up.py).

    Args:
        con: gets them.
        declared: networks declared by people.
        blocks: ranges that are the DPRK's own.
        as_of: day (ISO) by which a block has expired or not.
    """
    spans = [d for d in declared if d.span is not None]
    bounds = {
        "since": pa.array([d.since for d in spans], _INSTANT),
        "until": pa.array([d.until for d in spans], _INSTANT),
    }
    con.execute(
        f"create or replace temp table {DECLARED} as select i.no as no, min(s.since) as since, max(s.until) as until, "
        "bool_or(s.since is null) as open_since, bool_or(s.until is null) as open_until "
        f"from {_inside(con, [d.span for d in spans if d.span is not None], bounds)} group by i.no"
    )
    numbered = [d for d in declared if d.asn is not None]
    columns = {
        "asn": pa.array([d.asn for d in numbered], pa.int64()),
        "since": pa.array([d.since for d in numbered], _INSTANT),
        "until": pa.array([d.until for d in numbered], _INSTANT),
    }
    hold(con, DECLARED_NUMBERS, pa.table(columns))
    holds = {"holds": pa.array([b.holds(as_of) for b in blocks], pa.bool_())}
    con.execute(
        f"create or replace temp table {BLOCK} as select i.no as no, bool_or(s.holds) as nexus "
        f"from {_inside(con, [(b.family, b.low, b.high) for b in blocks], holds)} group by i.no"
    )


def _inside(con: duckdb.DuckDBPyConnection, spans: Sequence[tuple[int, int, int]], columns: dict[str, pa.Array]) -> str:
    """SQL of addresses ``i`` joined to the ranges ``s`` that they lie in."""
    low, high = halves(s[1] for s in spans), halves(s[2] for s in spans)
    made = {
        "family": pa.array([s[0] for s in spans], pa.int8()),
        **{n: pa.array(signed(h)) for n, h in zip(("lh", "ll", "hh", "hl"), (*low, *high), strict=True)},
        **columns,
    }
    hold(con, "mapae_address_spans", pa.table(made))
    listed = ", ".join(columns)
    ranges = f"select family, {key('lh', 'll')} as low, {key('hh', 'hl')} as high, {listed} from mapae_address_spans"
    return f"{NUMBERS} as i inner join ({ranges}) as s on i.family = s.family and i.n >= s.low and i.n <= s.high"
