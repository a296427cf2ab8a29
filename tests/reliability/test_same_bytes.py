"""The same inputs give the same bytes: with any number of threads, hash seed, time zone, language and folder."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small import ROOT, Rows, key_in, rows, run, small, write_csv

from mapae.model.findings import KINDS
from mapae.store import workspace
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace

# threads, PYTHONHASHSEED, TZ, LANG: each setting in which a machine may differ, and all of them together.
MACHINES = {
    "one thread": ("1", "0", "UTC", "C.UTF-8"),
    "two threads": ("2", "1", "UTC", "C.UTF-8"),
    "eight threads in Seoul": ("8", "4711", "Asia/Seoul", "ko_KR.UTF-8"),
    "another language, west of Greenwich": ("2", "99", "America/Los_Angeles", "tr_TR.ISO8859-9"),
}

CODE = """
import sys
from small import run
from mapae.reports import dossier
from mapae.store import workspace
from mapae.store.runs import OpenRun
space = workspace.find(sys.argv[1])
run(space)
with OpenRun.last(space.root) as held:
    for subject in ("ring:a0", "account:a1", "party:acct-ring", "party:ofac-43379"):
        dossier.write(held, subject, space.root / "cases")
"""


def files(space: Workspace) -> dict[str, str]:
    """Hash of every file that a run made, and of every case file."""
    found = {}
    for folder in (space.vault, space.parts, space.runs, space.weights, space.root / "cases"):
        for path in sorted(folder.iterdir()):
            found[f"{folder.name}/{path.name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workspace]:
    """The same inputs run on four machines, in folders of other names."""
    folder = tmp_path_factory.mktemp("machines")
    made = {}
    for number, (name, (threads, seed, zone, language)) in enumerate(MACHINES.items()):
        space = small(folder / (f"w{number}", "a folder with blanks", "폴더", "it's")[number])
        space.settings_file.write_text(f"threads = {threads}\n")
        environment = {
            **os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "PYTHONHASHSEED": seed, "TZ": zone, "LANG": language,
            "LC_ALL": language, "MAPAE_CONFIG": str(folder / f"key{number}"), "PYTHONUTF8": "1",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", CODE, str(space.root)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=180,
            cwd=folder,
        )
        assert done.returncode == 0, done.stderr
        made[name] = space
    return made


@pytest.mark.parametrize("name", list(MACHINES)[1:])
def test_parts_manifest_and_case_files_are_byte_identical(name: str, machines: dict[str, Workspace]) -> None:
    wanted, found = files(machines["one thread"]), files(machines[name])
    assert len(wanted) > 60 and sum(n.startswith("cases/") for n in wanted) == 8
    assert {n: h for n, h in found.items() if wanted.get(n) != h} == {}
    assert set(wanted) == set(found)


# ---- other rows, same findings


def findings(space: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """What was found, without the row numbers and sources it rests on."""
    found = {}
    with OpenRun.last(space.root) as held:
        for kind in KINDS:
            listed = held.rows(f"select * from {kind} order by id")
            own = [
                c
                for c in (
                    "level",
                    "counted",
                    "permille",
                    "keys",
                    "size",
                    "member_permille",
                    "missing",
                    "weakest_permille",
                    "role",
                    "because_n",
                )
                if listed and c in listed[0]
            ]
            found[kind] = [
                (r["id"], r["verdict"], r["centibits"], r["facts"], *(json.dumps(r[c]) for c in own)) for r in listed
            ]
            if kind == "path":  # ids of paths have a test of their own
                found[kind] = sorted(
                    (r["subject"], r["object"].split("|")[0], *one[1:])
                    for r, one in zip(listed, found[kind], strict=True)
                )
        found["answers"] = [tuple(r.values()) for r in held.rows("select * from answers order by account_id")]
    return found


@pytest.fixture(scope="module")
def wanted(machines: dict[str, Workspace]) -> dict[str, list[tuple[Any, ...]]]:
    found = findings(machines["two threads"])
    assert all(found[kind] for kind in KINDS)  # each kind has something to compare
    return found


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with key_in(tmp_path_factory.mktemp("key")):
        yield


def test_shuffled_rows_give_the_same_findings(wanted: dict[str, Any], tmp_path: Path) -> None:
    def shuffled(made: dict[str, Rows]) -> None:
        chance = random.Random(7)
        for listed in made.values():
            chance.shuffle(listed)

    space = small(tmp_path / "w", shuffled)
    run(space)
    assert findings(space) == wanted


def test_a_path_s_id_is_that_of_its_question_whatever_rows_it_rests_on(
    machines: dict[str, Workspace], tmp_path: Path
) -> None:
    space = small(tmp_path / "w", lambda made: made["payouts"].reverse())
    run(space)
    ids = []
    for each in (machines["one thread"], space):
        with OpenRun.last(each.root) as held:
            ids.append({r["id"] for r in held.rows("select id from path")})
    assert ids[0] == ids[1]


def test_one_table_in_two_files_and_other_formats_gives_the_same_findings(
    wanted: dict[str, Any], tmp_path: Path
) -> None:
    space = small(tmp_path / "w")
    made = rows()
    for table in ("sign_ins", "payouts", "accounts"):
        (space.inputs / f"{table}.csv").unlink()
        half = len(made[table]) // 2
        write_csv(space.inputs / f"{table}.1.csv", made[table][:half])
        (space.inputs / f"{table}.2.jsonl").write_text("".join(json.dumps(row) + "\n" for row in made[table][half:]))
    run(space)
    assert findings(space) == wanted


def test_columns_in_another_order_give_the_same_findings(wanted: dict[str, Any], tmp_path: Path) -> None:
    def turned(made: dict[str, Rows]) -> None:
        for listed in made.values():
            listed[:] = [dict(reversed(row.items())) for row in listed]

    space = small(tmp_path / "w", turned)
    run(space)
    assert findings(space) == wanted


def test_a_second_run_over_refused_and_doubled_files_does_no_work(tmp_path: Path) -> None:
    space = small(tmp_path / "w", lists=False, only=("accounts",))
    run(space)
    (space.inputs / "a-folder.csv").mkdir()
    for name in ("messages", "b.unknown", "z.unknown"):
        (space.inputs / f"{name}.csv").write_text(f"x\n{name}\n")
    shutil.copy(space.inputs / "accounts.csv", space.inputs / "accounts.again.csv")
    first, second = run(space), run(space)
    assert first.new and not second.new and second.name == first.name


def test_a_second_run_with_nothing_new_does_no_work(machines: dict[str, Workspace]) -> None:
    space = workspace.find(machines["one thread"].root)
    before = {
        path: path.stat().st_mtime_ns for path in space.hidden.rglob("*") if path.is_file() and path != space.lock
    }
    said: list[str] = []
    key = space.root.parent / "key0"
    with key_in(key):
        outcome = run(space, progress=said.append)
    assert not outcome.new and not outcome.worked and said == []
    assert {
        path: path.stat().st_mtime_ns for path in space.hidden.rglob("*") if path.is_file() and path != space.lock
    } == before
