"""``export tables``: every table of a run under its own name, the same rows in every format, and a line in the ledger."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from small import call, key_in, run, small, whole

from mapae.store import ledger
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with key_in(tmp_path_factory.mktemp("key")):
        yield


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = small(tmp_path_factory.mktemp("export") / "w")
    run(made)
    return made


def test_every_table_is_written_under_its_own_name_with_its_rows(space: Workspace, tmp_path: Path) -> None:
    told = call("export", "tables", space.root, "--out", tmp_path / "out")
    assert told.code == 0
    written = {
        str(p.relative_to(tmp_path / "out")).removesuffix(".parquet") for p in (tmp_path / "out").rglob("*.parquet")
    }
    with OpenRun.last(space.root) as held:
        assert written == set(held.manifest["tables"])
        assert told.out == f"Wrote {len(written)} tables to {tmp_path / 'out'}.\n"
        for table in written:
            assert pq.read_table(tmp_path / "out" / f"{table}.parquet").num_rows == held.arrow(table).num_rows
        flags = held.arrow("findings/flag")
    assert pq.read_table(tmp_path / "out" / "findings" / "flag.parquet").to_pylist() == flags.to_pylist()


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_other_formats_hold_the_same_rows(format_: str, space: Workspace, tmp_path: Path) -> None:
    assert call("export", "tables", space.root, "--out", tmp_path, "--only", "findings", "--format", format_).code == 0
    with OpenRun.last(space.root) as held:
        wanted = held.rows("select id, subject, verdict, permille from assessment")
        because = {r["id"]: r["because"] for r in held.rows("select id, because from link")}
    if format_ == "csv":
        with (tmp_path / "findings" / "assessment.csv").open(newline="") as file:
            found = list(csv.DictReader(file))
        with (tmp_path / "findings" / "link.csv").open(newline="") as file:
            links = {r["id"]: json.loads(r["because"]) for r in csv.DictReader(file)}
    else:
        found = [json.loads(line) for line in (tmp_path / "findings" / "assessment.jsonl").read_text().splitlines()]
        lines = (tmp_path / "findings" / "link.jsonl").read_text().splitlines()
        links = {r["id"]: r["because"] for r in map(json.loads, lines)}
    assert [{k: str(r[k]) for k in wanted[0]} for r in found] == [{k: str(v) for k, v in r.items()} for r in wanted]
    assert links == because


@pytest.mark.parametrize("only", ["findings", "records", "rejected", "statements", "measures"])
def test_a_part_of_the_tables_alone(only: str, space: Workspace, tmp_path: Path) -> None:
    assert call("export", "tables", space.root, "--out", tmp_path, "--only", only).code == 0
    written = {p.relative_to(tmp_path).parts[0].removesuffix(".parquet") for p in tmp_path.rglob("*.parquet")}
    assert written and all(name.startswith(only) for name in written)


def test_an_export_is_an_act_of_the_ledger_and_its_run_is_kept(space: Workspace, tmp_path: Path) -> None:
    assert call("export", "tables", space.root, "--out", tmp_path, "--only", "findings").code == 0
    with OpenRun.last(space.root) as held:
        name = held.name
    act = ledger.read(space.ledger).lines[-1].act
    assert {k: v for k, v in act.items() if k != "at"} == {
        "act": "export",
        "run": name,
        "tables": 8,
        "format": "parquet",
        "only": "findings",
    }
    whole(space)


def test_a_folder_that_cannot_be_written_is_said_and_no_act_is_noted(space: Workspace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    before = len(ledger.read(space.ledger).lines)
    told = call("export", "tables", space.root, "--out", tmp_path / "file")
    assert told.code == 1 and "An export cannot be written" in told.err and "Name a folder" in told.err
    assert "Traceback" not in told.text and len(ledger.read(space.ledger).lines) == before
