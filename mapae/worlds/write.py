"""Write a simulated workspace: inputs as a platform would send them, and the truth beside them."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mapae.model.errors import MapaeError, WrongUse
from mapae.worlds import money, onward, people, profiles, traces, work
from mapae.worlds.parameters import Parameters, parameters
from mapae.worlds.population import Population

LEAST, MOST = 100, 1_000_000
SETTINGS = """# A simulated workspace: nobody in it exists. {accounts} accounts, seed {seed}{null}.
simulated = true
"""


def _silent(message: str) -> None:
    """Report nothing."""


def simulate(
    directory: Path, accounts: int, seed: int, *, null: bool = False, progress: Callable[[str], None] = _silent
) -> dict[str, int]:
    """Write a simulated platform into a folder: ``mapae.toml``, ``inputs/`` and ``truth/``.

    The same arguments give the same bytes. No stage reads ``truth/``.

    Args:
        directory: made where it is missing; refused where it already has inputs.
        accounts: how many, 100 to 1,000,000. Below some 7,700 the three rings are larger than their true share.
        seed: any whole number from 0.
        null: misrepresented accounts behave like everybody else and no money leads to a designated party.
        progress: called with the name of each table before it is made.

    Returns:
        Rows written, by table.

    Raises:
        WrongUse: a number is out of range.
        MapaeError: the folder already has inputs, or cannot be written.

    Example:
        >>> simulate(Path("demo"), 20_000, 7)["accounts"]   # doctest: +SKIP
        20000
    """
    if not LEAST <= accounts <= MOST:
        raise WrongUse(
            f"A simulated platform has {LEAST:,} to {MOST:,} accounts, not {accounts:,}.",
            do="Choose a number in that range.",
        )
    if seed < 0:
        raise WrongUse(f"A seed is a whole number from 0, not {seed}.", do="Choose another seed.")
    inputs, truth = directory / "inputs", directory / "truth"
    if taken(directory):
        raise MapaeError(
            "This folder already holds a workspace.",
            where=str(directory),
            why="Simulated rows must never mix with others.",
            do="Choose an empty folder.",
        )
    try:
        inputs.mkdir(parents=True, exist_ok=True)
        truth.mkdir(exist_ok=True)
        return _write(directory, inputs, truth, accounts, seed, null, progress)
    except OSError as problem:
        raise MapaeError(
            "The simulated workspace could not be written.",
            where=str(directory),
            why=str(problem),
            do="Make room or choose another folder.",
        ) from problem


def taken(directory: Path) -> bool:
    """Whether a folder already has inputs or settings that simulated rows must not mix with."""
    inputs = directory / "inputs"
    return (inputs.exists() and any(inputs.iterdir())) or _has_settings(directory / "mapae.toml")


def _has_settings(path: Path) -> bool:
    """Whether a ``mapae.toml`` sets anything; what ``mapae init`` writes does not."""
    try:
        return path.exists() and bool(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return True


def _write(
    directory: Path, inputs: Path, truth: Path, accounts: int, seed: int, null: bool, progress: Callable[[str], None]
) -> dict[str, int]:
    given = parameters()

    def chance(stream: int) -> np.random.Generator:
        # One stream a table: a change in one leaves the others as they were.
        return np.random.default_rng([seed, accounts, stream])

    counts: dict[str, int] = {}
    progress("people")
    crowd = people.populate(given, accounts, chance(0), null=null)
    journeys = traces.journeys(given, crowd, chance(1))
    rows, faces = profiles.accounts(given, crowd, seed, chance(2))
    progress("accounts")
    counts["accounts"] = rows_as_csv(inputs / "accounts.csv", profiles.ACCOUNT_COLUMNS, rows)
    progress("sign_ins")
    ids = pa.array(faces.ids)
    counts["sign_ins"] = _parquet(inputs / "sign_ins.parquet", traces.sign_ins(given, crowd, ids, journeys, chance(3)))
    progress("bids")
    counts["bids"] = _parquet(inputs / "bids.parquet", work.bids(given, crowd, faces, chance(4)))
    progress("messages")
    counts["messages"] = _parquet(inputs / "messages.parquet", work.messages(given, crowd, faces, chance(5)))
    progress("money")
    purse = money.purses(given, crowd, faces, seed, chance(6))
    paid = money.payouts(given, crowd, faces, purse, seed, chance(7))
    counts["payouts"] = _parquet(inputs / "payouts.parquet", paid)
    payments, transfers, owners = onward.onward(given, crowd, purse, paid, seed, chance(8))
    counts["payments"] = rows_as_csv(inputs / "payments.csv", list(payments[0]) if payments else PAYMENTS, payments)
    counts["wallet_transfers"] = rows_as_csv(inputs / "wallet_transfers.csv", TRANSFERS, transfers)
    counts["ownership"] = rows_as_csv(inputs / "ownership.csv", OWNERSHIP, owners)
    progress("contracts")
    counts["contracts"] = _jsonl(
        inputs / "contracts.jsonl", work.contracts(given, crowd, faces, purse.wages, chance(9))
    )
    progress("identity_checks")
    counts["identity_checks"] = rows_as_csv(
        inputs / "identity_checks.csv", CHECKS, work.identity_checks(given, crowd, faces, chance(10))
    )
    counts["declared"] = rows_as_csv(
        inputs / "declared.csv", DECLARED, profiles.declared(given, crowd, faces, journeys, chance(11))
    )
    _truth(given, truth, crowd, faces.ids, null)
    note = ", a null world: the misrepresented behave like everybody else" if null else ""
    (directory / "mapae.toml").write_text(SETTINGS.format(accounts=f"{accounts:,}", seed=seed, null=note), "utf-8")
    return counts


PAYMENTS = (
    "payment_id",
    "happened_at",
    "amount",
    "currency",
    "amount_usd",
    "debtor_id",
    "debtor_name",
    "creditor_id",
    "creditor_name",
    "purpose",
)
TRANSFERS = (
    "transfer_id",
    "happened_at",
    "chain",
    "asset",
    "amount",
    "amount_usd",
    "from_address",
    "to_address",
    "tx_hash",
)
OWNERSHIP = ("owner_id", "owned_id", "percent", "since", "until", "source")
CHECKS = ("check_id", "account_id", "happened_at", "provider", "kind", "result", "reason")
DECLARED = ("kind", "subject", "with_whom", "since", "until", "approved_by", "happened_at", "says")


def rows_as_csv(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> int:
    """Write rows as CSV with a header; returns how many."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def _jsonl(path: Path, rows: list[dict[str, Any]]) -> int:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)
    return len(rows)


def _parquet(path: Path, table: pa.Table) -> int:
    pq.write_table(table, path, compression="zstd", row_group_size=122_880)
    rows: int = table.num_rows
    return rows


def _truth(given: Parameters, folder: Path, crowd: Population, ids: list[str], null: bool) -> None:
    """Who is who: ``truth/accounts.csv`` and ``truth/rings.csv``; rings here are groups of misrepresented accounts."""
    rows = [
        {
            "account_id": ids[i],
            "misrepresented": str(bool(crowd.misrepresented[i])).lower(),
            "dprk": str(bool(crowd.dprk[i])).lower(),
            "ring": crowd.ring[i],
            "kind": crowd.kinds[crowd.kind[i]].name,
        }
        for i in range(crowd.n)
    ]
    rows_as_csv(folder / "accounts.csv", ("account_id", "misrepresented", "dprk", "ring", "kind"), rows)
    rings: dict[str, list[int]] = {}
    for i, name in enumerate(crowd.ring):
        if name:
            rings.setdefault(name, []).append(i)
    linked: set[str] = set()
    listed = []
    order = sorted(rings.items(), key=lambda item: int(crowd.leads["payout"][item[1][0]]))
    for name, members in order:
        kind = crowd.kinds[crowd.kind[members[0]]]
        nexus = "none"
        if kind.nexus != "none" and kind.nexus not in linked and not null:
            nexus = given.nexus[kind.nexus]["value"]
            linked.add(kind.nexus)
        listed.append(
            {
                "ring": name,
                "kind": "null" if null else kind.name,
                "dprk": str(bool(crowd.dprk[members[0]])).lower(),
                "members": len(members),
                "nexus": nexus,
            }
        )
    rows_as_csv(
        folder / "rings.csv", ("ring", "kind", "dprk", "members", "nexus"), sorted(listed, key=lambda r: str(r["ring"]))
    )
