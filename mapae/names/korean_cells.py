"""One spelled syllable of a Korean name, which syllables it may be, and how far two of them speak for one syllable."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

from mapae.names import korean_tables as tables

_MOST = 1200
"""Centibits; no syllable speaks more, however rare."""
DIFFERENT = -1800
"""Centibits of a whole syllable that differs: what the design study settled on (18 bits)."""
_OTHER_CHARACTER = 400
"""Centibits taken off when two texts in Hanja write one sound with two characters; judged, not measured."""
_POST_LEAST = 0.002
_FLOOR = 1e-6
_LEAST = -100
"""Centibits below which two spellings that could be one syllable are taken for two; judged on pairs of the tune part."""


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A spelled syllable. The pairs hold what is true of it in given names (0) and as a surname (1)."""

    script: str
    text: str
    chance: tuple[int, int]
    """Centibits: log2 P(spelling)."""
    syllables: tuple[dict[str, float], dict[str, float]]
    """P(syllable | spelling)."""
    likeliest: tuple[str, str]
    characters: str = ""
    sound: frozenset[str] = frozenset()
    """Its syllables in pinyin, where it is a character or pinyin."""


class Pair(NamedTuple):
    """Two spelled syllables of one place.

    Attributes:
        centibits: weight for one syllable.
        differ: they are two syllables.
        agree: centibits; log2 of the chance that both, each read for itself, are the same syllable. 0 where they are written alike.
    """

    centibits: int
    differ: bool
    agree: int


def _centibits(share: float) -> int:
    return round(100 * math.log2(max(share, 1e-9)))


def _make(
    script: str, text: str, given: dict[str, float], surname: dict[str, float], chars: str, sound: frozenset[str]
) -> Cell:
    chances, posts, likeliest = [], [], []
    for likely, is_surname in ((given, False), (surname, True)):
        prior = tables.priors(is_surname)
        joint = {s: prior.get(s, _FLOOR if not is_surname else 0.0) * p for s, p in sorted(likely.items())}
        total = sum(joint.values())
        post = {s: p / total for s, p in joint.items() if p > total * _POST_LEAST} if total else {}
        chances.append(_centibits(total))
        posts.append(post)
        likeliest.append(min(post, key=lambda s: (-post[s], s)) if post else "")
    return Cell(
        script, text, (chances[0], chances[1]), (posts[0], posts[1]), (likeliest[0], likeliest[1]), chars, sound
    )


@functools.cache
def _cells(script: str) -> dict[str, Cell]:
    """Every cell of a script with finitely many spellings."""
    if script == "pinyin":
        given, surname = tables.pinyin(False), tables.pinyin(True)
        return {t: _make(script, t, given[t], surname.get(t, {}), "", frozenset([t])) for t in given}
    found = tables.spellings(script)
    return {text: _make(script, text, likely, likely, "", frozenset()) for text, likely in found.items()}


@functools.lru_cache(maxsize=20_000)
def _character(text: str) -> Cell | None:
    full = tables.full_forms().get(text, text)
    given, surname = tables.characters(False), tables.characters(True)
    merged: list[dict[str, float]] = []
    for table in (given, surname):
        likely: dict[str, float] = {}
        for character in full:
            for syllable, share in table.get(character, {}).items():
                likely[syllable] = likely.get(syllable, 0.0) + share
        merged.append(likely)
    sounds = frozenset(tables.pinyin_of().get(character, "-") for character in full) - {"-"}
    return _make("hanja", text, merged[0], merged[1], full, sounds) if merged[0] else None


def cell(script: str, text: str) -> Cell | None:
    """The cell of a spelling; None where it spells no syllable.

    Args:
        script: latin, pinyin, cyrillic, kana, hangul or hanja.
        text: folded; one syllable.
    """
    return _character(text) if script == "hanja" else _cells(script).get(text)


@functools.cache
def longest(script: str) -> int:
    """Letters of the longest spelling of a script."""
    return max(map(len, _cells(script)))


@functools.lru_cache(maxsize=20_000)
def pair(a: Cell, b: Cell, surname: int) -> Pair:
    """How far two spelled syllables speak for one syllable: log2 P(both | same) / (P(a) P(b)).

    Args:
        a: of the one name.
        b: of the other.
        surname: 1 where they stand as surname, else 0.
    """
    if (b.script, b.text) < (a.script, a.text):
        a, b = b, a
    if a.sound and b.sound:
        both = {a.script, b.script} == {"hanja"}
        if both and set(a.characters) & set(b.characters):
            return Pair(-max(a.chance[surname], b.chance[surname], -1000), False, 0)
        if not both:
            met = a.sound & b.sound
            if not met:
                return Pair(DIFFERENT, True, 0)
            return Pair(-max(min(a.chance[surname], b.chance[surname], -100), -800), False, 0)
    prior, left, right = tables.priors(bool(surname)), a.syllables[surname], b.syllables[surname]
    gain = agree = 0.0
    for syllable, share in left.items():
        other = right.get(syllable)
        if other:
            gain += share * other / prior.get(syllable, _FLOOR)
            agree += share * other
    bits = _centibits(gain) if gain else DIFFERENT
    if a.sound and b.sound:
        bits -= _OTHER_CHARACTER
    if bits < _LEAST:
        return Pair(DIFFERENT, True, 0)
    agreed = _centibits(agree)
    if a.script == b.script and a.text == b.text:
        agreed = 0
    elif a.sound and b.sound:
        agreed = min(agreed, -_OTHER_CHARACTER)
    return Pair(min(bits, _MOST), False, agreed)
