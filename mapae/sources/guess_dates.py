"""How a column of an unknown file writes its days: the form is settled by all of its values, or a person is asked."""

from __future__ import annotations

import calendar
import dataclasses
import re
from collections import Counter

_TIME = r"(?:(?P<joint>[T ]|, )(?P<h>\d{1,2}):\d{2}(?P<s>:\d{2})?(?P<f>\.\d{1,6})?(?: ?(?P<half>[AaPp][Mm]))?)?"
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?P<time>[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(?P<zone> ?(Z|UTC|[+-]\d{2}:?\d{2}))?)?", re.A
)
_YEAR_FIRST = re.compile(r"\d{4}(?P<sep>[/.])\d{1,2}(?P=sep)\d{1,2}" + _TIME, re.A)
_NUMBERS = re.compile(r"(?P<a>\d{1,2})(?P<sep>[/.\-])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})" + _TIME, re.A)
_DAY_NAME = re.compile(r"(\d{1,2})(?P<sep>[ \-])(?P<m>[A-Za-z]{3,9})(?P=sep)(?P<y>\d{4}|\d{2})" + _TIME, re.A)
_NAME_DAY = re.compile(r"(?P<m>[A-Za-z]{3,9}) (\d{1,2}),? (?P<y>\d{4})" + _TIME, re.A)
_COMPACT = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", re.A)
_EPOCH = re.compile(r"\d{10}(\d{3})?(\.\d+)?", re.A)
_NAMES = frozenset(name.lower() for name in calendar.month_name[1:])
_SHORT = frozenset(name[:3] for name in _NAMES)
FIRST, SECOND = "\x01", "\x02"


@dataclasses.dataclass(frozen=True)
class Found:
    """What the values of a column are.

    Args:
        formats: forms of ``strptime`` or ``epoch``; none for ISO 8601.
        either: forms of which a person chooses one set: month first, day first; empty where all is settled.
        example: a value that can be read both ways.
        naive: whether times say no time zone.
        timed: whether values have a time of day.
    """

    formats: tuple[str, ...]
    either: tuple[tuple[str, ...], tuple[str, ...]] | None
    example: str
    naive: bool
    timed: bool


class Days:
    """Values of a column, one after the other."""

    def __init__(self) -> None:
        self.total = self.read = 0
        self._forms: Counter[str] = Counter()
        self._first = self._second = 0
        self._example = ""
        self._naive = self._timed = False

    def add(self, value: str) -> None:
        """Count a value that is not empty."""
        self.total += 1
        text = value.strip()
        form = _form(text)
        if form is None:
            return
        self.read += 1
        self._forms[form] += 1
        numbers = _NUMBERS.fullmatch(text)
        if numbers:
            a, b = int(numbers["a"]), int(numbers["b"])
            self._first, self._second = max(self._first, a), max(self._second, b)
            if not self._example and a != b and a <= 12 and b <= 12:
                self._example = text
        iso = _ISO.fullmatch(text)
        timed = bool(iso and iso["time"]) or "%H" in form or "%I" in form
        self._timed = self._timed or timed
        self._naive = self._naive or (timed and not (iso and iso["zone"]) and form != "epoch")

    def found(self, *, named: bool) -> Found | None:
        """What they are; None where they are no days.

        Args:
            named: whether the header says that they are days; numbers alone do not make days of a column.
        """
        if not self.total or self.read * 10 < self.total * 9:
            return None
        forms = sorted(self._forms)
        if not named and set(forms) & {"epoch", "%Y%m%d"}:
            return None
        plain = [f for f in forms if f != "iso" and FIRST not in f]
        mixed = [f for f in forms if FIRST in f]
        if plain or mixed:
            plain += ["iso"] if "iso" in forms else []
        month = tuple(sorted([*plain, *(f.replace(FIRST, "%m").replace(SECOND, "%d") for f in mixed)]))
        day = tuple(sorted([*plain, *(f.replace(FIRST, "%d").replace(SECOND, "%m") for f in mixed)]))
        if not mixed or (self._first <= 12 < self._second):
            return Found(month, None, "", self._naive, self._timed)
        if self._second <= 12 < self._first:
            return Found(day, None, "", self._naive, self._timed)
        if not self._example and self._first <= 12:  # each value says the same either way
            return Found(month, None, "", self._naive, self._timed)
        return Found((), (month, day), self._example, self._naive, self._timed)


def _form(text: str) -> str | None:
    """Form of one value, with marks where day and month stand in an order that is not known."""
    if _ISO.fullmatch(text):
        return "iso"
    if match := _YEAR_FIRST.fullmatch(text):
        return f"%Y{match['sep']}%m{match['sep']}%d{_time(match)}"
    if match := _NUMBERS.fullmatch(text):
        a, b = int(match["a"]), int(match["b"])
        if not (1 <= a <= 31 and 1 <= b <= 31 and min(a, b) <= 12):
            return None
        sep, year = match["sep"], "%Y" if len(match["y"]) == 4 else "%y"
        return f"{FIRST}{sep}{SECOND}{sep}{year}{_time(match)}"
    if (match := _DAY_NAME.fullmatch(text)) and (month := _month(match["m"])):
        return f"%d{match['sep']}{month}{match['sep']}{'%Y' if len(match['y']) == 4 else '%y'}{_time(match)}"
    if (match := _NAME_DAY.fullmatch(text)) and (month := _month(match["m"])):
        return f"{month} %d{',' if ',' in text.split(':')[0] else ''} %Y{_time(match)}"
    if _COMPACT.fullmatch(text):
        return "%Y%m%d"
    return "epoch" if _EPOCH.fullmatch(text) else None


def _month(name: str) -> str:
    """Directive of a month's name as ``strptime`` reads it; "" for other words."""
    word = name.lower()
    return "%b" if word in _SHORT else "%B" if word in _NAMES else ""


def _time(match: re.Match[str]) -> str:
    if match["joint"] is None:
        return ""
    hour = "%I" if match["half"] else "%H"
    half = " %p" if match["half"] and " " in match.group().split(":")[-1] else "%p" if match["half"] else ""
    return f"{match['joint']}{hour}:%M{':%S' if match['s'] else ''}{'.%f' if match['f'] else ''}{half}"
