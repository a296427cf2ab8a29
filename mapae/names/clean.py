"""Text mended before it is folded: hidden characters, letters of another script that only look Latin, mojibake."""

from __future__ import annotations

import functools
import re
import unicodedata

from mapae.names.scripts import of_letter
from mapae.names.tables import rows, weights

# What UTF-8 looks like when read as Windows-1252: a lead byte's character and one of a following byte's.
_BROKEN = re.compile("[ÂÃÄÅÐÑØÙÎÏàáâãäåæçèéêëìíîïð][\u0080-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
# The Arabic article and "servant of", which are written as part of the next word.
_ARTICLE = re.compile("(?<![\u0620-\u06ff])\u0627\u0644(?=[\u0620-\u06ff]{3})")
_SERVANT = re.compile("(?<![\u0620-\u06ff])\u0639\u0628\u062f(?![\u0620-\u06ff])")
_WORD = re.compile(r"\w+")


@functools.cache
def _looks() -> dict[int, str]:
    return {ord(row["letter"]): row["latin"] for row in rows("homoglyphs.csv")}


def _mended(text: str) -> str:
    """UTF-8 that was read as Windows-1252 or Latin-1, read again; the text itself where that fails."""
    for coding in ("cp1252", "latin-1"):
        try:
            return text.encode(coding).decode("utf-8")
        except (UnicodeDecodeError, UnicodeEncodeError):
            continue
    return text


def _plain(word: re.Match[str]) -> str:
    text = word.group()
    scripts = {of_letter(letter) for letter in text}
    return text.translate(_looks()) if "Latin" in scripts and scripts & {"Cyrillic", "Greek"} else text


def cleaned(text: str) -> str:
    """A name without what no reader sees.

    Format characters (zero-width, direction marks) vanish, control characters and lone surrogates become blanks,
    letters that only look Latin become Latin inside a word that has Latin letters. Of a very long text the first
    ``text_most`` characters are kept.

    Args:
        text: any text.

    Example:
        >>> cleaned("Vl\\u0430dimir\\u200b Putin") == "Vladimir Putin"
        True
    """
    text = text[: weights()["text_most"]]
    if text.isascii() and text.isprintable():
        return text
    if _BROKEN.search(text):
        text = _mended(text)
    kept: list[str] = []
    for letter in text:
        kind = unicodedata.category(letter)
        kept.append("" if kind == "Cf" else " " if kind in ("Cc", "Cs", "Cn", "Co") else letter)
    plain = _WORD.sub(_plain, "".join(kept))
    return _SERVANT.sub("abdul", _ARTICLE.sub("al ", plain))
