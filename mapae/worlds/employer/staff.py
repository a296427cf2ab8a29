"""Who works for the simulated employer, as columns: one array per trait, pointers for what people share."""

from __future__ import annotations

import dataclasses

import numpy as np

from mapae.worlds.employer.parameters import Given
from mapae.worlds.population import Bools, Floats, Ints

OFFICE, HYBRID, REMOTE = 0, 1, 2
EMPLOYEE, CONTRACTOR, AGENCY = 0, 1, 2
# Days of employment before the log begins, for those hired earlier: up to eight years, more of them lately.
LONGEST = 2_900
# What couples share, and the parameter that says how often.
SHARED_BY_COUPLES = (("phone", "family_phone"), ("device", "family_device"), ("account", "joint_account"))


@dataclasses.dataclass
class Staff:
    """Columns over people 0..n-1; ``place``, ``home`` … are positions among the places.

    ``line``: the home line that somebody signs in over; ``register`` and ``parcel``: the line whose address stands in
    the HR file and on the parcel. ``leads[what]``: whose telephone, device, pay account or family name somebody has.
    Days count from the first day of the log. ``farm`` is -1 for the honest.
    """

    home: Ints
    line: Ints
    register: Ints
    parcel: Ints
    lines: int
    line_home: Ints
    work: Ints
    worker: Ints
    hired: Ints
    left: Ints
    referrer: Ints
    leads: dict[str, Ints]
    restless: Bools
    night: Floats
    desk: Bools
    two_clients: Bools
    embedded: Bools
    kvm: Ints
    tools: Ints
    tool_soon: Bools
    planted_tools: Bools
    codes: Bools
    vendor: Ints
    mover: Ints
    group: Ints
    declared: Bools
    stay: Ints
    stay_place: Ints
    stay_declared: Bools
    farm: Ints
    abroad: Ints
    slips: dict[str, Bools]
    hides: Bools

    @property
    def n(self) -> int:
        """How many people."""
        return len(self.home)


def some(rng: np.random.Generator, n: int, share: float | Floats) -> Bools:
    """Each of n with a chance."""
    return np.asarray(rng.random(n) < share)


def hire(given: Given, people: int, days: int, rng: np.random.Generator) -> Staff:
    """The honest people of the employer.

    Args:
        people: how many.
        days: length of the log.
    """
    n, own = people, np.arange(people, dtype=np.int64)
    weight, country = given.array("weight"), given.array("country")
    base = given.city(given.company["base"])
    at_home = np.where(country == country[base], weight, 0.0)
    elsewhere = np.where(country == country[base], 0.0, weight)
    worker = np.where(some(rng, n, given["contractors"]), CONTRACTOR, EMPLOYEE)
    worker = np.where(some(rng, n, given["agency"]), AGENCY, worker)
    is_abroad = some(rng, n, given["abroad_base"])
    home = rng.choice(len(weight), n, p=at_home / at_home.sum())
    home = np.where(is_abroad, rng.choice(len(weight), n, p=elsewhere / elsewhere.sum()), home).astype(np.int64)
    style = rng.random(n)
    work = np.where(
        style < given["office"], OFFICE, np.where(style < given["office"] + given["hybrid"], HYBRID, REMOTE)
    )
    work = np.where((worker != EMPLOYEE) & (work == OFFICE), REMOTE, work)
    home = np.where(work == OFFICE, np.where(is_abroad, home, base), home)
    fresh = some(rng, n, given["hires_a_year"] * days / 365)
    hired = np.where(
        fresh, rng.integers(0, max(days - 10, 1), n), -1 - (LONGEST * rng.random(n) ** 1.6).astype(np.int64)
    )
    leaves = some(rng, n, given["leavers_a_year"] * days / 365)
    left = np.where(
        leaves & (hired < days - 30), rng.integers(np.minimum(np.maximum(hired, 0) + 15, days - 1), days), days + 9_999
    )
    restless = some(rng, n, given["restless"])
    desk = some(rng, n, given["desk"])
    mover = np.where(some(rng, n, given["movers"]), rng.integers(10, days - 10, n), -1)
    two_clients = (worker == CONTRACTOR) & some(rng, n, given["two_clients"])
    tools = np.where(
        some(rng, n, np.where(restless, given["restless_tools"], given["tools"])), rng.integers(1, 3, n), 0
    )
    tools = np.where(desk & some(rng, n, given["desk_tools"]), rng.integers(2, 4, n), tools)
    tools = np.where(two_clients, np.maximum(tools, rng.integers(1, 3, n)), tools)
    odd = some(rng, n, np.where(restless, given["restless_night"], given["night"]))
    stays = some(rng, n, given["abroad_stay"]) & (work != OFFICE)
    anywhere = rng.choice(len(weight), n, p=weight / weight.sum()).astype(np.int64)
    staff = Staff(
        home=home, line=own.copy(), register=own.copy(), parcel=own.copy(), lines=2 * n, line_home=np.concatenate([home, home]),
        work=work.astype(np.int64), worker=worker.astype(np.int64), hired=hired.astype(np.int64), left=left.astype(np.int64),
        referrer=np.full(n, -1, dtype=np.int64), leads={what: own.copy() for what in ("phone", "device", "account", "surname")},
        restless=restless, night=np.where(odd, 0.7, 0.0), desk=desk, two_clients=two_clients,
        embedded=some(rng, n, given["embedded"]), kvm=np.where(some(rng, n, given["kvm_hobby"]), 1, 0).astype(np.int64),
        tools=tools.astype(np.int64), tool_soon=some(rng, n, 0.15), planted_tools=np.zeros(n, dtype=bool),
        codes=some(rng, n, given["codes"]), vendor=rng.integers(0, 4, n), mover=mover.astype(np.int64),
        group=np.full(n, -1, dtype=np.int64), declared=np.zeros(n, dtype=bool),
        stay=np.where(stays, rng.integers(0, max(days - 25, 1), n), -1).astype(np.int64), stay_place=anywhere,
        stay_declared=some(rng, n, given["abroad_approved"]), farm=np.full(n, -1, dtype=np.int64),
        abroad=anywhere.copy(), slips={w: np.zeros(n, dtype=bool) for w in ("tunnel", "foreign")}, hides=np.zeros(n, dtype=bool),
    )  # fmt: skip
    _referrals(given, staff, rng)
    _households(given, staff, days, rng)
    _addresses(given, staff, rng)
    return staff


def _referrals(given: Given, staff: Staff, rng: np.random.Generator) -> None:
    """Some were referred by somebody who was there before them."""
    order = np.argsort(staff.hired, kind="stable")
    rank = np.empty(staff.n, dtype=np.int64)
    rank[order] = np.arange(staff.n)
    by = order[(rng.random(staff.n) * np.maximum(rank, 1)).astype(np.int64)]
    referred = some(rng, staff.n, given["referral"]) & (rank > 50)
    staff.referrer = np.where(referred, by, -1)


def _households(given: Given, staff: Staff, days: int, rng: np.random.Generator) -> None:
    """Couples and flatshares: one home line, mostly one address, and now and then one telephone or account."""
    free = rng.permutation(np.flatnonzero((staff.work != OFFICE) & (staff.stay < 0)))
    at, number = 0, 0
    for kind, share in (("couple", given["couples"]), ("flat", given["flatshares"])):
        end = at + round(share * staff.n)
        while at + 1 < min(end, len(free)):
            size = 2 if kind == "couple" or rng.random() < 0.6 else 3
            members = free[at : at + size]
            at += size
            first, others = int(members[0]), members[1:]
            staff.group[members] = number
            number += 1
            staff.home[others] = staff.home[first]
            staff.line_home[others] = staff.line_home[first]
            staff.line[others] = first
            staff.mover[members] = -1
            staff.declared[members] = rng.random() < given["household_declared"]
            if rng.random() < given["same_address"]:
                staff.register[others] = first
                staff.parcel[others] = first
            later, earlier = (
                (first, int(others[0])) if staff.hired[first] > staff.hired[others[0]] else (int(others[0]), first)
            )
            if rng.random() < given["partner_referral"]:
                staff.referrer[later] = earlier
                if kind == "flat":  # a friend who tells of an opening
                    staff.hired[later] = min(staff.hired[earlier] + int(rng.integers(20, 200)), days - 10)
                    staff.left[later] = max(staff.left[later], staff.hired[later] + 5)
            if kind == "flat":
                continue
            for what, of in (*SHARED_BY_COUPLES, ("surname", "one_surname")):
                if rng.random() < given[of]:
                    staff.leads[what][others] = first
                    if what == "phone":
                        staff.codes[members] = True


def _addresses(given: Given, staff: Staff, rng: np.random.Generator) -> None:
    """Movers with an old address in the register, and parcels to somewhere else. Lines n..2n-1 are those other addresses."""
    own = np.arange(staff.n, dtype=np.int64)
    other = staff.n + own
    alone = staff.group < 0
    elsewhere = some(rng, staff.n, np.where(staff.restless, given["restless_elsewhere"], given["shipped_elsewhere"]))
    staff.parcel = np.where(elsewhere, other, staff.parcel)
    # Parents live in another town as often as in the same one.
    towns = rng.choice(len(given.places), staff.n, p=given.array("weight") / given.array("weight").sum())
    country = given.array("country")
    move = (country[towns] == country[staff.home]) & some(rng, staff.n, 0.5)
    staff.line_home[other] = np.where(move, towns, staff.line_home[other])
    staff.register = np.where(
        alone & (staff.mover >= 0) & some(rng, staff.n, 1 - given["stale_address"]), other, staff.register
    )
