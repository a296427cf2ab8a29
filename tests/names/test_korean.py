"""Korean names across scripts: one name in every spelling, and one syllable that differs makes another name."""

from __future__ import annotations

import csv
from bisect import bisect_left, bisect_right
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapae.names.korean import KoreanComparison, compare, read
from mapae.names.tables import rows

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
    "text",
    ["", "Ali Hassan Abu", "J. Kim", "Kim 3", "Куликов", "김", "World Peace Bank Corp Ltd", "🙂", "Michelle Kim"],
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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("남궁민", "Namgoong Min"),
        ("諸葛孔明", "Che Gal Kong Myong"),
        ("Hwangbo Kwan", "皇甫官"),
        ("Kim Chŏngŭn", "김정은"),
        ("Ch'oe Yong-gŏn", "최용건"),
        ("Pak Ceng Huy", "박정희"),
        ("きむ・じょんうん", "Kim Jong Un"),
        ("Kim Jong Un", "KimJong Un"),
        ("Ким Чен-ын", "金 正恩"),
        ("김정은(金正恩)", "Kim Jong Un"),
        ("Noh Moo-hyun", "로무현"),
        ("여운형", "Lyuh Woon Hyung"),
    ],
)
def test_spellings_of_one_name_meet(one: str, other: str) -> None:
    assert compared(one, other).centibits >= ALERT


def test_the_surnames_initial_sound_is_no_difference() -> None:
    for north, south in (("리", "이"), ("로", "노"), ("림", "임"), ("류", "유"), ("량", "양"), ("려", "여")):
        assert not any("another" in line for line in compared(f"{north}철수", f"{south}철수").why)


def test_two_characters_of_one_sound_are_only_possible() -> None:
    found = compared("李勇浩", "李容浩")
    assert found.possible
    assert found.centibits < compared("李勇浩", "리용호").centibits


def test_simplified_and_traditional_characters_are_one() -> None:
    found = compared("张成泽", "張成澤")
    assert not found.possible
    assert found.centibits > compared("张成泽", "장성택").centibits


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30) | st.text(alphabet="kimjongun chol-리용호李金Киым", max_size=24))
def test_any_text_is_read_or_refused(text: str) -> None:
    found = read(text)
    if found is not None:
        assert 2 <= len(found.readings[0].surname) + len(found.readings[0].given) <= 4
        assert not compare(found, found).possible


def test_the_tables_hold_every_letter_and_whole_shares() -> None:
    letters = rows("korean_letters.csv")
    assert [sum(row["place"] == place for row in letters) for place in ("onset", "vowel", "coda")] == [19, 21, 9]
    for row in (*letters, *({"spellings": row["spellings"]} for row in rows("korean_odd.csv"))):
        for name in ("latin", "yale", "cyrillic", "kana", "spellings"):
            assert all(share.rpartition(":")[2].isdigit() for share in row.get(name, "").split()), row
