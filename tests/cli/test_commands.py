"""The commands: help, exit codes, what they print, and what of the user's data never appears in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from small import ROOT, Rows, call, key_in, run, small, write_csv

from mapae import __version__
from mapae.cli.main import COMMANDS
from mapae.store import ledger, runs
from mapae.store.workspace import Workspace


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with key_in(tmp_path_factory.mktemp("key")):
        yield


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = small(tmp_path_factory.mktemp("commands") / "w", lists=False)
    run(made)
    return made


def test_help_lists_every_command_and_each_has_help_of_its_own() -> None:
    told = call("--help")
    assert told.code == 0 and all(re.search(rf"^  {name} ", told.out, re.MULTILINE) for name in COMMANDS)
    for name in COMMANDS:
        told = call(name, "--help")
        assert told.code == 0 and "Usage: mapae " + name in told.out and told.err == ""
    assert call("--version").out == f"mapae, version {__version__}\n"


def test_help_loads_neither_the_engine_nor_arrow() -> None:
    code = (
        "import sys\nfrom mapae.cli.main import call\ncall(['--help'])\n"
        "sys.exit(str(sorted({'duckdb', 'pyarrow', 'numpy', 'lxml', 'rich', 'yaml', 'sqlglot'} & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr.strip() == "[]"


def test_from_nothing_to_a_run_and_its_status(tmp_path: Path) -> None:
    target = tmp_path / "new"
    told = call("init", target)
    assert (
        told.code == 0
        and f"{target} is a workspace" in told.out
        and "mapae run" in told.out
        and "signed with key" in told.out
    )
    told = call("status", target)
    assert told.code == 0 and "Nothing has been run yet" in told.out
    told = call("run", target, "--quiet")
    assert told.code == 0 and "accounts        0" in told.out and "Nothing reaches review" in told.out
    told = call("run", target)
    assert told.code == 0 and "Nothing new: run " in told.out
    assert call("init", target).code == 0
    assert call("sweep", target).out == "Deleted 0 runs and 0 parts (0.0 MB).\n"


def test_the_folder_one_stands_in_is_the_workspace(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(space.root)
    for command in ("status", "verify", "sweep"):
        assert call(command).code == 0
    monkeypatch.chdir(space.inputs)
    told = call("status")
    assert told.code == 1 and "no workspace" in told.err and "mapae init" in told.err


def test_progress_goes_to_stderr_and_results_to_stdout(space: Workspace, tmp_path: Path) -> None:
    other = small(tmp_path / "w", lists=False, only=("accounts",))
    told = call("run", other.root)
    assert told.code == 0
    assert (
        re.search(r"^\[ *\d+\.\d s\] reading inputs/accounts.csv$", told.err, re.MULTILINE) and "committing" in told.err
    )
    assert "[" not in told.out.split("\n")[0] and told.out.startswith("Run ")


def test_strict_ends_with_three_only_when_the_sum_is_judged(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call("run", space.root, "--quiet", "--strict").code == 0  # too few accounts to judge
    from mapae.reports import summary

    real = summary.of
    monkeypatch.setattr(summary, "of", lambda held: summary.Told(real(held).text, [], "too bold"))
    told = call("run", space.root, "--quiet", "--strict")
    assert told.code == 3 and "do not add up" in told.err
    assert call("run", space.root, "--quiet").code == 0


def test_what_nobody_foresaw_is_one_message_without_data_and_without_a_traceback(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mapae import pipeline

    def broken(*_: object, **__: object) -> None:
        raise KeyError("secret of somebody")

    monkeypatch.setattr(pipeline, "run", broken)
    told = call("run", space.root)
    assert told.code == 1
    assert "did not foresee" in told.err and "nothing was committed" in told.err and "where: " in told.err
    assert "secret" not in told.text and "Traceback" not in told.text
    monkeypatch.setenv("MAPAE_TRACEBACK", "1")
    assert "Traceback" in call("run", space.root).err


@pytest.mark.parametrize("problem", [KeyboardInterrupt, BrokenPipeError])
def test_a_run_that_is_stopped_by_hand_ends_with_one(
    problem: type[BaseException], space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mapae import pipeline

    def stopped(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(pipeline, "run", stopped)
    told = call("run", space.root)
    assert told.code == 1 and "Traceback" not in told.text


# ---- privacy: no cell of the user's appears where people look, log or copy (R22)


@pytest.fixture(scope="module")
def canaries(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    """A workspace with a canary in every text cell, in rows kept, rows rejected, and files refused; and what its run printed."""
    number = iter(range(10_000))

    def change(made: dict[str, Rows]) -> None:
        for table, listed in made.items():
            for row in listed[:12]:
                for column in (
                    "display_name",
                    "legal_name",
                    "headline",
                    "email",
                    "id_document_number",
                    "text",
                    "debtor_name",
                    "creditor_name",
                    "source",
                    "provider",
                ):
                    if column in row:
                        mark = f"canary{next(number)}x"
                        row[column] = f"{mark}@example.org" if column == "email" else mark
            assert table
        made["accounts"][20] |= {"created_at": f"canary{next(number)}x", "display_name": f"canary{next(number)}x"}
        made["payouts"][20] |= {"amount": f"canary{next(number)}x"}

    space = small(tmp_path_factory.mktemp("canaries") / "w", change)
    write_csv(space.inputs / "accounts.lacking.csv", [{"account_id": "canary9001x", "display_name": "canary9002x"}])
    (space.inputs / "accounts.open.csv").write_text('account_id,platform,display_name\ncanary9003x,site,"canary9004x\n')
    (space.inputs / "accounts.latin.csv").write_bytes(
        "account_id,platform,display_name\ncanary9005x,site,canary9006x é\n".encode("latin-1")
    )
    (space.inputs / "un.xml").write_text(
        "<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>canary9007x</DATAID><A>canary9008x"
    )
    (space.inputs / "evidence.b.yaml").write_text(
        "- {id: canary9009x, subject: canary9010x, fact: canary9011x, says: canary9012x}\n- {id: [canary9013x\n"
    )
    (space.inputs / "sign_ins.b.jsonl").write_text('{"account_id": "canary9014x", "happened_at": "canary9015x"\n')
    (space.inputs / "other.ftm.json").write_text(
        '{"schema": "Person", "id": "canary9016x", "properties": {"name": ["canary9017x"]\n'
    )
    printed = ""
    for arguments in (
        ("run", space.root),
        ("status", space.root),
        ("verify", space.root),
        ("run", space.root),
        ("sweep", space.root),
    ):
        told = call(*arguments)
        assert told.code == 0, told.text
        printed += told.text
    return space, printed


def test_no_cell_of_a_file_is_printed_by_run_status_verify_or_sweep(canaries: tuple[Workspace, str]) -> None:
    _, printed = canaries
    assert "refused" in printed and "1 rejected" in printed
    assert set(re.findall(r"canary\d+x", printed)) == set()


def test_no_cell_of_a_file_stands_in_ledger_manifest_or_weights(canaries: tuple[Workspace, str]) -> None:
    space, _ = canaries
    for path in (space.ledger, space.head, *space.runs.iterdir(), *space.weights.iterdir()):
        assert "canary" not in path.read_text("utf-8"), path.name
    assert not [path for path in space.tmp.rglob("*") if path.is_file()]
    acts = [line.act for line in ledger.read(space.ledger).lines]
    assert {key for act in acts if act["act"] == "run" for key in act} == {"act", "run", "at", "sources"}
    assert {act["act"] for act in acts} <= {"run", "alert"}
    manifest = runs.load(space, runs.committed(space)[-1])
    assert set(manifest["sources"][0]) == {
        "path",
        "sha256",
        "what",
        "name",
        "read",
        "kept",
        "rejected",
        "equal",
        "error",
    }


def test_the_canaries_are_really_there(canaries: tuple[Workspace, str]) -> None:
    """What the tests above did not find can be found: in the vault and in the records."""
    space, _ = canaries
    assert sum(b"canary" in path.read_bytes() for path in space.vault.iterdir()) >= 10
    told = call("export", "tables", space.root, "--out", space.root.parent / "out", "--format", "jsonl")
    assert told.code == 0 and "canary" not in told.text
    rejected = (space.root.parent / "out" / "rejected" / "accounts.jsonl").read_text()
    assert re.search(r"canary\d+x", (space.root.parent / "out" / "records" / "accounts.jsonl").read_text())
    assert re.search(r"canary\d+x", json.loads(rejected.splitlines()[0])["raw"])


def test_nothing_reaches_for_the_network(tmp_path: Path) -> None:
    """A run, its pages and its exports with every socket refused."""
    space = small(tmp_path / "w")
    code = (
        "import socket, sys\ndef no(*_, **__): raise AssertionError('a socket was asked for')\n"
        "socket.socket.connect = no; socket.getaddrinfo = no; socket.create_connection = no\n"
        "from mapae.cli.main import call\nw = sys.argv[1]\n"
        "codes = [call(['run', w, '--quiet']), call(['case', 'ring:a0', w]), call(['why', '1', w]), call(['export', 'tables', w, '--out', w + '/out'])]\n"
        "sys.exit(0 if codes == [0, 0, 0, 0] else str(codes))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(space.root)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
