"""Shared indicators become watchlist rows that expire, and only a government's own attribution is a nexus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mapae.model.errors import InputRefused
from mapae.rules.kinds import load_catalogue
from mapae.sources.case_rows import read_rows
from mapae.sources.intelligence import LAYOUTS
from mapae.sources.layout import Event
from mapae.sources.misp import Misp
from mapae.sources.stix import Stix
from mapae.sources.stix_pattern import parse

AT = "2026-01-01T00:00:00.000Z"
CISA = {"type": "identity", "id": "identity--1", "name": "CISA"}
VENDOR = {"type": "identity", "id": "identity--2", "name": "Some Vendor"}


def bundle(tmp_path: Path, *objects: dict[str, Any]) -> list[Event]:
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}), "utf-8")
    assert Stix().recognises(path, path.read_text("utf-8"))
    return list(Stix().events(path))


def indicator(pattern: str, **more: Any) -> dict[str, Any]:
    return {"type": "indicator", "id": "indicator--1", "pattern_type": "stix", "pattern": pattern, "created": AT, "modified": AT, "valid_from": AT, **more}  # fmt: skip


def only(events: list[Event]) -> dict[str, str | None]:
    """Cells of the one row that events give."""
    rows = [cells for event in events for _, cells in event.rows]
    assert len(rows) == 1
    return rows[0]


def misp(tmp_path: Path, event: Any) -> list[Event]:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event), "utf-8")
    assert Misp().recognises(path, path.read_text("utf-8"))
    return list(Misp().events(path))


def attribute(type_: str, value: str, **more: Any) -> dict[str, Any]:
    return {"type": type_, "value": value, "to_ids": True, "timestamp": "1767225600", **more}


@pytest.mark.parametrize(
    ("pattern", "kind", "value"),
    [
        ("[ipv4-addr:value = '192.0.2.1']", "ip", "192.0.2.1"),
        ("[ipv4-addr:value='192.0.2.1/32']", "ip", "192.0.2.1"),
        ("[ipv4-addr:value ISSUBSET '192.0.2.0/24']", "cidr", "192.0.2.0/24"),
        ("[ipv6-addr:value = '2001:db8::/64']", "cidr", "2001:db8::/64"),
        ("[domain-name:value = 'bad.example']", "domain", "bad.example"),
        ("[url:value = 'https://bad.example/']", "domain", "bad.example"),
        ("[email-addr:value = 'a@bad.example']", "email", "a@bad.example"),
        ("[email-message:from_ref.value = 'a@bad.example']", "email", "a@bad.example"),
        ("[cryptocurrency-wallet:address = '0xabc']", "wallet", "0xabc"),
        ("[user-account:account_login = 'it\\'s']", "account", "it's"),
        ("[autonomous-system:number = 64500]", "asn", "64500"),
    ],
)
def test_a_pattern_over_one_value_is_a_row(tmp_path: Path, pattern: str, kind: str, value: str) -> None:
    row = only(bundle(tmp_path, indicator(pattern)))
    assert (row["kind"], row["value"]) == (kind, value)


def test_each_of_several_values_of_which_one_is_enough_is_a_row(tmp_path: Path) -> None:
    events = bundle(
        tmp_path, indicator("[ipv4-addr:value IN ('192.0.2.1', '192.0.2.2')] OR [domain-name:value = 'bad.example']")
    )
    assert [cells["value"] for _, cells in events[0].rows] == ["192.0.2.1", "192.0.2.2", "bad.example"]


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("[ipv4-addr:value = '192.0.2.1' AND network-traffic:dst_port = 443]", "together"),
        ("[ipv4-addr:value = '192.0.2.1'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.2']", "together"),
        ("[url:value = 'https://shared.example/evil']", "whole hosts"),
        ("[ipv4-addr:value 192.0.2.1]", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_what_cannot_be_watched_alone_is_set_aside_with_its_reason(tmp_path: Path, pattern: str, reason: str) -> None:
    (event,) = bundle(tmp_path, indicator(pattern))
    assert event.rows == [] and reason in event.refused


@pytest.mark.parametrize(
    "one",
    [
        indicator("[file:hashes.'SHA-256' = 'ef53']"),
        indicator("[ipv4-addr:value != '192.0.2.1']"),
        indicator("[ipv4-addr:value NOT IN ('192.0.2.1')]"),
        indicator("[domain-name:value LIKE '%.example']"),
        indicator("[ipv4-addr:value = '192.0.2.1']", revoked=True),
        indicator("rule x { }", pattern_type="yara"),
        {"type": "ipv4-addr", "id": "ipv4-addr--1", "value": "192.0.2.1"},
        {
            "type": "observed-data",
            "id": "observed-data--1",
            "objects": {"0": {"type": "ipv4-addr", "value": "192.0.2.1"}},
        },
    ],
)
def test_files_denials_what_was_withdrawn_and_what_was_only_seen_give_nothing(
    tmp_path: Path, one: dict[str, Any]
) -> None:
    (event,) = bundle(tmp_path, one)
    assert event.rows == [] and event.refused == ""


def test_the_senders_end_confidence_and_light_are_kept(tmp_path: Path) -> None:
    marking = {
        "type": "marking-definition",
        "id": "marking-definition--x",
        "definition_type": "tlp",
        "definition": {"tlp": "green"},
    }
    refs = ["marking-definition--x", "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"]
    one = indicator("[ipv4-addr:value = '192.0.2.1']", valid_until="2026-03-01T00:00:00Z", confidence=70, object_marking_refs=refs, created_by_ref="identity--2")  # fmt: skip
    row = only(bundle(tmp_path, VENDOR, marking, one))
    assert (row["valid_until"], row["confidence"], row["tlp"], row["source"]) == (
        "2026-03-01T00:00:00Z",
        "70",
        "amber",
        "Some Vendor",
    )
    assert row["first_seen"] == "2026-01-01T00:00:00Z" and "no end" not in (row["says"] or "")


def test_without_an_end_a_row_holds_ninety_days_and_a_tunnels_exit_thirty(tmp_path: Path) -> None:
    row = only(bundle(tmp_path, indicator("[ipv4-addr:value = '192.0.2.1']", name="Host")))
    assert row["valid_until"] == "2026-04-01T00:00:00Z"
    assert row["says"] == "Host; the sender gives no end; held for 90 days after it was last seen or changed"
    row = only(bundle(tmp_path, indicator("[ipv4-addr:value = '192.0.2.1']", name="Astrill VPN exit")))
    assert row["valid_until"] == "2026-01-31T00:00:00Z"


def related(by: dict[str, Any], actor: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    one = indicator("[ipv4-addr:value = '192.0.2.1']", created_by_ref=by["id"])
    link = {"type": "relationship", "id": "relationship--1", "relationship_type": "indicates", "source_ref": one["id"], "target_ref": actor["id"], **more}  # fmt: skip
    return [by, one, actor, link]


LAZARUS = {"type": "intrusion-set", "id": "intrusion-set--1", "name": "Lazarus Group"}
OTHER = {
    "type": "intrusion-set",
    "id": "intrusion-set--2",
    "name": "Some Group",
    "description": "not attributed to the DPRK",
}


@pytest.mark.parametrize(
    ("objects", "nexus"),
    [
        (related(CISA, LAZARUS), "true"),
        (related({**CISA, "name": "Federal  Bureau of Investigation"}, {**OTHER, "aliases": ["HIDDEN COBRA"]}), "true"),
        (
            [CISA, indicator("[ipv4-addr:value = '192.0.2.1']", created_by_ref="identity--1", labels=["north-korea"])],
            "true",
        ),
        (related(CISA, OTHER), "false"),
        (related(VENDOR, LAZARUS), "false"),
        (related(CISA, LAZARUS, created_by_ref="identity--2"), "false"),
        (
            [
                CISA,
                indicator(
                    "[ipv4-addr:value = '192.0.2.1']", created_by_ref="identity--1", description="DPRK, North Korea"
                ),
            ],
            "false",
        ),
        ([CISA, indicator("[ipv4-addr:value = '192.0.2.1']", labels=["dprk"])], "false"),
        (related({**CISA, "name": "CISA fan club"}, LAZARUS), "false"),
    ],
)
def test_only_a_governments_own_structured_attribution_is_a_nexus(
    tmp_path: Path, objects: list[dict[str, Any]], nexus: str
) -> None:
    assert only(bundle(tmp_path, *objects))["nexus"] == nexus


def test_an_actor_may_be_reached_through_what_it_uses(tmp_path: Path) -> None:
    malware = {"type": "malware", "id": "malware--1", "name": "Tool"}
    on = {
        "type": "relationship",
        "id": "relationship--2",
        "relationship_type": "attributed-to",
        "source_ref": "malware--1",
        "target_ref": LAZARUS["id"],
    }
    assert only(bundle(tmp_path, *related(CISA, malware), on, LAZARUS))["nexus"] == "true"


@pytest.mark.parametrize(
    "wrap", [lambda e: e, lambda e: {"Event": e}, lambda e: {"response": [{"Event": e}]}, lambda e: [{"Event": e}]]
)
def test_misp_events_are_read_in_each_of_their_wrappings(tmp_path: Path, wrap: Any) -> None:
    event = {
        "info": "x",
        "threat_level_id": "2",
        "Orgc": {"name": "CIRCL"},
        "Attribute": [attribute("ip-dst", "192.0.2.1")],
    }
    row = only(misp(tmp_path, wrap(event)))
    assert (row["value"], row["source"], row["nexus"]) == ("192.0.2.1", "CIRCL", "false")


def test_composite_types_and_objects_give_their_parts(tmp_path: Path) -> None:
    event = {
        "threat_level_id": "2",
        "Attribute": [attribute("domain|ip", "bad.example|192.0.2.1"), attribute("ip-src|port", "192.0.2.2|443"), attribute("filename|sha256", "a|b")],
        "Object": [{"Attribute": [attribute("email-src", "a[@]bad[.]example"), attribute("btc", "1abc")]}, {"deleted": True, "Attribute": [attribute("btc", "2abc")]}],
    }  # fmt: skip
    events = misp(tmp_path, event)
    assert [e.number for e in events] == [1, 2, 3, 4, 5]
    rows = [(c["kind"], c["value"]) for e in events for _, c in e.rows]
    assert rows == [
        ("domain", "bad.example"),
        ("ip", "192.0.2.1"),
        ("ip", "192.0.2.2"),
        ("email", "a@bad.example"),
        ("wallet", "1abc"),
    ]


def test_what_is_no_indicator_or_was_deleted_gives_nothing(tmp_path: Path) -> None:
    event = {
        "threat_level_id": "2",
        "Attribute": [
            attribute("ip-dst", "192.0.2.1", to_ids=False),
            attribute("ip-dst", "192.0.2.1", deleted=True),
            attribute("md5", "00"),
        ],
    }
    assert all(e.rows == [] and e.refused == "" for e in misp(tmp_path, event))


def test_a_misp_row_expires_by_its_own_last_change_and_carries_its_light(tmp_path: Path) -> None:
    tags = [{"name": "tlp:amber"}, {"name": 'misp-galaxy:threat-actor="Lazarus Group"'}]
    event = {
        "threat_level_id": "2",
        "date": "2025-12-01",
        "Orgc": {"name": "FBI"},
        "Tag": tags,
        "Attribute": [attribute("ip-dst", "192.0.2.1", comment="C2")],
    }
    row = only(misp(tmp_path, event))
    assert (row["first_seen"], row["valid_until"]) == ("2025-12-01T00:00:00Z", "2026-04-01T00:00:00Z")
    assert (row["tlp"], row["nexus"]) == ("amber", "true")
    assert only(misp(tmp_path, {**event, "Orgc": {"name": "CIRCL"}}))["nexus"] == "false"


@pytest.mark.parametrize(
    ("name", "layout", "events", "rows"),
    [
        ("stix21_indicator-for-c2-ip-address.json", "stix", 1, 1),
        ("stix21_indicator-to-campaign-relationship.json", "stix", 3, 1),
        ("stix21_indicators-for-C2-with-COA.json", "stix", 8, 1),
        ("stix21_infrastructure.json", "stix", 10, 0),
        ("stix21_malicious-email-indicator-with-attachment.json", "stix", 6, 0),
        ("stix20_stix2.json", "stix", 3, 0),
        ("misp_to_delete1.json", "misp", 75, 6),
        ("misp_57c4445b-c548-4654-af0b-4be3950d210f.json", "misp", 9, 0),
        ("misp_misp_event.json", "misp", 2, 0),
        ("misp_event_obj_attr_tag.json", "misp", 2, 0),
    ],
)
def test_the_public_samples_are_known_by_their_content_and_read(
    shared: Path, name: str, layout: str, events: int, rows: int
) -> None:
    path = shared / "logs" / "ti" / name
    (known,) = [one for one in LAYOUTS if one.recognises(path, path.read_text("utf-8")[: 64 << 10])]
    found = list(known.events(path))
    assert (known.name, len(found), sum(len(e.rows) for e in found)) == (layout, events, rows)


def test_no_other_sample_is_taken_for_shared_indicators(shared: Path) -> None:
    for path in sorted((shared / "logs").glob("*/*")):
        if path.parent.name != "ti":
            beginning = path.read_bytes()[: 64 << 10].decode("utf-8", "ignore")
            assert not any(one.recognises(path, beginning) for one in LAYOUTS), path.name


def test_the_tables_own_reader_takes_every_row(shared: Path) -> None:
    table = load_catalogue().tables["watchlist"]
    for path in sorted((shared / "logs" / "ti").glob("*.json")):
        for one in LAYOUTS:
            if one.recognises(path, path.read_text("utf-8")):
                rows = [cells for event in one.events(path) for _, cells in event.rows]
                header = sorted({name for cells in rows for name in cells})
                if rows:
                    assert set(header) <= set(table.columns)
                    made = read_rows(table, header, [[cells.get(n) or "" for n in header] for cells in rows])
                    assert made.num_rows == len(rows)


def test_a_bundle_that_was_cut_off_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_text('{"type": "bundle", "id": "bundle--1", "objects": [{"type": "indic', "utf-8")
    assert Stix().recognises(path, path.read_text("utf-8"))
    with pytest.raises(InputRefused, match="cannot be read") as told:
        list(Stix().events(path))
    assert "cut off" in told.value.why


def test_values_in_quotation_marks_may_hold_words_of_the_language() -> None:
    (one,) = parse("[domain-name:value = 'a AND b NOT c']").comparisons
    assert one.values == ("a AND b NOT c",) and not parse("[domain-name:value = 'a AND b']").together
