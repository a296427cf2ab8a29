"""Record tables as typed values: columns, keys, and the Arrow schema of the part that a reader writes.

Each ``mapae/catalogue/tables/*.yml`` is one table of the contract that users meet. What a reader adds
(folded text, text as received, cents, roots, networks) follows from a column's type alone, here.
"""

from __future__ import annotations

import dataclasses
import functools

import pyarrow as pa

from mapae.rules import load
from mapae.rules.base import Rule

TIME = pa.timestamp("us", tz="UTC")
MONEY = pa.decimal128(28, 8)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Type of a column in the catalogue -> Arrow type of its normal form. All that are not named are text.
ARROW: dict[str, pa.DataType] = {
    "time": TIME,
    "date": pa.date32(),
    "money": MONEY,
    "lat": pa.float64(),
    "lon": pa.float64(),
    "number": pa.float64(),
    "integer": pa.int64(),
    "asn": pa.int64(),
    "bool": pa.bool_(),
}
TEXTUAL = _words(
    "id text word country ip email phone document url host address zone currency bic locode imo mmsi hex list watched"
)
TYPES = TEXTUAL | frozenset(ARROW)

# Types whose normal form says less than what was received: the text received stands beside it.
KEEPS_RECEIVED = _words("text time date money country ip email phone document url host address watched")
FOLDED = frozenset({"text", "address"})
PLACE = ("mapae_source", "mapae_row")
UNKNOWN = "mapae_unknown"


@dataclasses.dataclass(frozen=True)
class TableColumn:
    """A declared column of a record table.

    Args:
        name: as rules and people write it.
        type: one of :data:`TYPES`.
        req: present and non-empty in every row.
        also: other headers that are read as this column.
        words: the words that a column of type ``word`` may hold.
        default: value where the file has no such column, or None.
        empty: value of an empty cell where the file has the column; "" for that of ``default``.
        date_ok: a plain date is read as midnight UTC (columns of type time).
        fold: whether the text is folded into ``<name>_folded``.
        region: column with the country that an unprefixed phone number belongs to.
        by: column whose word says of which kind a watched value is.
        of: type of a list's elements.
        child: name of the table that a list is split into.
        digits: length of a hexadecimal value, 0 for any.
        low, high: bounds of a number, as written; a bound in ``low_open`` is itself left out.
    """

    name: str
    type: str
    req: bool = False
    also: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    default: str | None = None
    empty: str = ""
    date_ok: bool = False
    fold: bool = False
    region: str = ""
    by: str = ""
    of: str = "text"
    child: str = ""
    digits: int = 0
    low: str = ""
    high: str = ""
    low_open: bool = False
    says: str = ""

    @property
    def arrow(self) -> pa.DataType:
        """Arrow type of the normal form."""
        return ARROW.get(self.type, pa.string())

    @property
    def received(self) -> bool:
        """Whether ``<name>_received`` stands beside it."""
        return self.type in KEEPS_RECEIVED

    def derived(self) -> list[pa.Field]:
        """Columns that the reader makes from this one, in the order in which they follow it."""
        made: list[pa.Field] = []
        if self.fold:
            made.append(pa.field(f"{self.name}_folded", pa.string()))
        if self.type == "address":
            made.append(pa.field(f"{self.name}_unit", pa.string()))
        if self.type == "email":
            made.append(pa.field(f"{self.name}_root", pa.string()))
        if self.type == "ip":
            made.append(pa.field(f"{self.name}_64", pa.string()))
        if self.type == "money":
            made.append(pa.field(f"{self.name}_cents", pa.int64()))
        if self.received:
            made.append(pa.field(f"{self.name}_received", pa.string()))
        return made


@dataclasses.dataclass(frozen=True)
class ChildTable:
    """A list column as a table of its own: one row per element."""

    name: str
    parent: str
    column: TableColumn
    schema: pa.Schema
    order: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Table(Rule):
    """A record table of the contract."""

    @property
    def name(self) -> str:
        return self.id

    @property
    def kind(self) -> str:
        """``state`` (the newest source wins) or ``event`` (equal rows are one)."""
        return str(self.data["kind"])

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(self.data.get("key", ()))

    @property
    def key_made_from(self) -> tuple[str, ...]:
        """Columns that make the key where the sender has none; empty where the sender must have one."""
        return tuple(self.data.get("key_made_from", ()))

    @property
    def one_of(self) -> tuple[tuple[str, ...], ...]:
        """Groups of columns of which each row must fill at least one."""
        return tuple(tuple(group) for group in self.data.get("one_of", ()))

    @property
    def made_by(self) -> str:
        """Reader that makes the table where it is not read from a file of its own name; else empty."""
        return str(self.data.get("made_by", ""))

    @functools.cached_property
    def columns(self) -> dict[str, TableColumn]:
        """Declared columns by name, in order."""
        return {name: _column(name, spec) for name, spec in self.data["columns"].items()}

    def schema(self) -> pa.Schema:
        """Schema of the record part: each declared column, what is made from it, unknown columns, source and row."""
        fields: list[pa.Field] = []
        for column in self.columns.values():
            always = column.req or column.default is not None or (column.name in self.key and bool(self.key_made_from))
            fields.append(pa.field(column.name, column.arrow, nullable=not always))
            if not self.made_by:
                fields.extend(column.derived())
        if not self.made_by:
            fields.append(pa.field(UNKNOWN, pa.string()))
        fields.append(pa.field("mapae_source", pa.string(), nullable=False))
        fields.append(pa.field("mapae_row", pa.int64(), nullable=False))
        return pa.schema(fields)

    def children(self) -> list[ChildTable]:
        """Tables that its list columns are split into."""
        made = []
        for column in self.columns.values():
            if column.type != "list":
                continue
            fields = [
                pa.field("mapae_source", pa.string(), nullable=False),
                pa.field("mapae_row", pa.int64(), nullable=False),
            ]
            fields += [pa.field(k, self.columns[k].arrow) for k in self.key]
            fields += [pa.field("position", pa.int64(), nullable=False), pa.field("value", pa.string(), nullable=False)]
            made.append(ChildTable(column.child, self.name, column, pa.schema(fields), (*self.key, *PLACE, "position")))
        return made


def _column(name: str, spec: load.Mapping) -> TableColumn:
    """One column of the YAML as a value."""
    kind = str(spec["type"])
    return TableColumn(
        name=name,
        type=kind,
        req=spec.get("req") == "yes",
        also=tuple(spec.get("also", ())),
        words=tuple(spec.get("words", ())),
        default=spec.get("default"),
        empty=str(spec.get("empty", "")),
        date_ok=spec.get("date_ok") == "yes",
        fold=kind in FOLDED and spec.get("fold", "yes") == "yes",
        region=str(spec.get("region", "")),
        by=str(spec.get("by", "")),
        of=str(spec.get("of", "text")),
        child=str(spec.get("child", "")),
        digits=int(spec.get("digits", "0")),
        low=str(spec.get("low", "")),
        high=str(spec.get("high", "")),
        low_open=spec.get("low_open") == "yes",
        says=str(spec.get("says", "")),
    )
