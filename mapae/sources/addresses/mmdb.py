"""Databases in MaxMind's format (MMDB), of whatever vendor: MaxMind, IPinfo, DB-IP."""

from __future__ import annotations

import datetime as dt
import ipaddress
import mmap
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import maxminddb
import numpy as np

from mapae.model.errors import InputRefused
from mapae.sources.addresses import tree
from mapae.sources.addresses.fields import EMPTY, KNOWN, flat, kind_rows, values
from mapae.sources.addresses.files import ANONYMOUS, CARRIER, MMDB
from mapae.sources.addresses.ranges import Collected, Ranges, of_leaves

# Bytes that stand before the metadata, which the format puts into the last 128 kB (MaxMind DB file format 2.0).
MARKER, END = b"\xab\xcd\xefMaxMind.com", 128 << 10
# Records looked at before a database is taken for one whose fields nobody here knows.
LOOKED_AT = 2000
_ADDRESS = re.compile(r"\b(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)(?=[\s.,])", re.ASCII)
_VENDORS = (("geo", "MaxMind"), ("ipinfo", "IPinfo"), ("dbip", "DB-IP"), ("db-ip", "DB-IP"))


def has_marker(path: Path) -> bool:
    """Whether a file ends as an MMDB does."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - END, 0))
        return MARKER in file.read()


def refuse(path: Path, why: str) -> InputRefused:
    """The refusal of a database that cannot be read."""
    return InputRefused(
        "An address database (MMDB) is damaged or cut off.",
        where=str(path),
        why=why,
        do="Download it again; compressed ones (.gz, .tar.gz) are unpacked first.",
    )


def opened(path: Path) -> maxminddb.Reader:
    """The library's reader.

    Raises:
        InputRefused: it cannot be opened.
    """
    try:
        reader = maxminddb.open_database(str(path))
        reader.metadata()  # decoded anew each time it is asked for
        return reader
    except (maxminddb.InvalidDatabaseError, ValueError, UnicodeDecodeError, OSError, MemoryError) as problem:
        raise refuse(path, _why(problem, path)) from problem


def _why(problem: BaseException, path: Path) -> str:
    said = str(problem).replace(str(path), path.name)[:200]
    return _ADDRESS.sub("an address", said) or "What it says of itself is not what it holds."


def describe(path: Path) -> tuple[str, str]:
    """Kind and title of a database.

    Raises:
        InputRefused: it is damaged, or holds no field that is known.
    """
    found, _ = _read(path, LOOKED_AT)
    metadata = found.metadata
    if not found.values.columns(np.zeros(0, np.int64)) or not found.known:
        raise InputRefused(
            "An address database is of a type that is not known.",
            where=str(path),
            why=f"Its type is {str(metadata.database_type)[:60]!r}; its records have {', '.join(found.seen) or 'no fields'}.",
            do="Give a City, Country, ASN, ISP, Anonymous-IP, Enterprise, IPinfo or DB-IP database.",
        )
    name = str(metadata.database_type)
    vendor = next((says for word, says in _VENDORS if word in name.lower()), "")
    title = (
        f"{vendor + ' ' if vendor and vendor.lower() not in name.lower() else ''}{name}, build of {build_of(metadata)}"
    )
    return _kind(name), title


def _kind(name: str) -> str:
    if "anonymous" in name.lower():
        return ANONYMOUS
    return CARRIER if name.lower().endswith("-isp") else MMDB


def build_of(metadata: Any) -> str:
    """Day on which a database was built (ISO), or "" where what it says is no day."""
    try:
        return dt.datetime.fromtimestamp(int(metadata.build_epoch), dt.UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


class _Found:
    def __init__(self, metadata: Any) -> None:
        self.metadata, self.values = metadata, Collected()
        self.known, self.seen = False, []  # type: bool, list[str]
        self.leaves: tuple[tree.Leaves, ...] = ()
        self.numbers: list[np.ndarray] = []


def read(path: Path, source16: str) -> Ranges:
    """Every range of a database with what it says.

    Args:
        path: the file.
        source16: first 16 hex digits of its SHA-256.

    Raises:
        InputRefused: it is damaged.
    """
    found, ranges = _read(path, None)
    build = build_of(found.metadata)
    return Ranges(of_leaves(found.leaves, found.numbers, found.values, source16, build), build, ranges)


def _read(path: Path, most: int | None) -> tuple[_Found, int]:
    """Walk a database and read its records, each distinct one once; ``most`` of them where given."""
    with opened(path) as reader, path.open("rb") as file:
        metadata = reader.metadata()
        found = _Found(metadata)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                left, right = tree.nodes(data, metadata.node_count, metadata.record_size)
                found.leaves = tree.leaves(left, right, metadata.ip_version)
            except tree.BrokenTree as problem:
                raise refuse(path, str(problem)) from problem
        del left, right
        pointers, first = _distinct(found.leaves)
        keys = {row.field for row in kind_rows()} | KNOWN
        numbers = np.full(len(pointers), -1, np.int64)
        seen: dict[str, None] = {}
        for at in range(len(pointers) if most is None else min(most, len(pointers))):
            record = _record(reader, found.leaves, int(first[at]), path)
            made = flat(record)
            seen.update(dict.fromkeys(str(k) for k in list(made)[:20]))
            found.known = found.known or not keys.isdisjoint(made)
            told = values(record)
            numbers[at] = found.values.number(told) if told != EMPTY else -1
        found.seen = list(seen)[:20]
        found.numbers = [numbers[np.searchsorted(pointers, leaves.record)] for leaves in found.leaves]
    return found, sum(map(len, found.leaves))


def _distinct(found: tuple[tree.Leaves, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Places of records, each once, and for each the first range (counted through both families) that has it."""
    every = np.concatenate([leaves.record for leaves in found])
    pointers, first = np.unique(every, return_index=True)
    return pointers, first


def _record(reader: maxminddb.Reader, found: tuple[tree.Leaves, ...], at: int, path: Path) -> Mapping[str, Any]:
    """The record of a range, by its first address."""
    four = len(found[0])
    leaves, at = (found[0], at) if at < four else (found[1], at - four)
    number = int(leaves.high[at]) << 64 | int(leaves.low[at])
    address = ipaddress.IPv4Address(number) if leaves.family == 4 else ipaddress.IPv6Address(number)
    try:
        record = reader.get(address)
    except (maxminddb.InvalidDatabaseError, ValueError, UnicodeDecodeError, RecursionError, MemoryError) as problem:
        raise refuse(path, _why(problem, path)) from problem
    return record if isinstance(record, dict) else {}
