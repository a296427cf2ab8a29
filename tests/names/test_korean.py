"""Korean names across scripts: one name in every spelling, and one syllable that differs makes another name."""

from __future__ import annotations

import csv
from bisect import bisect_left, bisect_right
from pathlib import Path

import pytest

from mapae.names.korean import KoreanComparison, compare, read

ALERT = 700
PAIRS = Path(__file__).parent / "korean_pairs.csv"


def compared(a: str, b: str) -> KoreanComparison:
    one, two = read(a), read(b)
    assert one is not None, a
    assert two is not None, b
    return compare(one, two)


def labelled() -> list[dict[str, str]]:
    lines = [line for line in PAIRS.read_text("utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    "spelling",
    [
        "이용호",
        "리용호",
        "Lee Yong-ho",
        "RI, Yong Ho",
        "Yong Ho Ri",
        "Riyongho",
        "Yi Yongho",
        "Rhee Yong Ho",
        "李勇浩",
        "Ли Ён Хо",
        "Ли Ёнхо",
        "Li Yonghao",
        "リ・ヨンホ",
        "イ ヨンホ",
    ],
)
def test_one_name_in_every_script_is_the_same(spelling: str) -> None:
    assert compared("Ri Yong Ho", spelling).centibits >= ALERT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ri Yong Ho", "Ro Yong Ho"),
        ("Kim Jong Un", "Kim Jong Il"),
        ("김정은", "김정일"),
        ("金正恩", "金正日"),
        ("Ким Чен Ын", "Kim Yong Un"),
        ("Kim Yong Chol", "Kim Yong Chol Su"),
    ],
)
def test_one_syllable_that_differs_makes_another_name(one: str, other: str) -> None:
    found = compared(one, other)
    assert found.centibits < 0
    assert not found.possible
    assert any("-18.0" in line for line in found.why)


def test_it_says_why_syllable_by_syllable() -> None:
    assert [line.split()[0] for line in compared("Ri Yong Ho", "李勇浩").why] == ["ri/李", "yong/勇", "ho/浩"]


def test_a_spelling_that_two_syllables_share_is_only_possible() -> None:
    assert compared("Kim Chun Ho", "김천호").possible
    assert not compared("Kim Myong Hyok", "김명혁").possible


@pytest.mark.parametrize(
    "text", ["", "Ali Hassan Abu", "J. Kim", "Kim 3", "Куликов", "김", "World Peace Bank Corp Ltd", "🙂"]
)
def test_what_cannot_be_a_korean_name_is_not_read(text: str) -> None:
    assert read(text) is None


def test_order_of_the_two_changes_nothing() -> None:
    for row in labelled()[::25]:
        one, two = read(row["a"]), read(row["b"])
        if one is not None and two is not None:
            assert compare(one, two) == compare(two, one)


def test_labelled_pairs_are_told_apart() -> None:
    same, other = [], []
    for row in labelled():
        one, two = read(row["a"]), read(row["b"])
        found = KoreanComparison(-9999, [], False) if one is None or two is None else compare(one, two)
        if row["label"] == "same":
            same.append(found.centibits)
            continue
        other.append(found.centibits)
        assert found.centibits < ALERT or found.possible, (row, found)
    assert len(same) + len(other) >= 1000
    assert sum(row["part"] == "held" for row in labelled()) >= 100
    other.sort()
    below = sum(bisect_left(other, cents) + bisect_right(other, cents) for cents in same) / 2
    assert below / len(same) / len(other) >= 0.995
