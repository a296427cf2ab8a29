"""Google Workspace login audit: several events in a record, flattened forms, spoilt qualifiers; nothing raises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from events_of import bent, events, kept, ok_fail, rows, sample
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapae.sources.google import Google
from mapae.sources.layout import Layout

GOOGLE: Layout = Google()


def _event(name: str, **parameters: Any) -> dict[str, Any]:
    made = []
    for key, value in parameters.items():
        kind = "boolValue" if isinstance(value, bool) else "multiValue" if isinstance(value, list) else "value"
        made.append({"name": key, kind: value})
    return {"type": "login", "name": name, "parameters": made}


def _activity(*found: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "kind": "admin#reports#activity",
        "id": {"time": "2026-09-01T10:00:00.123Z", "uniqueQualifier": "-77", "applicationName": "login"},
        "actor": {"email": "bo@acme.example", "profileId": "1001"},
        "ipAddress": "192.0.2.9",
        "networkInfo": {"ipAsn": [64500], "regionCode": "US", "subdivisionCode": "US-TX"},
        "events": list(found),
    } | changes


# ---- samples


@pytest.mark.parametrize(
    ("file", "n", "ok", "fail"),
    [("workspace_reports_login_sentinel.json", 3, 2, 0), ("workspace_reports_sentinel_asim.csv", 35, 20, 3)],
)
def test_published_samples_give_the_sign_ins_counted_in_them(
    shared: Path, file: str, n: int, ok: int, fail: int
) -> None:
    found = sample(GOOGLE, shared / "logs/google" / file)
    assert len(found) == n and ok_fail(found) == (ok, fail)
    assert not [one.refused for one in found if one.refused]


def test_rules_sample_gives_11_successes_and_2_failures(shared: Path) -> None:
    # Made for testing rules, it leaves out what the rule does not look at: ten of the eleven successes have no time or no
    # account and are refused with these words. The eleventh is of the application "saml": a login to it, not to Google.
    path = shared / "logs/google/panther_rules_gsuite_activity.jsonl"
    found = sample(GOOGLE, path)
    refused = [one.refused for one in found if one.refused]
    assert len(found) == 165 and ok_fail(found) == (0, 2)
    assert len(refused) == 10 and all(one.startswith("login_success: no ") and "line" in one for one in refused)
    saml = [r for r in map(json.loads, path.open()) if (r.get("id") or {}).get("applicationName") == "saml"]
    assert [one["name"] for one in saml] == ["login_success"]


def test_a_qualifier_that_went_through_a_spreadsheet_is_no_id(shared: Path) -> None:
    found = rows(sample(GOOGLE, shared / "logs/google/workspace_reports_sentinel_asim.csv"), "sign_ins")
    assert sum(r["event_id"] is None for r in found) == 10
    assert {r["happened_at"] for r in found} >= {"2026-07-03T17:06:50.3760000Z"} and {r["asn"] for r in found} >= {
        "22616"
    }


def test_the_user_is_the_resource_where_an_export_writes_one_address_for_all(shared: Path) -> None:
    found = sample(GOOGLE, shared / "logs/google/workspace_reports_sentinel_asim.csv")
    accounts = rows(found, "accounts")
    assert len({r["account_id"] for r in accounts}) == 16 and len({r.get("email") for r in accounts}) > 10


def test_the_tables_take_what_the_reader_gives(shared: Path, tmp_path: Path) -> None:
    made = kept(GOOGLE, shared / "logs/google/workspace_reports_sentinel_asim.csv", tmp_path)
    assert made == {"sign_ins": (23, 0), "accounts": (16, 0)}


# ---- what counts


def test_each_event_of_a_record_is_a_row_with_an_id_of_its_own(tmp_path: Path) -> None:
    record = _activity(
        _event("login_failure"), _event("login_verification", login_challenge_status="passed"), _event("login_success")
    )
    found = events(GOOGLE, tmp_path, [record])
    assert len(found) == 1
    assert [(r["event_id"], r["outcome"]) for r in rows(found, "sign_ins")] == [
        ("2026-09-01T10:00:00.123Z/-77/1", "failure"),
        ("2026-09-01T10:00:00.123Z/-77/3", "success"),
    ]
    assert rows(found, "accounts") == [{"account_id": "google/1001", "platform": "google", "email": "bo@acme.example"}]


def test_a_sign_in_carries_network_and_place(tmp_path: Path) -> None:
    (row,) = rows(
        events(GOOGLE, tmp_path, json.dumps({"kind": "x", "items": [_activity(_event("login_success"))]})), "sign_ins"
    )
    assert row == {
        "event_id": "2026-09-01T10:00:00.123Z/-77/1",
        "account_id": "google/1001",
        "happened_at": "2026-09-01T10:00:00.123Z",
        "outcome": "success",
        "ip": "192.0.2.9",
        "asn": "64500",
        "country": "US",
        "region": "US-TX",
        "interactive": "true",
        "user_agent": None,
    }


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (_event("login_success"), "success"),
        (_event("login_failure"), "failure"),
        (_event("login_success "), "success"),
        (_event("login_verification", login_challenge_status="passed"), None),
        (_event("login_verification", login_challenge_status="incorrect_answer_entered"), "challenge"),
        (_event("login_challenge", login_challenge_status="failed"), "challenge"),
        (_event("logout"), None),
        (_event("suspicious_login"), None),
        (_event("passkey_enrolled"), None),
        ({}, None),
    ],
)
def test_what_is_a_sign_in(tmp_path: Path, event: dict[str, Any], outcome: str | None) -> None:
    found = events(GOOGLE, tmp_path, [_activity(event)])
    assert [r["outcome"] for r in rows(found, "sign_ins")] == ([outcome] if outcome else [])
    assert not found[0].refused


def test_a_login_to_an_application_is_none_to_google(tmp_path: Path) -> None:
    record = _activity(_event("login_success"))
    record["id"]["applicationName"] = "saml"
    assert not events(GOOGLE, tmp_path, [record])[0].rows


@pytest.mark.parametrize(
    "record",
    [
        {"id": {"time": "2026-09-01 10:00:00.123", "applicationName": "login", "uniqueQualifier": "-77"}, "name": "login_success", "type": "login",
         "actor": {"email": "bo@acme.example", "profileId": "1001"}, "ipAddress": "192.0.2.9", "parameters": {"login_type": "saml"}},
        {"id_time_t": "2026-09-01T10:00:00.123Z", "id_uniqueQualifier_s": "-77", "event_name_s": "login_success", "actor_email_s": "bo@acme.example",
         "actor_profileId_s": "1001", "IPAddress": "192.0.2.9", "id_applicationName_s": "login"},
        {"time_usec": 1788256800123000, "event_name": "login_success", "email": "bo@acme.example", "ip_address": "192.0.2.9",
         "unique_identifier": "-77", "record_type": "login", "profile_id": 1001, "login": {"login_type": "google_password"}},
    ],
)  # fmt: skip
def test_flattened_forms_are_the_same_sign_in(tmp_path: Path, record: dict[str, Any]) -> None:
    (row,) = rows(events(GOOGLE, tmp_path, [record]), "sign_ins")
    assert (row["account_id"], row["happened_at"], row["ip"]) == (
        "google/1001",
        "2026-09-01T10:00:00.123Z",
        "192.0.2.9",
    )
    assert row["event_id"] == "2026-09-01T10:00:00.123Z/-77/1"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": {"applicationName": "login"}}, "no time"),
        ({"id": {"time": "9/10/2026, 1:02:03 PM", "applicationName": "login"}}, "day and month"),
        ({"actor": {}}, "no account"),
    ],
)
def test_a_sign_in_that_cannot_be_a_row_is_refused_in_words(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    found = events(GOOGLE, tmp_path, [_activity(_event("login_success")), _activity(_event("login_success"), **change)])
    assert not found[0].refused and said in found[1].refused and "line 2" in found[1].refused


def test_an_account_without_a_profile_is_known_by_its_address(tmp_path: Path) -> None:
    found = events(GOOGLE, tmp_path, [_activity(_event("login_success"), actor={"email": "al@acme.example"})])
    assert rows(found, "sign_ins")[0]["account_id"] == "google/al@acme.example"


def test_other_files_are_not_taken_for_googles(tmp_path: Path) -> None:
    for text in ('{"kind":"storage#object"}', "EventName,Time\n", "", '{"event_name":"x","email":"y"}'):
        assert not GOOGLE.recognises(tmp_path / "google.json", text)


_LOG = [
    _activity(_event("login_success", is_suspicious=False), _event("login_verification", login_challenge_method=["x"])),
    {"id_time_t": "2026-09-01T10:00:00Z", "event_name_s": "login_failure", "actor_email_s": "a@b.example"},
    {"time_usec": 1788256800123000, "event_name": "login_success", "email": "a@b.example", "ResourceDetails": "[{}]"},
]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(bent(_LOG), min_size=1, max_size=5))
def test_no_bent_record_raises_or_is_lost(tmp_path: Path, log: list[dict[str, Any]]) -> None:
    found = events(GOOGLE, tmp_path, log)
    assert len(found) == len(log)
    for event in found:
        assert not (event.refused and event.rows)
        for _, cells in event.rows:
            assert all(value is None or (type(value) is str and value.encode()) for value in cells.values())
