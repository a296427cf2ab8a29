"""The index finds what may be one name and little else, and the same whatever the order of the questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapae.names.compare import compare
from mapae.names.relations import relation
from mapae.screening.index import NameIndex
from mapae.screening.near import NearTokens
from mapae.screening.score import screen

LISTED = [
    ("RI Yong Mu", "Person"),
    ("KIM Jong Un", "Person"),
    ("KIM Yo Jong", "Person"),
    ("Abdul Rahman Yasin", "Person"),
    ("Dawood Ibrahim Kaskar", "Person"),
    ("PARK Jin Hyok", "Person"),
    ("Korea Mining Development Trading Corporation", "Organization"),
    ("Foreign Trade Bank of the Democratic People's Republic of Korea", "Organization"),
    ("Lazarus Group", "Organization"),
    ("Al-Qaida", "Organization"),
]


@pytest.fixture(scope="module")
def index() -> NameIndex:
    return NameIndex(LISTED)


def found(index: NameIndex, name: str) -> list[str]:
    return [" ".join(index.names[hit.listed][0]) for hit in screen(index, [name])]


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("Ri Yong-mu", "ri yong mu"),
        ("리용무", "ri yong mu"),
        ("Lee Yong Mu", "ri yong mu"),
        ("Abdulrahman Yasin", "abdul rahman yasin"),
        ("Yasin, Abdul Rahmn", "abdul rahman yasin"),
        ("Dawod Ibrahim Kaskar", "dawood ibrahim kaskar"),
        ("Ibrahim Dawood Kaskarr", "dawood ibrahim kaskar"),
        ("Park Jin-hyok", "park jin hyok"),
        ("KOREA MINING DEVELOPMENT TRADING CO., LTD.", "korea mining development trading"),
        ("LazarusGroup", "lazarus group"),
        ("Lazarus Gruop", "lazarus group"),
        ("Al Qaida", "al qaida"),
    ],
)
def test_a_listed_name_is_found_in_another_order_script_or_with_an_error(
    index: NameIndex, asked: str, listed: str
) -> None:
    assert listed in found(index, asked)


@pytest.mark.parametrize(
    "asked", ["RI Yong Il", "KIM Jong Sik", "Abdul Rahman Zaydan", "Maria Garcia", "Korea", "Kim", "", "😀", "Ibrahim"]
)
def test_another_name_is_not(index: NameIndex, asked: str) -> None:
    assert found(index, asked) == []


def test_the_order_and_the_company_of_questions_change_nothing(index: NameIndex) -> None:
    names = ["Ri Yong-mu", "Maria Garcia", "Abdulrahman Yasin", "리용무", "Ri Yong-mu"]
    forth = {(names[h.asked], h.listed, h.comparison.centibits) for h in screen(index, names)}
    back = {(names[::-1][h.asked], h.listed, h.comparison.centibits) for h in screen(index, names[::-1])}
    alone = {(n, h.listed, h.comparison.centibits) for n in names for h in screen(index, [n])}
    assert forth == back == alone


words = st.sampled_from(
    [
        "ri",
        "lee",
        "yong",
        "ho",
        "kim",
        "jong",
        "un",
        "park",
        "abdul",
        "rahman",
        "yasin",
        "yasn",
        "dawood",
        "ibrahim",
        "korea",
        "trading",
        "x",
        "7",
        "😀",
    ]
)


@given(st.lists(words, max_size=6).map(" ".join) | st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_may_be_asked(index: NameIndex, text: str) -> None:
    for hit in screen(index, [text]):
        assert hit.comparison.different == 0


@pytest.mark.parametrize("text", ["a" * 10_000, "ali " * 2_500, "리" * 10_000, "ri yong mu " * 900])
def test_absurd_texts_may_be_asked(index: NameIndex, text: str) -> None:
    assert len(list(screen(index, [text, "RI Yong Mu"]))) >= 1


def test_an_empty_list_finds_nothing() -> None:
    assert list(screen(NameIndex([]), ["RI Yong Mu", ""])) == []
    assert list(screen(NameIndex(LISTED), [])) == []


tokens = st.text("abcdehkmnorsuy", min_size=1, max_size=10)


@given(st.lists(tokens, min_size=1, max_size=30, unique=True), st.lists(tokens, min_size=1, max_size=10, unique=True))
@settings(max_examples=150, deadline=None)
def test_near_tokens_are_those_that_comparing_calls_near(listed: list[str], asked: list[str]) -> None:
    listed = sorted({*listed, *(a + "a" for a in asked), *(a[1:] for a in asked if len(a) > 1)})
    offsets, ids = NearTokens(listed).find(asked)
    for place, token in enumerate(asked):
        near = {listed[i] for i in ids[offsets[place] : offsets[place + 1]].tolist()}
        for other in listed:
            how = relation(*sorted((token, other))) if token != other else ("same", 0)
            # An initial stands for a word only beside other words, so it is no way into the index.
            if how is None or how[0] == "initial":
                assert other not in near, (token, other)
            else:
                assert other in near, (token, other, how)


def test_names_of_the_un_list_are_found_with_a_swap_in_any_token(shared: Path) -> None:
    un = pytest.importorskip("mapae.sources.un", reason="the reader of the UN list is not there")
    assert un
    names = un_names(shared)
    assert len(names) > 600
    index = NameIndex([(n, "Person") for n in names])
    asked = [swapped(n) for n in names]
    hit = {h.asked for h in screen(index, asked) if index.of_name[h.asked] == h.listed}
    assert len(hit) / len(names) >= 0.95


def un_names(shared: Path) -> list[str]:
    """Primary names of the people on the UN list, as its XML gives them."""
    import lzma

    from lxml import etree

    with lzma.open(shared / "lists" / "un" / "un_consolidated_2026-02-27.xml.xz") as file:
        tree = etree.parse(file, etree.XMLParser(resolve_entities=False, huge_tree=True))
    parts = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
    people = [
        " ".join((person.findtext(part) or "").strip() for part in parts).split() for person in tree.iter("INDIVIDUAL")
    ]
    return sorted({" ".join(name) for name in people if len(name) > 1})


def swapped(name: str) -> str:
    """The name with two letters swapped inside its longest token."""
    words = name.split()
    at = max(range(len(words)), key=lambda i: (len(words[i]), i))
    word = words[at]
    middle = len(word) // 2
    words[at] = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
    return " ".join(words)


def test_a_hit_is_what_comparing_the_two_names_gives(index: NameIndex) -> None:
    (hit,) = screen(index, ["Abdulrahman Yasin"])
    expected = compare("Abdul Rahman Yasin", "Abdulrahman Yasin", "", index.rarity)
    assert hit.comparison == expected
