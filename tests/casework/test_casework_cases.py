"""A case is an operator as the assessment calls it, with what it rests on (simulated records)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from casework_room import moment
from small import DAY, Rows, key_in, run, small

from mapae.casework import alerts, cases, sample
from mapae.casework.cases import Case
from mapae.model.errors import MapaeError, WrongUse
from mapae.store import ledger
from mapae.store.runs import OpenRun
from mapae.store.verify import verify
from mapae.store.workspace import Workspace

EVERYTHING = -(10**6)


def persons(made: dict[str, Rows]) -> None:
    """Accounts a30 and a31 are one person's."""
    for row in made["accounts"]:
        row["person_id"] = "p30" if row["account_id"] in ("a30", "a31") else ""


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("cases")
    with key_in(folder / "key"):
        made = small(folder / "w", persons)
        run(made)
        yield made


@pytest.fixture
def held(space: Workspace) -> Iterator[OpenRun]:
    with OpenRun.last(space.root) as opened:
        yield opened


@pytest.fixture
def every(held: OpenRun) -> dict[str, Case]:
    return {case.ref: case for case in cases.read(held, least=EVERYTHING)}


def test_a_ring_is_one_case_and_everybody_else_a_case_of_their_own(held: OpenRun, every: dict[str, Case]) -> None:
    ring = every["ring:a0"]
    assert ring.people == ("account:a0", "account:a1", "account:a2", "account:a3")
    assert sum(len(case.people) for case in every.values()) == cases.people(held)
    assert {len(case.people) for ref, case in every.items() if ref != "ring:a0"} == {1}


def test_a_person_is_one_case_whatever_their_accounts(held: OpenRun, every: dict[str, Case]) -> None:
    person = every["person:p30"]
    assert person.people == ("account:a30",)
    assert person.members == ("account:a30", "account:a31", "person:p30")
    assert cases.find(held, "account:a31") == cases.find(held, "person:p30") == person


def test_weight_prior_and_finding_are_the_surest_members(held: OpenRun, every: dict[str, Case]) -> None:
    ring = every["ring:a0"]
    rows = held.rows("select id, centibits, prior_centibits from assessment where ring = 'ring:a0'")
    assert ring.centibits == max(r["centibits"] for r in rows)
    assert (ring.finding, ring.prior) in {(r["id"], r["prior_centibits"]) for r in rows}


def test_families_are_those_of_counted_flags(held: OpenRun, every: dict[str, Case]) -> None:
    ring = every["ring:a0"]
    flags = held.rows(
        "select family, id from flag where counted and verdict = 'yes' and subject in ('account:a0', 'account:a1', 'account:a2', 'account:a3')"
    )
    assert {(f, i) for f, ids in ring.families.items() if f != "control" for i in ids} == {
        (r["family"], r["id"]) for r in flags
    }


def test_a_nexus_fact_stands_apart_and_is_read_whatever_the_line(held: OpenRun) -> None:
    found = cases.read(held, least=2**31 - 1)
    assert found and all(case.nexus for case in found)
    assert {i for case in found for i in case.nexus} <= {r["id"] for r in held.rows("select id from path")}


@pytest.mark.parametrize("kind", ["assessment", "flag", "ring", "link", "path"])
def test_a_finding_of_a_member_names_the_case(held: OpenRun, every: dict[str, Case], kind: str) -> None:
    where = {"path": "object like 'conduct:ring:a0%'", "link": "subject = 'account:a0'"}.get(
        kind, "subject = 'account:a1'"
    )
    (row,) = held.rows(f"select id from {kind} where {where} order by id limit 1")
    for digits in (row["id"], row["id"][:8], row["id"].upper()):
        assert cases.find(held, digits) == every["ring:a0"]


def test_what_names_no_case_is_refused(held: OpenRun) -> None:
    for wrong in ("account:nobody", "ffffffff"):
        with pytest.raises(MapaeError, match="no case"):
            cases.find(held, wrong)
    with pytest.raises(WrongUse):
        cases.find(held, "'; drop")


def test_the_digest_stands_while_nothing_changes_and_falls_with_a_flag_or_a_rule(
    tmp_path: Path, held: OpenRun, every: dict[str, Case]
) -> None:
    again = {case.ref: case for case in cases.read(held, least=EVERYTHING)}
    assert again == every
    ((flag,),) = held.con.execute(
        "select rule from flag where counted and family = 'document' and subject = 'account:a0'"
    ).fetchall()
    rule = f"indicator/{flag}"
    kept = held.manifest["rules"][rule]
    try:
        held.manifest["rules"][rule] = {**kept, "sha256": "0" * 64}
        changed = {case.ref: case for case in cases.read(held, least=EVERYTHING)}
    finally:
        held.manifest["rules"][rule] = kept
    assert [ref for ref in every if changed[ref].digest != every[ref].digest] == ["ring:a0"]

    def passed(made: dict[str, Rows]) -> None:
        persons(made)
        for row in made["identity_checks"]:
            row["result"] = "passed"

    other = small(tmp_path / "w", passed)
    run(other)
    with OpenRun.last(other.root) as opened:
        assert cases.find(opened, "ring:a0").digest != every["ring:a0"].digest


def test_the_sample_is_drawn_by_the_runs_name_from_below_the_line(held: OpenRun) -> None:
    drawn = sample.offered(held)
    assert [one.case.ref for one in drawn] == [one.case.ref for one in sample.offered(held)]
    assert len(drawn) == 5 and not any(one.case.nexus for one in drawn)
    assert all(one.case.centibits < 300 for one in drawn)
    below = [case for case in cases.read(held, least=EVERYTHING) if not case.nexus and case.centibits < 300]
    assert {one.weight_permille for one in drawn} == {1000 * len(below) // 5}
    assert len(sample.offered(held, k=1000)) == len(below)
    kept, held.name = held.name, "f" * 64
    try:
        assert [one.case.ref for one in sample.offered(held)] != [one.case.ref for one in drawn]
    finally:
        held.name = kept


def test_offering_the_sample_is_a_read_of_personal_data_and_recorded_once(space: Workspace, held: OpenRun) -> None:
    drawn = sample.offer(space, held, by="An", now=moment())
    sample.offer(space, held, by="Bo", now=moment(hour=10))
    acts = [line.act for line in ledger.read(space.ledger).lines if line.act["act"] == "read"]
    assert len(acts) == 1 and acts[0]["by"] == "An"
    weights = sample.weights(space)
    assert {ref for one in drawn for ref in one.case.members} == set(weights)


def test_alerts_of_a_real_run_are_raised_once_and_the_ledger_verifies(space: Workspace, held: OpenRun) -> None:
    board = alerts.update(space, held, today=DAY)
    assert [alert.case.ref for alert in board.new] == [case.ref for case in cases.read(held, least=300)]
    before = space.ledger.read_bytes()
    assert not alerts.update(space, held, today=DAY).new and space.ledger.read_bytes() == before
    report = verify(space)
    assert not report.faults and not report.notes
    text = space.ledger.read_text("utf-8")
    assert "Person" not in text and "@example.org" not in text and "192.0.2." not in text
