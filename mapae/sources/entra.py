"""Microsoft Entra sign-ins: pages of Graph, Log Analytics as JSON and CSV, diagnostic settings, and the portal's CSV.

Every layout is brought to one set of names in lower case, in which ``properties`` go before what stands around them.
What counts: one row per sign-in record, interactive or not; audit and policy records are none. The outcome is the error
code, wherever it stands (``status.errorCode``, ``ResultType``, ``Sign-in error code``), and only without one the word.
Microsoft writes UTC, also where a time has no zone. Where day and month of a time can be confused, the row is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mapae.sources import csv_records, json_records
from mapae.sources.entra_codes import outcome
from mapae.sources.json_records import cell
from mapae.sources.json_text import is_json, structure
from mapae.sources.layout import Event, Rows
from mapae.sources.log_cells import CONFUSED, Accounts, confused, filled, truth, utc
from mapae.sources.rows import cut

# Names of the portal's CSV and of newer tables, and the names of Graph for the same.
_ALIASES = {
    "date (utc)": "createddatetime",
    "request id": "id",
    "user id": "userid",
    "username": "userprincipalname",
    "user": "userdisplayname",
    "user agent": "useragent",
    "ip address": "ipaddress",
    "calleripaddress": "ipaddress",
    "session id": "sessionid",
    "service principal id": "serviceprincipalid",
    "service principal name": "serviceprincipalname",
    "autonomous system number": "autonomoussystemnumber",
    "sign-in error code": "errorcode",
    "identity": "userdisplayname",
}
_NO_USER = frozenset(("00000000-0000-0000-0000-000000000000",))
_ZONE_IN_NAME = re.compile(r" \[utc\]$")
_SIGN_IN_TYPES = frozenset(
    (
        "signinlogs",
        "aadnoninteractiveusersigninlogs",
        "aadserviceprincipalsigninlogs",
        "aadmanagedidentitysigninlogs",
        "adfssigninlogs",
    )
)


class Entra:
    """Reader of Microsoft Entra's sign-in logs."""

    name = "entra"
    title = "Microsoft Entra sign-ins"
    tables: tuple[str, ...] = ("sign_ins", "accounts")
    version = "1"

    def recognises(self, path: Path, beginning: str) -> bool:
        """Whether a file holds sign-ins of Entra: by the names of their fields."""
        if not is_json(beginning):
            found = {name.lower() for name in csv_records.headers(beginning)}
            portal = "date (utc)" in found and ("request id" in found or "correlation id" in found)
            portal = portal and bool(found & {"sign-in error code", "ip address", "user id", "service principal id"})
            found = {_ZONE_IN_NAME.sub("", name) for name in found}
            return portal or {"resulttype", "correlationid", "userprincipalname", "ipaddress"} <= found
        low = beginning.lower()
        if "auditlogs/signins" in low:
            return True
        if '"createddatetime"' in low and '"userprincipalname"' in low and '"conditionalaccessstatus"' in low:
            return True
        return "signinlogs" in low and ('"resulttype"' in low or '"category"' in low)

    def events(self, path: Path) -> Iterator[Event]:
        """One event per record; see the module for what is a sign-in.

        Raises:
            InputRefused: the file cannot be read at all.
        """
        accounts = Accounts("entra")
        source: Iterator[tuple[int, int, Any]] = (
            json_records.records(path) if is_json(path) else csv_records.records(path)
        )
        named = _interactive_by_name(path.name)
        for number, line, record in source:
            if type(record) is not dict:
                yield Event(number, [], record.reason, record.raw)
                continue
            try:
                rows = _rows(_fields(record), accounts, named)
            except (TypeError, ValueError, AttributeError, KeyError, RecursionError):
                rows = "its fields are not of the form that Entra writes"
            if isinstance(rows, str):
                yield Event(number, [], f"{rows} (line {line})", cut(cell(record) or ""))
            else:
                yield Event(number, rows)


def _interactive_by_name(name: str) -> str | None:
    """The portal names its exports InteractiveSignIns…, NonInteractiveSignIns…, and says it nowhere else."""
    low = name.lower()
    if "noninteractive" in low or "applicationsignin" in low or "msisignin" in low:
        return "false"
    return "true" if "interactivesignin" in low else None


def _fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record's fields under names in lower case, ``properties`` before what stands around them."""
    made: dict[str, Any] = {}
    inner: Any = None
    for name, value in record.items():
        low = _ZONE_IN_NAME.sub("", name.lower())
        if low == "properties":
            inner = structure(value)
        elif value is not None and value != "":
            made[_ALIASES.get(low, low)] = value
    if type(inner) is dict:
        for name, value in inner.items():
            if value is not None and value != "":
                low = name.lower()
                made[_ALIASES.get(low, low)] = value
    return made


def _is_sign_in(fields: Mapping[str, Any]) -> bool:
    category = str(fields.get("category") or "").lower()
    if category:
        return "signin" in category
    kind = str(fields.get("type") or "").lower()
    if kind in _SIGN_IN_TYPES:
        return True
    if "activitydisplayname" in fields or "targetresources" in fields or "initiatedby" in fields:
        return False
    return "createddatetime" in fields or str(fields.get("operationname")).lower() == "sign-in activity"


def _rows(fields: dict[str, Any], accounts: Accounts, named: str | None) -> Rows | str:
    """Rows of a record, or why there are none though there should be."""
    if not _is_sign_in(fields):
        return []
    given = fields.get("createddatetime") or fields.get("time") or fields.get("timegenerated")
    if confused(given):
        return CONFUSED
    when = utc(given)
    if when is None:
        return "no time (createdDateTime)"
    user, name = filled(fields.get("userid")), filled(fields.get("userprincipalname"))
    machine = filled(fields.get("serviceprincipalid"))
    user = None if user in _NO_USER else user
    if user is None and machine is None and name is None:
        return "no account (userId, servicePrincipalId)"
    account = f"entra/{user or machine}" if user or machine else f"entra/unknown/{name}"
    rows: Rows = [("sign_ins", {**_sign_in(fields, named), "account_id": account, "happened_at": when})]
    if user:
        accounts.see(rows, account, when, _mailbox(name), filled(fields.get("userdisplayname")))
    elif machine:
        accounts.see(rows, account, when, None, filled(fields.get("serviceprincipalname")), kind="service")
    return rows


def _mailbox(name: str | None) -> str | None:
    """The e-mail of a user name; that of a guest stands in it as ``jane_example.com#EXT#@tenant.onmicrosoft.com``."""
    if name and "#ext#" in name.lower():
        local, _, domain = name[: name.lower().index("#ext#")].rpartition("_")
        return f"{local}@{domain}" if local and domain else None
    return name


def _sign_in(fields: Mapping[str, Any], named: str | None) -> dict[str, str | None]:
    status, device = structure(fields.get("status")), structure(fields.get("devicedetail"))
    device = device if type(device) is dict else {}
    city, region, country, point = _place(fields)
    return {
        "event_id": filled(fields.get("id")) or filled(fields.get("originalrequestid")),
        "outcome": outcome(status, fields.get("errorcode"), fields.get("resulttype"), fields.get("resultsignature")),
        "ip": filled(fields.get("ipaddress")),
        "asn": filled(fields.get("autonomoussystemnumber")),
        "network_kind": _network(fields),
        "country": country,
        "region": region,
        "city": city,
        "lat": filled(point.get("latitude")),
        "lon": filled(point.get("longitude")),
        "device_id": filled(device.get("deviceId")) or filled(fields.get("device id")),
        "device_managed": _managed(device, fields),
        "session_id": filled(fields.get("sessionid")),
        "interactive": truth(fields.get("isinteractive")) or _interactive(fields) or named,
        "user_agent": filled(fields.get("useragent")),
    }


def _interactive(fields: Mapping[str, Any]) -> str | None:
    word = str(fields.get("category") or fields.get("type") or "").lower()
    if "noninteractive" in word or "principal" in word or "managedidentity" in word:
        return "false"
    kinds = str(fields.get("signineventtypes") or "").lower()
    if "interactiveuser" in kinds:
        return "false" if "noninteractiveuser" in kinds else "true"
    return "true" if "signin" in word else None


def _managed(device: Mapping[str, Any], fields: Mapping[str, Any]) -> str | None:
    said = (
        truth(device.get("isManaged")) or truth(fields.get("managed")),
        truth(device.get("isCompliant")) or truth(fields.get("compliant")),
    )
    return "true" if "true" in said else "false" if "false" in said else None


def _place(fields: Mapping[str, Any]) -> tuple[str | None, str | None, str | None, Mapping[str, Any]]:
    """City, region, country and coordinates of an address, of an object or of ``City, State, US``."""
    nothing: dict[str, Any] = {}
    for name in ("locationdetails", "location"):
        found = structure(fields.get(name))
        if type(found) is dict:
            point = structure(found.get("geoCoordinates"))
            city, region = filled(found.get("city")), filled(found.get("state"))
            return city, region, filled(found.get("countryOrRegion")), point if type(point) is dict else nothing
        if type(found) is str and name == "location":
            parts: list[str | None] = [filled(one.strip()) for one in found.split(",")]
            region = parts[-2] if len(parts) > 2 else None
            return parts[0] if len(parts) > 1 else None, region, parts[-1], nothing
    return None, None, None, nothing


def _network(fields: Mapping[str, Any]) -> str | None:
    """What Entra says of the network: the tenant's own trusted location, or an anonymous address (a proxy of some kind)."""
    if "trustedNamedLocation" in (cell(fields.get("networklocationdetails")) or ""):
        return "corporate"
    risks = f"{fields.get('riskeventtypes_v2') or ''}{fields.get('riskeventtypes') or ''}"
    return "proxy" if "anonymizedIPAddress" in risks else None
