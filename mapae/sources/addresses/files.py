"""An address file of the user's own, and what kind it is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

# Kinds of files. Behind a list of ranges stands, after a colon, what its ranges are: ``list:vpn``, ``geofeed:relay``.
MMDB, ANONYMOUS, CARRIER = "mmdb", "mmdb:anonymous", "mmdb:carrier"
TABLE, IP2PROXY, DELEGATED, TOR, GEOFEED, LIST = "table", "ip2proxy", "delegated", "tor", "geofeed", "list"
# Files whose terms forbid copies: only the values of addresses looked up, the build and the hash are kept of them.
LICENSED = frozenset((MMDB, TABLE, IP2PROXY))


@dataclasses.dataclass(frozen=True)
class AddressFile:
    """An address file.

    Args:
        path: where it lies.
        sha256: of its bytes, in hexadecimal.
        kind: as :func:`mapae.sources.addresses.recognise.recognise_address_file` says.
        title: in words, as ``MaxMind GeoIP2-City, build of 2026-02-04``.
    """

    path: Path
    sha256: str
    kind: str
    title: str = ""

    @property
    def source16(self) -> str:
        """Short name of the source, as references carry it."""
        return self.sha256[:16]


def is_licensed(kind: str) -> bool:
    """Whether files of a kind are kept by path, size, time and hash and never copied into the vault.

    Vendors' databases are, whatever their own terms say: some of their terms forbid copies, and all may change.
    Public lists (registries' delegations, Tor's exits, relay ranges, lists of ranges) are copied as other sources are.
    """
    return kind.partition(":")[0] in LICENSED


def gives_place(kind: str) -> bool:
    """Whether the country in such a file is where the address is used; in a registry's it is the holder's."""
    return kind != DELEGATED


def said_kind(kind: str) -> str:
    """What the ranges of a list are, as its kind says; "" where it does not.

    Example:
        >>> said_kind("geofeed:relay"), said_kind("mmdb:carrier")
        ('relay', '')
    """
    layout, _, word = kind.partition(":")
    return word if layout in (GEOFEED, LIST) else ""
