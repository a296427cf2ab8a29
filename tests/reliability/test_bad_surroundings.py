"""Bad surroundings: paths, permission, a full disk, two runs at once, inputs that vanish; told in words, nothing between."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bad import accounts, copied, mended, payout, plain, source
from small import ACCOUNTS, ROOT, Told, call, child, run, whole, write_csv

from mapae.model.errors import MapaeError
from mapae.store import disk, ledger, runs, workspace
from mapae.store.runs import OpenRun
from mapae.store.verify import verify
from mapae.store.workspace import Workspace

pytestmark = pytest.mark.usefixtures("on_the_tests_day")
LISTS = ROOT / "tests" / "sources" / "lists"
HEAD = "account_id,platform,claimed_country,display_name,created_at\n"
INJECTION = "x'); drop table accounts; delete from sign_ins where ('1'='1' --"


# ---- paths in mapae.toml


def test_a_path_that_is_not_there_is_refused_and_a_folder_is_walked(
    space: Workspace, tmp_path: Path, base: Workspace
) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    write_csv(outside / "payouts.csv", [payout()])
    settings = space.settings_file.read_text()
    space.settings_file.write_text(settings + f'inputs = ["{outside}", "{tmp_path}/gone.csv"]\n')
    told = call("run", space.root, "--quiet")
    assert told.code == 0
    assert (
        "no longer there" in told.err
        and f"{tmp_path}/gone.csv" in told.err
        and "take its path out of mapae.toml" in told.err
    )
    plain(told, space)
    whole(space)
    assert source(space, f"{outside}/payouts.csv")["kept"] == 1
    space.settings_file.write_text(settings)
    mended(space, base)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("inputs = [", ("mapae.toml",)),
        ("no_such_setting = 1\n", ("no_such_setting", "mapae.toml")),
        ("threads = -1\n", ("threads", "mapae.toml")),
        ('as_of = "soon"\n', ("as_of", "soon", "2026-11-24")),
    ],
)
def test_settings_that_are_none_are_not_done(settings: str, words: tuple[str, ...], space: Workspace) -> None:
    space.settings_file.write_text(settings)
    before = runs.committed(space)
    told = call("run", space.root, "--quiet")
    assert told.code == 1
    assert all(word in told.err for word in words), told.err
    plain(told, space)
    assert runs.committed(space) == before and not verify(space).faults


# ---- permission

ANOTHER = 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user to be denied")
@pytest.mark.parametrize("what", ["a file", "the workspace"])
def test_no_permission_is_said_plainly(what: str, space: Workspace, base: Workspace, key: Path, tmp_path: Path) -> None:
    """A run as another user: of a file that it may not read, and in a workspace that it may not write."""
    secret = space.inputs / "payouts.csv"
    write_csv(secret, [payout()])
    for path in [*tmp_path.parents, tmp_path]:
        if path.name.startswith(("pytest-", "popen-", "test_")) or path == tmp_path:
            path.chmod(0o755)
    if what == "a file":
        for path in (space.root, *space.root.rglob("*")):
            if path != secret:
                os.chown(path, ANOTHER, ANOTHER)
        secret.chmod(0o600)
    own_key = tmp_path / "another"
    shutil.copytree(key, own_key)
    for path in (own_key, *own_key.rglob("*")):
        os.chown(path, ANOTHER, ANOTHER)
    # A first run, as root, loads all that is loaded late: the other user may not be able to read Python itself.
    code = (
        "import contextlib, io, os, sys\nfrom mapae.cli.main import call\n"
        "with contextlib.redirect_stdout(io.StringIO()): assert call(['run', sys.argv[2], '--quiet']) == 0\n"
        f"os.setgroups([]); os.setgid({ANOTHER}); os.setuid({ANOTHER})\nsys.exit(call(['run', sys.argv[1], '--quiet']))"
    )
    warm = copied(base, tmp_path / "warm")
    done = child(code, space.root, warm.root, env={"MAPAE_CONFIG": str(own_key), "HOME": str(own_key)}, cwd="/")
    told = Told(done.returncode, done.stdout, done.stderr)
    plain(told, space)
    if what == "a file":
        assert told.code == 0, told.text
        assert (
            "may not be read" in told.err
            and "inputs/payouts.csv" in told.err
            and "permission" in told.err
            and "  do: " in told.err
        )
    else:
        assert told.code == 1, told.text
        assert "cannot be written" in told.err and "permission" in told.err and "  do: " in told.err
    whole(space)
    assert accounts(space) == ACCOUNTS


# ---- a full disk


@pytest.fixture
def little_room(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes."""
    target = tmp_path / "little"
    target.mkdir()
    try:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(target)], capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no command mount on this machine")
    if done.returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield target
    finally:
        subprocess.run(["umount", "-l", str(target)], check=True)


def test_a_full_disk_is_said_and_more_room_completes_the_run(
    little_room: Path, space: Workspace, base: Workspace
) -> None:
    """A disk that is full at three different fills: nothing is committed, and the next run finishes the work."""
    from mapae.store.workspace import init

    cramped = init(little_room / "w")
    for path in space.inputs.iterdir():
        shutil.copy(path, cramped.inputs / path.name)
    for free_kb in (8, 60, 200):
        ballast = little_room / "ballast"
        with ballast.open("wb") as file:
            size = shutil.disk_usage(little_room).free - free_kb * 1024
            file.write(b"\0" * size)
        told = call("run", cramped.root, "--quiet")
        plain(told, cramped)
        assert told.code == 1, told.text
        assert (
            "The disk is full" in told.err and "  where: " in told.err and "Free some space and run again" in told.err
        )
        assert not runs.committed(cramped)
        told = call("status", cramped.root)
        assert told.code == 0 and "Nothing has been run yet" in told.out
        ballast.unlink()
    assert run(cramped).name == runs.committed(base)[-1]
    whole(cramped)


def test_a_disk_that_fills_at_any_touch_leaves_what_was_committed(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No room at each of the last touches of a run (manifest, ledger, head), and at some of those before."""
    real = {name: getattr(disk, name) for name in ("write", "fsync", "rename")}
    count, fail_at = 0, -1

    def touching(name: str) -> Callable[..., object]:
        def touch(*given: Any) -> object:
            nonlocal count
            count += 1
            if count == fail_at:
                if name == "write":
                    os.write(given[0], given[1][: len(given[1]) // 2])
                raise OSError(errno.ENOSPC, "No space left on device")
            return real[name](*given)

        return touch

    for name in real:
        monkeypatch.setattr(disk, name, touching(name))
    write_csv(space.inputs / "ownership.csv", [{"owner_id": "o", "owned_id": "p"}])
    wanted = run(copied(space, tmp_path / "fresh"))
    touches = count
    committing = 12  # touches of manifest, ledger line and head
    full = 0
    for at in [*range(2, touches - committing, max(1, touches // 2)), *range(touches - committing + 1, touches + 1)]:
        copy = copied(space, tmp_path / "copy")
        count, fail_at = 0, at
        try:
            run(copy)
        except MapaeError as problem:
            assert "The disk is full" in problem.what and problem.do, str(problem)
            full += 1
        fail_at = -1
        assert not [f for f in verify(copy).faults if "ledger.head" not in f and "signed head" not in f]
        assert accounts(copy) == ACCOUNTS
        assert run(copy).name == wanted.name
        whole(copy)
        shutil.rmtree(copy.root)
    assert full >= committing


# ---- two runs at once


HOLDER = (
    "import sys, time\nfrom mapae.store import workspace\nspace = workspace.find(sys.argv[1])\n"
    "with workspace.writing(space):\n    print('held', flush=True)\n    sys.stdin.readline()\n"
)


def holding(space: Workspace) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(space.root)], env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_a_second_run_that_may_not_wait_names_who_holds_the_workspace(space: Workspace) -> None:
    process = holding(space)
    try:
        told = call("run", space.root, "--quiet", "--no-wait")
        assert told.code == 1
        assert (
            "Another run holds this workspace" in told.err
            and f"process {process.pid}" in told.err
            and "Wait until" in told.err
        )
        plain(told, space)
        assert call("status", space.root).code == 0  # readers do not wait
    finally:
        process.communicate("\n")
    assert call("run", space.root, "--quiet", "--no-wait").code == 0


def test_of_two_runs_at_once_the_second_waits_and_finds_nothing_new(space: Workspace) -> None:
    write_csv(space.inputs / "payouts.csv", [payout()])
    code = "import sys\nfrom mapae.cli.main import call\nsys.exit(call(['run', sys.argv[1]]))"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(space.root)], env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("Nothing new" in out for out, _ in said) == 1
    assert len(runs.committed(space)) == 2  # the first of the workspace, and one for the new file
    whole(space)


def test_a_run_that_waits_says_for_whom(space: Workspace) -> None:
    process = holding(space)
    said: list[str] = []
    try:
        with pytest.raises(MapaeError), workspace.writing(space, wait=0.2, say=said.append):
            pass
    finally:
        process.communicate("\n")
    assert said == [f"Waiting: process {process.pid} on this machine is writing to this workspace."]


# ---- a large input that vanished


def test_a_large_input_that_vanished_is_said_wherever_it_matters(space: Workspace, tmp_path: Path) -> None:
    """Large tables are referred to; when the file goes, what was found stands, and everything says what is missing."""
    space.settings_file.write_text("large_table_mb = 0\n")
    large = tmp_path / "elsewhere" / "payouts.csv"
    large.parent.mkdir()
    write_csv(large, [payout()])
    space.settings_file.write_text(f'large_table_mb = 0\ninputs = ["{large}"]\n')
    assert call("run", space.root, "--quiet").code == 0
    assert list(space.vault.glob("*.ref"))
    with OpenRun.last(space.root) as held:
        (flagged,) = held.rows("select id from assessment where subject = 'account:a0'")
    before = call("why", flagged["id"], space.root)
    assert before.code == 0 and "sign_ins.csv, row" in before.out
    large.rename(large.with_suffix(".gone"))
    told = call("verify", space.root)
    assert told.code == 0 and "vanished" in told.out and str(large) in told.out
    plain(told, space)
    told = call("run", space.root, "--quiet")
    assert told.code == 0 and "no longer there" in told.err and str(large) in told.err and "Put it back" in told.err
    plain(told, space)
    whole(space)
    assert f"{large}: refused. An input is no longer there." in call("status", space.root).out
    large.with_suffix(".gone").rename(large)
    assert call("run", space.root, "--quiet").code == 0
    whole(space)
    assert source(space, str(large))["kept"] == 1


def test_rows_of_a_large_input_that_vanished_cannot_be_shown_and_why_says_so(space: Workspace, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (space.inputs / "sign_ins.csv").rename(outside / "sign_ins.csv")
    for kept in space.vault.iterdir():
        kept.unlink()
    space.settings_file.write_text(f'large_table_mb = 0\ninputs = ["{outside}"]\n')
    assert call("run", space.root, "--quiet").code == 0
    with OpenRun.last(space.root) as held:
        (flag,) = held.rows("select id from flag where subject = 'account:a0' and rule = 'network.impossible_travel'")
    assert "cannot be shown" not in call("why", flag["id"], space.root).out
    (outside / "sign_ins.csv").unlink()
    told = call("why", flag["id"], space.root)
    assert told.code == 0
    assert "cannot be shown: A large input has vanished since it was read" in told.out
    plain(told, space)


# ---- wrong use


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("run", "/no/such/folder"), "no such folder"),
        (("why", "zzz"), "names no finding"),
        (("runn",), "No such command"),
        (("run", "--no-such-option"), "No such option"),
        (("export", "tables", "--format", "xls", "--out", "x"), "xls"),
        (("simulate", "x", "--accounts", "3"), "at least 100"),
    ],
)
def test_wrong_use_is_told_apart_from_what_was_not_done(
    arguments: tuple[str, ...], word: str, space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(space.root)
    told = call(*arguments)
    assert told.code == (1 if arguments[0] == "run" and len(arguments) == 2 and "/" in arguments[1] else 2)
    assert word in told.text
    plain(told, space)


def test_an_engine_without_room_never_becomes_a_source_s_verdict(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that the engine could not finish stops, and stores nothing about the file that it was reading."""
    import duckdb

    from mapae.sources import tables

    write_csv(space.inputs / "payouts.csv", [payout()])
    real = tables._Reader.read

    def short(*_: object) -> None:
        raise duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block of size 1 MB")

    monkeypatch.setattr(tables._Reader, "read", short)
    told = call("run", space.root, "--quiet")
    assert (
        told.code == 1
        and "memory set for the query engine does not suffice" in told.err
        and "Raise memory_mb" in told.err
    )
    plain(told, space)
    monkeypatch.setattr(tables._Reader, "read", real)
    assert call("run", space.root, "--quiet").code == 0
    assert source(space, "inputs/payouts.csv")["kept"] == 1
    assert ledger.read(space.ledger).fault == ""
