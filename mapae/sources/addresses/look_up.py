"""What files say of addresses: each file flattened once, then every distinct address joined to its range."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mapae.sources.addresses import mmdb, texts
from mapae.sources.addresses.files import MMDB, AddressFile
from mapae.sources.addresses.numbers import key, of_texts, signed
from mapae.sources.addresses.ranges import FACTS, RANGES, Ranges
from mapae.store import disk
from mapae.store.views import quote

if TYPE_CHECKING:
    import duckdb

# Raised when the same file would give other ranges; part of the cache's names and of the step's recipe.
VERSION = "1"
# Temporary tables: addresses as numbers, the range of each in each file, and what those ranges say.
NUMBERS, FOUND, SAID = "mapae_address_numbers", "mapae_address_found", "mapae_address_said"
# Ids of ranges: the file's place above, the row below.
_PLACE_BITS = 32
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

    Raises:
        InputRefused: the file is damaged.
        MapaeError: the folder cannot be written.
    """
    if folder is None:
        return read(file).table
    kept = folder / f"{file.sha256[:32]}-{file.kind.replace(':', '-')}-{VERSION}.parquet"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        half = kept.with_suffix(f".{os.getpid()}.half")
        table = read(file).table
        try:
            pq.write_table(table, half, compression="zstd", compression_level=1)
            half.replace(kept)
        except OSError as problem:
            half.unlink(missing_ok=True)
            raise disk.full_disk(problem, kept) from problem
    return kept


def forget(files: Iterable[AddressFile], folder: Path) -> None:
    """Delete ranges of files that are no longer given: old builds may not be kept."""
    names = {file.sha256[:32] for file in files}
    for kept in folder.glob("*-*.parquet") if folder.is_dir() else ():
        if kept.name.split("-")[0] not in names:
            kept.unlink(missing_ok=True)
    for half in folder.glob("*.half"):  # of a run that was killed
        half.unlink(missing_ok=True)


def number(con: duckdb.DuckDBPyConnection, ips: pa.Table) -> None:
    """Make the table of addresses as numbers that sort (:data:`NUMBERS`): ``no, ip, family, n``.

    Args:
        con: gets the table.
        ips: column ``ip``: distinct addresses in their normal form.
    """
    column = ips["ip"].combine_chunks() if isinstance(ips["ip"], pa.ChunkedArray) else ips["ip"]
    family, high, low = of_texts(column.to_pylist())
    given = {"no": np.arange(len(family)), "ip": column, "family": family, "hi": signed(high), "lo": signed(low)}
    con.register("mapae_given", pa.table({name: pa.array(values) for name, values in given.items()}))
    con.execute(
        f"create or replace temp table {NUMBERS} as select no, ip, family, {key('hi', 'lo')} as n "
        "from mapae_given where family <> 0"
    )
    con.unregister("mapae_given")


def join(con: duckdb.DuckDBPyConnection, files: Sequence[AddressFile], folder: Path | None) -> None:
    """Join addresses to ranges: makes :data:`FOUND` (``no, id``) and :data:`SAID`, the ranges that were found, by ``id``.

    Of ranges of two files, those of the file whose short name comes first have the smaller ids.

    Args:
        con: holds the table that :func:`number` made; gets two more.
        files: the user's.
        folder: see :func:`flattened`.
    """
    con.execute(f"create or replace temp table {FOUND} (no bigint, id bigint)")
    sources = []
    for place, file in enumerate(sorted({f.source16: f for f in files}.values(), key=lambda f: f.source16)):
        held = flattened(file, folder)
        if isinstance(held, Path):
            source = f"read_parquet({quote(str(held))}, file_row_number = true)"
        else:
            con.register(f"mapae_given_{place}", held.append_column("file_row_number", pa.array(np.arange(len(held)))))
            source = f"mapae_given_{place}"
        sources.append(
            f"select {place << _PLACE_BITS} + file_row_number as id, * exclude (file_row_number) from {source}"
        )
        con.execute(
            f"insert into {FOUND} with ranges as materialized (select id, family, {key('low_hi', 'low_lo')} as low, "
            f"{key('high_hi', 'high_lo')} as high from ({sources[-1]}) as given) "
            f"select i.no, r.id from {NUMBERS} as i asof join ranges as r on i.family = r.family and i.n >= r.low "
            "where i.n <= r.high"
        )
    if not sources:
        con.register("mapae_given", RANGES.empty_table())
        sources = ["select cast(null as bigint) as id, * from mapae_given"]
    con.execute(
        f"create or replace temp table {SAID} as select * exclude (family, low_hi, low_lo, high_hi, high_lo) "
        f"from ({' union all '.join(sources)}) as given where id in (select id from {FOUND})"
    )


# ``address_facts`` over the tables of :func:`join`: one row per address and file that knows it.
FACTS_SQL = (
    f"select i.ip as ip, s.mapae_source as mapae_source, s.build as file_build, {', '.join(f's.{f.name} as {f.name}' for f in FACTS)} "
    f"from {FOUND} as f inner join {NUMBERS} as i on i.no = f.no inner join {SAID} as s on s.id = f.id"
)


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
        con.register("mapae_ips", ips.select(["ip"]))
        number(con, con.sql("select distinct ip from mapae_ips where ip is not null").to_arrow_table())
        join(con, files, folder)
        made = con.sql(f"select * from ({FACTS_SQL}) order by {', '.join(ORDER)}").to_arrow_table()
    finally:
        con.close()
    return made.cast(ADDRESS_FACTS)
