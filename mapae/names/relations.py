"""How two tokens of names stand to each other: near, alike, the same consonants, an initial, or wholly different."""

from __future__ import annotations

import functools

from rapidfuzz.distance import OSA, Levenshtein

from mapae.names import hangul
from mapae.names.tables import weights

# Letters that romanisers use for one another, folded before consonants are compared (Arabic, Persian and Russian
# names on the UN list: Yusuf, Youssef; Qasim, Kassem).
_SOUNDS = str.maketrans({"q": "k", "c": "k", "z": "s", "v": "f", "w": "f", "j": "y", "g": "k", "b": "b"})
_VOWELS = frozenset("aeiouyjhw")


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
    if not token.isalpha():
        return ""
    sounds = token.translate(_SOUNDS)
    kept = sounds[0]
    for letter in sounds[1:]:
        if letter not in _VOWELS and letter != kept[-1]:
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
    if len(x) == 1 or len(y) == 1:
        short, long = sorted((x, y), key=len)
        if long.startswith(short) and len(long) > 1:
            return "initial", 0
    readings_x, readings_y = hangul.readings(x), hangul.readings(y)
    if readings_x and readings_y:
        return ("alike", limits["alike"]) if readings_x & readings_y else None
    allowed = edits_allowed(*sorted((len(x), len(y))))
    if allowed:
        distance = OSA.distance(x, y, score_cutoff=allowed)
        if distance <= allowed:
            easy = Levenshtein.distance(x, y) > distance or _doubled(x, y)
            return "near", limits["swap"] if easy and distance == 1 else distance * limits["edit"]
        bones = skeleton(x)
        if bones and x[0] == y[0] and bones == skeleton(y) and abs(len(x) - len(y)) <= 3:
            return "consonants", limits["skeleton"]
    return None


def _doubled(x: str, y: str) -> bool:
    """Whether the longer has one letter more, and that letter only doubles its neighbour."""
    short, long = sorted((x, y), key=len)
    if len(long) != len(short) + 1:
        return False
    return any(long[i] == long[i - 1] and long[:i] + long[i + 1 :] == short for i in range(1, len(long)))
