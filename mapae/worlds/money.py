"""Money of a simulated platform: payouts, where they go on to, wallets and owners.

``debtor_id``, ``creditor_id`` and ``payouts.destination_id`` are one kind of id, so that money chains.
Two ids are real and public (a wallet and a company that OFAC designated, platform.yml); every row about them is
simulated.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import numpy as np
import pyarrow as pa

from mapae.worlds import addresses as at
from mapae.worlds.parameters import Parameters
from mapae.worlds.population import Bools, Ints, Population, of_kinds
from mapae.worlds.profiles import Faces, stamp
from mapae.worlds.work import dollars, numbered, times

DAY = 86_400
METHODS = ("bank", "card", "paypal", "payoneer", "wise", "alipay", "crypto")
ADDRESSED = 3  # wallets that an overseas team uses, destinations that a broker uses


@dataclasses.dataclass
class Purses:
    """Where each account's money goes: its own destination, a second one, and the one it shares."""

    own: list[str]
    names: list[str]
    countries: list[str]
    crypto: Bools
    shared: Ints  # position of the account whose destination is used
    slot: Ints  # which of a shared pool
    wages: Ints  # cents a month


def opaque(what: str, number: int, seed: int) -> str:
    """A holder's id as a payment firm would hand it out."""
    return f"{what}-{hashlib.sha256(f'simulated {what} {seed} {number}'.encode()).hexdigest()[:16]}"


def wallet(what: str, number: int, seed: int) -> str:
    """A made-up wallet address in the form of an Ethereum address; nobody holds its key."""
    return "0x" + hashlib.sha256(f"simulated wallet {what} {seed} {number}".encode()).hexdigest()[:40]


def purses(given: Parameters, people: Population, faces: Faces, seed: int, rng: np.random.Generator) -> Purses:
    """Draw what everybody earns and where it is paid."""
    n = people.n
    crypto = people.traits["crypto"] > 0
    other = rng.permutation(n)
    place = given.array("country")
    abroad = rng.choice(len(given.places), size=n, p=given.array("weight") / given.array("weight").sum())
    sits = np.where(people.actual != people.claimed, people.actual, abroad)
    country = np.where(people.traits["foreign_bank"] > 0, place[sits], place[people.claimed])
    called = [faces.names[other[i]] if people.traits["other_name"][i] > 0 else faces.names[i] for i in range(n)]
    pays = np.array(
        [bool(k.group and "payout" in k.group.shares and (k.group.least >= 6 or k.site)) for k in people.kinds]
    )
    for i in np.unique(people.leads["payout"][pays[people.kind]]).tolist():
        word = given.words["companies"][int(at.noise(np.array([i]), 12)[0] % np.uint64(len(given.words["companies"])))]
        called[i] = f"{word} Remote Services {i} (simulated)"
    typical = np.where(people.dprk & (people.group >= 0), given["wage_per_month"] / 2, given["honest_per_month"])
    wages = (np.exp(rng.normal(np.log(typical * 100), 0.6))).astype(np.int64)
    own = [wallet("own", i, seed) if crypto[i] else opaque("pay", i, seed) for i in range(n)]
    pooled = of_kinds(
        people, {k.name for k in people.kinds if k.nexus == "wallet" or k.site == "accounts_per_identity"}
    )
    pool_key = np.where(people.site >= 0, people.site, np.arange(n))
    slot = np.where(pooled, np.where(crypto, np.arange(n), pool_key) % ADDRESSED, 0)
    return Purses(own, called, country.tolist(), crypto, people.leads["payout"], slot, wages)


def destination(purse: Purses, seed: int, i: int, *, shares: bool, second: bool) -> tuple[str, int]:
    """Where one payout of account ``i`` goes, and whose name and country stand on it."""
    at_whom = int(purse.shared[i]) if shares else i
    if shares and purse.slot[i]:
        number = at_whom * ADDRESSED + int(purse.slot[i])
        return (wallet("pool", number, seed) if purse.crypto[at_whom] else opaque("pool", number, seed)), at_whom
    if second and not shares:
        return opaque("pay2", i, seed), i
    return purse.own[at_whom], at_whom


def payouts(
    given: Parameters, people: Population, faces: Faces, purse: Purses, seed: int, rng: np.random.Generator
) -> pa.Table:
    """The table ``payouts``: every two weeks for most; a fifth of people are paid nothing in the quarter."""
    n, days = people.n, int(given["days"])
    paid = rng.random(n) < np.where(people.traits["wins"] < 0.05, 0.45, 0.82)
    paid |= people.dprk & (people.leads["payout"] != np.arange(n))
    first = rng.integers(0, 14, n)
    rounds = np.where(paid, (days - 1 - first) // 14 + 1, 0)
    account = np.repeat(np.arange(n, dtype=np.int64), rounds)
    turn = np.arange(len(account)) - np.repeat(np.cumsum(rounds) - rounds, rounds)
    second = (first[account] + 14 * turn) * DAY + rng.integers(0, DAY, len(account))
    order = np.lexsort((account, second))
    account, second = account[order], second[order]
    m = len(account)
    in_group = np.bincount(people.leads["payout"], minlength=n)[people.leads["payout"]] > 1
    shares = in_group[account] & (rng.random(m) < 0.9)
    changed = (people.traits["payout_change"] > 0)[account] & (second > rng.integers(20, 70, n)[account] * DAY)
    made = [
        destination(purse, seed, i, shares=s, second=c)
        for i, s, c in zip(account.tolist(), shares.tolist(), changed.tolist(), strict=True)
    ]
    holder = np.array([h for _, h in made], dtype=np.int64)
    cents = np.maximum(500, (purse.wages[account] * 14 / 30.4 * rng.uniform(0.7, 1.3, m)).astype(np.int64))
    crypto = np.array([d.startswith("0x") for d, _ in made])
    china = np.array(purse.countries)[holder] == "CN"
    method = rng.choice(6, size=n, p=[0.5, 0.05, 0.16, 0.15, 0.14, 0.0])[account]
    method = np.where(crypto, 6, np.where(china & (method > 2), 5, method))
    return pa.table(
        {
            "payout_id": numbered("p", m),
            "account_id": at.dictionary(list(faces.ids), account),
            "happened_at": times(given, second),
            "amount": dollars(cents),
            "currency": pa.array(["USD"] * m),
            "amount_usd": dollars(cents),
            "method": at.dictionary(list(METHODS), method),
            "destination_id": pa.array([d for d, _ in made]),
            "destination_name": pa.array(
                [None if c else purse.names[h] for h, c in zip(holder.tolist(), crypto.tolist(), strict=True)]
            ),
            "destination_country": pa.array(
                [None if c else purse.countries[h] for h, c in zip(holder.tolist(), crypto.tolist(), strict=True)]
            ),
        }
    )


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
    faces: Faces,
    purse: Purses,
    paid: pa.Table,
    seed: int,
    rng: np.random.Generator,
    *,
    null: bool,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Tables ``payments``, ``wallet_transfers`` and ``ownership``, row by row.

    Agencies pay their people, tenants their landlords, crypto earners send to exchanges; rings pass most of it on.

    Args:
        paid: the table of payouts.
        null: nobody's money or company leads to a designated party.
    """
    begins = int(given.begins.timestamp())
    got = _received(paid)
    flows: list[tuple[int, str, str, str, str, int, str]] = []
    chain: list[tuple[int, str, str, int]] = []
    owned: list[tuple[str, str, float]] = []
    listed = given.nexus["wallet"]["value"]
    guilty = {i for i in range(people.n) if people.dprk[i] and not null}
    linked: set[str] = set()
    leads = sorted({int(people.leads["payout"][i]) for i in guilty})
    for lead in leads:
        kind = people.kinds[people.kind[lead]]
        slots = sorted(
            {
                destination(purse, seed, i, shares=True, second=False)[0]
                for i in guilty
                if people.leads["payout"][i] == lead
            }
        )
        first = kind.nexus not in linked
        linked.add(kind.nexus)
        if kind.nexus == "wallet":
            gather = wallet("gather", lead, seed)
            target = listed if first else wallet("unlisted", lead, seed)
            for where in slots:
                chain += [
                    (t + int(rng.integers(DAY, 3 * DAY)), where, gather, round(c * 0.97)) for t, c in got.get(where, [])
                ]
            into = sorted((t, c) for t, _, to, c in chain if to == gather)
            chain += [(t, gather, target, round(c * given["state_take"])) for t, c in _monthly(into, begins)]
            continue
        front = opaque("company", lead, seed)
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
            above = opaque("company", lead + people.n, seed)
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
            exchange = wallet("exchange", i % 5, seed)
            chain += [(t + int(rng.integers(3_600, 5 * DAY)), purse.own[i], exchange, round(c * 0.8)) for t, c in mine]
        elif pays_rent[i] and not purse.crypto[i]:
            landlord = opaque("landlord", i // 3, seed)
            flows += [
                (t, purse.own[i], purse.names[i], landlord, f"Lettings {i // 3} (simulated)", round(c * 0.3), "rent")
                for t, c in _monthly(mine, begins)
            ]
        if bosses[i] and purse.shared[i] == i:
            owned.append((opaque("founder", i, seed), purse.own[i], 100.0))
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
            "tx_hash": opaque("simulated", number, seed),
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
