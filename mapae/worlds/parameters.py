"""Parameters of a simulated platform, read from ``mapae/catalogue/worlds``; each has a citation or a reason there."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from typing import Any

import numpy as np

from mapae.rules import load
from mapae.rules.kinds import CATALOGUE

FOLDER = CATALOGUE / "worlds"


@dataclasses.dataclass(frozen=True)
class Place:
    """A city: WGS 84 degrees, IANA zone, minutes east of Greenwich during the simulated months."""

    country: str
    region: str
    city: str
    lat: float
    lon: float
    zone: str
    minutes: int
    weight: float
    overseas: bool
    teams: bool
    mobile_first: bool


@dataclasses.dataclass(frozen=True)
class Group:
    """How many people share what, and whether they have declared it (``team``, ``household`` or ``no``)."""

    least: int
    most: int
    declared: str
    shares: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of person: share of its class, traits, and how its members live."""

    name: str
    share: float
    traits: dict[str, float]
    group: Group | None = None
    places: str = ""
    names: str = ""
    lives: str = ""
    declared: str = ""
    moves: bool = False
    nexus: str = "none"
    site: str = ""


@dataclasses.dataclass(frozen=True)
class Parameters:
    """Everything the simulator is told; nothing here is read by a stage."""

    begins: dt.datetime
    numbers: dict[str, float]
    traits: dict[str, float]
    occasional: tuple[tuple[str, float, float], ...]
    honest: tuple[Kind, ...]
    others: tuple[Kind, ...]
    rings: tuple[Kind, ...]
    alone: tuple[Kind, ...]
    nexus: dict[str, dict[str, str]]
    places: tuple[Place, ...]
    words: load.Mapping

    def __getitem__(self, name: str) -> float:
        return self.numbers[name]

    @functools.cached_property
    def countries(self) -> list[str]:
        """Countries of the places, sorted."""
        return sorted({p.country for p in self.places})

    def array(self, column: str) -> np.ndarray[Any, Any]:
        """One column of the places as an array."""
        return np.array([getattr(p, column) for p in self.places])


def _yes(value: Any) -> bool:
    return str(value) == "yes"


def _place(row: load.Mapping) -> Place:
    return Place(
        row["country"],
        row["region"],
        row["city"],
        float(row["lat"]),
        float(row["lon"]),
        row["zone"],
        int(row["minutes"]),
        float(row["weight"]),
        _yes(row.get("overseas")),
        _yes(row.get("teams")),
        _yes(row.get("mobile_first")),
    )


def _kind(name: str, row: load.Mapping, share: float) -> Kind:
    group = row.get("group")
    shares = tuple(row.get("shares", ()))
    made = None
    if group:
        made = Group(int(group["least"]), int(group["most"]), group["declared"], tuple(group["shares"]))
    elif shares:
        made = Group(0, 0, "no", shares)
    return Kind(
        name=name,
        share=share,
        traits={t: float(v) for t, v in row.get("traits", {}).items()},
        group=made,
        places=row.get("places", ""),
        names=row.get("names", ""),
        lives=row.get("lives", "claimed"),
        declared=row.get("declared", ""),
        moves=_yes(row.get("moves")),
        nexus=row.get("nexus", "none"),
        site=row.get("site", ""),
    )


def _kinds(rows: load.Mapping) -> tuple[Kind, ...]:
    given = sum(float(r["share"]) for r in rows.values() if r["share"] != "rest")
    return tuple(_kind(n, r, 1 - given if r["share"] == "rest" else float(r["share"])) for n, r in rows.items())


@functools.cache
def parameters() -> Parameters:
    """Read ``platform.yml``, ``places.yml`` and ``names.yml``.

    Returns:
        The parameters with every number as a number.

    Raises:
        RuleRefused: a file cannot be read as YAML.
        KeyError: a trait is named that the list of traits lacks.
    """
    data = load.load_file(FOLDER / "platform.yml")
    made = Parameters(
        begins=dt.datetime.fromisoformat(data["begins"]),
        numbers={n: float(p["value"]) for n, p in data["parameters"].items()},
        traits={n: float(v) for n, v in data["traits"].items()},
        occasional=tuple((o["trait"], float(o["people"]), float(o["share"])) for o in data["occasional"]),
        honest=_kinds(data["honest"]),
        others=_kinds(data["others"]),
        rings=_kinds(data["rings"]),
        alone=_kinds(data["alone"]),
        nexus={n: dict(row) for n, row in data["nexus"].items()},
        places=tuple(_place(row) for row in load.load_file(FOLDER / "places.yml")["places"]),
        words=load.load_file(FOLDER / "names.yml"),
    )
    for kind in made.honest + made.others + made.rings + made.alone:
        unknown = set(kind.traits) - set(made.traits)
        if unknown:
            raise KeyError(f"{kind.name}: unknown traits {sorted(unknown)}")
    return made
