"""Days and moments of a vendor's file as ISO 8601, by the forms and the time zone that a mapping names; never guessed."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Sequence

from mapae.sources.json_records import instant

# Forms that are no pattern of digits: a number of seconds or milliseconds since 1970, and ISO 8601 itself.
EPOCH, ISO = "epoch", "iso"
_DIRECTIVES = frozenset("YymbBdHIMSpfzZjAa%")
_CONFUSED = re.compile(r"\d{1,2}[/.\- ]\d{1,2}[/.\- ](\d{4}|\d{2})(\D.*)?", re.ASCII | re.DOTALL)
_NAIVE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?", re.ASCII)
_NUMBER = re.compile(r"-?\d{9,19}(\.\d+)?", re.ASCII)


class Unreadable(ValueError):
    """A value that cannot be read, with the reason in words (never with the value)."""


def zone_of(name: str) -> zoneinfo.ZoneInfo | None:
    """A time zone by its IANA name, or None."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def wrong_format(text: str) -> str:
    """What is wrong with a form of dates; "" where nothing is."""
    if text in (EPOCH, ISO):
        return ""
    if text.endswith("%") and not text.endswith("%%"):
        return "it ends with a bare %"
    used = re.findall(r"%(.)", text)
    unknown = sorted({d for d in used if d not in _DIRECTIVES})
    if unknown:
        return f"%{unknown[0]} is no directive"
    if not used:
        return "it has no directive such as %Y"
    if {"Y", "y"}.isdisjoint(used) or ("j" not in used and ("d" not in used or {"m", "b", "B"}.isdisjoint(used))):
        return "it does not tell the year, the month and the day"
    return ""


def day_or_moment(
    text: str, *, day: bool, formats: Sequence[str], zone: zoneinfo.ZoneInfo | None, to_time: bool
) -> str:
    """A day (``2026-03-04``) or a moment (``2026-03-04T05:00:00Z``) as the table's reader takes it.

    Args:
        text: as received, not empty.
        day: whether it says a day; its midnight is meant where the table wants a moment.
        formats: forms as in Python's ``strptime``, ``epoch`` or ``iso``; with several, all that fit must agree.
        zone: time zone of values that say none.
        to_time: whether the table's column holds moments.

    Returns:
        ISO 8601; without a form, what is no date of a known shape is given back, for the table's reader to refuse.

    Raises:
        Unreadable: no form fits, two forms read two days, or clocks show that time never or twice.
    """
    value = text.strip()
    if not formats:
        if to_time and _NUMBER.fullmatch(value):
            return instant(value)
        if _CONFUSED.fullmatch(value):
            raise Unreadable("day and month can be confused; say with format which comes first")
        return _iso(value, day=day, zone=zone, to_time=to_time)
    readings = {r for r in (_read(value, f, day=day, zone=zone, to_time=to_time) for f in formats) if r}
    if len(readings) > 1:
        raise Unreadable("day and month can be confused: the forms of the mapping read several days; leave one form")
    if not readings:
        raise Unreadable(f"not a date in the form {' or '.join(formats)}")
    return readings.pop()


def _read(value: str, form: str, *, day: bool, zone: zoneinfo.ZoneInfo | None, to_time: bool) -> str:
    """The value by one form; "" where it does not fit."""
    if form == EPOCH:
        if not _NUMBER.fullmatch(value):
            return ""
        moment = instant(value)
        return moment if to_time else _iso(moment[:10], day=True, zone=zone, to_time=False)
    if form == ISO:
        return _iso(value, day=day, zone=zone, to_time=to_time) if re.match(r"\d{4}-\d{2}-\d{2}", value) else ""
    try:
        read = dt.datetime.strptime(value, form)
    except ValueError:
        return ""
    return _said(read, day=day, zone=zone, to_time=to_time)


def _iso(value: str, *, day: bool, zone: zoneinfo.ZoneInfo | None, to_time: bool) -> str:
    match = _NAIVE.fullmatch(value)
    if match is None:
        if day and not to_time and re.match(r"\d{4}-\d{2}-\d{2}[T ]", value):  # a moment where a day is meant
            return value[:10]
        return value
    try:
        read = dt.datetime.fromisoformat(value)
    except ValueError:
        raise Unreadable("no such day or time in the calendar") from None
    return _said(read, day=day, zone=zone, to_time=to_time, dated=match.group(2) is None)


def _said(read: dt.datetime, *, day: bool, zone: zoneinfo.ZoneInfo | None, to_time: bool, dated: bool = False) -> str:
    if not to_time:
        return read.date().isoformat()
    if day:
        read = dt.datetime.combine(read.date(), dt.time())
        if zone is None:
            return read.date().isoformat()
        return _utc(read.replace(tzinfo=zone))
    if read.tzinfo is not None:
        return _utc(read)
    if zone is None:
        if dated:
            return read.date().isoformat()
        raise Unreadable("a time that does not say its time zone; name it with zone")
    early, late = read.replace(tzinfo=zone, fold=0), read.replace(tzinfo=zone, fold=1)
    if early.utcoffset() != late.utcoffset():
        there = early.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) == read
        raise Unreadable(f"clocks of {zone.key} show this time {'twice' if there else 'never'} in that night")
    return _utc(early)


def _utc(moment: dt.datetime) -> str:
    try:
        made = moment.astimezone(dt.UTC)
    except OverflowError:
        raise Unreadable("no such day or time in the calendar") from None
    return made.replace(tzinfo=None).isoformat() + "Z"
