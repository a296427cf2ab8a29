"""Records of a JSON file, one by one, whatever holds them: a list, lines, objects one after the other, or pages.

The text is read in a moving window and each record is decoded where it stands, so that a list of a gigabyte on one line
takes no more memory than its largest record. What cannot be read is given as :class:`Broken` in its place, and reading
goes on behind it.
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mapae.sources.json_broken import NEXT_LINE, Broken, broken, said
from mapae.sources.json_window import Window, after_blanks, decode
from mapae.sources.rows import cut

__all__ = ["LISTS", "Broken", "cell", "instant", "records"]

# Names under which the answers of vendors' interfaces hold their records, and names beside them that hold no record.
LISTS = frozenset(
    (
        *("value", "Records", "records", "items", "logs", "data", "entries", "results", "Results"),
        *("logins", "employees", "activities"),
    )
)
_PAGING = frozenset(
    (
        *("paging", "pagination", "meta", "metadata", "links", "_links", "page", "response_metadata"),
        *("messages", "fields", "Schema", "schema", "Stats"),
    )
)
# Names looked at before the list of a page; more than any vendor's page has.
_MEMBERS = 12
# Text in which the list of a page begins.
_HEAD = 64 << 10
_FIRST_NAME = re.compile(r'\{\s*"(?:[^"\\\n]|\\.)*"')
_SURROGATES = re.compile("[\ud800-\udfff]")


def records(path: Path) -> Iterator[tuple[int, int, dict[str, Any] | Broken]]:
    """Records of a JSON file, in order.

    Read are a list of objects, JSON Lines, objects one after the other however printed, and pages whose list is named
    in :data:`LISTS`. A file that was cut off gives its whole records and one :class:`Broken` at the end.

    Args:
        path: the file; compressed where its ending says so.

    Yields:
        The number of the record, counted from 1, the line it begins in, and the record.

    Raises:
        InputRefused: the file is not in UTF-8, is damaged from its first byte, or holds a record beyond all measure.
    """
    for number, (line, found) in enumerate(_walk(Window(path)), start=1):
        yield number, line, found


def _walk(window: Window) -> Iterator[tuple[int, dict[str, Any] | Broken]]:
    inside: list[str] = []  # "]" for a list, "}" for a page around it
    first, paged, comma = True, False, 0
    pattern = ""  # how records of the list begin: the way back after a broken one
    while sign := window.next_sign():
        line = window.line
        if sign == "," and (inside or not first):
            window.at += 1
            comma = line
            continue
        if inside and sign == inside[-1]:
            window.at += 1
            inside.pop()
            if comma:
                yield line, Broken(f"a comma stands behind the last record (line {comma})", ",")
            comma = 0
            if inside and inside[-1] == "}" and (problem := _rest_of_page(window)):
                yield problem
            if inside and inside[-1] == "}":
                inside.pop()
            continue
        comma = 0
        if sign == "[":
            window.at += 1
            inside.append("]")
            first = False
            continue
        if sign == "{" and not inside and (first or paged) and _enter_page(window):
            inside += ["}", "]"]
            first, paged = False, True
            continue
        first = False
        try:
            found, end = window.value()
        except ValueError as problem:
            instead, ended = broken(window, problem, bool(inside), pattern)
            yield line, instead
            if ended:
                return
            continue
        if type(found) is dict:
            if inside and not pattern:
                name = _FIRST_NAME.match(window.text, window.at)
                pattern = name.group() if name else ""
            window.move(end)
            yield line, found
        else:
            raw = cut(window.text[window.at : end])
            window.move(end)
            yield line, Broken(f"the record in line {line} is no object", raw)
    if inside or window.damage:
        why = window.damage or "The file ends before its list is closed."
        yield window.line, Broken(f"{why[0].lower()}{why[1:].rstrip('.')} (line {window.line}): it was cut off", "")


def _enter_page(window: Window) -> bool:
    """Whether the object that begins here is a page of records; if so, go behind the sign that opens its list."""
    while True:
        at = _list_of_page(window.text, window.at)
        if at is not None:
            if at:
                window.move(at)
            return at > 0
        if len(window.text) - window.at > _HEAD or not window.more():
            return False


def _list_of_page(text: str, at: int) -> int | None:
    """Where the list of the page that begins at ``at`` begins: 0 where it is none, None where the text is too short."""
    at += 1
    try:
        for _ in range(_MEMBERS):
            at = after_blanks(text, at)
            if text[at] != '"':
                return 0
            name, at = decode(text, at)
            at = after_blanks(text, at)
            if text[at] != ":":
                return 0
            at = after_blanks(text, at + 1)
            if text[at] == "[" and name in LISTS:
                return at + 1 if text[after_blanks(text, at + 1)] in "{]" else 0
            if text[at] in "[{" and name not in _PAGING:
                return 0
            at = after_blanks(text, decode(text, at)[1])
            if text[at] != ",":
                return 0
            at += 1
    except (ValueError, IndexError):
        return None
    except RecursionError:
        return 0
    return 0


def _rest_of_page(window: Window) -> tuple[int, Broken] | None:
    """Go behind the page whose list has ended."""
    while sign := window.next_sign():
        if sign in "}":
            window.at += 1
            return None
        if sign in ",:":
            window.at += 1
            continue
        try:
            _, end = window.value()
        except ValueError as problem:
            raw, line = cut(window.text[window.at :]), window.line
            ahead = NEXT_LINE.search(window.text, window.at)
            window.move(ahead.end() if ahead else len(window.text))
            return line, Broken(f"what follows the list of a page is not in JSON ({said(window, problem, line)})", raw)
        window.move(end)
    return window.line, Broken(f"the file ends before its page is closed (line {window.line}): it was cut off", "")


# ---- values


def instant(text: str) -> str:
    """A moment as ISO 8601: a number of seconds, milli-, micro- or nanoseconds since 1970 is told by its size.

    Args:
        text: digits, or anything else, which is given back without outer blanks.

    Returns:
        In UTC, as ``2024-08-13T15:46:40Z``, with milliseconds where there are some.
    """
    value = text.strip()
    if not value or not (value[0].isdigit() or value[0] == "-") or len(value) > 40:
        return value
    try:
        seconds = decimal.Decimal(value)
        # 1e11 seconds are in the year 5138, 1e11 milliseconds in 1973: no log is older or newer.
        size = abs(seconds)
        for least, factor in ((10**17, 10**9), (10**14, 10**6), (10**11, 10**3)):
            if size >= least:
                seconds /= factor
                break
        moment = dt.datetime(1970, 1, 1) + dt.timedelta(milliseconds=int(seconds * 1000 // 1))
    except (ArithmeticError, ValueError, OverflowError):
        return value
    fraction = f".{moment.microsecond // 1000:03d}" if moment.microsecond else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def cell(value: Any) -> str | None:
    """A JSON value as the text of a cell: nothing for null and "", true and false in words, lists and objects as JSON."""
    if type(value) is str:
        if not value:
            return None
        return value if value.isascii() else _SURROGATES.sub("\ufffd", value)
    if value is None:
        return None
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    made = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _SURROGATES.sub("\ufffd", made)
