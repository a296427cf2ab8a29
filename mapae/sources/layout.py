"""A layout: the form in which a vendor's system exports what it holds, turned into rows of record tables as text.

Normal forms, rejections and equal rows are the business of the tables' own reader (tables.py), whatever the layout.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

# Rows of record tables: the table, and its cells by column. Columns that the table does not know are kept as such.
Rows = list[tuple[str, dict[str, str | None]]]


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """One record of a file.

    Args:
        number: its place in the file, counted from 1.
        rows: what it gives; none where no table is for it.
        refused: why it cannot be read, in words; "" where it can.
        raw: the record as received, shortened, where it was refused.
    """

    number: int
    rows: Rows
    refused: str = ""
    raw: str = ""


class Layout(Protocol):
    """A vendor's layout, as a reader (code) or a mapping (data)."""

    name: str
    title: str
    tables: tuple[str, ...]
    version: str

    def recognises(self, path: Path, beginning: str) -> bool:
        """Whether a file is in this layout, by its content.

        Args:
            path: the file; its name says nothing.
            beginning: its first 64 kB as text, decompressed; "" where it is binary.
        """
        ...

    def events(self, path: Path) -> Iterator[Event]:
        """One event per record of the file, in order.

        Raises:
            InputRefused: the file cannot be read at all.
        """
        ...
