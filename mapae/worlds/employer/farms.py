"""Planted workers: who sits behind a host's home line, and which traces each of them leaves."""

from __future__ import annotations

import numpy as np

from mapae.worlds.employer.parameters import PLANTED, Given
from mapae.worlds.employer.staff import AGENCY, CONTRACTOR, EMPLOYEE, REMOTE, Staff

# Days of the log that the last hire of a farm is there for at least.
ENOUGH = 40


def plant(given: Given, staff: Staff, planted: int, days: int, rng: np.random.Generator) -> None:
    """Turn some people into planted workers, in place; each farm draws from a stream of its own.

    Args:
        planted: 0, 1, 2 or 5 (see :data:`PLANTED`).
        days: length of the log.
    """
    sizes = PLANTED[planted]
    free = np.flatnonzero((staff.group < 0) & ~staff.desk & (staff.stay < 0))
    seats = rng.permutation(free)[: sum(sizes)]
    taken = 0
    for farm, size in enumerate(sizes):
        members = seats[taken : taken + size]
        taken += size
        _farm(given, staff, farm, [int(m) for m in members], days, rng)


def _farm(given: Given, staff: Staff, farm: int, members: list[int], days: int, rng: np.random.Generator) -> None:
    rate = given.planted
    weight, country = given.array("weight"), given.array("country")
    base = country == country[given.city(given.company["base"])]
    us = np.where(base, weight, 0.0) / np.where(base, weight, 0.0).sum()
    sits = np.array([p.overseas for p in given.places]) * weight
    host = int(rng.choice(len(weight), p=us))
    first = members[0]
    one_line = rng.random() < rate["one_line"]
    hides = rng.random(len(members)) < rate["hides"]
    # The last hire leaves some weeks of sign-ins in the log.
    latest = min(int(rate["last_day"]), days - ENOUGH) - int(rate["gap_most"])
    day = int(rng.integers(int(rate["first_day"]), latest))
    shared = {
        what: bool(rng.random() < rate[f"one_{what}"]) and not hides.any() for what in ("phone", "device", "account")
    }
    referred = bool(rng.random() < rate["referral"]) and not hides.any()
    for place, who in enumerate(members):
        quiet = bool(hides[place])

        def leaves(name: str, quiet: bool = quiet) -> bool:
            return bool(rng.random() < rate[name]) and not quiet

        staff.farm[who], staff.hides[who] = farm, quiet
        staff.work[who] = REMOTE
        staff.worker[who] = CONTRACTOR if rng.random() < 0.3 else EMPLOYEE
        if leaves("vendor"):
            staff.worker[who] = AGENCY
        staff.hired[who] = day if place == 0 else day + int(rng.integers(int(rate["gap_least"]), int(rate["gap_most"])))
        staff.left[who] = days + 9_999
        staff.restless[who] = staff.two_clients[who] = staff.embedded[who] = staff.codes[who] = False
        staff.mover[who], staff.night[who], staff.referrer[who] = -1, 0.0, -1
        staff.home[who] = host
        staff.line[who] = first if one_line else who
        staff.line_home[who] = host
        other = staff.n + who
        in_register = bool(rng.random() < rate["host_in_register"])
        away = bool(rng.random() < rate["other_town"]) and not quiet
        town = int(rng.choice(len(weight), p=us))
        staff.line_home[other] = town if away else host
        hosts = staff.line[who]
        staff.register[who] = hosts if in_register else other
        to_host = bool(rng.random() < rate["shipped_to_host"])
        staff.parcel[who] = hosts if to_host and not quiet else staff.register[who]
        staff.tools[who] = 1 if leaves("tool") else 0
        staff.planted_tools[who] = True
        staff.tool_soon[who] = rng.random() < rate["tool_soon"]
        staff.kvm[who] = (1 if rng.random() < rate["kvm_shown"] else 2) if leaves("kvm") else 0
        staff.night[who] = 0.6 if leaves("odd_hours") else 0.0
        staff.slips["tunnel"][who] = leaves("tunnel_slip")
        staff.slips["foreign"][who] = leaves("foreign_slip")
        staff.abroad[who] = int(rng.choice(len(weight), p=sits / sits.sum()))
        if place:
            for what, yes in shared.items():
                staff.leads[what][who] = first if yes else who
            staff.codes[[first, who]] |= shared["phone"]
            if referred:
                staff.referrer[who] = first
