"""A run is committed by one line of the ledger; readers see it whole, and nothing else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import mapae
from mapae.model.errors import Damaged, MapaeError
from mapae.store import ledger, parts, runs, workspace
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return workspace.init(tmp_path / "w")


def made(space: Workspace, table: str, rows: list[dict[str, object]], name: str) -> dict[str, object]:
    """A part with these rows, as a manifest lists it."""
    half = parts.half(space, name)
    pq.write_table(pa.Table.from_pylist(rows), half)
    parts.settle(space, name)
    return {"name": name, "sha256": parts.hash_file(parts.path(space, name)), "rows": len(rows)}


def committed(space: Workspace, tables: dict[str, dict[str, object]]) -> str:
    return runs.commit(space, {"mapae": "0", "tables": tables}, {"at": "2026-01-01T00:00:00+00:00"})


def test_a_run_is_named_by_the_hash_of_its_manifest_and_found_in_the_ledger(space: Workspace) -> None:
    name = committed(space, {"records/x": {"parts": [made(space, "records/x", [{"a": 1}], "p1")]}})
    assert hashlib.sha256((space.runs / f"{name}.json").read_bytes()).hexdigest() == name
    assert runs.committed(space) == [name]
    assert [line.act["act"] for line in ledger.read(space.ledger).lines] == ["run"]
    assert runs.manifest_name({"b": 1, "a": 2}) == runs.manifest_name({"a": 2, "b": 1})


def test_what_no_ledger_line_names_has_not_happened(space: Workspace) -> None:
    manifest = {"mapae": "0", "tables": {}}
    (space.runs / f"{runs.manifest_name(manifest)}.json").write_bytes(runs.manifest_bytes(manifest))
    with pytest.raises(MapaeError, match="Nothing has been run") as caught:
        OpenRun.last(space.root)
    assert "mapae run" in caught.value.do


def test_readers_keep_the_run_that_they_opened_while_others_follow(space: Workspace) -> None:
    committed(space, {"records/x": {"parts": [made(space, "records/x", [{"a": 1}], "p1")]}})
    with OpenRun.last(space.root) as first:
        committed(space, {"records/x": {"parts": [made(space, "records/x", [{"a": 2}], "p2")]}})
        assert first.rows("select a from x") == [{"a": 1}]
        with OpenRun.last(space.root) as second:
            assert second.rows("select a from x") == [{"a": 2}]


def test_of_a_state_table_the_newest_source_s_row_counts(space: Workspace) -> None:
    old = made(space, "records/x", [{"k": "a", "v": 1, "mapae_row": 1}, {"k": "b", "v": 1, "mapae_row": 2}], "p1")
    new = made(space, "records/x", [{"k": "a", "v": 2, "mapae_row": 1}, {"k": "a", "v": 3, "mapae_row": 2}], "p2")
    committed(space, {"records/x": {"parts": [old, new], "newest_by": ["k"]}})
    with OpenRun.last(space.root) as run:
        assert run.rows("select k, v from x order by k") == [{"k": "a", "v": 3}, {"k": "b", "v": 1}]


def test_a_manifest_that_was_changed_or_is_gone_is_said(space: Workspace) -> None:
    name = committed(space, {})
    path = space.runs / f"{name}.json"
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"0"', b'"1"'))
    with pytest.raises(Damaged, match="not what was committed"):
        OpenRun.last(space.root)
    path.unlink()
    with pytest.raises(Damaged, match="missing"):
        OpenRun.last(space.root)
    with pytest.raises(Damaged, match="missing"):
        runs.load(space, name)


def test_tables_come_as_arrow_and_as_relations_and_an_unknown_one_names_those_there_are(space: Workspace) -> None:
    committed(space, {"records/x": {"parts": [made(space, "records/x", [{"a": 1}, {"a": 2}], "p1")]}, "rejected/x": {"parts": [made(space, "rejected/x", [{"r": "why"}], "p2")]}})  # fmt: skip
    with mapae.open(space.root) as run:
        assert run.arrow("records/x").to_pylist() == [{"a": 1}, {"a": 2}]
        assert isinstance(run.relation("rejected/x"), duckdb.DuckDBPyRelation)
        assert run.rows("select r from rejected_x where r = ?", ["why"]) == [{"r": "why"}]
        assert set(run.tables()) == {"records/x", "rejected/x"}
        with pytest.raises(MapaeError) as caught:
            run.arrow("records/y")
        assert "records/x" in caught.value.do


def test_a_part_is_named_by_what_made_it() -> None:
    given = dict(step="s", what="select 1", parameters={"b": 1, "a": 2}, inputs=["p"], engine="e", writes="t")  # noqa: C408
    name = parts.recipe(**given)  # type: ignore[arg-type]
    assert len(name) == 64 and name == parts.recipe(**{**given, "parameters": {"a": 2, "b": 1}})  # type: ignore[arg-type]
    for key, other in {
        "step": "x",
        "what": "x",
        "parameters": {},
        "inputs": ["q"],
        "engine": "x",
        "writes": "x",
    }.items():
        assert parts.recipe(**{**given, key: other}) != name  # type: ignore[arg-type]


def test_a_manifest_is_canonical_json(space: Workspace) -> None:
    data = runs.manifest_bytes({"z": "도장", "a": [1]})
    assert data == '{"a":[1],"z":"도장"}\n'.encode()
    assert json.loads(data) == {"a": [1], "z": "도장"}
