"""Hangul syllables in Latin letters, and which Latin spellings can be read as one syllable.

This is the simple slice: rows for onset, vowel and coda, a few odd spellings, and the law of initial sounds
(리 is written 이 in the South). Probabilities of spellings and Hanja come with the names issue.
"""

from __future__ import annotations

import functools

from mapae.names.tables import rows

# Order of letters in Unicode's Hangul block (The Unicode Standard, section 3.12: 19 onsets, 21 vowels, 28 codas).
_ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_CODAS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
# Codas as they sound at the end of a syllable (seven sounds).
_SOUNDS = dict(zip("ㄲㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄㅆㅈㅊㅋㅌㅍㅎ", "ㄱㄱㄴㄴㄱㅁㄹㄹㄹㅂㄹㅂㅅㅅㅅㄱㅅㅂㅅ", strict=True))
_FIRST, _LAST = 0xAC00, 0xD7A3
# Vowels before which the South drops an initial ㄹ or ㄴ; before others ㄹ becomes ㄴ.
_SOFT = frozenset("ㅑㅒㅕㅖㅛㅠㅣ")


@functools.cache
def _letters(place: str) -> dict[str, tuple[str, ...]]:
    return {r["letter"]: (r["dprk"], *r["others"].split()) for r in rows("hangul.csv") if r["place"] == place}


def parts(syllable: str) -> tuple[str, str, str] | None:
    """Onset, vowel and coda ("" for none, else one of seven sounds) of a Hangul syllable; None for anything else.

    Args:
        syllable: one character.
    """
    if len(syllable) != 1 or not _FIRST <= ord(syllable) <= _LAST:
        return None
    place, coda = divmod(ord(syllable) - _FIRST, 28)
    onset, vowel = divmod(place, 21)
    last = _CODAS[coda].strip()
    return _ONSETS[onset], _VOWELS[vowel], _SOUNDS.get(last, last)


@functools.lru_cache(maxsize=16384)
def spell(syllable: str) -> str:
    """A Hangul syllable as the DPRK spells it; "" for anything else.

    Args:
        syllable: one character.

    Example:
        >>> spell("용"), spell("정")
        ('yong', 'jong')
    """
    found = parts(syllable)
    if found is None:
        return ""
    return "".join(_letters(place)[letter][0] for place, letter in zip(("onset", "vowel", "coda"), found, strict=True))


def _southern(onset: str, vowel: str) -> str:
    """The onset after the law of initial sounds."""
    if onset in "ㄹㄴ" and vowel in _SOFT:
        return "ㅇ"
    return "ㄴ" if onset == "ㄹ" else onset


@functools.cache
def spellings() -> dict[str, frozenset[str]]:
    """Latin spelling to the syllables that it can stand for; northern and southern form count as one (the southern)."""
    onsets, vowels, codas = _letters("onset"), _letters("vowel"), _letters("coda")
    found: dict[str, set[str]] = {}
    for onset in onsets:
        for vowel in vowels:
            for coda in codas:
                name = _southern(onset, vowel) + vowel + coda
                for head in onsets[onset]:
                    for middle in vowels[vowel]:
                        for tail in codas[coda]:
                            found.setdefault(head + middle + tail, set()).add(name)
    for row in rows("hangul_odd.csv"):
        onset, vowel, coda = parts(row["syllable"]) or ("", "", "")
        for spelling in row["spellings"].split():
            found.setdefault(spelling, set()).add(_southern(onset, vowel) + vowel + coda)
    return {spelling: frozenset(names) for spelling, names in found.items()}


def readings(token: str) -> frozenset[str]:
    """The syllables that a folded token can be read as, in letters of Hangul; empty where it is no spelling of one.

    Args:
        token: a folded token.

    Example:
        >>> sorted(readings("ri") & readings("lee"))
        ['ㅇㅣ']
    """
    return spellings().get(token, frozenset())


@functools.lru_cache(maxsize=16384)
def standing(syllable: str) -> str:
    """The letters of a syllable as :func:`readings` names it (the southern form); "" for anything else.

    Args:
        syllable: one character.

    Example:
        >>> standing("리") in readings("lee")
        True
    """
    onset, vowel, coda = parts(syllable) or ("", "", "")
    return _southern(onset, vowel) + vowel + coda if onset else ""
