"""``export findings``: valid in each format, the same bytes for the same run, no score, no attribution, values concealed when asked."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from outgoing import FARM
from small import ROOT, call, key_in

from mapae.reports import cells, finding_exports, stix
from mapae.store import ledger
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace

CASE = "ring:chat/u1"
ATTRIBUTION = ("dprk", "korea", "lazarus", "threat-actor", "attributed", "intrusion-set", "malware", "campaign")


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(employer_key: Path) -> Iterator[None]:
    with key_in(employer_key):
        yield


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory, employer_copy: Callable[[Path], Workspace]) -> Workspace:
    return employer_copy(tmp_path_factory.mktemp("findings") / "w")


def made(space: Workspace, format_: str, *, masked: bool = False, subjects: tuple[str, ...] = (CASE,)) -> str:
    with OpenRun.last(space.root) as run:
        return finding_exports.text(run, format_, subjects=subjects, masked=masked)[0]


def ocsf_schema() -> Any:
    schema = json.loads((ROOT / "mapae" / "reports" / "schemas" / "ocsf_2004.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_ocsf_lines_are_valid_detection_findings(space: Workspace) -> None:
    validator = ocsf_schema()
    events = [json.loads(line) for line in made(space, "ocsf", subjects=(CASE, "account:chat/u9")).splitlines()]
    assert len(events) == 2
    for event in events:
        validator.validate(event)
        assert event["class_uid"] == 2004 and event["type_uid"] == 200401 and event["finding_info"]["title"]
        assert not {"confidence", "confidence_id", "confidence_score", "risk_score", "risk_level_id"} & set(event)
        assert event["severity_id"] in (1, 3) and event["status_id"] == 1
    by_people = {len(e["resources"]): e for e in events}
    farm = by_people[8]
    assert {r["uid"] for r in farm["resources"]} >= {*FARM, "chat/u1"}
    says = [e["data"]["says"] for e in farm["evidences"]]
    assert any("remote control" in s for s in says) and all(e["data"]["may_be_innocent"] for e in farm["evidences"])
    ip = next(o for o in farm["observables"] if o["value"] == "2001:db8:7:7::1")
    assert ip["type_id"] == 2 and farm["start_time"] < farm["end_time"] < 4102444800000


@pytest.mark.parametrize(
    "change",
    [
        {"class_uid": 2005}, {"time": 1782907200}, {"severity_id": 9}, {"metadata": {"version": "1.0.0", "product": {"vendor_name": "x"}}},
        {"finding_info": {"title": "x"}}, {"evidences": [{"name": "x"}]}, {"observables": [{"value": "x"}]}, {"activity_id": 7},
    ],
)  # fmt: skip
def test_the_schema_refuses_what_ocsf_refuses(change: dict[str, Any], space: Workspace) -> None:
    event = json.loads(made(space, "ocsf").splitlines()[0]) | change
    assert list(ocsf_schema().iter_errors(event))


def test_stix_is_a_bundle_of_observations_and_nothing_else(space: Workspace) -> None:
    bundle = json.loads(made(space, "stix"))
    objects = {o["id"]: o for o in bundle["objects"]}
    kinds = {o["type"] for o in objects.values()}
    assert kinds == {
        "identity",
        "marking-definition",
        "observed-data",
        "ipv6-addr",
        "ipv4-addr",
        "email-addr",
        "user-account",
    }
    assert bundle["type"] == "bundle" and "spec_version" not in bundle and len(objects) == len(bundle["objects"])
    for o in objects.values():
        kind, _, ident = o["id"].partition("--")
        assert kind == o["type"] and uuid.UUID(ident).version in (4, 5) and o["spec_version"] == "2.1"
        if o["type"] == "observed-data":
            assert (
                o["object_refs"] and set(o["object_refs"]) <= set(objects) and o["first_observed"] <= o["last_observed"]
            )
            assert 1 <= o["number_observed"] <= 999_999_999 and o["labels"] == ["simulated"]
        if o["type"] not in ("identity", "marking-definition"):
            assert o["object_marking_refs"] == [stix.AMBER["id"]]
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", o.get("created", "2026-01-01T00:00:00.000Z"))
    mail = next(o for o in objects.values() if o["type"] == "email-addr" and o["value"] == "canary1@corp.example")
    contributing = uuid.uuid5(uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7"), '{"value":"canary1@corp.example"}')
    assert mail["id"] == f"email-addr--{contributing}"


def test_misp_is_one_unpublished_event_that_blocks_nothing(space: Workspace) -> None:
    event = json.loads(made(space, "misp"))["Event"]
    assert event["published"] is False and event["distribution"] == "0" and event["threat_level_id"] == "4"
    assert event["info"].startswith("Simulated: ") and event["Tag"] == [{"name": "tlp:amber"}]
    attributes = event["Attribute"]
    assert attributes and not [a for a in attributes if a["to_ids"]]
    assert len({a["uuid"] for a in attributes}) == len(attributes)
    types = {a["type"]: a["category"] for a in attributes}
    assert types["ip-src"] == "Network activity" and types["email-src"] == "Payload delivery"
    assert types["phone-number"] == "Person" and types["bank-account-nr"] == "Financial fraud"
    held = {a["value"]: a for a in attributes}
    assert held["2001:db8:7:7::1"]["first_seen"] == "2026-05-01T01:00:00+00:00"


def test_what_our_own_reader_of_watchlists_makes_of_it_is_no_nexus(space: Workspace, tmp_path: Path) -> None:
    from mapae.sources import intelligence

    for format_ in ("stix", "misp"):
        path = tmp_path / f"export.{format_}.json"
        path.write_text(made(space, format_), "utf-8")
        for layout in intelligence.LAYOUTS:
            if layout.recognises(path, path.read_text("utf-8")[: 64 << 10]):
                rows = [cells_ for event in layout.events(path) for table, cells_ in event.rows if table == "watchlist"]
                assert not [r for r in rows if r.get("nexus") == "true"]


def test_csv_has_a_line_a_fact_and_no_formula(space: Workspace) -> None:
    rows = list(csv.DictReader(io.StringIO(made(space, "csv", subjects=(CASE, "account:chat/u0")))))
    assert len(rows) == 8 + 6 and {r["people"] for r in rows} == {"4"}  # the honest one has no fact
    assert not [c for r in rows for c in r.values() if c.startswith(("=", "+", "-", "@", "\t"))]


@pytest.mark.parametrize("format_", finding_exports.FORMATS)
def test_the_same_run_gives_the_same_bytes_and_no_attribution(format_: str, space: Workspace) -> None:
    text = made(space, format_)
    assert text == made(space, format_)
    assert not [w for w in ATTRIBUTION if w in text.lower()]
    assert "permille" not in text and "centibits" not in text and " bits" not in text and "%" not in text


@pytest.mark.parametrize("format_", finding_exports.FORMATS)
def test_masked_exports_hold_no_value_and_keep_equal_values_equal(format_: str, space: Workspace) -> None:
    text, clear = made(space, format_, masked=True), made(space, format_)
    for value in ("canary", *FARM, "chat/u1", "2001:db8", "+1202555", "phone-farm", "bank-farm", "d-farm"):
        assert value not in text.lower(), value
    assert ("okta/u1" if format_ == "csv" else "canary1@corp.example") in clear
    shape = re.compile(r"hmac:[0-9a-f]{32}")
    assert shape.findall(text) and set(shape.findall(text)) == set(shape.findall(made(space, format_, masked=True)))
    if format_ == "misp":  # the phone that four people have is one value four times
        assert len(set(shape.findall(text))) < len(shape.findall(text))
    if format_ == "ocsf":
        ocsf_schema().validate(json.loads(text.splitlines()[0]))


def test_an_export_is_noted_and_its_file_written(space: Workspace, tmp_path: Path) -> None:
    told = call(
        "export",
        "findings",
        space.root,
        "--format",
        "stix",
        "--out",
        tmp_path / "a" / "f.json",
        "--subject",
        CASE,
        "--masked",
    )
    assert told.code == 0 and told.out == f"1 cases, as stix, masked, in {tmp_path / 'a' / 'f.json'}.\n"
    act = ledger.read(space.ledger).lines[-1].act
    assert (act["act"], act["what"], act["format"], act["cases"], act["masked"]) == (
        "export",
        "findings",
        "stix",
        1,
        True,
    )
    assert "chat/u1" not in str(act)
    told = call("export", "findings", space.root, "--format", "csv", "--out", "-")
    assert told.code == 0 and told.out.startswith("case,case_id,under_review,") and " cases, as csv" in told.err
    (tmp_path / "file").write_text("")
    told = call(
        "export", "findings", space.root, "--format", "csv", "--out", tmp_path / "file" / "x", "--subject", CASE
    )
    assert told.code == 1 and "cannot be written" in told.err
    assert (
        call("export", "findings", space.root, "--format", "csv", "--out", "-", "--subject", "account:nobody").code == 1
    )


def test_tables_as_csv_run_no_formula_in_a_spreadsheet(space: Workspace, tmp_path: Path) -> None:
    told = call("export", "tables", space.root, "--out", tmp_path, "--only", "records", "--format", "csv")
    assert told.code == 0 and "carry an apostrophe" in told.err
    with (tmp_path / "records" / "accounts.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = {r["display_name"] for r in rows}
    assert "'=HYPERLINK(1)" in names and "=HYPERLINK(1)" not in names
    assert {r["phone"] for r in rows if r["account_id"] == "okta/u1"} == {"'+12025550100"}


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\tx", "\rx"])
def test_cells_that_a_spreadsheet_would_run_are_defused(cell: str) -> None:
    assert cells.defused(cell) == "'" + cell
    assert cells.defused(-1) == "-1" and cells.defused(None) == "" and cells.defused("a=1") == "a=1"
