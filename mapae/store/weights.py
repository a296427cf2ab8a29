"""Weights files: canonical JSON under its own hash; a run's manifest names the one in force."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from mapae.model.findings import canonical_json
from mapae.store import disk
from mapae.store.workspace import Workspace


def place(space: Workspace, weights: dict[str, Any]) -> str:
    """Write a weights file unless it is there; gives its name."""
    data = canonical_json(weights).encode()
    name = hashlib.sha256(data).hexdigest()
    path = space.weights / f"{name}.json"
    if not path.exists():
        disk.place(data, space.tmp / f"weights-{name}.json", path)
    return name


def load(space: Workspace, name: str) -> dict[str, Any] | None:
    """Read a weights file; None where it is missing or changed (it is then estimated anew)."""
    path = space.weights / f"{name}.json"
    if not path.exists():
        return None
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != name:
        return None
    read: dict[str, Any] = json.loads(data)
    return read
