"""What is known of Korean syllables: how common they are in names, and how likely each spelling of one is in each script.

A syllable is named by its northern form (리, 녀): the South's 이, 여 are spellings of it, as are Lee and 李.
"""

from __future__ import annotations

import functools
import unicodedata
from collections import defaultdict

from mapae.names.hangul import parts
from mapae.names.tables import rows

Spellings = dict[str, dict[str, float]]
"""Spelling to syllable to P(spelling | syllable)."""

_FIRST = 0xAC00
_SOFT = frozenset("ㅑㅒㅕㅖㅛㅠㅣ")
_ONSET = {"ㄱ": 0, "ㄴ": 2, "ㄹ": 5, "ㅇ": 11}
# So many of a thousand texts in Hangul or Latin letters keep an initial ㄹ or ㄴ that the South drops; judged, not counted.
_NORTHERN = 0.55
# Shares for syllables that no table names, and for surnames written with other characters than usual; judged, not counted.
_RARE, _OTHER_CHARACTERS = 0.03, 0.05
_LEAST = 0.0004
# So many of the texts in Latin letters follow Yale, and do so in every letter; judged.
_YALE = 0.006
_USE = {"school": 3.0, "name": 1.0, "other": 0.1}


def southern(syllable: str) -> str:
    """A Hangul syllable after the law of initial sounds: 리 as 이, 로 as 노, 녀 as 여; others unchanged.

    Args:
        syllable: one character.
    """
    found = parts(syllable)
    if found is None or found[0] not in "ㄹㄴ":
        return syllable
    onset = "ㅇ" if found[1] in _SOFT else "ㄴ"
    return chr(ord(syllable) + (_ONSET[onset] - _ONSET[found[0]]) * 588)


def _shares(text: str) -> dict[str, float]:
    pairs = (word.rpartition(":") for word in text.split())
    return {spelling: int(share) / 1000 for spelling, _, share in pairs}


@functools.cache
def hanja() -> dict[str, dict[str, float]]:
    """Character to its readings with the weight of its use; readings that only follow from the law of initial sounds left out."""
    found: dict[str, dict[str, float]] = {}
    for row in rows("hanja.csv"):
        words = row["readings"].split()
        follows = {southern(word) for word in words if southern(word) != word}
        readings = {word: _USE[row["use"]] for word in words if word not in follows}
        found.update(dict.fromkeys(row["characters"], readings))
    for row in rows("korean_odd.csv"):
        if row["script"] == "hanja":
            found.update({c: {row["syllable"]: _USE["name"]} for c in _shares(row["spellings"])})
    return found


@functools.cache
def pinyin_of() -> dict[str, str]:
    """Character to its syllable in pinyin without tone, ü as u."""
    found = {c: row["pinyin"].replace("v", "u") for row in rows("hanja.csv") for c in row["characters"]}
    for row in rows("korean_odd.csv"):
        if row["script"] == "pinyin":
            found[row["syllable"]] = row["spellings"].partition(":")[0]
    return found


@functools.cache
def full_forms() -> dict[str, str]:
    """Simplified and other forms of a character to the characters that they may stand for."""
    return {short: row["of"] for row in rows("hanja_variants.csv") for short in row["variants"]}


@functools.cache
def long_surnames() -> dict[str, float]:
    """Surnames of two syllables with their shares."""
    every = rows("korean_surnames.csv")
    total = sum(int(row["share"]) for row in every)
    return {row["surname"]: int(row["share"]) / total for row in every if len(row["surname"]) == 2}


@functools.cache
def priors(surname: bool) -> dict[str, float]:
    """Syllable to its share among surnames of one syllable, or among syllables of given names.

    Args:
        surname: which of the two.
    """
    if surname:
        shares = {r["surname"]: float(r["share"]) for r in rows("korean_surnames.csv") if len(r["surname"]) == 1}
    else:
        shares = {s: _RARE for readings in hanja().values() for s in readings}
        for row in reversed(rows("korean_given.csv")):
            shares.update(dict.fromkeys(row["syllables"].split(), float(row["share"])))
        for row in rows("korean_surnames.csv"):
            for syllable in row["surname"]:
                shares.setdefault(syllable, _RARE)
    total = sum(shares.values())
    return {syllable: share / total for syllable, share in sorted(shares.items())}


@functools.cache
def _letters(script: str) -> dict[tuple[str, str], dict[str, float]]:
    return {(row["place"], row["letter"]): _shares(row[script]) for row in rows("korean_letters.csv")}


def _faces(syllable: str) -> dict[str, float]:
    """The ways in which a syllable is written in Hangul: the North's and the South's."""
    other = southern(syllable)
    return {syllable: 1.0} if other == syllable else {syllable: _NORTHERN, other: 1 - _NORTHERN}


def _by_rows(script: str, syllable: str) -> dict[str, float]:
    letters, made = _letters(script), defaultdict[str, float](float)
    for face, share in _faces(syllable).items():
        onset, vowel, coda = parts(face) or ("", "", "")
        for head, p in letters["onset", onset].items():
            for middle, q in letters["vowel", vowel].items():
                for tail, r in letters["coda", coda].items():
                    made[head + middle + tail] += share * p * q * r
    return made


@functools.cache
def spellings(script: str) -> Spellings:
    """Every spelling of a syllable in one script.

    Args:
        script: latin, cyrillic, kana (in Latin letters) or hangul.
    """
    odd: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows("korean_odd.csv"):
        if row["script"] == script:
            odd[row["syllable"]] = _shares(unicodedata.normalize("NFC", row["spellings"]))
    found: Spellings = defaultdict(dict)
    for syllable in sorted(priors(True).keys() | priors(False).keys()):
        if script == "hangul":
            made = _faces(syllable)
        else:
            made = _by_rows(script, syllable)
            if script == "latin":
                for spelling, share in _by_rows("yale", syllable).items():
                    made[spelling] = made.get(spelling, 0.0) + _YALE * share
            special = odd[syllable]
            rest = max(0.1, 1 - sum(special.values()))
            made = {s: rest * made.get(s, 0.0) + special.get(s, 0.0) for s in sorted(made.keys() | special.keys())}
        total = sum(made.values())
        for spelling, share in made.items():
            if share / total >= _LEAST:
                found[spelling][syllable] = share / total
    return dict(found)


@functools.cache
def characters(surname: bool) -> Spellings:
    """Every character with P(character | syllable), among surnames or in given names.

    Args:
        surname: which of the two.
    """
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    for character, readings in hanja().items():
        for syllable, weight in readings.items():
            weights[syllable][character] = weight
    usual = {r["surname"]: r["hanja"] for r in rows("korean_surnames.csv")} if surname else {}
    found: Spellings = defaultdict(dict)
    for syllable, every in sorted(weights.items()):
        total, first = sum(every.values()), usual.get(syllable, "")
        ranks = {c: 1 / (n + 1) for n, c in enumerate(first)}
        rest = _OTHER_CHARACTERS if first else 1.0
        for character in sorted(every.keys() | ranks.keys()):
            share = rest * every.get(character, 0.0) / total
            if character in ranks:
                share += (1 - rest) * ranks[character] / sum(ranks.values())
            found[character][syllable] = share
    return dict(found)


@functools.cache
def pinyin(surname: bool) -> Spellings:
    """Every syllable of pinyin with P(it | Korean syllable), by way of the characters.

    Args:
        surname: among surnames or in given names.
    """
    names, found = pinyin_of(), defaultdict[str, dict[str, float]](dict)
    for character, readings in characters(surname).items():
        spelling = names.get(character, "-")
        for syllable, share in readings.items():
            if spelling != "-":
                found[spelling][syllable] = found[spelling].get(syllable, 0.0) + share
    return dict(found)
