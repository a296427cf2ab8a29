"""Legal forms of firms: taken off a folded name and compared apart."""

from __future__ import annotations

import functools

from rapidfuzz.distance import OSA

from mapae.names.tables import rows, weights

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


def ends(tokens: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A firm's name without the legal forms at both its ends.

    Args:
        tokens: folded tokens.

    Returns:
        the tokens left (the name itself where nothing would be left), and the forms found, sorted.

    Example:
        >>> ends(("oao", "gazprom")), ends(("srl", "pro", "traffic"))
        ((('gazprom',), ('stock',)), (('pro', 'traffic'), ('limited',)))
    """
    found: set[str] = set()
    left = tokens
    for sure, front in ((False, False), (True, True), (True, False)):
        forms = _forms(sure)
        length = min(_longest(), len(left) - 1)
        while length > 0:
            words = left[:length] if front else left[-length:]
            if words not in forms and sure:
                words = _mistyped("".join(words), length) or words
            if words in forms:
                left = left[length:] if front else left[:-length]
                found.add(forms[words])
                length = min(_longest(), len(left) - 1)
            else:
                length -= 1
    return left, tuple(sorted(found))


@functools.lru_cache(maxsize=20_000)
def _mistyped(joined: str, length: int) -> tuple[str, ...]:
    """The long legal form of so many words that a text is one typing error away from; () for none."""
    if len(joined) < weights()["form_letters"] - 1:
        return ()
    for words in _forms(True):
        form = "".join(words)
        if len(words) == length and len(form) >= weights()["form_letters"] and OSA.distance(joined, form) == 1:
            return words
    return ()
