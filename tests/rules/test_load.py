"""YAML is read as text, with the lines of everything, and never blows up."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapae.model.errors import RuleRefused
from mapae.rules import load


def test_norway_dates_and_numbers_stay_text() -> None:
    assert load.load_text("[NO, yes, 2026-01-01, 1.0, 0x1F, null, ~, 12:30:00]") == [
        *("NO", "yes", "2026-01-01", "1.0", "0x1F", "null", "~", "12:30:00")
    ]


def test_keys_know_their_lines_and_block_texts_their_first() -> None:
    made = load.load_text("a: 1\nsql: |\n  select\n  2\nrows:\n  - one\n  - |\n    two\n")
    assert [made.line_of(k) for k in ("a", "sql", "rows")] == [1, 2, 5]
    assert made.text_line_of("sql") == 3
    assert made["rows"].text_lines == [6, 8]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\na: 2", 2),
        ("a: &x 1\nb: *x", 1),
        ("a: &x [*x]", 1),
        ("a: [1", 1),
        ("? [a, b]\n: c", 1),
        ("a: 1\n\tb: 2", 2),
    ],
)
def test_doubles_aliases_and_broken_text_are_refused_with_their_line(text: str, line: int) -> None:
    with pytest.raises(RuleRefused) as caught:
        load.load_text(text, "a.yml")
    assert caught.value.where.startswith("a.yml:")
    assert int(caught.value.where.split(":")[1]) in (line, line + 1)


def test_deep_nesting_is_refused_and_does_not_end_the_program() -> None:
    with pytest.raises(RuleRefused):
        load.load_text("[" * 1_000_000)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"a: \xff\xfe")
    with pytest.raises(RuleRefused, match="not UTF-8"):
        load.load_file(path)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(RuleRefused):
        load.load_text(text)
