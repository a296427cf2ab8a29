"""Rows equal to one kept: in the same file, or in a part of the same event table that was read before.

A 64-bit hash of the key (of what a key is made from, or of all columns) finds the candidates; the comparison is exact and
leaves out what says where and how a row was received. Of equal events the first by number is kept; of equal rows of a state
table the last, since the last row of a key is the one that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mapae.rules.tables import Table
from mapae.sources.normal import literal, name, quoted
from mapae.store.views import LATER, select

if TYPE_CHECKING:
    import duckdb


def made_key(table: Table, source: str, row: str = "") -> str:
    """SQL of a made key: a hash of source and of the columns that it is made from.

    Args:
        table: with ``key_made_from``.
        source: SQL of the first 16 digits of the source's hash.
        row: prefix of the columns, as ``e.``.
    """
    parts = []
    for n in table.key_made_from:
        sql = f"{row}{name(n)}"
        text = f"strftime({sql}, '%Y-%m-%dT%H:%M:%SZ')" if table.columns[n].type == "time" else sql
        parts.append(f"coalesce({text}, '')")
    return f"left(sha256({source} || chr(31) || {' || chr(31) || '.join(parts)}), 32)"


class EqualRows:
    """The search for equal rows of one file.

    Args:
        con: connection of the reader.
        table: the table read.
        source: first 16 digits of the source's hash.
        prefix: beginning of the names of temporary tables.
        rows: SELECT of all rows that were not rejected, in normal form, with ``mapae_row``.
        content: the columns that are compared.
        made_keys: whether keys are the sender's (``none``), made (``all``), or both (``some``).
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        table: Table,
        source: str,
        prefix: str,
        rows: str,
        content: Sequence[str],
        made_keys: str,
    ) -> None:
        self.con, self.table, self.source, self.prefix = con, table, source, prefix
        self.rows, self.content, self.made_keys = rows, content, made_keys
        self.dropped = f"{prefix}_equal"
        self.notes: list[str] = []

    def find(self, earlier: Sequence[Path]) -> int:
        """Fill the temporary table :attr:`dropped` with numbers of rows; how many they are."""
        doubles, hashed = f"{self.prefix}_doubles", self._hash(self.made_keys)
        self.con.execute(
            f"create temporary table {name(doubles)} as select h from "
            f"(select {hashed} as h from ({self.rows}) as r) as hashes group by h having count(*) > 1"
        )
        self.con.execute(f"create temporary table {name(self.dropped)} (mapae_row bigint)")
        if self._count(doubles):
            candidates = f"({self.rows}) as r where {hashed} in (select h from {name(doubles)})"
            content = ", ".join(name(n) for n in self.content)
            order = LATER if self.table.kind == "state" else "mapae_row"
            nth = f"row_number() over (partition by {content} order by {order})"
            self.con.execute(
                f"insert into {name(self.dropped)} select mapae_row from "
                f"(select mapae_row, {nth} as nth from {candidates}) as numbered where nth > 1"
            )
            self._note_keys(candidates)
        if earlier:
            self._find_earlier(earlier)
        return self._count(self.dropped)

    def find_said(self, earlier: Sequence[Path]) -> int:
        """Drop also the rows of keys of which this file says nothing that the row in force does not say already.

        A log tells little of an account; its rows must not take the place of what a file before it told in full.

        Args:
            earlier: parts of the same state table, oldest first.
        """
        said = " and ".join(
            f"(r.{name(n)} is null or r.{name(n)} is not distinct from e.{name(n)})" for n in self.content
        )
        same = " and ".join(f"r.{name(k)} = e.{name(k)}" for k in self.table.key)
        keys = ", ".join(f"r.{name(k)}" for k in self.table.key)
        self.con.execute(
            f"insert into {name(self.dropped)} select unnest(numbers) from ("
            f"select {keys}, list(r.mapae_row order by r.mapae_row) as numbers, bool_and({said}) as nothing_new "
            f"from ({self.rows}) as r join ({select(earlier, self.table.key)}) as e on {same} group by {keys}) as keys "
            f"where nothing_new"
        )
        self.con.execute(
            f"create or replace temporary table {name(self.dropped)} as "
            f"select distinct mapae_row from {name(self.dropped)} order by mapae_row"
        )
        return self._count(self.dropped)

    def _count(self, temporary: str) -> int:
        return int(self.con.execute(f"select count(*) from {name(temporary)}").fetchall()[0][0])

    def _hash(self, made_keys: str, row: str = "r.") -> str:
        """SQL of a hash that equal rows share."""
        key, parts = self.table.key, self.table.key_made_from
        if not key:
            return f"hash({', '.join(row + name(n) for n in self.content)})"
        given = f"hash({', '.join(row + name(n) for n in key)})"
        made = f"hash({', '.join(row + name(n) for n in parts)})" if parts else given
        if made_keys == "some":
            return f"case when {row}{name(key[0])} is null then {made} else {given} end"
        return made if made_keys == "all" else given

    def _note_keys(self, candidates: str) -> None:
        """Count keys that are left with more than one content."""
        if not self.table.key:
            return
        parts = () if self.made_keys == "none" else self.table.key_made_from
        keys = ", ".join(name(k) for k in (*self.table.key, *parts))
        twice = self.con.execute(
            f"select count(*) from (select {keys} from {candidates} and mapae_row not in "
            f"(select mapae_row from {name(self.dropped)}) group by {keys} having count(*) > 1) as keys"
        ).fetchall()[0][0]
        if twice:
            shown = ", ".join(self.table.key)
            self.notes.append(f"{twice} keys ({shown}) have more than one content; all of them are kept")

    def _find_earlier(self, earlier: Sequence[Path]) -> None:
        other = f"read_parquet([{', '.join(quoted(literal(p)) for p in earlier)}], union_by_name=true) as e"
        key, parts = self.table.key, self.table.key_made_from
        if self.made_keys != "all":
            which = f"r.{name(key[0])} is not null" if parts else "true"
            differ = self._match(other, "none", which, self.content, "true")
            if differ and key:
                shown = ", ".join(key)
                self.notes.append(
                    f"{differ} rows have a key ({shown}) that an earlier file has with another content; both are kept"
                )
        if self.made_keys != "none":
            # A made key tells the source: two exports of one event have two, so all but the key is compared.
            also = f"e.{name(key[0])} = {made_key(self.table, 'e.mapae_source', 'e.')}"
            self._match(other, "all", f"r.{name(key[0])} is null", [n for n in self.content if n not in key], also)

    def _match(self, other: str, made_keys: str, which: str, compared: Sequence[str], also: str) -> int:
        """Drop rows equal to an earlier one; the number of those that share the hash and are not equal."""
        hits = f"{self.prefix}_hits"
        mine, theirs = self._hash(made_keys), self._hash(made_keys, "e.")
        self.con.execute(
            f"create or replace temporary table {name(hits)} as select r.*, {mine} as mapae_hash from ({self.rows}) as r "
            f"where {which} and {mine} in (select {theirs} from {other}) "
            f"and r.mapae_row not in (select mapae_row from {name(self.dropped)})"
        )
        before, found = self._count(self.dropped), self._count(hits)
        if found:
            same = " and ".join(f"r.{name(n)} is not distinct from e.{name(n)}" for n in compared)
            self.con.execute(
                f"insert into {name(self.dropped)} select distinct r.mapae_row from {name(hits)} as r "
                f"join {other} on r.mapae_hash = {theirs} where {same} and {also}"
            )
        return found - (self._count(self.dropped) - before)
