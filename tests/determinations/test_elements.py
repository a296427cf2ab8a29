"""One table of four rows judges every element."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapae.determinations.elements import (
    ALLEGATIONS,
    NOTHING,
    SOURCE_KINDS,
    SUFFICIENT,
    WEAKER,
    Element,
    Fact,
    exception_state,
    judge,
    read_element,
    verdict_of,
)
from mapae.model.verdicts import ELEMENT_ORDER
from mapae.rules import load

ELEMENT = Element(
    id="act",
    asks="did it",
    supports=frozenset({"hosted"}),
    part=frozenset({"paid_for_help"}),
    against=frozenset({"remediation"}),
    sufficient=frozenset({"court", "record"}),
    opinion=False,
    dated=False,
)
OPINION = dataclasses.replace(ELEMENT, opinion=True)


def fact(word: str, kind: str, ref: str = "") -> Fact:
    return Fact("party:a", word, kind, ref=ref or f"{word}-{kind}")


@pytest.mark.parametrize(
    ("support", "against", "verdict"),
    [
        (NOTHING, NOTHING, "unknown"),
        (NOTHING, WEAKER, "unknown"),
        (NOTHING, SUFFICIENT, "not met"),
        (WEAKER, NOTHING, "partly"),
        (WEAKER, WEAKER, "partly"),
        (WEAKER, SUFFICIENT, "partly"),
        (SUFFICIENT, NOTHING, "met"),
        (SUFFICIENT, WEAKER, "met"),
        (SUFFICIENT, SUFFICIENT, "partly"),
    ],
)
def test_the_table(support: int, against: int, verdict: str) -> None:
    assert verdict_of(support, against) == verdict


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ([], "unknown"),
        ([("hosted", "court")], "met"),
        ([("hosted", "charge")], "partly"),
        ([("hosted", "press")], "partly"),
        ([("hosted", "own_inquiry")], "partly"),
        ([("hosted", "government")], "partly"),
        ([("paid_for_help", "court")], "partly"),
        ([("remediation", "court")], "not met"),
        ([("remediation", "press")], "unknown"),
        ([("hosted", "court"), ("remediation", "record")], "partly"),
        ([("hosted", "court"), ("remediation", "charge")], "met"),
        ([("hosted", "charge"), ("remediation", "court")], "partly"),
        ([("admission", "court")], "unknown"),
    ],
)
def test_facts_of_each_kind(facts: list[tuple[str, str]], verdict: str) -> None:
    assert judge(ELEMENT, [fact(*f) for f in facts]).verdict == verdict


def test_both_sides_are_shown_whatever_the_verdict() -> None:
    judged = judge(ELEMENT, [fact("hosted", "court"), fact("remediation", "press")])
    assert [f.fact for f in judged.supporting] == ["hosted"]
    assert [f.fact for f in judged.opposing] == ["remediation"]


def test_an_opinion_is_at_most_partly_until_a_person_decides() -> None:
    assert judge(OPINION, [fact("hosted", "court")]).verdict == "partly"


def test_what_nobody_dates_shows_a_part_and_what_is_left_out_shows_nothing() -> None:
    one = fact("hosted", "court")
    assert judge(ELEMENT, [one], undated=frozenset({one})).verdict == "partly"
    judged = judge(ELEMENT, [one], left_out=frozenset({one}))
    assert (judged.verdict, judged.left_out) == ("unknown", (one,))


def test_an_allegation_never_suffices_even_where_a_provision_says_so() -> None:
    data = load.load_text("{id: act, asks: did it, for: [hosted], against: [], sufficient: [court, press, charge]}")
    element = read_element(data)
    assert element.sufficient == {"court"}
    assert judge(element, [fact("hosted", "press")]).verdict == "partly"


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        ([], "none on record"),
        (["press"], "claimed"),
        (["charge"], "claimed"),
        (["government"], "established"),
        (["press", "court"], "established"),
    ],
)
def test_an_exception_has_three_states(kinds: list[str], state: str) -> None:
    assert exception_state(["court", "government", "press"], [fact("waiver_9228", k) for k in kinds]) == state


FACTS = st.builds(
    fact,
    st.sampled_from(["hosted", "paid_for_help", "remediation", "elsewhere"]),
    st.sampled_from(SOURCE_KINDS),
    st.text("abc", min_size=1),
)


@given(
    st.lists(FACTS, max_size=6),
    st.sampled_from(["hosted", "paid_for_help"]),
    st.sampled_from(SOURCE_KINDS),
    st.sampled_from([ELEMENT, OPINION]),
)
def test_adding_support_never_lowers(facts: list[Fact], word: str, kind: str, element: Element) -> None:
    before = judge(element, facts).verdict
    after = judge(element, [*facts, fact(word, kind, "added")]).verdict
    assert ELEMENT_ORDER.index(after) >= ELEMENT_ORDER.index(before)


@given(st.lists(FACTS, max_size=6), st.sampled_from(SOURCE_KINDS), st.sampled_from([ELEMENT, OPINION]))
def test_adding_against_never_raises(facts: list[Fact], kind: str, element: Element) -> None:
    before = judge(element, facts).verdict
    after = judge(element, [*facts, fact("remediation", kind, "added")]).verdict
    assert ELEMENT_ORDER.index(after) <= ELEMENT_ORDER.index(before)


@given(st.lists(FACTS, max_size=6))
def test_allegations_alone_never_meet_or_refute(facts: list[Fact]) -> None:
    alleged = [f for f in facts if f.source_kind in ALLEGATIONS]
    assert judge(ELEMENT, alleged).verdict in ("partly", "unknown")


@given(st.permutations([fact("hosted", "court", "a"), fact("hosted", "press", "b"), fact("remediation", "press", "c")]))
def test_the_order_of_facts_changes_nothing(facts: list[Fact]) -> None:
    assert judge(ELEMENT, facts) == judge(ELEMENT, sorted(facts, key=lambda f: f.ref))


def test_a_fact_is_known_by_all_that_it_says() -> None:
    assert Fact("party:a", "hosted", "court", dt.date(2020, 1, 1)) != Fact(
        "party:a", "hosted", "court", dt.date(2020, 1, 2)
    )
