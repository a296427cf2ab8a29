"""Half or more is owned by listed parties: full shares of those that count, added, never multiplied."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapae.screening.ownership import Holding, chain, owned, share

HALF = 500_000


def held(*rows: tuple[str, str, str]) -> list[Holding]:
    return [Holding(owner, asset, share(size)) for owner, asset, size in rows]


def found(*rows: tuple[str, str, str], listed: str = "XY", on: dt.date | None = None) -> dict[str, str]:
    return {a: "owned" if o.known else "unknown" for a, o in owned(held(*rows), set(listed), on).items()}


def test_two_owners_of_a_quarter_each_add_up_to_half() -> None:
    assert found(("X", "A", "25"), ("Y", "A", "25")) == {"A": "owned"}
    assert found(("X", "A", "25"), ("Y", "A", "24.99")) == {}
    assert owned(held(("X", "A", "25"), ("Y", "A", "25")), {"X", "Y"})["A"].permille == 500


def test_parts_of_a_per_cent_are_not_lost_in_the_sum() -> None:
    assert found(("X", "A", "16.67"), ("Y", "A", "16.67"), ("Z", "A", "16.66"), listed="XYZ") == {"A": "owned"}
    assert found(("X", "A", "49.9999")) == {}


def test_exactly_half_counts_and_a_chain_is_not_multiplied() -> None:
    assert found(("X", "A", "50"), ("A", "B", "50")) == {"A": "owned", "B": "owned"}
    assert found(("X", "A", "49"), ("A", "B", "100")) == {}


def test_an_owner_that_is_owned_counts_with_its_full_share_beside_a_listed_one() -> None:
    assert found(("X", "A", "60"), ("A", "B", "30"), ("Y", "B", "20")) == {"A": "owned", "B": "owned"}


def test_a_cycle_that_no_listed_party_owns_is_not_owned() -> None:
    assert found(("A", "B", "60"), ("B", "A", "60")) == {}
    assert found(("X", "A", "50"), ("A", "B", "60"), ("B", "A", "40")) == {"A": "owned", "B": "owned"}
    assert found(("A", "A", "100")) == {}


def test_an_unknown_share_is_said_as_unknown_and_never_as_owned() -> None:
    assert found(("X", "A", "")) == {"A": "unknown"}
    assert found(("X", "A", "30"), ("Y", "A", "a part")) == {"A": "unknown"}
    assert found(("X", "A", ""), ("A", "B", "100")) == {"A": "unknown", "B": "unknown"}
    assert found(("X", "A", "60"), ("Y", "A", "")) == {"A": "owned"}


def test_a_listed_party_is_not_given_as_owned_and_an_unlisted_owner_counts_nothing() -> None:
    assert found(("X", "Y", "100"), ("Z", "A", "100")) == {}


def test_the_same_holding_told_twice_counts_once() -> None:
    assert found(("X", "A", "25"), ("X", "A", "25")) == {}
    assert found(("X", "A", ""), ("X", "A", "50")) == {"A": "owned"}
    assert found(("X", "A", "0"), ("X", "A", "")) == {}


@pytest.mark.parametrize(
    ("day", "single", "together"),
    [("2008-02-13", {}, {}), ("2014-08-12", {"A": "owned"}, {}), ("2014-08-13", {"A": "owned"}, {"A": "owned"})],
)
def test_the_rule_is_that_of_the_day(day: str, single: dict[str, str], together: dict[str, str]) -> None:
    on = dt.date.fromisoformat(day)
    assert found(("X", "A", "50"), on=on) == single
    assert found(("X", "A", "25"), ("Y", "A", "25"), on=on) == together


@pytest.mark.parametrize(
    ("text", "millionths"),
    [
        ("50", HALF),
        ("50 %", HALF),
        ("50,0%", HALF),
        ("33.3333", 333_333),
        ("50-75", HALF),
        ("100", 1_000_000),
        ("0", 0),
    ],
)
def test_a_share_is_read_as_written(text: str, millionths: int) -> None:
    assert share(text) == millionths


@pytest.mark.parametrize("text", ["", "a majority", "101", "-5", "1e9", "nan", "50 50"])
def test_what_is_no_share_is_unknown(text: str) -> None:
    assert share(text) is None


def test_the_chain_names_every_owner_on_the_way_and_its_share() -> None:
    made = owned(held(("X", "A", "25"), ("Y", "A", "25"), ("A", "B", "70")), {"X", "Y"})
    assert made["B"].listed == ("X", "Y")
    assert chain("B", made, {"A": "Alpha", "B": "Beta", "X": "Xi"}) == (
        "Beta is owned by Alpha (A): 70 %",
        "Alpha is owned by Xi (X, listed): 25 %; Y (Y, listed): 25 %, 50 % known in all",
    )
    round_ = owned(held(("X", "A", "50"), ("A", "B", "60"), ("B", "A", "40")), {"X"})
    assert len(chain("B", round_, {})) == 2


edges = st.lists(
    st.tuples(
        st.sampled_from("XYABCD"), st.sampled_from("ABCD"), st.sampled_from(["", "10", "25", "49.99", "50", "100"])
    ),
    max_size=8,
)


@given(edges)
def test_the_order_of_holdings_changes_nothing_and_what_is_owned_is_a_fixed_point(
    rows: list[tuple[str, str, str]],
) -> None:
    first = owned(held(*rows), {"X", "Y"})
    for other in itertools.islice(itertools.permutations(rows), 6):
        assert owned(held(*other), {"X", "Y"}) == first
    blocked = {"X", "Y"} | {a for a, o in first.items() if o.known}
    for asset in "ABCD":
        best: dict[str, int] = {}
        for owner, to, size in rows:
            if to == asset and owner != asset and owner in blocked:
                best[owner] = max(best.get(owner, 0), share(size) or 0)
        assert (sum(best.values()) >= HALF) == (asset in blocked)
