"""Tables as DuckDB views over their parts; of a state table the newest source's row for each key."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb


@dataclasses.dataclass(frozen=True)
class TableParts:
    """The parts of one table in order of their sources; ``newest_by`` is the key of a state table that repeats."""

    parts: tuple[str, ...]
    newest_by: tuple[str, ...] = ()


def quote(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """A name as an SQL identifier."""
    return '"' + text.replace('"', '""') + '"'


# A record of a vendor's file may give several rows of one table: the first is numbered as the record is, further ones
# this much higher each, so that the remainder tells the record.
FURTHER = 10**12
# Which of two rows of one file is the later: that of the later record; within a record, the further one.
LATER = f"((mapae_row - 1) % {FURTHER}) desc, mapae_row desc"


def select(files: Iterable[Path], newest_by: tuple[str, ...]) -> str:
    """SELECT over a table's files, oldest source first."""
    listed = list(files)
    if not newest_by:
        return f"select * from read_parquet([{', '.join(quote(str(f)) for f in listed)}], union_by_name = true)"
    ranked = " union all by name ".join(
        f"select *, {rank} as mapae_rank from read_parquet({quote(str(file))})" for rank, file in enumerate(listed)
    )
    keys = ", ".join(name(k) for k in newest_by)
    return (
        f"select * exclude (mapae_rank) from ({ranked}) "
        f"qualify row_number() over (partition by {keys} order by mapae_rank desc, {LATER}) = 1"
    )


def connect(*, threads: int = 0, memory_mb: int = 2500, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that keeps to UTC, to insertion order and to its limits, and loads no extension from afar."""
    con = duckdb.connect(":memory:")
    con.execute("set timezone = 'UTC'")
    con.execute("set preserve_insertion_order = true")
    con.execute("set autoinstall_known_extensions = false")
    con.execute("set autoload_known_extensions = false")
    con.execute("set enable_progress_bar = false")
    con.execute(f"set memory_limit = '{int(memory_mb)}MB'")
    if threads:
        con.execute(f"set threads = {int(threads)}")
    con.execute(f"set temp_directory = {quote(str(spill)) if spill else chr(39) * 2}")
    return con


def make(con: duckdb.DuckDBPyConnection, view: str, files: Iterable[Path], newest_by: tuple[str, ...] = ()) -> None:
    """Create or replace a view over a table's files."""
    con.execute(f"create or replace view {name(view)} as {select(files, newest_by)}")


def first(con: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any] | None = None) -> tuple[Any, ...] | None:
    """First row of a small result, read to its end so that nothing stays open on the connection; None of no rows."""
    rows = con.execute(sql, parameters or []).fetchall()
    return rows[0] if rows else None
