"""STIX 2.0 and 2.1 bundles: indicators become rows of ``watchlist``; all other objects only say what these mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mapae.sources import stix_pattern
from mapae.sources.intelligence_json import load
from mapae.sources.layout import Event, Rows
from mapae.sources.rows import cut
from mapae.sources.watch_rows import Sent, kinds, moment, watched

_BUNDLE = re.compile(r'"type"\s*:\s*"bundle"|"id"\s*:\s*"bundle--')
# Ids of the marking definitions of TLP, which no bundle needs to hold (STIX 2.1, section 7.2.1.4; OASIS TLP 2.0 extension).
_TLP = {
    "613f2e26-407d-48c7-9eca-b8e91df99dc9": "white",
    "34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
    "94868c89-83c2-464b-929b-a1a8aa3c8487": "clear",
    "bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
    "55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber",
    "939a9414-2ddd-4d32-a0cd-375ea402b003": "amber+strict",
    "e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
}
TLP_ORDER = ("clear", "white", "green", "amber", "amber+strict", "red")
# How far from an indicator to an actor: indicator, malware, campaign, actor.
_FAR = 3


class Stix:
    """Reader of STIX bundles."""

    name, title, version = "stix", "STIX 2", "1"
    tables: tuple[str, ...] = ("watchlist",)

    def recognises(self, path: Path, beginning: str) -> bool:
        """Whether a file is a bundle of STIX objects."""
        return beginning.lstrip("\ufeff \t\r\n").startswith("{") and _BUNDLE.search(beginning) is not None

    def events(self, path: Path) -> Iterator[Event]:
        """One event per object of the bundle.

        Raises:
            InputRefused: the file is no JSON object with a list of objects.
        """
        bundle = load(path, "objects", self.title)
        objects = [one for one in bundle["objects"] if isinstance(one, dict)]
        held = _Bundle(objects, str(bundle.get("id") or ""))
        for number, one in enumerate(bundle["objects"], start=1):
            if not isinstance(one, dict):
                yield Event(number, [], "an object of the bundle is none", cut(str(one)))
            elif one.get("type") != "indicator" or one.get("revoked") is True:
                yield Event(number, [])
            else:
                rows, refused = held.rows(one)
                yield Event(
                    number, rows, refused, cut(str(one.get("pattern") or one.get("id") or "")) if refused else ""
                )


class _Bundle:
    """Objects of a bundle by id, and what leads from one to another."""

    def __init__(self, objects: list[dict[str, Any]], id_: str) -> None:
        self.id = id_
        self.by_id = {str(o.get("id")): o for o in objects}
        self.leads: dict[str, list[tuple[str, str]]] = {}
        for one in objects:
            if one.get("type") == "relationship" and one.get("relationship_type") in ("indicates", "attributed-to"):
                link = (str(one.get("target_ref")), self.publisher(one))
                self.leads.setdefault(str(one.get("source_ref")), []).append(link)

    def publisher(self, one: Mapping[str, Any]) -> str:
        """Name of who signs an object; "" where nobody does."""
        ref = str(one.get("created_by_ref") or "")
        name = self.by_id.get(ref, {}).get("name")
        return str(name).strip() if name else ref

    def rows(self, one: Mapping[str, Any]) -> tuple[Rows, str]:
        """Rows of an indicator, and why there are none though it holds something to watch."""
        if one.get("pattern_type", "stix") != "stix":
            return [], ""
        try:
            pattern = stix_pattern.parse(str(one.get("pattern") or ""))
        except ValueError as problem:
            return [], f"its pattern cannot be read: {problem}"
        known = kinds("stix")
        found = [(known[c.path], v) for c in pattern.comparisons if c.plain and c.path in known for v in c.values]
        if not found:
            return [], ""
        if pattern.together:
            return [], "several things must hold together; none of them alone is what the sender warns of"
        sent = self._sent(one)
        rows: Rows = []
        why = ""
        for kind, value in dict.fromkeys(found):
            made = watched(kind, value)
            cells = made if isinstance(made, str) else sent.row(*made)
            if isinstance(cells, str):
                why = why or cells
            else:
                rows.append(("watchlist", cells))
        return rows, "" if rows else why

    def _sent(self, one: Mapping[str, Any]) -> Sent:
        publisher = self.publisher(one)
        labels = (*_texts(one.get("labels")), *self._actors(str(one.get("id")), publisher))
        confidence = one.get("confidence")
        return Sent(
            publisher=publisher or self.id or "STIX bundle",
            labels=labels,
            text=". ".join(str(one[k]).strip() for k in ("name", "description") if one.get(k)),
            first_seen=moment(one.get("valid_from") or one.get("created")),
            last_seen=moment(one.get("modified") or one.get("created") or one.get("valid_from")),
            valid_until=moment(one.get("valid_until")),
            confidence=str(confidence) if isinstance(confidence, int) and not isinstance(confidence, bool) else None,
            tlp=self._tlp(one),
        )

    def _actors(self, id_: str, publisher: str) -> tuple[str, ...]:
        """Names and labels of what an indicator indicates, as far as its own publisher says so."""
        found: dict[str, None] = {}
        seen, edge = {id_}, [id_]
        for _ in range(_FAR):
            targets = [t for s in edge for t, said_by in self.leads.get(s, ()) if said_by in ("", publisher)]
            edge = [t for t in dict.fromkeys(targets) if t not in seen]
            seen.update(edge)
            for target in (self.by_id.get(t, {}) for t in edge):
                if target.get("type") in ("threat-actor", "intrusion-set"):
                    found.update(dict.fromkeys(_texts([target.get("name")])))
                    found.update(dict.fromkeys((*_texts(target.get("aliases")), *_texts(target.get("labels")))))
        return tuple(found)

    def _tlp(self, one: Mapping[str, Any]) -> str:
        """The strictest traffic light of an object."""
        found = []
        for ref in _texts(one.get("object_marking_refs")):
            marking = self.by_id.get(ref, {})
            definition = marking.get("definition")
            said = str(definition.get("tlp") or "") if isinstance(definition, dict) else ""
            said = said or str(marking.get("name") or "").upper().removeprefix("TLP:")
            found.append(said.lower() or _TLP.get(ref.removeprefix("marking-definition--"), ""))
        known = [light for light in found if light in TLP_ORDER]
        return max(known, key=TLP_ORDER.index, default="")


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str) and v.strip()) if isinstance(value, list) else ()
