"""The room's steps: one row for every account, the same bytes always, and nobody in review who should not be."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from assessment_room import FAMILIES, assessed, ring, run

from mapae.settings import Settings

Rows = dict[str, dict[str, str]]


def people(number: int, seed: int = 1, often: float = 1.0) -> Rows:
    """Made-up honest accounts: signs fall on them independently; a quarter of the families unknown."""
    chance = random.Random(seed)
    rows: Rows = {}
    for i in range(number):
        rows[f"a{i:05}"] = said = {}
        for family in FAMILIES:
            if chance.random() < 0.75:
                draw = chance.random() / often
                said[family] = (
                    "strong" if draw < 0.002 else "medium" if draw < 0.01 else "weak" if draw < 0.04 else "no"
                )
    return rows


def with_cases(rows: Rows, share: float = 0.013, seed: int = 2) -> Rows:
    """The same with some accounts that show plenty."""
    chance = random.Random(seed)
    for said in rows.values():
        if chance.random() < share:
            said.update({f: chance.choice(("no", "no", "weak", "medium", "strong")) for f in FAMILIES})
    return rows


ROWS = with_cases(people(8_000))
RINGS = [
    *ring("a00010", [f"a{i:05}" for i in range(10, 16)], 900),
    *ring("a00100", ["a00100", "a00101"]),
    *ring("a00200", ["a00200", "a00201", "a00202"]),
]
for _i in range(10, 16):
    ROWS[f"a{_i:05}"] |= {"network": "weak", "money": "medium"}
DECLARED = [("household", "a00100", ["account:a00101"])]
PERSONS = {"a00200": "p1", "a00201": "p1", "a00202": "p1"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return run(ROWS, rings=RINGS, declared=DECLARED, persons=PERSONS, folder=tmp_path_factory.mktemp("assessed"))


@pytest.fixture(scope="module")
def said(files: dict[str, Path]) -> dict[str, dict[str, Any]]:
    return assessed(files)


def test_every_account_has_one_assessment(said: dict[str, dict[str, Any]], files: dict[str, Path]) -> None:
    assert set(said) == set(ROWS) and pq.read_table(files["findings/assessment"]).num_rows == len(ROWS)


def test_bars_add_up_to_the_weight_and_the_weight_to_the_probability(said: dict[str, dict[str, Any]]) -> None:
    for row in said.values():
        assert sum(json.loads(row["facts"]).values()) == row["centibits"]
        odds = 2 ** ((row["prior_centibits"] + row["centibits"]) / 100)
        assert abs(row["permille"] - 1000 * odds / (1 + odds)) <= 0.51


def test_review_needs_one_in_two_and_two_families_that_speak(said: dict[str, dict[str, Any]]) -> None:
    assert any(row["verdict"] == "yes" for row in said.values())
    for account, row in said.items():
        assert (row["verdict"] == "yes") == (row["permille"] > 500 and row["families"] >= 2), account
        assert (row["verdict"] == "unknown") == (row["families_seen"] == 0), account
        assert row["families"] <= row["families_seen"]


def test_grounds_are_the_flags_that_count_and_the_place_in_the_ring(said: dict[str, dict[str, Any]]) -> None:
    for account, row in said.items():
        own = sum(level not in ("no",) for level in ROWS[account].values())
        if not row["ring"]:
            assert row["because_n"] == len(row["because"]) == own
        assert row["because"] == sorted(set(row["because"])) and all(
            ref.startswith("finding:") for ref in row["because"]
        )
    member = said["a00010"]
    ring_findings = [f"finding:{one['id']}" for one in RINGS if one["subject"] == "account:a00010"]
    assert set(ring_findings) <= set(member["because"]) and member["ring"] == "ring:a00010"
    assert member["because_n"] == 1 + sum(v != "no" for i in range(10, 16) for v in ROWS[f"a{i:05}"].values())


def test_an_undeclared_ring_with_faint_signs_is_found_and_its_accounts_alone_are_not(
    said: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    assert all(said[f"a{i:05}"]["verdict"] == "yes" for i in range(10, 16))
    alone = assessed(run(ROWS, folder=tmp_path))
    assert sum(alone[f"a{i:05}"]["verdict"] == "yes" for i in range(10, 16)) < 3


def test_declared_household_and_one_persons_systems_have_no_control(said: dict[str, dict[str, Any]]) -> None:
    for account in ("a00100", "a00101", "a00200", "a00201", "a00202"):
        assert said[account]["ring"] and "control" not in json.loads(said[account]["facts"])
    assert json.loads(said["a00010"]["facts"])["control"] > 300
    assert json.loads(said["a01000"]["facts"])["control"] < 0, "an account alone is a little less likely to be a case"


def test_permuted_rows_and_more_threads_give_the_same_bytes(files: dict[str, Path], tmp_path: Path) -> None:
    names = list(ROWS)
    random.Random(5).shuffle(names)
    again = run(
        {n: ROWS[n] for n in names}, rings=RINGS[::-1], declared=DECLARED, persons=PERSONS, threads=2, folder=tmp_path
    )
    for table, path in files.items():
        assert again[table].read_bytes() == path.read_bytes(), table


@pytest.mark.parametrize("kinds", [1, 2])
def test_where_nobody_differs_nobody_is_in_review(kinds: int, tmp_path: Path) -> None:
    made = run(people(20_000, seed=11), settings=Settings(honest_kinds=kinds), folder=tmp_path)
    assert [a for a, row in assessed(made).items() if row["verdict"] == "yes"] == []
    check = next(r for r in pq.read_table(made["run_checks"]).to_pylist() if r["name"] == "sum_check")
    assert check["verdict"] == "too shy"


def test_one_family_alone_never_reaches_review(tmp_path: Path) -> None:
    rows = people(6_000)
    for i, family in enumerate(FAMILIES):
        rows[f"a{i:05}"] = {family: "strong"}
    made = assessed(run(rows, settings=Settings(base_rate=0.3), folder=tmp_path))
    assert all(made[f"a{i:05}"]["verdict"] == "no" for i in range(len(FAMILIES)))


def test_an_account_that_nothing_is_known_of_is_unknown_and_at_the_base_rate(tmp_path: Path) -> None:
    made = assessed(run({**ROWS, "new": {}}, folder=tmp_path))
    assert made["new"]["verdict"] == "unknown" and made["new"]["centibits"] == 0 and made["new"]["permille"] == 13


def test_pinned_weights_weigh_the_same_evidence_the_same(
    files: dict[str, Path], said: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    pinned = json.loads(pq.read_table(files["weights"]).to_pylist()[0]["text"])
    some = {a: ROWS[a] for a in list(ROWS)[300:320]}
    for account, row in assessed(
        run(some, pinned=pinned, rings=ring("x", ["a00300", "a00301"]), folder=tmp_path)
    ).items():
        if not row["ring"]:
            assert row["centibits"] == said[account]["centibits"]
    checks = {r["name"]: r for r in pq.read_table(tmp_path / "run_checks.parquet").to_pylist()}
    assert checks["sum_check"]["verdict"] == "not judged"
    assert checks["weights_drift"]["value"] > 0


def test_an_empty_workspace_gives_empty_tables(tmp_path: Path) -> None:
    made = run({}, folder=tmp_path)
    assert assessed(made) == {}
    assert {r["verdict"] for r in pq.read_table(made["run_checks"]).to_pylist()} == {"not judged", "ok"}
