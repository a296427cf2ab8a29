"""OCSF events as security lakes hold them, Parquet or JSON: sign-ins (3002), peripherals (1010), software (5020).

What counts: a row per logon (activity 1) whatever its result; challenges, tickets and logoffs are none. The result is
``status_id``, and ``status`` only without one. ``time`` is in milliseconds by the schema and in seconds in the wild: its
size tells. ``coordinates`` is longitude before latitude. Accounts are named by the product that reported them, so that an
Okta sign-in has one account id whether it came by Okta's own log or through OCSF.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mapae.model.errors import InputRefused
from mapae.sources import json_records
from mapae.sources.endpoint_rows import fact
from mapae.sources.hardware_ids import hardware
from mapae.sources.json_records import cell
from mapae.sources.json_text import is_json, structure
from mapae.sources.layout import Event, Rows
from mapae.sources.log_cells import Accounts, filled, part, truth, utc
from mapae.sources.okta_tunnels import network
from mapae.sources.rows import cut

AUTHENTICATION, PERIPHERAL, SOFTWARE = 3002, 1010, 5020
_LOGON, _DISCONNECT = 1, 2
_BATCH = 4096
# Logon types of Windows at which nobody sits: network, batch, service, clear text over the network, new credentials.
_UNATTENDED = frozenset((3, 4, 5, 8, 9))
_CLASS = re.compile(r'"class_uid"\s*:\s*"?\d')
# What products are called elsewhere in Mapae.
_PLATFORMS = (
    ("okta", "okta"),
    ("github", "github"),
    ("cloudtrail", "aws"),
    ("aws", "aws"),
    ("entra", "entra"),
    ("azure", "entra"),
    ("active directory", "entra"),
    ("windows", "windows"),
    ("google", "google"),
)
_SLUG = re.compile(r"[^a-z0-9]+")


class Ocsf:
    """Reader of OCSF events."""

    name = "ocsf"
    title = "OCSF (authentication, peripheral activity, software inventory)"
    tables: tuple[str, ...] = ("sign_ins", "endpoint_facts", "accounts")
    version = "1"

    def recognises(self, path: Path, beginning: str) -> bool:
        """Whether a file holds OCSF events: by ``class_uid`` and ``metadata``, in Parquet by its columns."""
        if beginning:
            return is_json(beginning) and '"metadata"' in beginning and _CLASS.search(beginning) is not None
        return {"class_uid", "metadata", "time"} <= _parquet_columns(path)

    def events(self, path: Path) -> Iterator[Event]:
        """One event per record; see the module for what counts.

        Raises:
            InputRefused: the file cannot be read at all.
        """
        accounts: dict[str, Accounts] = {}
        for number, line, record in _parquet(path) if _is_parquet(path) else json_records.records(path):
            where = f" (line {line})" if line else ""
            if isinstance(record, json_records.Broken):
                yield Event(number, [], record.reason, record.raw)
                continue
            try:
                rows = _rows(record, accounts)
            except (TypeError, ValueError, AttributeError, KeyError, RecursionError):
                rows = "its fields are not of the form that OCSF describes"
            if isinstance(rows, str):
                yield Event(number, [], f"{rows}{where}", cut(_raw(record)))
            else:
                yield Event(number, rows)


def _raw(record: Mapping[str, Any]) -> str:
    try:
        return cell(record) or ""
    except (TypeError, ValueError, RecursionError):
        return str(record)[:4096]


# ---- Parquet


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _parquet_columns(path: Path) -> set[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return set(pq.read_schema(path).names) if _is_parquet(path) else set()
    except (OSError, pa.ArrowException):
        return set()


def _parquet(path: Path) -> Iterator[tuple[int, int, dict[str, Any]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                for record in batch.to_pylist():
                    number += 1
                    yield number, 0, record
    except (OSError, pa.ArrowException) as problem:
        raise InputRefused(
            "A Parquet file is damaged or cut off.",
            where=f"{path}, after {number} rows",
            why=str(problem)[:200],
            do="Copy or export it again.",
        ) from problem


# ---- rows


def _object(found: Any) -> Mapping[str, Any]:
    """An object of the record; a map of Parquet comes as pairs."""
    if type(found) is list and all(type(one) is tuple and len(one) == 2 for one in found):
        found = dict(found)
    found = structure(found)
    return found if type(found) is dict else {}


def _rows(record: dict[str, Any], accounts: dict[str, Accounts]) -> Rows | str:
    """Rows of an event, or why there are none though there should be."""
    class_ = _whole(record.get("class_uid"))
    if class_ is None:
        return "no class (class_uid)"
    if class_ not in (AUTHENTICATION, PERIPHERAL, SOFTWARE):
        return []
    activity = _whole(record.get("activity_id"))
    if class_ == AUTHENTICATION and activity != _LOGON:
        return []
    if class_ == PERIPHERAL and activity == _DISCONNECT:
        return []
    when = utc(record.get("time")) or utc(record.get("time_dt"))
    if when is None:
        return "no time"
    product = _object(_object(record.get("metadata")).get("product"))
    platform = _platform(product)
    rows: Rows = []
    sign_in = _sign_in(record) if class_ == AUTHENTICATION else {}
    account = _account(record, platform, when, rows, accounts)
    if class_ == AUTHENTICATION:
        if account is None:
            return "no account (user.uid)"
        rows.insert(0, ("sign_ins", {**sign_in, "account_id": account, "happened_at": when}))
        return rows
    device = _device(record)
    if device is None and account is None:
        return "no device (device.uid)"
    name = filled(_object(record.get("device")).get("name"))
    if class_ == PERIPHERAL:
        kind, cells = _peripheral(_object(record.get("peripheral_device")))
        rows.append(fact(kind, when, device, account, cells, name))
    else:
        package = _object(record.get("package")) or _object(record.get("product"))
        cells = {
            "vendor": filled(package.get("vendor_name")),
            "product": filled(package.get("name")),
            "version": filled(package.get("version")),
        }
        rows.append(fact("software", when, device, account, cells, name))
    return rows


def _whole(value: Any) -> int | None:
    made = cell(value)
    return int(made) if made and made.isascii() and made.isdigit() and len(made) < 10 else None


def _platform(product: Mapping[str, Any]) -> str:
    names = f"{filled(product.get('name')) or ''} {filled(product.get('vendor_name')) or ''}".lower()
    known = next((made for sign, made in _PLATFORMS if sign in names), "")
    vendor = filled(product.get("vendor_name")) or filled(product.get("name")) or "ocsf"
    return known or _SLUG.sub("-", vendor.lower()).strip("-") or "ocsf"


def _account(
    record: Mapping[str, Any], platform: str, when: str, rows: Rows, accounts: dict[str, Accounts]
) -> str | None:
    """Id of the account that an event is about, noted with its e-mail."""
    user, actor = _object(record.get("user")), _object(_object(record.get("actor")).get("user"))
    id_ = filled(user.get("uid")) or filled(user.get("uuid"))
    if id_ is None and not filled(user.get("name")) and not filled(user.get("email_addr")):
        user, id_ = actor, filled(actor.get("uid")) or filled(actor.get("uuid"))
    told = [user, actor] if id_ in (None, actor.get("uid"), actor.get("uuid")) else [user]
    name = next((filled(one.get("name")) for one in told if filled(one.get("name"))), None)
    email = next((filled(one.get("email_addr")) for one in told if filled(one.get("email_addr"))), None)
    email = email or (name if name and "@" in name else None)
    if id_ is None and email is None and name is None:
        return None
    account = f"{platform}/{id_ or email or name}"
    shown = filled(user.get("full_name")) or (name if name != email else None)
    service = _whole(user.get("type_id")) in (3, 4) or (id_ or "").startswith("NT AUTHORITY\\")
    kind = "service" if service else None
    accounts.setdefault(platform, Accounts(platform)).see(rows, account, when, email, shown, kind=kind)
    return account


def _device(record: Mapping[str, Any]) -> str | None:
    device = _object(record.get("device"))
    names = ("uid", "uuid", "hostname", "name")
    return next((made for name in names if (made := filled(device.get(name)))), None)


def _outcome(record: Mapping[str, Any]) -> str:
    status = _whole(record.get("status_id"))
    if status in (1, 2):
        return "success" if status == 1 else "failure"
    word = (filled(record.get("status")) or "").lower()
    return word if word in ("success", "failure") else "unknown"


def _sign_in(record: Mapping[str, Any]) -> dict[str, str | None]:
    source, metadata = _object(record.get("src_endpoint")), _object(record.get("metadata"))
    place, system = _object(source.get("location")), _object(source.get("autonomous_system"))
    device = _object(record.get("device"))
    session = _object(record.get("session")) or _object(_object(record.get("actor")).get("session"))
    lat, lon = place.get("lat"), place.get("long")
    point = place.get("coordinates")
    if lat is None and type(point) is list and len(point) == 2:
        lon, lat = point
    kind, operator = _network(record, source, filled(system.get("name")), session)
    unattended = _whole(record.get("logon_type_id")) in _UNATTENDED
    return {
        "event_id": filled(metadata.get("original_event_uid")) or filled(metadata.get("uid")),
        "outcome": _outcome(record),
        "ip": filled(source.get("ip")),
        "asn": filled(system.get("number")),
        "as_org": filled(system.get("name")),
        "network_kind": kind,
        "vpn_operator": operator,
        "country": filled(place.get("country")),
        "region": filled(place.get("region")),
        "city": filled(place.get("city")),
        "lat": filled(lat),
        "lon": filled(lon),
        "device_id": filled(device.get("uid")) or filled(device.get("hostname")),
        "device_managed": truth(device.get("is_managed")),
        "session_id": filled(session.get("uid")),
        "interactive": "false" if unattended else "true",
        "user_agent": filled(part(_object(record.get("http_request")), "user_agent")),
    }


def _network(
    record: Mapping[str, Any], source: Mapping[str, Any], as_org: str | None, session: Mapping[str, Any]
) -> tuple[str | None, str | None]:
    """Kind of network and operator: the session's, else what Okta said and OCSF has no name for."""
    more = _object(record.get("unmapped"))
    if "securityContext" in more or "debugContext" in more:
        security = {**_object(more.get("securityContext")), "asOrg": as_org}
        debug = _object(_object(more.get("debugContext")).get("debugData"))
        kind, operator = network(dict(more), {"ipAddress": source.get("ip")}, security, dict(debug))
        if kind:
            return kind, operator
    return ("vpn" if truth(session.get("is_vpn")) == "true" else None), None


def _peripheral(device: Mapping[str, Any]) -> tuple[str, dict[str, str | None]]:
    """Kind and cells of a peripheral."""
    ids = device.get("vendor_id_list")
    told = [filled(one) for one in ids] if type(ids) is list else [filled(ids)]
    told = [filled(device.get("uid")), *told]
    found = next((made for one in told if one and (made := hardware(one))), None)
    class_ = (filled(device.get("class")) or "").lower()
    kind = found.kind if found else "display" if class_ in ("monitor", "display") else "usb"
    return kind, {
        "vendor_id": found.vendor_id if found else None,
        "product_id": found.product_id if found else None,
        "vendor": filled(device.get("vendor_name")),
        "product": filled(device.get("model")) or filled(device.get("name")),
        "serial": filled(device.get("serial_number")) or (found.serial if found else None),
    }
