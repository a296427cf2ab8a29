"""Microsoft Defender: devices that were plugged in, and the inventory of software, as rows of ``endpoint_facts``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mapae.sources.endpoint_rows import fact, owner
from mapae.sources.hardware_ids import hardware
from mapae.sources.json_text import structure
from mapae.sources.layout import Rows
from mapae.sources.log_cells import CONFUSED, Accounts, confused, filled, utc

_CONNECTED = frozenset(("PnpDeviceConnected", "PnpDeviceAllowed"))
_MOUNTED = "UsbDriveMounted"
# An inventory is a state and has no time of its own in the portal; exports by interface and stream have one of these.
_TIMES = ("timestamp", "firstseentimestamp", "timegenerated", "snapshottimestamp", "lastseentimestamp", "exportedtime")
NO_TIME = "no time; add one to the query (extend Timestamp = now()), or export by the interface, which has one"
_IN_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*Z", re.ASCII)


def is_defender(names: set[str]) -> bool:
    """Whether names of fields, in lower case, are those of Defender's tables."""
    if "actiontype" in names and names & {"deviceid", "devicename"}:
        return True
    return {"softwarename", "softwareversion"} <= names and bool(names & {"deviceid", "devicename"})


def fields_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Fields by names in lower case; a stream holds them under ``properties``."""
    made = {name.lower(): value for name, value in record.items()}
    inner = structure(made.get("properties"))
    if type(inner) is dict:
        made |= {name.lower(): value for name, value in inner.items()}
    return made


def nothing() -> str | None:
    """The time of an inventory of which nothing else is known."""
    return None


def rows_of(
    fields: Mapping[str, Any], accounts: dict[str, Accounts], otherwise: Callable[[], str | None] = nothing
) -> Rows | str:
    """Rows of a record, or why there are none though there should be.

    Args:
        fields: as :func:`fields_of` gives them.
        accounts: accounts seen so far, by platform.
        otherwise: the time of an inventory whose rows have none: the newest that its export holds elsewhere.
    """
    action = fields.get("actiontype")
    if action in _CONNECTED or action == _MOUNTED:
        return _plugged(fields, accounts)
    if filled(fields.get("softwarename")):
        return _software(fields if _when(fields) else {**fields, _TIMES[0]: otherwise()}, accounts)
    return []


def time_of(fields: Mapping[str, Any]) -> str:
    """The time of a record in UTC, as texts sort; "" where it has none that can be read."""
    when = _when(fields)
    return when if when and _IN_UTC.fullmatch(when) else ""


def _when(fields: Mapping[str, Any]) -> str | None:
    return next((utc(fields[name]) for name in _TIMES if filled(fields.get(name))), None)


def _about(fields: Mapping[str, Any], rows: Rows, accounts: dict[str, Accounts]) -> tuple[str, str, str | None] | str:
    """Time, device and account of a record, or what is missing."""
    when = _when(fields)
    device = filled(fields.get("deviceid")) or filled(fields.get("devicename"))
    if when is None:
        return NO_TIME
    if confused(when):
        return CONFUSED
    if device is None:
        return "no device (DeviceId)"
    names = ("initiatingprocessaccountupn", "accountupn", "loggedonuser")
    name = next((filled(fields.get(one)) for one in names if filled(fields.get(one))), None)
    object_id = filled(fields.get("initiatingprocessaccountobjectid")) or filled(fields.get("accountobjectid"))
    return when, device, owner(rows, accounts, when, "defender", object_id, name)


def _additional(fields: Mapping[str, Any]) -> dict[str, Any]:
    for name in ("additionalfields", "additionalfields_string", "additionalfields_dynamic"):
        found = structure(fields.get(name))
        if type(found) is dict:
            return found
    return {}


def _plugged(fields: Mapping[str, Any], accounts: dict[str, Accounts]) -> Rows | str:
    more = _additional(fields)
    rows: Rows = []
    cells: dict[str, str | None] = {}
    kind = "usb"
    if fields.get("actiontype") == _MOUNTED:
        cells = {
            "vendor": filled(more.get("Manufacturer")),
            "product": filled(more.get("ProductName")),
            "serial": filled(more.get("SerialNumber")),
        }
    else:
        ids = structure(more.get("VendorIds"))
        told = [filled(more.get("DeviceId")), *(map(filled, ids) if type(ids) is list else [filled(ids)])]
        found = next((made for one in told if one and (made := hardware(one))), None)
        if found is None:
            return rows if told[0] else "no identifier of the device (AdditionalFields.DeviceId)"
        kind = found.kind
        cells = {
            "vendor_id": found.vendor_id,
            "product_id": found.product_id,
            "vendor": found.vendor,
            "product": filled(more.get("DeviceDescription")) or found.product,
            "serial": found.serial,
        }
    about = _about(fields, rows, accounts)
    if isinstance(about, str):
        return about
    when, device, account = about
    rows.append(fact(kind, when, device, account, cells, filled(fields.get("devicename"))))
    return rows


def _software(fields: Mapping[str, Any], accounts: dict[str, Accounts]) -> Rows | str:
    rows: Rows = []
    about = _about(fields, rows, accounts)
    if isinstance(about, str):
        return about
    when, device, account = about
    cells = {
        "vendor": filled(fields.get("softwarevendor")),
        "product": filled(fields.get("softwarename")),
        "version": filled(fields.get("softwareversion")),
    }
    rows.append(fact("software", when, device, account, cells, filled(fields.get("devicename"))))
    return rows
