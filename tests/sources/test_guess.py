"""Guessed mappings: they load, nothing in doubt goes into a record, and what is in doubt is asked with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapae.model.errors import InputRefused
from mapae.rules import load
from mapae.rules.kinds import load_catalogue
from mapae.sources.guess import Guess, guess
from mapae.sources.guess_dates import Days
from mapae.sources.guess_text import flow, scalar
from mapae.sources.layout import Rows
from mapae.sources.mapping import Mapping, load_mapping, shipped

CATALOGUE = load_catalogue()
PEOPLE = """Employee ID,First Name,Last Name,Work Email,Worker Type,Hire Date,Job Title,Home Street Address,Home City,Home State,Home Zip,Mobile Phone,Manager ID,Gender
1001,Ada,Example,ada@acme.example,Full-Time,03/04/2026,Engineer,1 Elm Street,Salem,MA,01970,(212) 555-0100,1000,F
1002,Bo,Example,bo@acme.example,Contractor,05/06/2026,Engineer,2 Elm Street,Austin,TX,73301,(212) 555-0101,1000,M
1003,Cy,Example,cy@acme.example,Full-Time,07/08/2026,Engineer,3 Elm Street,Austin,TX,73301,(212) 555-0102,1000,F
"""


def guessed(folder: Path, text: str, name: str = "people.csv") -> tuple[Guess, Mapping, Rows]:
    """The guess for a file, the mapping that it loads as, and the rows that the mapping gives."""
    path = folder / name
    path.write_bytes(text.encode())
    made = guess(path, CATALOGUE, employer="Acme, Inc.")
    return made, *loaded(folder, path, made)


def loaded(folder: Path, path: Path, made: Guess) -> tuple[Mapping, Rows]:
    written = folder / "guessed.yml"
    written.write_text(made.text, "utf-8")
    mapping = load_mapping(written, CATALOGUE)
    beginning = path.read_bytes()[:65536].decode("utf-8", "replace")
    assert mapping.recognises(path, beginning)
    return mapping, [row for event in mapping.events(path) for row in event.rows]


def cells(rows: Rows, table: str) -> list[dict[str, str | None]]:
    return [c for t, c in rows if t == table]


def test_a_register_of_people_is_read_and_three_lines_are_asked_about(tmp_path: Path) -> None:
    made, mapping, rows = guessed(tmp_path, PEOPLE)
    assert (made.table, made.columns, made.usable) == ("employees", 14, True)
    assert made.questions == ("Hire Date: month first? (03/04/2026)", "Home City: is that where they work?")
    first, person = cells(rows, "accounts")[0], cells(rows, "employees")[0]
    assert first["account_id"] == "acme-inc-hr/1001" and first["email"] == "ada@acme.example"
    assert first["legal_name"] == "Ada Example" and "created_at" not in first and "claimed_city" not in first
    assert person["home_address"] == "1 Elm Street, Salem, MA, 01970" and "hired_on" not in person
    assert [c["kind"] for c in cells(rows, "accounts")] == ["employee", "contractor", "employee"]
    assert mapping.questions  # still to be confirmed, and usable all the same
    assert "Gender" in made.text and "{from: Gender" not in made.text


def test_questions_name_their_lines(tmp_path: Path) -> None:
    made, mapping, _ = guessed(tmp_path, PEOPLE)
    lines = made.text.splitlines()
    for entry in mapping.data["confirm"]:
        assert lines[int(entry["line"]) - 1].endswith(f"# confirm: {entry['question']}")
    assert sum("# confirm:" in line for line in lines) == len(mapping.data["confirm"])


def test_a_confirmed_line_is_used(tmp_path: Path) -> None:
    made, _, _ = guessed(tmp_path, PEOPLE)
    written = tmp_path / "confirmed.yml"
    written.write_text(made.text.replace("# hired_on:", "hired_on:").split("confirm:\n")[0])
    event = next(iter(load_mapping(written, CATALOGUE).events(tmp_path / "people.csv")))
    assert cells(event.rows, "employees")[0]["hired_on"] == "2026-03-04"


def test_one_day_after_the_twelfth_settles_the_whole_column(tmp_path: Path) -> None:
    made, _, rows = guessed(tmp_path, PEOPLE.replace("07/08/2026", "07/28/2026"))
    assert [c["hired_on"] for c in cells(rows, "employees")] == ["2026-03-04", "2026-05-06", "2026-07-28"]
    assert made.questions == ("Home City: is that where they work?",)
    _, _, rows = guessed(tmp_path, PEOPLE.replace("07/08/2026", "28/07/2026"))
    assert [c["hired_on"] for c in cells(rows, "employees")] == ["2026-04-03", "2026-06-05", "2026-07-28"]


def test_a_column_that_contradicts_itself_is_asked_about(tmp_path: Path) -> None:
    made, _, rows = guessed(tmp_path, PEOPLE.replace("07/08/2026", "28/07/2026").replace("03/04/2026", "03/28/2026"))
    assert any("Hire Date: month first?" in q for q in made.questions)
    assert "hired_on" not in cells(rows, "employees")[0]


def test_a_file_with_days_in_iso_8601_has_no_question_of_days_and_the_shipped_mapping_takes_it(tmp_path: Path) -> None:
    text = (
        PEOPLE.replace("03/04/2026", "2026-03-04")
        .replace("05/06/2026", "2026-05-06")
        .replace("07/08/2026", "2026-07-08")
    )
    made, _, rows = guessed(tmp_path, text)
    assert cells(rows, "employees")[0]["hired_on"] == "2026-03-04" and not any("month" in q for q in made.questions)
    text = text.replace("(212) 555-", "+1 212 555 ")
    path = tmp_path / "people.csv"
    generic = next(m for m in shipped(CATALOGUE) if m.name == "hr_generic")
    path.write_text(text)
    assert generic.recognises(path, text)
    path.write_text(PEOPLE)
    assert not generic.recognises(path, PEOPLE)  # its days are in doubt: it is asked about instead


def test_words_that_are_not_known_are_asked_about(tmp_path: Path) -> None:
    made, _, rows = guessed(tmp_path, PEOPLE.replace("Contractor", "Gig"))
    assert any("Gig" in q for q in made.questions)
    assert [c["kind"] for c in cells(rows, "accounts")] == ["employee", None, "employee"]


def test_titles_marks_semicolons_blank_lines_and_twins_are_read(tmp_path: Path) -> None:
    text = (
        "\ufeffEmployee Roster;;;;\nAs of 24.11.2026;;;;\n;;;;\nPersonnel Number;Name;Name;E-Mail;Joining Date \n"
        "7;Ada;Example;ada@acme.example;25.03.2026\n;;;;\n8;Bo;Example;bo@acme.example;04.03.2026\n8;Bo;Example;bo@acme.example;04.05.2026\n"
    )
    made, _, rows = guessed(tmp_path, text)
    assert (made.table, made.columns) == ("employees", 5)
    assert made.questions == ("Name: the file has several columns of this name; is the first meant?",)
    assert "Some people stand in several rows (Personnel Number)" in made.text
    assert [c["hired_on"] for c in cells(rows, "employees")] == ["2026-03-25", "2026-03-04", "2026-05-04"]


def test_a_misspelt_header_is_taken_and_asked_about(tmp_path: Path) -> None:
    made, _, rows = guessed(tmp_path, "Emplyee ID,Work Email,Job Title\n7,a@acme.example,Engineer\n")
    assert made.questions == ("is Emplyee ID meant as employee id?",) and made.usable
    assert cells(rows, "accounts")[0]["person_id"] == "7"


def test_a_table_without_headers_gets_names_and_questions(tmp_path: Path, shared: Path) -> None:
    path = shared / "logs" / "hr" / "adventureworks_Employee.tsv"
    made = guess(path, CATALOGUE, employer="acme")
    _, rows = loaded(tmp_path, path, made)
    assert (made.table, made.columns, made.usable) == ("employees", 16, False)
    assert len(cells(rows, "employees")) == 290
    assert "column1: is this the number of the person?" in made.questions
    assert "column10: is that the first day of work? (2009-01-14)" in made.questions
    assert all("hired_on" not in c for c in cells(rows, "employees"))


@pytest.mark.parametrize(
    ("name", "text", "table", "usable"),
    [
        (
            "logins.csv",
            "User,Email,IP Address,Login Time (UTC),Status\nu,a@x.io,192.0.2.1,2026-03-04 10:00:00,Failed\n",
            "sign_ins",
            True,
        ),
        ("logins.csv", "User,IP Address,Login Time\nu,192.0.2.1,2026-03-04 10:00:00\n", "sign_ins", False),
        ("logins.csv", "User,IP Address,Login Time\nu,192.0.2.1,03/04/2026 10:00:00\n", "sign_ins", False),
        (
            "desk.csv",
            "Order Number,Assigned To,Ship Date,Model,Ship To Street,Ship To City\nO1,a@x.io,2026-03-04,L,1 Elm,Salem\n",
            "equipment",
            True,
        ),
        (
            "pay.csv",
            "Payment ID,Payee ID,Payment Date,Amount,Currency,Method,IBAN\nP1,7,2026-03-04T10:00:00Z,10.50,USD,Wire,X1\n",
            "payouts",
            True,
        ),
        (
            "ats.csv",
            "Application ID,Candidate Email,Applied At,Candidate Name\n1,a@x.io,2026-03-04T10:00:00Z,Ada\n",
            "applications",
            True,
        ),
        (
            "apps.csv",
            "DeviceName,EmailAddress,ApplicationName,ApplicationVersion\nL1,a@x.io,Remote,7\n",
            "endpoint_facts",
            False,
        ),
        (
            "staff.json",
            '[{"employeeId": 7, "profile": {"workEmail": "a@x.io", "firstName": "Ada"}, "hireDate": "2026-03-04"}]',
            "employees",
            True,
        ),
    ],
)
def test_each_kind_of_file_finds_its_table(tmp_path: Path, name: str, text: str, table: str, usable: bool) -> None:
    made, _, rows = guessed(tmp_path, text, name)
    assert (made.table, made.usable) == (table, usable)
    if usable:
        assert cells(rows, table)
    else:
        assert made.questions


def test_moments_in_doubt_are_refused_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "logins.csv"
    path.write_text("User,IP Address,Login Time\nu,192.0.2.1,03/04/2026 10:00:00\n")
    written = tmp_path / "guessed.yml"
    written.write_text(guess(path, CATALOGUE, employer="acme").text)
    [event] = load_mapping(written, CATALOGUE).events(path)
    assert not event.rows and "day and month can be confused" in event.refused


def test_a_file_of_which_nothing_is_known_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("colour,shape\nred,round\n")
    with pytest.raises(InputRefused, match="Nothing in a file is known"):
        guess(path, CATALOGUE, employer="acme")


def days(*values: str) -> Days:
    made = Days()
    for value in values:
        made.add(value)
    return made


@pytest.mark.parametrize(
    ("values", "formats"),
    [
        (("2026-03-04", "2026-03-05T10:00:00Z"), ()),
        (("3/14/2026", "03/04/2026"), ("%m/%d/%Y",)),
        (("14.03.2026 10:00",), ("%d.%m.%Y %H:%M",)),
        (("3/14/2026 1:05:09 PM",), ("%m/%d/%Y %I:%M:%S %p",)),
        (("04-Mar-2026", "1-May-2026"), ("%d-%b-%Y",)),
        (("March 4, 2026",), ("%B %d, %Y",)),
        (("2026/3/4",), ("%Y/%m/%d",)),
        (("14/03/26",), ("%d/%m/%y",)),
        (("20260304",), ("%Y%m%d",)),
        (("1772359200", "1772359200000"), ("epoch",)),
        (("04/04/2026",), ("%m/%d/%Y",)),
    ],
)
def test_the_form_of_days_is_found(values: tuple[str, ...], formats: tuple[str, ...]) -> None:
    found = days(*values).found(named=True)
    assert found is not None and found.either is None and found.formats == formats


def test_numbers_alone_make_no_days_of_a_column_without_a_name() -> None:
    assert days("20260304", "20260305").found(named=False) is None
    assert days("red", "blue").found(named=True) is None


@given(st.text(max_size=20))
def test_every_text_comes_back_from_the_yaml_that_is_written(text: str) -> None:
    text = "".join(c for c in text if not "\ud800" <= c <= "\udfff")
    if text:
        assert load.load_text(f"a: {flow({'x': [text]})}") == {"a": {"x": [text]}}
        assert load.load_text(f"a: {scalar(text)}") == {"a": text}


WORDS = st.sampled_from(
    ["Employee ID", "Work Email", "Hire Date", "Name", "Status", "City", "x", "", "IP", "Date", "User", "1", "a#b: c"]
)
VALUES = st.sampled_from(
    ["", "7", "a@x.io", "03/04/2026", "2026-03-04", "Ada, B", 'qu"ote', "N/A", "192.0.2.1", "\u2028", "# x: {y"]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=6), st.data())
def test_whatever_is_guessed_loads(tmp_path: Path, header: list[str], data: st.DataObject) -> None:
    import csv

    path = tmp_path / "any.csv"
    rows = data.draw(st.lists(st.lists(VALUES, min_size=len(header), max_size=len(header)), min_size=1, max_size=4))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    try:
        made = guess(path, CATALOGUE, employer="acme")
    except InputRefused:
        return
    written = tmp_path / "guessed.yml"
    written.write_text(made.text, "utf-8")
    mapping = load_mapping(written, CATALOGUE)
    assert mapping.questions or made.usable
    assert len(list(mapping.events(path))) >= len([r for r in rows if any(c.strip() for c in r)])
