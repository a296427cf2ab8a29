"""Korean names across scripts: read a text as syllables, compare two syllable by syllable.

    bits = log2 P(x, y | same) / (P(x) P(y))

for the pair of readings that speaks most for one name. A whole different syllable makes another name; spellings that one
syllable and another share (chun is 천 or 춘) do not say which it is: `possible`.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from mapae.names.korean_cells import DIFFERENT, Cell, pair
from mapae.names.korean_read import Lattice, Reading
from mapae.names.korean_read import read as read_one

__all__ = ["KoreanComparison", "Lattice", "compare", "read"]

_AGREE = -232
"""Centibits, a chance of 0.2: below this chance that two texts, each read for itself, are one name, they are `possible`. Set on made
pairs one syllable apart: it takes in four of five that weigh over 7 bits, and a quarter of the spellings of one name."""


@dataclass(frozen=True, slots=True)
class KoreanComparison:
    """How far two spellings speak for one Korean name.

    Attributes:
        centibits: weight in hundredths of a bit.
        why: one sentence a syllable.
        possible: the spellings have a reading in common although they may be two names.
    """

    centibits: int
    why: list[str]
    possible: bool


_IN_BRACKETS = re.compile(r"([^()（）]+?)\s*[(（]([^()（）]+)[)）]\s*")
_SAME_NAME = 700
"""Centibits from which a name in brackets is taken for the same name in another script."""


@functools.lru_cache(maxsize=20_000)
def read(text: str) -> Lattice | None:
    """All ways to read a text as one Korean person's name.

    Args:
        text: a name of two to four syllables in Hangul, Hanja (traditional or simplified), Latin letters, Cyrillic or kana;
            the same name in another script may follow in brackets.

    Returns:
        the readings; None where the text can be no such name.

    Example:
        >>> [cell.text for cell in read("Ri Yongho").readings[0].given]
        ['yong', 'ho']
    """
    parts = _IN_BRACKETS.fullmatch(text) if text.endswith((")", "）")) else None
    if parts is None:
        return read_one(text)
    name, again = read_one(parts[1]), read_one(parts[2])
    both = name is not None and again is not None and compare(name, again).centibits >= _SAME_NAME
    return name if both else None


def _places(x: Reading, y: Reading) -> list[tuple[Cell, Cell, int]]:
    """The cells of two readings side by side; the shorter one's last places stay alone."""
    as_surname = int(len(x.surname) == len(y.surname) == 1)
    left, right = (*x.surname, *x.given), (*y.surname, *y.given)
    return [(a, b, as_surname if n == 0 else 0) for n, (a, b) in enumerate(zip(left, right, strict=False))]


def _weight(x: Reading, y: Reading) -> int:
    total = x.weight + y.weight
    if len(x.given) == len(y.given) and len(x.surname) == len(y.surname) == 1:
        total += pair(x.surname[0], y.surname[0], 1)[0]
        for a, b in zip(x.given, y.given, strict=True):
            total += pair(a, b, 0)[0]
        return total
    alone = abs(len(x.surname) + len(x.given) - len(y.surname) - len(y.given))
    return total + alone * DIFFERENT + sum(pair(*place)[0] for place in _places(x, y))


def _say(a: Cell, b: Cell, surname: int) -> str:
    low, high = sorted((a, b), key=lambda c: (c.text, c.script))
    found = pair(a, b, surname)
    both = low.text if low.text == high.text else f"{low.text}/{high.text}"
    told = f"{both} {found.centibits / 100:+.1f}"
    if found.differ:
        return f"{told}, another syllable"
    syllables = sorted({low.likeliest[surname], high.likeliest[surname]})
    if found.agree and len(syllables) > 1:
        return f"{told}, can be {' or '.join(syllables)}"
    return f"{told}, one sound and two characters" if found.agree and low.sound and high.sound else told


def compare(a: Lattice, b: Lattice) -> KoreanComparison:
    """How far two names speak for one person's name; the same in either order.

    Args:
        a: one name, read.
        b: the other, read.

    Returns:
        the weight of the pair of readings that speaks most for one name, and why.

    Example:
        >>> one, two = read("Ri Yong Ho"), read("李勇浩")
        >>> compare(one, two).centibits > 700
        True
    """
    if b.text < a.text:
        a, b = b, a
    best, chosen = -(10**9), (a.readings[0], b.readings[0])
    for x in a.readings:
        for y in b.readings:
            weight = _weight(x, y)
            if weight > best:
                best, chosen = weight, (x, y)
    places = _places(*chosen)
    met = [pair(*place) for place in places]
    why = [_say(*place) for place in places]
    alone = abs(sum(len(r.surname) + len(r.given) for r in chosen) - 2 * len(places))
    why += [f"only on one side: a syllable {DIFFERENT / 100:+.1f}"] * alone
    differ = alone or any(p.differ for p in met)
    return KoreanComparison(best, why, not differ and sum(p.agree for p in met) < _AGREE)
