"""Figures against truth are counts with intervals, and every line of them says that they are simulated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from mapae.model.errors import MapaeError
from mapae.worlds.evaluate import evaluate, score, text, wilson


def a_world() -> tuple[pa.Table, pa.Table, pa.Table]:
    """Ten accounts: a ring of four, a lone fraud, five honest people of two kinds."""
    truth = [
        {"account_id": f"a{i}", "misrepresented": i < 5, "dprk": i < 4, "ring": "r1" if i < 4 else "", "kind": kind}
        for i, kind in enumerate(["farm"] * 4 + ["liar"] + ["settled"] * 3 + ["nomad"] * 2)
    ]
    said = [900, 800, 700, 100, 50, 10, 10, 10, 600, 10]
    assessments = [
        {"subject": f"account:a{i}", "verdict": "yes" if p > 500 else "no", "permille": p} for i, p in enumerate(said)
    ]
    rings = [{"subject": f"account:a{i}", "object": "ring:a0"} for i in (0, 1, 2, 8)]
    return pa.Table.from_pylist(truth), pa.Table.from_pylist(assessments), pa.Table.from_pylist(rings)


@pytest.fixture
def figures() -> dict[str, Any]:
    return score(*a_world(), base_rate=0.4)


def test_precision_and_recall_count_the_verdict_yes(figures: dict[str, Any]) -> None:
    assert figures["review"]["accounts"] == 4
    assert (figures["review"]["precision"]["found"], figures["review"]["precision"]["of"]) == (3, 4)
    assert (figures["review"]["recall"]["found"], figures["review"]["recall"]["of"]) == (3, 5)
    assert figures["review"]["recall_by_kind"]["liar"]["found"] == 0


def test_a_ring_is_found_when_half_of_it_lies_in_one_ring(figures: dict[str, Any]) -> None:
    ring = figures["rings"]["dprk"][0]
    assert (ring["found"], ring["together"], ring["purity"], ring["as"], ring["in_review"]) == (
        True,
        3,
        0.75,
        "ring:a0",
        3,
    )


def test_a_ring_scattered_over_two_is_not_found() -> None:
    truth, assessments, _ = a_world()
    rings = pa.Table.from_pylist([{"subject": f"account:a{i}", "object": f"ring:{i}"} for i in range(4)])
    assert not score(truth, assessments, rings, 0.4)["rings"]["dprk"][0]["found"]


def test_honest_people_in_review_are_counted_by_kind(figures: dict[str, Any]) -> None:
    assert (figures["honest"]["by_kind"]["nomad"]["found"], figures["honest"]["by_kind"]["nomad"]["of"]) == (1, 2)
    assert figures["honest"]["by_kind"]["settled"]["found"] == 0


def test_the_sum_check_divides_by_base_rate_times_accounts(figures: dict[str, Any]) -> None:
    assert figures["sum_check"] == pytest.approx(3.19 / 4)


def test_calibration_is_exact_where_it_should_be() -> None:
    truth = pa.Table.from_pylist(
        [{"account_id": f"a{i}", "misrepresented": i < 2, "dprk": False, "ring": "", "kind": "x"} for i in range(10)]
    )
    said = pa.Table.from_pylist([{"subject": f"account:a{i}", "verdict": "no", "permille": 200} for i in range(10)])
    none = pa.table({"subject": pa.array([], pa.string()), "object": pa.array([], pa.string())})
    figures = score(truth, said, none, 0.2)
    assert figures["calibration_error"] == 0 and figures["sum_check"] == 1
    assert figures["calibration"][0]["said"] == figures["calibration"][0]["true"]["share"] == 0.2


def test_accounts_nobody_assessed_still_count_as_missed() -> None:
    truth, assessments, rings = a_world()
    figures = score(truth, assessments.slice(0, 1), rings, 0.4)
    assert figures["assessed"] == 1 and figures["review"]["recall"]["of"] == 5


def test_intervals_are_wilsons_and_of_nothing_there_is_none() -> None:
    # Wilson (1927), textbook values for 8 of 10 and 0 of 10.
    assert (wilson(8, 10)["low"], wilson(8, 10)["high"]) == (0.4902, 0.9433)
    assert (wilson(0, 10)["low"], wilson(0, 10)["high"]) == (0.0, 0.2775)
    assert wilson(0, 0)["share"] is None


def test_every_line_says_simulated(figures: dict[str, Any]) -> None:
    lines = text(figures).splitlines()
    assert len(lines) >= 7 and all("simulated" in line for line in lines)
    assert figures["simulated"] is True


def test_a_workspace_without_truth_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(MapaeError) as caught:
        evaluate(tmp_path)
    assert "simulate" in caught.value.do
