"""Rows of a rule's case through their table's own reader: written as a file, read as any other, and taken back."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import pyarrow as pa

from mapae.engine.steps import Query
from mapae.rules.tables import Table
from mapae.sources.tables import read_table
from mapae.store import views

# Stands for the hash of a file that nobody keeps; whoever runs cases puts the case's own in its place.
NO_SOURCE = "0" * 16


def read_rows(table: Table, header: list[str], rows: list[list[str]]) -> pa.Table:
    """Records that the reader makes of rows of text, with their row numbers; rejected and equal rows are left out.

    Args:
        table: which table they are of.
        header: names of columns.
        rows: one text per column.

    Returns:
        Records in the table's schema, ``mapae_row`` counting all rows given from 1.

    Raises:
        InputRefused: the header lacks a column that every row must have.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{table.name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        staging = Path(folder) / "staging"
        staging.mkdir()
        con = views.connect(threads=1)
        try:
            value = read_table(path, table, NO_SOURCE, con, staging=staging).tables[f"records/{table.name}"]
            assert isinstance(value, Query)
            records: pa.Table = con.sql(value.sql).to_arrow_table()
        finally:
            con.close()
    return records.cast(table.schema())
