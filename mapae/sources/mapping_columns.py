"""The verbs of a mapping's column, in their order: find, parse, take apart, join, translate, read as a day or moment."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mapae.rules.tables import TableColumn
from mapae.sources.json_records import cell
from mapae.sources.mapping_paths import Place, Record, place
from mapae.sources.mapping_times import Unreadable, day_or_moment, zone_of

REJECT, EMPTY = "reject", "empty"
EMPLOYER = "{employer}"
# Two letters that registers write for countries whose code is another (the second is the European Union's own); where a
# mapping reads a country, they are what ISO 3166 means by them.
_SAID_OF_COUNTRIES = {"UK": "GB", "EL": "GR"}
DATED = ("date", "time")


@functools.lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """A word as ``map`` and ``where`` compare it: capitals and blanks around and within do not count."""
    return " ".join(text.split()).lower()


def listed(value: Any) -> list[str]:
    """A text or a list of texts of the YAML as a list."""
    if value is None:
        return []
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]


def texts(value: Any) -> list[str]:
    """What was found, as texts without the empty ones."""
    if type(value) is str:
        return [value] if value and not value.isspace() else []
    found = value if isinstance(value, list) else [value]
    made = (cell(v) for v in found)
    return [t for t in made if t is not None and t.strip()]


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of a table as a mapping fills it.

    Args:
        name: column of the table.
        read: record to text, None for nothing; raises :class:`Unreadable`.
        places: where it looks.
        each: whether it makes one row for each value, which ``values`` gives.
        values: record to texts, only where ``each``.
    """

    name: str
    read: Callable[[Record], str | None]
    places: tuple[Place, ...]
    each: bool = False
    values: Callable[[Record], list[str]] | None = None


def groups_of(spec: Mapping[str, Any], *, table: bool, parsed: Sequence[str]) -> list[tuple[Place, ...]]:
    """Where the verbs look, in order; of each group the first place that holds something counts."""
    given = spec.get("from", [])
    groups = given if isinstance(given, list) else [given]
    return [tuple(place(text, table=table, parsed=parsed) for text in listed(group)) for group in groups]


def column(
    declared: TableColumn,
    spec: Mapping[str, Any] | list[Mapping[str, Any]],
    *,
    table: bool,
    parsed: Sequence[str],
    employer: str,
) -> Column:
    """Make a column of its verbs.

    Args:
        declared: the table's column.
        spec: verbs as written, or a list of such, of which the first that finds something counts.
        table: whether records are rows of a table.
        parsed: columns whose text is JSON.
        employer: what ``{employer}`` stands for.
    """
    if not isinstance(spec, list):
        return _one(declared, spec, table=table, parsed=parsed, employer=employer)
    several = [_one(declared, s, table=table, parsed=parsed, employer=employer) for s in spec]

    def read(record: Record) -> str | None:
        return next((text for text in (c.read(record) for c in several) if text), None)

    return Column(declared.name, read, tuple(p for c in several for p in c.places))


def _one(
    declared: TableColumn, spec: Mapping[str, Any], *, table: bool, parsed: Sequence[str], employer: str
) -> Column:
    groups = groups_of(spec, table=table, parsed=parsed)
    places = tuple(p for group in groups for p in group)
    constant = str(spec["value"]).replace(EMPLOYER, employer) if "value" in spec else None
    meant = conditions([spec.get("where")], table, parsed) if "where" in spec else None
    if not places:
        return Column(declared.name, lambda record: (constant or None) if meant is None or meant(record) else None, ())
    finish = _finish(declared, spec, places)
    joiner = spec.get("join")
    as_list = declared.type == "list" and joiner is None
    inner = _inner(spec) if "split" in spec or "parse_json" in spec else texts
    getters = [tuple(p.getter() for p in group) for group in groups]

    def found(record: Record) -> list[str]:
        """Texts in order: of all groups where they are joined, else of the first that has some."""
        made: list[str] = []
        for group in getters:
            for get in group:
                value = get(record)
                if value is not None:
                    here = inner(value)
                    if here:
                        made += here
                        break
            if made and joiner is None:
                break
        return made

    def read(record: Record) -> str | None:
        if meant is not None and not meant(record):
            return None
        made = found(record)
        if not made:
            return finish(None) if finish else None
        if joiner is not None:
            text = str(joiner).join([constant, *made] if constant is not None else made)
        elif as_list:
            elements = [finish(m) for m in made] if finish else made
            return json.dumps([t for t in elements if t], ensure_ascii=False)
        elif len(made) > 1:
            raise Unreadable(f"{places[0].text} holds {len(made)} values; name one by its place, as [0], or join them")
        else:
            text = made[0]
        return finish(text) if finish else text

    def values(record: Record) -> list[str]:
        if meant is not None and not meant(record):
            return []
        return [t for t in ((finish(m) if finish else m) for m in found(record)) if t]

    if spec.get("explode") == "yes":
        return Column(declared.name, read, places, each=True, values=values)
    return Column(declared.name, read, places)


def conditions(
    given: Sequence[Mapping[str, Any] | None], of_table: bool, parsed: Sequence[str]
) -> Callable[[Record], bool]:
    """Whether a record is meant: all conditions hold; of a list one element in ``in``, none in ``not_in``."""
    held: list[tuple[Callable[[Record], Any], frozenset[str] | None, frozenset[str] | None]] = []
    for text, tests in ((t, tests) for c in given if c for t, tests in c.items()):
        inside, outside = (frozenset(folded(v) for v in tests[w]) if w in tests else None for w in ("in", "not_in"))
        held.append((place(text, table=of_table, parsed=parsed).getter(), inside, outside))

    def holds(record: Record) -> bool:
        for get, inside, outside in held:
            found = [folded(t) for t in texts(get(record))] or [""]
            if (inside is not None and inside.isdisjoint(found)) or (
                outside is not None and not outside.isdisjoint(found)
            ):
                return False
        return True

    return holds


def _inner(spec: Mapping[str, Any]) -> Callable[[Any], list[str]]:
    """What is done with a value before it is joined: read as JSON, taken apart."""
    within = place(str(spec["parse_json"]), table=False) if "parse_json" in spec else None
    split = spec.get("split")
    at = str(split["at"] if isinstance(split, Mapping) else split) if split is not None else ""
    part = int(split["part"]) if isinstance(split, Mapping) else 0

    def made(value: Any) -> list[str]:
        if value is None or value == "":
            return []
        if within is not None:
            value = parsed_json(value)
            value = within.find(value) if isinstance(value, dict | list) and within.parts else value
        found = texts(value)
        if not at:
            return found
        pieces = [[p.strip() for p in text.split(at)] for text in found]
        if not part:
            return [p for ps in pieces for p in ps if p]
        place_ = part - 1 if part > 0 else part
        return [ps[place_] for ps in pieces if -len(ps) <= place_ < len(ps) and ps[place_]]

    return made


def parsed_json(value: Any) -> Any:
    """A text that is JSON as what it holds; other values as they are.

    Raises:
        Unreadable: the text is not in JSON.
    """
    if not isinstance(value, str) or not value.strip():
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise Unreadable("a text that should be JSON and is not") from None


def _finish(
    declared: TableColumn, spec: Mapping[str, Any], places: tuple[Place, ...]
) -> Callable[[str | None], str | None] | None:
    """What is done with one text at the end: translated, read as a day or moment; None where nothing is."""
    translated = {folded(k): str(v) for k, v in spec["map"].items()} if "map" in spec else None
    otherwise = str(spec.get("else", ""))
    said = str(spec.get("as", declared.type))
    dated = declared.type in DATED and said in DATED
    formats = tuple(listed(spec.get("format")))
    zone = zone_of(str(spec["zone"])) if "zone" in spec else None
    to_time, day = declared.type == "time", said == "date"
    if declared.type == "country" and "as" in spec and translated is None:
        return _country
    if translated is None and not dated:
        return None

    def finish(text: str | None) -> str | None:
        if translated is not None:
            key = folded(text or "")
            if key in translated:
                text = translated[key] or None
            elif text is not None:
                if otherwise == REJECT:
                    raise Unreadable(f"{places[0].text} holds a word that map does not name")
                text = otherwise if otherwise != EMPTY else None
        if text is None or not text.strip():
            return None
        if dated:
            try:
                return day_or_moment(text, day=day, formats=formats, zone=zone, to_time=to_time)
            except Unreadable as problem:
                raise Unreadable(f"{places[0].text}: {problem}") from None
        return text

    return finish


def _country(text: str | None) -> str | None:
    return None if text is None else _SAID_OF_COUNTRIES.get(text.strip().upper(), text)
