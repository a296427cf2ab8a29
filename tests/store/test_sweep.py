"""A sweep keeps the last runs, what somebody named and what somebody reads, and deletes the rest."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mapae.store import ledger, parts, runs, weights, workspace
from mapae.store.runs import OpenRun
from mapae.store.sweep import KEPT_RUNS, sweep
from mapae.store.verify import verify
from mapae.store.workspace import Workspace


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return workspace.init(tmp_path / "w")


def committed(space: Workspace, number: int, shared: str = "") -> str:
    """A run with a part of its own, and one that it shares with others."""
    listed = []
    for name in filter(None, (f"own{number}", shared)):
        if not parts.path(space, name).exists():
            pq.write_table(pa.table({"a": [number]}), parts.half(space, name))
            parts.settle(space, name)
        listed.append({"name": name, "sha256": parts.hash_file(parts.path(space, name)), "rows": 1})
    held = weights.place(space, {"number": number})
    manifest = {"number": number, "weights": held, "tables": {"records/x": {"parts": listed}}}
    return runs.commit(space, manifest, {"at": "2026-01-01T00:00:00+00:00"})


def there(space: Workspace) -> set[str]:
    return {path.stem for path in space.parts.iterdir()}


def test_the_last_runs_stay_with_their_parts_and_weights(space: Workspace) -> None:
    names = [committed(space, n, shared="common") for n in range(5)]
    swept = sweep(space)
    assert (swept.manifests, swept.parts) == (2, 2) and swept.bytes > 0
    assert {path.stem for path in space.runs.iterdir()} == set(names[-KEPT_RUNS:])
    assert there(space) == {"own2", "own3", "own4", "common"}
    assert len(list(space.weights.iterdir())) == KEPT_RUNS
    assert not verify(space).faults
    assert sweep(space).manifests == 0


def test_a_run_that_was_made_again_counts_as_new(space: Workspace) -> None:
    first = committed(space, 0)
    for n in (1, 2, 3):
        committed(space, n)
    assert committed(space, 0) == first
    sweep(space)
    assert first in {path.stem for path in space.runs.iterdir()}


@pytest.mark.parametrize("act", ["decision", "export", "hold"])
def test_a_run_that_somebody_named_stays(act: str, space: Workspace) -> None:
    first = committed(space, 0)
    ledger.append(space, [{"act": act, "run": first}])
    for n in range(1, 6):
        committed(space, n)
    sweep(space)
    assert (space.runs / f"{first}.json").exists() and "own0" in there(space)


def test_a_run_that_is_being_read_stays_until_its_reader_lets_go(space: Workspace) -> None:
    first = committed(space, 0)
    with OpenRun.last(space.root) as run:
        for n in range(1, 6):
            committed(space, n)
        sweep(space)
        assert run.rows("select a from x") == [{"a": 0}]
    sweep(space)
    assert not (space.runs / f"{first}.json").exists() and "own0" not in there(space)


def test_parts_that_no_run_names_go(space: Workspace) -> None:
    committed(space, 0)
    pq.write_table(pa.table({"a": [1]}), parts.path(space, "left-over"))
    assert sweep(space).parts == 1
    assert there(space) == {"own0"}


def test_the_vault_is_never_swept(space: Workspace) -> None:
    (space.vault / "bytes").write_bytes(b"received")
    for n in range(5):
        committed(space, n)
    sweep(space)
    assert (space.vault / "bytes").exists()
