"""Whole runs on simulated platforms: what review reaches, whom it spares, and the silence of a null world."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mapae
from mapae import pipeline
from mapae.store import workspace
from mapae.worlds import evaluate, write


def world(folder: Path, *, null: bool) -> dict[str, Any]:
    workspace.init(folder)
    write.simulate(folder, accounts=20_000, seed=2022, null=null)
    outcome = pipeline.run(folder)
    assert outcome.new and not outcome.errors
    figures: dict[str, Any] = evaluate.evaluate(folder)
    return figures


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulated") / "platform"


@pytest.fixture(scope="module")
def figures(platform: Path) -> dict[str, Any]:
    return world(platform, null=False)


def verdicts(folder: Path) -> dict[str, int]:
    with mapae.open(folder) as run:
        rows = run.rows("select verdict, count(*) as n from assessment group by verdict")
        return {row["verdict"]: row["n"] for row in rows}


def check(folder: Path) -> dict[str, Any]:
    with mapae.open(folder) as run:
        return run.rows("select * from run_checks where name = 'sum_check'")[0]


def test_the_probabilities_nearly_add_up_on_a_simulated_platform_and_the_run_says_where_they_do_not(
    figures: dict[str, Any], platform: Path
) -> None:
    """In order are 0.80 to 1.25. The simulated cases leave none of the traces that the later signs of papers and tunnels
    look for, so finding none of them speaks for cases too, and the sum falls short (docs/limits.md)."""
    told = check(platform)
    assert 700 <= told["value"] <= 1250
    assert told["verdict"] == ("ok" if told["value"] >= 800 else "too shy") and "0.80 to 1.25" in told["says"]


def test_review_on_a_simulated_platform_is_small_and_mostly_right(figures: dict[str, Any], platform: Path) -> None:
    with mapae.open(platform) as run:
        truth = {r["account_id"]: r for r in run.con.sql(f"select * from read_csv('{platform}/truth/accounts.csv', all_varchar = true)").to_arrow_table().to_pylist()}  # fmt: skip
        review = [
            r["subject"].removeprefix("account:")
            for r in run.rows("select subject from assessment where verdict = 'yes'")
        ]
    right = [a for a in review if truth[a]["misrepresented"].lower() in ("true", "yes", "1")]
    assert 30 <= len(review) <= 300, "a queue that people can read"
    assert len(right) / len(review) >= 0.75
    honest = sum(1 for t in truth.values() if t["misrepresented"].lower() not in ("true", "yes", "1"))
    assert (len(review) - len(right)) / honest <= 0.002


def test_without_a_list_no_nexus_is_found(figures: dict[str, Any], platform: Path) -> None:
    """Without a list in the workspace no nexus is on record: nexus is a fact or it is not there."""
    with mapae.open(platform) as run:
        assert run.rows("select count(*) as n from ring")[0]["n"] > 30
        assert run.rows("select count(*) as n from path where subject in (select party from entries)")[0]["n"] == 0


def test_a_null_world_leaves_the_queue_empty(tmp_path: Path) -> None:
    folder = tmp_path / "null"
    world(folder, null=True)
    assert verdicts(folder).get("yes", 0) == 0
    assert "case" in check(folder)["says"]
