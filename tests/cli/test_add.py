"""add and declare: files as people hold them, what is said of each, joins to people, and what is declared."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from small import call, key_in

from mapae.store import ledger, workspace
from mapae.store.runs import OpenRun
from mapae.store.verify import verify


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with key_in(tmp_path_factory.mktemp("key")):
        yield


def okta_event(n: int, user: str, email: str, ip: str, day: int) -> dict[str, object]:
    """One simulated successful sign-in in Okta's layout."""
    return {
        "uuid": f"00000000-0000-0000-0000-{n:012d}",
        "published": f"2026-10-{day:02d}T08:00:{n % 60:02d}.000Z",
        "eventType": "user.session.start",
        "actor": {"id": user, "type": "User", "alternateId": email, "displayName": user},
        "client": {"ipAddress": ip, "geographicalContext": {"country": "United States", "state": "Ohio", "city": "Columbus"}},
        "outcome": {"result": "SUCCESS"},
    }  # fmt: skip


def write_okta(path: Path, people: int = 6, days: int = 10) -> None:
    events = [
        okta_event(100 * day + p, f"00u{p}", f"p{p}@acme.example", "198.51.100.7" if day % 4 else f"192.0.2.{p}", day)
        for day in range(1, days + 1)
        for p in range(people)
    ]
    path.write_text(json.dumps(events))


def write_hr(path: Path, people: int = 4) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Employee ID", "Work Email", "Name", "Worker Type", "Hire Date", "Home Address", "Home City", "Home State", "Home Country"])  # fmt: skip
        for p in range(people):
            writer.writerow([p, f"P{p}@ACME.example", f"Person {p}", "Employee", "2026-01-05", f"{p} Main St", "Columbus", "Ohio", "United States"])  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    call("init", tmp_path / "acme")
    write_okta(tmp_path / "export.json")
    write_hr(tmp_path / "employees.csv")
    return tmp_path


def test_a_log_and_a_register_are_known_by_content_and_joined_by_e_mail(home: Path) -> None:
    told = call("add", "--dir", home / "acme", "--quiet", home / "export.json", home / "employees.csv")
    assert told.code == 0 and told.err == ""
    assert "export.json: Okta System Log" in told.out and "60 records, 1 Oct 2026 to 10 Oct 2026" in told.out
    assert "sign_ins 60 (60 success)" in told.out
    assert "joined 4 of 6 okta logins to the 4 people of the register, 4 of them by e-mail" in told.out
    assert "2 logins without a person: unmatched.csv" in told.out
    rows = list(csv.DictReader((home / "acme" / "unmatched.csv").open()))
    assert [r["account_id"] for r in rows] == ["okta/00u4", "okta/00u5"] and {"no row" in r["why"] for r in rows} == {
        True
    }


def test_an_address_that_most_sign_ins_come_from_is_asked_about_and_not_guessed(home: Path) -> None:
    told = call("add", "--dir", home / "acme", "--quiet", home / "export.json", home / "employees.csv")
    assert "(198.51.100.7): corporate egress? mapae declare network 198.51.100.7" in told.out
    call("run", home / "acme", "--quiet")
    with OpenRun.last(home / "acme") as run:
        assert run.rows("select * from addresses where network_kind = 'corporate'") == []
    told = call("declare", "--dir", home / "acme", "network", "198.51.100.7", "--by", "it desk")
    assert told.code == 0 and "approved by it desk" in told.out
    call("run", home / "acme", "--quiet")
    with OpenRun.last(home / "acme") as run:
        assert [r["ip"] for r in run.rows("select ip from addresses where declared")] == ["198.51.100.7"]
    told = call("add", "--dir", home / "acme", "--quiet", home / "export.json")
    assert "corporate egress?" not in told.out


def test_a_file_added_twice_lies_there_once(home: Path) -> None:
    for _ in range(2):
        told = call("add", "--dir", home / "acme", "--quiet", home / "export.json")
    assert "lies in inputs/ already" in told.out
    assert [p.name for p in (home / "acme" / "inputs").iterdir()] == ["export.json"]


def test_another_file_of_the_same_name_lies_beside_it_and_days_exported_twice_count_once(home: Path) -> None:
    call("add", "--dir", home / "acme", "--quiet", home / "export.json")
    (home / "later").mkdir()
    write_okta(home / "later" / "export.json", days=12)
    told = call("add", "--dir", home / "acme", "--quiet", home / "later" / "export.json")
    assert "12 kept" in told.out.replace(",", "") or "sign_ins 12 (" in told.out
    assert sorted(p.name for p in (home / "acme" / "inputs").iterdir()) == ["export.json", "export.v002.json"]


def test_an_unknown_file_gets_a_mapping_with_guesses_and_the_lines_to_confirm(home: Path) -> None:
    (home / "leute.csv").write_text(
        "Personalnummer;E-Mail;Eintritt;Wohnort\n1;a@acme.example;03/04/2026;Columbus\n2;b@acme.example;05/06/2026;Dayton\n"
    )
    told = call("add", "--dir", home / "acme", "--quiet", home / "leute.csv")
    assert "unknown layout, 4 columns: wrote mappings/leute.yml" in told.out and "Please confirm" in told.out
    assert (home / "acme" / "mappings" / "leute.yml").exists()


def test_a_cut_export_keeps_its_whole_records_and_says_where_it_ends(home: Path) -> None:
    text = (home / "export.json").read_text()
    (home / "cut.json").write_text(text[: len(text) // 2])
    told = call("add", "--dir", home / "acme", "--quiet", home / "cut.json", home / "employees.csv")
    assert told.code == 0 and "1 rejected" in told.out and "joined 4 of" in told.out


def test_a_file_that_is_not_there_is_one_clear_error_and_the_others_go_on(home: Path) -> None:
    told = call("add", "--dir", home / "acme", "--quiet", home / "nowhere.json", home / "employees.csv")
    assert "nowhere.json" in told.err and "employees.csv: HR register" in told.out and "Traceback" not in told.err


def test_a_log_alone_says_that_a_register_is_missing(home: Path) -> None:
    told = call("add", "--dir", home / "acme", "--quiet", home / "export.json")
    assert "no register of people" in told.out


def test_declarations_are_rows_of_an_input_and_lines_of_the_ledger(home: Path) -> None:
    space = workspace.find(home / "acme")
    call(
        "declare", "--dir", home / "acme", "travel", "7", "--from", "2026-05-01", "--until", "2026-05-09", "--by", "hr"
    )
    call("declare", "--dir", home / "acme", "household", "7", "8", "--by", "hr")
    rows = [json.loads(line) for line in (space.inputs / "declared.mapae.jsonl").read_text().splitlines()]
    assert [(r["kind"], r["subject"], r["approved_by"]) for r in rows] == [
        ("travel", "7", "hr"),
        ("household", "7", "hr"),
    ]
    assert rows[1]["with_whom"] == ["8"]
    assert [line.act["kind"] for line in ledger.read(space.ledger).lines if line.act.get("what") == "declared"] == ["travel", "household"]  # fmt: skip
    assert call("run", home / "acme", "--quiet").code == 0 and verify(space).faults == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["network", "office"], "no address and no network"),
        (["household", "7"], "at least two members"),
        (["travel", "7", "--from", "1.5.2026"], "no day of ISO 8601"),
        (["travel", "7", "--from", "2026-05-09", "--until", "2026-05-01"], "end before it begins"),
        (["team", "a@acme.example", "b@acme.example"], "only after a first run"),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused_in_words(home: Path, arguments: list[str], says: str) -> None:
    told = call("declare", "--dir", home / "acme", *arguments)
    assert told.code == 2 and says in told.err
    assert not list((home / "acme" / "inputs").iterdir())


def test_a_work_e_mail_declares_the_person_who_carries_it(home: Path) -> None:
    call("add", "--dir", home / "acme", "--quiet", home / "export.json", home / "employees.csv")
    call("run", home / "acme", "--quiet")
    told = call("declare", "--dir", home / "acme", "travel", "p1@acme.example")
    assert told.code == 0 and "travel hr/1" in told.out
