"""Dates as ranges: a year is a range of days, a missing end is open."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import NamedTuple

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class DateRange(NamedTuple):
    """First and last possible day; ``None`` is open."""

    since: dt.date | None
    until: dt.date | None

    def overlaps(self, other: DateRange) -> bool:
        """Whether the two ranges can share a day."""
        starts_in_time = self.since is None or other.until is None or self.since <= other.until
        ends_in_time = self.until is None or other.since is None or self.until >= other.since
        return starts_in_time and ends_in_time


def parse_partial(text: str) -> DateRange:
    """Days that a partial ISO date covers: ``1971`` is the whole year, ``1971-05`` the month.

    Raises:
        ValueError: the text is no (partial) ISO date.

    Example:
        >>> parse_partial("1971-02").until
        datetime.date(1971, 2, 28)
    """
    match = _PARTIAL.fullmatch(text.strip())
    if not match:
        raise ValueError(f"no ISO date: {text!r}")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if day is not None and month is not None:
        one = dt.date(year, month, day)
        return DateRange(one, one)
    first, last = (month, month) if month is not None else (1, 12)
    return DateRange(dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1]))
