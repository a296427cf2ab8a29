"""Endpoint facts: what Microsoft Defender and osquery report of computers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mapae.sources import csv_records, defender, json_records, osquery
from mapae.sources.json_records import cell
from mapae.sources.json_text import is_json
from mapae.sources.layout import Event, Rows
from mapae.sources.log_cells import Accounts
from mapae.sources.rows import cut


class Endpoints:
    """Reader of endpoint facts: USB devices, displays and software.

    Of Defender: ``DeviceEvents`` with PnpDeviceConnected, PnpDeviceAllowed or UsbDriveMounted, and
    ``DeviceTvmSoftwareInventory``; of osquery ``usb_devices`` and the tables of installed software. Everything else that
    such files hold gives events without rows.
    """

    name = "endpoints"
    title = "Endpoint facts (Microsoft Defender, osquery)"
    tables: tuple[str, ...] = ("endpoint_facts", "accounts")
    version = "2"

    def recognises(self, path: Path, beginning: str) -> bool:
        """Whether a file holds rows of Defender's tables or results of osquery: by the names of their fields."""
        if not is_json(beginning):
            return defender.is_defender({name.lower() for name in csv_records.headers(beginning)})
        low = beginning.lower()
        if '"actiontype"' in low and '"deviceid"' in low and ("additionalfields" in low or "initiatingprocess" in low):
            return True
        if '"softwarename"' in low and '"softwareversion"' in low and '"device' in low:
            return True
        if '"name"' in low and ('"columns"' in low or '"snapshot"' in low or '"diffresults"' in low):
            return '"hostidentifier"' in low or '"unixtime"' in low or '"action"' in low
        first = next(iter(json_records.records(path)), None) if '"vendor"' in low and '"model"' in low else None
        return first is not None and isinstance(first[2], dict) and osquery.is_osquery(first[2])

    def events(self, path: Path) -> Iterator[Event]:
        """One event per record.

        Raises:
            InputRefused: the file cannot be read at all.
        """
        accounts: dict[str, Accounts] = {}
        otherwise = functools.cache(lambda: _newest(path))
        for number, line, record in _records(path):
            if type(record) is not dict:
                yield Event(number, [], record.reason, record.raw)
                continue
            try:
                rows = _rows(record, accounts, otherwise)
            except (TypeError, ValueError, AttributeError, KeyError, RecursionError):
                rows = "its fields are not of the form that Defender or osquery write"
            if isinstance(rows, str):
                yield Event(number, [], f"{rows} (line {line})", cut(cell(record) or ""))
            else:
                yield Event(number, rows)


def _records(path: Path) -> Iterator[tuple[int, int, Any]]:
    return json_records.records(path) if is_json(path) else csv_records.records(path)


def _newest(path: Path) -> str | None:
    """The newest time that any record of Defender's in a file has."""
    times = (defender.time_of(defender.fields_of(one)) for _, _, one in _records(path) if type(one) is dict)
    return max(times, default="") or None


def _rows(
    record: dict[str, Any], accounts: dict[str, Accounts], otherwise: Callable[[], str | None] = defender.nothing
) -> Rows | str:
    if osquery.is_osquery(record):
        return osquery.rows_of(record, accounts)
    return defender.rows_of(defender.fields_of(record), accounts, otherwise)
