"""The door from the general comparison to the Korean one: taken where both names can be Korean persons' names."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from mapae.names.comparison import Comparison
from mapae.names.fold import tokens as fold_tokens
from mapae.names.relations import is_doubled
from mapae.names.tables import weights

_MODULE = "mapae.names.korean"


def compare(a: str, b: str) -> Comparison | None:
    """Compare two names as Korean ones.

    Args:
        a: a name in any script.
        b: another.

    Returns:
        the comparison, or None where one of them is no Korean person's name of two to four syllables, or where a
        letter typed twice made a syllable of its own (uun). ``possible`` beside ``match`` says that the two spellings
        have a reading in common and yet may be two names.
    """
    if importlib.util.find_spec(_MODULE) is None:
        return None
    korean: Any = importlib.import_module(_MODULE)
    x, y = korean.read(a), korean.read(b)
    if x is None or y is None:
        return None
    found = korean.compare(x, y)
    limits = weights()
    tokens = fold_tokens(a), fold_tokens(b)
    same = sorted(tokens[0]) == sorted(tokens[1])
    if found.centibits < limits["pair_possible"] and is_doubled(*map("".join, tokens)):
        return None
    match = same or bool(found.centibits >= limits["pair_korean"])
    possible = not same and (bool(found.possible) or (not match and found.centibits >= limits["pair_possible"]))
    return Comparison(int(found.centibits), list(found.why), 0, same, match, possible)
