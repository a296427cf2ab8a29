"""The engine on one machine: steps as DuckDB queries, their results written as Parquet in one order."""

from __future__ import annotations

import dataclasses
import errno
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot

from mapae.engine.steps import Query, Step
from mapae.model.errors import MapaeError
from mapae.store import disk, views
from mapae.store.naming import view_name
from mapae.store.parts import ROW_GROUP

# Raised when the same step would give other bytes for the same inputs.
VERSION = f"duckdb-{duckdb.__version__}-2"

# How parts are written. Level 1 of zstd instead of 3 makes a part of 20 million sign-ins 16 % larger in 12 % less time;
# a column of more distinct values in a row group than this gains nothing by a dictionary, and looking for one costs
# as much again (measured on the simulated platform of benchmarks/world_million.py).
_LEVEL, _DICTIONARY = 1, 4096

_TYPES: dict[Any, str] = {
    pa.string(): "VARCHAR",
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
}


def duck_type(kind: pa.DataType) -> str:
    """DuckDB's name of an Arrow type.

    Raises:
        ValueError: the type is none that a table of ours may have.
    """
    if kind in _TYPES:
        return _TYPES[kind]
    if pa.types.is_timestamp(kind):
        return "TIMESTAMPTZ" if kind.tz else "TIMESTAMP"
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    if pa.types.is_list(kind):
        return duck_type(kind.value_type) + "[]"
    if pa.types.is_struct(kind):
        inner = ", ".join(
            f"{views.name(kind.field(i).name)} {duck_type(kind.field(i).type)}" for i in range(kind.num_fields)
        )
        return f"STRUCT({inner})"
    if pa.types.is_large_string(kind):
        return "VARCHAR"
    raise ValueError(f"no column of ours is {kind}")


@functools.lru_cache(1024)
def normal_sql(sql: str) -> str:
    """SQL in normal form, so that blanks and comments do not make a new part."""
    return sqlglot.transpile(sql, read="duckdb", write="duckdb", pretty=False, comments=False)[0]


def what(step: Step) -> str:
    """What a step does, for its recipe: its SQL in normal form, or its function and version."""
    if step.sql is not None:
        return normal_sql(step.sql)
    assert step.function is not None
    function: Any = step.function
    while isinstance(function, functools.partial):
        function = function.func
    return f"{function.__module__}.{function.__qualname__}@{step.version}"


@dataclasses.dataclass
class StepInputs:
    """The tables a step reads, as views of a connection (see :class:`mapae.engine.steps.Inputs`)."""

    con: duckdb.DuckDBPyConnection
    parts: Mapping[str, tuple[str, ...]]
    say: Callable[[str], None]

    def progress(self, text: str) -> None:
        """Tell a person what is being done."""
        self.say(text)

    def arrow(self, sql: str) -> pa.Table:
        """Run a query over the step's tables."""
        return self.con.sql(sql).to_arrow_table()

    def refs(self, table: str) -> list[str]:
        """Names of the parts that make up a read table."""
        return list(self.parts[table])


class DuckDBEngine:
    """Runs steps in a fresh in-memory DuckDB each, so that no step sees another's leavings."""

    version = VERSION

    def __init__(self, *, threads: int = 0, memory_mb: int = 2500, spill: Path | None = None) -> None:
        self.threads, self.memory_mb, self.spill = threads, memory_mb, spill

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection with this engine's limits."""
        return views.connect(threads=self.threads, memory_mb=self.memory_mb, spill=self.spill)

    def inputs(
        self,
        con: duckdb.DuckDBPyConnection,
        tables: Mapping[str, tuple[list[Path], tuple[str, ...]]],
        progress: Callable[[str], None],
    ) -> StepInputs:
        """Make views of the tables a step reads: name to (files, key of a state table that repeats)."""
        for table, (files, newest_by) in tables.items():
            views.make(con, view_name(table), files, newest_by)
        return StepInputs(con, {t: tuple(f.stem for f in files) for t, (files, _) in tables.items()}, progress)

    def run(self, step: Step, inputs: StepInputs) -> dict[str, Any]:
        """Run a step: a value per table written."""
        if step.sql is not None:
            return {step.writes[0]: Query(step.sql)}
        assert step.function is not None
        try:
            made = dict(step.function(inputs))
        except duckdb.Error as problem:
            raise in_words(problem, self.spill or Path()) from problem
        if set(made) != set(step.writes):
            raise ValueError(f"{step.name} promised {sorted(step.writes)} and made {sorted(made)}")
        return made

    def write(
        self,
        con: duckdb.DuckDBPyConnection,
        value: Any,
        target: Path,
        *,
        schema: pa.Schema | None = None,
        order: tuple[str, ...] = (),
    ) -> None:
        """Write a step's value as Parquet: columns cast to the schema, rows in order, the same bytes for the same rows.

        Raises:
            duckdb.Error: the value does not fit its schema.
        """
        guarded: _Guarded | None = None
        if isinstance(value, Query):
            source = f"({value.sql})"
        else:
            if not isinstance(value, pa.Table):
                if schema is None:
                    raise ValueError("record batches need a schema")
                guarded = _Guarded(value)
                value = pa.RecordBatchReader.from_batches(schema, guarded)
            con.register("mapae_value", value)
            source = "mapae_value"
        columns = "*"
        if schema is not None:
            columns = ", ".join(
                f"cast({views.name(f.name)} as {duck_type(f.type)}) as {views.name(f.name)}" for f in schema
            )
        ordered = f" order by {', '.join(views.name(c) for c in order)}" if order else ""
        try:
            con.execute(
                f"copy (select {columns} from {source} as mapae_source_value{ordered}) to {views.quote(str(target))} "
                f"(format parquet, compression zstd, compression_level {_LEVEL}, "
                f"dictionary_size_limit {_DICTIONARY}, row_group_size {ROW_GROUP})"
            )
        except duckdb.Error as problem:
            target.unlink(missing_ok=True)
            if guarded is not None and guarded.problem is not None:
                raise guarded.problem from problem
            raise in_words(problem, target) from problem
        finally:
            if not isinstance(value, Query):
                con.unregister("mapae_value")


class _Guarded:
    """Record batches whose own error is remembered, since the engine would turn it into one of its own."""

    problem: BaseException | None = None

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self.batches
        except BaseException as problem:
            self.problem = problem
            raise


def in_words(problem: duckdb.Error, target: Path) -> Exception:
    """An error of the query engine that a person can do something about, in words; any other as it is.

    Args:
        target: where was written, or the folder of half-written files.
    """
    text = str(problem)
    if "No space left" in text or "could not write all bytes" in text.lower() or "max_temp_directory_size" in text:
        return disk.full_disk(OSError(errno.ENOSPC, "No space left on device"), target)
    if isinstance(problem, duckdb.OutOfMemoryException):
        return MapaeError(
            "The memory set for the query engine does not suffice.",
            where="mapae.toml: memory_mb",
            why=re.sub(r"^(\w+ )*Error: ", "", text.splitlines()[0]),
            do="Raise memory_mb, or lower threads.",
        )
    return problem
