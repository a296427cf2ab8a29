"""Bad input: each is told in words that a non-programmer understands; the workspace is then as it was or complete."""

from __future__ import annotations

import dataclasses
import errno
import gzip
import lzma
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small import ACCOUNTS, DAY, ROOT, Told, call, child, key_in, run, small, whole, write_csv

from mapae import pipeline
from mapae.model.errors import MapaeError
from mapae.store import disk, ledger, runs, workspace
from mapae.store.runs import OpenRun
from mapae.store.verify import verify
from mapae.store.workspace import Workspace

LISTS = ROOT / "tests" / "sources" / "lists"
HEAD = "account_id,platform,claimed_country,display_name,created_at\n"
INJECTION = "x'); drop table accounts; delete from sign_ins where ('1'='1' --"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the one signing key of this file's workspaces."""
    return tmp_path_factory.mktemp("key")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Workspace:
    """A workspace that was run once; tests work on copies."""
    with key_in(key):
        space = small(tmp_path_factory.mktemp("base") / "w", lists=False, only=("accounts", "sign_ins"))
        run(space)
    return space


@pytest.fixture
def space(base: Workspace, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A copy of the workspace, with the same signing key."""
    monkeypatch.setenv("MAPAE_CONFIG", str(key))
    return copied(base, tmp_path / "w")


def copied(space: Workspace, folder: Path) -> Workspace:
    return workspace.find(
        shutil.copytree(space.root, folder, symlinks=True, ignore=shutil.ignore_patterns("*.pipe.csv"))
    )


@pytest.fixture(scope="module", autouse=True)
def on_the_tests_day() -> Iterator[None]:
    """Commands run on the day of the tests."""
    real = pipeline.run
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "run", lambda *given, **named: real(*given, **{"today": DAY, **named}))
        yield


def plain(told: Told, space: Workspace) -> None:
    """No word of the program's own reaches a person, and no path of ours."""
    assert "Traceback" not in told.text
    assert not re.findall(r"\b\w+(?:Error|Exception|Warning)\b", told.text), told.text
    for technical in (
        "duckdb",
        "pyarrow",
        "NoneType",
        "codec",
        "read_parquet",
        "lxml",
        str(space.vault),
        str(space.tmp) + "/",
    ):
        assert technical not in told.err, told.err


def accounts(space: Workspace) -> int:
    with OpenRun.last(space.root) as held:
        return int(held.rows("select count(*) as n from accounts")[0]["n"])


def source(space: Workspace, path: str) -> dict[str, object]:
    with OpenRun.last(space.root) as held:
        (found,) = held.rows("select * from sources where path = ?", [path])
    return found


def mended(space: Workspace, base: Workspace) -> None:
    """After what was bad is gone, a run gives the very run that a workspace without it has."""
    assert run(space).name == runs.committed(base)[-1]
    whole(space)


# ---- files that are refused whole: the others go on


def cut_list(path: Path) -> None:
    data = (LISTS / "un.xml").read_bytes()
    path.write_bytes(data[: len(data) * 6 // 10])


def expanding_list(path: Path) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE CONSOLIDATED_LIST [<!ENTITY l0 "ha">{entities}]>\n'
        "<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>&l11;</DATAID></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>"
    )


def reading_list(path: Path) -> None:
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE CONSOLIDATED_LIST [<!ENTITY e SYSTEM "file:///etc/hostname">]>\n'
        "<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>&e;</DATAID></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>"
    )


def bomb(packer: Callable[..., object], beginning: bytes, size_mb: int = 160) -> Callable[[Path], None]:
    """A file of a few kilobytes that unpacks to more than a hundred megabytes."""

    def write(path: Path) -> None:
        with packer(path, "wb") as file:  # type: ignore[attr-defined]
            file.write(beginning)
            block = b" " * (1 << 20)
            for _ in range(size_mb):
                file.write(block)

    return write


def gz(path: Path, mode: str) -> gzip.GzipFile:
    return gzip.open(path, mode, compresslevel=1)  # type: ignore[return-value]


def xz(path: Path, mode: str) -> lzma.LZMAFile:
    return lzma.open(path, mode, preset=0)  # type: ignore[return-value]


def text(content: str, encoding: str = "utf-8") -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content.encode(encoding)) and None


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


REFUSED: dict[str, tuple[str, Callable[[Path], None], tuple[str, ...]]] = {
    "a list cut off": ("cut.xml", cut_list, ("ends in the middle", "line ", "Fetch")),
    "a list that expands": ("expanding.xml", expanding_list, ("document type", "fill the memory", "Do not use")),
    "a list that reads other files": ("reading.xml", reading_list, ("document type", "read other files", "Do not use")),
    "a gzip bomb as list": ("bomb.xml.gz", bomb(gz, b"<CONSOLIDATED_LIST>"), ("not built like an official list", "too large")),
    "an xz bomb as list": ("bomb.xml.xz", bomb(xz, b"<CONSOLIDATED_LIST>", 500), ("not built like an official list", "too large")),
    "a gzip bomb as table": ("accounts.bomb.csv.gz", bomb(gz, HEAD.encode()), ("longer than 64 MB",)),
    "an xz bomb as table": ("accounts.bomb.csv.xz", bomb(xz, HEAD.encode()), ("longer than 64 MB",)),
    "another encoding": (
        "accounts.latin.csv", text(HEAD + "b1,site,DE,Jürgen,2026-01-01T00:00:00Z\n", "latin-1"),
        ("not written in UTF-8", "line 2", "byte", "CSV UTF-8"),
    ),
    "UTF-16": ("accounts.utf16.csv", text(HEAD + "b1,site,DE,J,2026-01-01T00:00:00Z\n", "utf-16"), ("UTF-16", "line 1", "CSV UTF-8")),
    "a missing required column": (
        "accounts.lacking.csv", text("account_id,display_name\nb1,Jo\n"),
        ("accounts: the column platform is missing", "Columns found: account_id, display_name", "Rename"),
    ),
    "an empty table": ("accounts.empty.csv", text(""), ("empty", "no bytes", "Export it again")),
    "an empty list": ("empty.xml", text(""), ("empty", "no bytes", "Export it again")),
    "an empty evidence file": ("evidence.empty.yaml", text(""), ("empty", "no bytes", "Export it again")),
    "a folder for a file": ("accounts.folder.csv", folder, ("folder", "Name the files in it")),
    "a pipe for a file": ("accounts.pipe.csv", pipe, ("no ordinary file", "Copy its content")),
    "an open quotation mark": ("accounts.open.csv", text(HEAD + 'b1,site,DE,"Jo,2026-01-01T00:00:00Z\n'), ("never closed", "line 2")),
    "a table of no known name": ("people.csv", text("a,b\n1,2\n"), ("none that Mapae knows", "Name a table's file after the table")),
    "a cut Parquet": ("accounts.cut.parquet", text("PAR1 and nothing of it"), ("damaged or cut off", "again")),
    "evidence that is no list": ("evidence.broken.yaml", text("- {id: a, subject: party:x, fact: hosted}\n- {id: [\n"), ("cannot be read", "Write a list of items")),
}  # fmt: skip


# Peak memory of that run in MB: measured 265; any one of the bombs (160 MB and more) held in memory would pass it.
PEAK_MB = 400


@dataclasses.dataclass
class Spoiled:
    """A workspace with every bad file and row at once, after a run in a process of its own."""

    space: Workspace
    told: Told
    status: Told
    peak_mb: int

    def refusal(self, path: str) -> str:
        """The message about one file."""
        (found,) = [m for m in re.split(r"\n(?=\S)", self.told.err) if f"  where: {path}" in m or f"({path})" in m]
        return found


@pytest.fixture(scope="module")
def spoiled(base: Workspace, key: Path, tmp_path_factory: pytest.TempPathFactory) -> Spoiled:
    space = copied(base, tmp_path_factory.mktemp("spoiled") / "w")
    for name, write, _ in REFUSED.values():
        write(space.inputs / name)
    for number, (table, bad, _, _) in enumerate(ROWS.values()):
        write_csv(space.inputs / f"{table}.row{number}.csv", [good(table, number), bad])
    code = (
        "import datetime, resource, sys\nfrom mapae import pipeline\nfrom mapae.cli.main import call\nreal = pipeline.run\n"
        "pipeline.run = lambda *given, **named: real(*given, today=datetime.date.fromisoformat(sys.argv[2]), **named)\n"
        "code = call(['run', sys.argv[1], '--quiet'])\n"
        "print('PEAK', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\nsys.exit(code)"
    )
    with key_in(key):
        done = child(code, space.root, DAY.isoformat())
        status = call("status", space.root)
    out, _, peak = done.stdout.rpartition("PEAK")
    return Spoiled(space, Told(done.returncode, out, done.stderr), status, int(peak or 0))


def test_a_run_over_files_that_are_refused_is_done(
    spoiled: Spoiled, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAPAE_CONFIG", str(key))
    assert spoiled.told.code == 0, spoiled.told.text
    for told in (spoiled.told, spoiled.status):
        plain(told, spoiled.space)
    whole(spoiled.space)
    assert accounts(spoiled.space) == ACCOUNTS + len([1 for table, *_ in ROWS.values() if table == "accounts"])


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_is_refused_in_words_and_the_others_go_on(what: str, spoiled: Spoiled) -> None:
    name, _, words = REFUSED[what]
    said = spoiled.refusal(f"inputs/{name}")
    for word in (*words, "\n  where: inputs/", "\n  do: "):
        assert word in said, said
    assert len(said.splitlines()) <= 4
    refused = source(spoiled.space, f"inputs/{name}")
    assert refused["error"] == said.strip() and refused["read"] == refused["kept"] == 0
    assert f"inputs/{name}: refused. {said.splitlines()[0]}" in spoiled.status.out


def test_bombs_and_attacks_take_no_memory(spoiled: Spoiled) -> None:
    print(f"\npeak of a run over {len(REFUSED)} bad files: {spoiled.peak_mb} MB")
    assert 50 < spoiled.peak_mb < PEAK_MB


def test_when_all_that_was_bad_is_gone_the_run_is_that_of_a_workspace_without_it(
    spoiled: Spoiled, base: Workspace, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAPAE_CONFIG", str(key))
    space = copied(spoiled.space, tmp_path / "w")
    again = call("run", space.root, "--quiet")
    assert again.code == 0
    assert set(again.err.split("\n")) < set(spoiled.told.err.split("\n"))  # a pipe cannot be copied
    for path in space.inputs.iterdir():
        if path.name not in ("accounts.csv", "sign_ins.csv"):
            path.rmdir() if path.is_dir() else path.unlink()
    mended(space, base)


# ---- rows that are refused, and rows that are kept as they are


def rejected(space: Workspace, path: str) -> dict[int, tuple[str, str]]:
    with OpenRun.last(space.root) as held:
        found = held.rows(
            'select r.mapae_row, r."column", r.reason from rejected_accounts as r join sources as s on s.source = r.mapae_source where s.path = ? '
            'union all select r.mapae_row, r."column", r.reason from rejected_payouts as r join sources as s on s.source = r.mapae_source where s.path = ?',
            [path, path],
        )
    return {r["mapae_row"]: (r["column"], r["reason"]) for r in found}


def account(**cells: str) -> dict[str, str]:
    return {
        "account_id": "b1", "platform": "site", "claimed_country": "DE", "display_name": "Jo", "date_of_birth": "",
        "created_at": "2026-01-01T00:00:00Z", **cells,
    }  # fmt: skip


def payout(**cells: str) -> dict[str, str]:
    return {"payout_id": "q1", "account_id": "a1", "happened_at": "2026-05-20T00:00:00Z", "amount": "1.00", "currency": "USD",
            "amount_usd": "1.00", "destination_id": "d1", **cells}  # fmt: skip


ROWS: dict[str, tuple[str, dict[str, str], str, str]] = {
    "a cell of 10 MB": ("accounts", account(display_name="x" * 10_000_000), "display_name", "more than 1 MB"),
    "a control character in an id": ("accounts", account(account_id="b\x1f1"), "account_id", "invisible character"),
    "a line break in an id": ("accounts", account(account_id="b\n1"), "account_id", "invisible character"),
    "the year 0": ("accounts", account(date_of_birth="0000-01-01"), "date_of_birth", ""),
    "the year 9999": ("accounts", account(created_at="9999-12-31T23:59:59Z"), "created_at", ""),
    "no amount": ("payouts", payout(amount="NaN"), "amount", ""),
    "an endless amount": ("payouts", payout(amount_usd="Infinity"), "amount_usd", ""),
    "an amount beyond all measure": ("payouts", payout(amount="1e400"), "amount", ""),
}


def good(table: str, number: int) -> dict[str, str]:
    """A row with which nothing is wrong."""
    return account(account_id=f"good{number}") if table == "accounts" else payout(payout_id=f"good{number}")


@pytest.mark.parametrize("what", ROWS)
def test_a_bad_row_is_lost_alone_with_its_column_and_reason(what: str, spoiled: Spoiled) -> None:
    table, _, column, reason = ROWS[what]
    path = f"inputs/{table}.row{list(ROWS).index(what)}.csv"
    shown = source(spoiled.space, path)
    assert (shown["read"], shown["kept"], shown["rejected"], shown["equal"], shown["error"]) == (2, 1, 1, 0, "")
    ((row, (where, why)),) = rejected(spoiled.space, path).items()
    assert (row, where) == (2, column) and why and reason in why, why
    assert f"{path}: {table}: 2 read = 1 kept + 1 rejected + 0 equal" in spoiled.status.out


def test_a_refused_file_is_called_by_the_name_that_it_has_now(space: Workspace) -> None:
    bad = space.inputs / "accounts.before.csv"
    bad.write_text("account_id,display_name\nb1,Jo\n")
    (space.inputs / "before.xml").write_bytes((LISTS / "un.xml").read_bytes()[:1200])
    assert "inputs/accounts.before.csv" in call("run", space.root, "--quiet").err
    bad.rename(space.inputs / "accounts.new.csv")
    (space.inputs / "before.xml").rename(space.inputs / "new.xml")
    told = call("run", space.root, "--quiet")
    assert (
        "inputs/accounts.new.csv" in told.err
        and "new.xml is damaged" in told.err
        and "inputs/new.xml, line 15" in told.err
    )
    assert "before" not in told.err
    whole(space)


def test_a_key_with_two_contents_is_kept_and_counted(space: Workspace) -> None:
    write_csv(space.inputs / "payouts.csv", [payout(), payout(), payout(amount_usd="2.00")])
    told = call("run", space.root, "--quiet")
    assert told.code == 0
    whole(space)
    shown = source(space, "inputs/payouts.csv")
    assert (shown["read"], shown["kept"], shown["equal"]) == (3, 2, 1)
    assert "more than one content" in call("status", space.root).out


def test_of_an_account_named_twice_one_row_counts(space: Workspace) -> None:
    write_csv(
        space.inputs / "accounts.b.csv",
        [account(account_id="a1", display_name="first"), account(account_id="a1", display_name="second")],
    )
    assert call("run", space.root, "--quiet").code == 0
    whole(space)
    assert accounts(space) == ACCOUNTS
    with OpenRun.last(space.root) as held:
        assert held.rows("select display_name from accounts where account_id = 'a1'") == [{"display_name": "second"}]


def test_an_injection_in_every_field_and_in_the_file_s_name_stays_text(space: Workspace) -> None:
    from mapae.rules.kinds import load_catalogue

    columns = load_catalogue().tables["accounts"].columns
    evil = {n: INJECTION for n, c in columns.items() if c.type in ("id", "text") and n != "platform"} | {
        "platform": "site"
    }
    write_csv(space.inputs / "accounts.'); drop table accounts; --.csv", [evil])
    write_csv(space.inputs / "sign_ins.b.csv", [{
        "event_id": INJECTION, "account_id": INJECTION, "happened_at": "2026-05-01T00:00:00Z", "country": "US", "device_id": INJECTION,
        "user_agent": INJECTION,
    }])  # fmt: skip
    told = call("run", space.root, "--quiet")
    assert told.code == 0 and told.err == ""
    whole(space)
    assert accounts(space) == ACCOUNTS + 1
    with OpenRun.last(space.root) as held:
        (row,) = held.rows("select * from accounts where account_id = ?", [INJECTION])
        assert all(row[name] == INJECTION for name in evil if name != "platform")
        assert held.rows("select count(*) as n from assessment")[0]["n"] == ACCOUNTS + 1
        assert held.rows("select device_id from sign_ins where account_id = ?", [INJECTION]) == [
            {"device_id": INJECTION}
        ]
        wanted = held.rows("select id from assessment where subject = ?", [f"account:{INJECTION}"])[0]["id"]
    for arguments in (
        ("status", space.root),
        ("why", wanted, space.root),
        ("case", f"account:{INJECTION}", space.root, "--out", space.root / "c"),
    ):
        told = call(*arguments)
        assert told.code == 0, told.text
        plain(told, space)


def test_a_header_without_rows_is_an_empty_table(space: Workspace) -> None:
    (space.inputs / "payouts.csv").write_text("payout_id,account_id,happened_at,destination_id\n")
    assert call("run", space.root, "--quiet").code == 0
    whole(space)
    assert source(space, "inputs/payouts.csv")["read"] == 0


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
        if path.name.startswith(("pytest-", "test_")) or path == tmp_path:
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
