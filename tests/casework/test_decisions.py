"""Decisions hold while the evidence stands; a covert hold takes two people and ends by itself."""

from __future__ import annotations

import datetime as dt

import pytest
from casework_room import DAY, Room, case, moment

from mapae.casework import decisions, history
from mapae.casework.history import Past
from mapae.model.errors import WrongUse
from mapae.store.verify import verify


def days(number: int) -> dt.date:
    return DAY + dt.timedelta(days=number)


def state(room: Room, number: int = 0) -> Past:
    past = history.of(room.found[0], history.read(room.space))
    assert past is not None
    return past.on(days(number))


def decide(room: Room, state: str, number: int = 0, **given: str) -> decisions.Decided:
    told = {"by": "An", "reason": "seen", **given}
    return decisions.decide(room.space, room.run, room.found[0], state=state, now=moment(days(number)), **told)


@pytest.fixture
def held(room: Room) -> Room:
    room.has(case("a", "b"))
    room.update()
    return room


def test_one_person_alone_cannot_begin_a_covert_hold(held: Room) -> None:
    decide(held, "covert hold", until=days(20).isoformat())
    assert state(held).state == "new"
    for same in ("An", " AN ", "a n"):
        with pytest.raises(WrongUse, match="already"):
            decide(held, "covert hold", by=same, until=days(20).isoformat())
    assert state(held).state == "new"


def test_a_second_person_begins_it_and_it_ends_by_itself(held: Room) -> None:
    decide(held, "looking", by="Cy")
    decide(held, "covert hold", until=days(20).isoformat())
    assert decide(held, "covert hold", 1, by="Bo").state == "covert hold"
    assert state(held, 20).state == "covert hold"
    assert state(held, 21).state == "looking"
    assert [alert.case.ref for alert in held.board(days(21)).ended] == ["ring:a"]
    assert not verify(held.space).faults


def test_the_earlier_of_two_last_days_holds(held: Room) -> None:
    decide(held, "covert hold", until=days(20).isoformat())
    decide(held, "covert hold", by="Bo", until=days(10).isoformat())
    assert state(held).until == days(10).isoformat()
    held.has(case("c"))
    decide(held, "covert hold", until=days(10).isoformat())
    decide(held, "covert hold", by="Bo", until=days(20).isoformat())
    assert state(held).until == days(10).isoformat()


@pytest.mark.parametrize("until", ["", "2026-06-01", "2026-05-01", "soon", "2027-06-01"])
def test_a_covert_hold_has_a_last_day_within_bounds(held: Room, until: str) -> None:
    with pytest.raises(WrongUse):
        decide(held, "covert hold", until=until)


def test_two_people_agree_on_the_same_evidence_or_not_at_all(held: Room) -> None:
    decide(held, "covert hold", until=days(20).isoformat())
    held.has(case("a", "b", families=["network", "device", "money"]))
    decide(held, "covert hold", by="Bo", until=days(20).isoformat())
    assert state(held).state == "new"
    decide(held, "covert hold", by="An")
    assert state(held).state == "covert hold"


def test_a_request_lapses_with_its_last_day(held: Room) -> None:
    decide(held, "covert hold", until=days(5).isoformat())
    with pytest.raises(WrongUse, match="last day"):
        decide(held, "covert hold", 6, by="Bo")


@pytest.mark.parametrize("settled", ["contained", "confirmed", "reported", "looking"])
def test_a_decision_is_put_to_a_person_again_when_its_evidence_changes(held: Room, settled: str) -> None:
    decide(held, settled)
    assert not held.board().again
    held.has(case("a", "b", families=["network", "device", "content"], bits=1))
    assert [alert.case.ref for alert in held.board().again] == ["ring:a"]


def test_what_was_decided_stands_with_who_when_why_and_on_what(held: Room) -> None:
    decide(held, "confirmed", reason="the laptop stood in a third home")
    act = held.acts()[-1]
    assert (act["by"], act["at"], act["reason"]) == (
        "An",
        "2026-06-01T09:00:00+00:00",
        "the laptop stood in a third home",
    )
    assert (act["digest"], act["run"], act["finding"]) == (held.found[0].digest, held.name, held.found[0].finding)


@pytest.mark.parametrize("wanted", ["cleared", "confirmed", "contained", "reported"])
def test_a_decision_needs_a_reason(held: Room, wanted: str) -> None:
    with pytest.raises(WrongUse, match="--reason"):
        decide(held, wanted, reason="  ")


@pytest.mark.parametrize(
    "reason",
    [
        "asked kim@example.org",
        "phone +1 512 555 0100",
        "came from 203.0.113.9",
        "saw 2001:db8:1:2::1",
        "paper AB1234567",
    ],
)
def test_nothing_that_must_one_day_be_erased_enters_the_ledger(held: Room, reason: str) -> None:
    before = held.space.ledger.read_bytes()
    with pytest.raises(WrongUse, match="looks like"):
        decide(held, "cleared", reason=reason)
    assert held.space.ledger.read_bytes() == before


def test_a_day_in_a_reason_passes(held: Room) -> None:
    assert (
        decide(held, "cleared", reason="back from leave since 2026-05-20, 3 of 4 trips were known").state == "cleared"
    )


def test_an_unknown_state_is_refused_with_those_that_are_known(held: Room) -> None:
    with pytest.raises(WrongUse, match="no state"):
        decide(held, "banned")
