"""How two tokens of names stand to each other: near, alike, the same consonants, an initial, or wholly different."""

from __future__ import annotations

import functools
import itertools

from rapidfuzz.distance import OSA, Levenshtein

from mapae.names import hangul
from mapae.names.syllables import is_syllable
from mapae.names.tables import weights

# Letters that romanisers use for one another, folded before consonants are compared (Arabic, Persian and Russian
# names on the UN list: Yusuf, Youssef; Qasim, Kassem).
_SOUNDS = str.maketrans({"q": "k", "c": "k", "z": "s", "v": "f", "w": "f", "j": "y", "g": "k", "b": "b"})
_VOWELS = frozenset("aeiouy")


def skeleton(token: str) -> str:
    """The consonants of a token behind its first letter, doubles once: what romanisers agree on.

    Args:
        token: a folded token.

    Returns:
        the consonants, or "" where they are fewer than ``skeleton_letters`` or the token holds a digit.

    Example:
        >>> skeleton("youssef") == skeleton("yusuf"), skeleton("lee")
        (True, '')
    """
    if not token.isalpha():  # digits, or empty
        return ""
    sounds = token.translate(_SOUNDS)
    kept = sounds[0]
    for before, letter in itertools.pairwise(sounds):
        # An h behind a consonant is part of its sound (kh, sh, th), behind a vowel one of its own (Muhammad).
        silent = letter in _VOWELS or (letter == "h" and before not in _VOWELS)
        if not silent and letter != kept[-1]:
            kept += letter
    return kept if len(kept) >= weights()["skeleton_letters"] else ""


def edits_allowed(short: int, long: int) -> int:
    """How many edits make two tokens near each other: 0, 1 or 2.

    Args:
        short: letters of the shorter token.
        long: letters of the longer.
    """
    limits = weights()
    if long < limits["near_letters"] or short < limits["near_letters"] - 1:
        return 0
    return 1 if short < limits["far_letters"] else 2


@functools.lru_cache(maxsize=200_000)
def relation(x: str, y: str) -> tuple[str, int] | None:
    """How two different tokens stand to each other.

    Args:
        x: a folded token.
        y: another; call with ``x < y`` to use the cache well.

    Returns:
        the kind (near, alike, consonants, initial) and what it costs in centibits, or None: wholly different.
    """
    limits = weights()
    if x.isdigit() or y.isdigit():
        return None
    if hangul.readings(x) & hangul.readings(y):
        return "alike", limits["alike"]
    if len(x) == 1 or len(y) == 1:
        short, long = sorted((x, y), key=len)
        return ("initial", 0) if long.startswith(short) else None
    if is_syllable(x) and is_syllable(y):
        return None
    found: list[tuple[int, str]] = []
    if same_consonants(x, y):
        found.append((limits["skeleton"], "consonants"))
    allowed = edits_allowed(*sorted((len(x), len(y))))
    distance = OSA.distance(x, y, score_cutoff=allowed) if allowed else 1
    if distance <= allowed:
        easy = distance == 1 and (Levenshtein.distance(x, y) > 1 or is_doubled(x, y))
        each = limits["edit_short" if min(len(x), len(y)) <= limits["short_letters"] else "edit"]
        found.append((limits["swap"] if easy else distance * each, "near"))
    if not found:
        return None
    cost, kind = min(found)
    return kind, cost


def bare(token: str) -> bool:
    """Whether a token is written without vowels behind its first letter.

    Args:
        token: a folded token.
    """
    return not _VOWELS & set(token[1:])


def same_consonants(x: str, y: str) -> bool:
    """Whether two tokens begin alike and have the same consonants, and not too many other letters.

    Args:
        x: a folded token.
        y: another.

    Example:
        >>> same_consonants("youssef", "yusuf"), same_consonants("garcia", "grace")
        (True, False)
    """
    bones = skeleton(x)
    if not bones or x[0] != y[0] or bones != skeleton(y):
        return False
    return bare(x) or bare(y) or OSA.distance(x, y) * 1000 <= weights()["skeleton_other"] * max(len(x), len(y))


@functools.lru_cache(maxsize=50_000)
def bones(token: str) -> str:
    """The consonants of a token as scripts without vowels write them: y, w and an h inside are none.

    Args:
        token: a folded token.

    Example:
        >>> bones("hussein"), bones("hsyn"), bones("assad"), bones("sd")
        ('hsn', 'hsn', 'sd', 'sd')
    """
    kept = ""
    before = ""
    for letter in token.translate(_SOUNDS):
        if letter != before and letter not in _VOWELS and not (letter == "h" and before):
            kept += letter
        before = letter
    return kept


def is_unvowelled(x: str, y: str) -> bool:
    """Whether one token has no vowels, as names in Arabic or Hebrew letters have none, and the consonants of the other.

    Args:
        x: a folded token.
        y: another.

    Example:
        >>> is_unvowelled("hsyn", "hussein"), is_unvowelled("hsyn", "hassoun"), is_unvowelled("hasan", "hussein")
        (True, True, False)
    """
    if bool(set("aeiou") & set(x)) == bool(set("aeiou") & set(y)) or not (x + y).isalpha():
        return False
    return len(bones(x)) > 1 and bones(x) == bones(y)


def is_doubled(x: str, y: str) -> bool:
    """Whether the longer has one letter more, and that letter only doubles its neighbour."""
    short, long = sorted((x, y), key=len)
    if len(long) != len(short) + 1:
        return False
    return any(long[i] == long[i - 1] and long[:i] + long[i + 1 :] == short for i in range(1, len(long)))
