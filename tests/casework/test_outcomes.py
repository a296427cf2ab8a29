"""Outcomes are counted once, carry the weight of the audit sample, and alone allow percentages."""

from __future__ import annotations

import pytest
from casework_room import Room, case, moment

from mapae.casework import outcomes, playbooks, sample
from mapae.model.errors import WrongUse
from mapae.store import ledger
from mapae.store.verify import verify


def record(room: Room, number: int, is_: str = "operator", **more: str) -> outcomes.Outcome:
    told = {"how": "a visit to the address", "by": "An", **more}
    return outcomes.record(room.space, room.run, room.found[number], is_=is_, now=moment(), **told)


def test_percentages_wait_for_fifty_confirmed_outcomes(room: Room) -> None:
    room.has(*(case(f"a{i:02d}") for i in range(50)))
    for number in range(49):
        record(room, number, "honest travel")
    known = outcomes.calibration(room.space)
    assert (known.confirmed, known.enough, known.says) == (49, False, "not calibrated on your data")
    record(room, 49)
    assert outcomes.calibration(room.space).enough
    assert not verify(room.space).faults


def test_a_later_outcome_of_a_case_replaces_the_earlier(room: Room) -> None:
    room.has(case("a"), case("b"))
    record(room, 0)
    record(room, 0, "victim")
    record(room, 1, "honest vpn")
    assert outcomes.labels(room.space).counts == {"honest vpn": 1, "victim": 1}


def test_an_outcome_says_how_by_whom_and_when(room: Room) -> None:
    room.has(case("a"))
    made = record(room, 0, "laptop host")
    assert (made.is_, made.counts_as, made.how, made.by, made.at[:10]) == (
        "laptop host", "yes", "a visit to the address", "An", "2026-06-01",
    )  # fmt: skip
    assert outcomes.labels(room.space).outcomes == (made,)
    for wrong in ({"how": ""}, {"by": ""}, {"how": "mail of kim@example.org"}):
        with pytest.raises(WrongUse):
            record(room, 0, **wrong)
    with pytest.raises(WrongUse, match="no outcome"):
        record(room, 0, "spy")


def test_an_outcome_of_the_sample_carries_its_weight_and_others_none(room: Room) -> None:
    room.has(case("a"), case("b"))
    offer = {
        "act": "read", "what": "sample", "at": "2026-06-01T09:00:00+00:00", "by": "An", "run": "r",
        "cases": [{"case": "account:a", "members": ["account:a"]}], "weight_permille": 7500,
    }  # fmt: skip
    ledger.append(room.space, [offer])
    assert sample.weights(room.space) == {"account:a": 7500}
    assert (record(room, 0).weight_permille, record(room, 1).weight_permille) == (7500, 0)
    labels = outcomes.labels(room.space)
    assert (labels.sampled, labels.missed) == (1, 1)


def test_the_share_missed_is_told_with_its_interval() -> None:
    assert outcomes.wilson(0, 0) == (0, 1000)
    assert outcomes.wilson(0, 10) == (0, 278)
    assert outcomes.wilson(5, 10) == (236, 764)
    assert outcomes.wilson(10, 10) == (722, 1000)


def test_every_outcome_of_the_list_counts_as_something() -> None:
    told = playbooks.shipped().outcomes
    wanted = {"operator", "identity renter", "laptop host", "stand-in", "victim", "over-employed", "other fraud"}
    wanted |= {f"honest {why}" for why in ("vpn", "travel", "accommodation", "shared home", "error")}
    assert set(told) == wanted
    assert {counts for name, (_, counts) in told.items() if name.startswith("honest")} == {"no"}
