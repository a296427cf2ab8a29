"""A step: what it reads, what it writes, and the SQL or function that does it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


class Inputs(Protocol):
    """What a step's function receives: its read tables as views of a DuckDB connection.

    ``records/sign_ins`` is the view ``sign_ins``; in general the part after the last slash, but for
    ``rejected/x``, which is ``rejected_x``. A table that the workspace lacks is an empty view with its columns.
    """

    con: duckdb.DuckDBPyConnection

    def progress(self, text: str) -> None:
        """Tell a person what is being done."""
        ...

    def arrow(self, sql: str) -> pa.Table:
        """Run a query over the step's tables."""
        ...

    def refs(self, table: str) -> list[str]:
        """Names (recipes) of the parts that make up a read table."""
        ...


@dataclasses.dataclass(frozen=True)
class Query:
    """A result to be computed by the engine: a SELECT over the inputs' connection (its temporary tables included)."""

    sql: str


Result = "pa.Table | Query | Iterable[pa.RecordBatch]"


@dataclasses.dataclass(frozen=True)
class Step:
    """One step of the pipeline.

    Args:
        name: unique, as ``measure.travel``.
        reads: names of tables, as ``records/sign_ins``, ``measures/travel``, ``findings/flag``, ``statements``.
        writes: names of the tables that it makes.
        sql: a SELECT that makes the one table written; or
        function: takes :class:`Inputs`, gives a value per written table: an Arrow table, a :class:`Query`, or record batches.
        version: of the function; raised when its answer changes.
        parameters: canonical-JSON-able values that the result depends on; part of the recipe.
        schema: Arrow schema per written table (columns are cast to it; nothing else gets through).
        order: sort columns per written table; unique over its rows where possible.
    """

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    sql: str | None = None
    function: Callable[[Inputs], Mapping[str, Any]] | None = None
    version: str = "1"
    parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    schema: Mapping[str, pa.Schema] = dataclasses.field(default_factory=dict)
    order: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)


def in_order(steps: Iterable[Step]) -> list[Step]:
    """Steps sorted so that each comes after those that write what it reads; ties by name.

    Raises:
        ValueError: two steps write one table, or the steps wait for each other.
    """
    steps = list(steps)
    writer: dict[str, Step] = {}
    for step in steps:
        for name in step.writes:
            if name in writer:
                raise ValueError(f"{name} is written by {writer[name].name} and {step.name}")
            writer[name] = step
    waiting = {step.name: {writer[r].name for r in step.reads if r in writer} - {step.name} for step in steps}
    by_name = {step.name: step for step in steps}
    done: list[Step] = []
    while waiting:
        ready = sorted(name for name, needs in waiting.items() if not needs)
        if not ready:
            raise ValueError(f"steps wait for each other: {sorted(waiting)}")
        for name in ready:
            done.append(by_name[name])
            del waiting[name]
        for needs in waiting.values():
            needs.difference_update(ready)
    return done
