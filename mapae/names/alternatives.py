"""The ways in which two names are tried: as written, with words split at capitals, parts of a double name."""

from __future__ import annotations

import itertools
import re

from mapae.names.prepare import apart

# Two names written as one text: Al-Qa'ida/Islamic Army.
_DOUBLE = re.compile(r"\s*(?:/|;|\ba\.?k\.?a\.?(?=\W)|\bf\.?k\.?a\.?(?=\W)|\bformerly\b|\balias\b)\s*", re.IGNORECASE)
_BRACKETS = re.compile(r"[(\[（]([^()\[\]（）]*)[)\]）]")
_LEAST_LETTERS, _MOST = 3, 4


def _ways(text: str, firm: bool) -> list[str]:
    found = [text]
    if apart(text) != text:
        found.append(apart(text))
    if firm:
        parts = [p for p in _DOUBLE.split(text) if sum(c.isalpha() for c in p) > _LEAST_LETTERS]
        found += parts if len(parts) > 1 else []
        for noted in _BRACKETS.findall(text):
            if noted.isupper() and " " not in noted and len(noted) >= _LEAST_LETTERS:
                found += [noted, _BRACKETS.sub(" ", text)]
    return list(dict.fromkeys(found))[:_MOST]


def readings(a: str, b: str, firm: bool) -> list[tuple[str, str]]:
    """Pairs of texts to compare; the best of them counts.

    Args:
        a: a name.
        b: another.
        firm: they are firms' or ships' names.

    Returns:
        at most 16 pairs, the names as written first.
    """
    from mapae.names.word_tables import translated

    pairs = list(itertools.product(_ways(a, firm), _ways(b, firm)))
    return [translated(x, y) for x, y in pairs] if firm else pairs
