"""What could be seen: an account's level in a family together with the levels that its known answers could reach.

"Nothing found" says less where less was looked at, so a level is never weighed without its set of reachable levels.
A pattern carries, per family, one code for both: 0 unknown, else 4 x set + (0 nothing, 1 weak, 2 medium, 3 strong);
the set is the sum of weak 1, medium 2, strong 4.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from mapae.assessment.levels import FAMILIES, LEVELS, NOTHING, UNKNOWN, WEAK
from mapae.rules.kinds import Indicator

# Sets of reachable levels, the empty one among them; and codes, with one place for unknown and three never used.
SETS, CODES = 8, 32
# One letter per code, for the keys of counts in a weights file.
LETTERS = "0123456789abcdefghijklmnopqrstuv"


def bit(level: int) -> int:
    """The share of a level (weak, medium, strong) in the number of a set."""
    return 1 << (level - WEAK)


def code(reach: int, level: int) -> int:
    """The code of a level where a set of levels could be seen; 0 where nothing could."""
    return 4 * reach + level - NOTHING if reach and level else UNKNOWN


def level_of(told: int) -> int:
    """The level in a code: 0 unknown, 1 nothing, 2 weak, 3 medium, 4 strong."""
    return told % 4 + NOTHING if told else UNKNOWN


def reach_of(told: int) -> int:
    """The set of reachable levels in a code."""
    return told // 4


def quiet_levels(codes: Iterable[int]) -> int:
    """Set of levels on which none of some codes of one family stands; none where all are unknown."""
    found, known = 0, [told for told in codes if told]
    if not known:
        return 0
    for told in known:
        level = level_of(told)
        found |= bit(level) if level >= WEAK else 0
    return (SETS - 1) & ~found


def within(told: int, reach: int) -> int:
    """A code cut to a set: levels outside it count as not looked at; 0 where the account stands on such a level."""
    level = level_of(told)
    if level > NOTHING and not bit(level) & reach:
        return UNKNOWN
    return code(reach_of(told) & reach, level)


def set_name(reach: int) -> str:
    """A set in words: ``weak+strong``."""
    return "+".join(LEVELS[level] for level in range(WEAK, len(LEVELS)) if bit(level) & reach)


def code_name(told: int) -> str:
    """A code in words: ``nothing of weak+strong``."""
    return f"{LEVELS[level_of(told)]} of {set_name(reach_of(told))}" if told else LEVELS[UNKNOWN]


def sets_of(case: tuple[float, ...]) -> tuple[int, ...]:
    """Every set that can be made of the levels on which a family has case shares.

    Args:
        case: case shares on unknown, nothing, weak, medium, strong.

    Returns:
        The sets, smallest number first; none for a family without indicators.
    """
    whole = sum(bit(level) for level in range(WEAK, len(LEVELS)) if case[level])
    return tuple(reach for reach in range(1, SETS) if not reach & ~whole)


@functools.cache
def by_code(case: tuple[float, ...], quiet: int = 0) -> tuple[float, ...]:
    """Case shares of one family per code: what could not be reached is counted as "nothing".

    Cases that would have stood on an unseen level may show a weaker sign as well, so "nothing" is at most this share
    and a weaker level at least its own: what is left unseen makes weights smaller, never larger.

    Args:
        case: case shares on unknown, nothing, weak, medium, strong, as fractions or as parts of a whole number.
        quiet: set of levels on which nobody stood, case or not, where the weights were estimated: their signs say
            nothing of these records, so that standing on "nothing" says no more than if they could not be reached. Who
            is the first to stand on one is weighed by its share as ever.

    Returns:
        One share per code; within each set of :func:`sets_of` they sum to what ``case`` sums to (and the quiet levels'
        shares, once more), elsewhere they are 0.
    """
    shares: list[float] = [case[UNKNOWN] * 0] * CODES
    for reach in sets_of(case):
        for level in range(WEAK, len(LEVELS)):
            shares[code(reach, level if bit(level) & reach else NOTHING)] += case[level]
            if bit(level) & reach & quiet:
                shares[code(reach, NOTHING)] += case[level]
        shares[code(reach, NOTHING)] += case[NOTHING]
    return tuple(shares)


def code_sql(indicators: list[Indicator], answers: str = "answers") -> str:
    """A SELECT of ``account_id`` and one tinyint code per family, over the table of answers.

    Args:
        indicators: those of :func:`mapae.assessment.levels.counted_indicators`.
        answers: name of the table of answers.

    Returns:
        The SQL text; a family without indicators is unknown (0) throughout.
    """
    columns = [f"cast({_family_sql([i for i in indicators if i.family == f])} as tinyint) as {f}" for f in FAMILIES]
    return f"select account_id, {', '.join(columns)} from {answers}"


def _family_sql(indicators: list[Indicator]) -> str:
    """The code of one family: 4 x the levels of known answers + the level of the strongest yes."""
    if not indicators:
        return str(UNKNOWN)
    seen, found = [], []
    for name in LEVELS[WEAK:]:
        columns = [_name(one.column) for one in indicators if one.level == name]
        if columns:
            level = LEVELS.index(name)
            known = " or ".join(f"{column} in ('yes', 'no')" for column in columns)
            seen.append(f"case when {known} then {4 * bit(level)} else 0 end")
            found += [f"case when {column} = 'yes' then {level - NOTHING} else 0 end" for column in columns]
    strongest = found[0] if len(found) == 1 else f"greatest({', '.join(found)})"
    return " + ".join([*seen, strongest])


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
