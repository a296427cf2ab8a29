"""Parameters of the simulated employer, read from ``mapae/catalogue/worlds/employer.yml``."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from typing import Any

import numpy as np

from mapae.rules import load
from mapae.worlds import parameters as platform
from mapae.worlds.parameters import FOLDER, Place

MONTH = 30
# How many workers of which farm ``--planted N`` stands for: sizes of farms, in order.
PLANTED: dict[int, tuple[int, ...]] = {0: (), 1: (1,), 2: (2,), 5: (2, 2, 1)}


@dataclasses.dataclass(frozen=True)
class Given:
    """Everything the simulator is told; nothing here is read by a stage."""

    begins: dt.datetime
    company: dict[str, str]
    numbers: dict[str, float]
    planted: dict[str, float]
    traces: dict[str, dict[str, str]]
    missing: tuple[str, ...]
    networks: load.Mapping
    endpoints: load.Mapping
    registers: load.Mapping
    places: tuple[Place, ...]
    words: load.Mapping

    def __getitem__(self, name: str) -> float:
        return self.numbers[name]

    def array(self, column: str) -> np.ndarray[Any, Any]:
        """One column of the places as an array."""
        return np.array([getattr(p, column) for p in self.places])

    def city(self, name: str) -> int:
        """Position of a city among the places.

        Raises:
            KeyError: there is no such city.
        """
        for index, place in enumerate(self.places):
            if place.city == name:
                return index
        raise KeyError(name)


def _values(rows: load.Mapping) -> dict[str, float]:
    return {name: float(row["value"]) for name, row in rows.items()}


@functools.cache
def given() -> Given:
    """Read ``employer.yml``; places and names are those of the simulated platform.

    Raises:
        RuleRefused: a file cannot be read as YAML.
    """
    data = load.load_file(FOLDER / "employer.yml")
    shared = platform.parameters()
    return Given(
        begins=dt.datetime.fromisoformat(data["begins"]),
        company=dict(data["company"]),
        numbers=_values(data["parameters"]),
        planted=_values(data["planted"]),
        traces={name: dict(row) for name, row in data["traces"].items()},
        missing=tuple(data["missing_data"]),
        networks=data["networks"],
        endpoints=data["endpoints"],
        registers=data["registers"],
        places=shared.places,
        words=shared.words,
    )
