"""Lists that rules join by name: ``catalogue/infrastructure/<name>.csv`` as a table of text."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
from pathlib import Path

import pyarrow as pa

from mapae.model.errors import RuleRefused


@dataclasses.dataclass(frozen=True)
class Lookup:
    """A list of the catalogue: header and rows, all text; empty cells are null.

    Args:
        name: of the file, and of the table in SQL.
        path: the file.
        columns: header.
        rows: cells.
        sha256: of the file's bytes.
    """

    name: str
    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    sha256: str

    def schema(self) -> pa.Schema:
        """Every column text."""
        return pa.schema([pa.field(c, pa.string()) for c in self.columns])

    def table(self, as_of: str = "") -> pa.Table:
        """The list as an Arrow table, rows in the file's order.

        Args:
            as_of: ISO day; rows whose ``valid_until`` lies before it are left out, so that what has run out says
                nothing. "" takes all.
        """
        rows = self.rows
        if as_of and "valid_until" in self.columns:
            at = self.columns.index("valid_until")
            rows = tuple(row for row in rows if not row[at] or str(row[at]) >= as_of)
        cells = list(zip(*rows, strict=True)) if rows else [() for _ in self.columns]
        return pa.Table.from_arrays([pa.array(c, pa.string()) for c in cells], schema=self.schema())


def read(folder: Path) -> dict[str, Lookup]:
    """All lists of a folder, by name.

    Raises:
        RuleRefused: a row has not as many cells as the header.
    """
    made = {}
    for path in sorted(folder.glob("*.csv")):
        data = path.read_bytes()
        lines = [line for line in data.decode("utf-8").splitlines() if line and not line.startswith("#")]
        header, *rows = list(csv.reader(lines)) or [[]]
        for number, row in enumerate(rows, 1):
            if len(row) != len(header):
                raise RuleRefused(
                    f"A row of the list {path.stem} has {len(row)} cells where its header has {len(header)}.",
                    where=f"{path}, row {number}",
                    do="Write one cell per column; quote cells that hold a comma.",
                )
        cells = tuple(tuple(cell or None for cell in row) for row in rows)
        made[path.stem] = Lookup(path.stem, path, tuple(header), cells, hashlib.sha256(data).hexdigest())
    return made
