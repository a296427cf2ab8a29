"""Files of a record table as one relation of the query engine: CSV and JSON Lines staged as text, Parquet as it is.

Rows that cannot be taken apart are set aside with their number; a file that cannot be read at all is refused.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from mapae.model.errors import InputRefused
from mapae.rules.tables import Table
from mapae.sources import opened, rows
from mapae.sources.headers import assign, json_text
from mapae.sources.normal import literal, name, quoted, text_of

if TYPE_CHECKING:
    import duckdb

# Parquet repeats a value at no cost: more rows per byte than this were made to exhaust a reader.
MOST_ROWS_PER_BYTE = 1000
FREE_ROWS = 10_000_000


@dataclasses.dataclass(frozen=True)
class Given:
    """A column as the file gives it: SQL over the relation, type in DuckDB's words."""

    sql: str
    type: str


@dataclasses.dataclass(frozen=True)
class Staged:
    """A file as a relation.

    Args:
        relation: SQL that may stand behind FROM; it has ``mapae_row`` (SQL in ``row``).
        row: SQL of the 1-based number of the data row.
        columns: declared columns that the file has.
        headers: all headers as the file writes them.
        unknown: SQL of the columns that the table does not know, as one canonical JSON text, or null.
        raw: SQL of the whole row as canonical JSON.
        set_aside: Parquet with rows that could not be taken apart (:data:`SET_ASIDE`), or None.
        aside: their number.
    """

    relation: str
    row: str
    columns: dict[str, Given]
    headers: tuple[str, ...]
    unknown: str
    raw: str
    set_aside: Path | None
    aside: int


def json_of(pairs: Sequence[tuple[str, str]]) -> str:
    """SQL of a canonical JSON object of texts: sorted names, no empty values; null where all are empty."""
    if not pairs:
        return "cast(null as varchar)"
    members = [f"{quoted(json_text(n) + ':')} || cast(to_json({sql}) as varchar)" for n, sql in sorted(pairs)]
    texts = ", ".join(sql for _, sql in pairs)
    some = f"coalesce({texts}) is not null" if len(pairs) > 1 else f"{texts} is not null"
    return f"case when {some} then '{{' || concat_ws(',', {', '.join(members)}) || '}}' end"


def stage(path: Path, table: Table, staging: Path, con: duckdb.DuckDBPyConnection) -> Staged:
    """Bring a file into the query engine.

    Args:
        path: Parquet, CSV or JSON Lines by its name and content.
        table: what it is said to be.
        staging: folder for text tables; what is put there must stay until the result is written.
        con: the connection that will read it.

    Raises:
        InputRefused: the file cannot be read at all.
    """
    opened.check_file(path)
    with path.open("rb") as file:
        magic = file.read(4)
    suffixes = [s.lower() for s in path.suffixes]
    if magic == b"PAR1" or ".parquet" in suffixes:
        return _parquet(path, table, con)
    reader = rows.read_csv
    if {".jsonl", ".ndjson", ".json"} & set(suffixes) or (".csv" not in suffixes and rows.looks_like_json(path)):
        reader = rows.read_jsonl
    return staged_text(reader(path, table, staging), table)


def staged_text(made: rows.Text, table: Table) -> Staged:
    """A file that was brought into a Parquet of texts, as a relation.

    Args:
        made: the texts.
        table: what they are of.
    """
    columns = {n: Given(name(c), "VARCHAR") for n, c in made.columns if n in table.columns}
    texts = [(n, f"nullif({name(c)}, '')") for n, c in made.columns]
    unknown = name(made.unknown) if made.unknown else json_of([(n, sql) for n, sql in texts if n not in table.columns])
    raw = json_of([*texts, ("other columns", name(made.unknown))] if made.unknown else texts)
    relation = f"read_parquet({quoted(literal(made.staged))})"
    return Staged(relation, "mapae_row", columns, made.headers, unknown, raw, made.set_aside, made.aside)


def _parquet(path: Path, table: Table, con: duckdb.DuckDBPyConnection) -> Staged:
    """A Parquet file stays where it is; only its footer is looked at."""
    import duckdb

    try:
        footer = pq.read_metadata(path)
        headers = footer.schema.to_arrow_schema().names
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise broken(path, problem) from problem
    if footer.num_rows > FREE_ROWS and footer.num_rows > MOST_ROWS_PER_BYTE * path.stat().st_size:
        raise InputRefused(
            "A Parquet file says that it holds more rows than its size allows.",
            where=str(path),
            why=f"{footer.num_rows} rows in {path.stat().st_size} bytes; such files are made to exhaust a reader.",
            do="Export the table again.",
        )
    names = assign(path, table, headers)
    relation = f"read_parquet({quoted(literal(path))}, file_row_number=true, union_by_name=false, hive_partitioning=false) as given"
    try:
        described = con.execute(f"select column_name, column_type from (describe select * from {relation})").fetchall()
    except duckdb.Error as problem:
        raise broken(path, problem) from problem
    types = {str(n): str(t) for n, t in described}
    missing = [h for h in headers if h not in types]
    if missing:
        raise InputRefused(
            f"Columns of a Parquet file cannot be told apart: {', '.join(missing)}.",
            where=str(path),
            do="Give its columns names that differ.",
        )
    given = {n: Given(f"given.{name(h)}", types[h]) for n, h in zip(names, headers, strict=True)}
    texts = [(n, text_of(g.sql, g.type)) for n, g in given.items()]
    return Staged(
        relation=relation,
        row="given.file_row_number + 1",
        columns={n: g for n, g in given.items() if n in table.columns},
        headers=tuple(headers),
        unknown=json_of([(n, sql) for n, sql in texts if n not in table.columns]),
        raw=json_of(texts),
        set_aside=None,
        aside=0,
    )


def broken(path: Path, problem: BaseException) -> InputRefused:
    """The refusal of a Parquet file that is damaged."""
    said = re.sub(r"^(\w+ )*Error: ", "", str(problem).splitlines()[0]) if str(problem) else ""
    why = said.replace(str(path), path.name)[:200] or "What it says of itself is not what it holds."
    return InputRefused(
        "A Parquet file is damaged or cut off.", where=str(path), why=why, do="Copy or export it again."
    )
