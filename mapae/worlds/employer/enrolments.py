"""Second factors of the simulated employer: devices that were enrolled, telephones that codes were sent to."""

from __future__ import annotations

import dataclasses

import numpy as np

from mapae.worlds.employer.parameters import Given
from mapae.worlds.employer.sign_ins import AWAY, DAY, HOME, STRANGER, SignIns
from mapae.worlds.employer.staff import Staff, some
from mapae.worlds.population import Ints

DEVICE, CODE = 0, 1
# Devices 0..n-1 are people's own telephones, 2n.. the desk's loan devices; new telephones are n..2n-1.
LOANS = 24


@dataclasses.dataclass
class Enrolments:
    """One row a binding: ``what`` 0 device, 1 telephone for codes; ``which`` is its number; ``near`` a sign-in nearby."""

    person: Ints
    second: Ints
    what: Ints
    which: Ints
    near: Ints


def enrolments(given: Given, staff: Staff, attempts: SignIns, days: int, rng: np.random.Generator) -> Enrolments:
    """Bindings within the log: newcomers', replaced telephones', loan devices', and codes sent by text message.

    Args:
        attempts: sign-ins; a binding takes place over the network of one of the person's own.
    """
    n = staff.n
    own = np.flatnonzero(~attempts.failed & (attempts.network != STRANGER))
    order = own[np.lexsort((attempts.second[own], attempts.person[own]))]
    first = np.full(n, -1, dtype=np.int64)
    who, where = np.unique(attempts.person[order], return_index=True)
    first[who] = order[where]
    fresh = (staff.hired >= 0) & (first >= 0)
    new = staff.leads["device"]
    parts = [(np.flatnonzero(fresh), new[fresh], first[fresh])]
    shares = np.bincount(new, minlength=n)[new] > 1
    replaced = (some(rng, n, given["replaced"]) | (shares & ~fresh)) & (first >= 0)
    later = order[
        (rng.random(n) * np.bincount(attempts.person[order], minlength=n)).astype(np.int64)
        + _start(attempts.person[order], n)
    ]
    parts.append((np.flatnonzero(replaced), np.where(shares, new, n + np.arange(n))[replaced], later[replaced]))
    loan = some(rng, n, given["loaners"]) & (first >= 0) & (staff.farm < 0)
    parts.append((np.flatnonzero(loan), 2 * n + rng.integers(0, LOANS, n)[loan], later[loan]))
    person, which, near = (np.concatenate([p[k] for p in parts]) for k in range(3))
    # The desk enrols some of these devices for itself before it hands them out.
    desk = np.flatnonzero(staff.desk & (first >= 0))
    by_desk = some(rng, len(person), given["enrolled_by_desk"]) & (staff.farm[person] < 0)
    helper = desk[rng.integers(0, len(desk), len(person))] if len(desk) else person
    person = np.concatenate([person, helper[by_desk]])
    which = np.concatenate([which, which[by_desk]])
    near = np.concatenate([near, near[by_desk]])
    offset = np.concatenate([np.full(len(by_desk), 240), np.full(int(by_desk.sum()), -3_600)])
    second = np.clip(attempts.second[near] + offset, 0, days * DAY - 1)
    # Codes by text message go with sign-ins that ask for one.
    codes = np.flatnonzero(staff.codes[attempts.person] & ~attempts.failed & np.isin(attempts.network, (HOME, AWAY)))
    codes = codes[some(rng, len(codes), given["mfa"])]
    return Enrolments(
        person=np.concatenate([person, attempts.person[codes]]),
        second=np.concatenate([second, attempts.second[codes] + 15]),
        what=np.concatenate([np.full(len(person), DEVICE), np.full(len(codes), CODE)]).astype(np.int64),
        which=np.concatenate([which, staff.leads["phone"][attempts.person[codes]]]).astype(np.int64),
        near=np.concatenate([near, codes]).astype(np.int64),
    )


def _start(person: Ints, n: int) -> Ints:
    """Where each person's rows begin in rows sorted by person; 0 where there are none."""
    counts = np.bincount(person, minlength=n)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return np.asarray(np.minimum(starts, max(len(person) - 1, 0)), dtype=np.int64)
