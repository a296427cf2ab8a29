"""A provision applied to a subject: the law of the day, two readings of knowledge, exceptions, what is missing."""

from __future__ import annotations

import datetime as dt

import pytest

from mapae.determinations import law as days
from mapae.determinations.apply import answer_case, determine, missing
from mapae.determinations.elements import Fact
from mapae.determinations.law import Law, read_law
from mapae.rules import load
from mapae.rules.kinds import CATALOGUE, Provision, read_rule

DAY = dt.date.fromisoformat


def provision(name: str) -> Law:
    rule = read_rule(CATALOGUE / "law" / "us" / f"{name}.yml", "provision", Provision)
    assert isinstance(rule, Provision)
    return read_law(rule)


STATUTE, ORDER = provision("22usc9214.g1c"), provision("eo13722.2a4")
CASES = [(law, case) for law in (STATUTE, ORDER) for case in law.provision.cases]


def fact(
    word: str, kind: str = "court", since: str = "2023-01-01", until: str = "2023-03-01", known: str = "2023-06-01"
) -> Fact:
    day = lambda text: DAY(text) if text else None  # noqa: E731
    return Fact("party:a", word, kind, day(since), day(until), day(known), f"evidence:s:{word}-{kind}-{since}-{until}")


@pytest.mark.parametrize(("law", "case"), CASES, ids=[f"{law.provision.id}: {case['name']}" for law, case in CASES])
def test_inline_cases_of_every_provision(law: Law, case: load.Mapping) -> None:
    assert answer_case(law.provision, case) == case["answer"]


@pytest.mark.parametrize("law", [STATUTE, ORDER], ids=lambda law: law.provision.id)
def test_the_day_before_is_not_in_force_and_the_day_of_is(law: Law) -> None:
    first = law.first
    before = (first - dt.timedelta(days=1)).isoformat()
    word = sorted(law.acts)[0]
    one = fact(word, "court", before, before, before)
    assert determine(law, "party:a", [one], as_of=DAY(before), known_by=None).result == "not in force"
    same = fact(word, "court", first.isoformat(), first.isoformat(), first.isoformat())
    assert determine(law, "party:a", [same], as_of=first, known_by=None).in_force == "yes"


def test_conduct_before_the_law_stays_outside_however_late_it_is_judged() -> None:
    d = determine(
        STATUTE,
        "party:a",
        [fact("hosted", "court", "2018-01-01", "2019-12-19", "2026-05-07")],
        as_of=DAY("2026-11-01"),
        known_by=None,
    )
    assert (d.verdict, d.result, d.in_force, d.law_on) == ("not met", "not in force", "no", None)
    assert d.answer("act") == "unknown"


def test_conduct_that_reaches_into_force_counts_and_its_older_part_is_flagged() -> None:
    d = determine(
        STATUTE,
        "party:a",
        [fact("hosted", "court", "2018-01-01", "2020-02-01", "2026-05-07")],
        as_of=DAY("2026-11-01"),
        known_by=None,
    )
    assert (d.answer("act"), d.in_force, d.older, d.law_on) == ("met", "part", 1, DAY("2019-12-20"))


def test_an_order_takes_acts_older_than_itself_and_flags_them() -> None:
    d = determine(
        ORDER,
        "party:a",
        [fact("exported_worker", "government", "2014-01-01", "2015-01-01")],
        as_of=DAY("2026-11-01"),
        known_by=None,
    )
    assert (d.answer("exportation"), d.in_force, d.older, d.law_on) == ("met", "yes", 1, DAY("2026-11-01"))


def test_an_act_with_no_end_reaches_to_the_day_it_was_known_and_no_further() -> None:
    assert days.span(fact("hosted", since="2018-01-01", until="", known="2018-09-13")) == (
        DAY("2018-01-01"),
        DAY("2018-09-13"),
    )
    assert days.place(STATUTE, fact("hosted", since="2018-01-01", until="", known="2018-09-13")) == "before"
    assert days.place(STATUTE, fact("hosted", since="2018-01-01", until="", known="2020-09-13")) == "in"


def test_an_act_without_a_day_that_was_known_before_the_law_lay_before_it() -> None:
    assert days.place(STATUTE, fact("hosted", since="", until="", known="2018-09-13")) == "before"
    assert days.place(STATUTE, fact("hosted", since="", until="", known="2024-09-13")) == "undated"


def test_two_readings_of_knowledge_stay_apart_and_the_verdict_takes_the_cautious_one() -> None:
    shown = [
        fact(w)
        for w in (
            "dprk_national",
            "paid_work",
            "hosted",
            "own_act",
            "earned_for_dprk",
            "total",
            "verified_flag_ignored_after_notice",
        )
    ]
    shown[-1] = fact("verified_flag_ignored_after_notice", "record")
    d = determine(STATUTE, "party:a", shown, as_of=DAY("2026-11-01"), known_by=None)
    assert d.overalls == {"overall_actual": "unknown", "overall_constructive": "partly"}
    assert d.verdict == "unknown"


def test_evidence_known_only_later_is_not_used() -> None:
    d = determine(
        STATUTE, "party:a", [fact("hosted", known="2023-06-01")], as_of=DAY("2026-11-01"), known_by=DAY("2023-05-31")
    )
    assert d.answer("act") == "unknown"
    d = determine(
        STATUTE, "party:a", [fact("hosted", known="2023-06-01")], as_of=DAY("2026-11-01"), known_by=DAY("2023-06-01")
    )
    assert d.answer("act") == "met"


def test_only_an_established_exception_defeats() -> None:
    shown = [fact("dprk_national"), fact("exported_worker"), fact("dispatched")]
    claimed = determine(
        ORDER, "party:a", [*shown, fact("un_official_business", "press")], as_of=DAY("2026-11-01"), known_by=None
    )
    assert (claimed.verdict, claimed.exceptions["official-business"]) == ("met", "claimed")
    established = determine(
        ORDER, "party:a", [*shown, fact("un_official_business", "government")], as_of=DAY("2026-11-01"), known_by=None
    )
    assert (established.verdict, established.result) == ("not met", "not met (excepted)")


def test_what_is_missing_is_said_with_the_evidence_that_would_suffice() -> None:
    d = determine(ORDER, "party:a", [fact("dprk_national")], as_of=DAY("2026-11-01"), known_by=None)
    lines = missing(d)
    assert [line.split(":")[0] for line in lines] == ["exportation", "act"]
    assert "exported_worker" in lines[0] and "court" in lines[0] and "press" not in lines[0]


def test_a_matter_of_judgement_asks_for_a_person() -> None:
    d = determine(STATUTE, "party:a", [fact("total")], as_of=DAY("2026-11-01"), known_by=None)
    assert any(line.startswith("significant: partly; would need a person's decision") for line in missing(d))


def test_without_a_day_of_the_run_the_facts_give_it() -> None:
    d = determine(
        ORDER,
        "party:a",
        [fact("exported_worker", known="2016-03-15", since="2015-01-01", until="2015-01-02")],
        as_of=None,
        known_by=None,
    )
    assert d.result == "not in force"


def test_a_repealed_version_governs_no_later_act() -> None:
    import dataclasses

    old = dataclasses.replace(STATUTE, versions=((DAY("2019-12-20"), DAY("2020-12-31")),))
    assert determine(old, "party:a", [fact("hosted")], as_of=DAY("2026-11-01"), known_by=None).result == "not in force"
