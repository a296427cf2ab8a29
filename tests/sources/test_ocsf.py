"""OCSF: sign-ins, peripherals and software, in Parquet and JSON; seconds and milliseconds; nothing raises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from events_of import bent, events, kept, ok_fail, rows, sample, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapae.model.errors import InputRefused
from mapae.sources.layout import Layout
from mapae.sources.ocsf import Ocsf
from mapae.sources.okta import Okta

OCSF: Layout = Ocsf()

LOGON: dict[str, Any] = {
    "class_uid": 3002,
    "activity_id": 1,
    "status_id": 1,
    "time": 1788256800123,
    "metadata": {"uid": "m-1", "version": "1.5.0", "product": {"name": "System Log", "vendor_name": "Okta"}},
    "user": {"uid": "00u1", "name": "Bo Ek", "email_addr": "bo@acme.example"},
    "src_endpoint": {
        "ip": "192.0.2.9",
        "autonomous_system": {"number": 64500, "name": "Example Cable"},
        "location": {"country": "US", "region": "Texas", "city": "Austin", "coordinates": [-97.75, 30.25]},
    },
    "device": {"uid": "guo1", "is_managed": True},
    "session": {"uid": "s1", "is_vpn": False},
    "http_request": {"user_agent": "UA"},
}
PLUGGED: dict[str, Any] = {
    "class_uid": 1010,
    "activity_id": 1,
    "time": 1788256800123,
    "metadata": {"uid": "m-2", "product": {"vendor_name": "Example EDR"}},
    "device": {"uid": "d-1", "name": "lap-1"},
    "actor": {"user": {"email_addr": "bo@acme.example"}},
    "peripheral_device": {
        "class": "USB",
        "name": "USB composite",
        "model": "PiKVM Composite Device",
        "vendor_name": "PiKVM",
        "serial_number": "CAFEBABE",
        "vendor_id_list": ["1d6b:0104"],
    },
}
INSTALLED: dict[str, Any] = {
    "class_uid": 5020,
    "activity_id": 2,
    "time": 1788256800,
    "metadata": {"product": {"vendor_name": "Example EDR"}},
    "device": {"hostname": "lap-1"},
    "package": {"name": "AnyDesk", "version": "9.0.1", "vendor_name": "AnyDesk Software"},
}


@pytest.mark.parametrize(
    ("file", "n", "ok", "fail"),
    [
        ("aws_securitylake_authentication_1.0.0-rc.2.jsonl", 7, 2, 1),
        ("aws_securitylake_ConsoleLogin.test.gz.parquet", 1, 1, 0),
        ("examples_okta_authentication.ocsf.json", 1, 1, 0),
        ("examples_okta_account_change.ocsf.json", 1, 0, 0),
        ("examples_github_authentication.ocsf.json", 1, 0, 0),
        ("examples_cloudtrail_authentication_v1.0.0-rc.2.ocsf.json", 1, 1, 0),
        ("examples_windows_4624.ocsf.json", 1, 1, 0),
        ("examples_windows_4625.ocsf.json", 1, 0, 1),
    ],
)
def test_published_samples_give_the_sign_ins_counted_in_them(
    shared: Path, file: str, n: int, ok: int, fail: int
) -> None:
    # Counted whether or not a person sat there; the two of Windows are marked as not.
    found = sample(OCSF, shared / "logs/ocsf" / file)
    assert len(found) == n and ok_fail(found, interactive=False) == (ok, fail)
    assert not [one.refused for one in found if one.refused]
    if "windows" in file:
        assert ok_fail(found) == (0, 0)


def test_a_sample_that_is_not_json_is_refused_with_the_line(shared: Path) -> None:
    (found,) = sample(OCSF, shared / "logs/ocsf/examples_cloudtrail_authentication_v1.5.0.ocsf.json")
    assert "line 26" in found.refused and "comma" in found.refused


def test_parquet_and_lines_of_one_event_give_one_row(shared: Path) -> None:
    lines = sample(OCSF, shared / "logs/ocsf/aws_securitylake_authentication_1.0.0-rc.2.jsonl")
    parquet = sample(OCSF, shared / "logs/ocsf/aws_securitylake_ConsoleLogin.test.gz.parquet")
    assert parquet[0] == lines[0]


def test_an_okta_event_has_one_account_and_time_by_either_way(shared: Path) -> None:
    folder = shared / "logs/ocsf"
    (direct,) = rows(Okta().events(folder / "examples_okta_authentication.raw.json"), "sign_ins")
    (lake,) = rows(sample(OCSF, folder / "examples_okta_authentication.ocsf.json"), "sign_ins")
    same = (
        "event_id",
        "account_id",
        "outcome",
        "ip",
        "asn",
        "country",
        "city",
        "lat",
        "lon",
        "device_id",
        "session_id",
    )
    assert {name: direct[name] for name in same} == {name: lake[name] for name in same}
    assert (direct["happened_at"], lake["happened_at"]) == ("2024-08-13T15:58:20.353Z", "2024-08-13T15:58:20Z")


def test_the_tables_take_what_the_reader_gives(shared: Path, tmp_path: Path) -> None:
    made = kept(OCSF, shared / "logs/ocsf/aws_securitylake_authentication_1.0.0-rc.2.jsonl", tmp_path)
    assert made == {"sign_ins": (6, 0), "accounts": (4, 0)}


def test_a_logon_is_a_row(tmp_path: Path) -> None:
    found = events(OCSF, tmp_path, [LOGON])
    assert rows(found, "sign_ins") == [
        {
            "event_id": "m-1",
            "account_id": "okta/00u1",
            "happened_at": "2026-09-01T10:00:00.123Z",
            "outcome": "success",
            "ip": "192.0.2.9",
            "asn": "64500",
            "as_org": "Example Cable",
            "network_kind": None,
            "vpn_operator": None,
            "country": "US",
            "region": "Texas",
            "city": "Austin",
            "lat": "30.25",
            "lon": "-97.75",
            "device_id": "guo1",
            "device_managed": "true",
            "session_id": "s1",
            "interactive": "true",
            "user_agent": "UA",
        }
    ]
    assert rows(found, "accounts") == [
        {"account_id": "okta/00u1", "platform": "okta", "display_name": "Bo Ek", "email": "bo@acme.example"}
    ]


@pytest.mark.parametrize(
    ("change", "column", "value"),
    [
        ({"time": 1788256800}, "happened_at", "2026-09-01T10:00:00Z"),
        ({"time": None, "time_dt": "2026-09-01T10:00:00Z"}, "happened_at", "2026-09-01T10:00:00Z"),
        ({"status_id": 2, "status": "0xC000006D"}, "outcome", "failure"),
        ({"status_id": None, "status": "Success"}, "outcome", "success"),
        ({"status_id": 0, "status": "Other"}, "outcome", "unknown"),
        ({"status_id": None}, "outcome", "unknown"),
        ({"session": {"is_vpn": True}}, "network_kind", "vpn"),
        ({"src_endpoint": {"ip": "192.0.2.9", "location": {"lat": 1.5, "long": 2.5, "coordinates": [9, 9]}}}, "lat", "1.5"),
        ({"src_endpoint": {"ip": "-"}}, "ip", None),
        ({"logon_type_id": 3}, "interactive", "false"),
        ({"logon_type_id": 10}, "interactive", "true"),
        ({"metadata": {"uid": "m", "original_event_uid": "o"}}, "event_id", "o"),
        ({"unmapped": {"securityContext": {"isProxy": True}}}, "network_kind", "proxy"),
        ({"unmapped": {"debugContext": {"debugData": {"tunnels": '[{"type":"VPN","operator":"X_VPN"}]'}}}}, "vpn_operator", "X_VPN"),
    ],
)  # fmt: skip
def test_fields_as_they_are_seen_in_the_wild(
    tmp_path: Path, change: dict[str, Any], column: str, value: str | None
) -> None:
    (row,) = rows(events(OCSF, tmp_path, [LOGON | change]), "sign_ins")
    assert row[column] == value


@pytest.mark.parametrize("change", [{"activity_id": 2}, {"activity_id": 99}, {"class_uid": 3001}, {"class_uid": 2004}])
def test_what_is_no_logon_is_no_row(tmp_path: Path, change: dict[str, Any]) -> None:
    (found,) = events(OCSF, tmp_path, [LOGON | change])
    assert not found.rows and not found.refused


@pytest.mark.parametrize(
    ("change", "said"),
    [({"time": None}, "no time"), ({"user": None}, "no account"), ({"class_uid": None}, "no class")],
)
def test_a_logon_that_cannot_be_a_row_is_refused_in_words(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    found = events(OCSF, tmp_path, [LOGON, LOGON | change])
    assert not found[0].refused and said in found[1].refused and "line 2" in found[1].refused


def test_a_peripheral_and_a_package_are_endpoint_facts(tmp_path: Path) -> None:
    found = rows(events(OCSF, tmp_path, [PLUGGED, INSTALLED, PLUGGED | {"activity_id": 2}]), "endpoint_facts")
    usb, software = ({name: value for name, value in r.items() if name != "fact_id" and value} for r in found)
    assert usb == {
        "account_id": "example-edr/bo@acme.example", "device_id": "d-1", "device_name": "lap-1", "kind": "usb",
        "happened_at": "2026-09-01T10:00:00.123Z", "vendor_id": "1d6b", "product_id": "0104", "vendor": "PiKVM",
        "product": "PiKVM Composite Device", "serial": "CAFEBABE",
    }  # fmt: skip
    assert software == {
        "device_id": "lap-1", "kind": "software", "happened_at": "2026-09-01T10:00:00Z", "vendor": "AnyDesk Software",
        "product": "AnyDesk", "version": "9.0.1",
    }  # fmt: skip
    assert found[0]["fact_id"] != found[1]["fact_id"]


def test_facts_and_sign_ins_in_parquet(tmp_path: Path) -> None:
    path = tmp_path / "lake.parquet"
    every = dict.fromkeys([*LOGON, *PLUGGED])
    pq.write_table(pa.Table.from_pylist([every | LOGON, every | PLUGGED]), path)
    assert OCSF.recognises(path, "")
    found = list(OCSF.events(path))
    assert rows(found, "endpoint_facts")[0]["serial"] == "CAFEBABE"
    assert rows(found, "sign_ins") == rows(events(OCSF, tmp_path, [LOGON]), "sign_ins")


def test_a_damaged_parquet_file_is_one_clear_refusal(tmp_path: Path) -> None:
    path = tmp_path / "lake.parquet"
    pq.write_table(pa.Table.from_pylist([LOGON]), path)
    path.write_bytes(path.read_bytes()[:-40])
    assert not OCSF.recognises(path, "")
    with pytest.raises(InputRefused, match="damaged"):
        list(OCSF.events(path))


def test_other_files_are_not_taken_for_ocsf(tmp_path: Path) -> None:
    other = tmp_path / "x.parquet"
    pq.write_table(pa.table({"class_uid": [1]}), other)
    assert not OCSF.recognises(other, "")
    assert not OCSF.recognises(written(tmp_path, "class_uid,metadata\n"), "class_uid,metadata\n")
    assert not OCSF.recognises(tmp_path / "x", '{"metadata": {"class_uid": "x"}}')


_LOG = [LOGON, PLUGGED, INSTALLED, json.loads(json.dumps(LOGON | {"unmapped": {"securityContext": {"isProxy": True}}}))]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(bent(_LOG), min_size=1, max_size=5))
def test_no_bent_event_raises_or_is_lost(tmp_path: Path, log: list[dict[str, Any]]) -> None:
    found = events(OCSF, tmp_path, log)
    assert len(found) == len(log)
    for event in found:
        assert not (event.refused and event.rows)
        for _, cells in event.rows:
            assert all(value is None or (type(value) is str and value.encode()) for value in cells.values())
