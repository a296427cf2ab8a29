"""Legal forms of firms: taken off a folded name and compared apart."""

from __future__ import annotations

import functools

from mapae.names.tables import rows

# FollowTheMoney schemata whose names are firms' names.
SCHEMATA = frozenset({"Company", "Organization", "LegalEntity", "PublicBody"})


@functools.cache
def _forms(sure: bool) -> dict[tuple[str, ...], str]:
    return {tuple(r["words"].split()): r["form"] for r in rows("legal_forms.csv") if r["sure"] == "yes" or not sure}


@functools.cache
def _longest() -> int:
    return max(len(words) for words in _forms(False))


def core(tokens: tuple[str, ...], sure: bool = False) -> tuple[tuple[str, ...], str]:
    """A firm's name without the legal forms at its end, and the first of these forms.

    Args:
        tokens: folded tokens.
        sure: take off only forms that mean nothing else in a name (nobody said that it is a firm's).

    Returns:
        the tokens left (the name itself where nothing would be left), and the form or "".

    Example:
        >>> core(("korea", "trading", "co", "ltd"))
        (('korea', 'trading'), 'limited')
    """
    forms = _forms(sure)
    left, form = tokens, ""
    while True:
        for length in range(min(_longest(), len(left) - 1), 0, -1):
            found = forms.get(left[-length:])
            if found is not None:
                left, form = left[:-length], found
                break
        else:
            return left, form
