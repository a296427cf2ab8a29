"""Abbreviations of firms' names: a word made of the first letters of the other name's words, as KOMID."""

from __future__ import annotations

import functools

from mapae.names.prepare import Prepared
from mapae.names.tables import weights
from mapae.names.variants import generic

_LEAST, _MOST, _WORDS_MOST, _CHUNK_MOST = 3, 10, 12, 4


def ground(a: Prepared, b: Prepared) -> tuple[int, str] | None:
    """What it weighs that one name abbreviates the other.

    Args:
        a: a firm's name made ready.
        b: another.

    Returns:
        centibits and text, or None where neither is an abbreviation of the other.
    """
    for short, long in ((a, b), (b, a)):
        if len(short.tokens) != 1 or not _LEAST <= len(short.tokens[0]) <= _MOST:
            continue
        token = short.tokens[0]
        words = tuple(w for w in long.words if (g := generic(w)) is None or g[1])[:_WORDS_MOST]
        if len(words) >= _LEAST and token.isalpha() and token not in words and fits(token, words):
            return len(token) * weights()["abbreviation"], f"{token} ~ {' '.join(words)}, abbreviation"
    return None


def fits(token: str, words: tuple[str, ...]) -> bool:
    """Whether a token is made of the beginnings of words, in their order.

    Args:
        token: the abbreviation, folded.
        words: folded words of the long name; generic ones may be left out.

    Example:
        >>> fits("komid", ("korea", "mining", "development", "trading", "corporation"))
        True
        >>> fits("kmdtc", ("korea", "mining", "development", "trading", "corporation"))
        True
        >>> fits("kmbtc", ("korea", "mining", "development", "trading", "corporation"))
        False
    """

    @functools.cache
    def rest(at: int, word: int, used: int) -> bool:
        if at == len(token):
            return used >= 2 and all(generic(w) is not None for w in words[word:])
        if word == len(words):
            return False
        size = 1
        while size <= _CHUNK_MOST and words[word].startswith(token[at : at + size]) and at + size <= len(token):
            if rest(at + size, word + 1, used + 1):
                return True
            size += 1
        found = generic(words[word])
        return found is not None and not found[2] and word > 0 and rest(at, word + 1, used)

    return rest(0, 0, 0)
