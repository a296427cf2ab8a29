"""Okta System Log: what counts as a sign-in, in every container; tunnels, authenticators, checks, accounts; nothing raises."""

from __future__ import annotations

import copy
import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from events_of import bent, events, kept, ok_fail, rows, sample
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapae.sources.layout import Layout
from mapae.sources.okta import Okta

OKTA: Layout = Okta()

START: dict[str, Any] = {
    "actor": {"id": "00u1", "type": "User", "alternateId": "bo@acme.example", "displayName": "Bo Ek"},
    "client": {
        "userAgent": {"rawUserAgent": "Mozilla/5.0", "os": "Mac OS X"},
        "ipAddress": "198.51.100.7",
        "geographicalContext": {
            "city": "Austin",
            "state": "Texas",
            "country": "United States",
            "geolocation": {"lat": 30.25, "lon": -97.75},
        },
    },
    "device": {"id": "guo1", "managed": True},
    "authenticationContext": {"externalSessionId": "s1", "rootSessionId": "r1"},
    "eventType": "user.session.start",
    "outcome": {"result": "SUCCESS", "reason": None},
    "published": "2026-09-01T10:00:00.123Z",
    "securityContext": {"asNumber": 64500, "asOrg": "Example Cable", "isProxy": False},
    "debugContext": {"debugData": {"dtHash": "h1", "requestUri": "/login"}},
    "uuid": "u-1",
    "request": {"ipChain": [{"ip": "198.51.100.7", "version": "V4"}]},
    "target": None,
}


def _event(kind: str = "user.session.start", result: str | None = "SUCCESS", **changes: Any) -> dict[str, Any]:
    made = copy.deepcopy(START) | {"eventType": kind, "outcome": {"result": result}}
    return made | changes


def _one(folder: Path, event: dict[str, Any]) -> dict[str, str | None]:
    (row,) = rows(events(OKTA, folder, [event]), "sign_ins")
    return row


# ---- samples


@pytest.mark.parametrize(
    ("file", "n", "ok", "fail"),
    [
        ("okta/bindplane_basic.array.json", 2, 0, 0),
        ("okta/bindplane_pages_60.array.json", 60, 0, 0),
        ("okta/okta_openapi_ListLogs.array.json", 1, 1, 0),
        ("okta/sentinel_asim_okta_authentication.csv", 5, 4, 0),
        ("ocsf/examples_okta_authentication.raw.json", 1, 1, 0),
        ("ocsf/examples_okta_account_change.raw.json", 1, 0, 0),
        ("ocsf/examples_okta_detection_finding.raw.json", 1, 0, 0),
    ],
)
def test_published_samples_give_the_sign_ins_counted_in_them(
    shared: Path, file: str, n: int, ok: int, fail: int
) -> None:
    found = sample(OKTA, shared / "logs" / file)
    assert len(found) == n and ok_fail(found) == (ok, fail)
    assert not [one.refused for one in found if one.refused]


def test_rules_sample_gives_14_successes_and_10_failures_of_session_start(shared: Path) -> None:
    # The samples' own rule counts user.session.start alone. Factors proven or failed are rows of ours too (3 of 6 passed),
    # and four failures have "redacted" where their time was: they are refused, told, and counted here with the failures.
    path = shared / "logs/okta/panther_rules_okta.jsonl"
    found = sample(OKTA, path)
    kinds = [record.get("eventType") or record.get("eventtype") for record in map(json.loads, path.open())]
    starts = [one for one, kind in zip(found, kinds, strict=True) if kind == "user.session.start"]
    refused = [one for one in starts if one.refused]
    ok, fail = ok_fail(starts)
    assert (len(found), ok, fail + len(refused)) == (88, 14, 10)
    assert len(refused) == 4 and all("no time" in one.refused for one in refused)
    others = [one for one, kind in zip(found, kinds, strict=True) if kind != "user.session.start"]
    assert [r["outcome"] for r in rows(others, "sign_ins")].count("challenge") == 5
    factors = [one for one, kind in zip(found, kinds, strict=True) if str(kind).startswith("user.authentication.auth_")]
    assert ok_fail(factors) == (3, 3)
    assert sum("no event type" in one.refused for one in found) == 2
    assert all(str(r["happened_at"]).endswith("Z") for r in rows(found, "sign_ins"))


def test_flattened_table_of_log_analytics_is_read(shared: Path) -> None:
    found = sample(OKTA, shared / "logs/okta/sentinel_Okta_CL_3.json")
    assert [r["outcome"] for r in rows(found, "sign_ins")] == ["challenge", "failure", "success"]
    last = rows(found, "sign_ins")[-1]
    assert last["country"] == "United States" and last["lat"] == "34.047" and last["ip"] == "65.65.65.65"
    assert last["happened_at"] == "2020-05-26T22:15:30.569Z" and last["session_id"] == "102M55TPJ-YQ1yL8orhbh74Lg"


def test_second_table_of_log_analytics_has_days_that_cannot_be_confused(shared: Path) -> None:
    found = rows(sample(OKTA, shared / "logs/okta/sentinel_asim_okta_authentication.csv"), "sign_ins")
    assert found[0]["happened_at"] == "2025-06-19T02:06:05Z" and found[0]["country"] == "India"
    assert found[0]["asn"] == "14618" and found[0]["lon"] == "-17.4903"


@pytest.mark.parametrize(
    ("file", "made"),
    [
        ("panther_rules_okta.jsonl", {"sign_ins": (15, 6), "accounts": (19, 0)}),
        ("okta_openapi_ListLogs.array.json", {"sign_ins": (1, 0), "accounts": (1, 0)}),
        ("sentinel_asim_okta_authentication.csv", {"sign_ins": (4, 0), "accounts": (5, 0)}),
        ("bindplane_pages_60.array.json", {"accounts": (2, 0)}),
    ],
)
def test_the_tables_take_what_the_reader_gives(shared: Path, tmp_path: Path, file: str, made: dict[str, Any]) -> None:
    # The sample of rules repeats eighteen of its sign-ins; the six rejected are those that the reader refused.
    assert kept(OKTA, shared / "logs/okta" / file, tmp_path) == made


# ---- containers


def _containers(event: dict[str, Any]) -> dict[str, str]:
    raw = json.dumps(event)
    table = io.StringIO()
    csv.writer(table).writerows([["_time", "_raw"], ["1", raw]])
    bridge = {
        "version": "0",
        "id": "x",
        "detail-type": "SystemLog",
        "source": "aws.partner/okta.com/a/b",
        "detail": event,
    }
    return {
        "list": json.dumps([event]),
        "lines": raw + "\n",
        "many lines": json.dumps(event, indent=2),
        "bridge": json.dumps(bridge),
        "search export": json.dumps({"preview": False, "result": {"_raw": raw, "host": "h"}}),
        "search list": json.dumps({"preview": False, "fields": [{"name": "_raw"}], "results": [{"_raw": raw}]}),
        "collector": json.dumps({"time": 1, "sourcetype": "OktaIM2:log", "event": event}),
        "search table": table.getvalue(),
        "lower case": json.dumps({name.lower(): value for name, value in event.items()}),
    }


@pytest.mark.parametrize("container", _containers(START))
def test_one_event_is_one_sign_in_in_every_container(tmp_path: Path, container: str) -> None:
    text = _containers(START)[container]
    assert OKTA.recognises(tmp_path / "x", text)
    found = events(OKTA, tmp_path, text)
    assert rows(found, "sign_ins") == [
        {
            "event_id": "u-1",
            "account_id": "okta/00u1",
            "happened_at": "2026-09-01T10:00:00.123Z",
            "outcome": "success",
            "ip": "198.51.100.7",
            "asn": "64500",
            "as_org": "Example Cable",
            "network_kind": None,
            "vpn_operator": None,
            "country": "United States",
            "region": "Texas",
            "city": "Austin",
            "lat": "30.25",
            "lon": "-97.75",
            "device_id": "guo1",
            "device_managed": "true",
            "session_id": "s1",
            "interactive": "true",
            "user_agent": "Mozilla/5.0",
        }
    ]
    assert rows(found, "accounts") == [
        {"account_id": "okta/00u1", "platform": "okta", "display_name": "Bo Ek", "email": "bo@acme.example"}
    ]


@pytest.mark.parametrize(
    "text",
    ['{"eventType":"Purchase","actor":"x"}', '{"class_uid":3002,"eventType":"a","alternateId":1,"actor":2}', "a,b\n1,2\n", "", "<x/>"],
)  # fmt: skip
def test_other_files_are_not_taken_for_okta(tmp_path: Path, text: str) -> None:
    assert not OKTA.recognises(tmp_path / "okta.json", text)


def test_a_table_of_a_search_names_its_columns_by_paths(tmp_path: Path) -> None:
    names = {
        "_time": "2026-09-01T10:00:00.000+00:00", "eventType": "user.session.start", "actor.id": "00u1", "actor.type": "User",
        "actor.alternateId": "bo@acme.example", "client.ipAddress": "198.51.100.7", "outcome.result": "SUCCESS",
        "client.geographicalContext.country": "United States", "securityContext.isProxy": "true", "target{}.id": "x",
        "debugContext.debugData.tunnels": '[{"operator":"NORD_VPN","type":"VPN"}]',
    }  # fmt: skip
    table = io.StringIO()
    csv.writer(table).writerows([list(names), list(names.values())])
    for text in (table.getvalue(), json.dumps({"preview": False, "result": names})):
        assert OKTA.recognises(tmp_path / "x", text)
        (row,) = rows(events(OKTA, tmp_path, text), "sign_ins")
        assert (row["account_id"], row["happened_at"], row["outcome"]) == ("okta/00u1", names["_time"], "success")
        assert (row["vpn_operator"], row["country"], row["ip"]) == ("NORD_VPN", "United States", "198.51.100.7")


# ---- what counts


def test_an_allowed_policy_and_the_session_that_follows_are_one_success(tmp_path: Path) -> None:
    log = [
        _event("policy.evaluate_sign_on", "ALLOW"),
        _event(),
        _event("user.authentication.sso"),
        _event("user.session.end"),
    ]
    found = events(OKTA, tmp_path, log)
    assert ok_fail(found) == (1, 0) and len(rows(found, "sign_ins")) == 1


@pytest.mark.parametrize(
    ("kind", "result", "outcome"),
    [
        ("user.session.start", "SUCCESS", "success"),
        ("user.session.start", "FAILURE", "failure"),
        ("user.session.start", "SKIPPED", "unknown"),
        ("user.session.start", "UNKNOWN", "unknown"),
        ("user.session.start", None, "unknown"),
        ("policy.evaluate_sign_on", "DENY", "denied"),
        ("policy.evaluate_sign_on", "CHALLENGE", "challenge"),
        ("user.authentication.auth_via_mfa", "SUCCESS", "success"),
        ("user.authentication.auth_via_mfa", "DENY", "denied"),
        ("user.authentication.auth_via_IDP", "FAILURE", "failure"),
        ("user.authentication.auth_via_radius", "ALLOW", "success"),
    ],
)
def test_outcomes_are_told_by_result(tmp_path: Path, kind: str, result: str | None, outcome: str) -> None:
    assert _one(tmp_path, _event(kind, result))["outcome"] == outcome


def test_a_denial_by_zone_stands_in_the_policy_alone(tmp_path: Path) -> None:
    row = _one(tmp_path, _event("policy.evaluate_sign_on", "DENY"))
    assert row["outcome"] == "denied" and row["account_id"] == "okta/00u1" and row["ip"] == "198.51.100.7"


@pytest.mark.parametrize(
    "kind", ["user.authentication.sso", "user.authentication.slo", "user.session.end", "app.oauth2.token.grant"]
)
def test_access_to_applications_and_ends_of_sessions_give_no_rows_but_the_account(tmp_path: Path, kind: str) -> None:
    found = events(OKTA, tmp_path, [_event(kind)])
    assert [name for name, _ in found[0].rows] == ["accounts"] and not found[0].refused


@pytest.mark.parametrize(
    ("published", "happened_at"),
    [
        ("2020-11-25 21:27:03.496000000", "2020-11-25T21:27:03.496000000Z"),
        ("2022-03-22 14:21:53.225", "2022-03-22T14:21:53.225Z"),
        ("2026-09-01T10:00:00.123Z", "2026-09-01T10:00:00.123Z"),
        ("2026-09-01T10:00:00+02:00", "2026-09-01T10:00:00+02:00"),
        (1788256800000, "2026-09-01T10:00:00Z"),
        (1788256800, "2026-09-01T10:00:00Z"),
        ("9/13/2026 1:02:03 PM", "2026-09-13T13:02:03Z"),
        ("13/9/2026, 12:02:03 AM", "2026-09-13T00:02:03Z"),
    ],
)
def test_times_without_a_zone_are_utc_as_okta_writes_it(tmp_path: Path, published: Any, happened_at: str) -> None:
    assert _one(tmp_path, _event(published=published))["happened_at"] == happened_at


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"published": None}, "no time"),
        ({"published": "redacted"}, "no time"),
        ({"published": "9/10/2026 1:02:03 PM"}, "day and month"),
        ({"actor": {}}, "no account"),
        ({"actor": None}, "no account"),
        ({"eventType": None}, "no event type"),
    ],
)
def test_an_event_that_should_be_a_row_and_cannot_be_is_refused_in_words(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    found = events(OKTA, tmp_path, [_event(), _event() | change])
    assert not found[0].refused and said in found[1].refused and "line 2" in found[1].refused and found[1].raw


def test_an_attempt_under_a_name_that_is_no_account_is_not_everybodys(tmp_path: Path) -> None:
    def unknown(name: str) -> dict[str, Any]:
        return _event(result="FAILURE", actor={"id": "unknown", "type": "User", "alternateId": name})

    found = events(OKTA, tmp_path, [unknown("admin"), unknown("root")])
    assert [r["account_id"] for r in rows(found, "sign_ins")] == ["okta/unknown/admin", "okta/unknown/root"]
    assert not rows(found, "accounts")


# ---- networks


def _network(folder: Path, **changes: Any) -> tuple[str | None, str | None]:
    event = _event()
    event["debugContext"]["debugData"]["tunnels"] = changes.get("tunnels")
    event["request"]["ipChain"][0]["ipDetails"] = {"ipServicesCategories": changes.get("services")}
    event["request"]["ipChain"][0]["ip"] = changes.get("hop", "198.51.100.7")
    event["securityContext"] |= {"isProxy": changes.get("proxy", False), "asOrg": changes.get("org", "Example Cable")}
    row = _one(folder, event)
    return row["network_kind"], row["vpn_operator"]


@pytest.mark.parametrize(
    ("changes", "kind", "operator"),
    [
        ({}, None, None),
        ({"tunnels": '[{"anonymous":true,"operator":"NORD_VPN","type":"VPN"}]'}, "vpn", "NORD_VPN"),
        ({"tunnels": [{"anonymous": True, "operator": "ASTRILL_VPN", "type": "VPN"}]}, "vpn", "ASTRILL_VPN"),
        ({"tunnels": '[{"operator":null,"type":"PROXY"}]'}, "proxy", None),
        ({"tunnels": '[{"operator":"TOR","type":"ANONYMIZER"}]'}, "tor", "TOR"),
        ({"tunnels": '[{"operator":"APPLE_ICLOUD_RELAY_PROXY","type":"PROXY"}]'}, "relay", "APPLE_ICLOUD_RELAY_PROXY"),
        ({"tunnels": '[{"type":"PROXY"},{"type":"VPN","operator":"X_VPN"}]'}, "vpn", "X_VPN"),
        ({"tunnels": "[{broken"}, None, None),
        ({"services": [{"operator": "MULLVAD_VPN"}]}, "vpn", "MULLVAD_VPN"),
        ({"services": [{"operator": "MULLVAD_VPN"}], "hop": "203.0.113.9"}, None, None),
        ({"services": [{"operator": "B_VPN"}], "tunnels": '[{"type":"VPN","operator":"A_VPN"}]'}, "vpn", "A_VPN"),
        ({"proxy": True}, "proxy", None),
        ({"proxy": "TRUE"}, "proxy", None),
        ({"proxy": True, "org": "Akamai Technologies, Inc."}, "relay", None),
        ({"proxy": True, "org": "CLOUDFLARENET"}, "relay", None),
        ({"proxy": True, "org": "fastly inc"}, "relay", None),
        ({"proxy": False, "org": "Akamai Technologies, Inc."}, None, None),
        ({"proxy": True, "tunnels": '[{"type":"VPN","operator":"NORD_VPN"}]', "org": "fastly"}, "vpn", "NORD_VPN"),
    ],
)  # fmt: skip
def test_networks_by_tunnel_then_service_of_the_address_then_proxy(
    tmp_path: Path, changes: dict[str, Any], kind: str | None, operator: str | None
) -> None:
    assert _network(tmp_path, **changes) == (kind, operator)


def test_a_device_is_known_by_its_id_else_by_the_hash_of_its_token(tmp_path: Path) -> None:
    assert _one(tmp_path, _event(device=None))["device_id"] == "h1"
    assert _one(tmp_path, _event(device=None))["device_managed"] is None


# ---- authenticators, identity checks, accounts


def _authenticators(folder: Path, *log: dict[str, Any]) -> list[tuple[str | None, ...]]:
    found = rows(events(OKTA, folder, list(log)), "authenticators")
    return [(r["account_id"], r["kind"], r["authenticator_id"], r["ip"]) for r in found]


def test_a_device_added_by_two_people_has_one_id(tmp_path: Path) -> None:
    target = [{"id": "pfd1", "type": "AuthenticatorEnrollment", "detailEntry": {"oktaDeviceId": "guo9"}}]
    other = _event(
        "device.user.add", target=target, actor={"id": "00u2", "type": "User", "alternateId": "al@acme.example"}
    )
    assert _authenticators(tmp_path, _event("device.user.add", target=target), other) == [
        ("okta/00u1", "push", "guo9", "198.51.100.7"),
        ("okta/00u2", "push", "guo9", "198.51.100.7"),
    ]


def test_a_phone_is_its_number_in_both_engines_and_never_a_hidden_one(tmp_path: Path) -> None:
    sms, voice = "system.sms.send_phone_verification_message", "system.voice.send_phone_verification_call"
    classic = _event(sms, target=[{"id": "mbl1", "type": "MobilePhone", "alternateId": "+1 555 010 0199"}])
    newer = _event(voice, debugContext={"debugData": {"phoneNumber": "+15550100199", "countryCallingCode": "1"}})
    hidden = _event(sms, target=[{"id": "mbl2", "type": "MobilePhone", "alternateId": "+1 XXX-XXX-0199"}])
    nowhere = _event(sms, debugContext={"debugData": {"phoneNumber": "+1XXXXXXX199"}})
    assert _authenticators(tmp_path, classic, newer, hidden, nowhere) == [
        ("okta/00u1", "sms", "+15550100199", "198.51.100.7"),
        ("okta/00u1", "call", "+15550100199", "198.51.100.7"),
        ("okta/00u1", "sms", "mbl2", "198.51.100.7"),
    ]


def test_a_factor_activated_by_an_administrator_is_the_users(tmp_path: Path) -> None:
    target = [
        {"id": "00u7", "type": "User", "alternateId": "cy@acme.example"},
        {"id": "pfd7", "type": "AuthenticatorEnrollment"},
        {"id": "aut1", "type": "Authenticator", "displayName": "Okta Verify"},
    ]
    event = _event("user.mfa.factor.activate", target=target, debugContext={"debugData": {"factor": "FIDO_WEBAUTHN"}})
    assert _authenticators(tmp_path, event) == [("okta/00u7", "passkey", "pfd7", "198.51.100.7")]


@pytest.mark.parametrize(
    ("result", "reason", "made"),
    [("SUCCESS", None, "passed"), ("DENY", "expired", "failed"), ("DENY", "Name mismatch", "mismatch"), ("SKIPPED", None, "incomplete")],
)  # fmt: skip
def test_identity_checks_and_their_results(tmp_path: Path, result: str, reason: str | None, made: str) -> None:
    event = _event("user.identity_verification", outcome={"result": result, "reason": reason})
    event["target"] = [{"id": "x", "type": "IdentityProvider", "displayName": "Persona"}]
    (row,) = rows(events(OKTA, tmp_path, [event]), "identity_checks")
    assert (row["result"], row["reason"], row["provider"], row["check_id"]) == (made, reason, "Persona", "u-1")


def test_each_account_is_told_once_and_again_when_it_changes_in_time(tmp_path: Path) -> None:
    married = {"id": "00u1", "type": "User", "alternateId": "bo@acme.example", "displayName": "Bo Berg"}
    made = _event("user.lifecycle.create", target=[{"id": "00u1", "type": "User", "alternateId": "bo@acme.example"}])
    made |= {
        "published": "2026-08-01T00:00:00Z",
        "actor": {"id": "00uadmin", "type": "User", "alternateId": "it@acme.example"},
    }
    log = [_event(), _event(), _event(actor=married, published="2026-10-01T00:00:00Z"), _event(), made, _event()]
    found = [r for r in rows(events(OKTA, tmp_path, log), "accounts") if r["account_id"] == "okta/00u1"]
    assert [(r.get("display_name"), r.get("created_at")) for r in found] == [
        ("Bo Ek", None),
        ("Bo Berg", None),
        ("Bo Berg", "2026-08-01T00:00:00Z"),
    ]


def test_programs_are_services_and_have_no_mailbox(tmp_path: Path) -> None:
    event = _event("app.oauth2.token.grant", actor={"id": "0oa1", "type": "PublicClientApp", "alternateId": "x@y.example", "displayName": "App"})  # fmt: skip
    (row,) = rows(events(OKTA, tmp_path, [event]), "accounts")
    assert row["kind"] == "service" and "email" not in row


@pytest.mark.parametrize("name", ["admin", "sanitized_email.com", "a@b@c", "@"])
def test_a_name_that_is_no_mailbox_does_not_cost_the_account(tmp_path: Path, name: str) -> None:
    (row,) = rows(events(OKTA, tmp_path, [_event(actor={"id": "1", "type": "User", "alternateId": name})]), "accounts")
    assert row["account_id"] == "okta/1" and "email" not in row


# ---- nothing raises

_LOG = [
    _event(),
    _event("policy.evaluate_sign_on", "DENY"),
    _event("device.user.add", target=[{"type": "User", "id": "00u3"}, {"detailEntry": {"oktaDeviceId": "guo1"}}]),
    _event("user.identity_verification"),
    _event("user.lifecycle.create", target=[{"type": "User", "id": "00u3", "alternateId": "a@b.example"}]),
    json.loads(_containers(START)["bridge"]),
    json.loads(_containers(START)["lower case"]),
    {"eventType_s": "user.session.start", "actor_id_s": "1", "published_t": "2026-01-01T00:00:00Z", "target_s": "[]"},
    {"EventOriginalType": "user.session.start", "ActorUserId": "1", "TimeGenerated": "6/19/2025 2:06:05 AM"},
]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(bent(_LOG), min_size=1, max_size=5))
def test_no_bent_event_raises_or_is_lost(tmp_path: Path, log: list[dict[str, Any]]) -> None:
    found = events(OKTA, tmp_path, log)
    assert len(found) == len(log)
    for event in found:
        assert not (event.refused and event.rows)
        for _, cells in event.rows:
            assert all(value is None or (type(value) is str and value.encode()) for value in cells.values())
            assert cells["account_id"]
