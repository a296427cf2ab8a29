"""Engines as those who ask one question over tables in memory see them: rules' cases, and the comparison of engines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pyarrow as pa

from mapae.store import views


class Answering(Protocol):
    """What answers a question over tables in memory."""

    name: str

    def sql(self, sql: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        """Answer one SELECT in DuckDB's dialect.

        Args:
            sql: the question.
            tables: name in the question to its rows; times in UTC.

        Returns:
            The answer's rows, in any order.
        """
        ...


class DuckDBAnswering:
    """DuckDB over tables in memory; nothing stays between two questions."""

    name = "duckdb"

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads

    def sql(self, sql: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        """Answer one SELECT (see :class:`Answering`)."""
        con = views.connect(threads=self.threads)
        try:
            for name, table in tables.items():
                con.register(name, table)
            return con.sql(sql).to_arrow_table()
        finally:
            con.close()
