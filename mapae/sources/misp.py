"""MISP events as JSON: attributes marked as indicators become rows of ``watchlist``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mapae.sources.intelligence_json import load
from mapae.sources.layout import Event, Rows
from mapae.sources.rows import cut
from mapae.sources.stix import TLP_ORDER
from mapae.sources.watch_rows import Sent, kinds, moment, watched

_MARKS = re.compile(r'"(?:to_ids|threat_level_id|object_relation)"\s*:')
_HOLDS = re.compile(r'"(?:Event|Attribute|Object)"\s*:')


class Misp:
    """Reader of MISP events."""

    name, title, version = "misp", "MISP", "1"
    tables: tuple[str, ...] = ("watchlist",)

    def recognises(self, path: Path, beginning: str) -> bool:
        """Whether a file holds MISP events."""
        begins = beginning.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")
        return begins and _MARKS.search(beginning) is not None and _HOLDS.search(beginning) is not None

    def events(self, path: Path) -> Iterator[Event]:
        """One event per attribute, those of objects behind the event's own.

        Raises:
            InputRefused: the file is no JSON.
        """
        number = 0
        for event in _events(load(path, "", self.title)["all"]):
            for attribute in _attributes(event):
                number += 1
                if not isinstance(attribute, dict):
                    yield Event(number, [], "an attribute is none", cut(str(attribute)))
                    continue
                rows, refused = _rows(event, attribute)
                yield Event(number, rows, refused, cut(str(attribute.get("value") or "")) if refused else "")


def _events(found: Any) -> Iterator[Mapping[str, Any]]:
    """Events with and without their outer name, alone, in a list, or in an answer of the interface."""
    if isinstance(found, list):
        for one in found:
            yield from _events(one)
    elif isinstance(found, dict):
        if isinstance(found.get("response"), list | dict):
            yield from _events(found["response"])
        elif isinstance(found.get("Event"), dict):
            yield from _events(found["Event"])
        elif "Attribute" in found or "Object" in found:
            yield found


def _attributes(event: Mapping[str, Any]) -> Iterator[Any]:
    yield from _listed(event.get("Attribute"))
    for one in _listed(event.get("Object")):
        if isinstance(one, dict) and not _true(one.get("deleted")):
            yield from _listed(one.get("Attribute"))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _true(value: Any) -> bool:
    return value is True or str(value).lower() in ("1", "true")


def _rows(event: Mapping[str, Any], attribute: Mapping[str, Any]) -> tuple[Rows, str]:
    """Rows of an attribute, and why there are none though it is an indicator of a kind that is watched."""
    known = kinds("misp")
    if _true(attribute.get("deleted")) or not _true(attribute.get("to_ids", True)):
        return [], ""
    types, value = str(attribute.get("type") or "").split("|"), str(attribute.get("value") or "")
    values = value.split("|") if len(types) > 1 else [value]
    found = [(known[t], v) for t, v in zip(types, values, strict=False) if t in known and v.strip()]
    sent = _sent(event, attribute)
    rows: Rows = []
    why = ""
    for kind, one in found:
        made = watched(kind, one)
        cells = made if isinstance(made, str) else sent.row(*made)
        if isinstance(cells, str):
            why = why or cells
        else:
            rows.append(("watchlist", cells))
    return rows, "" if rows else why


def _sent(event: Mapping[str, Any], attribute: Mapping[str, Any]) -> Sent:
    own, around = _tags(attribute), _tags(event)
    lights = [light for tags in (own, around) if (light := _tlp(tags))]
    by = event.get("Orgc") if isinstance(event.get("Orgc"), dict) else event.get("Org")
    name = str(by.get("name") or "").strip() if isinstance(by, dict) else ""
    says = [str(t).strip() for t in (attribute.get("comment"), event.get("info")) if t and str(t).strip()]
    dates = [moment(attribute.get(k)) for k in ("last_seen", "timestamp")]
    return Sent(
        publisher=name or f"MISP event {event.get('uuid') or 'without a name'}",
        labels=(*own, *around),
        text="; ".join(says),
        first_seen=moment(attribute.get("first_seen") or event.get("date")),
        last_seen=next((d for d in (*dates, moment(event.get("timestamp")), moment(event.get("date"))) if d), None),
        tlp=lights[0] if lights else "",
    )


def _tags(value: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(t["name"]) for t in _listed(value.get("Tag")) if isinstance(t, dict) and t.get("name"))


def _tlp(tags: tuple[str, ...]) -> str:
    """The strictest traffic light among tags."""
    found = [tag.lower().removeprefix("tlp:") for tag in tags if tag.lower().startswith("tlp:")]
    return max((light for light in found if light in TLP_ORDER), key=TLP_ORDER.index, default="")
