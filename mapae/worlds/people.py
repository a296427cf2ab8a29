"""Honest people of many kinds: who they are, where they live, what they share with whom."""

from __future__ import annotations

import numpy as np

from mapae.worlds import rings
from mapae.worlds.parameters import Kind, Parameters
from mapae.worlds.population import SHARED, Bools, Floats, Ints, Population, Seats, draw_traits

# Share of people who move house within their country (analysis).
STAYS_IN_COUNTRY = 0.7


def seats(given: Parameters, accounts: int, rng: np.random.Generator) -> Seats:
    """Seats of honest people by the kinds' shares; groups are whole, so that the last may be cut short.

    Returns:
        Seats whose kinds index ``given.honest``; groups are numbered from 0.
    """
    kind = np.zeros(accounts, dtype=np.int64)
    group = np.full(accounts, -1, dtype=np.int64)
    at, made = 0, 0
    for index, one in enumerate(given.honest):
        if index == 0:
            continue
        wanted = round(one.share * accounts)
        if one.group is not None and wanted < one.group.least:
            continue
        end = min(at + wanted, accounts)
        kind[at:end] = index
        while one.group is not None and at < end:
            size = int(rng.integers(one.group.least, one.group.most + 1))
            if end - at - size < one.group.least:
                size = end - at
            group[at : at + size] = made
            made += 1
            at += size
        at = end
    return Seats(kind, group, group.copy())


def _homes(given: Parameters, kinds: list[Kind], kind: Ints, rng: np.random.Generator) -> Ints:
    """A place for each person, by the places' weights among those open to the kind."""
    weight, countries = given.array("weight"), given.array("country")
    n = len(kind)
    homes = np.zeros(n, dtype=np.int64)
    for index, one in enumerate(kinds):
        here = np.flatnonzero(kind == index)
        if not len(here):
            continue
        open_to = np.ones(len(weight), dtype=bool)
        if one.places == "mobile_first":
            open_to = given.array("mobile_first")
        elif one.places == "china":
            open_to = countries == "CN"
        elif one.places == "us":
            open_to = countries == "US"
        chance = np.where(open_to, weight, 0.0)
        homes[here] = rng.choice(len(weight), size=len(here), p=chance / chance.sum())
    return homes


def lead(of: Ints) -> Ints:
    """The first account of each group, for every account; itself where it has none (-1)."""
    n = len(of)
    own = np.arange(n, dtype=np.int64)
    first = np.full(int(of.max(initial=-1)) + 2, n, dtype=np.int64)
    np.minimum.at(first, of, own)
    return np.where(of >= 0, first[of], own)


def populate(given: Parameters, accounts: int, rng: np.random.Generator, *, null: bool) -> Population:
    """Everybody of a platform, honest and misrepresented, in a shuffled order.

    Args:
        accounts: how many.
        null: the misrepresented are labelled so and behave like everybody else.

    Returns:
        The population; ``truth`` columns are filled, traits and pointers are drawn.
    """
    kinds = list(given.honest + given.others + given.rings + given.alone)
    guilty = rings.seats(given, accounts, rng)
    guilty.kind += len(given.honest)
    honest = seats(given, accounts if null else accounts - len(guilty.kind), rng)
    labels = guilty
    if null:
        parts = honest
    else:
        base = int(honest.group.max(initial=-1)) + 1
        parts = Seats(
            np.concatenate([honest.kind, guilty.kind]),
            np.concatenate([honest.group, np.where(guilty.group >= 0, guilty.group + base, -1)]),
            np.concatenate([honest.site, np.where(guilty.site >= 0, guilty.site + base, -1)]),
        )
    order = rng.permutation(accounts)
    kind, group, site = parts.kind[order], parts.group[order], parts.site[order]
    misrepresented = order >= len(honest.kind)
    ring = np.full(accounts, -1, dtype=np.int64)
    dprk = kind >= len(given.honest) + len(given.others)
    if null:
        chosen = rng.choice(accounts, size=len(labels.kind), replace=False)
        misrepresented = np.zeros(accounts, dtype=bool)
        misrepresented[chosen] = True
        dprk = np.zeros(accounts, dtype=bool)
        dprk[chosen] = labels.kind >= len(given.honest) + len(given.others)
        ring[chosen] = labels.group
    else:
        ring = np.where(misrepresented, group - (int(honest.group.max(initial=-1)) + 1), -1)
        ring = np.where(group >= 0, ring, -1)
    evades = misrepresented & (rng.random(accounts) < given["evades"]) & (not null)

    claimed = _homes(given, kinds, kind, rng)
    actual = claimed.copy()
    overseas = np.array([k.lives == "overseas" for k in kinds])[kind]
    rings.say_and_sit(given, claimed, actual, overseas, dprk & (not null), group, rng)
    leads = {what: np.arange(accounts, dtype=np.int64) for what in SHARED}
    leads["team"] = lead(group)
    _share(kinds, kind, group, site, leads)
    sited = np.array([bool(k.site) for k in kinds])[kind]
    rings.keep_apart(given, leads, sited, rng)
    claimed = np.where(leads["home"] != np.arange(accounts), claimed[leads["home"]], claimed)
    actual = np.where(overseas, actual, claimed)

    traits = draw_traits(given, kinds, kind, evades, rng)
    change_day, change_place = _changes(given, kinds, kind, traits, claimed, actual, overseas, rng)
    return Population(
        kinds=kinds,
        kind=kind,
        group=group,
        site=site,
        claimed=claimed,
        actual=actual,
        traits=traits,
        leads=leads,
        acts=kind >= len(given.honest),
        misrepresented=misrepresented,
        dprk=dprk,
        ring=[f"ring-{number:03d}" if number >= 0 else "" for number in ring.tolist()],
        change_day=change_day,
        change_place=change_place,
    )


def _share(kinds: list[Kind], kind: Ints, group: Ints, site: Ints, leads: dict[str, Ints]) -> None:
    """Point everybody to the account whose home, device, payout … they use; sites share what is used on the spot."""
    by_group, by_site = lead(group), lead(site)
    for index, one in enumerate(kinds):
        if one.group is None:
            continue
        members = kind == index
        for what in one.group.shares:
            on_the_spot = what in ("home", "device", "phone", "document") and one.site not in ("", "ring")
            leads[what] = np.where(members, by_site if on_the_spot else by_group, leads[what])


def _changes(
    given: Parameters,
    kinds: list[Kind],
    kind: Ints,
    traits: dict[str, Floats],
    claimed: Ints,
    actual: Ints,
    overseas: Bools,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Day and new place of those who move house or whose account passes into other hands (-1: neither)."""
    n = len(kind)
    moves = np.array([k.moves for k in kinds])[kind]
    passes = traits["handover"] > 0
    within = rng.integers(15, int(given["days"]) - 15, n)
    # Half of the accounts that others took over changed hands before the quarter began: day 0.
    before = overseas & passes & (rng.random(n) < 0.5)
    day = np.where(moves | passes, np.where(before, 0, within), -1)
    anywhere = rng.choice(len(given.places), size=n, p=given.array("weight") / given.array("weight").sum())
    stays = rng.random(n) < STAYS_IN_COUNTRY
    countries = given.array("country")
    for country in given.countries:
        near = np.flatnonzero(countries == country)
        anywhere = np.where((countries[claimed] == country) & stays, rng.choice(near, n), anywhere)
    return day.astype(np.int64), np.where(overseas, actual, np.where(moves | passes, anywhere, claimed)).astype(
        np.int64
    )
