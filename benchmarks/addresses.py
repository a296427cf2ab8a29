"""Addresses of 20 million sign-ins looked up in files of 600,000 ranges.

Run: ``python -m benchmarks.addresses [--small]``. The sign-ins and the files are made by chance numbers with a seed. What
is timed is the step as a run takes it (distinct addresses, join, facts, one row per address) and its two tables
written; flattening, which happens once per file, stands beside it.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.tables import Figure, machine, show
from mapae.engine.duckdb import DuckDBEngine, StepInputs
from mapae.rules.kinds import load_catalogue
from mapae.settings import Settings
from mapae.sources.addresses import AddressFile, recognise_address_file
from mapae.sources.addresses.look_up import flattened
from mapae.sources.addresses.steps import WITH_ADDRESS, step

# Of the issue: sign-ins, distinct addresses, ranges. Seconds on two cores.
SIZES = {"whole": (20_000_000, 1_500_000, 600_000), "small": (2_000_000, 150_000, 60_000)}
WALL_S = 10.0
SEED = 12


def sign_ins(folder: Path, rows: int, distinct: int) -> Path:
    """A Parquet file of sign-ins with simulated addresses: nine in ten IPv4, one in ten IPv6.

    Args:
        folder: where to.
        rows: sign-ins.
        distinct: addresses among them.
    """
    chance = np.random.default_rng(SEED)
    four = np.unique(chance.integers(1 << 24, 223 << 24, distinct))
    texts = [f"{n >> 24}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in four.tolist()]
    for at in range(0, len(texts), 10):
        texts[at] = (
            f"2a{at >> 16 & 255:02x}:{at & 0xFFFF:x}::{at & 0xFFF:x}"
            if at & 0xFFF
            else f"2a{at >> 16 & 255:02x}:{at & 0xFFFF:x}::"
        )
    column = pa.DictionaryArray.from_arrays(chance.integers(0, len(texts), rows).astype(np.int32), pa.array(texts))
    path = folder / "sign_ins.parquet"
    pq.write_table(pa.table({"ip": column.cast(pa.string())}), path, row_group_size=1 << 20)
    return path


def lists(folder: Path, ranges: int) -> list[AddressFile]:
    """Two simulated address files: places of address ranges, and networks with kinds.

    Args:
        folder: where to.
        ranges: of both together.
    """
    each = ranges // 2
    size = (222 << 24) // each
    places = ["note,start_ip,end_ip,country_code,region,city,latitude,longitude,radius"]
    kinds = ["start_ip,end_ip,asn,as_name,as_type,is_anonymous,is_hosting,is_mobile,is_vpn,privacy_name"]
    for number in range(each):
        low = (1 << 24) + number * size
        high = low + size - 1 - number % 3
        places.append(f"x,{low},{high},{'US' if number % 5 else 'DE'},Region {number % 97},City {number % 20011},{number % 90}.{number % 7},{number % 179}.5,{number % 50}")  # fmt: skip
        tunnel = number % 40 == 0
        kinds.append(f"{low},{high},AS{64500 + number % 60000},Carrier {number % 60000},{'hosting' if number % 9 == 0 else 'isp'},{tunnel},{number % 9 == 0},{number % 6 == 0},{tunnel},{'Tunnel' if tunnel else ''}")  # fmt: skip
    found = []
    for name, lines in (("places.csv", places), ("kinds.csv", kinds)):
        path = folder / name
        path.write_text("\n".join(lines) + "\n", "utf-8")
        told = recognise_address_file(path)
        assert told is not None
        found.append(AddressFile(path, hashlib.sha256(path.read_bytes()).hexdigest(), *told))
    return found


def main(small: bool = False) -> list[Figure]:
    """Time the step and print a table."""
    begun = machine()
    rows, distinct, ranges = SIZES["small" if small else "whole"]
    with tempfile.TemporaryDirectory(prefix="mapae-bench-") as made:
        folder = Path(made)
        records = sign_ins(folder, rows, distinct)
        files = lists(folder, ranges)
        started = time.perf_counter()
        for file in files:
            flattened(file, folder / "ranges")
        flat = time.perf_counter() - started
        engine = DuckDBEngine(threads=2, memory_mb=2500, spill=folder)
        con = engine.connect()
        con.execute(f"create view sign_ins as select * from read_parquet('{records}')")
        for table in WITH_ADDRESS[1:]:
            con.execute(f"create view {table} as select ip from sign_ins where false")
        con.execute(
            "create table declared (kind varchar, subject varchar, since timestamptz, until timestamptz, mapae_source varchar, mapae_row bigint)"
        )
        con.execute("insert into declared values ('network', '198.51.100.0/24', null, null, 's', 1)")
        one = step(load_catalogue(), Settings(), files, folder / "ranges")
        started, cpu = time.perf_counter(), time.process_time()
        results = engine.run(one, StepInputs(con, {}, lambda text: None))
        joined = time.perf_counter() - started
        for table, value in results.items():
            engine.write(con, value, folder / "out.parquet", schema=one.schema[table], order=one.order[table])
            if table == "records/addresses":
                known = pq.read_metadata(folder / "out.parquet").num_rows
        wall, cpu = time.perf_counter() - started, time.process_time() - cpu
        con.close()
    figures = [
        Figure(f"{rows:,} sign-ins, {distinct:,} addresses, {ranges:,} ranges: looked up and written", wall, "s", None if small else WALL_S, f"{known:,} addresses known"),
        Figure("of this, facts joined", joined, "s"),
        Figure("CPU of both, on two threads", cpu, "s", note="two idle cores need at least half of it"),
        Figure("both files flattened, once per file", flat, "s"),
    ]  # fmt: skip
    show("Addresses (simulated)", figures, begun=begun)
    return figures


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Time the look-up of addresses.")
    asked.add_argument("--small", action="store_true")
    main(asked.parse_args().small)
