"""What files say of addresses: each file flattened once, then every distinct address joined to its range."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from mapae.sources.addresses import mmdb, texts
from mapae.sources.addresses.files import MMDB, AddressFile
from mapae.sources.addresses.numbers import key, of_texts, signed
from mapae.sources.addresses.ranges import FACTS, RANGES, Ranges
from mapae.store.views import quote

if TYPE_CHECKING:
    import duckdb

# Raised when the same file would give other ranges; part of the cache's names and of the step's recipe.
VERSION = "1"
NUMBERS, RANGES_VIEW = "mapae_address_numbers", "mapae_address_ranges"
ADDRESS_FACTS = pa.schema(
    [
        pa.field("ip", pa.string(), nullable=False),
        pa.field("mapae_source", pa.string(), nullable=False),
        pa.field("file_build", pa.string(), nullable=False),
        *FACTS,
    ]
)
ORDER = ("ip", "mapae_source")


def read(file: AddressFile) -> Ranges:
    """Flattened ranges of an address file.

    Raises:
        InputRefused: it is damaged.
    """
    if file.kind.partition(":")[0] == MMDB:
        return mmdb.read(file.path, file.source16)
    return texts.read(file.path, file.kind, file.source16)


def flattened(file: AddressFile, folder: Path | None) -> pa.Table | Path:
    """Ranges of a file, from the folder where they were flattened before.

    Args:
        file: which.
        folder: keeps ranges from one time to the next; None keeps none. It is a cache of ours and no part of any run:
            whoever deletes it loses nothing.
    """
    if folder is None:
        return read(file).table
    kept = folder / f"{file.sha256[:32]}-{file.kind.replace(':', '-')}-{VERSION}.parquet"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        half = kept.with_suffix(f".{os.getpid()}.half")
        pq.write_table(read(file).table, half, compression="zstd", compression_level=1)
        half.replace(kept)
    return kept


def forget(files: Iterable[AddressFile], folder: Path) -> None:
    """Delete ranges of files that are no longer given: old builds may not be kept."""
    names = {file.sha256[:32] for file in files}
    for kept in folder.glob("*-*.parquet") if folder.is_dir() else ():
        if kept.name.split("-")[0] not in names:
            kept.unlink(missing_ok=True)


def number(con: duckdb.DuckDBPyConnection, ips: pa.Table) -> None:
    """Make the table ``mapae_address_numbers``: each address as numbers that sort, ``ip, family, n``.

    Args:
        con: gets the table.
        ips: column ``ip``: distinct addresses in their normal form.
    """
    column = ips["ip"].combine_chunks() if isinstance(ips["ip"], pa.ChunkedArray) else ips["ip"]
    family, high, low = of_texts(column.to_pylist())
    made = pa.table(
        {"ip": column, "family": pa.array(family), "hi": pa.array(signed(high)), "lo": pa.array(signed(low))}
    )
    con.register("mapae_address_halves", made)
    con.execute(
        f"create or replace temp table {NUMBERS} as select ip, family, {key('hi', 'lo')} as n "
        "from mapae_address_halves where family <> 0"
    )
    con.unregister("mapae_address_halves")


def facts_sql(con: duckdb.DuckDBPyConnection, files: Sequence[AddressFile], folder: Path | None) -> str:
    """SQL of ``address_facts`` over the table that :func:`number` made: one row per address and file that knows it.

    Args:
        con: gets a temporary view or table per file.
        files: the user's.
        folder: see :func:`flattened`.
    """
    names = ", ".join(f.name for f in FACTS)
    parts = []
    for place, file in enumerate(sorted({f.source16: f for f in files}.values(), key=lambda f: f.source16)):
        held, view = flattened(file, folder), f"{RANGES_VIEW}_{place}"
        if isinstance(held, Path):
            source = f"read_parquet({quote(str(held))})"
        else:
            con.register(f"{view}_given", held)
            source = f"{view}_given"
        con.execute(
            f"create or replace temp table {view} as select family, {key('low_hi', 'low_lo')} as low, "
            f"{key('high_hi', 'high_lo')} as high, mapae_source, build, {names} from {source}"
        )
        parts.append(
            f"select i.ip as ip, r.mapae_source as mapae_source, r.build as file_build, {', '.join(f'r.{f.name} as {f.name}' for f in FACTS)} "
            f"from {NUMBERS} as i asof join {view} as r on i.family = r.family and i.n >= r.low where i.n <= r.high"
        )
    if not parts:
        empty = ", ".join(f"cast(null as {'varchar' if f.type == pa.string() else 'double' if f.type == pa.float64() else 'bigint'}) as {f.name}" for f in ADDRESS_FACTS)  # fmt: skip
        return f"select {empty} where false"
    return " union all ".join(parts)


def look_up(files: Sequence[AddressFile], ips: pa.Table, *, folder: Path | None = None) -> pa.Table:
    """What files say of addresses.

    Args:
        files: the user's address files.
        ips: column ``ip``; repeated addresses and nulls do no harm.
        folder: see :func:`flattened`.

    Returns:
        In the schema :data:`ADDRESS_FACTS`, one row per address and file that knows it, by address and source.

    Raises:
        InputRefused: a file is damaged.
    """
    from mapae.store import views

    con = views.connect()
    try:
        con.register("mapae_given", ips.select(["ip"]))
        number(con, con.sql("select distinct ip from mapae_given where ip is not null").to_arrow_table())
        made = con.sql(f"select * from ({facts_sql(con, files, folder)}) order by {', '.join(ORDER)}").to_arrow_table()
    finally:
        con.close()
    return made.cast(ADDRESS_FACTS)


__all__ = ["ADDRESS_FACTS", "ORDER", "RANGES", "facts_sql", "flattened", "forget", "look_up", "number", "read"]
