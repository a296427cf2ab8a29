"""Flattened ranges of one address file: disjoint, in order, each with what the file says of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from mapae.sources.addresses import tree
from mapae.sources.addresses.fields import EMPTY, Values
from mapae.sources.addresses.flatten import flatten
from mapae.sources.addresses.numbers import Halves, halves, signed
from mapae.sources.values import fold

FACTS = (
    pa.field("asn", pa.int64()),
    pa.field("as_org", pa.string()),
    pa.field("network_kind", pa.string()),
    pa.field("vpn_operator", pa.string()),
    pa.field("country", pa.string()),
    pa.field("region", pa.string()),
    pa.field("city", pa.string()),
    pa.field("lat", pa.float64()),
    pa.field("lon", pa.float64()),
    pa.field("accuracy_km", pa.int64()),
)
# Texts that measures compare, each folded once per file.
FOLDED = ("as_org", "vpn_operator", "region", "city")
# First and last address of a range as two halves of 64 bits, each less 2**63, so that signed numbers sort as they do.
RANGES = pa.schema(
    [
        pa.field("mapae_source", pa.string(), nullable=False),
        pa.field("build", pa.string(), nullable=False),
        pa.field("family", pa.int8(), nullable=False),
        *(pa.field(n, pa.int64(), nullable=False) for n in ("low_hi", "low_lo", "high_hi", "high_lo")),
        *FACTS,
        *(pa.field(f"{n}_folded", pa.string()) for n in FOLDED),
    ]
)


@dataclasses.dataclass(frozen=True)
class Ranges:
    """What one file gives.

    Args:
        table: in the schema :data:`RANGES`, by family and first address.
        build: day of the file as it says itself (ISO), or "".
        read: ranges that the file holds.
        refused: lines that could not be read.
    """

    table: pa.Table
    build: str
    read: int
    refused: int = 0


class Collected:
    """Distinct values, each known by its number."""

    def __init__(self) -> None:
        self._number: dict[Values, int] = {}

    def number(self, values: Values) -> int:
        """Number of a value, the same for equal ones; -1 for a value that says nothing at all."""
        return -1 if values == EMPTY else self._number.setdefault(values, len(self._number))

    def columns(self, place: np.ndarray) -> list[pa.Array]:
        """Columns of facts and folded texts, one row per number given."""
        listed = list(self._number)
        index = pa.array(place)
        given = {field.name: pa.array([v[at] for v in listed], field.type) for at, field in enumerate(FACTS)}
        for name in FOLDED:
            coded = given[name].dictionary_encode()
            folds = pa.array([fold(text) for text in coded.dictionary.to_pylist()], pa.string())
            given[f"{name}_folded"] = pa.DictionaryArray.from_arrays(coded.indices, folds).cast(pa.string())
        return [column.take(index) for column in given.values()]


def of_spans(spans: Sequence[tuple[int, int, int, int]], values: Collected, source16: str, build: str) -> pa.Table:
    """Ranges of a text file.

    Args:
        spans: family, first and last number, number of the value.
        values: what the numbers stand for.
    """
    parts = []
    for family in (4, 6):
        listed = flatten((low, high, value) for f, low, high, value in spans if f == family)
        low, high = halves(s[0] for s in listed), halves(s[1] for s in listed)
        place = np.fromiter((s[2] for s in listed), np.int64, len(listed))
        parts.append((family, low, high, place))
    return _table(parts, values, source16, build)


def of_leaves(
    found: Iterable[tree.Leaves], numbers: Iterable[np.ndarray], values: Collected, source16: str, build: str
) -> pa.Table:
    """Ranges of an MMDB.

    Args:
        found: ranges with records, one per family.
        numbers: number of each range's value; -1 where the record says nothing that is read here.
        values: what the numbers stand for.
    """
    parts = []
    for leaves, place in zip(found, numbers, strict=True):
        last = tree.last(leaves)
        kept = _runs(leaves, last, place)
        low = leaves.high[kept[0]], leaves.low[kept[0]]
        parts.append((leaves.family, low, (last[0][kept[1]], last[1][kept[1]]), place[kept[0]]))
    return _table(parts, values, source16, build)


def _runs(leaves: tree.Leaves, last: tuple[Halves, Halves], place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last row of each run of neighbours that say the same; runs that say nothing are left out."""
    if not len(place):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    after_low = last[1][:-1] + np.uint64(1)
    after_high = last[0][:-1] + (after_low == 0)
    joined = (leaves.low[1:] == after_low) & (leaves.high[1:] == after_high) & (place[1:] == place[:-1])
    first = np.flatnonzero(np.concatenate([[True], ~joined]))
    final = np.concatenate([first[1:], [len(place)]]) - 1
    told = place[first] >= 0
    return first[told], final[told]


def _table(
    parts: Iterable[tuple[int, tuple[Halves, Halves], tuple[Halves, Halves], np.ndarray]],
    values: Collected,
    source16: str,
    build: str,
) -> pa.Table:
    made = []
    for family, low, high, place in parts:
        rows = len(place)
        columns = [
            pa.repeat(pa.scalar(source16), rows),
            pa.repeat(pa.scalar(build), rows),
            pa.repeat(pa.scalar(family, pa.int8()), rows),
            *(pa.array(signed(half)) for half in (*low, *high)),
            *values.columns(place),
        ]
        made.append(pa.Table.from_arrays(columns, schema=RANGES))
    return pa.concat_tables(made).combine_chunks()
