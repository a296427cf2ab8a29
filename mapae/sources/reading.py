"""What a reader gives back for one source."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pyarrow as pa

REJECTED = pa.schema(
    [
        pa.field("mapae_source", pa.string(), nullable=False),
        pa.field("mapae_row", pa.int64(), nullable=False),
        pa.field("column", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("raw", pa.string(), nullable=False),
    ]
)


@dataclasses.dataclass
class Counts:
    """Rows of one source: ``read = kept + rejected + equal`` always holds."""

    read: int = 0
    kept: int = 0
    rejected: int = 0
    equal: int = 0

    def balanced(self) -> bool:
        """Whether no row was lost."""
        return self.read == self.kept + self.rejected + self.equal


@dataclasses.dataclass
class Reading:
    """Tables made from one source, and what is to be said about it.

    ``tables`` maps a table's name (``records/sign_ins``, ``rejected/sign_ins``, ``statements``) to an Arrow
    table, an iterator of record batches, or a :class:`~mapae.engine.steps.Query` on the connection that the
    reader was given. ``counts`` is complete once the tables have been consumed. A file in a vendor's layout also says
    how many ``events`` it has, how many of them are ``other`` (no table is for them), and counts ``by_table``.
    """

    tables: dict[str, Any]
    counts: Counts
    dataset: str = ""
    snapshot: dt.date | None = None
    notes: list[str] = dataclasses.field(default_factory=list)
    events: int = 0
    other: int = 0
    by_table: dict[str, Counts] = dataclasses.field(default_factory=dict)
