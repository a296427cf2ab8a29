"""A large simulated platform, written fast: only to measure time and memory, without truth and without stories.

Run: ``python -m benchmarks.world_million FOLDER [--accounts N] [--sign-ins N] [--payouts N] [--seed S]``.
Columns are those of design/records.md; addresses, systems and wallets are reserved ranges that belong to nobody
(``mapae/worlds/addresses.py``). The same arguments give the same bytes.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mapae.worlds.addresses import FIRST_ASN, fraction, noise
from mapae.worlds.parameters import parameters
from mapae.worlds.work import dollars, times

Ints = npt.NDArray[np.int64]

CHUNK = 1_000_000
DAY, DAYS = 86_400, 90
# Half as many addresses again as accounts: one line each, and pools that many use.
SHARED_ADDRESSES = 0.5
AT_HOME = 0.8
# Shares of the pools among shared addresses, in this order.
POOLS = (("mobile", 0.6), ("vpn", 0.1), ("corporate", 0.1), ("hosting", 0.05), ("relay", 0.1), ("residential", 0.05))
METHODS = ("bank", "card", "paypal", "payoneer", "wise", "crypto")


def _numbered(letter: str, numbers: Ints) -> pa.Array:
    """``a00000017`` for 17, for many numbers at once."""
    width = 9
    digits = np.empty((len(numbers), width + 1), dtype=np.uint8)
    digits[:, 0] = ord(letter)
    left = numbers.copy()
    for column in range(width, 0, -1):
        left, digit = np.divmod(left, 10)
        digits[:, column] = digit + 48
    offsets = np.arange(0, (len(numbers) + 1) * (width + 1), width + 1, dtype=np.int32)
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(digits))


def _ipv4(count: int) -> pa.Array:
    """Distinct addresses of 240.0.0.0/4 as text."""
    scattered = (np.arange(count, dtype=np.int64) * 0x9E3779B1 + 0x1234567) % (1 << 28)
    parts = [240 + (scattered >> 24), scattered >> 16 & 255, scattered >> 8 & 255, scattered & 255]
    return pc.binary_join_element_wise(*[pa.array(p).cast(pa.string()) for p in parts], ".")


def _pick(values: list[Any], rows: Ints) -> pa.Array:
    return pa.array(values).take(pa.array(rows))


class _World:
    """What all tables refer to: where accounts live and what each address is."""

    def __init__(self, accounts: int, seed: int) -> None:
        self.accounts, self.seed = accounts, seed
        given = parameters()
        self.places = given.places
        rng = np.random.default_rng([seed, accounts, 0])
        weight = given.array("weight")
        self.home = rng.choice(len(self.places), size=accounts, p=weight / weight.sum())
        self.addresses = accounts + round(accounts * SHARED_ADDRESSES)
        self.ips = _ipv4(self.addresses)
        bounds = np.cumsum([share for _, share in POOLS])
        position = (np.arange(self.addresses - accounts) + 0.5) / (self.addresses - accounts)
        self.kind = np.concatenate([np.full(accounts, 5), np.searchsorted(bounds, position)]).astype(np.int64)
        shared_place = rng.choice(len(self.places), size=self.addresses - accounts, p=weight / weight.sum())
        self.place = np.concatenate([self.home, shared_place]).astype(np.int64)
        # Shared addresses of a place lie together, so that people use those near them.
        self.by_place = [accounts + np.flatnonzero(shared_place == p) for p in range(len(self.places))]
        self.first = np.array([len(b) for b in self.by_place], dtype=np.int64)
        self.flat = np.concatenate(self.by_place).astype(np.int64)
        self.starts = np.concatenate([[0], np.cumsum(self.first)[:-1]]).astype(np.int64)
        key = np.arange(self.addresses, dtype=np.int64)
        jitter_lat, jitter_lon = fraction(key, 1) - 0.5, fraction(key, 2) - 0.5
        self.lat = np.round(given.array("lat")[self.place] + jitter_lat * 0.2, 4)
        self.lon = np.round(given.array("lon")[self.place] + jitter_lon * 0.2, 4)


def _accounts(world: _World) -> pa.Table:
    n = world.accounts
    index = np.arange(n, dtype=np.int64)
    words = parameters().words
    given = [name for names in words["given"].values() for name in names]
    family = [name for names in words["family"].values() for name in names]
    names = pc.binary_join_element_wise(
        _pick(given, (noise(index, 21) % np.uint64(len(given))).astype(np.int64)),
        _pick(family, (noise(index, 22) % np.uint64(len(family))).astype(np.int64)),
        " ",
    )
    ids = _numbered("a", index)
    # One account in two hundred shares its phone and mail with the one before.
    holder = np.where(noise(index, 23) % np.uint64(200) == 0, np.maximum(index - 1, 0), index)
    return pa.table(
        {
            "account_id": ids,
            "platform": _pick(["simulated-platform"], np.zeros(n, dtype=np.int64)),
            "kind": _pick(["worker"], np.zeros(n, dtype=np.int64)),
            "created_at": times(parameters(), -(fraction(index, 24) * 1500 * DAY).astype(np.int64) - 1),
            "legal_name": names,
            "claimed_country": _pick([p.country for p in world.places], world.home),
            "claimed_city": _pick([p.city for p in world.places], world.home),
            "claimed_timezone": _pick([p.zone for p in world.places], world.home),
            "email": pc.binary_join_element_wise(_numbered("m", holder), pa.scalar("example.com"), "@"),
            "phone": pc.binary_join_element_wise(pa.scalar("hmac:simulated"), _numbered("t", holder), ""),
            "status": _pick(["active"], np.zeros(n, dtype=np.int64)),
        }
    )


def _sign_ins(world: _World, chunk: int, start: int, rows: int, total: int) -> pa.Table:
    rng = np.random.default_rng([world.seed, world.accounts, 1, chunk])
    n = world.accounts
    # A third of accounts are busy: the mean stays, the spread is that of people.
    account = (n * rng.random(rows) ** 1.4).astype(np.int64)
    account = np.minimum(account, n - 1) * 7_919 % n if n % 7_919 else np.minimum(account, n - 1)
    begin, end = start * DAYS * DAY // total, (start + rows) * DAYS * DAY // total
    second = np.sort(rng.integers(begin, max(end, begin + 1), rows))
    home = world.home[account]
    window = np.maximum(world.first[home], 1)
    # Away from home people keep to eight addresses near them.
    near = (noise(account * 8 + rng.integers(0, 8, rows), 31) % window.astype(np.uint64)).astype(np.int64)
    away = world.flat[np.minimum(world.starts[home] + near, len(world.flat) - 1)]
    address = np.where(rng.random(rows) < AT_HOME, account, away)
    # Not quite half of people have a second device, used for one sign-in in four.
    second_device = (noise(account, 34) % np.uint64(100) < 45) & (rng.random(rows) < 0.25)
    device = account * 4 + second_device
    # One account in five hundred is used on a neighbour's device too.
    lent = (noise(account, 32) % np.uint64(500) == 0) & (rng.random(rows) < 0.3)
    device = np.where(lent, np.maximum(account - 1, 0) * 4, device)
    failed = rng.random(rows) < 0.05
    kinds = [name for name, _ in POOLS]
    index = pa.array(address)
    return pa.table(
        {
            "event_id": _numbered("e", np.arange(start, start + rows, dtype=np.int64)),
            "account_id": _numbered("a", account),
            "happened_at": times(parameters(), second),
            "outcome": _pick(["success", "failure"], failed.astype(np.int64)),
            "ip": world.ips.take(index),
            "asn": pa.array(FIRST_ASN + world.place[address] * 16 + world.kind[address]),
            "network_kind": _pick(kinds, world.kind[address]),
            "country": _pick([p.country for p in world.places], world.place[address]),
            "lat": pa.array(world.lat[address]),
            "lon": pa.array(world.lon[address]),
            "device_id": _numbered("d", device),
            "remote_control": pa.array((noise(account, 33) % np.uint64(80) == 0) & (rng.random(rows) < 0.4)),
            "session_s": pa.array(rng.integers(60, 20_000, rows)),
        }
    )


def _payouts(world: _World, chunk: int, start: int, rows: int, total: int) -> pa.Table:
    rng = np.random.default_rng([world.seed, world.accounts, 2, chunk])
    n = world.accounts
    account = rng.integers(0, n, rows)
    begin, end = start * DAYS * DAY // total, (start + rows) * DAYS * DAY // total
    second = np.sort(rng.integers(begin, max(end, begin + 1), rows))
    shares = noise(account, 41) % np.uint64(300) == 0
    holder = np.where(shares, np.maximum(account - 1, 0), account)
    cents = np.maximum(500, np.exp(rng.normal(11.3, 0.7, rows)).astype(np.int64))
    foreign = noise(account, 42) % np.uint64(30) == 0
    away = (noise(account, 43) % np.uint64(len(world.places))).astype(np.int64)
    place = np.where(foreign, away, world.home[holder])
    method = (noise(holder, 44) % np.uint64(len(METHODS))).astype(np.int64)
    return pa.table(
        {
            "payout_id": _numbered("p", np.arange(start, start + rows, dtype=np.int64)),
            "account_id": _numbered("a", account),
            "happened_at": times(parameters(), second),
            "amount": dollars(cents),
            "currency": _pick(["USD"], np.zeros(rows, dtype=np.int64)),
            "amount_usd": dollars(cents),
            "method": _pick(list(METHODS), method),
            "destination_id": _numbered("b", holder),
            "destination_country": _pick([p.country for p in world.places], place),
        }
    )


def write(
    directory: Path,
    accounts: int = 1_000_000,
    sign_ins: int = 20_000_000,
    payouts: int = 3_000_000,
    seed: int = 1,
) -> dict[str, int]:
    """Write a large simulated workspace: ``mapae.toml`` and three Parquet tables below ``inputs/``.

    Args:
        directory: made where it is missing; files of the same names are written anew.
        accounts, sign_ins, payouts: rows of each table.
        seed: the same seed gives the same bytes.

    Returns:
        Rows written, by table.
    """
    inputs = Path(directory) / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    (Path(directory) / "mapae.toml").write_text(
        "# A large simulated workspace, for measuring alone.\nsimulated = true\n", "utf-8"
    )
    world = _World(accounts, seed)
    pq.write_table(_accounts(world), inputs / "accounts.parquet", compression="zstd", compression_level=1)
    for name, make, total in (("sign_ins", _sign_ins, sign_ins), ("payouts", _payouts, payouts)):
        writer: pq.ParquetWriter | None = None
        for chunk, start in enumerate(range(0, total, CHUNK)):
            table = make(world, chunk, start, min(CHUNK, total - start), total)
            if writer is None:
                unlike = ["event_id", "payout_id", "lat", "lon", "amount", "amount_usd", "session_s"]
                alike = [c for c in table.column_names if c not in unlike]
                writer = pq.ParquetWriter(
                    inputs / f"{name}.parquet",
                    table.schema,
                    compression="zstd",
                    compression_level=1,
                    use_dictionary=alike,
                )
            writer.write_table(table, row_group_size=122_880)
        if writer is not None:
            writer.close()
    return {"accounts": accounts, "sign_ins": sign_ins, "payouts": payouts}


def main() -> int:
    """Write a world and print time and memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--sign-ins", type=int, default=20_000_000)
    parser.add_argument("--payouts", type=int, default=3_000_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    started = time.perf_counter()
    rows = write(args.folder, args.accounts, args.sign_ins, args.payouts, args.seed)
    took = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    print(f"[simulated] {rows} in {took:.1f} s, {memory:.0f} MB at most")
    return 0


if __name__ == "__main__":
    sys.exit(main())
