"""Rows of a case through the tables' own reader: written as a file, read, and taken back."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa

from mapae.rules.tables import Table
from mapae.store import views


def read_rows(table: Table, header: list[str], rows: list[list[str]]) -> pa.Table:
    """Records that the reader of ``mapae.sources.tables`` makes of rows of text."""
    from mapae.sources.tables import read_table

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{table.name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        staging = Path(folder) / "staging"
        staging.mkdir()
        con = views.connect(threads=1)
        reading = read_table(path, table, "0" * 16, con, staging=staging)
        value: Any = reading.tables[f"records/{table.name}"]
        made = con.cursor().sql(value.sql).to_arrow_table() if hasattr(value, "sql") else value
        con.close()
    return made.cast(table.schema())
