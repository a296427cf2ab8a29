"""Containers in which Okta's events travel, and the event inside: bridges, search exports, flattened tables."""

from __future__ import annotations

import json
from typing import Any

from mapae.sources import csv_records
from mapae.sources.log_cells import filled

# Names at the top of an event; warehouses write them in lower case.
_TOP = (
    "actor", "client", "device", "authenticationContext", "displayMessage", "eventType", "outcome", "published",
    "securityContext", "severity", "debugContext", "legacyEventType", "transaction", "uuid", "version", "request",
    "target",
)  # fmt: skip
_BY_LOWER = {name.lower(): name for name in _TOP}
# Endings by which Log Analytics tells the type of a column.
_TYPES = ("_s", "_d", "_b", "_t", "_g")
# Columns of OktaV2_CL, and where they belong.
_V2 = {
    "EventOriginalType": "eventType",
    "EventOriginalUid": "uuid",
    "TimeGenerated": "published",
    "OriginalOutcomeResult": "outcome.result",
    "EventOriginalResultDetails": "outcome.reason",
    "ActorUserId": "actor.id",
    "OriginalUserType": "actor.type",
    "ActorDisplayName": "actor.displayName",
    "OriginalActorAlternateId": "actor.alternateId",
    "ActorSessionId": "authenticationContext.externalSessionId",
    "HttpUserAgent": "client.userAgent.rawUserAgent",
    "SrcIpAddr": "client.ipAddress",
    "SrcGeoCity": "client.geographicalContext.city",
    "SrcGeoRegion": "client.geographicalContext.state",
    "SrcGeoCountry": "client.geographicalContext.country",
    "SrcGeoLatitude": "client.geographicalContext.geolocation.lat",
    "SrcGeoLongitude": "client.geographicalContext.geolocation.lon",
    "SrcGeoLongtitude": "client.geographicalContext.geolocation.lon",
    "SecurityContextAsNumber": "securityContext.asNumber",
    "SecurityContextAsOrg": "securityContext.asOrg",
    "SecurityContextIsProxy": "securityContext.isProxy",
    "SrcDvcId": "device.id",
    "OriginalTarget": "target",
    "Request": "request",
    "DebugData": "debugContext.debugData",
}


def is_okta(beginning: str) -> bool:
    """Whether a text begins as an export of Okta's events does."""
    if '"class_uid"' in beginning:
        return False
    if beginning.lstrip()[:1] not in ("{", "["):
        found = set(csv_records.headers(beginning))
        raw = "_raw" in found and 'eventType""' in beginning and "alternateId" in beginning
        dotted = {"eventType", "actor.alternateId"} <= found
        return raw or dotted or {"EventOriginalType", "OriginalActorAlternateId"} <= found or "eventType_s" in found
    if '"eventType_s"' in beginning and "actor_" in beginning:
        return True
    if '"EventOriginalType"' in beginning and '"OriginalActorAlternateId"' in beginning:
        return True
    typed = any(sign in beginning for sign in ('"eventType"', '"eventtype"', '\\"eventType\\"'))
    return typed and "alternateId" in beginning and "actor" in beginning


def event_of(record: dict[str, Any], depth: int = 0) -> dict[str, Any] | None:
    """The event inside a record with its usual names, or None.

    Args:
        record: as the file holds it.
        depth: envelopes opened so far.
    """
    if type(record.get("eventType")) is str:
        return _dotted(record) if "actor" not in record and "actor.alternateId" in record else record
    if "eventtype" in record:
        return {_BY_LOWER.get(name.lower(), name): value for name, value in record.items()}
    if "eventType_s" in record:
        return _unflattened(record)
    if "EventOriginalType" in record:
        return _second(record)
    if depth > 3:
        return None
    raw = record.get("_raw")
    if type(raw) is str:
        inner = json.loads(raw)
        return event_of(inner, depth + 1) if type(inner) is dict else None
    for name in ("detail", "result", "event", "data"):
        inner = record.get(name)
        if type(inner) is dict:
            found = event_of(inner, depth + 1)
            if found is not None:
                return found
    return None


def _put(event: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        inner = event.get(name)
        if type(inner) is not dict:
            inner = event[name] = {}
        event = inner
    event.setdefault(path[-1], value)


def _json(value: str) -> Any:
    return json.loads(value) if value[:1] in ("[", "{") else value


def _dotted(record: dict[str, Any]) -> dict[str, Any]:
    """An event as a table of a search: ``client.userAgent.os`` names a column."""
    event: dict[str, Any] = {}
    for name, value in record.items():
        path = name.split(".")
        if path[0] in _TOP and filled(value) is not None:
            _put(event, path, _json(value) if type(value) is str else value)
    event.setdefault("published", record.get("_time"))
    return event


def _unflattened(record: dict[str, Any]) -> dict[str, Any]:
    """An event of the table Okta_CL: ``client_userAgent_os_s`` stands for ``client.userAgent.os``."""
    event: dict[str, Any] = {}
    for name, value in record.items():
        if name[-2:] not in _TYPES or name.startswith("_") or filled(value) is None:
            continue
        path = name[:-2].split("_")
        if path[0] in _TOP:
            listed = path[-1] in ("target", "ipChain", "detail")
            _put(event, path, _json(value) if listed and type(value) is str else value)
    return event


def _second(record: dict[str, Any]) -> dict[str, Any]:
    """An event of the table OktaV2_CL."""
    event: dict[str, Any] = {}
    for column, path in _V2.items():
        value = record.get(column)
        if filled(value) is not None:
            _put(event, path.split("."), _json(value) if type(value) is str else value)
    return event
