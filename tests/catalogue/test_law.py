"""The law in the catalogue: every claim cited, every word known, every citation resolved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mapae.determinations.elements import ALLEGATIONS, SOURCE_KINDS
from mapae.determinations.law import read_law
from mapae.model.dates import parse_partial
from mapae.rules.kinds import CATALOGUE, Provision, read_rule
from mapae.rules.load import load_file

CITATIONS = load_file(CATALOGUE / "citations.yml")
EVIDENCE = load_file(CATALOGUE / "demo" / "evidence.yaml")
FACTS = load_file(CATALOGUE / "facts.yml")
MARKS = {"sourced", "unsourced", "analysis"}
PROVISIONS = {p.stem: read_rule(p, "provision", Provision) for p in sorted((CATALOGUE / "law").rglob("*.yml"))}


def cited(data: Any, where: str) -> Iterator[tuple[str, str]]:
    """Every citation key below a value, with the place that names it."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "cites":
                yield from ((c, where) for c in value)
            else:
                yield from cited(value, where)
    elif isinstance(data, list):
        for value in data:
            yield from cited(value, where)


def files() -> list[Path]:
    return sorted(p for p in CATALOGUE.rglob("*.yml") if p.name not in ("citations.yml", "lock.json"))


def test_every_citation_of_the_catalogue_resolves() -> None:
    missing = sorted(
        {
            (key, str(p.relative_to(CATALOGUE)))
            for p in files()
            for key, _ in cited(load_file(p), p.name)
            if key not in CITATIONS
        }
    )
    assert missing == []


@pytest.mark.parametrize("key", sorted(CITATIONS))
def test_a_citation_says_what_it_is_and_whether_it_was_read(key: str) -> None:
    one = CITATIONS[key]
    assert set(one) - {"note"} == {"title", "publisher", "date", "cite", "address", "read", "mark", "checked_on"}
    assert one["read"] in ("yes", "no") and one["mark"] in ("sourced", "unsourced")
    assert one["address"].startswith("https://")
    assert parse_partial(one["date"]).since is not None
    assert dt.date.fromisoformat(one["checked_on"])
    assert not (one["read"] == "yes" and one["mark"] == "unsourced"), "what was read has a source"
    assert one["read"] == "yes" or one.get("note"), "what was not read says how it is known"


def test_short_forms_of_citations_are_unique() -> None:
    short = [c["cite"] for c in CITATIONS.values()]
    assert len(short) == len(set(short))


def test_every_item_of_the_demo_resolves_to_a_citation_that_was_read() -> None:
    by_cite = {c["cite"]: c for c in CITATIONS.values()}
    assert {i["cite"] for i in EVIDENCE} <= set(by_cite)
    assert all(by_cite[i["cite"]]["read"] == "yes" for i in EVIDENCE)


def test_no_item_of_the_demo_was_known_before_its_release() -> None:
    by_cite = {c["cite"]: c for c in CITATIONS.values()}
    assert [i["id"] for i in EVIDENCE if i["known_from"] != by_cite[i["cite"]]["date"]] == []


def test_nobody_in_the_demo_is_merely_charged() -> None:
    firm = {i["subject"] for i in EVIDENCE if i["source_kind"] in ("court", "government")}
    assert {i["subject"] for i in EVIDENCE} == firm
    assert all(i["subject"].startswith(("party:ofac-", "party:us-v-", "party:treasury-")) for i in EVIDENCE)
    convicted = {i["subject"] for i in EVIDENCE if i["subject"].startswith("party:us-v-")}
    assert convicted == {"party:us-v-knoot", "party:us-v-prince"}


def test_the_demo_s_words_are_used_by_some_provision() -> None:
    words = {w for rule in PROVISIONS.values() if isinstance(rule, Provision) for w in read_law(rule).words}
    assert {i["fact"] for i in EVIDENCE} <= words


@pytest.mark.parametrize("name", sorted(PROVISIONS))
def test_a_provision_carries_its_proof(name: str) -> None:
    rule = PROVISIONS[name]
    assert isinstance(rule, Provision)
    data, law = rule.data, read_law(rule)
    assert data["temporal"] in ("conduct", "as_of") and data["duty"] in ("mandatory", "discretionary")
    assert data["decider"] and data["standard"] and data["duty_says"] and data["limits"]
    for version in data["in_force"]:
        assert version["cites"] and version["mark"] in MARKS
    ids = [e.id for e in law.elements]
    assert set(law.conjunctive) | set(law.apart) == set(ids) and len(ids) == len(set(ids))
    for element, text in zip(law.elements, rule.elements, strict=True):
        assert text["cites"] and text["mark"] in MARKS and element.asks
        assert element.words <= set(FACTS)
        assert not element.supports & element.against
        assert set(text["sufficient"]) <= set(SOURCE_KINDS) - ALLEGATIONS
    for exception in data["exceptions"]:
        assert exception["states"] == ["none on record", "claimed", "established"]
        assert set(exception["for"]) <= set(FACTS)
        assert not set(exception["sufficient"]) & ALLEGATIONS
    exceptions = {w for e in law.exceptions for w in e.supports}
    assert not exceptions & {w for e in law.elements for w in e.words}, "an exception is no element"


@pytest.mark.parametrize("name", sorted(PROVISIONS))
def test_a_provision_has_the_cases_that_it_needs(name: str) -> None:
    rule = PROVISIONS[name]
    assert isinstance(rule, Provision)
    first = read_law(rule).first
    dated = {(c["on"], c["answer"]) for c in rule.cases}
    assert ((first - dt.timedelta(days=1)).isoformat(), "not in force") in dated
    assert any(on == first.isoformat() and answer != "not in force" for on, answer in dated)
    answers = {c["answer"] for c in rule.cases}
    assert {"met", "partly", "not met", "unknown", "not in force", "not met (excepted)"} <= answers
    assert len({c["name"] for c in rule.cases}) == len(rule.cases)


def test_protected_traits_are_no_words_of_the_law_room() -> None:
    for word in ("ethnic", "birthplace", "accent", "language", "gender", "surname"):
        assert [w for w in FACTS if word in w] == []


def test_the_text_of_the_statute_is_quoted_by_its_words(shared: Path) -> None:
    text = (shared.parent / "reference" / "texts" / "us-code" / "22-usc-chapter-99.md").read_text("utf-8")
    assert (
        "engages in, facilitates, or is responsible for the exportation of workers from North Korea, or the employment of such workers"
        in text
    )
    assert (
        "generates significant revenue, directly or indirectly, for use by the Government of North Korea or by the Workers’ Party of Korea"
        in text
    )


def test_a_release_of_the_demo_says_the_figures_that_its_items_say(shared: Path) -> None:
    import re

    folder = shared.parent / "reference" / "texts" / "releases"
    texts = {p.name[:10]: "" for p in folder.glob("*.md")}
    for p in folder.glob("*.md"):
        texts[p.name[:10]] += p.read_text("utf-8").replace(",", "")
    by_cite = {c["cite"]: c["date"] for c in CITATIONS.values()}
    for item in EVIDENCE:
        release = texts[by_cite[item["cite"]]]
        for figure in re.findall(r"\b\d{5,}\b", item["says"]):
            assert figure in release, (item["id"], figure)
        family = item["name"].split()[-1].strip(".")
        assert family in release or item["name"].split()[0] in release, item["id"]
