"""Plain words for readers outside the security team: no scores, no words on anybody's origin, values masked."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Words that a form for HR never carries, whoever wrote the sentence they stand in: origin is no question of the form.
BARRED = re.compile(
    r"\b(dprk|north[ -]?korea\w*|korea\w*|pyongyang|nexus|nationalit\w*|citizens\w*|ethnic\w*|race|racial|descent|origins?|"
    r"birth ?place|born in|native|mother tongue|language\w*|accent|immigra\w*|passport|religio\w*|sanction\w*)\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s?%|(\d+(?:[.,]\d+)?)\s+per\s?cent\b")
MASK = "[masked]"


def barred(text: str) -> bool:
    """Whether a text holds a word that no form for HR may carry."""
    return BARRED.search(text) is not None


def plain(text: str) -> str:
    """A sentence without the sign of a percentage, which reads like a score: ``80 %`` becomes ``80 of 100``."""
    return _PERCENT.sub(lambda m: f"{m.group(1) or m.group(2)} of 100", text)


def allowed(texts: Iterable[str]) -> list[str]:
    """Those texts that a form for HR may carry, in plain words."""
    return [plain(t) for t in texts if not barred(t)]


class Mask:
    """Covers values of the people of a case in any text.

    Args:
        values: value to what stands in its place; "" stands for :data:`MASK`. Values shorter than three letters are
            left, since they would cover parts of ordinary words.
    """

    def __init__(self, values: dict[str, str]) -> None:
        self.values = {v.casefold(): put or MASK for v, put in values.items() if len(v) >= 3}
        listed = sorted(self.values, key=lambda v: (-len(v), v))
        self._any = re.compile(
            r"(?<!\w)(" + "|".join(map(re.escape, listed)) + r")(?!\w)" if listed else r"(?!)", re.IGNORECASE
        )

    def __call__(self, text: str) -> str:
        return self._any.sub(lambda m: self.values.get(m.group(1).casefold(), MASK), text)


def shown(value: str) -> str:
    """A value half covered, so that who knows it recognises it: first sign, dots, last two; short ones are covered whole."""
    return "••••" if len(value) < 6 else f"{value[0]}••••{value[-2:]}"
