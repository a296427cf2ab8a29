"""``export evidence``: a narrative of facts, identifiers in UTC, the rows as received, hashes of everything, a hold."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small import DAY, call, key_in

from mapae import pipeline
from mapae.reports import raw_rows
from mapae.store import ledger, runs, workspace
from mapae.store.sweep import sweep
from mapae.store.workspace import Workspace

CASE = "ring:chat/u1"


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(employer_key: Path) -> Iterator[None]:
    with key_in(employer_key):
        yield


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory, employer_copy: Callable[[Path], Workspace]) -> Workspace:
    return employer_copy(tmp_path_factory.mktemp("evidence") / "w")


@pytest.fixture(scope="module", params=["counsel", "ic3"])
def package(request: pytest.FixtureRequest, space: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("package") / request.param
    told = call("export", "evidence", CASE, space.root, "--for", request.param, "--out", out)
    assert told.code == 0 and "on hold" in told.out, told.text
    return out


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_file_has_its_hash_in_the_manifest(package: Path) -> None:
    manifest = json.loads((package / "manifest.json").read_text("utf-8"))
    listed = {f["path"]: f["sha256"] for f in manifest["files"]}
    there = {str(p.relative_to(package)) for p in package.rglob("*") if p.is_file()}
    assert (
        there == {*listed, "manifest.json"}
        and {"narrative.md", "narrative.html", "identifiers.csv", "rows/index.csv"} <= there
    )
    for path, digest in listed.items():
        assert hashlib.sha256((package / path).read_bytes()).hexdigest() == digest
    assert manifest["hold"].startswith("yes") and manifest["simulated"] is True and manifest["rules"]


def test_the_sources_hashes_are_those_of_the_files(package: Path, space: Workspace) -> None:
    manifest = json.loads((package / "manifest.json").read_text("utf-8"))
    for source in manifest["sources"]:
        assert hashlib.sha256((space.root / source["path"]).read_bytes()).hexdigest() == source["sha256"]
    assert {s["path"] for s in manifest["sources"] if s["rows_here"]} >= {"inputs/sign_ins.csv", "inputs/equipment.csv"}


def test_rows_are_the_lines_of_the_files_as_received(package: Path, space: Workspace) -> None:
    index = table(package / "rows" / "index.csv")
    assert index and not [r for r in index if r["problem"]]
    for row in index:
        lines = (package / row["file"]).read_text("utf-8").splitlines()
        original = (space.root / row["path"]).read_text("utf-8").splitlines()
        assert lines[0] == original[0]
        assert lines[int(row["line"]) - 1] == original[int(row["row_in_source"])]
    farm = {r["row_in_source"] for r in index if r["path"] == "inputs/sign_ins.csv"}
    with_sign = [r for r in index if "device.remote_control" in r["what_rests_on_it"]]
    assert len(with_sign) == 80 and len(farm) == 80  # every sign-in of the four, also beyond the first twenty grounds


def test_identifiers_carry_utc_times_and_rows_that_show_them(package: Path, space: Workspace) -> None:
    rows = {(r["kind"], r["value"], r["account"]): r for r in table(package / "identifiers.csv")}
    line = rows["/64", "2001:db8:7:7::/64", "chat/u1"]
    assert (line["first_seen_utc"], line["last_seen_utc"], line["rows"]) == (
        "2026-05-01T01:00:00Z",
        "2026-05-20T01:00:00Z",
        "20",
    )
    original = table(space.inputs / "sign_ins.csv")
    assert original[int(line["first_row"]) - 1]["happened_at"] == "2026-05-01T01:00:00Z"
    assert rows["phone", "'+12025550100", "chat/u1"]["who"] == "Person 1"
    assert {k for k, _, _ in rows} >= {"ip", "email", "device", "authenticator", "payout", "address"}
    assert {a for _, _, a in rows} == {f"chat/u{i}" for i in range(1, 5)}


def test_the_narrative_says_facts_alone(package: Path) -> None:
    text = (package / "narrative.md").read_text("utf-8")
    page = (package / "narrative.html").read_text("utf-8")
    for said in (
        "Canaryname1 Canarylast1",
        "2026-05-01 01:00:00",
        "9 Farm Road, Nashville",
        "All times are UTC",
        "What is not known",
    ):
        assert said in text and said in page, said
    plain = text.lower().replace("north", "")
    assert not re.search(r"dprk|korea|nationality|guilty|criminal|fraudster|probab|\bbits\b|score|%", plain)
    assert "<script" not in page and "http" not in page and text.count("made by a simulator") == 1


def test_the_ic3_form_follows_its_fields(space: Workspace, package: Path) -> None:
    text = (package / "narrative.md").read_text("utf-8")
    heads = re.findall(r"^## (.*)$", text, re.MULTILINE)
    if package.name == "ic3":
        assert [h.partition(":")[0] for h in heads[:5]] == [
            "Who reports",
            "Money",
            "Subjects",
            "What happened, in order of time",
            "Other information",
        ]
        assert "(to be filled in by the employer)" in text and "4000.00 USD" in text
    else:
        assert heads[0] == "Who" and "Where a statement and the records disagree" in heads


def test_a_package_holds_its_run_and_is_noted(space: Workspace, package: Path) -> None:
    acts = [line.act for line in ledger.read(space.ledger).lines]
    held = [a for a in acts if a["act"] == "hold"]
    assert held and held[0]["run"] == runs.committed(space)[0] and held[0]["for"] in ("counsel", "ic3")
    assert [a for a in acts if a["act"] == "export" and a["what"] == "evidence" and a["files"] >= 9]
    assert "canary" not in space.ledger.read_text().lower() and "okta/" not in str(held)


def test_a_held_run_outlives_later_ones(tmp_path: Path, employer_copy: Callable[[Path], Workspace]) -> None:
    space = employer_copy(tmp_path / "w")
    assert call("export", "evidence", CASE, space.root, "--for", "counsel", "--out", tmp_path / "p").code == 0
    first = runs.committed(space)[0]
    name = (space.inputs / "employees.csv").read_text("utf-8")
    for n in range(4):
        (space.inputs / "employees.csv").write_text(name.replace("engineer", f"engineer {n}"), "utf-8")
        pipeline.run(space.root, today=DAY)
    with workspace.writing(space):
        sweep(space)
    assert (space.runs / f"{first}.json").exists() and len(list(space.runs.glob("*.json"))) == 4


def test_a_folder_with_something_in_it_and_an_unknown_case_are_refused(space: Workspace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    before = len(ledger.read(space.ledger).lines)
    told = call("export", "evidence", CASE, space.root, "--for", "counsel", "--out", tmp_path)
    assert told.code == 1 and "folder of its own" in told.err
    assert call("export", "evidence", "account:nobody", space.root, "--for", "ic3", "--out", tmp_path / "n").code == 1
    assert len(ledger.read(space.ledger).lines) == before


# ---- rows of files in other forms


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('[{"a": 1},\n {"a": 2},\n {"a": 3}]\n', ['{"a": 2}']),
        ('{"a": 1}\n{"a":   2}\n{"a": 3}\n', ['{"a":   2}']),
        ('[{"a": 1}, {"a": 2}, {"a": 3}]', ['{"a": 2}']),
        ('[\n  {\n    "a": 1\n  },\n  {\n    "a": 2\n  },\n  {\n    "a": 3\n  }\n]\n', ['{\n    "a": 2\n  }']),
        ('{"value": [{"a": 1},\n{"a": 2}]}', ['{"a": 2}']),
    ],
)
def test_objects_are_given_as_they_stand_in_the_file(text: str, wanted: list[str], tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text(text)
    found = list(raw_rows.read(path, layout=True, wanted={2}))
    assert [r.text.strip() for r in found] == wanted and found[0].content == {"a": 2} and found[0].number == 2


def test_rows_of_a_table_with_titles_above_its_header_and_cells_of_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "hr.csv"
    path.write_text('Report of workers\n\nid,name\n1,"A\nB"\n2,C\n')
    (one,) = raw_rows.read(path, layout=True, wanted={1})
    assert one.content == {"id": "1", "name": "A\nB"} and one.text == '1,"A\nB"\n'
    assert raw_rows.header(path, layout=True) == "id,name\n"
    assert [r.content["name"] for r in raw_rows.read(path, layout=True)] == ["A\nB", "C"]


def test_rows_of_a_compressed_file_are_read_under_its_own_name(tmp_path: Path) -> None:
    import gzip

    vaulted = tmp_path / "0123abcd"
    vaulted.write_bytes(gzip.compress(b"id,name\n1,A\n2,B\n"))
    with raw_rows.called(vaulted, "inputs/hr.csv.gz") as path:
        assert [r.content for r in raw_rows.read(path, layout=False, wanted={2})] == [{"id": "2", "name": "B"}]


def test_further_rows_of_one_event_point_to_the_event() -> None:
    assert (
        raw_rows.number_in_file(7)
        == raw_rows.number_in_file(10**12 + 7)
        == raw_rows.number_in_file(3 * 10**12 + 7)
        == 7
    )
