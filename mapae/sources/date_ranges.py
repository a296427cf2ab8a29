"""Ranges of days as the (partial) ISO dates that cover them, as FollowTheMoney writes uncertain dates."""

from __future__ import annotations

import calendar
import datetime as dt

from mapae.model.dates import DateRange

# A birth known to no better than this many years tells nobody apart; such a range is kept as text only.
MOST_YEARS = 30


def prefixes(since: dt.date, until: dt.date) -> list[str]:
    """Partial ISO dates that together cover a range of days, each of which touches it.

    A single day is itself; days of one month are the month; months of one year are the months; more are years.

    Args:
        since: first day.
        until: last day, not before the first.

    Returns:
        Dates in order; none when the range spans more than 30 years.

    Raises:
        ValueError: the range ends before it begins.

    Example:
        >>> prefixes(dt.date(1982, 1, 1), dt.date(1984, 12, 31))
        ['1982', '1983', '1984']
    """
    if until < since:
        raise ValueError(f"a range that ends before it begins: {since} to {until}")
    if since == until:
        return [since.isoformat()]
    last = calendar.monthrange(until.year, until.month)[1]
    whole_years = (since.month, since.day, until.month, until.day) == (1, 1, 12, 31)
    if since.year != until.year or whole_years:
        if until.year - since.year >= MOST_YEARS:
            return []
        return [f"{year:04d}" for year in range(since.year, until.year + 1)]
    if since.month == until.month and not (since.day == 1 and until.day == last):
        return [f"{since.year:04d}-{since.month:02d}"]
    return [f"{since.year:04d}-{month:02d}" for month in range(since.month, until.month + 1)]


def written(days: DateRange) -> str:
    """A range as an ISO interval, ``1964-01-01/1964-02-17``; a single day alone; ``..`` for an open end."""
    since = days.since.isoformat() if days.since else ".."
    until = days.until.isoformat() if days.until else ".."
    return since if since == until else f"{since}/{until}"


def day(year: str | None, month: str | None, day_: str | None) -> dt.date:
    """A day from its parts as a list has them.

    Raises:
        ValueError: they make no day of the calendar.
    """
    return dt.date(int(year or ""), int(month or ""), int(day_ or ""))
