"""Addresses as numbers that sort: family, and two halves of 64 bits."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

# Halves are stored as signed numbers, so that they fit where no unsigned ones do: 2**63 less than they are.
OFFSET = 1 << 63
LARGEST = {4: (1 << 32) - 1, 6: (1 << 128) - 1}
_MAPPED = 0xFFFF << 32  # ::ffff:0:0/96, IPv4 written as IPv6
Halves = npt.NDArray[np.uint64]


def parse_address(text: str) -> tuple[int, int] | None:
    """Family and number of an address; None of what is none. IPv4 written as IPv6 is IPv4.

    Example:
        >>> parse_address("::ffff:192.0.2.1"), parse_address("192.0.2.300")
        ((4, 3221225985), None)
    """
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return unmapped(found.version, int(found))


def unmapped(family: int, number: int) -> tuple[int, int]:
    """IPv4 written as IPv6 as IPv4; all else as it is."""
    if family == 6 and number >> 32 == _MAPPED >> 32:
        return 4, number & LARGEST[4]
    return family, number


def parse_range(text: str) -> tuple[int, int, int] | None:
    """Family, first and last number of a range or single address; None of what is none.

    Example:
        >>> parse_range("192.0.2.0/31"), parse_range("2001:db8::1")
        ((4, 3221225984, 3221225985), (6, 42540766411282592856903984951653826561, 42540766411282592856903984951653826561))
    """
    try:
        found = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    low, high = int(found.network_address), int(found.broadcast_address)
    family, first = unmapped(found.version, low)
    return (family, first, high & LARGEST[4]) if family != found.version else (family, low, high)


def halves(numbers: Iterable[int]) -> tuple[Halves, Halves]:
    """Upper and lower 64 bits of numbers."""
    listed = list(numbers)
    data = b"".join(n.to_bytes(16, "big") for n in listed)
    both = np.frombuffer(data, dtype=">u8").astype(np.uint64).reshape(len(listed), 2)
    return both[:, 0].copy(), both[:, 1].copy()


def of_texts(texts: Iterable[str]) -> tuple[npt.NDArray[np.int8], Halves, Halves]:
    """Family and halves of addresses in their normal form; family 0 of what is none.

    Args:
        texts: as the records have them: IPv4 with dots, IPv6 with colons.
    """
    families, made = bytearray(), bytearray()
    for text in texts:
        try:
            if ":" in text:
                packed, family = socket.inet_pton(socket.AF_INET6, text), 6
            else:
                packed, family = bytes(12) + socket.inet_pton(socket.AF_INET, text), 4
        except (OSError, ValueError):
            packed, family = bytes(16), 0
        families.append(family)
        made += packed
    both = np.frombuffer(bytes(made), dtype=">u8").astype(np.uint64).reshape(len(families), 2)
    return np.frombuffer(bytes(families), dtype=np.int8), both[:, 0].copy(), both[:, 1].copy()


def signed(half: Halves) -> npt.NDArray[np.int64]:
    """Halves as they are stored: signed, in the same order."""
    return (half ^ np.uint64(OFFSET)).view(np.int64)


def key(high: str, low: str) -> str:
    """SQL of one number that sorts as two stored halves do.

    Args:
        high, low: SQL of the stored halves.
    """
    upper, lower = (f"({half}::hugeint + {OFFSET})::uhugeint" for half in (high, low))
    return f"({upper} * {1 << 64}::uhugeint + {lower})"
