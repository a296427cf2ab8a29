"""Write a simulated employer as a workspace: inputs in the vendors' own layouts, and the truth beside them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from mapae.model.errors import MapaeError, WrongUse
from mapae.worlds.employer import endpoints, enrolments, faces, farms, okta, registers, sign_ins, staff, truth
from mapae.worlds.employer.parameters import MONTH, PLANTED, Given, given
from mapae.worlds.write import rows_as_csv, taken

LEAST, MOST = 50, 50_000
SETTINGS = """# A simulated workspace: nobody in it exists. An employer of {people} people over {months} months, {planted} planted, seed {seed}.
simulated = true
"""


def _silent(message: str) -> None:
    """Report nothing."""


def allowed(people: int, months: int, planted: int, seed: int, each: int) -> None:
    """Refuse what no simulated employer can have (see :func:`simulate`).

    Raises:
        WrongUse: a number is out of range.
    """
    if not LEAST <= people <= MOST:
        raise WrongUse(
            f"A simulated employer has {LEAST} to {MOST:,} people, not {people:,}.", do="Choose a number in that range."
        )
    if not 1 <= months <= 12:
        raise WrongUse(f"A simulated log covers 1 to 12 months, not {months}.", do="Choose a number in that range.")
    if planted not in PLANTED:
        raise WrongUse(
            f"There are no worlds with {planted} planted workers.", do=f"Choose one of {', '.join(map(str, PLANTED))}."
        )
    if seed < 0 or each < 1:
        raise WrongUse(
            "A seed is a whole number from 0, and events a person are 1 or more.", do="Choose other numbers."
        )


def simulate(
    directory: Path, people: int = 4_000, months: int = 6, planted: int = 0, seed: int = 1, *, each: int = 300,
    changed: Mapping[str, float] | None = None, progress: Callable[[str], None] = _silent
) -> dict[str, int]:  # fmt: skip
    """Write a simulated employer into a folder: ``mapae.toml``, ``inputs/`` and ``truth/``.

    The same arguments give the same bytes. No stage reads ``truth/``.

    Args:
        directory: made where it is missing; refused where it already has inputs.
        people: how many work there, 50 to 50,000.
        months: of thirty days, 1 to 12.
        planted: 0; 1 (a lone worker); 2 (a farm of two); 5 (two farms of two and a lone worker).
        seed: any whole number from 0.
        each: events a person in the identity provider's log; sign-ins stay the same, use of applications makes the rest.
        changed: parameters of ``employer.yml`` with another value, for benchmarks that ask what they do.
        progress: called with the name of each file before it is made.

    Returns:
        Rows written, by file.

    Raises:
        WrongUse: a number is out of range.
        MapaeError: the folder already has inputs, or cannot be written.

    Example:
        >>> simulate(Path("acme"), 4_000, 6, 2, 7)["employees.csv"]   # doctest: +SKIP
        4000
    """
    allowed(people, months, planted, seed, each)
    inputs, beside = directory / "inputs", directory / "truth"
    if taken(directory):
        raise MapaeError(
            "This folder already holds a workspace.", where=str(directory), why="Simulated rows must never mix with others.",
            do="Choose an empty folder.",
        )  # fmt: skip
    try:
        inputs.mkdir(parents=True, exist_ok=True)
        beside.mkdir(exist_ok=True)
        told = given()
        told = dataclasses.replace(told, numbers={**told.numbers, **(changed or {})})
        return _write(told, directory, people, months, planted, seed, each, progress)
    except OSError as problem:
        raise MapaeError(
            "The simulated workspace could not be written.", where=str(directory), why=str(problem), do="Make room or choose another folder."
        ) from problem  # fmt: skip


def _write(
    told: Given,
    directory: Path,
    people: int,
    months: int,
    planted: int,
    seed: int,
    each: int,
    progress: Callable[[str], None],
) -> dict[str, int]:
    days = months * MONTH

    def chance(stream: int) -> np.random.Generator:
        # One stream a subject: what is planted leaves the honest people of a seed as they are.
        return np.random.default_rng([seed, people, months, stream])

    counts: dict[str, int] = {}
    inputs = directory / "inputs"
    progress("people")
    crowd = staff.hire(told, people, days, chance(0))
    farms.plant(told, crowd, planted, days, chance(1))
    trips = sign_ins.journeys(told, crowd, days, chance(2))
    attempts = sign_ins.sign_ins(told, crowd, trips, days, chance(3))
    bound = enrolments.enrolments(told, crowd, attempts, days, chance(4))
    devices = sorted(set(bound.which[bound.what == enrolments.DEVICE].tolist()))
    people_as = faces.faces(told, crowd, devices, okta.APPS, seed, chance(5))
    progress("okta.json")
    log = okta.events(told, crowd, attempts, bound, each, days, chance(6))
    counts["okta.json"] = okta.write(inputs / "okta.json", told, crowd, people_as, attempts, log, seed)
    progress("employees.csv")
    counts["employees.csv"] = rows_as_csv(
        inputs / "employees.csv", registers.HR, registers.hr(told, crowd, people_as, seed, chance(7))
    )
    progress("shipments.csv")
    sent = registers.parcels(told, crowd, people_as, days, chance(8))
    counts["shipments.csv"] = rows_as_csv(inputs / "shipments.csv", registers.PARCELS, sent)
    progress("defender.jsonl")
    counts["defender.jsonl"] = endpoints.write(inputs / "defender.jsonl", told, crowd, people_as, days, chance(9))
    says = registers.declared(told, crowd, people_as, trips, attempts, chance(10))
    counts["declared.csv"] = rows_as_csv(inputs / "declared.csv", registers.DECLARED, says)
    truth.write(directory / "truth", told, crowd, people_as, attempts, bound, trips, days)
    (directory / "mapae.toml").write_text(
        SETTINGS.format(people=f"{people:,}", months=months, planted=planted, seed=seed), "utf-8"
    )
    return counts
