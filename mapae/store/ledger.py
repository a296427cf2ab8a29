"""The ledger: one line an act, chained by hash over raw bytes, with a signed head that catches a cut tail.

A line is canonical JSON, a tab, and sha256(previous hash + those JSON bytes). Appending one run's lines
is one write and one fsync: that is the commit.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mapae.model.errors import Damaged
from mapae.model.findings import canonical_json
from mapae.store import disk
from mapae.store.workspace import Workspace

START = "0" * 64


@dataclasses.dataclass(frozen=True)
class Line:
    """One act as it stands in the ledger: ``sequence`` counts from 1, ``end`` is its last byte's offset."""

    sequence: int
    act: dict[str, Any]
    hash: str
    end: int


@dataclasses.dataclass(frozen=True)
class Reading:
    """Whole lines of a ledger, how many torn bytes follow them, and the first fault of the chain if any."""

    lines: list[Line]
    torn: int
    fault: str

    @property
    def head(self) -> str:
        return self.lines[-1].hash if self.lines else START

    @property
    def end(self) -> int:
        return self.lines[-1].end if self.lines else 0


def link(previous: str, body: bytes) -> str:
    """Hash of a line: of the previous line's hash and this line's raw JSON bytes."""
    return hashlib.sha256(previous.encode() + body).hexdigest()


def read(path: Path) -> Reading:
    """Read a ledger's lines (see :func:`parse`); an absent file has none."""
    return parse(path.read_bytes() if path.exists() else b"")


def parse(data: bytes) -> Reading:
    """Take a ledger's raw bytes apart.

    A last line without its newline is torn: a writer was killed in it. Any other break of the chain is a fault.
    """
    lines: list[Line] = []
    at, previous, fault = 0, START, ""
    while at < len(data):
        end = data.find(b"\n", at)
        raw = data[at : end if end >= 0 else len(data)]
        body, tab, digest = raw.rpartition(b"\t")
        good = end >= 0 and bool(tab) and digest.decode("ascii", "replace") == link(previous, body)
        if good:
            try:
                act = json.loads(body)
            except ValueError:
                good = False
        if not good:
            if end >= 0 and end + 1 < len(data):
                fault = f"line {len(lines) + 1} is not what was written"
            elif end >= 0:
                fault = f"the last line ({len(lines) + 1}) is not what was written"
            break
        previous = digest.decode()
        lines.append(Line(len(lines) + 1, act, previous, end + 1))
        at = end + 1
    torn = len(data) - (lines[-1].end if lines else 0) if not fault else 0
    return Reading(lines, torn, fault)


def key_folder() -> Path:
    """Where the signing key lies: the user's configuration folder, never the workspace."""
    base = os.environ.get("MAPAE_CONFIG") or os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "mapae"


def signing_key() -> Ed25519PrivateKey:
    """The user's key; made at first need with permission for its owner alone."""
    folder = key_folder()
    path = folder / "ledger.key"
    if path.exists():
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(path.read_text("ascii")))
    folder.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    raw = key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    half = folder / f"ledger.key.{os.getpid()}"
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, base64.b64encode(raw))
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(half, path)  # the first of two inits wins; the other reads its key
    except FileExistsError:
        pass
    finally:
        half.unlink()
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(path.read_text("ascii")))


def key_name() -> str:
    """Short public name of the signing key, for ``status``."""
    public = signing_key().public_key().public_bytes_raw()
    return hashlib.sha256(public).hexdigest()[:16]


def sign_head(space: Workspace, sequence: int, head: str) -> None:
    """Renew ``ledger.head``: sequence, hash, time and their signature."""
    signed_at = dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat()
    body = canonical_json({"sequence": sequence, "hash": head, "signed_at": signed_at, "key": key_name()})
    signature = base64.b64encode(signing_key().sign(body.encode())).decode()
    disk.place(f"{body}\t{signature}\n".encode(), space.tmp / "ledger.head", space.head)


def read_head(space: Workspace) -> dict[str, Any] | None:
    """What the signed head says, or None where there is none.

    Raises:
        Damaged: the head is not what this user's key signed.
    """
    if not space.head.exists():
        return None
    body, _, signature = space.head.read_bytes().rstrip(b"\n").rpartition(b"\t")
    try:
        told: dict[str, Any] = json.loads(body)
        if told.get("key") == key_name():
            signing_key().public_key().verify(base64.b64decode(signature), body)
        return told
    except (ValueError, InvalidSignature) as problem:
        raise Damaged(
            "The ledger's head is not what was signed.",
            where=str(space.head),
            why="Its bytes were changed after signing, or it was copied from elsewhere.",
            do="Compare with a copy of the workspace; run: mapae verify",
        ) from problem


def repair(space: Workspace) -> list[str]:
    """Bring a ledger into order before writing: cut a torn last line, sign again a head that is one line behind.

    Returns:
        What was done, for the run's notes.

    Raises:
        Damaged: the chain is broken, or lines that the head has signed are missing.
    """
    told: list[str] = []
    reading = read(space.ledger)
    if reading.fault:
        raise Damaged(
            "The ledger was changed outside Mapae.",
            where=str(space.ledger),
            why=reading.fault + ".",
            do="Nothing more is written to it. Restore it from a copy; mapae verify says what still holds.",
        )
    head = read_head(space)
    if head and (
        head["sequence"] > len(reading.lines)
        or (head["sequence"] and reading.lines[head["sequence"] - 1].hash != head["hash"])
    ):
        raise Damaged(
            "The ledger's end is missing.",
            where=str(space.ledger),
            why=f"Its signed head counts {head['sequence']} lines, the file holds {len(reading.lines)}.",
            do="Restore ledger.jsonl from a copy; nothing more is written until then.",
        )
    if reading.torn:
        with space.ledger.open("r+b") as handle:
            handle.truncate(reading.end)
            handle.flush()
            disk.fsync(handle.fileno())
        told.append(f"a torn last line of {reading.torn} bytes was cut off the ledger")
    if reading.lines and (head is None or head["sequence"] < len(reading.lines)):
        sign_head(space, len(reading.lines), reading.head)
        if head is not None:
            told.append("the ledger's head was behind and is signed again")
    return told


def append(space: Workspace, acts: list[dict[str, Any]]) -> str:
    """Add acts in one write and one fsync (the commit), then renew the head.

    Returns:
        The new head hash.

    Raises:
        MapaeError: the disk refused; a torn line is cut off by the next writer.
    """
    reading = read(space.ledger)
    previous, text = reading.head, b""
    for act in acts:
        body = canonical_json(act).encode()
        previous = link(previous, body)
        text += body + b"\t" + previous.encode() + b"\n"
    try:
        fresh = not space.ledger.exists()
        handle = os.open(space.ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            disk.write(handle, text)
            disk.fsync(handle)
        finally:
            os.close(handle)
        if fresh:
            disk.fsync_folder(space.hidden)
    except OSError as problem:
        raise disk.full_disk(problem, space.ledger) from problem
    sign_head(space, len(reading.lines) + len(acts), previous)
    return previous
