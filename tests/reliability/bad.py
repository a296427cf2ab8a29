"""What the tests that spoil a workspace ask of it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from small import Told, run, whole

from mapae.store import runs, workspace
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace


def copied(space: Workspace, folder: Path) -> Workspace:
    return workspace.find(
        shutil.copytree(space.root, folder, symlinks=True, ignore=shutil.ignore_patterns("*.pipe.csv"))
    )


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


def account(**cells: str) -> dict[str, str]:
    return {
        "account_id": "b1", "platform": "site", "claimed_country": "DE", "display_name": "Jo", "date_of_birth": "",
        "created_at": "2026-01-01T00:00:00Z", **cells,
    }  # fmt: skip


def payout(**cells: str) -> dict[str, str]:
    return {"payout_id": "q1", "account_id": "a1", "happened_at": "2026-05-20T00:00:00Z", "amount": "1.00", "currency": "USD",
            "amount_usd": "1.00", "destination_id": "d1", **cells}  # fmt: skip
