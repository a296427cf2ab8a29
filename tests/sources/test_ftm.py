"""FollowTheMoney in and out: what its library would take is kept, the rest refused by line; real lists pass its lint."""

from __future__ import annotations

import collections
import contextlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapae.model.errors import InputRefused
from mapae.model.statements import SCHEMA, statement_id
from mapae.rules.kinds import CATALOGUE, ListRule, read_rule
from mapae.sources import ftm, ofac_advanced, un
from mapae.sources.schemata import properties

SOURCE = "0123456789abcdef"
PERSON = {
    "id": "p1",
    "schema": "Person",
    "properties": {"name": ["Example Person"], "birthDate": ["1970"], "nationality": ["kp"]},
}
SHIP = {"id": "v1", "schema": "Vessel", "properties": {"name": ["Example Star"], "imoNumber": ["IMO9187629"]}}
DEMO = CATALOGUE / "demo" / "dprk_designations.ftm.json"


def put(folder: Path, *lines: Any) -> Path:
    path = folder / "entities.ftm.json"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines), "utf-8")
    return path


def test_an_entity_becomes_one_statement_per_value(tmp_path: Path) -> None:
    reading = ftm.read(put(tmp_path, PERSON, SHIP), SOURCE)
    table = reading.tables["statements"].read_all()
    assert table.schema == SCHEMA and (reading.counts.read, reading.counts.kept) == (2, 2)
    made = {(r["entity_id"], r["prop"], r["prop_type"], r["value"], r["mapae_row"]) for r in table.to_pylist()}
    assert made == {
        ("p1", "name", "name", "Example Person", 1),
        ("p1", "birthDate", "date", "1970", 1),
        ("p1", "nationality", "country", "kp", 1),
        ("v1", "name", "name", "Example Star", 2),
        ("v1", "imoNumber", "identifier", "9187629", 2),
    }
    assert all(r["id"] == statement_id("entities", r["entity_id"], r["prop"], r["value"]) for r in table.to_pylist())


BAD = [
    ("{", "no JSON"),
    ("[]", "no JSON object"),
    ('{"id": "x", "schema": "Person", "properties": {"name": [NaN]}}', "no JSON"),
    ({"schema": "Person", "properties": {"name": ["x"]}}, "no id"),
    ({"id": "a\x1fb", "schema": "Person", "properties": {"name": ["x"]}}, "control characters"),
    ({"id": "x", "schema": "Martian", "properties": {"name": ["x"]}}, "no schema"),
    ({"id": "x", "schema": "Person", "properties": {}}, "no properties"),
    ({"id": "x", "schema": "Person", "properties": {"imoNumber": ["9187629"]}}, "no property"),
    ({"id": "x", "schema": "Person", "properties": {"name": [7]}}, "no text"),
    ({"id": "x", "schema": "Person", "properties": {"birthDate": ["yesterday"]}}, "None of the entity's values"),
    ({"id": "p1", "schema": "Vessel", "properties": {"name": ["x"]}}, "on an earlier line"),
    ("[" * 100_000, "no JSON"),
]


@pytest.mark.parametrize(("line", "said"), BAD, ids=[said for _, said in BAD])
def test_a_bad_line_is_refused_with_its_row_and_the_others_go_on(tmp_path: Path, line: Any, said: str) -> None:
    reading = ftm.read(put(tmp_path, PERSON, line, SHIP), SOURCE)
    (refused,) = reading.tables["rejected/statements"].to_pylist()
    assert refused["mapae_row"] == 2 and said in refused["reason"]
    assert reading.counts.kept == 2 and reading.counts.rejected == 1 and reading.counts.balanced()


def test_a_line_of_another_encoding_or_endless_length_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "entities.ftm.json"
    good = json.dumps(PERSON).encode()
    path.write_bytes(b"\n".join([b'{"id": "\xff"}', b'{"id": "' + b"x" * (ftm.LONGEST_LINE + 10) + b'"}', good]))
    reading = ftm.read(path, SOURCE)
    assert [r["mapae_row"] for r in reading.tables["rejected/statements"].to_pylist()] == [1, 2]
    assert reading.tables["statements"].read_all()["mapae_row"].to_pylist() == [3, 3, 3]


def test_a_value_of_the_wrong_type_is_left_out_and_said(tmp_path: Path) -> None:
    odd = {
        "id": "x",
        "schema": "Person",
        "properties": {"name": ["Example"], "birthDate": ["soon"], "nationality": ["Atlantis", "North Korea"]},
    }
    reading = ftm.read(put(tmp_path, odd), SOURCE)
    made = {(r["prop"], r["value"], r["original_value"]) for r in reading.tables["statements"].read_all().to_pylist()}
    assert made == {("name", "Example", ""), ("nationality", "kp", "North Korea")}
    assert [n.split(":")[0] for n in reading.notes] == ["line 1", "line 1"]


def test_an_equal_line_is_counted_as_equal(tmp_path: Path) -> None:
    counts = ftm.read(put(tmp_path, PERSON, "", PERSON), SOURCE).counts
    assert (counts.read, counts.kept, counts.equal) == (2, 1, 1)


def test_a_file_without_one_entity_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="holds no entities"):
        ftm.read(put(tmp_path, "x", "y"), SOURCE)


def test_what_goes_in_comes_out_again(tmp_path: Path) -> None:
    out = ftm.to_entities(ftm.read(put(tmp_path, SHIP, PERSON), SOURCE).tables["statements"].read_all())
    assert [e["id"] for e in out] == ["p1", "v1"]
    assert out[0]["properties"] == PERSON["properties"] and out[0]["caption"] == "Example Person"


@given(
    st.lists(
        st.binary(max_size=80) | st.sampled_from([json.dumps(PERSON).encode(), json.dumps(SHIP).encode()]), max_size=8
    )
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_a_reading_or_a_refusal(tmp_path: Path, lines: list[bytes]) -> None:
    path = tmp_path / "entities.ftm.json"
    path.write_bytes(b"\n".join(lines))
    with contextlib.suppress(InputRefused):
        assert ftm.read(path, SOURCE).counts.balanced()


def test_the_demo_extract_is_small_whole_and_of_designated_parties_alone() -> None:
    reading = ftm.read(DEMO, SOURCE)
    assert DEMO.stat().st_size < 900_000 and reading.counts.rejected == 0 and reading.notes == []
    entities = {e["id"]: e for e in ftm.to_entities(reading.tables["statements"].read_all())}
    parties = [e for e in entities.values() if "topics" in e["properties"]]
    assert len(parties) == 538
    assert all(any(tag.startswith("DPRK") for tag in e["properties"]["programId"]) for e in parties)
    assert not any("passportNumber" in e["properties"] or "idNumber" in e["properties"] for e in entities.values())
    for entity in entities.values():
        for prop, kind in properties(entity["schema"]).items():
            if kind == "entity":
                assert set(entity["properties"].get(prop, [])) <= set(entities), "nothing points outside"


def complaints(table: pa.Table) -> dict[Any, int]:
    """What the followthemoney library has to say against statements; one of each kind is enough to fail."""
    model = pytest.importorskip(
        "followthemoney", reason="the followthemoney library is installed for this test only"
    ).model
    from followthemoney.exc import InvalidData
    from followthemoney.statement import Statement

    found: collections.Counter[Any] = collections.Counter()
    schema: dict[str, str] = {}
    held: dict[str, dict[str, list[str]]] = {}
    for s in table.to_pylist():
        found["two schemata of one entity"] += s["schema"] != schema.setdefault(s["entity_id"], s["schema"])
        prop = model.get(s["schema"]).get(s["prop"])
        if prop is None or prop.stub or prop.deprecated:
            found["no such property", s["schema"], s["prop"]] += 1
            continue
        clean = prop.type.clean(s["value"], format=prop.format)
        # IMO numbers stand in the records' normal form, seven digits; the library writes IMO before them.
        same = clean == s["value"] or (s["prop"] == "imoNumber" and clean == f"IMO{s['value']}")
        found["value not clean", s["schema"], s["prop"]] += not same
        found["type", s["prop"]] += prop.type.name != s["prop_type"]
        found["too long", s["prop"]] += len(s["value"]) > prop.max_length
        made = Statement(
            entity_id=s["entity_id"], prop=s["prop"], schema=s["schema"], value=s["value"], dataset=s["dataset"]
        )
        found["id"] += made.id != s["id"] or s["id"] != Statement.make_key(
            s["dataset"], s["entity_id"], s["prop"], s["value"], False
        )
        held.setdefault(s["entity_id"], {}).setdefault(s["prop"], []).append(s["value"])
    for entity, given_ in held.items():
        kind = model.get(schema[entity])
        for name in kind.required:
            found["missing", kind.name, name] += name not in given_
        for name, values in given_.items():
            wanted = kind.get(name).range if kind.get(name) else None
            for value in values if wanted else ():
                found["points nowhere", name] += value not in schema
                found["points to a wrong kind", name] += value in schema and not model.get(schema[value]).is_a(wanted)
    for entity_ in ftm.to_entities(table):
        proxy = model.get_proxy(entity_, cleaned=False)
        found["value lost", entity_["schema"]] += sum(map(len, entity_["properties"].values())) != len(
            list(proxy.itervalues())
        )
        try:
            proxy.schema.validate(proxy.to_dict())
        except InvalidData as problem:
            for name in problem.errors["properties"]:
                # Monero keys have 95 signs; the property takes 512, and only this check forgets that.
                found["invalid", entity_["schema"], name] += name != "publicKey"
    return {what: n for what, n in found.items() if n}


def list_rule(name: str) -> ListRule:
    made = read_rule(CATALOGUE / "lists" / f"{name}.yml", "list", ListRule)
    assert isinstance(made, ListRule)
    return made


def test_the_newest_sdn_list_passes_the_library_without_a_complaint(shared: Path) -> None:
    pytest.importorskip("followthemoney", reason="the followthemoney library is installed for this test only")
    path = shared / "lists" / "us" / "sdn_advanced_2025-11-19.xml.bz2"
    assert complaints(ofac_advanced.read(path, list_rule("us_ofac_sdn"), SOURCE).tables["statements"].read_all()) == {}


@pytest.mark.parametrize("date", ["2022-09-15", "2026-02-27"])
def test_the_un_lists_pass_the_library_without_a_complaint(shared: Path, date: str) -> None:
    pytest.importorskip("followthemoney", reason="the followthemoney library is installed for this test only")
    path = shared / "lists" / "un" / f"un_consolidated_{date}.xml.xz"
    assert complaints(un.read(path, list_rule("un_sc_consolidated"), SOURCE).tables["statements"].read_all()) == {}


def test_our_table_of_schemata_is_the_library_s() -> None:
    model = pytest.importorskip(
        "followthemoney", reason="the followthemoney library is installed for this test only"
    ).model
    for kind in model:
        theirs = {p.name: p.type.name for p in kind.properties.values() if not p.stub}
        assert theirs.items() <= dict(properties(kind.name)).items(), kind.name
