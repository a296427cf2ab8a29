"""The people of a simulated platform as columns: one array per trait, pointers for what they share."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from mapae.worlds.parameters import Kind, Parameters

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Traits drawn per person around the kind's mean; the others are chances of a single event or of a person.
SHARES = (
    "vpn",
    "relay",
    "mobile",
    "shared_place",
    "hosting",
    "residential_proxy",
    "remote",
    "long_session",
    "elsewhere",
    "off_platform",
)
PEOPLE = (
    "crypto",
    "foreign_bank",
    "other_name",
    "payout_change",
    "copied_text",
    "handover",
    "suspended",
    "renamed",
    "several_hands",
)
SHARED = ("home", "device", "payout", "phone", "document", "text", "team")
# How tightly people of a kind cluster around its mean (Beta, a + b); analysis: no source gives a spread.
TIGHTNESS = 8.0


@dataclasses.dataclass
class Seats:
    """Who there will be, before anybody has traits: kind, group and site of each (-1: none)."""

    kind: Ints
    group: Ints
    site: Ints


@dataclasses.dataclass
class Population:
    """Columns over accounts 0..n-1; indices of kinds and places refer to ``kinds`` and the parameters' places.

    ``acts``: who behaves as a misrepresented account; in a null world nobody does, whatever the labels say. Labels
    (``misrepresented``, ``dprk``, ``ring``) are for ``truth/`` alone.
    ``leads[what][i]`` is the account whose home, device, payout … account i uses; itself where it shares nothing.
    """

    kinds: list[Kind]
    kind: Ints
    group: Ints
    site: Ints
    claimed: Ints
    actual: Ints
    traits: dict[str, Floats]
    leads: dict[str, Ints]
    acts: Bools
    misrepresented: Bools
    dprk: Bools
    ring: list[str]
    change_day: Ints
    change_place: Ints

    @property
    def n(self) -> int:
        """Number of accounts."""
        return len(self.kind)

    @property
    def in_rings(self) -> Bools:
        """Who acts as a member of one of the rings."""
        return np.array([bool(k.site) for k in self.kinds])[self.kind]


def of_kinds(people: Population, names: set[str]) -> Bools:
    """Which accounts are of one of the named kinds."""
    return np.isin(people.kind, [i for i, k in enumerate(people.kinds) if k.name in names])


def draw_traits(
    given: Parameters, kinds: list[Kind], kind: Ints, evades: Bools, rng: np.random.Generator
) -> dict[str, Floats]:
    """Traits of each person: the kind's mean, a person's own share around it, and occasional habits on top.

    Args:
        evades: people who show nothing of their kind and have everybody's traits instead.
    """
    n = len(kind)
    traits: dict[str, Floats] = {}
    for name, base in given.traits.items():
        mean = np.array([k.traits.get(name, base) for k in kinds])[kind]
        mean = np.where(evades, base, mean)
        if name in SHARES:
            low = np.clip(mean, 1e-6, 1 - 1e-6)
            drawn = rng.beta(low * TIGHTNESS, (1 - low) * TIGHTNESS)
            traits[name] = np.where((mean > 0) & (mean < 1), drawn, mean)
        elif name in PEOPLE:
            traits[name] = (rng.random(n) < mean).astype(np.float64)
        else:
            traits[name] = mean.astype(np.float64)
    for name, share, amount in given.occasional:
        has = rng.random(n) < share
        traits[name] = np.where(
            has, np.maximum(traits[name], rng.beta(amount * TIGHTNESS, (1 - amount) * TIGHTNESS, n)), traits[name]
        )
    return traits
