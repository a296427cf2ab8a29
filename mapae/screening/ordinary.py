"""Simulated ordinary people of many naming traditions, to count the alerts that screening gives about nobody listed.

The tables (``catalogue/names/ordinary_names.csv``) are common names; a seeded generator puts them together. Which table
a name was made from is known here only because it was made here.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

from mapae.names.tables import rows
from mapae.screening.typing_errors import seeded

_PART = re.compile(r"\{(\w+)\}")
# Draws without a new name after which a group's tables are taken to be used up.
_TRIES = 200


def tables() -> dict[str, dict[str, list[str]]]:
    """Group -> part -> names; the part ``pattern`` says how the others are put together."""
    made: dict[str, dict[str, list[str]]] = {}
    for row in rows("ordinary_names.csv"):
        made.setdefault(row["group"], {})[row["part"]] = row["names"].split()
    return made


def people(each: int, seed: int) -> dict[str, list[str]]:
    """Simulated names by group, none twice within its group.

    Args:
        each: names wanted of each group; fewer where its tables hold no more.
        seed: the same seed gives the same names; a group's names do not depend on the other groups.

    Example:
        >>> people(2, 7) == people(2, 7)
        True
    """
    return {group: _names(group, parts, each, seed) for group, parts in tables().items()}


def _names(group: str, parts: Mapping[str, list[str]], each: int, seed: int) -> list[str]:
    chance = seeded(seed, group)
    made: dict[str, None] = {}
    tried = 0
    while len(made) < each and tried < _TRIES:
        text = one(parts, chance)
        tried = tried + 1 if text in made else 0
        made[text] = None
    return list(made)


def one(parts: Mapping[str, list[str]], chance: random.Random) -> str:
    """One name of a group.

    Args:
        parts: the group's tables.
        chance: where draws come from; no name stands twice in one person's name.
    """
    used: set[str] = set()

    def draw(found: re.Match[str]) -> str:
        choice = chance.choice(parts[found.group(1)])
        while choice in used and len(used) < len(parts[found.group(1)]):
            choice = chance.choice(parts[found.group(1)])
        used.add(choice)
        return choice

    return _PART.sub(draw, chance.choice(parts["pattern"])).replace("_", " ")
