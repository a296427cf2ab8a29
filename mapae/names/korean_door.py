"""The door from the general comparison to the Korean one: taken where both names can be Korean persons' names."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from mapae.names.comparison import Comparison
from mapae.names.tables import weights

_MODULE = "mapae.names.korean"


def compare(a: str, b: str) -> Comparison | None:
    """Compare two names as Korean ones.

    Args:
        a: a name in any script.
        b: another.

    Returns:
        the comparison, or None where one of them is no Korean person's name of two to four syllables.
    """
    if importlib.util.find_spec(_MODULE) is None:
        return None
    korean: Any = importlib.import_module(_MODULE)
    x, y = korean.read(a), korean.read(b)
    if x is None or y is None:
        return None
    found = korean.compare(x, y)
    limits = weights()
    enough = bool(found.centibits >= limits["pair_least"])
    match = enough and not found.possible
    possible = not match and (bool(found.possible) or found.centibits >= limits["pair_possible"])
    return Comparison(int(found.centibits), list(found.why), 0, False, match, possible)
