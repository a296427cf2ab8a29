"""Levels: the families and levels of the question, the indicators that it rests on, and the case shares of each level.

An account stands on the level of its strongest yes; on "nothing" where something of the family could be looked at
and answered no (how much was looked at: reach.py); on "unknown" where nothing could. Unknown weighs nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from mapae.model.errors import RuleRefused
from mapae.rules.kinds import Catalogue, Indicator

# Families in the order of their columns in a pattern (house.md, "The evidence model").
FAMILIES = ("network", "device", "document", "money", "behaviour", "content", "report")
# Level codes in a pattern: higher is stronger, so that the strongest yes is the greatest code.
LEVELS = ("unknown", "nothing", "weak", "medium", "strong")
UNKNOWN, NOTHING, WEAK, MEDIUM, STRONG = range(5)
# Levels of control, by number of identities; "unknown" for declared groups and for one person's several systems.
CONTROL = ("alone", "two", "three_to_four", "five_and_more")
STAGE = "misrepresentation"
STATUSES = ("test", "stable")


@dataclasses.dataclass(frozen=True)
class Shares:
    """The case side: shares of known cases per level.

    Args:
        families: per family of :data:`FAMILIES`, shares on unknown (always 0), nothing, weak, medium, strong.
        control: share per level of :data:`CONTROL`.
        cap_bits: what one family may weigh at most, in bits.
    """

    families: tuple[tuple[float, ...], ...]
    control: tuple[float, ...]
    cap_bits: float


def counted_indicators(catalogue: Catalogue) -> list[Indicator]:
    """Indicators that the question rests on: of stage misrepresentation, in test or stable, by id.

    Args:
        catalogue: all rules.

    Returns:
        The indicators, in order of id.

    Raises:
        RuleRefused: an indicator names a family or level that the evidence model does not know.
    """
    chosen = [i for i in catalogue.indicators.values() if i.stage == STAGE and i.status in STATUSES]
    for one in chosen:
        if one.family not in FAMILIES or one.level not in LEVELS[WEAK:]:
            raise RuleRefused(
                f"The indicator {one.id} stands in no family or level that the evidence model knows.",
                where=str(one.path),
                why=f"family {one.family!r}, level {one.level!r}",
                do=f"Families: {', '.join(FAMILIES)}. Levels: {', '.join(LEVELS[WEAK:])}.",
            )
    return sorted(chosen, key=lambda one: one.id)


def key_kinds(keys: Mapping[str, object]) -> list[str]:
    """Kinds of identifiers that can bring an account into a ring; one who holds none cannot be called alone.

    Args:
        keys: ``catalogue/keys.yml`` as read.

    Returns:
        The kinds, sorted.
    """
    told = keys["keys"]
    assert isinstance(told, Mapping)
    return sorted({str(kind) for key in told.values() for kind in key["kinds"]})


def shares(families: Mapping[str, object], indicators: list[Indicator]) -> Shares:
    """Case shares of the catalogue, cut to the levels that its indicators can reach.

    What stands on a level that no indicator of the family can reach is counted as "nothing": fewer signs see fewer
    cases, and finding nothing with few signs then speaks less for an account.

    Args:
        families: ``catalogue/families.yml`` as read.
        indicators: those of :func:`counted_indicators`.

    Returns:
        The shares, each family's summing to 1.

    Raises:
        RuleRefused: a family is missing, or its shares do not sum to 1.
    """
    told = {str(k): v for k, v in _mapping(families, "families").items()}
    made = []
    for family in FAMILIES:
        given = _numbers(_mapping(told, family), LEVELS[NOTHING:], family)
        reach = {one.level for one in indicators if one.family == family}
        kept = [0.0, 0.0] + [given[level] if level in reach else 0.0 for level in LEVELS[WEAK:]]
        kept[NOTHING] = 1.0 - sum(kept)
        made.append(tuple(kept))
    control = _numbers(_mapping(families, "control"), CONTROL, "control")
    cap = float(str(_mapping(families, "cap")["bits"]))
    return Shares(tuple(made), tuple(control[level] for level in CONTROL), cap)


def _mapping(of: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = of.get(key)
    if not isinstance(found, Mapping):
        raise RuleRefused(f"families.yml does not say anything about {key}.", do="Add it, with shares that sum to 1.")
    return found


def _numbers(of: Mapping[str, object], levels: tuple[str, ...], family: str) -> dict[str, float]:
    numbers = {level: float(str(_mapping(of, "m").get(level, "nan"))) for level in levels}
    if not all(0 < share < 1 for share in numbers.values()) or abs(sum(numbers.values()) - 1) > 1e-9:
        raise RuleRefused(
            f"The case shares of {family} in families.yml do not sum to 1.",
            why=str(numbers),
            do=f"Give every level ({', '.join(levels)}) a share between 0 and 1; together they are 1.",
        )
    return numbers
