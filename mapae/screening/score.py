"""Candidates compared token by token, and those that weigh enough kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from mapae.names.compare import Comparison, compare_tokens, core
from mapae.names.fold import tokens as fold_tokens
from mapae.names.tables import weights
from mapae.screening.index import Name, NameIndex

# Names folded and looked up at a time: bounds the memory.
_AT_ONCE = 100_000


@dataclasses.dataclass(frozen=True)
class Hit:
    """A name asked about, a listed name that it may be, and their comparison.

    Args:
        asked: place of the name in the batch.
        listed: place of the distinct listed name in :attr:`NameIndex.names`.
        comparison: bits and reasons.
    """

    asked: int
    listed: int
    comparison: Comparison


def enough(comparison: Comparison, tokens: int, weak: bool) -> bool:
    """Whether a comparison is written as a match.

    Args:
        comparison: what comparing gave.
        tokens: how many tokens the listed name has.
        weak: the listed name is a weak alias: only the very name counts.

    Returns:
        True for the very name always; otherwise from ``match_least`` on and without a wholly different token.
    """
    if comparison.different or (weak and not comparison.same):
        return False
    return comparison.same or comparison.centibits >= weights()["match_least"]


def screen(index: NameIndex, names: Sequence[str], kinds: Sequence[str] | None = None) -> Iterator[Hit]:
    """Screen many names.

    Args:
        index: the listed names.
        names: names in any script; each is folded once.
        kinds: FollowTheMoney schema of each name's bearer, "" where unknown; all unknown if None.

    Returns:
        hits in order of the names, then of the listed names; weak aliases are not told apart here.
    """
    for first in range(0, len(names), _AT_ONCE):
        block = names[first : first + _AT_ONCE]
        bearers: dict[Name, list[int]] = {}
        for at, text in enumerate(block):
            kind = kinds[first + at] if kinds is not None else ""
            bearers.setdefault(core(fold_tokens(text), kind), []).append(first + at)
        asked = index.ask(list(bearers))
        hits: list[Hit] = []
        for place, listed in index.candidates(asked):
            name, other = asked.names[place], index.names[listed]
            comparison = compare_tokens(name, other, index.rarity)
            if enough(comparison, len(other[0]), weak=False):
                hits += [Hit(at, listed, comparison) for at in bearers[name]]
        yield from sorted(hits, key=lambda hit: (hit.asked, hit.listed))
