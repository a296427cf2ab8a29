"""Addresses and devices of a simulated platform: ranges that belong to nobody, made from whole numbers.

IPv4 lies in 240.0.0.0/4 (reserved, RFC 1112), IPv6 in 2001:db8::/32 (documentation, RFC 3849), autonomous systems
from 4200000000 (private use, RFC 6996): no simulated row can point at anybody's real line.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mapae.worlds.population import Floats, Ints

# One block of 2^24 addresses each, in this order; the block is the address's second to fifth bit group.
HOME, AWAY, OTHER_LINE, MOBILE, SHARED_PLACE, VPN, RELAY, HOSTING, RESIDENTIAL_PROXY, STRANGER = range(10)
BLOCK = 1 << 24
V6 = 1 << 40
FIRST_ASN = 4_200_000_000


def noise(values: Ints, salt: int) -> NDArray[np.uint64]:
    """A fixed scramble of whole numbers (splitmix64): the same address always lies in the same place."""
    with np.errstate(over="ignore"):
        z = values.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15) * np.uint64(salt + 1)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def fraction(values: Ints, salt: int) -> Floats:
    """The scramble as a number in [0, 1)."""
    return (noise(values, salt) >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def v4(block: Ints | int, number: Ints) -> Ints:
    """Address number within a block, scattered over it so that neighbours in number are none in address."""
    scattered = (number * 0x9E3779B1 + 0x1234567) % BLOCK
    return np.asarray(np.asarray(block) * BLOCK + scattered, dtype=np.int64)


def text(addresses: Ints) -> tuple[list[str], Ints]:
    """Distinct addresses as text, and for each row the position of its own.

    Args:
        addresses: as :func:`v4` makes them; ``V6 + prefix * 65536 + interface`` for IPv6.
    """
    distinct, rows = np.unique(addresses, return_inverse=True)
    made = []
    for one in distinct.tolist():
        if one >= V6:
            prefix, interface = divmod(one - V6, 65536)
            made.append(f"2001:db8:{prefix >> 16:x}:{prefix & 0xFFFF:x}::{interface + 1:x}")
        else:
            made.append(f"{240 + (one >> 24)}.{one >> 16 & 255}.{one >> 8 & 255}.{one & 255}")
    return made, rows.astype(np.int64)


def dictionary(values: list[str | None], rows: Ints) -> pa.Array:
    """Texts by position as a plain column; a missing text is null."""
    return pa.array(values, pa.string()).take(pa.array(rows))
