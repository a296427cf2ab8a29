"""What stands in a JSON file instead of a record: told in words, and where reading may go on behind it."""

from __future__ import annotations

import dataclasses
import json
import re

from mapae.sources.json_window import BLOCK, LARGEST_RECORD, Window
from mapae.sources.rows import RAW_BYTES, cut

_SIGNS = re.compile(r'"(?:[^"\\\n]|\\.)*"?|[{}\[\]]')
_BRACKET = re.compile(r"[{}\[\]]")
_END_OF_WORD = re.compile(r"[,\]\n]")
NEXT_LINE = re.compile(r"\n(?=[{\[])")


@dataclasses.dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be read.

    Args:
        reason: why, in words, with the line.
        raw: its beginning as received.
    """

    reason: str
    raw: str


def said(window: Window, problem: ValueError, line: int) -> str:
    """What is wrong, in words, and in which line."""
    if not isinstance(problem, json.JSONDecodeError):
        return f"line {line}: {'a number of thousands of digits' if 'digits' in str(problem) else problem}"
    at = line + window.text.count("\n", window.at, problem.pos)
    before = window.text[window.at : problem.pos].rstrip()
    sign = window.text[problem.pos : problem.pos + 1]
    if before.endswith(",") and (sign in ("}", "]") or problem.msg.startswith("Illegal trailing comma")):
        return f"line {at}: a comma stands behind the last element"
    return f"line {at}: {problem.msg[:1].lower()}{problem.msg[1:]}"


def broken(window: Window, problem: ValueError, in_list: bool, pattern: str) -> tuple[Broken, bool]:
    """The record that cannot be read, and whether the file ended in it; go behind it."""
    line = window.line
    what = said(window, problem, line)
    cut_off = isinstance(problem, json.JSONDecodeError) and (
        problem.msg.startswith("Unterminated") or not _BRACKET.search(window.text, problem.pos)
    )
    end = _end_in_list(window, pattern, cut_off) if in_list else _end_in_lines(window)
    raw = cut(window.text[window.at : end if end >= 0 else window.at + RAW_BYTES].strip())
    if end >= 0:
        window.move(end)
        return Broken(f"not in JSON ({what})", raw), False
    window.move(len(window.text))
    why = window.damage[:1].lower() + window.damage[1:].rstrip(".") if window.damage else "the file ends in it"
    return Broken(f"the record that begins in line {line} was cut off: {why}", raw), True


def _end_in_lines(window: Window) -> int:
    """Where a broken record outside lists ends: before the next line that opens one; -1 where the file ends in it."""
    while True:
        found = NEXT_LINE.search(window.text, window.at)
        if found:
            return found.end()
        if len(window.text) - window.at > LARGEST_RECORD or not window.more():
            # The last line: cut off where it opens an object that nothing closes.
            rest = window.text[window.at :].rstrip()
            cut_off = window.damage or (rest[0] in "{[" and rest[-1] not in "}]")
            return -1 if cut_off else window.at + len(rest)


def _end_in_list(window: Window, pattern: str, cut_off: bool) -> int:
    """Where a broken record of a list ends, -1 where the file ends in it.

    That is where its brackets are balanced; where they never are, before the next text that begins as records do.
    """
    if window.text[window.at] not in "{[":
        found = _END_OF_WORD.search(window.text, window.at + 1)
        return found.start() if found else len(window.text)
    end = _balanced(window.text, window.at)
    while end < 0 and len(window.text) - window.at < BLOCK and window.more():
        end = _balanced(window.text, window.at)
    if end > 0:
        return end
    if cut_off or not pattern:
        return -1
    again = re.compile(r"(?<=,)\s*(?=" + re.escape(pattern) + ")")
    while not (found := again.search(window.text, window.at + 1)):
        if len(window.text) - window.at > LARGEST_RECORD or not window.more():
            return -1
    return found.end()


def _balanced(text: str, at: int) -> int:
    """Where the brackets opened at ``at`` are all closed: -1 not in this text, 0 nowhere, as another kind closes."""
    opened_: list[str] = []
    for found in _SIGNS.finditer(text, at, at + BLOCK):
        sign = found.group()
        if sign in "{[":
            opened_.append("}" if sign == "{" else "]")
        elif sign in "}]":
            if opened_.pop() != sign:
                return 0
            if not opened_:
                return found.end()
    return -1
