"""Words of Korean firms' and ships' names in Hangul and Hanja, written in the words of a name in Latin letters.

조선금강무역회사 beside "Korea Kumgang Trading Corporation" becomes korea kumgang trading corporation: a text without
blanks is cut so that as much of it as possible is a word of the table, or can be spelled as the other name has it.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools

from rapidfuzz.distance import OSA

from mapae.names import hangul
from mapae.names.abbreviations import fits
from mapae.names.fold import tokens as fold_tokens
from mapae.names.prepare import generic_word
from mapae.names.scripts import of_letter
from mapae.names.tables import rows
from mapae.names.variants import numbered

_EAST = frozenset({"Hangul", "Han"})
# Cost of a word found in the other name, of one only in the table, and of each character that neither knows.
_FITTING, _KNOWN, _UNKNOWN = 1, 4, 5
_SOUND_LEAST, _SOUND_MOST = 4, 24
# Letters of an abbreviation, and ways to write the long name that are tried for it.
_SHORT_MOST, _WAYS_MOST = 8, 64
_WORD_MOST, _RUN_MOST, _NEAR_LETTERS = 8, 60, 6


@dataclasses.dataclass(frozen=True)
class Word:
    """A word of the table: its Hangul and the Latin words for it, each a tuple of folded tokens."""

    hangul: str
    latin: tuple[tuple[str, ...], ...]


@functools.cache
def _words() -> dict[str, Word]:
    found: dict[str, Word] = {}
    for row in rows("korean_words.csv"):
        latin = [tuple(text.split("-")) for text in (row["english"] + " " + row["romanised"]).split()]
        word = Word(row["hangul"], tuple(latin or [("".join(map(hangul.spell, row["hangul"])),)]))
        for text in (row["hangul"], *row["hanja"].split()):
            found.setdefault(text, word)
    return found


@functools.cache
def _sounds() -> dict[str, frozenset[str]]:
    """Hanja to the Hangul syllables that it is read as."""
    found: dict[str, set[str]] = {}
    for row in rows("hanja.csv"):
        for letter in row["characters"]:
            found.setdefault(letter, set()).update(c for c in row["readings"] if hangul.parts(c))
    return {letter: frozenset(names) for letter, names in found.items()}


@functools.lru_cache(maxsize=50_000)
def spells(token: str, text: str) -> bool:
    """Whether a Latin token can spell a text in Hangul or Hanja, syllable by syllable, in any of the usual systems.

    Args:
        token: a folded token.
        text: characters of Hangul or Hanja.

    Example:
        >>> spells("bonghwa", "봉화"), spells("ponghwa", "봉화"), spells("taesong", "봉화")
        (True, True, False)
    """
    reached = {0}
    for letter in text:
        names = {hangul.standing(s) for s in ({letter} if hangul.parts(letter) else _sounds().get(letter, frozenset()))}
        reached = {
            end
            for start in reached
            for end in range(start + 1, min(len(token), start + 7) + 1)
            if names & hangul.readings(token[start:end])
        }
        if not reached:
            return False
    return len(token) in reached


@functools.cache
def _of_token() -> dict[str, frozenset[str]]:
    """Latin tokens to the words of the table that they stand for."""
    found: dict[str, set[str]] = {}
    for word in _words().values():
        spelled = ("".join(map(hangul.spell, word.hangul)),)
        for latin in (*word.latin, spelled):
            found.setdefault(" ".join(generic_word(t) or t for t in numbered(latin)), set()).add(word.hangul)
    return {token: frozenset(words) for token, words in found.items()}


def same_word(x: str, y: str) -> bool:
    """Whether two tokens of firms' names stand for one Korean word: its translation and its spelling, or two of either.

    Args:
        x: a folded token, or several with a blank between.
        y: another.

    Example:
        >>> same_word("ginseng", "insam"), same_word("ginseng", "magnesia")
        (True, False)
    """
    return bool(_of_token().get(x, frozenset()) & _of_token().get(y, frozenset()))


@functools.lru_cache(maxsize=50_000)
def same_sound(x: str, y: str) -> bool:
    """Whether two tokens of four letters and more can be spellings of the same Hangul: koryo, goryeo.

    Args:
        x: a folded token.
        y: another.
    """
    if min(len(x), len(y)) < _SOUND_LEAST or max(len(x), len(y)) > _SOUND_MOST:
        return False
    reached = {(0, 0)}
    seen: set[tuple[int, int]] = set()
    while reached:
        i, j = reached.pop()
        if (i, j) == (len(x), len(y)):
            return True
        seen.add((i, j))
        for p in range(i + 1, min(len(x), i + 7) + 1):
            names = hangul.readings(x[i:p])
            if names:
                ends = (q for q in range(j + 1, min(len(y), j + 7) + 1) if names & hangul.readings(y[j:q]))
                reached.update({(p, q) for q in ends} - seen)
    return False


def _fit(word: Word, other: tuple[str, ...]) -> tuple[str, ...] | None:
    """The Latin words for a word that the other name has."""
    held = {generic_word(t) or t for t in other}
    for latin in word.latin:
        if all((generic_word(t) or t) in held for t in latin):
            return latin
    for latin in word.latin:
        if len(latin) == 1 and len(latin[0]) >= _NEAR_LETTERS and any(OSA.distance(latin[0], t) == 1 for t in held):
            return latin
    return None


def _pieces(run: str, other: tuple[str, ...]) -> tuple[str, ...]:
    """A run of Hangul or Hanja cut into words, in Latin letters; the cheapest way to cut counts."""
    best: list[tuple[int, int, tuple[str, ...]]] = [(0, 0, ())]
    for end in range(1, len(run) + 1):
        ways = []
        for start in range(max(0, end - _WORD_MOST), end):
            cost, pieces, made = best[start]
            text = run[start:end]
            word = _words().get(text)
            latin = _fit(word, other) if word is not None else None
            if latin is None:
                spelled = next((t for t in other if len(t) > 1 and spells(t, text)), None)
                latin = (spelled,) if spelled else None
            if latin is not None:
                ways.append((cost + _FITTING, pieces + 1, (*made, *latin)))
            elif word is not None:
                ways.append((cost + _KNOWN, pieces + 1, (*made, *word.latin[0])))
            else:
                spelled = "".join(hangul.spell(c) or "".join(fold_tokens(c)) for c in text)
                ways.append((cost + _UNKNOWN * len(text) + 1, pieces + 1, (*made, spelled)))
        best.append(min(ways))
    return best[-1][2]


def _abbreviated(text: str, token: str) -> str:
    """A text in those Latin words of which a token is the abbreviation; "" where there are none."""
    ways: list[tuple[tuple[str, ...], ...]] = []
    at = 0
    while at < len(text):
        for size in range(min(_WORD_MOST, len(text) - at), 0, -1):
            word = _words().get(text[at : at + size])
            if word is not None:
                ways.append(word.latin)
                at += size
                break
        else:
            ways.append(((hangul.spell(text[at]) or "".join(fold_tokens(text[at])) or "-",),))
            at += 1
    for chosen in itertools.islice(itertools.product(*ways), _WAYS_MOST):
        if fits(token, tuple(t for words in chosen for t in words)):
            return " ".join(t for words in chosen for t in words)
    return ""


def _written(text: str, other: str) -> str:
    latin = fold_tokens(other)
    if len(latin) == 1 and len(latin[0]) <= _SHORT_MOST and latin[0].isalpha():
        found = _abbreviated("".join(c for c in text[:_RUN_MOST] if not c.isspace()), latin[0])
        if found:
            return found
    made: list[str] = []
    for east, letters in itertools.groupby(text, key=lambda c: of_letter(c) in _EAST):
        run = "".join(letters)
        made.append(f" {' '.join(_pieces(run[:_RUN_MOST], latin))} " if east else run)
    return "".join(made)


def _is_east(text: str) -> bool:
    return any(of_letter(letter) in _EAST for letter in text)


def translated(a: str, b: str) -> tuple[str, str]:
    """Two names, the one in Hangul or Hanja written in the words of the other.

    Args:
        a: a name.
        b: another.

    Returns:
        both names, in the order given; unchanged where both or none are in Hangul or Hanja of one kind.

    Example:
        >>> translated("조선금강무역회사", "Korea Kumgang Trading Corporation")[0].split()
        ['korea', 'kumgang', 'trading', 'corporation']
    """
    if a.isascii() and b.isascii():
        return a, b
    east_a, east_b = _is_east(a), _is_east(b)
    if east_a and east_b:
        return (a, b) if a == b else (_written(a, _written(b, "")), _written(b, _written(a, "")))
    return (_written(a, b) if east_a else a), (_written(b, a) if east_b else b)
