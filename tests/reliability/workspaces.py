"""A tiny workspace for the tests that kill: every stage has something to do, and a run takes about a second."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from mapae.store import ledger, runs, workspace
from mapae.store.workspace import Workspace

DAY = "2026-06-01"


def tiny(folder: Path, rings: int = 1) -> Workspace:
    """A workspace with forty accounts, one ring that shares devices and payout, and one cited evidence item."""
    space = workspace.init(folder)
    accounts, sign_ins, payouts = (
        ["account_id,platform,claimed_country,display_name,created_at"],
        ["event_id,account_id,happened_at,network_kind,country,lat,lon,device_id,ip"],
        ["payout_id,account_id,happened_at,amount,currency,amount_usd,method,destination_id,destination_country"],
    )
    for i in range(40):
        accounts.append(f"a{i},site,US,Person {i},2026-01-{i % 28 + 1:02d}T00:00:00Z")
        ring = i < 4 * rings
        for n in range(4):
            place = ("30.3,-97.7,US", "6.5,3.4,NG")[n % 2 if ring else 0].split(",")
            device = f"ring{i // 4}" if ring else f"d{i}"
            sign_ins.append(
                f"e{i}-{n},a{i},2026-05-0{n + 1}T00:{n:02d}:00Z,residential,{place[2]},{place[0]},{place[1]},{device},192.0.2.{i}"
            )
        payouts.append(
            f"p{i},a{i},2026-05-20T00:00:00Z,100.00,USD,100.00,bank,{f'acct-{i // 4}' if ring else f'acct-own-{i}'},US"
        )
    for name, lines in (("accounts", accounts), ("sign_ins", sign_ins), ("payouts", payouts)):
        (space.inputs / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return space


def state(space: Workspace) -> dict[str, str]:
    """Hash of every file that a committed run is made of, and the ledger's acts without their times."""
    found = {}
    for folder in (space.vault, space.parts, space.runs, space.weights):
        for path in sorted(folder.iterdir()):
            found[f"{folder.name}/{path.name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    acts = [{k: v for k, v in line.act.items() if k != "at"} for line in ledger.read(space.ledger).lines]
    found["ledger"] = json.dumps(acts, sort_keys=True)
    assert runs.committed(space)
    return found
