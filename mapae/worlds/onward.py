"""Where money goes on to: wages and rents of honest people, and what rings pass on; who owns whom.

Two ids are real and public (a wallet and a company that OFAC designated, platform.yml); every row about them is
simulated. In a null world nobody acts in a ring, and so nothing leads to either.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from mapae.worlds import money
from mapae.worlds.parameters import Parameters
from mapae.worlds.population import Population, of_kinds
from mapae.worlds.profiles import stamp

DAY = 86_400


def _received(paid: pa.Table) -> dict[str, list[tuple[int, int]]]:
    """What each destination received: (second since 1970, cents), in order of time."""
    stamps = paid.column("happened_at").cast(pa.int64()).to_numpy() // 1_000_000
    cents = np.array([int(v * 100) for v in paid.column("amount_usd").to_pylist()], dtype=np.int64)
    got: dict[str, list[tuple[int, int]]] = {}
    for where, when, much in zip(
        paid.column("destination_id").to_pylist(), stamps.tolist(), cents.tolist(), strict=True
    ):
        got.setdefault(where, []).append((when, much))
    return got


def _monthly(flows: list[tuple[int, int]], begins: int) -> list[tuple[int, int]]:
    """Sums of thirty days, each on the second day after they end."""
    sums: dict[int, int] = {}
    for when, much in flows:
        month = (when - begins) // (30 * DAY)
        sums[month] = sums.get(month, 0) + much
    return [(begins + (month + 1) * 30 * DAY + 2 * DAY, total) for month, total in sorted(sums.items())]


def onward(
    given: Parameters,
    people: Population,
    purse: money.Purses,
    paid: pa.Table,
    seed: int,
    rng: np.random.Generator,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Tables ``payments``, ``wallet_transfers`` and ``ownership``, row by row.

    Agencies pay their people, tenants their landlords, crypto earners send to exchanges; rings pass most of it on.

    Args:
        paid: the table of payouts.
    """
    begins = int(given.begins.timestamp())
    got = _received(paid)
    flows: list[tuple[int, str, str, str, str, int, str]] = []
    chain: list[tuple[int, str, str, int]] = []
    owned: list[tuple[str, str, float]] = []
    listed = given.nexus["wallet"]["value"]
    guilty = set(np.flatnonzero(people.in_rings).tolist())
    linked: set[str] = set()
    leads = sorted({int(people.leads["payout"][i]) for i in guilty})
    for lead in leads:
        kind = people.kinds[people.kind[lead]]
        slots = sorted(
            {
                money.destination(purse, seed, i, shares=True, second=False)[0]
                for i in guilty
                if people.leads["payout"][i] == lead
            }
        )
        first = kind.nexus not in linked
        linked.add(kind.nexus)
        if kind.nexus == "wallet":
            gather = money.wallet("gather", lead, seed)
            target = listed if first else money.wallet("unlisted", lead, seed)
            for where in slots:
                chain += [
                    (t + int(rng.integers(DAY, 3 * DAY)), where, gather, round(c * 0.97)) for t, c in got.get(where, [])
                ]
            into = sorted((t, c) for t, _, to, c in chain if to == gather)
            chain += [(t, gather, target, round(c * given["state_take"])) for t, c in _monthly(into, begins)]
            continue
        front = money.opaque("company", lead, seed)
        for where in slots:
            keeps = rng.uniform(given["host_keeps_least"], given["host_keeps_most"])
            for when, total in _monthly(got.get(where, []), begins):
                flows.append(
                    (
                        when,
                        where,
                        purse.names[lead],
                        front,
                        f"Front Trading {lead} (simulated)",
                        round(total * (1 - keeps)),
                        "consulting",
                    )
                )
        if kind.nexus == "owner" and first:
            above = money.opaque("company", lead + people.n, seed)
            owned += [(given.nexus["owner"]["value"], above, 80.0), (above, front, 75.0)]
            owned += [(front, where, 100.0) for where in slots]

    bosses = of_kinds(people, {k.name for k in people.kinds if k.group and k.group.least >= 6 and not k.site})
    pays_rent = rng.random(people.n) < 0.12
    to_exchange = rng.random(people.n) < 0.7
    for i in range(people.n):
        if i in guilty:
            continue
        mine = got.get(purse.own[i], [])
        if bosses[i] and purse.shared[i] != i:
            theirs = _monthly(got.get(purse.own[int(purse.shared[i])], []), begins)
            share = 0.9 / max(1, int((purse.shared == purse.shared[i]).sum()))
            lead = int(purse.shared[i])
            flows += [
                (t, purse.own[lead], purse.names[lead], purse.own[i], purse.names[i], round(c * share), "wages")
                for t, c in theirs
            ]
        elif purse.crypto[i] and to_exchange[i]:
            exchange = money.wallet("exchange", i % 5, seed)
            chain += [(t + int(rng.integers(3_600, 5 * DAY)), purse.own[i], exchange, round(c * 0.8)) for t, c in mine]
        elif pays_rent[i] and not purse.crypto[i]:
            landlord = money.opaque("landlord", i // 3, seed)
            flows += [
                (t, purse.own[i], purse.names[i], landlord, f"Lettings {i // 3} (simulated)", round(c * 0.3), "rent")
                for t, c in _monthly(mine, begins)
            ]
        if bosses[i] and purse.shared[i] == i:
            owned.append((money.opaque("founder", i, seed), purse.own[i], 100.0))
    return _payment_rows(given, flows), _transfer_rows(given, chain, seed), _owner_rows(owned)


def _payment_rows(given: Parameters, flows: list[tuple[int, str, str, str, str, int, str]]) -> list[dict[str, Any]]:
    begins = int(given.begins.timestamp())
    return [
        {
            "payment_id": f"y{number:08d}",
            "happened_at": stamp(given, when - begins),
            "amount": f"{cents // 100}.{cents % 100:02d}",
            "currency": "USD",
            "amount_usd": f"{cents // 100}.{cents % 100:02d}",
            "debtor_id": debtor,
            "debtor_name": debtor_name,
            "creditor_id": creditor,
            "creditor_name": creditor_name,
            "purpose": f"{purpose} (simulated)",
        }
        for number, (when, debtor, debtor_name, creditor, creditor_name, cents, purpose) in enumerate(
            sorted(f for f in flows if f[5] > 0)
        )
    ]


def _transfer_rows(given: Parameters, chain: list[tuple[int, str, str, int]], seed: int) -> list[dict[str, Any]]:
    begins = int(given.begins.timestamp())
    return [
        {
            "transfer_id": f"t{number:08d}",
            "happened_at": stamp(given, when - begins),
            "chain": "ethereum",
            "asset": "USDC",
            "amount": f"{cents // 100}.{cents % 100:02d}",
            "amount_usd": f"{cents // 100}.{cents % 100:02d}",
            "from_address": sender,
            "to_address": receiver,
            "tx_hash": money.opaque("simulated", number, seed),
        }
        for number, (when, sender, receiver, cents) in enumerate(sorted(c for c in chain if c[3] > 0))
    ]


def _owner_rows(owned: list[tuple[str, str, float]]) -> list[dict[str, Any]]:
    return [
        {
            "owner_id": a,
            "owned_id": b,
            "percent": f"{percent:g}",
            "since": "2024-03-01",
            "until": "",
            "source": "simulated register",
        }
        for a, b, percent in sorted(owned)
    ]
