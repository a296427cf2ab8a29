"""Sweep: keep the last runs and those that somebody needs; delete the other manifests, then parts that nothing names."""

from __future__ import annotations

import dataclasses
import fcntl
import os

from mapae.store import ledger, runs
from mapae.store.workspace import Workspace

# Runs kept besides those that a decision, export or hold names (house.md, "Sweep").
KEPT_RUNS = 3


@dataclasses.dataclass
class Swept:
    """What a sweep removed."""

    manifests: int = 0
    parts: int = 0
    bytes: int = 0


def sweep(space: Workspace) -> Swept:
    """Delete what no kept run names. The caller holds the workspace as its writer."""
    swept = Swept()
    lines = ledger.read(space.ledger).lines
    wanted = list(dict.fromkeys(reversed([line.act["run"] for line in lines if line.act.get("act") == "run"])))[
        :KEPT_RUNS
    ]
    keep = set(wanted)
    for line in lines:
        if line.act.get("act") in ("decision", "export", "hold") and "run" in line.act:
            keep.add(line.act["run"])
    for path in sorted(space.runs.glob("*.json")):
        if path.stem in keep:
            continue
        handle = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            keep.add(path.stem)  # a reader holds it
            continue
        else:
            path.unlink()
            swept.manifests += 1
        finally:
            os.close(handle)
    named, weights = set(), set()
    for path in space.runs.glob("*.json"):
        manifest = runs.load(space, path.stem)
        named |= {part["name"] for entry in manifest["tables"].values() for part in entry["parts"]}
        weights.add(manifest.get("weights"))
    for path in sorted(space.parts.glob("*.parquet")):
        if path.stem not in named:
            swept.parts += 1
            swept.bytes += path.stat().st_size
            path.unlink()
    for path in sorted(space.weights.glob("*.json")):
        if path.stem not in weights:
            path.unlink()
    return swept
