"""Every way to read a text as a Korean person's name: script, syllables, surname first or last."""

from __future__ import annotations

import functools
import itertools
import math
import re
import unicodedata
from dataclasses import dataclass

from mapae.names import korean_tables as tables
from mapae.names.korean_cells import Cell, cell, longest
from mapae.names.tables import rows

_MARKED = {"o\u0306": "ŏ", "u\u0306": "ŭ", "o\u0302": "ŏ", "u\u0302": "ŭ", "o\u030c": "ŏ", "u\u030c": "ŭ"}
_MARKS = re.compile("[ou][\u0302\u0306\u030c]")
_JOINS = re.compile("['`´‘’‛ʻʼʽʾʿˈ′＇]")
_BREAKS = re.compile(r"[\s,.・･·•=＝_‐-―-]+")
_SCRIPTS = (
    ("latin", re.compile("[a-zŏŭ]+")),
    ("hangul", re.compile("[가-힣]+")),
    ("hanja", re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")),
    ("cyrillic", re.compile("[а-яё]+")),
    ("kana", re.compile("[ァ-ヺー]+")),
)
_LETTERS_MOST = 40
# log2 of how often the surname stands first, in centibits by script, then last; and how long given names are. Judged.
_FIRST = {"latin": (-42, -200), "pinyin": (-15, -332), "cyrillic": (-15, -332)}
_ELSE = (-4, -500)
_COMMA = (-3, -600)
_GIVEN = {1: -347, 2: -15, 3: -664}
# A surname written together with a part of the given name: an error of typing.
_JOINED = -900
# A text less likely than this, in centibits by its number of syllables, is no Korean name: Michelle Kim can be cut into syllables
# too. The least likely spellings of the tune part of the labelled pairs, of three syllables, have -3,370. Hangul and Hanja are free.
_LEAST = {2: -2600, 3: -3900, 4: -4100}
_PINYIN, _KOREAN = -332, -15
_KEEP, _NEAR = 5, 900
_SEGMENTS = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a name; its weight is log2 P(this way | text) in centibits."""

    weight: int
    surname: tuple[Cell, ...]
    given: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """All likely ways to read one text as a Korean person's name, the likeliest first."""

    text: str
    readings: tuple[Reading, ...]


@functools.cache
def _kana() -> tuple[dict[str, str], re.Pattern[str]]:
    letters = {row["kana"]: row["letters"] for row in rows("korean_kana.csv")}
    return letters, re.compile("|".join(sorted(letters, key=lambda k: (-len(k), k))))


def _roman(token: str) -> str:
    letters, pattern = _kana()
    return pattern.sub(lambda found: letters[found[0]], token)


@functools.lru_cache(maxsize=20_000)
def _cut(script: str, token: str) -> tuple[tuple[int, tuple[Cell, ...]], ...]:
    """The likeliest ways to cut a token into syllables, each with its weight as given name."""
    if script in ("hangul", "hanja"):
        cells = [cell(script, letter) for letter in token]
        whole = tuple(c for c in cells if c is not None)
        return ((sum(c.chance[0] for c in whole), whole),) if len(whole) == len(cells) <= 4 else ()
    most = longest(script)
    ends: list[list[tuple[int, tuple[Cell, ...]]]] = [[] for _ in range(len(token) + 1)]
    ends[0].append((0, ()))
    for end in range(1, len(token) + 1):
        for start in range(max(0, end - most), end):
            one = cell(script, token[start:end]) if ends[start] else None
            if one is not None:
                ends[end] += [(w + one.chance[0], (*head, one)) for w, head in ends[start] if len(head) < 4]
        ends[end].sort(key=lambda way: (-way[0], [c.text for c in way[1]]))
        del ends[end][_SEGMENTS * 4 :]
    return tuple(ends[-1][:_SEGMENTS])


def _long(cells: tuple[Cell, ...]) -> int | None:
    """log2 P of the surnames of two syllables that two cells may be, in centibits less the cells' own chance."""
    share = sum(
        p * cells[0].syllables[0].get(name[0], 0.0) * cells[1].syllables[0].get(name[1], 0.0)
        / (tables.priors(False).get(name[0], 1.0) * tables.priors(False).get(name[1], 1.0))
        for name, p in tables.long_surnames().items()
    )  # fmt: skip
    return round(100 * math.log2(share)) if share else None


def _ways(script: str, tokens: tuple[str, ...], order: tuple[int, int]) -> list[Reading]:
    """The readings of a text's tokens in one script; weights are not yet shares of one."""
    found: list[Reading] = []
    cuts = [_cut(script, token) for token in tokens]
    if not all(cuts):
        return found
    for choice in itertools.product(*cuts):
        cells = tuple(c for _, part in choice for c in part)
        if not 2 <= len(cells) <= 4:
            continue
        weight = sum(w for w, _ in choice)
        bounds = {0, *itertools.accumulate(len(part) for _, part in choice)}
        free = len(tokens) == 1
        for size in (1, 2):
            length = _GIVEN.get(len(cells) - size)
            if length is None:
                continue
            for place, turn in enumerate(order):
                apart = free or (size if place == 0 else len(cells) - size) in bounds
                if not apart and size == 2:
                    continue
                name = cells[:size] if place == 0 else cells[-size:]
                rest = cells[size:] if place == 0 else cells[:-size]
                if size == 1:
                    if not name[0].syllables[1]:
                        continue
                    gain = name[0].chance[1] - name[0].chance[0]
                else:
                    known = _long(name)
                    if known is None:
                        continue
                    gain = known
                cost = 0 if apart else _JOINED
                found.append(Reading(weight + gain + length + turn + cost, name, rest))
    return found


def _tokens(text: str) -> tuple[str, tuple[str, ...], bool] | None:
    """Script, folded tokens and whether a comma follows the first."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if len(text) > _LETTERS_MOST:
        return None
    text = _JOINS.sub("", text).lower()
    if not text.isascii():
        text = "".join(chr(ord(c) + 96) if "ぁ" <= c <= "ゖ" else c for c in text)
        if not re.search("[가-힣а-яァ-ヺ]", text):
            text = _MARKS.sub(lambda found: _MARKED[found[0]], unicodedata.normalize("NFD", text))
            text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    tokens = tuple(token for token in _BREAKS.split(text) if token)
    if not 1 <= len(tokens) <= 4:
        return None
    for script, pattern in _SCRIPTS:
        if all(pattern.fullmatch(token) for token in tokens):
            comma = text.count(",") == 1 and text.partition(",")[0].strip() == tokens[0]
            return script, tuple(map(_roman, tokens)) if script == "kana" else tokens, comma
    return None


@functools.lru_cache(maxsize=20_000)
def read(text: str) -> Lattice | None:
    """All ways to read a text in one script as one Korean person's name; None where it can be no such name.

    Args:
        text: a name without brackets.
    """
    found = _tokens(text)
    if found is None:
        return None
    script, tokens, comma = found
    ways = []
    for way, base in ((script, _KOREAN), ("pinyin", _PINYIN)) if script == "latin" else ((script, 0),):
        order = _COMMA if comma else _FIRST.get(way, _ELSE)
        ways += [Reading(r.weight + base, r.surname, r.given) for r in _ways(way, tokens, order)]
    if not ways:
        return None
    ways.sort(key=lambda r: (-r.weight, [(c.script, c.text) for c in (*r.surname, *r.given)], len(r.surname)))
    best = ways[0].weight
    if script not in ("hangul", "hanja") and best < _LEAST[len(ways[0].surname) + len(ways[0].given)]:
        return None
    ways = [r for r in ways[:_KEEP] if r.weight >= best - _NEAR]
    total = round(100 * math.log2(sum(2.0 ** ((r.weight - best) / 100) for r in ways)))
    return Lattice(text, tuple(Reading(r.weight - best - total, r.surname, r.given) for r in ways))
