"""Tables of given names and firms' words: spellings that stand for one name, short forms, generic words, numbers."""

from __future__ import annotations

import functools
import re

from mapae.names.tables import rows, weights

_ORDINAL = re.compile(r"(\d{1,6})(?:st|nd|rd|th)")
_ROMAN = re.compile(r"(x{0,3})(ix|iv|v?i{0,3})")
_VALUES = {"i": 1, "v": 5, "x": 10}
# Digits and letters that look alike.
_DIGITS = str.maketrans("013459", "oieasg")


@functools.cache
def _spellings() -> dict[str, str]:
    groups = [row["spellings"].split() for row in rows("name_variants.csv")]
    return {word: group[0] for group in reversed(groups) for word in group}


@functools.cache
def _short() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in rows("nicknames.csv"):
        for word in row["short"].split():
            found.setdefault(word, set()).add(standard(row["full"]))
    return {word: frozenset(full) for word, full in found.items()}


@functools.cache
def _generic() -> dict[str, tuple[str, int, bool]]:
    found = {}
    for row in rows("generic_words.csv"):
        found[row["word"]] = (row["same_as"] or row["word"], int(row["centibits"]), row["telling"] == "yes")
    return found


@functools.cache
def _numbers() -> dict[str, int]:
    return {row["word"]: int(row["value"]) for row in rows("number_words.csv")}


def standard(token: str) -> str:
    """The spelling that stands for all spellings of a name; the token itself where no table has it.

    Args:
        token: a folded token.
    """
    return _spellings().get(token, token)


@functools.cache
def _groups() -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for word, first in _spellings().items():
        groups.setdefault(first, set()).add(word)
    return {first: frozenset(words) for first, words in groups.items()}


def spellings(tokens: frozenset[str]) -> frozenset[str]:
    """Tokens together with all spellings that the table has of them.

    Args:
        tokens: folded tokens.
    """
    return tokens.union(*(_groups().get(standard(t), frozenset()) for t in tokens))


def are_two_names(x: str, y: str) -> bool:
    """Whether the table has two spellings as two names: Hassan, Hussein.

    Args:
        x: a folded token.
        y: another.
    """
    known = _spellings()
    return x in known and y in known and known[x] != known[y]


def is_nickname(x: str, y: str) -> bool:
    """Whether one of two given names is a short form of the other.

    Args:
        x: a folded token.
        y: another.

    Example:
        >>> is_nickname("bill", "william"), is_nickname("sasha", "alexander")
        (True, True)
    """
    short = _short()
    return standard(y) in short.get(x, ()) or standard(x) in short.get(y, ())


def generic(token: str) -> tuple[str, int, bool] | None:
    """What a generic word of firms' names stands for, its centibits, and whether it tells firms apart; None for others.

    Args:
        token: a folded token.
    """
    return _generic().get(token)


def lettered(token: str) -> str:
    """A token of letters and look-alike digits in letters only: ig0r is igor; numbers stay.

    Args:
        token: a folded token.
    """
    if token.isalpha() or token.isdigit():
        return token
    return token.translate(_DIGITS) if 2 * sum(c.isalpha() for c in token) > len(token) else token


def roman(token: str) -> int:
    """The number that a Roman numeral up to 39 counts; 0 for anything else.

    Args:
        token: a folded token.
    """
    if not token or not _ROMAN.fullmatch(token):
        return 0
    values = [_VALUES[letter] for letter in token]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))


def numbered(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Numbers of a firm's or ship's name as digits: words, ordinals, Roman numerals (a lone i or v or x only at the end).

    Args:
        tokens: folded tokens.

    Example:
        >>> numbered(("brigade", "forty", "four")), numbered(("fund", "xii"))
        (('brigade', '44'), ('fund', '12'))
    """
    made: list[str] = []
    open_ten = False
    for at, token in enumerate(tokens):
        ordinal = _ORDINAL.fullmatch(token)
        value = _numbers().get(token, 0)
        digits = token.isdecimal() and len(token) <= weights()["number_digits"]
        small = value if value else int(token) if digits else 0
        if open_ten and 0 < small < 10:
            made[-1] = str(int(made[-1]) + small)
            open_ten = False
            continue
        open_ten = 20 <= value < 100
        if ordinal:
            made.append(ordinal.group(1).lstrip("0") or "0")
        elif value:
            made.append(str(value))
        elif digits:
            made.append(str(int(token)))
        elif roman(token) and at and (len(token) > 1 or at == len(tokens) - 1):
            made.append(str(roman(token)))
        else:
            made.append(token)
    return tuple(made)
