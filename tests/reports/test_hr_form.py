"""The form for HR and counsel: facts in plain words; no score, no word on origin; masked until a purpose is stated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from outgoing import FARM, PEOPLE
from small import call, key_in

from mapae.reports import hr, people, plain
from mapae.store import ledger
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace

# Said nowhere in the form, by any rule, key or playbook that it quotes.
NEVER = (
    "dprk", "korea", "north korean", "nationality", "national", "citizenship", "ethnic", "race", "descent", "origin", "birthplace",
    "language", "accent", "native", "sanction", "sanctions", "nexus", "guilty", "fraudster", "criminal", "proven", "suspect",
)  # fmt: skip


class Text(HTMLParser):
    """Tags, attributes and visible text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.text, self._style = "", False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self._style = tag == "style"

    def handle_data(self, data: str) -> None:
        self.text += "" if self._style else data


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(employer_key: Path) -> Iterator[None]:
    with key_in(employer_key):
        yield


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory, employer_copy: Callable[[Path], Workspace]) -> Workspace:
    return employer_copy(tmp_path_factory.mktemp("hr") / "w")


@pytest.fixture(scope="module")
def masked(space: Workspace) -> str:
    with OpenRun.last(space.root) as run:
        return hr.write(run, f"account:{FARM[0]}", space.root / "cases").read_text("utf-8")


@pytest.fixture(scope="module")
def opened(space: Workspace) -> str:
    with OpenRun.last(space.root) as run:
        return hr.write(
            run, f"account:{FARM[0]}", space.root / "cases", purpose="talk with the lead", reader="someone in HR"
        ).read_text("utf-8")


def test_without_a_purpose_no_value_of_anybodys_stands_in_it(masked: str) -> None:
    assert "canary" not in masked.lower(), re.findall(r".{30}canary.{30}", masked, re.IGNORECASE)
    for value in (
        *FARM,
        "2001:db8",
        "198.51.100",
        "+1202555",
        "phone-farm",
        "bank-farm",
        "d-farm",
        "serial1",
        "Nashville",
        "9 farm road",
    ):
        assert value.lower() not in masked.lower(), value
    assert "Person 1" in masked and "masked in this copy" in masked


def test_with_a_purpose_the_names_stand_in_it_and_the_read_in_the_ledger(opened: str, space: Workspace) -> None:
    for value in ("Canaryname1 Canarylast1", "canary2@corp.example", "phone-farm", "1 Canarystreet, Austin"):
        assert value in opened
    assert "masked in this copy" not in opened and "Purpose: talk with the lead" in opened
    (act,) = [
        line.act
        for line in ledger.read(space.ledger).lines
        if line.act["act"] == "read" and line.act["what"] == "case form for hr"
    ]
    assert act["purpose"] == "talk with the lead" and act["reader"] == "someone in HR" and act["people"] == 4
    assert not {"canary", *FARM} & set(re.findall(r"canary|okta/u\d", str(act)))


@pytest.mark.parametrize("which", ["masked", "opened"])
def test_it_carries_no_score_and_no_word_on_origin(which: str, request: pytest.FixtureRequest) -> None:
    text = Text(request.getfixturevalue(which)).text
    assert "%" not in text and not re.search(
        r"\bper ?cent|\bbits?\b|\bscore|\bprobab|\blikel|\bpermille|\bweight", text, re.IGNORECASE
    )
    words = set(re.findall(r"[a-z]+", text.lower()))
    assert not words & set(NEVER), words & set(NEVER)
    with pytest.raises(AssertionError):  # the test itself can fail
        assert not {"nationality"} & set(NEVER)


def test_it_says_facts_contradictions_honest_reasons_and_what_everybody_is_asked(masked: str) -> None:
    text = re.sub(r"\s+", " ", Text(masked).text)
    for said in (
        "On 20 days the signing-in machine was under remote control",
        "10 of 20 sign-ins from home and mobile lines, on 10 days, came from another country than that",
        "1 of 1 shipments of equipment went to another address than that",
        "Enrolled the same telephone, key or app as second factor",
        f"4 people of {PEOPLE} whom the records know",
        "An honest reason may be:",
        "What would settle it",
        "What everybody is asked",
        "What is not done",
        "speaks for nobody and against nobody",
        "it does not accuse, dismiss or report anybody",
    ):
        assert said in text, said
    assert "2026-05-02 to 2026-05-20 (UTC)" in text


def test_a_shared_line_is_dated_by_all_its_days(masked: str) -> None:
    text = re.sub(r"\s+", " ", Text(masked).text)
    assert re.search(
        r"from the same line [^.]*; in all of the records 4 people have it\. 2026-05-01 to 2026-05-20", text
    )


def test_it_stands_alone_and_prints(masked: str) -> None:
    page = Text(masked)
    assert not page.tags & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert not page.names & {"src", "href", "srcset", "action"} and not [n for n in page.names if n.startswith("on")]
    assert "@media print" in masked and "url(" not in masked and "@import" not in masked
    assert masked.count("made by a simulator") == 2


def test_one_of_several_logins_gives_the_same_form(space: Workspace) -> None:
    with OpenRun.last(space.root) as run:
        subjects = {
            hr.build(run, s)["reference"]
            for s in ("account:okta/u1", "account:chat/u1", "account:chat/u2", "ring:chat/u1")
        }
        alone = hr.build(run, "account:chat/u9")
    assert len(subjects) == 1 and len(alone["people"]) == 1 and alone["facts"] == []


def test_lines_with_barred_words_are_left_out_and_counted(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from mapae.reports import facts

    real = facts.signs
    monkeypatch.setattr(
        facts,
        "signs",
        lambda run, who: [f.__class__(**{**f.__dict__, "says": "Speaks with an accent."}) for f in real(run, who)],
    )
    with OpenRun.last(space.root) as run:
        form = hr.build(run, "ring:chat/u1")
        assert form["left_out"] == 8 and "accent" not in str(form)
        assert hr.build(run, "ring:chat/u1", form="counsel")["left_out"] == 0


def test_a_mask_covers_values_and_no_parts_of_words() -> None:
    mask = plain.Mask({"Ann Example": "person 1", "ann@example.org": "", "10.0.0.7": "", "ab": ""})
    assert mask("ann example wrote to ANN@example.org from 10.0.0.7") == "person 1 wrote to [masked] from [masked]"
    assert mask("Joann Examples, 110.0.0.71, about") == "Joann Examples, 110.0.0.71, about"
    assert plain.plain("on 80 % of days") == "on 80 of 100 of days"


def test_the_command_masks_by_default_and_refuses_empty_purposes_and_values_in_them(
    space: Workspace, tmp_path: Path
) -> None:
    told = call("case", "okta/u1", space.root, "--for", "hr", "--html", "--out", tmp_path)
    assert told.code == 0 and told.out.strip().endswith("-hr-masked.html") and "--purpose" in told.err
    before = len(ledger.read(space.ledger).lines)
    told = call("case", "okta/u1", space.root, "--for", "hr", "--purpose", "x", "--out", tmp_path)
    assert told.code == 2 and "says in a few words" in told.err
    told = call("case", "okta/u1", space.root, "--for", "hr", "--purpose", "look at ann@example.org", "--out", tmp_path)
    assert told.code == 2 and "e-mail" in told.err
    assert len(ledger.read(space.ledger).lines) == before
    told = call("case", "okta/u1", space.root, "--purpose", "a talk", "--out", tmp_path)
    assert told.code == 2 and "--for hr" in told.err
    told = call("case", "party:nobody", space.root, "--for", "hr", "--out", tmp_path)
    assert told.code == 1 and "found nothing about party:nobody" in told.err
    told = call("case", "person:101", space.root, "--for", "counsel", "--purpose", "legal review", "--out", tmp_path)
    assert told.code == 0 and told.out.strip().endswith("-counsel.html")
    told = call("case", "okta/u1", space.root, "--html", "--out", tmp_path)
    assert told.code == 0 and told.out.strip().endswith(".html") and not list(tmp_path.glob("*.json"))


def test_persons_are_joined_as_the_run_joined_them(space: Workspace) -> None:
    with OpenRun.last(space.root) as run:
        (one,) = people.of(run, "person:109")
        assert one.accounts == ("chat/u9", "okta/u9") and one.person_id == "109"
        assert len(people.of(run, "ring:chat/u1")) == 4 and people.everybody(run) == PEOPLE
