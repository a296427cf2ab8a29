"""The search tree of an MMDB, walked whole: every range that has a record, and which one.

The tree is an array of nodes of two numbers each (MaxMind DB file format 2.0). A number below the count of nodes leads
on, the count itself says that nothing is known, a larger one points at a record. All nodes of one depth are taken at
once, so that millions of ranges cost seconds; records themselves are decoded by the library.
"""

from __future__ import annotations

import dataclasses
import mmap

import numpy as np
import numpy.typing as npt

from mapae.sources.addresses.numbers import Halves

Numbers = npt.NDArray[np.int64]


class BrokenTree(ValueError):
    """The tree leads out of itself or into a circle."""


@dataclasses.dataclass(frozen=True)
class Leaves:
    """Ranges of one family in order: first numbers as halves, length of the prefix in bits, place of the record."""

    family: int
    high: Halves
    low: Halves
    bits: npt.NDArray[np.int16]
    record: Numbers

    def __len__(self) -> int:
        return len(self.record)


def nodes(data: bytes | mmap.mmap, count: int, record_bits: int) -> tuple[Numbers, Numbers]:
    """Left and right numbers of all nodes.

    Args:
        data: the file from its first byte.
        count: nodes, as the file's metadata says.
        record_bits: 24, 28 or 32.

    Raises:
        BrokenTree: the file is shorter than its tree, or the size is none of the three.
    """
    if record_bits not in (24, 28, 32):
        raise BrokenTree(f"numbers of {record_bits} bits")
    width = record_bits // 4
    if count < 1 or count * width > len(data):
        raise BrokenTree(f"{count} nodes do not fit into {len(data)} bytes")
    raw = np.frombuffer(data, dtype=np.uint8, count=count * width).reshape(count, width).astype(np.int64)
    if record_bits == 24:
        left, right = raw[:, 0] << 16 | raw[:, 1] << 8 | raw[:, 2], raw[:, 3] << 16 | raw[:, 4] << 8 | raw[:, 5]
    elif record_bits == 28:
        left = (raw[:, 3] >> 4) << 24 | raw[:, 0] << 16 | raw[:, 1] << 8 | raw[:, 2]
        right = (raw[:, 3] & 15) << 24 | raw[:, 4] << 16 | raw[:, 5] << 8 | raw[:, 6]
    else:
        left = raw[:, 0] << 24 | raw[:, 1] << 16 | raw[:, 2] << 8 | raw[:, 3]
        right = raw[:, 4] << 24 | raw[:, 5] << 16 | raw[:, 6] << 8 | raw[:, 7]
    return left, right


def leaves(left: Numbers, right: Numbers, version: int) -> tuple[Leaves, Leaves]:
    """All ranges that have a record: those of IPv4, and those of IPv6.

    In a tree of version 6, IPv4 lies below ``::/96``; other places of the tree that lead there too (6to4, Teredo, IPv4
    written as IPv6) are left out, since such addresses are looked up as IPv4 or not at all.

    Raises:
        BrokenTree: as the class says.
    """
    count = len(left)
    start, depth4 = 0, 0
    if version == 6:
        while depth4 < 96 and start < count:
            start, depth4 = int(left[start]), depth4 + 1
    found: list[tuple[Halves, Halves, int, Numbers]] = []
    node, high, low = np.zeros(1, np.int64), np.zeros(1, np.uint64), np.zeros(1, np.uint64)
    walked, total = 0, 32 if version == 4 else 128
    for depth in range(total):
        walked += len(node)
        if walked > 2 * count + 1:
            raise BrokenTree("the tree leads back into itself")
        bit = total - 1 - depth
        one_high, one_low = np.uint64(1 << bit - 64 if bit >= 64 else 0), np.uint64(1 << bit if bit < 64 else 0)
        node = np.concatenate([left[node], right[node]])
        high = np.concatenate([high, high | one_high])
        low = np.concatenate([low, low | one_low])
        told = node > count
        if told.any():
            found.append((high[told], low[told], depth + 1, node[told]))
        on = node < count
        if version == 6 and start < count:
            on &= (node != start) | ((high == 0) & (low == 0) & (depth + 1 == 96))
        node, high, low = node[on], high[on], low[on]
        if not len(node):
            break
    if len(node):
        raise BrokenTree(f"the tree is deeper than {total} bits")
    return _split(found, version, count)


def _split(found: list[tuple[Halves, Halves, int, Numbers]], version: int, count: int) -> tuple[Leaves, Leaves]:
    none = np.zeros(0, np.uint64)
    high = np.concatenate([f[0] for f in found] or [none])
    low = np.concatenate([f[1] for f in found] or [none])
    bits = np.concatenate([np.full(len(f[3]), f[2], np.int16) for f in found] or [np.zeros(0, np.int16)])
    record = np.concatenate([f[3] for f in found] or [np.zeros(0, np.int64)])
    if version == 4:
        return _family(4, high, low, bits, record), _family(6, none, none, bits[:0], record[:0])
    four = (high == 0) & (low >> np.uint64(32) == 0) & (bits >= 96)
    over = (high == 0) & (low == 0) & (bits < 96)  # a range around all of IPv4
    six = ~four & ~over
    of4 = four | over
    bits4 = np.where(over, 0, bits - 96).astype(np.int16)
    return _family(4, high[of4], low[of4], bits4[of4], record[of4]), _family(
        6, high[six], low[six], bits[six], record[six]
    )


def _family(family: int, high: Halves, low: Halves, bits: npt.NDArray[np.int16], record: Numbers) -> Leaves:
    order = np.lexsort((low, high))
    return Leaves(family, high[order], low[order], bits[order], record[order])


def last(leaves_: Leaves) -> tuple[Halves, Halves]:
    """Halves of the last address of each range."""
    width = 32 if leaves_.family == 4 else 128
    rest = (width - leaves_.bits).astype(np.uint64)
    whole = np.uint64(0xFFFFFFFFFFFFFFFF)
    one, sixty_four = np.uint64(1), np.uint64(64)
    low_mask = np.where(rest >= sixty_four, whole, (one << np.minimum(rest, np.uint64(63))) - one)
    above = np.where(rest > sixty_four, rest - sixty_four, np.uint64(0))
    high_mask = np.where(above >= sixty_four, whole, (one << np.minimum(above, np.uint64(63))) - one)
    return leaves_.high | high_mask, leaves_.low | low_mask
