"""A small writer of MMDB files for tests (MaxMind DB file format 2.0), and the sample databases."""

from __future__ import annotations

import hashlib
import ipaddress
import struct
from pathlib import Path
from typing import Any

from mapae.sources.addresses import AddressFile, recognise_address_file

SAMPLES = ("GeoIP2-Anonymous-IP", "GeoIP2-City", "GeoIP2-Country", "GeoIP2-ISP", "GeoLite2-ASN")


def held(path: Path) -> AddressFile:
    """A file as the collector hands it on."""
    told = recognise_address_file(path)
    assert told is not None, path
    return AddressFile(path, hashlib.sha256(path.read_bytes()).hexdigest(), *told)


def sample(shared: Path, name: str) -> AddressFile:
    """One of the vendor's own test databases."""
    return held(shared / "logs" / "geo" / f"{name}-Test.mmdb")


def _control(number: int, size: int) -> bytes:
    head = bytes([number << 5 | size]) if number <= 7 else bytes([size, number - 7])
    assert size < 29
    return head


def _whole(number: int, value: int) -> bytes:
    data = value.to_bytes(8, "big").lstrip(b"\x00")
    return _control(number, len(data)) + data


def _encoded(value: Any) -> bytes:
    if isinstance(value, bool):
        return _control(14, int(value))
    if isinstance(value, str):
        data = value.encode()
        if len(data) < 29:
            return _control(2, len(data)) + data
        return bytes([2 << 5 | 29, len(data) - 29]) + data
    if isinstance(value, int):
        return _whole(6, value)
    if isinstance(value, float):
        return _control(3, 8) + struct.pack(">d", value)
    if isinstance(value, list):
        return _control(11, len(value)) + b"".join(map(_encoded, value))
    return _control(7, len(value)) + b"".join(_encoded(k) + _encoded(v) for k, v in value.items())


def write_mmdb(path: Path, kind: str, rows: dict[str, dict[str, Any]], *, epoch: int = 1_767_225_600) -> Path:
    """Write networks with records into a database.

    Args:
        path: where to.
        kind: its type, as ``ipinfo core``.
        rows: records by network; networks may not lie in each other.
        epoch: when it was built, in seconds since 1970.
    """
    nodes: list[list[Any]] = [[None, None]]
    for network, record in rows.items():
        net = ipaddress.ip_network(network)
        bits = f"{int(net.network_address):0{net.max_prefixlen}b}"[: net.prefixlen]
        bits = "0" * 96 + bits if net.version == 4 else bits
        node = 0
        for bit in bits[:-1]:
            side = int(bit)
            if nodes[node][side] is None:
                nodes.append([None, None])
                nodes[node][side] = len(nodes) - 1
            node = nodes[node][side]
        nodes[node][int(bits[-1])] = record
    data, tree = b"", b""
    for pair in nodes:
        for side in pair:
            number = len(nodes) if side is None else side
            if isinstance(side, dict):
                number = len(nodes) + 16 + len(data)
                data += _encoded(side)
            tree += number.to_bytes(3, "big")
    words = {"database_type": kind, "description": {"en": "made for a test"}, "languages": ["en"]}
    small = {"binary_format_major_version": 2, "binary_format_minor_version": 0, "ip_version": 6, "record_size": 24}
    about = _control(7, len(words) + len(small) + 2) + b"".join(_encoded(k) + _encoded(v) for k, v in words.items())
    about += b"".join(_encoded(k) + _whole(5, v) for k, v in small.items())
    about += _encoded("node_count") + _whole(6, len(nodes)) + _encoded("build_epoch") + _whole(9, epoch)
    path.write_bytes(tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + about)
    return path
