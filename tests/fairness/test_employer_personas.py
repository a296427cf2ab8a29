"""A simulated firm of plain people and of those whom single signs point at: nobody honest reaches review (R20).

Whoever has declared what explains a sign is no alert either. Who has not and is one, is named in ``ASKED`` with the
reason. All records are invented.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import personas
import pytest
from personas import HANDS, TOLD
from simulated_firm import DAYS, Said, instant, write
from small import Rows, key_in

MADE = personas.firm()
HONEST = [name for name in MADE.people if not name.startswith(("plain_", *HANDS))]

# Honest people who are asked although nobody is at fault, since their records say nothing else than those of others
# that are not: each goes away with a declaration or a check (see the personas that end in ``told``).
ASKED = {
    "two_clients": "two tools of remote control that nobody approved, on one machine; a client of one's own looks so",
    "remote_desktop": "remote control on most days, two tools of it, and never a camera, and nobody has heard why",
    "survivor_with_forwarded_mail": "a parcel sent to another state than register and papers have, and sent on from there",
    "moved_in_from_afar_a": "one home line and two registers' states: also what a laptop's host looks like",
    "moved_in_from_afar_b": "one home line and two registers' states: also what a laptop's host looks like",
    "newly_together_from_afar_a": "one home line, one telephone, one bank account, and two states in the register",
    "newly_together_from_afar_b": "one home line, one telephone, one bank account, and two states in the register",
    "victim_of_identity_theft": "an applicant gives this person's papers and number: the case is about that applicant",
    **{f"small_agency_{n}": "one line and one pay account for five who live apart, and no declared team" for n in range(5)},
}  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with key_in(tmp_path_factory.mktemp("key")):
        yield


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Said:
    return Said(write(tmp_path_factory.mktemp("firm") / "w", MADE), MADE)


def alerts(said: Said) -> set[str]:
    return {name for name, case in said.of.items() if case.centibits >= said.least or case.nexus}


def test_everybody_is_assessed_once(said: Said) -> None:
    assert set(said.of) == set(MADE.people)


@pytest.mark.parametrize("name", HONEST)
def test_nobody_honest_reaches_review(said: Said, name: str) -> None:
    assert said.of[name].verdict != "yes"
    assert not said.of[name].nexus


@pytest.mark.parametrize("name", [name for name in HONEST if name not in ASKED])
def test_whoever_declared_it_or_shows_little_is_no_alert(said: Said, name: str) -> None:
    assert said.of[name].centibits < said.least, said.rules(name)


@pytest.mark.parametrize("name", [name for name in HONEST if TOLD in name.split("_")])
def test_what_is_declared_speaks_for_rather_than_against(said: Said, name: str) -> None:
    assert said.of[name].centibits < 0


def test_of_the_plain_people_none_is_an_alert(said: Said) -> None:
    assert not [name for name in alerts(said) if name.startswith("plain_")]


def test_whoever_is_asked_though_honest_is_known(said: Said) -> None:
    assert {name for name in alerts(said) if not name.startswith(HANDS)} <= set(ASKED)


# ---- a gateway that nobody has declared is asked about, and is no sign of anybody


def test_a_gateway_that_nobody_declared_raises_nobody(said: Said) -> None:
    behind = [f"plain_{n}" for n in range(0, personas.PLAIN, 5)]
    assert not {"behind_a_gateway", *behind} & alerts(said)


# ---- pairs that one hand runs, on clean lines and genuine papers


@pytest.mark.parametrize("pair", HANDS)
def test_two_under_one_hand_are_linked_behind_clean_lines_and_genuine_papers(said: Said, pair: str) -> None:
    case = said.of[f"{pair}_a"]
    assert case is said.of[f"{pair}_b"] and len(case.people) == 2
    assert "control" in case.families and case.centibits >= said.least


def test_pairs_under_one_hand_lead_the_queue(said: Said) -> None:
    place = {case.ref: n for n, case in enumerate(said.cases)}
    last = max(place[said.of[f"{pair}_a"].ref] for pair in HANDS)
    before = {name for name, case in said.of.items() if place[case.ref] <= last and not name.startswith(HANDS)}
    assert last < 2 * len(HANDS)
    assert before <= set(ASKED)


# ---- whoever was hired has applied before, often under a private mailbox that no file joins to the person


def test_having_applied_under_a_private_mailbox_is_no_alert(tmp_path: Path) -> None:
    made = personas.firm()
    hired = personas.applicants(made)
    found = Said(write(tmp_path / "w", made), made)
    assert not [name for name in hired if found.of[name].verdict == "yes"]
    assert not alerts(found) & set(hired)


# ---- other names and origins, the same deeds

CULTURES = (("KR", "ko-KR;ko", "Ha-eun", "Kwon"), ("CN", "zh-CN;zh", "小明", "王"), ("VN", "vi-VN;vi", "Hương", "Nguyễn Thị"),
            ("NG", "en-NG;yo", "Olúwaṣeun", "Adébáyọ̀"), ("US", "en-US;en", "Emily", "Richardson"))  # fmt: skip


def exchanged(made: dict[str, Rows]) -> None:
    """Everybody bears another name and mailbox, has other papers and languages, and is of another age."""
    mails: dict[str, str] = {}
    for row in made["accounts"]:
        # The mailbox decides, so that all accounts of one person go on being those of one person.
        at = list(mails).index(row["email"]) if row["email"] in mails else len(mails)
        country, _, given, family = CULTURES[at % len(CULTURES)]
        local, domain = row["email"].split("@")
        mails.setdefault(row["email"], f"{'zmkyaq'[at % 6]}{at}.{given.encode().hex()[:6]}@{domain}")
        row |= {"email": mails[row["email"]], "display_name": f"{given} {family}", "legal_name": f"{family} {given} {at}", "nationality_declared": country,
                "date_of_birth": f"{1950 + at * 7 % 50}-0{1 + at % 9}-11"}  # fmt: skip
        if row.get("id_document_country") and "applicant" not in row["kind"] and "victim" not in local:
            row["id_document_country"] = country
    for n, row in enumerate(made["sign_ins"]):
        row["browser_languages"] = CULTURES[int(row["account_id"].split("/")[1]) % len(CULTURES)][1] if n else "ko-KR"
    for row in made["applications"]:
        row |= {"email": mails[row["email"]], "applicant_name": "Kwon Ha-eun"}
    for row in made["payouts"]:
        row["destination_name"] = "Nguyễn Thị Hương"


def test_names_and_origins_exchanged_change_not_one_bit(said: Said, tmp_path: Path) -> None:
    found = Said(write(tmp_path / "w", MADE, exchanged), MADE).found
    assert all(said.found.values())  # each kind has something to compare
    for kind, listed in said.found.items():
        assert found[kind] == listed, kind


# ---- somebody else tries passwords


def test_fifty_thousand_failed_sign_ins_from_forty_countries_change_not_one_bit(said: Said, tmp_path: Path) -> None:
    letters = "ARAUBDBEBGBRCACLCNCOCZDEEGESFIFRGBGRHKHUIDILINIRITJPKPKRLAMXNGNLPKPLRORUTRUAVNZA"
    countries = [letters[n : n + 2] for n in range(0, 80, 2)]
    assert len(set(countries)) == 40
    space = write(tmp_path / "w", MADE)
    honest = f"okta/{MADE.number('plain_7')}"
    with (space.inputs / "sign_ins.attack.jsonl").open("w", encoding="utf-8") as file:
        for n in range(50_000):
            row = {"event_id": f"x{n}", "account_id": honest, "happened_at": instant(n % DAYS, n % 24, n % 60), "outcome": "failure", "country": countries[n % 40],
                   "ip": f"{60 + n % 40}.{n % 251}.{n // 251}.9", "network_kind": "residential", "device_id": f"strange-{n % 900}"}  # fmt: skip
            file.write(json.dumps(row) + "\n")
    found = Said(space, MADE)
    for kind, listed in said.found.items():
        assert found.found[kind] == listed, kind
