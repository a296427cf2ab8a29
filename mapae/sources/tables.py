"""Record tables: one file of a known table becomes records, child tables of its lists, and rows rejected with reasons.

One look over the file decides which of its columns need more than the fast path, which rows are rejected and which equal
one that is kept; the records themselves are a query that the engine runs when it writes them.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from mapae.engine.duckdb import in_words
from mapae.engine.steps import Query
from mapae.model.errors import InputRefused, MapaeError
from mapae.rules.tables import UNKNOWN, Table, TableColumn
from mapae.sources import formats
from mapae.sources.equal import EqualRows, made_key
from mapae.sources.normal import LARGEST_CELL, NormalForm, element, literal, name, normal_form, quoted, text_of
from mapae.sources.reading import Counts, Reading
from mapae.sources.rows import RAW_BYTES, TOO_LARGE

if TYPE_CHECKING:
    import duckdb

# Distinct values decided in one go by the Python forms.
BATCH = 50_000
_SERIAL = itertools.count()


def read_table(
    path: Path,
    table: Table,
    source16: str,
    con: duckdb.DuckDBPyConnection,
    *,
    staging: Path,
    earlier: Sequence[Path] = (),
) -> Reading:
    """Read one file of a record table.

    Args:
        path: the file; Parquet, CSV (also compressed) or JSON Lines.
        table: which table it is.
        source16: first 16 hex digits of the file's SHA-256.
        con: connection in which the queries of the result are run; temporary tables are left in it.
        staging: an empty folder of this file's own; it must stay until the results are written.
        earlier: parts of the same table from sources read before; rows equal to theirs are not kept again.

    Returns:
        ``records/<table>``, ``records/<child>`` per list, ``rejected/<table>``, with complete counts and notes.

    Raises:
        InputRefused: the file cannot be read, or lacks a column that every row must have.
    """
    con.execute("set timezone = 'UTC'")
    staging = staging / "staged"  # apart from whatever the caller keeps there
    staged = formats.stage(path, table, staging, con)
    _check_columns(path, table, staged)
    return read_staged(path, table, source16, con, staged, staging=staging, earlier=earlier)


def read_staged(
    path: Path,
    table: Table,
    source16: str,
    con: duckdb.DuckDBPyConnection,
    staged: formats.Staged,
    *,
    staging: Path,
    earlier: Sequence[Path] = (),
    from_log: bool = False,
) -> Reading:
    """Records out of a file that stands as a relation already (see :func:`read_table`).

    Args:
        path: the file.
        table: which table it is.
        source16: first 16 hex digits of the file's SHA-256.
        con: as :func:`read_table`.
        staged: the relation.
        staging: as :func:`read_table`.
        earlier: as :func:`read_table`.
        from_log: whether rows of a state table come from a log, which tells of an account only what its events show; those
            that say nothing new count as equal.
    """
    import duckdb

    reader = _Reader(path, table, source16, con, staged, staging, from_log)
    try:
        return reader.read(earlier)
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException) as problem:
        told = in_words(problem, path)
        if isinstance(told, MapaeError):  # a full disk or too little memory: the file is not to blame
            raise told from problem
        if staged.set_aside is not None:  # a text table was staged by ourselves
            raise
        raise formats.broken(path, problem) from problem


def _check_columns(path: Path, table: Table, staged: formats.Staged) -> None:
    """Refuse a file in which no row could be kept."""
    have = set(staged.columns)
    missing = [c.name for c in table.columns.values() if c.req and c.name not in have]
    groups = [g for g in table.one_of if not have & set(g)]
    if not missing and not groups:
        return
    found = ", ".join(staged.headers) or "none"
    if missing:
        what = f"{table.name}: {'the column' if len(missing) == 1 else 'the columns'} {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing."
    else:
        what = f"{table.name}: none of the columns {', '.join(groups[0])} is there; one of them must be."
    raise InputRefused(
        what,
        where=str(path),
        why=f"Columns found: {found[:1000]}.",
        do=f"Rename the column that holds it in the file's first line, or take the file out of inputs/ if it is no table of {table.name}.",
    )


@dataclasses.dataclass(frozen=True)
class _Column:
    """A column that the file has.

    Args:
        declared: as the contract has it.
        form: how it is made normal.
        slow: SQL of the table of its slow values, "" where there are none.
        gaps: whether some cells are empty.
    """

    declared: TableColumn
    form: NormalForm
    slow: str = ""
    gaps: bool = True

    def alias(self) -> str:
        return name(f"s_{self.declared.name}")

    def join(self) -> str:
        """SQL that joins the slow values."""
        beside = f" and {self.alias()}.beside is not distinct from ({self.form.beside})" if self.form.beside else ""
        return (
            f"left join {self.slow} as {self.alias()} on {self.alias()}.raw = ({self.form.raw}){beside}"
            if self.slow
            else ""
        )

    def pick(self, fast: str, slow: str, sql_type: str) -> str:
        """SQL of an expression by the fast path, or of the slow table's column."""
        if not self.slow:
            if self.form.fast == "false" or fast == "null":
                return f"cast(null as {sql_type})"
            return f"case when not {self.form.empty} then {fast} end" if self.gaps else fast
        if self.form.fast == "false":
            return f"cast({self.alias()}.{slow} as {sql_type})"
        return f"case when {self.form.fast} then {fast} else cast({self.alias()}.{slow} as {sql_type}) end"

    def value(self) -> str:
        return self.pick(self.form.value, "value", self.form.sql_type)


class _Reader:
    """One file on its way."""

    def __init__(
        self,
        path: Path,
        table: Table,
        source16: str,
        con: duckdb.DuckDBPyConnection,
        staged: formats.Staged,
        staging: Path,
        from_log: bool,
    ) -> None:
        self.from_log = from_log
        self.path, self.table, self.source = path, table, source16
        self.con, self.staged, self.staging = con, staged, staging
        self.prefix = f"mapae_{table.name}_{next(_SERIAL)}"
        zones = (
            self._zones() if any(c.type == "zone" and c.name in staged.columns for c in table.columns.values()) else ()
        )
        self.columns: dict[str, _Column] = {}
        for declared in table.columns.values():
            given = staged.columns.get(declared.name)
            if given is not None:
                beside = staged.columns.get(declared.region or declared.by)
                text = text_of(beside.sql, beside.type) if beside else "cast(null as varchar)"
                self.columns[declared.name] = _Column(
                    declared, normal_form(declared, given.sql, given.type, text, zones)
                )
        self.notes: list[str] = []

    def _zones(self) -> tuple[str, ...]:
        rows = self.con.execute(
            "select distinct name from pg_timezone_names() where contains(name, '/') or name in ('UTC', 'GMT') order by name"
        ).fetchall()
        return tuple(str(n) for (n,) in rows)

    def _one(self, sql: str) -> tuple[int, ...]:
        return tuple(int(v or 0) for v in self.con.execute(sql).fetchall()[0])

    # ---- the look over the file

    def read(self, earlier: Sequence[Path]) -> Reading:
        relation = self.staged.relation
        sums = ["count(*)"]
        for column in self.columns.values():
            form = column.form
            sums.append(f"count_if(not {form.empty} and not ({form.fast}))")
            sums.append(f"count_if({form.empty})")
            sums.append(f"coalesce(max(strlen({form.raw})), 0)" if column.declared.arrow == pa.string() else "0")
        sums.append(f"coalesce(max(strlen({self.staged.unknown})), 0)")
        found = self._one(f"select {', '.join(sums)} from {relation}")
        read = found[0]
        large = max([*found[3:-1:3], found[-1]]) > LARGEST_CELL
        nulls = {}
        for i, (n, column) in enumerate(self.columns.items()):
            slow, nulls[n] = found[1 + 3 * i], found[2 + 3 * i]
            self.columns[n] = dataclasses.replace(column, slow=self._slow(column) if slow else "", gaps=nulls[n] > 0)
        rejected = self._reject(large, nulls)
        self.made_keys = self._keys_made(nulls)
        equal = self._equal(earlier)
        counts = Counts(read + self.staged.aside, read - rejected - equal, rejected + self.staged.aside, equal)
        for declared in self.table.columns.values():
            if declared.name not in self.columns and declared.default is not None and read and declared.type == "word":
                self.notes.append(
                    f"{self.table.name} has no column {declared.name}: every row counts as {declared.default}"
                )
        tables: dict[str, object] = {f"records/{self.table.name}": Query(self._records())}
        for child in self.table.children():
            tables[f"records/{child.name}"] = Query(self._child(child.column))
        tables[f"rejected/{self.table.name}"] = Query(self._rejected_rows())
        return Reading(tables, counts, notes=self.notes)

    def _slow(self, column: _Column) -> str:
        """A table of what the fast path does not take: once per distinct value."""
        form = column.form
        extras = list(form.made)
        fields = [pa.field(n, pa.string()) for n in ("raw", "beside", "value", *extras, "received", "reason")]
        schema = pa.schema(fields)
        beside = form.beside or "cast(null as varchar)"
        where = f"not {form.empty} and not ({form.fast}) and strlen({form.raw}) <= {LARGEST_CELL}"
        self.staging.mkdir(parents=True, exist_ok=True)
        made = self.staging / f"slow_{column.declared.name}.parquet"
        reader: Any = self.con.sql(
            f"select distinct {form.raw} as raw, {beside} as beside from {self.staged.relation} where {where}"
        ).to_arrow_reader(BATCH)
        with pq.ParquetWriter(made, schema, compression="zstd", compression_level=1) as file:
            for batch in reader:
                pairs = zip(batch["raw"].to_pylist(), batch["beside"].to_pylist(), strict=True)
                rows = [self._decide(column, str(r), b) for r, b in pairs]
                if rows:
                    arrays = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
                    file.write_table(pa.Table.from_arrays(arrays, schema=schema))
        return f"read_parquet({quoted(literal(made))})"

    def _decide(self, column: _Column, raw: str, beside: str | None) -> tuple[str | None, ...]:
        form = column.form
        found = form.python(raw, beside or "")
        made = (*found.made, *(None for _ in form.made))[: len(form.made)]
        received = raw if found.value is not None and found.value != raw and column.declared.received else None
        return (raw, beside, found.value, *made, received, found.reason)

    # ---- rejection

    def _joins(self) -> str:
        return " ".join(c.join() for c in self.columns.values() if c.slow)

    def _reject(self, large: bool, nulls: dict[str, int]) -> int:
        """The table of rejected rows; their number."""
        tests: list[tuple[str, str, str]] = []
        for n, column in self.columns.items():
            if large and column.declared.arrow == pa.string():
                tests.append((f"strlen({column.form.raw}) > {LARGEST_CELL}", quoted(n), quoted(TOO_LARGE)))
            if column.slow and self._one(f"select count(reason) from {column.slow}")[0]:
                tests.append((f"{column.alias()}.reason is not null", quoted(n), f"{column.alias()}.reason"))
            if column.declared.req and (nulls[n] or column.slow):
                tests.append((f"({column.value()}) is null", quoted(n), quoted("empty, but every row must have it")))
        if large:
            tests.append((f"strlen({self.staged.unknown}) > {LARGEST_CELL}", "''", quoted(TOO_LARGE)))
        for group in self.table.one_of:
            here = [self.columns[n] for n in group if n in self.columns]
            if all(nulls[c.declared.name] or c.slow for c in here):
                values = " and ".join(f"({c.value()}) is null" for c in here) or "true"
                tests.append((values, quoted(group[0]), quoted(f"one of {', '.join(group)} must be filled")))
        self.rejected = f"{self.prefix}_rejected"
        which = "case " + " ".join(f"when {test} then {at}" for test, at, _ in tests) + " end" if tests else "''"
        why = "case " + " ".join(f"when {test} then {reason}" for test, _, reason in tests) + " end" if tests else "''"
        where = " or ".join(f"({test})" for test, _, _ in tests) if tests else "false"
        raw = f"left(coalesce({self.staged.raw}, '{{}}'), {RAW_BYTES})"
        self.con.execute(
            f'create temporary table {name(self.rejected)} as select cast({self.staged.row} as bigint) as mapae_row, {which} as "column", '
            f"{why} as reason, {raw} as raw from {self.staged.relation} {self._joins()} where {where}"
        )
        return self._one(f"select count(*) from {name(self.rejected)}")[0]

    def _rejected_rows(self) -> str:
        rows = f'select mapae_row, "column", reason, raw from {name(self.rejected)}'
        if self.staged.set_aside is not None and self.staged.aside:
            rows += f' union all select mapae_row, "column", reason, raw from read_parquet({quoted(literal(self.staged.set_aside))})'
        return f'select {quoted(self.source)} as mapae_source, mapae_row, "column", reason, raw from ({rows}) as rows'

    # ---- records

    def _keys_made(self, nulls: dict[str, int]) -> str:
        """Whether keys are the sender's (``none``), made (``all``) or both (``some``)."""
        if not self.table.key_made_from:
            return "none"
        column = self.columns.get(self.table.key[0])
        if column is None:
            return "all"
        if column.slow:
            return "some"
        return "some" if nulls[column.declared.name] else "none"

    def _select(self, *, received: bool = True) -> dict[str, str]:
        """SQL per column of the record part, but for the key where it is made."""
        made: dict[str, str] = {}
        for declared in self.table.columns.values():
            column = self.columns.get(declared.name)
            value = column.value() if column else f"cast(null as {_SQL[str(declared.arrow)]})"
            if declared.default is not None:
                fallback = declared.empty if column and declared.empty else declared.default
                value = f"coalesce({value}, {quoted(fallback)})"
            made[declared.name] = value
            for field in declared.derived():
                sql_type = _SQL[str(field.type)]
                if field.name.endswith("_received"):
                    if received:
                        made[field.name] = (
                            column.pick(column.form.received, "received", "varchar")
                            if column
                            else "cast(null as varchar)"
                        )
                else:
                    made[field.name] = (
                        column.pick(column.form.made[field.name], name(field.name), sql_type)
                        if column
                        else f"cast(null as {sql_type})"
                    )
        made[UNKNOWN] = self.staged.unknown
        return made

    def _rows(self, *, drop_equal: bool, received: bool = True) -> str:
        """SELECT of the rows kept, in normal form, with ``mapae_row``."""
        columns = self._select(received=received)
        where = []
        if self._one(f"select count(*) from {name(self.rejected)}")[0]:
            where.append(f"{self.staged.row} not in (select mapae_row from {name(self.rejected)})")
        if drop_equal and self.dropped:
            where.append(f"{self.staged.row} not in (select mapae_row from {name(self.dropped)})")
        given = ", ".join(f"{sql} as {name(n)}" for n, sql in columns.items())
        condition = f" where {' and '.join(where)}" if where else ""
        return f"select {given}, cast({self.staged.row} as bigint) as mapae_row from {self.staged.relation} {self._joins()}{condition}"

    def _equal(self, earlier: Sequence[Path]) -> int:
        """Look for rows equal to one kept; their number."""
        self.dropped = ""
        rows = self._rows(drop_equal=False, received=False)
        content = list(self._select(received=False))
        equal = EqualRows(self.con, self.table, self.source, self.prefix, rows, content, self.made_keys)
        count = equal.find(earlier if self.table.kind == "event" else ())
        if self.from_log and self.table.kind == "state" and self.table.key and earlier:
            count = equal.find_said(earlier)
        self.notes.extend(equal.notes)
        self.dropped = equal.dropped if count else ""
        return count

    def _records(self) -> str:
        inner = self._rows(drop_equal=True)
        schema = self.table.schema()
        key = self.table.key[0] if self.table.key_made_from else ""
        columns = []
        for field in schema:
            if field.name == "mapae_source":
                columns.append(f"{quoted(self.source)} as mapae_source")
            elif field.name == key and self.made_keys != "none":
                columns.append(f"coalesce({name(key)}, {made_key(self.table, quoted(self.source))}) as {name(key)}")
            else:
                columns.append(name(field.name))
        return f"select {', '.join(columns)} from ({inner}) as kept"

    def _child(self, declared: TableColumn) -> str:
        keys = "".join(f", {name(k)}" for k in self.table.key)
        if declared.name not in self.columns:
            none = f"select {quoted(self.source)} as mapae_source, mapae_row{keys}, cast(0 as bigint) as position, '' as value"
            return f"{none} from ({self._records()}) as parent where false"
        value = element(declared.of, "value")
        array = f"from_json({name(declared.name)}, '[\"VARCHAR\"]')"
        return (
            f"select {quoted(self.source)} as mapae_source, mapae_row{keys}, cast(position as bigint) as position, {value} as value from ("
            f"select mapae_row{keys}, unnest({array}) as value, generate_subscripts({array}, 1) as position "
            f"from ({self._records()}) as parent where {name(declared.name)} is not null) as elements"
        )


_SQL = {
    "string": "varchar",
    "int64": "bigint",
    "double": "double",
    "bool": "boolean",
    "date32[day]": "date",
    "decimal128(28, 8)": "decimal(28,8)",
    "timestamp[us, tz=UTC]": "timestamptz",
}
