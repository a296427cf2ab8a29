"""Citations lead somewhere, and what nobody has read says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapae.rules import citations
from mapae.rules.kinds import load_catalogue

GOOD = """\
act-2016:
  title: An act
  publisher: A parliament
  date: 2016-02
  cite: P.L. 1
  address: https://www.congress.gov/bill/1
  read: yes
  mark: sourced
"""


def problems(folder: Path, text: str, rule: str = "") -> list[str]:
    (folder / "citations.yml").write_text(text, "utf-8")
    if rule:
        (folder / "families.yml").write_text(rule, "utf-8")
    return [p.removeprefix(str(folder) + "/") for p in citations.problems(load_catalogue(folder))]


def test_a_whole_citation_is_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD, "f: {cites: [act-2016]}") == []


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("  publisher: A parliament\n", "", 1, "no publisher"),
        ("date: 2016-02", "date: February", 4, "no date"),
        ("mark: sourced", "mark: certain", 8, "'certain'"),
        ("read: yes", "read: maybe", 7, "read says"),
        ("https://www", "http://www", 6, "https://"),
        ("https://www.congress.gov/bill/1", "https://www.congress.gov/bill/…", 6, "broken"),
        ("https://www.congress.gov/bill/1", "https://www.congress.gov/<bill>", 6, "broken"),
        ("https://www.congress.gov/bill/1", "https://example.com/bill", 6, "broken"),
        ("https://www.congress.gov/bill/1", "https://congress", 6, "no host"),
        ("https://www.congress.gov/bill/1", "https://web.archive.org/web/2020/https://congress.gov", 6, "copy"),
        ("https://www.congress.gov/bill/1", "https://www.congress.gov/%zz", 6, "broken"),
        ("https://www.congress.gov/bill/1", "'https://[::1'", 6, "broken|no address|no host"),
    ],
)
def test_each_fault_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    import re

    found = problems(tmp_path, GOOD.replace(old, new))
    assert len(found) == 1
    assert found[0].startswith(f"citations.yml:{line}:") and re.search(says, found[0])


def test_a_key_that_leads_nowhere_is_found_at_any_depth(tmp_path: Path) -> None:
    rule = "f:\n  m:\n    - {why: x,\n       cites: [act-2016, act-2017]}\n"
    assert problems(tmp_path, GOOD, rule) == [
        "families.yml:4: cites act-2017, which citations.yml does not hold. Add it there, or mend the key."
    ]


def test_two_citations_with_one_short_form_are_found(tmp_path: Path) -> None:
    assert "same short form" in problems(tmp_path, GOOD + GOOD.replace("act-2016", "act-2017"))[0]


def test_what_nobody_has_read_is_marked_wherever_it_is_shown(tmp_path: Path) -> None:
    (tmp_path / "citations.yml").write_text(
        GOOD + GOOD.replace("act-2016", "b").replace("yes", "no").replace("P.L. 1", "P.L. 2")
    )
    catalogue = load_catalogue(tmp_path)
    assert citations.unread(catalogue) == ["b"]
    assert citations.shown(catalogue, "act-2016") == "P.L. 1"
    assert citations.shown(catalogue, "b") == f"P.L. 2 ({citations.UNREAD})"
    assert citations.UNREAD in citations.shown(catalogue, "nowhere")


def test_citations_that_nobody_uses_are_listed(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD) == []
    assert citations.unused(load_catalogue(tmp_path)) == ["act-2016"]
