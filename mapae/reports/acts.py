"""What a report leaves in the ledger: a read of personal data, an export, a hold. No value of anybody's stands there."""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
import hmac
from typing import Any

from mapae.store import ledger, workspace
from mapae.store.runs import OpenRun


def reader_name() -> str:
    """Who is at the keys, as the system knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def sealed(value: str) -> str:
    """A value as a keyed hash: whoever holds the ledger's key can check that it was looked up, nobody can read it."""
    key = ledger.signing_key().private_bytes_raw()
    return "hmac:" + hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:32]


def note(run: OpenRun, *acts: dict[str, Any]) -> None:
    """Write acts about a run into its workspace's ledger.

    Args:
        acts: each with ``act`` (read, export or hold); the run's name and the time are added.

    Raises:
        MapaeError: another process writes to the workspace, or the ledger is damaged.
    """
    at = dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat()
    with workspace.writing(run.space):
        ledger.repair(run.space)
        ledger.append(run.space, [{**act, "run": run.name, "at": at} for act in acts])


def committed_at(run: OpenRun) -> dt.datetime:
    """When the run was committed, as its ledger line says; what an export carries as the time of its findings."""
    for line in reversed(ledger.read(run.space.ledger).lines):
        if line.act.get("act") == "run" and line.act.get("run") == run.name and "at" in line.act:
            return dt.datetime.fromisoformat(line.act["at"]).astimezone(dt.UTC)
    return dt.datetime.fromisoformat(run.manifest["as_of"]).replace(tzinfo=dt.UTC)
