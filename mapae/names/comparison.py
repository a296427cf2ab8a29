"""What comparing two names gives, and the steps that all comparisons share: weights, joining, pairing of tokens."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from mapae.names.relations import relation
from mapae.names.tables import weights

# Gain in centibits, the two tokens in alphabetical order, kind of relation, how often.
Pair = tuple[int, str, str, str, int]
Related = Callable[[str, str], tuple[str, int] | None]
# At most so many neighbours are tried as one token.
_JOINED_MOST = 4


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What comparing two names gave.

    Args:
        centibits: weight for "same party?" in hundredths of a bit; below zero it speaks against.
        why: the grounds, one short text per pair of tokens, in order of weight.
        different: how many tokens have no partner although the other name has one left too.
        same: the folded names have the same tokens (or the same letters joined).
        match: enough for two names compared by themselves (``pair_least``); screening has its own threshold.
        possible: not against, and yet not sure: not enough, or (beside ``match``) two spellings that one name and
            another share.
    """

    centibits: int
    why: list[str]
    different: int = 0
    same: bool = False
    match: bool = False
    possible: bool = False

    @property
    def bits(self) -> float:
        """The weight in bits."""
        return self.centibits / 100

    @property
    def verdict(self) -> str:
        """The answer in words: match, possible, no match."""
        return "possible" if self.possible else "match" if self.match else "no match"


def plain_weight(token: str) -> int:
    """Weight of a matched token whose rarity nobody knows: by its length.

    Args:
        token: a folded token.

    Returns:
        centibits.
    """
    limits = weights()
    return min(limits["token_most"], limits["token_base"] + limits["token_letter"] * len(token))


def join_neighbours(own: Sequence[str], other: frozenset[str]) -> tuple[str, ...]:
    """Neighbours that together are a token of the other name, written as one.

    Args:
        own: folded tokens of one name.
        other: the tokens of the other.

    Example:
        >>> join_neighbours(("abdul", "rahman", "yasin"), frozenset({"abdulrahman", "yasin"}))
        ('abdulrahman', 'yasin')
    """
    made: list[str] = []
    at = 0
    while at < len(own):
        for length in range(min(_JOINED_MOST, len(own) - at), 1, -1):
            joined = "".join(own[at : at + length])
            if joined in other:
                made.append(joined)
                at += length
                break
        else:
            made.append(own[at])
            at += 1
    return tuple(made)


def pair_rest(
    rest_a: Counter[str],
    rest_b: Counter[str],
    weight: Callable[[str], int],
    rarity: Mapping[str, int] | None,
    related: Related = relation,
) -> list[Pair]:
    """Pair what is left of two names, the strongest pairs first; takes the paired out of both counters.

    Args:
        rest_a: tokens of one name that the other lacks, changed in place.
        rest_b: of the other.
        weight: centibits of a matched token.
        rarity: centibits of tokens by how rare they are, or None.
        related: how two tokens stand to each other: kind and cost, or None.
    """
    limits = weights()
    found: list[tuple[int, str, str, str]] = []
    for x in rest_a:
        for y in rest_b:
            low, high = (x, y) if x < y else (y, x)
            how = related(low, high)
            if how is None:
                continue
            kind, cost = how
            gain = limits["initial"]
            if kind != "initial":
                known = kind == "near" and rarity is not None and x in rarity and y in rarity
                gain = min(weight(x), weight(y)) - (limits["both_known"] if known else 0)
                gain = (min(gain, limits["alike_most"]) if kind == "alike" else gain) - cost
            found.append((-gain, low, high, kind))
    pairs: list[Pair] = []
    for minus, low, high, kind in sorted(found):
        x, y = (low, high) if rest_a[low] and rest_b[high] else (high, low)
        n = min(rest_a[x], rest_b[y])
        if n > 0:
            pairs.append((-minus, low, high, kind, n))
            rest_a[x] -= n
            rest_b[y] -= n
    for rest in (rest_a, rest_b):
        for token in [t for t, n in rest.items() if n <= 0]:
            del rest[token]
    return pairs


SAYS = {
    "near": "typed differently",
    "sound": "can be spelled from the same Hangul",
    "word": "one Korean word, or its translation",
    "alike": "can be read as one Hangul syllable",
    "consonants": "same consonants",
    "initial": "initial",
    "variant": "two spellings of one name",
    "nickname": "short form of a given name",
    "initials": "initials",
}
