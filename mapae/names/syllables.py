"""Whether a token is one syllable of a syllabic spelling, where one letter makes another name (Ri, Ro; Wang, Yang)."""

from __future__ import annotations

import functools

from mapae.names import hangul
from mapae.names.tables import rows


@functools.cache
def _pinyin() -> frozenset[str]:
    letters = {row["place"]: row["letters"].split() for row in rows("pinyin.csv")}
    return frozenset(i + f for i in letters["initial"] for f in letters["final"]) | frozenset(letters["whole"])


def is_syllable(token: str) -> bool:
    """Whether a folded token can be one syllable, romanised from Hangul or in pinyin. It says nothing of a person.

    Args:
        token: a folded token.

    Example:
        >>> is_syllable("zhang"), is_syllable("yong"), is_syllable("hassan")
        (True, True, False)
    """
    return token in _pinyin() or bool(hangul.readings(token))


def same_order(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether two sequences are one, or one once the first of either is moved to its end (surname first or last).

    Args:
        a: tokens of a name, paired tokens written alike.
        b: of another, of the same length.
    """
    return a == b or a[1:] + a[:1] == b or b[1:] + b[:1] == a
