"""Folding: what one writes in many ways becomes one; nothing makes it fail."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapae.names import companies, hangul, people
from mapae.names.fold import fold, tokens
from mapae.names.scripts import script
from mapae.names.syllables import is_syllable


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("KIM, Jong-un", "kim jong un"),
        ("CH'OE Ryong-hae", "choe ryong hae"),
        ("Nu’man ʿAlī", "numan ali"),
        ("Łukasz Müller-Çelik", "lukasz muller celik"),
        ("Ｋｉｍ １２", "kim 12"),
        ("리용무", "ri yong mu"),
        ("최룡해", "choe ryong hae"),
        ("Сергей", "sergey"),
        ("  ", ""),
        ("😀", ""),
    ],
)
def test_a_name_folds_to_its_letters(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
@settings(max_examples=300, deadline=None)
def test_folding_takes_any_text_and_folds_once(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert all(t.isascii() and t.isalnum() and t == t.lower() for t in tokens(text))


def test_a_text_of_ten_thousand_letters_folds() -> None:
    assert fold("ü" * 10_000) == "u" * 10_000
    assert len(tokens("리" * 10_000)) == 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("RI Yong Mu", "Latin"),
        ("리용무", "Hangul"),
        ("李勇", "Han"),
        ("Ли Ён Му", "Cyrillic"),
        ("محمد", "Arabic"),
        ("カタカナ", "Katakana"),
        ("12 😀", ""),
        ("", ""),
    ],
)
def test_a_script_is_read_from_the_letters(text: str, name: str) -> None:
    assert script(text) == name


@given(st.text(max_size=50))
def test_script_takes_any_text_in_any_order(text: str) -> None:
    assert script(text) == script(text[::-1])


@pytest.mark.parametrize(("one", "other"), [("ri", "lee"), ("pak", "park"), ("jong", "chung"), ("kim", "gim")])
def test_spellings_of_one_syllable_are_alike(one: str, other: str) -> None:
    assert hangul.readings(one) & hangul.readings(other)


@pytest.mark.parametrize(("one", "other"), [("ri", "ro"), ("kim", "kam"), ("un", "il"), ("pak", "paek")])
def test_other_syllables_are_not(one: str, other: str) -> None:
    assert not hangul.readings(one) & hangul.readings(other)


def test_every_modern_syllable_of_hangul_has_a_spelling_that_reads_back() -> None:
    for code in range(0xAC00, 0xD7A4):
        spelled = hangul.spell(chr(code))
        assert spelled, chr(code)
        assert hangul.readings(spelled)


def test_pinyin_is_syllabic_and_long_names_are_not() -> None:
    assert all(map(is_syllable, ("zhang", "xiao", "li", "yong", "ho")))
    assert not any(map(is_syllable, ("hassan", "smith", "rahman")))


def test_legal_forms_are_taken_off_but_never_the_whole_name() -> None:
    assert companies.core(("korea", "mining", "development", "trading", "corporation")) == (
        ("korea", "mining", "development", "trading"),
        "corporation",
    )
    assert companies.core(("limited",)) == (("limited",), "")
    assert companies.core(("ho", "sa"), sure=True) == (("ho", "sa"), "")


def test_titles_are_taken_off_unless_too_little_is_left() -> None:
    assert people.core(("dr", "abdul", "qadeer")) == ("abdul", "qadeer")
    assert people.core(("haji", "sahib")) == ("haji", "sahib")
    assert people.core(("dr",)) == ("dr",)
