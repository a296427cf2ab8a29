"""Lines that sign-ins come over: what kind of network, where it seems to be, which address."""

from __future__ import annotations

import numpy as np

from mapae.worlds import addresses as at
from mapae.worlds.parameters import Parameters
from mapae.worlds.population import Bools, Ints, Population

# Network kinds of records.md that a simulated sign-in can have; positions are codes here.
NETWORKS = ("residential", "mobile", "corporate", "vpn", "relay", "hosting", "residential_proxy")
CHOSEN = ("mobile", "shared_place", "vpn", "relay", "hosting", "residential_proxy")
OPERATORS = 6


def networks(people: Population, account: Ints, rng: np.random.Generator) -> Ints:
    """The network kind of each event; what no share takes comes from the fixed line (0)."""
    shares = np.stack([people.traits[name] for name in CHOSEN], axis=1)
    total = shares.sum(axis=1, keepdims=True)
    shares = np.where(total > 0.98, shares * 0.98 / np.maximum(total, 1e-9), shares)
    bounds = np.cumsum(shares, axis=1)
    drawn = rng.random(len(account))
    network = np.zeros(len(account), dtype=np.int64)
    for column in range(len(CHOSEN) - 1, -1, -1):
        network = np.where(drawn < bounds[account, column], column + 1, network)
    return network


def other_places(given: Parameters, people: Population, rng: np.random.Generator) -> Ints:
    """Where somebody of an honest household signs in too: mostly in the same country."""
    countries, weight = given.array("country"), given.array("weight")
    other = rng.choice(len(weight), size=people.n, p=weight / weight.sum())
    near = rng.random(people.n) < 0.7
    for country in np.unique(countries):
        here = np.flatnonzero(countries == country)
        other = np.where((countries[people.claimed] == country) & near, rng.choice(here, people.n), other)
    return np.asarray(other, dtype=np.int64)


def tunnel_places(
    given: Parameters, people: Population, account: Ints, network: Ints, place: Ints, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Places of tunnel and hosting exits: a person's two favourite exits, one of them at the claimed country."""
    n, m = people.n, len(account)
    countries, weight = given.array("country"), given.array("weight")
    exits = np.flatnonzero(np.isin(countries, ("US", "GB", "DE", "FR", "JP", "CA", "PL", "AU", "HK")))
    favourite = rng.choice(exits, size=(n, 2), p=weight[exits] / weight[exits].sum())
    for country in np.unique(countries[exits]):
        here = np.flatnonzero(countries == country)
        mine = countries[people.claimed] == country
        favourite[:, 0] = np.where(mine, rng.choice(here, n), favourite[:, 0])
    chosen = favourite[account, (rng.random(m) < 0.35).astype(np.int64)]
    operator = rng.integers(0, OPERATORS, n)[account]
    through = network == NETWORKS.index("vpn")
    hosted = network == NETWORKS.index("hosting")
    proxied = network == NETWORKS.index("residential_proxy")
    place = np.where(through | proxied & (rng.random(m) < 0.2), chosen, place)
    place = np.where(hosted, favourite[account, 0], place)
    return np.where(proxied, people.claimed[account], place), operator


def addresses(
    given: Parameters,
    people: Population,
    account: Ints,
    day: Ints,
    network: Ints,
    place: Ints,
    journey: Ints,
    elsewhere: Bools,
    changed: Bools,
    operator: Ints,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Address of each event, and its place where an address file has it wrong."""
    n, m = people.n, len(account)
    lease = rng.integers(25, 200, n)
    spoken_to = people.leads["home"][account]
    line = np.minimum(day // lease[spoken_to], 2) + np.where(changed & (journey < 0), 4, 0)
    home = at.v4(at.HOME, spoken_to * 8 + line)
    speaks_v6 = (rng.random(n) < given["ipv6"])[spoken_to]
    home = np.where(speaks_v6, at.V6 + (spoken_to * 8 + line) * 65536 + rng.integers(0, 65535, m), home)
    away = at.v4(at.AWAY, account * 4 + np.maximum(journey, 0))
    other_line = at.v4(at.OTHER_LINE, people.leads["team"][account])
    address = np.where(elsewhere, other_line, np.where(journey >= 0, away, home))

    countries = np.searchsorted(given.countries, given.array("country"))
    living = np.bincount(countries[people.claimed], minlength=len(given.countries))
    pools = {
        "mobile": at.v4(
            at.MOBILE, countries[place] * 65536 + _fortnight(account, day, np.maximum(8, living // 3)[countries[place]])
        ),
        "corporate": at.v4(
            at.SHARED_PLACE, place * 1024 + _own(account, np.maximum(3, living // 60)[countries[place]])
        ),
        "vpn": at.v4(at.VPN, operator * 65536 + place * 256 + _pool(m, np.full(m, 12 + n // 4000), rng)),
        "relay": at.v4(
            at.RELAY, countries[place] * 65536 + _fortnight(account, day, np.maximum(4, living // 13)[countries[place]])
        ),
        "hosting": at.v4(at.HOSTING, account),
        "residential_proxy": at.v4(at.RESIDENTIAL_PROXY, account * 8 + rng.integers(0, 8, m)),
    }
    for name, made in pools.items():
        address = np.where(network == NETWORKS.index(name), made, address)
    wrong = (network == 0) & (at.fraction(address // np.where(address >= at.V6, 65536, 1), 3) < given["wrong_place"])
    elsewhere_to = (at.fraction(address, 4) * len(given.places)).astype(np.int64)
    return address, np.where(wrong, elsewhere_to, place)


def _pool(m: int, size: Ints, rng: np.random.Generator) -> Ints:
    """A number below ``size`` for each event."""
    return np.asarray((rng.random(m) * size).astype(np.int64))


def _fortnight(account: Ints, day: Ints, size: Ints) -> Ints:
    """The same number below ``size`` for two weeks: a line's shared address changes slowly."""
    return np.asarray((at.fraction(account * 1024 + day // 14, 8) * size).astype(np.int64))


def _own(account: Ints, size: Ints) -> Ints:
    """The same number below ``size`` for all events of an account: people keep to their office."""
    return np.asarray((at.fraction(account, 7) * size).astype(np.int64))
