"""Words of Korean firms' and ships' names in Hangul and Hanja, and how they are written in Latin letters."""

from __future__ import annotations


def translated(a: str, b: str) -> tuple[str, str]:
    """Two names, the one in Hangul or Hanja written in the words of the other.

    Args:
        a: a name.
        b: another.
    """
    return a, b
