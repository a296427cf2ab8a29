"""A small workspace in which every stage has something to say, and what tests of whole workspaces share."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from mapae import pipeline
from mapae.cli import main
from mapae.rules.kinds import CATALOGUE
from mapae.store import workspace
from mapae.store.runs import OpenRun
from mapae.store.verify import verify
from mapae.store.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
DAY = dt.date(2026, 6, 1)
# A designated party of the extract that ships: the small workspace's ring is made to pay an account that it owns.
LISTED = "ofac-43379"
# What else is taken of the extract: a person whose name one account bears, and a wallet to which another is paid out.
NAMESAKE, HOLDER, WALLET = "ofac-43377", "ofac-27307", "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"
ACCOUNTS = 40

Rows = list[dict[str, Any]]
# Changes the rows of the tables before they are written.
Change = Callable[[dict[str, Rows]], None]


def rows() -> dict[str, Rows]:
    """Records (simulated) of forty accounts; the first four sign in from two continents and share a device and a payout."""
    made: dict[str, Rows] = {n: [] for n in ("accounts", "sign_ins", "payouts", "identity_checks", "messages")}
    for i in range(ACCOUNTS):
        ring = i < 4
        made["accounts"].append({
            "account_id": f"a{i}", "platform": "site", "claimed_country": "US", "created_at": f"2026-01-{i % 28 + 1:02d}T00:00:00Z",
            "display_name": f"Person {i}", "legal_name": f"Person Number {i}", "email": f"person{i}@example.org",
            "nationality_declared": "US", "date_of_birth": f"19{60 + i}-03-04", "id_document_country": "US",
            "id_document_number": f"D-{1000 + i}", "headline": f"works on things of kind {i}", "status": "active",
        })  # fmt: skip
        for n in range(8):
            country, lat, lon = ("NG", "6.5", "3.4") if ring and n % 2 else ("US", "30.3", "-97.7")
            made["sign_ins"].append({
                "event_id": f"e{i}-{n}", "account_id": f"a{i}", "happened_at": f"2026-05-0{n // 2 + 1}T0{n % 2}:{i:02d}:00Z",
                "outcome": "success", "network_kind": "residential", "country": country, "lat": lat, "lon": lon,
                "device_id": "d-ring" if ring else f"d{i}", "ip": f"192.0.2.{i}", "browser_languages": "en-US;en",
                "remote_control": "true" if ring else "false",
            })  # fmt: skip
        made["payouts"].append({
            "payout_id": f"p{i}", "account_id": f"a{i}", "happened_at": "2026-05-20T00:00:00Z", "amount": "100.00",
            "currency": "USD", "amount_usd": "100.00", "method": "bank", "destination_id": "acct-ring" if ring else f"acct-{i}",
            "destination_country": "CN" if ring else "US",
        })  # fmt: skip
        for n in range(3):
            made["identity_checks"].append({
                "check_id": f"k{i}-{n}", "account_id": f"a{i}", "happened_at": f"2026-04-0{n + 1}T00:00:00Z",
                "kind": "document", "result": "mismatch" if ring else "passed", "provider": "site",
            })  # fmt: skip
            made["messages"].append({
                "message_id": f"m{i}-{n}", "account_id": f"a{i}", "happened_at": f"2026-05-1{n}T00:00:00Z",
                "counterparty_id": f"c{i}-{n}", "kind": "chat", "off_platform": "true" if ring else "false", "text": f"hello {i} {n}",
            })  # fmt: skip
    made["accounts"][9]["legal_name"] = "Kim Sang Man"
    made["payouts"][8] |= {"method": "crypto", "destination_id": WALLET}
    made["payments"] = [
        {"payment_id": "y1", "happened_at": "2026-05-21T00:00:00Z", "amount": "350.00", "currency": "USD", "amount_usd": "350.00",
         "debtor_id": "acct-ring", "debtor_name": "Trading House Simulated", "creditor_id": "acct-on", "creditor_name": "Onward Simulated"},
    ]  # fmt: skip
    made["ownership"] = [
        {
            "owner_id": LISTED,
            "owned_id": "acct-on",
            "percent": "100",
            "since": "2024-03-01",
            "source": "simulated register",
        }
    ]
    return made


def evidence() -> str:
    """What the demo says of the listed party, as an evidence file of its own."""
    text = (CATALOGUE / "demo" / "evidence.yaml").read_text("utf-8")
    kept = [line for line in text.splitlines() if f'"party:{LISTED}"' in line]
    assert kept
    return "\n".join(kept) + "\n"


def entities() -> str:
    """A few entries of the extract that ships, with what is said of them."""
    text = (CATALOGUE / "demo" / "dprk_designations.ftm.json").read_text("utf-8")
    kept = [
        line
        for line in text.splitlines()
        if re.search(rf'"({LISTED}|{NAMESAKE}|{HOLDER})["-]', line) and ("Wallet" not in line or WALLET in line)
    ]
    assert len(kept) > 5
    return "\n".join(kept) + "\n"


def write_csv(path: Path, listed: Rows) -> None:
    """Rows as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(listed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)


def small(folder: Path, change: Change | None = None, *, lists: bool = True, only: Iterable[str] = ()) -> Workspace:
    """A small workspace, not yet run.

    Args:
        change: changes the rows first.
        lists: with entries of a list and the evidence.
        only: these tables alone; all when empty.
    """
    space = workspace.init(folder)
    made = rows()
    if change:
        change(made)
    wanted = set(only) or set(made)
    for table, listed in made.items():
        if table in wanted:
            write_csv(space.inputs / f"{table}.csv", listed)
    if lists:
        (space.inputs / "designations.ftm.json").write_text(entities(), "utf-8")
        (space.inputs / "evidence.yaml").write_text(evidence(), "utf-8")
    return space


def run(space: Workspace, **given: Any) -> pipeline.Outcome:
    """Run on the tests' day."""
    return pipeline.run(space.root, today=DAY, **given)


def tables(space: Workspace, *, but: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Hashes of the parts of each table of the last run."""
    with OpenRun.last(space.root) as held:
        return {n: [p["sha256"] for p in e["parts"]] for n, e in held.manifest["tables"].items() if n not in but}


def whole(space: Workspace) -> None:
    """What holds after every run: all hashes are right, the last run reads, the rows of every source add up."""
    report = verify(space)
    assert not report.faults, report.faults
    with OpenRun.last(space.root) as held:
        for source in held.rows("select * from sources"):
            assert source["read"] == source["kept"] + source["rejected"] + source["equal"], source
        for table in held.manifest["tables"]:
            held.arrow(table)


class Told:
    """What a command printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def text(self) -> str:
        return self.out + self.err


def call(*arguments: str | Path) -> Told:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main.call([str(a) for a in arguments])
    return Told(code, out.getvalue(), err.getvalue())


def child(
    code: str, *arguments: str | Path, env: dict[str, str] | None = None, **given: Any
) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own, with the project importable."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", **(env or {})}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        **given,
    )


@contextlib.contextmanager
def key_in(folder: Path) -> Iterator[None]:
    """A signing key in a folder of its own, for fixtures that outlive one test."""
    before = os.environ.get("MAPAE_CONFIG")
    os.environ["MAPAE_CONFIG"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["MAPAE_CONFIG"]
        else:
            os.environ["MAPAE_CONFIG"] = before
