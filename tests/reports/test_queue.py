"""The queue says what it cannot see first, groups by case, and gives bits and words, no percentage (simulated records)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import pytest
from small import DAY, Rows, key_in, run, small

from mapae.casework import alerts, cases, outcomes
from mapae.casework.alerts import Alert, Board
from mapae.casework.history import Past
from mapae.casework.outcomes import Calibration
from mapae.reports import playbook, queue, reasons, why
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace

PEOPLE = 300


def employer(made: dict[str, Rows]) -> None:
    """Three hundred employees; the first two share a machine, a telephone, a paper and pay; they sign in from far apart and were hired nine days apart."""
    first = made["accounts"][0], [r for r in made["sign_ins"] if r["account_id"] == "a39"]
    made["accounts"] = [
        {**first[0], "account_id": f"a{i}", "person_id": f"p{i}", "email": f"person{i}@acme.example", "platform": "acme",
         "kind": "employee", "display_name": f"Person {i}", "legal_name": f"Person Number {i}", "id_document_number": f"D-{max(i, 1)}",
         "headline": f"works on things of kind {i}", "phone": f"+1512456{1000 if i < 2 else 2000 + i}"}
        for i in range(PEOPLE)
    ]  # fmt: skip
    made["employees"] = [
        {"person_id": f"p{i}", "employer_id": "acme", "hired_on": f"2026-02-{10 if i else 1:02d}", "home_country": "US",
         "worker_type": "employee", "pay_destination_id": f"acct-{0 if i < 2 else i}"}
        for i in range(PEOPLE)
    ]  # fmt: skip
    made["sign_ins"] = [
        {**row, "event_id": f"e{i}-{n}", "account_id": f"a{i}", "device_id": "d-shared" if i < 2 else f"d{i}",
         "ip": "198.51.100.7" if i < 2 else f"192.0.{i // 200}.{i % 200}",
         **({"country": "NG", "lat": "6.5", "lon": "3.4"} if i < 2 and n % 2 else {}),
         "remote_control": "true" if i < 2 else "false"}
        for i in range(PEOPLE) for n, row in enumerate(first[1])
    ]  # fmt: skip


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("queue")
    with key_in(folder / "key"):
        made = small(folder / "w", employer, lists=False, only=("accounts", "employees", "sign_ins"))
        made.settings_file.write_text("alerts_least_bits = 0\n")
        run(made)
        yield made


@pytest.fixture
def held(space: Workspace) -> Iterator[OpenRun]:
    with OpenRun.last(space.root) as opened:
        yield opened


@pytest.fixture
def board(held: OpenRun) -> Board:
    """A board on which the two are new, whatever they weigh."""
    case = cases.find(held, "account:a0")
    seen = alerts.board(held, today=DAY)
    return dataclasses.replace(seen, new=(Alert(case, Past(), ("first",)),), open=(), again=(), waiting=(), settled=())


def test_it_says_what_it_cannot_see_before_what_it_sees(held: OpenRun, board: Board) -> None:
    lines = queue.of(held, board).text.splitlines()
    assert re.match(r"can speak: \d+ of \d+ signs \(network \d+, device \d+, document 0", lines[0])
    assert lines[1].startswith(
        "blind to laptop farms behind clean homes unless two share a home or a phone; endpoint facts or "
    )
    assert lines[2].startswith("new, worst first (")


def test_signs_are_counted_that_have_an_answer_for_anybody(held: OpenRun) -> None:
    said = queue.can_speak(held)
    spoke, of = (int(n) for n in re.findall(r"(\d+) of (\d+) signs", said)[0])
    families = {f: int(n) for f, n in re.findall(r"(\w+) (\d+)[,)]", said)}
    assert sum(families.values()) == spoke <= of
    assert families["money"] == families["document"] == 0 < families["network"]


def test_the_head_counts_people_nexus_and_the_prior_of_the_door(held: OpenRun, board: Board) -> None:
    head = next(line for line in queue.of(held, board).text.splitlines() if line.startswith("new"))
    assert head == (
        "new, worst first (2 of 300 people; 0 with a nexus fact, which is normal; "
        f"{queue.prior_words(held, outcomes.calibration(held.space))})"
    )
    assert re.search(r"prior for employees assumed 1 in [\d,]+, not calibrated on your data\)$", head)


def test_two_people_are_one_line_with_bits_and_reasons(held: OpenRun, board: Board) -> None:
    told = queue.of(held, board)
    (line,) = [line for line in told.text.splitlines() if re.match(r" +1  ", line)]
    assert re.match(r" +1  two people, one case  [a-z ]+  [+-]\d+\.\d bits  ", line)
    assert "both: signed in from the same device, on 4 days each" in line
    assert "hired 9 days apart" in line
    assert re.search(r"\[\d+, both\]", line)
    assert "%" not in told.text


def test_a_number_of_the_list_leads_to_its_finding(held: OpenRun, board: Board) -> None:
    told = queue.of(held, board)
    assert len(told.listed) == 1
    kind, row = why.find(held, told.listed[0])
    assert kind == "assessment" and row["subject"] in ("account:a0", "account:a1")


def test_nobody_is_named_in_what_a_run_prints(held: OpenRun, board: Board) -> None:
    text = queue.of(held, board).text
    assert not re.search(r"account:|person:|@|Person|198\.51|d-shared", text)
    assert "ring:a0" in queue.alerts(held, board).text


def test_ten_lines_at_most_and_the_rest_is_counted(held: OpenRun, board: Board) -> None:
    many = dataclasses.replace(board, new=board.new * 12, waiting=board.new * 30)
    told = queue.of(held, many)
    assert len(told.listed) == 10 == len(re.findall(r"^ +\d+  ", told.text, re.M))
    assert "and 2 more new cases" in told.text and "30 wait" in told.text
    assert len(queue.alerts(held, many, all_=True).listed) == 42


def test_a_nexus_fact_stands_apart_and_adds_no_band(held: OpenRun, board: Board) -> None:
    case = dataclasses.replace(board.new[0].case, nexus=("0123456789abcdef",))
    lines = queue.of(
        held, dataclasses.replace(board, new=(Alert(case, Past(), ("first",)), *board.new))
    ).text.splitlines()
    at = lines.index("with a nexus fact (the second question, asked apart; it adds no bits):")
    assert "a nexus fact" in lines[at + 1] and "mapae why 01234567" in lines[at + 1]
    assert lines[at + 2] == "by the weight of their signs:"
    assert "1 with a nexus fact; asked apart, never weighed" in "\n".join(lines)


def test_nothing_new_is_said_in_a_line_and_what_is_open_is_counted(held: OpenRun, board: Board) -> None:
    quiet = dataclasses.replace(board, new=(), open=board.new, snoozed=board.new)
    text = queue.of(held, quiet).text
    assert "nothing new among 300 people" in text and "1 open (mapae alerts); 1 snoozed" in text


def test_a_percentage_stands_only_beside_enough_outcomes(board: Board) -> None:
    alert = board.new[0]
    assert "%" not in queue.weight(alert, Calibration(49, False, "not calibrated on your data"))
    assert queue.weight(alert, Calibration(50, True, "")).endswith(f"({alert.case.permille / 10:.1f} %)")


def test_a_case_raised_again_says_why_and_since_when(board: Board) -> None:
    case = board.new[0].case
    alert = Alert(case, Past(first="2026-05-01"), ("new family: money",))
    assert queue.again(alert) == "raised again: new family: money; first 2026-05-01"


def test_the_playbook_of_a_board_is_that_of_its_bands(held: OpenRun, board: Board) -> None:
    text = playbook.text(held, board)
    assert "For the record" in text or "Worth a look" in text or "Look first" in text
    assert "Everybody is asked" in text and "do not dismiss, ban or report on this list alone" in text
    empty = playbook.text(held, dataclasses.replace(board, new=()))
    assert all(title in empty for title in ("Look first", "Worth a look", "For the record", "A nexus fact"))


def test_a_sign_that_is_a_nexus_fact_is_told_as_one_and_not_again_as_a_sign(held: OpenRun, board: Board) -> None:
    case = board.new[0].case
    signs = [said for said in reasons.of(held, case) if said.endswith(", both]")]
    ids = tuple(i for family, held_ids in case.families.items() if family != "control" for i in held_ids)
    told = reasons.of(held, dataclasses.replace(case, nexus=ids))
    assert signs and told[: len(signs)] == [f"nexus fact: {said.partition(' [')[0]}" for said in sorted(signs)]
    assert not any(said.endswith("]") for said in told)


def test_applicants_have_two_questions_with_a_base_rate_each(held: OpenRun) -> None:
    assert held.manifest["settings"]["nexus_rate_applicant"] == 0.002915
    assert queue.second_question(held, "applicant") == " (for a link to the DPRK, asked apart, 1 in 343)"
    assert queue.second_question(held, "employee") == ""
