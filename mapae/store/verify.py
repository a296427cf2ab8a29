"""Verify: every hash of a workspace computed again, and one sentence on what that cannot show."""

from __future__ import annotations

import dataclasses
import hashlib
import json

from mapae.model.errors import Damaged
from mapae.store import ledger, parts, runs
from mapae.store.workspace import Workspace

CANNOT_SHOW = (
    "This cannot show a rewrite of the whole workspace by somebody who holds the signing key, "
    "before a first copy of ledger.head was kept outside."
)


@dataclasses.dataclass
class Report:
    """What was checked, and what did not hold."""

    lines: int = 0
    runs: int = 0
    parts: int = 0
    sources: int = 0
    faults: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)


def verify(space: Workspace) -> Report:
    """Hash the ledger's chain, its head, the kept runs' manifests, their parts, weights, and the vault."""
    report = Report()
    reading = ledger.read(space.ledger)
    report.lines = len(reading.lines)
    if reading.fault:
        report.faults.append(f"ledger.jsonl: {reading.fault}")
    if reading.torn:
        report.notes.append(f"ledger.jsonl: a torn last line of {reading.torn} bytes (the next run cuts it off)")
    try:
        head = ledger.read_head(space)
        if head is None and reading.lines:
            report.faults.append("ledger.head is missing")
        elif head and head["sequence"] > report.lines:
            report.faults.append(
                f"ledger.jsonl: its signed head counts {head['sequence']} lines, {report.lines} are there"
            )
        elif head and reading.lines[head["sequence"] - 1].hash != head["hash"]:
            report.faults.append(f"ledger.jsonl: line {head['sequence']} is not the one that its head was made for")
        if head and head.get("key") != ledger.key_name():
            report.notes.append(
                f"ledger.head was signed with key {head.get('key')}, which is not yours; its signature was not checked"
            )
    except Damaged as problem:
        report.faults.append(f"ledger.head: {problem.what}")
    for name in dict.fromkeys(runs.committed(space)):
        if not (space.runs / f"{name}.json").exists():
            continue  # swept: the ledger keeps its name
        try:
            manifest = runs.load(space, name)
        except Damaged as problem:
            report.faults.append(f"runs/{name[:8]}: {problem.what}")
            continue
        report.runs += 1
        _parts(space, manifest, report)
    _vault(space, report)
    return report


def _parts(space: Workspace, manifest: dict, report: Report) -> None:  # type: ignore[type-arg]
    for table, entry in manifest["tables"].items():
        for part in entry["parts"]:
            path = parts.path(space, part["name"])
            report.parts += 1
            if not path.exists():
                report.faults.append(f"{table}: its part {part['name'][:8]} is missing")
            elif parts.hash_file(path) != part["sha256"]:
                report.faults.append(f"{table}: the bytes of its part {part['name'][:8]} have changed")
    weights = manifest.get("weights")
    if weights:
        path = space.weights / f"{weights}.json"
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != weights:
            report.faults.append(f"weights/{weights[:8]}: missing or changed")


def _vault(space: Workspace, report: Report) -> None:
    from pathlib import Path

    for path in sorted(space.vault.iterdir()) if space.vault.exists() else []:
        report.sources += 1
        if path.suffix == ".ref":
            told = json.loads(path.read_text("utf-8"))
            file = Path(told["path"])
            if not file.exists():
                report.notes.append(
                    f"{file}: a large input has vanished since it was read; findings made from it stand"
                )
            elif parts.hash_file(file) != told["sha256"]:
                report.faults.append(f"{file}: a large input's bytes have changed since it was read")
        elif parts.hash_file(path) != path.name:
            report.faults.append(f"vault/{path.name[:16]}: the bytes of a source have changed")
