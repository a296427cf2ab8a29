"""On simulated worlds of its own with known truth, the model says what is true; raw trip rates added up do not."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ACCOUNTS = 200_000


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "evidence_model.py"
    spec = importlib.util.spec_from_file_location("evidence_model_benchmark", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_said_is_true_and_raw_rates_added_up_are_far_off(bench: ModuleType) -> None:
    learnt, world = bench.pattern_world(ACCOUNTS, 31), bench.pattern_world(ACCOUNTS, 32)
    model = bench.figures(bench.model(world, bench.shares_of(learnt))[1], world)
    raw = bench.figures(bench.raw_flags_added(world, learnt), world)
    assert model.error <= 0.03 and 0.8 <= model.total <= 1.25
    assert abs(model.said - model.true) <= 0.06 and model.first >= 0.95
    assert raw.error > 20 * model.error and raw.total > 3 and raw.said - raw.true > 0.4


def test_two_kinds_hold_where_some_honest_people_trip_everything(bench: ModuleType) -> None:
    learnt, world = bench.pattern_world(ACCOUNTS, 41), bench.pattern_world(ACCOUNTS, 42, harsher=True)
    told = bench.shares_of(learnt)
    one = bench.figures(bench.model(world, told)[1], world)
    two = bench.figures(bench.model(world, told, kinds=2)[1], world)
    assert two.error <= 0.03 and 0.8 <= two.total <= 1.25 and two.said - two.true <= 0.06
    assert one.said - one.true > 0.15, "one kind of honest people takes the restless for cases"


def test_where_nobody_differs_the_queue_is_empty_or_nearly(bench: ModuleType) -> None:
    told = bench.shares_of(bench.pattern_world(ACCOUNTS, 51))
    nobody = bench.pattern_world(ACCOUNTS, 52, null=True)
    assert bench.figures(bench.fixed_rate(nobody, told), nobody).review > 100, "with the base rate kept, it is not"
    assert bench.figures(bench.model(nobody, told)[1], nobody).review <= 2
    restless = bench.pattern_world(ACCOUNTS, 53, null=True, harsher=True)
    assert bench.figures(bench.model(restless, told, kinds=2)[1], restless).review <= 4


def test_a_ring_weighed_as_one_operator_is_found_and_said_rightly(bench: ModuleType) -> None:
    made = {"in_rings": 0.010, "faint": 0.5}
    told = bench.shares_of(bench.pattern_world(ACCOUNTS, 61, **made))
    world = bench.pattern_world(ACCOUNTS, 62, **made)
    own, mean, summed = (
        bench.figures(bench.ring_chances(world, told, how), world, above=0.8)
        for how in ("own", "mean + control", "sum")
    )
    assert mean.found > 4 * own.found and mean.true >= mean.said - 0.03
    assert 0.8 <= mean.total <= 1.25 < summed.total, "members added up are too bold"


@pytest.mark.parametrize("times", [0.5, 1.0, 2.0])
def test_where_there_are_cases_the_base_rate_told_stands_even_when_it_is_off(bench: ModuleType, times: float) -> None:
    told, world = bench.shares_of(bench.pattern_world(ACCOUNTS, 71)), bench.pattern_world(ACCOUNTS // 4, 72)
    for kinds in (1, 2):
        weights, chances = bench.model(world, told, 0.013 * times, kinds)
        assert weights.rho == weights.told
        assert bench.figures(chances, world).found > 0.15
