"""Moments in UTC and days; never guessed."""

from __future__ import annotations

import datetime as dt
import re

from mapae.sources.values.form import NOTHING, Form, refused

FIRST_YEAR, LAST_YEAR = 1900, 2200

_TIME = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,12})?)? ?(?:([Zz]|UTC|GMT)|([+-])(\d{2}):?(\d{2})?)?",
    re.ASCII,
)
_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(Z|[+-]\d{2}:?\d{2})", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_CONFUSED = re.compile(r"\d{1,2}[/.\- ]\d{1,2}[/.\- ]\d{2,4}(\D.*)?", re.ASCII | re.DOTALL)
_NUMBER_ALONE = re.compile(r"\d+([.,]\d+)?", re.ASCII)


def _year_reason(year: int) -> str | None:
    if FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return (
        f"the year {year:04d} lies outside {FIRST_YEAR} to {LAST_YEAR}; leave the cell empty where the day is not known"
    )


def _no_time(value: str, example: str) -> Form:
    if _CONFUSED.fullmatch(value):
        return refused(f"day and month can be confused; write year-month-day, as {example}")
    if _NUMBER_ALONE.fullmatch(value):
        return refused(f"a number is no date; write year-month-day, as {example}")
    return refused(f"not a date in the form of ISO 8601; write it as {example}")


def time(raw: str, beside: str = "", *, date_ok: bool = False) -> Form:
    """A moment in UTC, whole seconds: ``2026-01-31T09:30:00Z``.

    Args:
        raw: ISO 8601 with an offset; a plain date only where ``date_ok``.
        beside: not used.
        date_ok: read a plain date as midnight UTC.
    """
    value = raw.strip()
    if not value:
        return NOTHING
    day = _DATE.fullmatch(value)
    if day:
        if not date_ok:
            return refused("a day without a time; write the time and its offset too, as 2026-01-31T09:30:00Z")
        value = f"{value}T00:00:00Z"
    basic = _BASIC.fullmatch(value)
    if basic:
        y, mo, d, h, mi, s, zone = basic.groups()
        value = f"{y}-{mo}-{d}T{h}:{mi}:{s}{zone}"
    match = _TIME.fullmatch(value)
    if not match:
        return _no_time(value, "2026-01-31T09:30:00Z")
    year, month, date, hour, minute, second = (int(g or 0) for g in match.groups()[:6])
    wrong = _year_reason(year)
    if wrong:
        return refused(wrong)
    if not match.group(7) and not match.group(8):
        return refused(
            "a time without its offset from UTC; write Z or the offset behind it, as 2026-01-31T09:30:00+09:00"
        )
    offset = int(match.group(9) or 0) * 60 + int(match.group(10) or 0)
    if offset > 14 * 60 or int(match.group(10) or 0) > 59:
        return refused("an offset from UTC of more than 14 hours")
    try:
        moment = dt.datetime(year, month, date, hour, minute, second)
    except ValueError:
        return refused("no such day or time in the calendar")
    moment -= dt.timedelta(minutes=-offset if match.group(8) == "-" else offset)
    wrong = _year_reason(moment.year)
    return refused(wrong) if wrong else Form(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?00)?", re.ASCII)


def date(raw: str, beside: str = "") -> Form:
    """A day: ``2026-01-31``; a time is taken only where it is midnight in UTC or has no offset."""
    value = raw.strip()
    if not value:
        return NOTHING
    midnight = _MIDNIGHT.fullmatch(value)
    match = _DATE.fullmatch(midnight.group(1) if midnight else value)
    if not match:
        if _TIME.fullmatch(value):
            return refused("a time where a day belongs; write the day alone, as 2026-01-31")
        return _no_time(value, "2026-01-31")
    year, month, day = (int(g) for g in match.groups())
    wrong = _year_reason(year)
    if wrong:
        return refused(wrong)
    try:
        return Form(dt.date(year, month, day).isoformat())
    except ValueError:
        return refused("no such day in the calendar")
