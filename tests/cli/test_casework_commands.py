"""Commands of casework: lists are numbered, numbers name cases, refusals name the remedy (simulated records)."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from small import Told, key_in, run, small

from mapae.casework import alerts
from mapae.cli import casework
from mapae.model.errors import MapaeError
from mapae.store.runs import OpenRun
from mapae.store.verify import verify
from mapae.store.workspace import Workspace

TODAY = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)


def do(command: click.Command, *arguments: object) -> Told:
    """A command as the command line calls it."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            code = command.main([str(a) for a in arguments], prog_name="mapae", standalone_mode=False)
        except MapaeError as problem:
            return Told(problem.exit_code, out.getvalue(), str(problem))
    return Told(int(code), out.getvalue(), "")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace whose run is committed and whose alerts are not yet raised; each test copies it."""
    folder = tmp_path_factory.mktemp("casework")
    with key_in(folder / "key"):
        space = small(folder / "w")
        run(space)
    return space


@pytest.fixture
def space(made: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(casework, "now", lambda: TODAY)
    monkeypatch.setenv("MAPAE_CONFIG", str(made.root.parent / "key"))
    copied = Workspace(Path(shutil.copytree(made.root, tmp_path / "w")))
    with OpenRun.last(copied.root) as held:
        assert alerts.update(copied, held, today=TODAY.date()).new
    yield copied
    assert not verify(copied).faults


def test_cases_go_from_the_list_to_decision_outcome_and_snooze(space: Workspace) -> None:
    listed = do(casework.alerts, space.root)
    assert listed.code == 0 and "new (" in listed.out and "ring:a0" in listed.out
    told = do(casework.decide, "ring:a0", space.root, "--state", "looking", "--by", "An")
    assert told.code == 0 and "ring:a0 is looking, decided by An" in told.out
    assert do(casework.decide, "1", space.root, "--state", "cleared", "--by", "An").code == 2
    assert do(casework.decide, "1", space.root, "--state", "cleared", "--by", "An", "--reason", "known payee").code == 0
    told = do(casework.outcome, "ring:a0", space.root, "--is", "operator", "--how", "a visit", "--by", "An")
    assert told.code == 0 and "1 confirmed outcomes; not calibrated on your data" in told.out
    told = do(casework.snooze, "ring:a0", space.root, "--until", "2026-07-01", "--by", "An")
    assert told.code == 0 and "sleeps until 2026-07-01" in told.out
    board = json.loads(do(casework.alerts, space.root, "--json").out)
    assert [one["case"] for one in board["snoozed"]] == ["ring:a0"] and board["snoozed"][0]["outcome"] == "operator"
    assert board["settled"][0]["state"] == "cleared" and "permille" not in board["settled"][0]


def test_the_systems_user_decides_where_nobody_is_named(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(casework.getpass, "getuser", lambda: "somebody")
    assert "decided by somebody" in do(casework.decide, "ring:a0", space.root, "--state", "looking").out


def test_a_covert_hold_on_the_command_line_takes_two(space: Workspace) -> None:
    hold = ("ring:a0", space.root, "--state", "covert hold", "--reason", "counsel asked", "--until", "2026-06-20")
    assert "begins when a second person" in do(casework.decide, *hold, "--by", "An").out
    assert do(casework.decide, *hold, "--by", "an").code == 2
    assert "Covert hold until 2026-06-20" in do(casework.decide, *hold, "--by", "Bo").out
    assert "covert hold, Bo" in do(casework.alerts, space.root, "--all").out


def test_the_sample_is_offered_with_its_weight_and_an_outcome_of_it_carries_it(space: Workspace) -> None:
    offered = do(casework.sample, space.root, "--by", "An")
    assert "Each stands for" in offered.out
    told = do(casework.outcome, "1", space.root, "--is", "honest travel", "--how", "asked in a talk", "--by", "An")
    assert "cases of the audit sample" in told.out
    assert "So far 0 of 1 checked" in do(casework.sample, space.root, "--by", "An").out


def test_a_playbook_is_printed_on_request(space: Workspace) -> None:
    assert "Nobody, in no band:" in do(casework.alerts, space.root, "--playbook").out


@pytest.mark.parametrize("wrong", ["99", "account:nobody", "what"])
def test_what_names_no_case_is_refused_with_a_remedy(space: Workspace, wrong: str) -> None:
    told = do(casework.decide, wrong, space.root, "--state", "looking", "--by", "An")
    assert told.code in (1, 2) and "do:" in told.err
