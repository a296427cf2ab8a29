"""Comparing two names: order and script do not matter, another name does."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mapae.names.compare import Comparison, compare_tokens, core
from mapae.names.fold import tokens
from mapae.names.tables import weights

LEAST = weights()["match_least"]


def compare(a: str, b: str, schema: str = "Person", rarity: dict[str, int] | None = None) -> Comparison:
    """Two names compared as screening does."""
    return compare_tokens(core(tokens(a), schema), core(tokens(b), schema), rarity)


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        ("RI Yong Mu", "Ri Yong-mu"),
        ("RI Yong Mu", "YONG MU RI"),
        ("RI Yong Mu", "리용무"),
        ("RI Yong Mu", "RiYongMu"),
        ("ABDUL RAHMAN YASIN", "Yasin, Abdul Rahman"),
    ],
)
def test_one_name_in_another_order_or_script_is_the_same(listed: str, asked: str) -> None:
    found = compare(listed, asked)
    assert found.same
    assert found.centibits >= LEAST


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        ("RI Yong Mu", "Lee Yong Mu"),
        ("RI Yong Mu", "이용무"),
        ("ABDUL RAHMAN YASIN", "Abdulrahman Yasni"),
        ("ABDUL RAHMAN YASIN", "Abdul Rahmna Yasin"),
        ("Saddam Hussein", "Sadam Hussein"),
    ],
)
def test_a_near_miss_weighs_enough_but_less_than_the_name_itself(listed: str, asked: str) -> None:
    found = compare(listed, asked)
    assert found.centibits >= LEAST
    assert not found.same
    assert not found.different


def test_romanisers_who_write_other_vowels_do_not_make_another_name() -> None:
    found = compare("Mohammed Yusuf", "Muhammad Youssef")
    assert not found.different
    assert found.centibits > compare("Mohammed Yusuf", "Muhammad Karim").centibits
    assert compare("Garcia", "Grace").different


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        ("RI Yong Mu", "RI Yong Il"),
        ("KIM Jong Un", "KIM Jong Sik"),
        ("KIM Mun Chol", "KIM Un Chol"),
        ("Ali Saddam Hussein al-Rawi", "Ali Saddam Hussein al-Tikriti"),
        ("Abdul Rahman Yasin", "Abdul Rahman Zaydan"),
    ],
)
def test_one_wholly_different_token_is_strong_evidence_against(listed: str, asked: str) -> None:
    found = compare(listed, asked)
    assert found.different == 1
    assert found.centibits <= compare(listed, listed).centibits + weights()["different"]


def test_syllables_in_another_order_than_surname_first_or_last_weigh_less() -> None:
    rotated, shuffled = compare("KIM Jong Un", "Jong Un KIM"), compare("KIM Jong Un", "KIM Un Jong")
    assert rotated.centibits - shuffled.centibits == -weights()["order"]


def test_firms_are_compared_without_their_legal_forms() -> None:
    name = "Korea Mining Development Trading"
    assert compare(f"{name} Co., Ltd.", f"{name} Limited", "Company").same
    assert (
        compare(f"{name} Ltd", f"{name} GmbH", "Company").centibits
        > compare(f"{name} Ltd", f"{name} Inc", "Company").centibits
    )
    assert compare("Trading House No. 5", "Trading House No. 6", "Company").different == 1


def test_rarity_decides_what_a_token_weighs() -> None:
    common = compare("Ali Hassan", "Ali Hassan", rarity={"ali": 400, "hassan": 500})
    rare = compare("Ali Zubayr", "Ali Zubayr", rarity={"ali": 400, "zubayr": 1200})
    assert (common.centibits, rare.centibits) == (900, 1600)


texts = st.text(max_size=40) | st.lists(
    st.sampled_from(["ri", "lee", "yong", "ho", "al", "ali", "aly", "abdul", "rahman", "abdulrahman", "x", "5", "ltd"]),
    max_size=7,
).map(" ".join)


@given(texts, texts, st.sampled_from(["Person", "Company", "Vessel", ""]))
@example("ali al ali", "al ali", "Person")
@example("😀😀", "", "")
@settings(max_examples=400, deadline=None)
def test_comparing_is_symmetric_and_never_fails(a: str, b: str, schema: str) -> None:
    assert compare(a, b, schema) == compare(b, a, schema)


@given(texts, texts)
@settings(max_examples=200, deadline=None)
def test_nothing_matches_a_name_better_than_the_name_itself(a: str, b: str) -> None:
    if not compare(a, b).same:
        assert compare(a, b).centibits <= max(compare(a, a).centibits, compare(b, b).centibits)


@pytest.mark.parametrize("text", ["a" * 10_000, "ali " * 2_500, "😀" * 10_000, "리" * 10_000, "\x00\x1f", "\ud7ff"])
def test_absurd_texts_are_compared_all_the_same(text: str) -> None:
    assert isinstance(compare(text, "RI Yong Mu").centibits, int)
    assert compare(text, text) == compare(text, text)
