"""What everybody earns on a simulated platform and where it is paid to.

``debtor_id``, ``creditor_id`` and ``payouts.destination_id`` are one kind of id, so that money chains.
"""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pyarrow as pa

from mapae.worlds import addresses as at
from mapae.worlds.parameters import Parameters
from mapae.worlds.population import Bools, Ints, Population, of_kinds
from mapae.worlds.profiles import Faces
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
    typical = np.where(people.in_rings, given["wage_per_month"] / 2, given["honest_per_month"])
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
    paid |= people.in_rings & (people.leads["payout"] != np.arange(n))
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
