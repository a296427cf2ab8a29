"""An alert is a case with its reasons: raised once, and again only by the rule."""

from __future__ import annotations

import datetime as dt

from casework_room import DAY, Room, case, moment

from mapae.casework import decisions
from mapae.store.verify import verify


def days(number: int) -> dt.date:
    return DAY + dt.timedelta(days=number)


def refs(held: tuple[object, ...]) -> list[str]:
    return [alert.case.ref for alert in held]  # type: ignore[attr-defined]


def decide(room: Room, state: str, number: int = 0, **given: str) -> None:
    told = {"by": "An", "reason": "seen", **given}
    decisions.decide(room.space, room.run, room.found[0], state=state, now=moment(days(number)), **told)


def test_a_case_is_raised_once_and_tomorrow_prints_nothing(room: Room) -> None:
    room.has(case("a", bits=7))
    assert refs(room.update().new) == ["account:a"]
    before = room.space.ledger.read_bytes()
    board = room.update(days(1))
    assert (refs(board.new), refs(board.open)) == ([], ["account:a"])
    assert room.space.ledger.read_bytes() == before
    assert not verify(room.space).faults


def test_a_case_below_the_line_is_not_raised_and_one_on_it_is(room: Room) -> None:
    room.has(case("a", bits=3.99), case("b", bits=4))
    assert refs(room.update().new) == ["account:b"]


def test_less_than_three_more_bits_do_not_raise_again_and_three_do(room: Room) -> None:
    room.has(case("a", bits=5))
    room.update()
    room.has(case("a", bits=7.99))
    assert not room.update(days(1)).new
    room.has(case("a", bits=8))
    board = room.update(days(2))
    assert refs(board.new) == ["account:a"] and board.new[0].why == ("more bits",)


def test_bits_grow_from_when_the_case_was_last_raised_not_day_by_day(room: Room) -> None:
    raised = []
    for number in range(8):
        room.has(case("a", bits=5 + number))
        raised += [number] if room.update(days(number)).new else []
    assert raised == [0, 3, 6]


def test_a_new_family_raises_again_and_its_coming_back_does_not(room: Room) -> None:
    room.has(case("a", families=["network"]))
    room.update()
    room.has(case("a", families=["network", "money"]))
    assert room.update(days(1)).new[0].why == ("new family: money",)
    room.has(case("a", families=["network"]))
    assert not room.update(days(2)).new
    room.has(case("a", families=["network", "money"]))
    assert not room.update(days(3)).new


def test_what_was_cleared_stays_cleared_until_the_same_rule_says_otherwise(room: Room) -> None:
    room.has(case("a", bits=5))
    room.update()
    decide(room, "cleared", 1, reason="lives with a colleague")
    room.has(case("a", bits=7.9))
    board = room.update(days(30))
    assert not board.new and refs(board.settled) == ["account:a"]
    room.has(case("a", bits=8))
    board = room.update(days(31))
    assert board.new[0].why == ("more bits",) and board.new[0].past.state == "new"
    room.has(case("a", bits=8.5))
    assert refs(room.update(days(32)).open) == ["account:a"]


def test_a_clearing_counts_from_the_weight_that_was_cleared(room: Room) -> None:
    room.has(case("a", bits=5))
    room.update()
    room.has(case("a", bits=7))
    decide(room, "cleared", 1)
    room.has(case("a", bits=9.9))
    assert not room.update(days(2)).new
    room.has(case("a", bits=10))
    assert room.update(days(3)).new


def test_a_week_takes_the_worst_and_the_rest_waits_and_comes_when_there_is_room(room: Room) -> None:
    room.has(*(case(f"a{i}", bits=4 + i) for i in range(7)))
    board = room.update()
    assert refs(board.new) == [f"account:a{i}" for i in (6, 5, 4, 3, 2)]
    assert refs(board.waiting) == ["account:a1", "account:a0"]
    assert refs(room.update(days(6)).new) == []
    assert refs(room.update(days(7)).new) == ["account:a1"], "one in 1,000 a week from the second week on"
    assert refs(room.update(days(14)).new) == ["account:a0"]


def test_the_budget_is_rounded_up(room: Room) -> None:
    room.people = 201
    room.has(*(case(f"a{i}") for i in range(5)))
    assert len(room.update().new) == 2


def test_a_nexus_fact_never_waits_and_is_no_weight(room: Room) -> None:
    room.people = 1
    room.has(case("a", bits=9), case("b", bits=8), case("c", bits=-2, families=[], nexus=["path-1"]))
    board = room.update()
    assert refs(board.new) == ["account:c", "account:a"] and refs(board.waiting) == ["account:b"]


def test_a_snooze_ends_on_its_day_and_brings_the_case_back(room: Room) -> None:
    room.has(case("a", bits=5))
    room.update()
    decisions.snooze(room.space, room.run, room.found[0], until=days(10).isoformat(), by="An", now=moment())
    room.has(case("a", bits=12, families=["network", "device", "money"]))
    assert refs(room.update(days(9)).snoozed) == ["account:a"]
    board = room.update(days(10))
    assert board.new[0].why == ("snooze ended",)
    assert not room.update(days(11)).new


def test_a_nexus_fact_wakes_a_case(room: Room) -> None:
    room.has(case("a"))
    room.update()
    decisions.snooze(room.space, room.run, room.found[0], until=days(10).isoformat(), by="An", now=moment())
    room.has(case("a", nexus=["path-1"]))
    assert room.update(days(1)).new[0].why == ("new family: nexus",)


def test_a_case_continues_where_it_shares_a_member_through_splits_and_mergers(room: Room) -> None:
    room.has(case("a", "b", families=["control"]), case("c", families=["network"]))
    room.update()
    room.has(case("a", families=["control"]), case("b", families=["control"]), case("c", families=["network"]))
    assert not room.update(days(1)).new
    room.has(case("a", "b", "c", families=["control", "network"]))
    assert not room.update(days(2)).new
    room.has(case("a", "b", "c", families=["control", "network", "device"]))
    assert refs(room.update(days(3)).new) == ["ring:a"]


def test_a_merged_case_is_cleared_only_where_all_its_parts_were(room: Room) -> None:
    room.has(case("a"), case("b"))
    room.update()
    decide(room, "cleared", 1)
    room.has(case("a", "b"))
    assert refs(room.update(days(2)).open) == ["ring:a"]
    decide(room, "cleared", 3)
    assert refs(room.update(days(4)).settled) == ["ring:a"]


def test_merged_histories_keep_the_greatest_weight_and_the_earliest_end_of_a_snooze(room: Room) -> None:
    room.has(case("a", bits=9), case("b", bits=5))
    room.update()
    room.has(case("a", "b", bits=11.9))
    assert not room.update(days(1)).new
    for one, until in (("a", 20), ("b", 10)):
        held = case(one)
        decisions.snooze(room.space, room.run, held, until=days(until).isoformat(), by="An", now=moment(days(1)))
    assert refs(room.update(days(9)).snoozed) == ["ring:a"]
    assert refs(room.update(days(10)).new) == ["ring:a"]


def test_a_merged_case_sleeps_only_where_all_its_parts_do(room: Room) -> None:
    room.has(case("a"), case("b"))
    room.update()
    decisions.snooze(room.space, room.run, case("a"), until=days(20).isoformat(), by="An", now=moment())
    room.has(case("a", "b"))
    assert refs(room.update(days(1)).open) == ["ring:a"]


def test_a_cleared_case_that_changed_a_little_is_told_and_not_put_to_anybody(room: Room) -> None:
    room.has(case("a", families=["network", "device"]))
    room.update()
    decide(room, "cleared")
    room.has(case("a", families=["network"]))
    board = room.update(days(1))
    assert (refs(board.settled), refs(board.again)) == (["account:a"], []) and board.settled[0].changed


def test_those_who_have_left_the_records_are_counted(room: Room) -> None:
    room.has(case("a", "b"), case("c"))
    room.update()
    room.has(case("c"))
    assert room.board(days(1)).gone == 1


def test_looking_writes_nothing(room: Room) -> None:
    room.has(case("a"))
    assert refs(room.board().waiting) == ["account:a"]
    assert room.acts() == []
