"""Whole numbers, dates as ranges, and verdicts as words."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapae.model.amounts import centibits, permille, prior_centibits, probability
from mapae.model.dates import DateRange, parse_partial
from mapae.model.verdicts import ANSWERS, ELEMENT_ORDER, MET, NOT_MET, PARTLY, UNKNOWN, strongest, weakest


@given(st.floats(min_value=1e-9, max_value=1e9))
def test_bits_are_log2_in_hundredths(ratio: float) -> None:
    assert abs(centibits(ratio) / 100 - math.log2(ratio)) <= 0.005
    assert isinstance(centibits(ratio), int)


@pytest.mark.parametrize("ratio", [0.0, -1.0, math.inf, math.nan])
def test_what_is_no_ratio_has_no_bits(ratio: float) -> None:
    with pytest.raises(ValueError):
        centibits(ratio)


@given(st.integers(min_value=-(10**7), max_value=10**7))
def test_a_probability_stays_between_none_and_certain(total: int) -> None:
    assert 0 <= probability(total) <= 1 and 0 <= permille(total) <= 1000


def test_odds_and_probabilities_agree() -> None:
    assert probability(0) == 0.5 and permille(100) == 667 and prior_centibits(0.5) == 0
    assert permille(prior_centibits(0.013)) == 13


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("1971", "1971-01-01", "1971-12-31"),
        ("1972-02", "1972-02-01", "1972-02-29"),
        (" 2026-05-07 ", "2026-05-07", "2026-05-07"),
    ],
)
def test_a_part_of_a_date_is_a_range_of_days(text: str, since: str, until: str) -> None:
    assert parse_partial(text) == DateRange(dt.date.fromisoformat(since), dt.date.fromisoformat(until))


@pytest.mark.parametrize("text", ["", "71", "1971-13", "1971-02-30", "1971/02/01", "0000", "1971-2", "19710201"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_partial(text)


@given(st.lists(st.dates() | st.none(), min_size=4, max_size=4))
def test_ranges_overlap_when_some_day_lies_in_both(days: list[dt.date | None]) -> None:
    one, other = DateRange(*days[:2]), DateRange(*days[2:])
    if all(r.since is None or r.until is None or r.since <= r.until for r in (one, other)):
        start = max((r.since for r in (one, other) if r.since), default=dt.date.min)
        end = min((r.until for r in (one, other) if r.until), default=dt.date.max)
        assert one.overlaps(other) == other.overlaps(one) == (start <= end)


def test_verdicts_are_words_and_absent_evidence_is_unknown() -> None:
    assert ANSWERS == ("yes", "no", "unknown") and ELEMENT_ORDER == (NOT_MET, UNKNOWN, PARTLY, MET)
    assert weakest([MET, PARTLY]) == PARTLY and weakest([MET, UNKNOWN, NOT_MET]) == NOT_MET and weakest([]) == UNKNOWN
    assert strongest([UNKNOWN, PARTLY]) == PARTLY and strongest([]) == UNKNOWN
