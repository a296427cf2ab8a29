"""Whatever happens to cases, alerts keep to the rule, the budget and the chain."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
from casework_room import DAY, build, case, moment
from hypothesis import given, settings
from hypothesis import strategies as st

from mapae.casework import decisions, history
from mapae.casework.cases import Case
from mapae.store.verify import verify

FAMILIES = ("network", "device", "money")
SEEN = st.tuples(st.integers(-2, 14), st.sets(st.sampled_from(FAMILIES)))


@dataclasses.dataclass
class Known:
    """What the rule says must be known of one person's case, kept apart from the code under test."""

    weight: int | None = None
    families: frozenset[str] = frozenset()
    asleep: dt.date | None = None


@settings(max_examples=40, deadline=None)
@given(
    world=st.lists(
        st.tuples(
            st.integers(0, 4),
            st.lists(SEEN, min_size=4, max_size=4),
            st.sampled_from(["", "", "cleared", "looking", "snooze"]),
            st.integers(0, 3),
        ),
        min_size=1,
        max_size=12,
    ),
    people=st.sampled_from([100, 400, 1000]),
)
def test_alerts_keep_to_the_rule(world: list[tuple[int, list[tuple[int, set[str]]], str, int]], people: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAPAE_CONFIG", str(Path(folder) / "config"))
        room = build(
            Path(folder) / "w", patch.setattr, alerts_per_week=5, alerts_later_per_week=5, alerts_least_bits=300
        )
        room.people = people
        known: dict[str, Known] = defaultdict(Known)
        raised: list[dt.date] = []
        today = DAY
        for gap, seen, act, whom in world:
            today += dt.timedelta(days=gap)
            room.has(*(case(f"a{i}", bits=bits, families=families) for i, (bits, families) in enumerate(seen)))
            board = room.update(today)
            news = {alert.case.ref: alert.case for alert in board.new}
            waits = {alert.case.ref for alert in board.waiting}
            for one in room.found:
                why = _expected(known[one.ref], one, today)
                assert (one.ref in news or one.ref in waits) == bool(why), (one, known[one.ref], why)
                if one.ref in news:
                    raised += [] if why == "awake" else [today]
                    held = known[one.ref]
                    known[one.ref] = Known(one.centibits, held.families | set(one.families))
            week = [day for day in raised if (today - day).days < 7]
            assert len(week) <= board.budget == -(-people * 5 // 1000)
            assert not room.update(today).new
            _act(room.found[whom], act, room, known, today)
        assert not verify(room.space).faults
        assert history.read(room.space) == history.replay(a | {"line": n} for n, a in enumerate(room.acts(), 1))


def _expected(held: Known, one: Case, today: dt.date) -> str:
    if one.centibits < 300 or (held.asleep and today < held.asleep):
        return ""
    if held.asleep:
        return "awake"
    if held.weight is None:
        return "first"
    grown = one.centibits - held.weight >= 300
    return "again" if grown or set(one.families) - held.families else ""


def _act(one: Case, act: str, room, known: dict[str, Known], today: dt.date) -> None:  # type: ignore[no-untyped-def]
    held = known[one.ref]
    if act == "snooze":
        until = today + dt.timedelta(days=5)
        decisions.snooze(room.space, room.run, one, until=until.isoformat(), by="An", now=moment(today))
        held.asleep = until
    elif act:
        decisions.decide(room.space, room.run, one, state=act, by="An", reason="seen", now=moment(today))
        held.asleep = None
        if act == "cleared":
            known[one.ref] = Known(one.centibits, held.families | set(one.families))
