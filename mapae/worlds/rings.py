"""The misrepresented: other frauds alone and in small groups, and rings of three kinds."""

from __future__ import annotations

import numpy as np

from mapae.worlds.parameters import Parameters
from mapae.worlds.population import Bools, Ints, Seats

# Countries that misrepresented people outside the United States claim (analysis: markets with high pay).
CLAIMED_ELSEWHERE = ("CA", "GB", "DE", "JP", "AU", "PL", "PT", "FR")


def numbers(given: Parameters, accounts: int) -> tuple[int, int, int]:
    """How many accounts rings run, how many DPRK workers run alone, and how many other frauds run.

    In a world below some 7,700 accounts the three rings are larger than their share; other frauds then give way.

    Returns:
        Accounts of rings, of lone workers, of others.
    """
    smallest = len(given.rings) * int(given["ring_least"])
    run_by_dprk = round(accounts / given["one_dprk_in"])
    run_by_rings = max(round(run_by_dprk * given["in_rings"]), smallest)
    alone = max(run_by_dprk - run_by_rings, 0)
    together = round(accounts / given["one_dprk_in"] + accounts * given["other_fraud"])
    return run_by_rings, alone, max(together - run_by_rings - alone, 2)


def _site_sizes(total: int, mean: float, rng: np.random.Generator) -> list[int]:
    """Sizes around a mean that add up to the total; none is zero."""
    sizes: list[int] = []
    while sum(sizes) < total:
        size = 1 + int(rng.poisson(max(mean - 1, 0.0)))
        sizes.append(min(size, total - sum(sizes)))
    return sizes


def seats(given: Parameters, accounts: int, rng: np.random.Generator) -> Seats:
    """Seats of the misrepresented of a platform.

    Returns:
        Seats whose kinds count from 0 over ``given.others``, ``given.rings`` and ``given.alone``; groups and sites from 0.
    """
    run_by_rings, alone, others = numbers(given, accounts)
    kind: list[int] = []
    group: list[int] = []
    site: list[int] = []
    groups, sites = 0, 0
    times = max(1, round(run_by_rings / given["ring_unit"]))
    left = run_by_rings
    for index, one in enumerate(given.rings):
        last = index == len(given.rings) - 1
        mine = left if last else max(int(given["ring_least"]) * times, round(run_by_rings * one.share))
        mine = min(mine, left - int(given["ring_least"]) * times * (len(given.rings) - 1 - index))
        left -= mine
        for number in range(times):
            size = mine // times + (1 if number < mine % times else 0)
            if one.site in ("", "ring"):
                parts = [size]
            else:
                parts = _site_sizes(size, given[one.site], rng)
            for part in parts:
                kind += [len(given.others) + index] * part
                group += [groups] * part
                site += [sites] * part
                sites += 1
            groups += 1
    sites = groups = max(sites, groups)
    for index, one in enumerate(given.others):
        mine = round(others * one.share)
        if index == len(given.others) - 1:
            mine = others - sum(round(others * k.share) for k in given.others[:-1])
        while mine > 0:
            size = 1
            if one.group is not None and mine > 1:
                size = min(int(rng.integers(one.group.least, one.group.most + 1)), mine)
            kind += [index] * size
            group += [groups if size > 1 else -1] * size
            site += [sites if size > 1 else -1] * size
            groups, sites, mine = groups + 1, sites + 1, mine - size
    kind += [len(given.others) + len(given.rings)] * alone
    group += [-1] * alone
    site += [-1] * alone
    return Seats(np.array(kind, dtype=np.int64), np.array(group, dtype=np.int64), np.array(site, dtype=np.int64))


def keep_apart(given: Parameters, leads: dict[str, Ints], members: Bools, rng: np.random.Generator) -> None:
    """Let a share of ring members use a device, a payout, a phone and papers of their own, in place.

    Args:
        leads: whose device, payout … each account uses; itself afterwards for those kept apart.
        members: who belongs to a ring. Whom others lean on is never kept apart.
    """
    own = np.arange(len(members), dtype=np.int64)
    apart = members & (rng.random(len(members)) < given["ring_apart"])
    for what in ("home", "device", "payout", "phone", "document", "text"):
        leads[what] = np.where(apart, own, leads[what])


def say_and_sit(
    given: Parameters,
    claimed: Ints,
    actual: Ints,
    overseas: Bools,
    dprk: Bools,
    group: Ints,
    rng: np.random.Generator,
) -> None:
    """Give those who sit elsewhere a claimed place and a true one, in place; a ring's members sit together.

    Args:
        claimed: index of the place each account claims; changed where ``overseas``.
        actual: index of the place each account works from; changed where ``overseas``.
        overseas: who claims another place than their own.
        dprk: whose places are those where public sources put teams.
        group: group of each account, -1 for none.
    """
    here = np.flatnonzero(overseas)
    countries, weight = given.array("country"), given.array("weight")
    in_us = np.flatnonzero(countries == "US")
    abroad = np.flatnonzero(np.isin(countries, CLAIMED_ELSEWHERE))
    says_us = rng.random(len(here)) < given["claims_us"]
    pick_us = rng.choice(in_us, size=len(here), p=weight[in_us] / weight[in_us].sum())
    pick_abroad = rng.choice(abroad, size=len(here), p=weight[abroad] / weight[abroad].sum())
    claimed[here] = np.where(says_us, pick_us, pick_abroad)
    seats_of_others = np.flatnonzero(given.array("overseas"))
    seats_of_teams = np.flatnonzero(given.array("teams"))
    actual[here] = np.where(dprk[here], rng.choice(seats_of_teams, len(here)), rng.choice(seats_of_others, len(here)))
    for number in np.unique(group[here]):
        if number >= 0:
            members = here[group[here] == number]
            actual[members] = actual[members[0]]
