"""Places in a record: a header of a table, or a path into nested objects and lists; and a list taken apart."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mapae.sources.headers import header_name

Record = dict[str, Any]
Segments = tuple[str | int, ...]

# Longer paths are rare, and found step by step.
_LONGEST_QUICK = 6
_SEGMENT = re.compile(r"\[(-?\d+)\]|((?:[^.\[]|\[(?!-?\d+\]))+)|\.")


_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_JOINTS = re.compile(r"[\s_\-./]+")


def header_key(header: str, position: int = 0) -> str:
    """A header as mappings compare it: without the differences of blanks, joints and capitals that exports make.

    Example:
        >>> header_key(" Work  E-mail "), header_key("workEMail")
        ('work e mail', 'work e mail')
    """
    return _JOINTS.sub(" ", header_name(_HUMPS.sub(" ", header), position)).strip() or f"column{position + 1}"


def segments(path: str) -> Segments:
    """A path taken apart: ``emails[0].value`` gives ``("emails", 0, "value")``."""
    found: list[str | int] = []
    for match in _SEGMENT.finditer(path):
        if match.group(1) is not None:
            found.append(int(match.group(1)))
        elif match.group(2) is not None:
            found.append(match.group(2))
    return tuple(found)


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands in a record.

    Args:
        text: as the mapping writes it.
        whole: the key of a table's header, "" where the place is a path.
        parts: the path taken apart.
    """

    text: str
    whole: str
    parts: Segments

    def find(self, record: Record | list[Any]) -> Any:
        """What stands there: a value, a list of values where the path goes through lists, or None."""
        if self.whole and isinstance(record, dict):
            return record.get(self.whole)
        return _find(record, self.parts, 0)

    def getter(self) -> Callable[[Record], Any]:
        """:meth:`find` as a function of its own, quick where objects are nested as the path is written."""
        if self.whole:
            key = self.whole
            return lambda record: record.get(key)
        if not self.parts or not all(isinstance(p, str) for p in self.parts) or len(self.parts) > _LONGEST_QUICK:
            return self.find
        first, rest, parts = str(self.parts[0]), tuple(map(str, self.parts[1:])), self.parts

        def find(record: Record) -> Any:
            value = record.get(first)
            for name in rest:
                if type(value) is not dict:
                    return None if value is None and first in record else _find(record, parts, 0)
                value = value.get(name)
            return value if value is not None else _find(record, parts, 0)

        return find

    @property
    def first(self) -> str:
        """The member of the record that the place lies in."""
        return self.whole or str(self.parts[0])


def place(text: str, *, table: bool, parsed: Sequence[str] = ()) -> Place:
    """A place as a mapping writes it.

    Args:
        text: a header or a path.
        table: whether records are rows of a table, whose headers may hold points and brackets.
        parsed: columns of a table whose text is JSON, so that a path may lead into them.
    """
    if not table:
        return Place(text, "", segments(text))
    for column in parsed:
        rest = text[len(column) :]
        if text.startswith(column) and rest[:1] in (".", "["):
            return Place(text, "", (header_key(column), *segments(rest)))
    return Place(text, header_key(text), ())


def _find(value: Any, parts: Segments, at: int) -> Any:
    while at < len(parts):
        part = parts[at]
        if isinstance(value, dict):
            if part in value:
                value, at = value[part], at + 1
                continue
            # Flat documents write "source.ip" as one key.
            for end in range(len(parts), at + 1, -1):
                key = ".".join(map(str, parts[at:end]))
                if key in value:
                    return _find(value[key], parts, end)
            return None
        if isinstance(value, list):
            if isinstance(part, int) or part.isdecimal():
                try:
                    value, at = value[int(part)], at + 1
                except IndexError:
                    return None
                continue
            found: list[Any] = []
            for element in value:
                one = _find(element, parts, at)
                if isinstance(one, list):
                    found += one
                elif one is not None:
                    found.append(one)
            return found or None
        if part in (0, "0"):  # a list of one that was written without its brackets
            at += 1
            continue
        return None
    return value


def put(record: Record, at: Place, value: Any) -> Record:
    """A copy of a record in which something else stands at a place; what lies beside it is shared."""
    parts: Segments = (at.whole,) if at.whole else at.parts
    return _put(record, parts, value)


def _put(record: Record, parts: Segments, value: Any) -> Record:
    made = dict(record)
    for end in range(1, len(parts) + 1):
        key = ".".join(map(str, parts[:end]))
        if key in made:
            inner = made[key]
            made[key] = _put(inner, parts[end:], value) if end < len(parts) and isinstance(inner, dict) else value
            return made
    made[".".join(map(str, parts))] = value
    return made


def exploded(record: Record, places: Sequence[Place]) -> Iterator[Record]:
    """One record for each element of a list, with the element in the list's place; none where there is no element."""
    if not places:
        yield record
        return
    found = places[0].find(record)
    elements = found if isinstance(found, list) else [] if found is None or found == "" else [found]
    for element in elements:
        if element is not None:
            yield from exploded(put(record, places[0], element), places[1:])
