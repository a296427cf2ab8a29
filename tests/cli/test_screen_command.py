"""mapae screen: names, files, days and clearings over a small made-up list (FollowTheMoney, JSON Lines)."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from small import key_in

from mapae import pipeline
from mapae.cli import screen as command
from mapae.model.errors import MapaeError
from mapae.screening import screen_files
from mapae.screening.screen_files_write import Part
from mapae.screening.screener import Screener
from mapae.store import ledger, workspace
from mapae.store.verify import verify
from mapae.store.workspace import Workspace

NOW = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)


def ftm(id_: str, schema: str, **properties: str | list[str]) -> dict[str, Any]:
    made = {k: v if isinstance(v, list) else [v] for k, v in properties.items()}
    return {"id": id_, "schema": schema, "properties": made, "datasets": ["made_up"]}


def listed(id_: str, schema: str, **properties: str | list[str]) -> list[dict[str, Any]]:
    sanction = ftm(
        f"{id_}-s", "Sanction", entity=id_, program="SIM1", authority="Made-up Office", startDate="2020-01-01"
    )
    return [ftm(id_, schema, **properties), sanction]


ENTITIES = [
    *listed("sim-1", "Person", name="RI Yong Sim", birthDate="1966-02-10", nationality="kp", weakAlias="The Carpenter", passportNumber="PS4723101"),
    *listed("sim-2", "Organization", name="Korea Simulated Mining Corporation", country="kp", website="https://ksm.example"),
    *listed("sim-3", "Vessel", name="CHONG SIM 2", imoNumber="9187629"),
    *listed("sim-4", "Person", name="Abdul Rahman Yasin", email="ary@listed.example"),
    ftm("own-1", "Company", name="Onward Trading House"),
    ftm("own-2", "Company", name="Harbour Catering Works"),
    ftm("own-3", "Company", name="Unlisted Bakery Works"),
    ftm("h-1", "Ownership", owner="sim-1", asset="own-1", percentage="25"),
    ftm("h-2", "Ownership", owner="sim-2", asset="own-1", percentage="25"),
    ftm("h-3", "Ownership", owner="own-1", asset="own-2", percentage="51 %"),
    ftm("h-4", "Ownership", owner="sim-2", asset="own-3"),
]  # fmt: skip


def write(space: Workspace, entities: list[dict[str, Any]]) -> None:
    (space.inputs / "list.ftm.json").write_text("".join(json.dumps(e) + "\n" for e in entities), "utf-8")
    pipeline.run(space.root)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("screen")
    with key_in(folder / "key"):
        space = workspace.init(folder / "w")
        write(space, ENTITIES)
    return space


@pytest.fixture
def space(made: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(command, "now", lambda: NOW)
    monkeypatch.setenv("MAPAE_CONFIG", str(made.root.parent / "key"))
    yield made
    assert not verify(made).faults


class Told:
    def __init__(self, space: Workspace, *arguments: object) -> None:
        result = CliRunner().invoke(
            command.screen, [*map(str, arguments), "--workspace", str(space.root)], standalone_mode=False
        )
        problem = result.exception
        if problem and not isinstance(problem, MapaeError | click.ClickException):
            raise problem
        self.out, self.err = result.stdout, result.stderr + (str(problem) if problem else "")
        self.code = problem.exit_code if isinstance(problem, MapaeError | click.ClickException) else result.return_value


def found(space: Workspace, *arguments: object) -> list[dict[str, Any]]:
    told = Told(space, *arguments, "--json")
    assert told.code == 0, told.err
    matches: list[dict[str, Any]] = json.loads(told.out)["matches"]
    return matches


def test_a_name_comes_up_with_all_that_a_reviewer_needs(space: Workspace) -> None:
    told = Told(space, "Ri", "Yong-sim")
    assert told.code == 0 and "1 match among" in told.out
    for word in ("possible", "sim-1", "made_up", "SIM1", "Made-up Office", "by the primary name RI Yong Sim", "yong"):
        assert word in told.out
    assert Told(space, "Maria Garcia").code == 0 and "No match among" in Told(space, "Maria Garcia").out


def test_further_evidence_is_taken_from_the_options(space: Workspace) -> None:
    assert [m["level"] for m in found(space, "리용심", "--born", "1966-02-10", "--country", "North Korea")] == [
        "strong"
    ]
    assert [m["level"] for m in found(space, "--document", "PS 4723101")] == ["strong"]
    assert [(m["entry"], m["level"]) for m in found(space, "--imo", "IMO 9187629")] == [("sim-3", "exact")]
    assert [m["level"] for m in found(space, "--email", "ARY@listed.example")] == ["exact"]
    assert [m["level"] for m in found(space, "--domain", "ksm.example")] == ["strong"]
    assert found(space, "the carpenter") == [] and len(found(space, "the carpenter", "--born", "1966")) == 1
    assert found(space, "Chong Sim 2", "--schema", "company") == []


def test_what_listed_parties_own_comes_up_with_its_chain(space: Workspace) -> None:
    (direct,), (through,), (unknown,) = (
        found(space, n) for n in ("Onward Trading House", "Harbour Catering Works", "Unlisted Bakery Works")
    )
    assert direct["owned"] == through["owned"] == "owned by listed parties" and direct["level"] == "possible"
    assert "25 %; " in direct["why"][1] and "50 % known in all" in direct["why"][1]
    assert "Harbour Catering Works is owned by Onward Trading House (own-1): 51 %" in through["why"]
    assert unknown["owned"] == "owned in part by listed parties, share unknown" and "share unknown" in unknown["why"][1]


@pytest.mark.parametrize(
    "wrong",
    [
        (), ("RI Yong Sim", "--born", "03/02/1966"), ("RI Yong Sim", "--country", "Atlantis"), ("RI Yong Sim", "--schema", "Ghost"),
        ("--imo", "12"), ("--email", "nobody"), ("RI Yong Sim", "--as-of", "soon"), ("RI Yong Sim", "--reason", "x"),
        ("a", "b", "--out", "x.csv"), ("nowhere.csv", "--out", "x.csv"), ("RI Yong Sim", "--column", "name=a"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_with_a_remedy(space: Workspace, wrong: tuple[str, ...]) -> None:
    told = Told(space, *wrong)
    assert told.code in (1, 2) and "do:" in told.err


def test_a_clearing_is_remembered_and_opens_again_when_the_entry_changes_or_its_day_has_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "now", lambda: NOW)
    own = workspace.init(tmp_path / "w")
    write(own, ENTITIES)
    told = Told(
        own,
        "--not-this",
        "Ri Yong-Sim",
        "sim-1",
        "--reason",
        "another date of birth, seen in the file",
        "--by",
        "An",
        "--until",
        "2026-07-01",
    )
    assert told.code == 0 and "until 2026-07-01" in told.out
    (match,) = found(own, "SIM, Ri Yong")
    assert match["cleared"] == "An cleared it on 2026-06-01: another date of birth, seen in the file; until 2026-07-01"
    assert "cleared (possible)" in Told(own, "Ri Yong Sim").out
    lines = [line.act for line in ledger.read(own.ledger).lines if line.act["act"] == "clearing"]
    assert len(lines) == 1 and "yong" not in json.dumps(lines).lower()
    assert not verify(own).faults

    assert found(own, "Ri Yong Sim", "--born", "1966-02-10")[0]["cleared"] == ""  # more agrees than when it was cleared
    monkeypatch.setattr(command, "now", lambda: NOW.replace(month=7, day=2))
    (match,) = found(own, "Ri Yong Sim")
    assert match["cleared"] == "" and "that ended after 2026-07-01" in match["why"][-1]

    monkeypatch.setattr(command, "now", lambda: NOW)
    write(own, [*ENTITIES, ftm("sim-1", "Person", alias="Ri Ryong Sim")])
    (match,) = found(own, "Ri Yong Sim")
    assert match["cleared"] == "" and "has changed since" in match["why"][-1]
    assert Told(own, "--not-this", "Ri Yong Sim", "sim-1", "--reason", "another trade", "--by", "Bo").code == 0
    assert found(own, "Ri Yong Sim")[0]["cleared"].startswith("Bo cleared it")
    assert Told(own, "--not-this", "Ri Yong Sim", "sim-1", "--withdraw", "--by", "Bo").code == 0
    assert found(own, "Ri Yong Sim")[0]["cleared"] == ""


@pytest.mark.parametrize(
    "wrong",
    [
        ("RI Yong Sim", "sim-1"), ("RI Yong Sim", "sim-2", "--reason", "another"), ("RI Yong Sim", "sim-1", "--reason", "write to a@b.example"),
        ("RI Yong Sim", "sim-1", "--reason", "this Yong is ours"), ("RI Yong Sim", "sim-1", "--reason", "x", "--until", "2020-01-01"),
    ],
)  # fmt: skip
def test_a_clearing_needs_a_match_and_a_reason_without_personal_data(space: Workspace, wrong: tuple[str, ...]) -> None:
    told = Told(space, "--not-this", *wrong, "--by", "An")
    assert told.code == 2 and "do:" in told.err
    assert not [line for line in ledger.read(space.ledger).lines if line.act["act"] == "clearing"]


ROWS = [
    ["Customer Name", "DOB", "Country", "IMO", "memo"],
    ["Ri Yong Sim", "1966-02-10", "KP", "", "one; two"],
    ["Maria Garcia", "soon", "Spain", "", 'with "marks"'],
    ["", "", "", "9187629", ""],
    ["", "", "", "", "nothing"],
    ["Abdulrahman Yasin", "", "Atlantis", "", "x"],
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(ROWS)
    return path


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    with path.open(encoding="utf-8", newline="") as held:
        return list(csv.DictReader(held))


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_every_row_comes_back_in_order_with_its_best_match(space: Workspace, file: Path, ending: str) -> None:
    out = file.with_name(f"out.{ending}")
    told = Told(space, file, "--out", out)
    assert (
        told.code == 0
        and "5 rows screened" in told.out
        and "Customer Name as name; DOB as birth date" in told.err.replace("Columns taken: ", "")
    )
    rows = read(out)
    assert [[row[head] for head in ROWS[0]] for row in rows] == ROWS[1:]
    assert [row["entry"] for row in rows] == ["sim-1", "", "sim-3", "", "sim-4"]
    assert [row["level"] for row in rows] == ["strong", "", "exact", "", "possible"]
    assert [row["match"] for row in rows] == ["yes", "", "yes", "", "yes"] and rows[0]["list"] == "made_up"
    assert float(rows[0]["bits"]) > 10 and rows[1]["bits"] in ("", None)
    problems = [row["problem"] for row in rows]
    assert (
        problems[0] == problems[2] == ""
        and "birth date 'soon'" in problems[1]
        and "nothing to screen by" in problems[3]
    )
    assert "'Atlantis'" in problems[4]
    again = out.with_name("again." + ending)
    assert Told(space, out, "--out", again, "--column", "name=Customer Name").code == 0
    assert [row["mapae_entry"] for row in read(again)] == [row["entry"] for row in rows]
    assert sorted(p.name for p in file.parent.iterdir()) == sorted(["customers.csv", out.name, again.name])


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_killed_screening_goes_on_where_it_was(
    space: Workspace, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["Ri Yong Sim", "Maria Garcia", "Abdulrahman Yasin", "Somebody Else", "Korea Simulated Mining Co., Ltd."]
    file, out, whole = tmp_path / "in.csv", tmp_path / f"out.{ending}", tmp_path / f"whole.{ending}"
    file.write_text("name\n" + "".join(f"{names[i % 5]}\n" for i in range(95)), "utf-8")
    monkeypatch.setattr(screen_files, "_BLOCK", 20)
    assert Told(space, file, "--out", whole).code == 0
    real, asked = Part.add, Screener.screen_many
    screened: list[int] = []

    def add(part: Part, rows: list[list[Any]]) -> int:
        if len(screened) == 3:
            part._append(b"torn")
            raise KeyboardInterrupt
        return real(part, rows)

    def count(made: Screener, queries: Any) -> Any:
        screened.append(len(queries))
        return asked(made, queries)

    monkeypatch.setattr(Screener, "screen_many", count)
    monkeypatch.setattr(Part, "add", add)
    with pytest.raises((KeyboardInterrupt, click.Abort)):
        Told(space, file, "--out", out)
    assert not out.exists() and (tmp_path / f"out.{ending}.part.state").exists()
    monkeypatch.setattr(Part, "add", real)
    told = Told(space, file, "--out", out)
    assert told.code == 0 and "Continued after 40 rows" in told.err and screened == [20, 20, 20, 20, 20, 15]
    assert read(out) == read(whole) and len(read(out)) == 95
    assert not [p for p in tmp_path.iterdir() if "part" in p.name]


def test_a_part_of_another_question_is_begun_anew(space: Workspace, tmp_path: Path) -> None:
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text("name\nRi Yong Sim\n", "utf-8")
    (tmp_path / "out.csv.part").write_text("rubbish", "utf-8")
    (tmp_path / "out.csv.part.state").write_text('{"recipe": "other", "bytes": 3, "done": {"rows": 1}}', "utf-8")
    told = Told(space, file, "--out", out)
    assert told.code == 0 and "Continued" not in told.err and len(read(out)) == 1


def test_bad_rows_are_kept_with_their_reason(space: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(
        b'name;country\nRi Yong Sim;kp;more;cells\nAbdul Rahman Yasin\nJos\xe9 P\xe9rez;es\n\n"RI\nYong Sim";kp\n'
    )
    assert Told(space, file, "--out", tmp_path / "out.csv").code == 0
    rows = read(tmp_path / "out.csv")
    assert [row["entry"] for row in rows] == ["sim-1", "sim-4", "", "sim-1"]
    assert [bool(row["problem"]) for row in rows] == [True, True, True, False]
    assert "line 2: 4 cells under 2 heads" in rows[0]["problem"] and "not UTF-8" in rows[2]["problem"]
    lines = tmp_path / "bad.jsonl"
    lines.write_text('{"name": "Ri Yong Sim"}\n{broken\n[1]\n{"other": 1, "name": ["Abdul Rahman Yasin"]}\n', "utf-8")
    assert Told(space, lines, "--out", tmp_path / "out.jsonl").code == 0
    rows = read(tmp_path / "out.jsonl")
    assert [row["entry"] for row in rows] == ["sim-1", "", "", "sim-4"] and "line 2: no JSON" in rows[1]["problem"]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.csv", b"", "no columns"), ("a.csv", b"colour,shape\nred,round\n", "--column name="), ("a.xlsx", b"PK", "are not screened"),
        ("a.parquet", b"no parquet", "cannot be read"), ("a.csv", b"name\0\n", "is no text"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_screened_is_refused_with_a_remedy(
    space: Workspace, tmp_path: Path, name: str, data: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(data)
    told = Told(space, tmp_path / name, "--out", tmp_path / "out.csv")
    assert told.code in (1, 2) and says in told.err and "do:" in told.err and name in told.err
    told = Told(space, tmp_path / name, "--out", tmp_path / "out.pdf")
    assert told.code == 1 and "do:" in told.err


UN = """<CONSOLIDATED_LIST dateGenerated="{day}T00:00:00Z"><INDIVIDUALS>{people}</INDIVIDUALS><ENTITIES/></CONSOLIDATED_LIST>"""
PERSON = """<INDIVIDUAL><DATAID>{id}</DATAID><FIRST_NAME>{name}</FIRST_NAME><UN_LIST_TYPE>DPRK</UN_LIST_TYPE>
<REFERENCE_NUMBER>KPi.{id}</REFERENCE_NUMBER><LISTED_ON>2020-01-01</LISTED_ON></INDIVIDUAL>"""


def test_as_of_screens_against_the_lists_of_that_day(tmp_path: Path) -> None:
    own = workspace.init(tmp_path / "w")
    for day, people in (("2022-09-15", ["RI Yong Sim"]), ("2026-02-27", ["RI Yong Sim", "PAK Han Sim"])):
        text = "".join(PERSON.format(id=i + 1, name=name) for i, name in enumerate(people))
        (own.inputs / f"un_{day}.xml").write_text(UN.format(day=day, people=text), "utf-8")
    pipeline.run(own.root)
    assert [m["snapshot"] for m in found(own, "PAK Han Sim")] == ["2026-02-27"]
    assert found(own, "PAK Han Sim", "--as-of", "2026-02-26") == []
    assert [m["snapshot"] for m in found(own, "RI Yong Sim", "--as-of", "2026-02-26")] == ["2022-09-15"]
    assert [m["snapshot"] for m in found(own, "PAK Han Sim", "--as-of", "2026-02-27")] == ["2026-02-27"]
    told = Told(own, "RI Yong Sim", "--as-of", "2022-09-14")
    assert told.code == 1 and "un_sc_consolidated of 2022-09-15" in told.err and "do:" in told.err


def test_a_workspace_without_a_run_or_without_a_list_says_what_to_do(tmp_path: Path) -> None:
    own = workspace.init(tmp_path / "w")
    assert "mapae run" in Told(own, "RI Yong Sim").err
    pipeline.run(own.root)
    told = Told(own, "RI Yong Sim")
    assert told.code == 1 and "holds no list" in told.err and "do:" in told.err
