"""Ranges that may overlap into ranges that do not: the most specific wins, and neighbours that say the same are one."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Sequence

Span = tuple[int, int, int]  # first number, last number, which value


def flatten(spans: Iterable[Span]) -> list[Span]:
    """Disjoint ranges in order, each with the value of the smallest range that holds it.

    Of two of one size the later given wins. What no range holds stays out.

    Args:
        spans: first and last number, both within the range, and the number of its value.

    Example:
        >>> flatten([(0, 9, 0), (3, 4, 1), (20, 20, 2), (10, 19, 0)])
        [(0, 2, 0), (3, 4, 1), (5, 19, 0), (20, 20, 2)]
    """
    listed = sorted(((low, high, value) for low, high, value in spans if low <= high), key=lambda s: s[0])
    if all(a[1] < b[0] for a, b in itertools.pairwise(listed)):
        return _joined(listed)
    return _joined(_swept(listed))


def _swept(listed: Sequence[Span]) -> list[Span]:
    """Walk from edge to edge; between two edges the smallest open range speaks."""
    edges = sorted({edge for low, high, _ in listed for edge in (low, high + 1)})
    made: list[Span] = []
    waiting: list[tuple[int, int, int, int]] = []  # size, minus place among the given, last number, value
    place = 0
    for here, following in itertools.pairwise(edges):
        while place < len(listed) and listed[place][0] == here:
            low, high, value = listed[place]
            heapq.heappush(waiting, (high - low, -place, high, value))
            place += 1
        while waiting and waiting[0][2] < here:
            heapq.heappop(waiting)
        if waiting:
            made.append((here, following - 1, waiting[0][3]))
    return made


def _joined(listed: Iterable[Span]) -> list[Span]:
    made: list[Span] = []
    for low, high, value in listed:
        if made and made[-1][1] + 1 == low and made[-1][2] == value:
            made[-1] = (made[-1][0], high, value)
        else:
            made.append((low, high, value))
    return made
