"""A name as folded tokens: marks dropped, all scripts in Latin letters, lower case, split at what is no letter."""

from __future__ import annotations

import functools
import re
import unicodedata

from anyascii import anyascii

from mapae.names import hangul
from mapae.names.scripts import of_letter

# Apostrophes join (Ch'oe, Nu'man); these are the forms of it met in romanised names.
_APOSTROPHES = re.compile("['`´‘’‛ʻʼʽʾʿˈ′＇]")
_TOKENS = re.compile("[a-z0-9]+")
# Vowel points that writers put or leave at will: Hebrew, Arabic (Unicode blocks of these names).
_POINTS = re.compile("[\u0591-\u05c7\u064b-\u065f\u0670\u0640]")
_CAPITAL = re.compile("[A-Z]?[^A-Z]+|[A-Z]")
# Longer words in Hangul or Han are firms' names: their syllables stay one token.
_SYLLABLES_MOST = 4


@functools.lru_cache(maxsize=65536)
def _letter(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind[0] in "SZCP":
        return " "
    if of_letter(letter) == "Latin":
        bare = "".join(c for c in unicodedata.normalize("NFKD", letter) if unicodedata.category(c) != "Mn")
        return str(anyascii(bare))
    if "\u0300" <= letter <= "\u036f":
        return ""
    return str(anyascii(letter))


def _run(run: str, script: str) -> str:
    """Syllables of Hangul or Han: apart in a short word, joined in a long one."""
    if script == "Hangul":
        parts = [hangul.spell(s) or _letter(s) for s in run]
    else:
        parts = [part for letter in run for part in _CAPITAL.findall(_letter(letter))]
    return f" {(' ' if len(run) <= _SYLLABLES_MOST else '').join(parts)} "


def _latin(text: str) -> str:
    made: list[str] = []
    run, run_script = "", ""
    for letter in _POINTS.sub("", unicodedata.normalize("NFKC", text)):
        script = of_letter(letter)
        if script in ("Hangul", "Han"):
            if script != run_script and run:
                made.append(_run(run, run_script))
                run = ""
            run, run_script = run + letter, script
            continue
        if run:
            made.append(_run(run, run_script))
            run, run_script = "", ""
        made.append(_letter(letter))
    if run:
        made.append(_run(run, run_script))
    return "".join(made)


def tokens(text: str) -> tuple[str, ...]:
    """The folded tokens of a name, in the order written.

    Args:
        text: a name in any script, of any length.

    Returns:
        tokens of the letters a to z and digits; empty where the text has none.

    Example:
        >>> tokens("CH'OE Ryong-hae"), tokens("리용무"), tokens("Łukasz Müller")
        (('choe', 'ryong', 'hae'), ('ri', 'yong', 'mu'), ('lukasz', 'muller'))
    """
    text = _APOSTROPHES.sub("", text)
    if not text.isascii():
        text = _APOSTROPHES.sub("", _latin(text))
    return tuple(_TOKENS.findall(text.lower()))


def fold(text: str) -> str:
    """The folded tokens with one blank between them: two spellings of one text become one.

    Args:
        text: any text.

    Example:
        >>> fold("  Kim, JONG-un ")
        'kim jong un'
    """
    return " ".join(tokens(text))
