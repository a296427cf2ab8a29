"""Verdicts are words, never numbers and never None: absent evidence is ``unknown``."""

from __future__ import annotations

YES, NO, UNKNOWN = "yes", "no", "unknown"
MET, PARTLY, NOT_MET = "met", "partly", "not met"

ANSWERS = (YES, NO, UNKNOWN)
# Order of law.md section 5: not met < unknown < partly < met. The overall of conjunctive elements is the weakest.
ELEMENT_ORDER = (NOT_MET, UNKNOWN, PARTLY, MET)


def weakest(verdicts: list[str]) -> str:
    """The weakest of element verdicts in the order of law.md section 5; of none, ``unknown``."""
    return min(verdicts, key=ELEMENT_ORDER.index, default=UNKNOWN)


def strongest(verdicts: list[str]) -> str:
    """The strongest of element verdicts; of none, ``unknown``."""
    return max(verdicts, key=ELEMENT_ORDER.index, default=UNKNOWN)
