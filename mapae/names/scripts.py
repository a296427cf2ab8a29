"""The script that a text is written in, read from the Unicode names of its letters."""

from __future__ import annotations

import functools
import unicodedata

# First words of Unicode character names that are no script's name (Unicode Character Database, UnicodeData.txt).
_FIRST_WORDS = {
    "CJK": "Han",
    "IDEOGRAPHIC": "Han",
    "KANGXI": "Han",
    "FULLWIDTH": "Latin",
    "HALFWIDTH": "Katakana",
    "MODIFIER": "",
}


@functools.lru_cache(maxsize=65536)
def of_letter(letter: str) -> str:
    """Script of one character: Latin, Hangul, Han, Cyrillic, Arabic, …; "" for what is no letter.

    Args:
        letter: one character.

    Example:
        >>> of_letter("리"), of_letter("Ж"), of_letter("7")
        ('Hangul', 'Cyrillic', '')
    """
    if unicodedata.category(letter)[0] != "L":
        return ""
    word = unicodedata.name(letter, "").partition(" ")[0].partition("-")[0]
    return _FIRST_WORDS.get(word, word.title())


def script(text: str) -> str:
    """The script of most letters of a text; of two equally frequent ones the first by name.

    Args:
        text: any text.

    Returns:
        the script's name, or "" where there is no letter.

    Example:
        >>> script("RI Yong Mu"), script("리용무"), script("12")
        ('Latin', 'Hangul', '')
    """
    counts: dict[str, int] = {}
    for letter in text:
        name = of_letter(letter)
        if name:
            counts[name] = counts.get(name, 0) + 1
    return min(counts, key=lambda name: (-counts[name], name)) if counts else ""
