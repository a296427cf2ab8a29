"""osquery results: USB devices and installed software out of its differential and snapshot logs.

A query's name is its author's; tables are told by the end of the name, else by the columns. What was removed is no row: it
was one when it was added. Snapshots come as a list or as one event a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mapae.sources.endpoint_rows import fact, owner
from mapae.sources.json_records import instant
from mapae.sources.json_text import listed, structure
from mapae.sources.layout import Rows
from mapae.sources.log_cells import Accounts, filled

# osquery's own tables (osquery.io/schema) that list what is installed.
_SOFTWARE = re.compile(
    r"(?:^|[_/\-.])(programs|apps|deb_packages|rpm_packages|homebrew_packages|chocolatey_packages|pacman_packages"
    r"|portage_packages|chrome_extensions|windows_programs|installed_applications)$"
)
_USB = re.compile(r"(?:^|[_/\-.])usb_devices$")
USB_COLUMNS = frozenset(
    (
        *("usb_address", "usb_port", "vendor", "vendor_id", "version", "model"),
        *("model_id", "serial", "class", "subclass", "protocol", "removable"),
    )
)
_USB_ALONE = frozenset(("model_id", "usb_address", "usb_port", "removable"))
_SOFTWARE_ALONE = frozenset(("identifying_number", "bundle_identifier", "install_source"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CALENDAR = re.compile(r"\w{3} (\w{3}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4}) UTC", re.ASCII)


def is_osquery(record: Mapping[str, Any]) -> bool:
    """Whether a record is one of osquery's results, in its envelope or bare rows of ``usb_devices``."""
    if "columns" in record or "snapshot" in record or "diffResults" in record:
        return "name" in record and bool({"hostIdentifier", "action", "unixTime", "calendarTime"} & set(record))
    return {"vendor", "model"} <= set(record) <= USB_COLUMNS


def rows_of(record: Mapping[str, Any], accounts: dict[str, Accounts]) -> Rows | str:
    """Rows of a record, or why there are none though there should be."""
    if "columns" not in record and "snapshot" not in record and "diffResults" not in record:
        return "a bare row of usb_devices without device and time; log it by osqueryd, which adds both"
    rows: Rows = []
    name = str(record.get("name") or "").lower()
    found = [(kind, columns) for columns in _results(record) if (kind := _kind(name, columns))]
    if not found:
        return rows
    when = _when(record)
    if when is None:
        return "no time (unixTime)"
    decorations = structure(record.get("decorations"))
    decorations = decorations if type(decorations) is dict else {}
    device = filled(record.get("hostIdentifier")) or filled(decorations.get("host_uuid"))
    if device is None:
        return "no device (hostIdentifier)"
    user = next(
        (
            str(value)
            for key, value in sorted(decorations.items())
            if "user" in key or "mail" in key
            if "@" in str(value)
        ),
        None,
    )
    account = owner(rows, accounts, when, "osquery", None, user)
    for kind, columns in found:
        rows.append(fact(kind, when, device, account, _cells(kind, columns), filled(decorations.get("hostname"))))
    return rows


def _results(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Rows of a result that are there, not those that went."""
    if "snapshot" in record:
        yield from listed(record["snapshot"])
    batch = structure(record.get("diffResults"))
    if type(batch) is dict:
        yield from listed(batch.get("added"))
    if record.get("action") != "removed":
        yield from listed(record.get("columns"))


def _kind(name: str, columns: Mapping[str, Any]) -> str:
    """``usb``, ``software``, or "" for tables of other things."""
    if _USB.search(name) or (_USB_ALONE & set(columns) and {"vendor", "model"} & set(columns)):
        return "usb"
    return "software" if _SOFTWARE.search(name) or _SOFTWARE_ALONE & set(columns) else ""


def _when(record: Mapping[str, Any]) -> str | None:
    unix = filled(record.get("unixTime"))
    if unix:
        return instant(unix)
    calendar = _CALENDAR.fullmatch(str(record.get("calendarTime")))
    if calendar and calendar[1] in _MONTHS:
        return f"{calendar[4]}-{_MONTHS.index(calendar[1]) + 1:02d}-{int(calendar[2]):02d}T{calendar[3]}Z"
    return None


def _cells(kind: str, columns: Mapping[str, Any]) -> dict[str, str | None]:
    def first(*names: str) -> str | None:
        return next((made for name in names if (made := filled(columns.get(name)))), None)

    if kind == "usb":
        vendor_id, product_id = first("vendor_id"), first("model_id")
        return {
            "vendor_id": vendor_id.lower().removeprefix("0x") if vendor_id else None,
            "product_id": product_id.lower().removeprefix("0x") if product_id else None,
            "vendor": first("vendor"),
            "product": first("model"),
            "serial": first("serial"),
            "version": first("version"),
        }
    return {
        "vendor": first("publisher", "vendor", "maintainer", "author"),
        "product": first("display_name", "name", "bundle_name"),
        "version": first("version", "bundle_short_version", "bundle_version"),
    }
