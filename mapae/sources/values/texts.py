"""Running text, ids, lists: Unicode NFC, control characters, and the folded form in which text is compared."""

from __future__ import annotations

import re
import unicodedata

from mapae.sources.values.form import NOTHING, Form, refused

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BLANKS = re.compile(r"[ \t\r\n\x0b\x0c\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


def _accent(code: int) -> bool:
    # Canonical combining classes: 1 overlays, 10-35 Hebrew and Arabic points, 200 and more accents above, below, attached.
    # Nukta, kana voicing and virama (7-9) change the letter and stay.
    kind = unicodedata.combining(chr(code))
    return kind == 1 or 10 <= kind <= 35 or kind >= 200


_DROPPED = {c: None for c in range(0x1F000) if _accent(c) or unicodedata.category(chr(c)) == "Cf"}


def clean(text: str) -> str:
    """Unicode NFC without outer blanks; control characters other than tab and line breaks become blanks."""
    return unicodedata.normalize("NFC", _CONTROLS.sub(" ", text).replace("\ufeff", "")).strip()


def fold(text: str) -> str:
    """Text as it is compared: compatibility forms resolved, accents and invisible characters off, lower case, single blanks.

    Example:
        >>> fold("  Ångström\\tCAFÉ ")
        'angstrom cafe'
    """
    for _ in range(4):  # lower case can bring back a mark (Turkish dotted I); the second round finds nothing as a rule
        folded = unicodedata.normalize("NFKD", text).lower().translate(_DROPPED)
        folded = _BLANKS.sub(" ", unicodedata.normalize("NFC", _CONTROLS.sub(" ", folded))).strip()
        if folded == text or folded.isascii():
            break
        text = folded
    return folded


def text(raw: str, beside: str = "") -> Form:
    """Running text and its folded form."""
    value = clean(raw)
    return Form(value, (fold(value) or None,)) if value else NOTHING


def invisible(raw: str) -> str:
    """Name of the first control or invisible character of a text, or ""."""
    for character in raw:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            return f"U+{ord(character):04X}"
    return ""


def id_(raw: str, beside: str = "") -> Form:
    """An opaque id: NFC, no outer blanks, no control or invisible characters."""
    if not raw.strip():
        return NOTHING
    value = unicodedata.normalize("NFC", raw.strip(" "))
    found = invisible(value)
    if found:
        return refused(f"an id holds the invisible character {found}; ids are made of visible characters")
    value = value.strip()
    return Form(value) if value else NOTHING


def list_(raw: str, beside: str = "") -> Form:
    """A list that is no list: whatever the fast path did not take."""
    if not raw.strip():
        return NOTHING
    if raw.lstrip().startswith("["):
        return refused('a list that is not closed or not in JSON; write ["a","b"] or a;b')
    return refused("a list that holds control characters")
