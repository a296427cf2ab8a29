"""Endpoint facts: what was plugged in and what is installed, of Defender and osquery; nothing raises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from events_of import bent, events, kept, rows, sample, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapae.sources.endpoints import Endpoints
from mapae.sources.hardware_ids import Hardware, hardware
from mapae.sources.layout import Layout

ENDPOINTS: Layout = Endpoints()

_MORE = {
    "ClassName": "USB",
    "DeviceId": "USB\\VID_1D6B&PID_0104\\CAFEBABE",
    "DeviceDescription": "PiKVM Composite Device",
    "VendorIds": ["USB\\VID_1D6B&PID_0104&REV_0100"],
}
PLUGGED: dict[str, Any] = {
    "Timestamp": "2026-09-01T10:00:00.1234567Z",
    "DeviceId": "dev-1",
    "DeviceName": "lap-1.acme.example",
    "ActionType": "PnpDeviceConnected",
    "AdditionalFields": json.dumps(_MORE),
    "InitiatingProcessAccountUpn": "bo@acme.example",
    "InitiatingProcessAccountObjectId": "",
}
INSTALLED: dict[str, Any] = {
    "TimeGenerated": "2026-09-01 10:00:00",
    "DeviceId": "dev-1",
    "DeviceName": "lap-1",
    "SoftwareVendor": "anydesk",
    "SoftwareName": "anydesk",
    "SoftwareVersion": "9.0.1.0",
}
OSQUERY: dict[str, Any] = {
    "name": "pack_hardware-monitoring_usb_devices",
    "hostIdentifier": "lap-2",
    "calendarTime": "Tue Sep  1 10:00:00 2026 UTC",
    "unixTime": 1788256800,
    "decorations": {"host_uuid": "h-2", "username": "LOGIN"},
    "action": "added",
    "columns": {
        "vendor_id": "1d6b",
        "model_id": "0x0104",
        "vendor": "tinypilot",
        "model": "Multifunction USB Device",
        "serial": "x1",
    },
}


def _facts(folder: Path, given_: Any) -> list[dict[str, str | None]]:
    found = rows(events(ENDPOINTS, folder, given_), "endpoint_facts")
    return [{name: value for name, value in r.items() if value and name != "fact_id"} for r in found]


# ---- samples


@pytest.mark.parametrize(
    ("file", "n", "refused"),
    [
        ("defender/otrf_simuland_M365DefenderEvents.jsonl", 9, 0),
        ("osquery/msticpy_osqueryd.results.log", 266, 0),
        ("osquery/msticpy_osqueryd.snapshots.log", 43, 0),
        ("osquery/panther_rules_osquery_differential.jsonl", 37, 3),
        ("osquery/docs_usb_devices_rows_first_run.json", 6, 6),
        ("osquery/docs_usb_devices_rows_stick_added.json", 1, 1),
    ],
)
def test_published_samples_are_known_and_hold_no_fact_that_can_be_dated(
    shared: Path, file: str, n: int, refused: int
) -> None:
    # None of them reports a USB device or a package with time and device: three packages of the rules sample lack the
    # time, and the rows of the manual have neither. They are refused in words, the rest are of other tables.
    found = sample(ENDPOINTS, shared / "logs" / file)
    assert len(found) == n and not any(one.rows for one in found)
    assert sum(bool(one.refused) for one in found) == refused


def test_packages_without_a_time_say_so(shared: Path) -> None:
    found = sample(ENDPOINTS, shared / "logs/osquery/panther_rules_osquery_differential.jsonl")
    assert {one.refused.split(" (line")[0] for one in found if one.refused} == {"no time (unixTime)"}


# ---- Defender


@pytest.mark.parametrize("fields", ["AdditionalFields", "AdditionalFields_string", "AdditionalFields_dynamic"])
def test_a_device_plugged_in_is_told_by_its_codes_strings_and_serial(tmp_path: Path, fields: str) -> None:
    given_ = {name: value for name, value in PLUGGED.items() if name != "AdditionalFields"} | {
        fields: _MORE if fields.endswith("dynamic") else json.dumps(_MORE)
    }
    assert _facts(tmp_path, [given_]) == [
        {
            "account_id": "defender/bo@acme.example",
            "device_id": "dev-1",
            "device_name": "lap-1.acme.example",
            "happened_at": "2026-09-01T10:00:00.1234567Z",
            "kind": "usb",
            "vendor_id": "1d6b",
            "product_id": "0104",
            "product": "PiKVM Composite Device",
            "serial": "CAFEBABE",
        }
    ]


def test_the_user_at_the_device_joins_by_id_or_address_and_nobody_is_nobody(tmp_path: Path) -> None:
    known = PLUGGED | {"InitiatingProcessAccountObjectId": "o-1"}
    nobody = PLUGGED | {"InitiatingProcessAccountUpn": "", "InitiatingProcessAccountName": "system"}
    found = events(ENDPOINTS, tmp_path, [known, nobody])
    assert [r["account_id"] for r in rows(found, "endpoint_facts")] == ["entra/o-1", None]
    assert rows(found, "accounts") == [{"account_id": "entra/o-1", "platform": "entra", "email": "bo@acme.example"}]


def test_the_inventory_of_software(tmp_path: Path) -> None:
    assert _facts(tmp_path, [INSTALLED]) == [
        {
            "device_id": "dev-1",
            "device_name": "lap-1",
            "happened_at": "2026-09-01T10:00:00Z",
            "kind": "software",
            "vendor": "anydesk",
            "product": "anydesk",
            "version": "9.0.1.0",
        }
    ]


def test_an_inventory_without_a_time_is_refused_with_the_way_to_get_one(tmp_path: Path) -> None:
    (found,) = events(ENDPOINTS, tmp_path, [{name: v for name, v in INSTALLED.items() if name != "TimeGenerated"}])
    assert "Timestamp" in found.refused and "line 1" in found.refused


def test_a_mounted_drive_and_a_display(tmp_path: Path) -> None:
    drive = PLUGGED | {
        "ActionType": "UsbDriveMounted",
        "AdditionalFields": '{"Manufacturer":"M","ProductName":"P","SerialNumber":"S"}',
    }
    display = PLUGGED | {"AdditionalFields": json.dumps({"ClassName": "Monitor", "DeviceId": "DISPLAY\\LNX7773\\5&1", "DeviceDescription": "PiKVM V4 Plus"})}  # fmt: skip
    found = _facts(tmp_path, [drive, display])
    assert (found[0]["kind"], found[0]["vendor"], found[0]["product"], found[0]["serial"]) == ("usb", "M", "P", "S")
    assert (found[1]["kind"], found[1]["vendor_id"], found[1]["product_id"]) == ("display", "LNX", "7773")


def test_exports_of_all_kinds_hold_the_same_facts(tmp_path: Path) -> None:
    names = list(PLUGGED)
    cells = ",".join('"' + str(PLUGGED[name]).replace('"', '""') + '"' for name in names)
    forms = {
        "table.csv": ",".join(names) + "\n" + cells + "\n",
        "hunting.json": json.dumps({"Stats": {"x": [1]}, "Schema": [{"Name": "Timestamp"}], "Results": [PLUGGED]}),
        "graph.json": json.dumps({"schema": [{"name": "Timestamp"}], "results": [PLUGGED]}),
        "stream.json": json.dumps({"time": "x", "category": "AdvancedHunting-DeviceEvents", "properties": PLUGGED}),
    }
    for name, text in forms.items():
        assert ENDPOINTS.recognises(written(tmp_path, text, name), text), name
        assert _facts(tmp_path, text) == _facts(tmp_path, [PLUGGED]), name


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"ActionType": "ProcessCreated"}, False),
        ({"AdditionalFields": json.dumps({"DeviceId": "SWD\\PRINTENUM\\{1}"})}, False),
        ({"AdditionalFields": ""}, True),
        ({"AdditionalFields": "{cut"}, True),
        ({"DeviceId": "", "DeviceName": ""}, True),
        ({"Timestamp": "9/10/2026 1:02:03 PM"}, True),
    ],
)
def test_what_is_no_fact_is_no_row_and_what_should_be_one_is_refused(
    tmp_path: Path, change: dict[str, Any], refused: bool
) -> None:
    (found,) = events(ENDPOINTS, tmp_path, [PLUGGED | change])
    assert not found.rows and bool(found.refused) == refused


@pytest.mark.parametrize(
    ("identifier", "made"),
    [
        ("USB\\VID_1D6B&PID_0104\\CAFEBABE", Hardware("usb", "1d6b", "0104", serial="CAFEBABE")),
        ("USB\\VID_1D6B&PID_0104&MI_00\\6&2f&0&0000", Hardware("usb", "1d6b", "0104")),
        ("HID\\VID_3346&PID_1009\\7&1", Hardware("usb", "3346", "1009")),
        ("USBSTOR\\Disk&Ven_SanDisk&Prod_Cruzer_Blade&Rev_1.00\\4C53&0", Hardware("usb", vendor="SanDisk", product="Cruzer Blade", serial="4C53")),
        ("DISPLAY\\LNX7773\\5&1", Hardware("display", "LNX", "7773")),
        ("MONITOR\\LNX7773\\{4d36e96e}\\0001", Hardware("display", "LNX", "7773")),
        ("1d6b:0104", Hardware("usb", "1d6b", "0104")),
        ("0x1D6B", Hardware("usb", "1d6b")),
        ("PCI\\VEN_8086&DEV_1234", None),
        ("", None),
    ],
)  # fmt: skip
def test_identifiers_of_plug_and_play(identifier: str, made: Hardware | None) -> None:
    assert hardware(identifier) == made


# ---- osquery


def test_a_usb_device_of_osquery(tmp_path: Path) -> None:
    assert _facts(tmp_path, [OSQUERY]) == [
        {
            "device_id": "lap-2",
            "happened_at": "2026-09-01T10:00:00Z",
            "kind": "usb",
            "vendor_id": "1d6b",
            "product_id": "0104",
            "vendor": "tinypilot",
            "product": "Multifunction USB Device",
            "serial": "x1",
        }
    ]


@pytest.mark.parametrize(
    ("change", "facts"),
    [
        ({"action": "removed"}, 0),
        ({"name": "our own usb query"}, 1),
        ({"name": "pack/it/programs", "columns": {"name": "AnyDesk", "version": "9", "publisher": "AnyDesk Software"}}, 1),
        ({"name": "pack-vuln_deb_packages", "columns": {"name": "rustdesk", "version": "1"}}, 1),
        ({"name": "pack_x_python_packages", "columns": {"name": "requests", "version": "1"}}, 0),
        ({"name": "mac", "columns": {"name": "AnyDesk.app", "bundle_identifier": "com.x", "bundle_short_version": "9"}}, 1),
        ({"name": "x_programs", "columns": None, "snapshot": [{"name": "A", "version": "1"}, {"name": "B", "version": "2"}], "action": "snapshot"}, 2),
        ({"name": "x_programs", "action": "snapshot", "columns": {"name": "A", "version": "1"}}, 1),
        ({"columns": None, "action": None, "diffResults": {"added": [{"vendor": "a", "model": "b", "model_id": "c"}], "removed": [{"model_id": "d"}]}}, 1),
        ({"columns": '{"vendor_id":"1","model_id":"2"}'}, 1),
        ({"unixTime": "1788256800"}, 1),
        ({"unixTime": None}, 1),
    ],
)  # fmt: skip
def test_results_in_the_forms_that_osquery_logs(tmp_path: Path, change: dict[str, Any], facts: int) -> None:
    event = {name: value for name, value in (OSQUERY | change).items() if value is not None}
    (found,) = events(ENDPOINTS, tmp_path, [event])
    assert len(rows([found], "endpoint_facts")) == facts and not found.refused
    made = rows([found], "endpoint_facts")
    assert all(r["happened_at"] == "2026-09-01T10:00:00Z" for r in made)
    assert len({r["fact_id"] for r in made}) == facts


def test_a_person_told_beside_the_results_is_the_account(tmp_path: Path) -> None:
    found = events(ENDPOINTS, tmp_path, [OSQUERY | {"decorations": {"user_email": "Bo@acme.example"}}])
    assert rows(found, "endpoint_facts")[0]["account_id"] == "osquery/bo@acme.example"
    assert rows(found, "accounts")[0]["email"] == "Bo@acme.example"


def test_the_tables_take_what_the_reader_gives(tmp_path: Path) -> None:
    path = written(tmp_path, [PLUGGED, INSTALLED, OSQUERY, OSQUERY])
    assert kept(ENDPOINTS, path, tmp_path) == {"endpoint_facts": (3, 0), "accounts": (1, 0)}  # one is there twice


def test_other_files_are_not_taken_for_endpoint_facts(tmp_path: Path) -> None:
    for text in ('{"name":"x","columns":[]}', '[{"vendor":"x","model":"y","price":1}]', "DeviceName,Owner\n", ""):
        assert not ENDPOINTS.recognises(written(tmp_path, text or " "), text)


_LOG = [
    PLUGGED,
    INSTALLED,
    OSQUERY,
    {"name": "x_programs", "unixTime": 1, "hostIdentifier": "h", "snapshot": [{"name": "A"}]},
]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(bent(_LOG), min_size=1, max_size=5))
def test_no_bent_record_raises_or_is_lost(tmp_path: Path, log: list[dict[str, Any]]) -> None:
    found = events(ENDPOINTS, tmp_path, log)
    assert len(found) == len(log)
    for event in found:
        assert not (event.refused and event.rows)
        for _, cells in event.rows:
            assert all(value is None or (type(value) is str and value.encode()) for value in cells.values())
