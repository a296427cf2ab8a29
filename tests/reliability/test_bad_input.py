"""Bad input: each is told in words that a non-programmer understands; the workspace is then as it was or complete."""

from __future__ import annotations

import dataclasses
import gzip
import lzma
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from bad import account, accounts, copied, mended, payout, plain, source
from small import ACCOUNTS, DAY, ROOT, Told, call, child, key_in, whole, write_csv

from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace

pytestmark = pytest.mark.usefixtures("on_the_tests_day")
LISTS = ROOT / "tests" / "sources" / "lists"
HEAD = "account_id,platform,claimed_country,display_name,created_at\n"
INJECTION = "x'); drop table accounts; delete from sign_ins where ('1'='1' --"


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
    "a table of no known name": ("people.csv", text("a,b\n1,2\n"), ("none that Mapae knows", "name a table's file after the table")),
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
        "import datetime, pathlib, re, sys\nfrom mapae import pipeline\nfrom mapae.cli.main import call\nreal = pipeline.run\n"
        "pipeline.run = lambda *given, **named: real(*given, today=datetime.date.fromisoformat(sys.argv[2]), **named)\n"
        "code = call(['run', sys.argv[1], '--quiet'])\n"
        # The kernel's own mark of this program: getrusage would also tell the size of the process that started it.
        "peak = int(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1]) // 1024\n"
        "print('PEAK', peak)\nsys.exit(code)"
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
