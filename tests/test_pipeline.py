"""The pipeline: only what is new is worked on, late and older sources find their place, and weights stay pinned."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from small import Rows, key_in, rows, run, small, tables, whole, write_csv

from mapae.settings import Settings
from mapae.store import runs, workspace
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with key_in(tmp_path_factory.mktemp("key")):
        yield


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    space = small(tmp_path_factory.mktemp("pipeline") / "w", lists=False)
    run(space)
    return space


@pytest.fixture
def space(ran: Workspace, tmp_path: Path) -> Workspace:
    return workspace.find(shutil.copytree(ran.root, tmp_path / "w", symlinks=True))


def test_an_empty_workspace_runs_and_finds_nothing(tmp_path: Path) -> None:
    space = workspace.init(tmp_path / "w")
    outcome = run(space)
    assert outcome.new and outcome.errors == []
    whole(space)
    with OpenRun.last(space.root) as held:
        assert held.rows("select count(*) as n from accounts") == [{"n": 0}]
        assert held.rows("select count(*) as n from determination") == [{"n": 0}]
    assert not run(space).new


def test_nothing_new_is_no_work(space: Workspace) -> None:
    outcome = run(space)
    assert not outcome.new and outcome.worked == [] and len(runs.committed(space)) == 1


def test_a_new_file_is_read_alone_and_only_what_rests_on_it_is_made_again(space: Workspace) -> None:
    write_csv(space.inputs / "payouts.2.csv", [{**rows()["payouts"][0], "payout_id": "new", "amount_usd": "5.00"}])
    said: list[str] = []
    before = tables(space)
    outcome = run(space, progress=said.append)
    assert [s for s in said if s.startswith("reading")] == ["reading inputs/payouts.2.csv"]
    assert "measure.payout_places" in outcome.worked
    assert not {"measure.travel", "measure.checks", "measure.messaging", "lists.now", "lists.entries"} & set(
        outcome.worked
    )
    after = tables(space)
    assert (
        after["measures/travel"] == before["measures/travel"]
        and after["measures/payout_places"] != before["measures/payout_places"]
    )
    whole(space)


def test_settings_that_change_no_result_change_no_run(space: Workspace) -> None:
    space.settings_file.write_text("threads = 1\nmemory_mb = 900\n")
    assert not run(space).new


def test_as_of_is_the_latest_date_among_the_sources_and_never_the_clock(space: Workspace) -> None:
    with OpenRun.last(space.root) as held:
        assert (held.manifest["as_of"], held.manifest["known_by"]) == ("2026-05-21", "2026-05-21")
    write_csv(
        space.inputs / "payouts.2.csv",
        [{**rows()["payouts"][0], "payout_id": "late", "happened_at": "2026-12-31T00:00:00Z"}],
    )
    assert run(space).manifest["as_of"] == "2026-05-21"  # a day still to come is left out
    space.settings_file.write_text('as_of = "2025-01-01"\n')
    assert run(space).manifest["as_of"] == "2025-01-01"


def test_weights_stay_pinned_until_an_estimate_is_asked_for(space: Workspace) -> None:
    with OpenRun.last(space.root) as held:
        pinned = held.manifest["weights"]

    def quiet(made: dict[str, Rows]) -> None:
        for row in made["messages"]:
            row["off_platform"] = "true"

    made = rows()
    quiet(made)
    write_csv(space.inputs / "messages.csv", made["messages"])
    assert run(space).manifest["weights"] == pinned
    estimated = run(space, settings=Settings(weights="estimate"))
    assert estimated.manifest["weights"] != pinned
    whole(space)


def test_another_base_rate_is_noted_and_estimates_anew(space: Workspace) -> None:
    outcome = run(space, settings=Settings(base_rate=0.05))
    assert any("estimated anew" in note for note in outcome.notes)


def test_of_a_state_table_the_newer_source_wins_and_older_rows_stay(space: Workspace) -> None:
    changed = [{**row, "display_name": "Changed"} for row in rows()["accounts"][:3]]
    write_csv(space.inputs / "a-first-by-name.csv", changed)
    (space.inputs / "accounts").mkdir()
    (space.inputs / "a-first-by-name.csv").rename(space.inputs / "accounts" / "2026-11.csv")
    run(space)
    with OpenRun.last(space.root) as held:
        assert held.rows("select count(*) as n, count_if(display_name = 'Changed') as changed from accounts") == [
            {"n": 40, "changed": 3}
        ]
        assert sum(p["rows"] for p in held.manifest["tables"]["records/accounts"]["parts"]) == 43
    whole(space)


def test_equal_rows_of_two_files_count_once(space: Workspace) -> None:
    shutil.copy(space.inputs / "sign_ins.csv", space.inputs / "sign_ins.again.csv")
    write_csv(space.inputs / "sign_ins.more.csv", [dict(reversed(r.items())) for r in rows()["sign_ins"][:10]])
    run(space)
    with OpenRun.last(space.root) as held:
        assert held.rows("select count(*) as n from sign_ins") == [{"n": 320}]
        told = {r["path"]: r for r in held.rows("select * from sources")}
    assert "read once" in told["inputs/sign_ins.csv"]["notes"][0] + "".join(told["inputs/sign_ins.again.csv"]["notes"])
    assert (told["inputs/sign_ins.more.csv"]["kept"], told["inputs/sign_ins.more.csv"]["equal"]) == (0, 10)
    whole(space)


def test_the_manifest_tells_all_that_a_run_rests_on(space: Workspace) -> None:
    with OpenRun.last(space.root) as held:
        manifest = held.manifest
    assert {
        "mapae",
        "engine",
        "settings",
        "as_of",
        "known_by",
        "sources",
        "families",
        "weights",
        "rules",
        "tables",
    } <= set(manifest)
    assert all(len(rule["sha256"]) == 64 and rule["text"] for rule in manifest["rules"].values())
    assert len(manifest["rules"]) > 40
    assert all(
        len(part["sha256"]) == 64 and part["rows"] >= 0
        for table in manifest["tables"].values()
        for part in table["parts"]
    )
