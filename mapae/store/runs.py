"""Runs: the manifest that says what a run is made of, its commit, and readers that see one run whole."""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from mapae.model.errors import Damaged, MapaeError
from mapae.model.findings import canonical_json
from mapae.store import disk, ledger, parts, views
from mapae.store.naming import view_name
from mapae.store.views import TableParts
from mapae.store.workspace import Workspace, find


def manifest_bytes(manifest: dict[str, Any]) -> bytes:
    """A manifest as canonical JSON."""
    return (canonical_json(manifest) + "\n").encode()


def manifest_name(manifest: dict[str, Any]) -> str:
    """The run's name: SHA-256 of its manifest."""
    return hashlib.sha256(manifest_bytes(manifest)).hexdigest()


def commit(space: Workspace, manifest: dict[str, Any], act: dict[str, Any]) -> str:
    """Steps 2 to 4 of the commit protocol: the manifest, the ledger line, the head.

    Returns:
        The run's name.
    """
    name = manifest_name(manifest)
    disk.place(manifest_bytes(manifest), space.tmp / f"{name}.json", space.runs / f"{name}.json")
    ledger.append(space, [{"act": "run", "run": name, **act}])
    return name


def committed(space: Workspace) -> list[str]:
    """Names of all committed runs, oldest first (one name may stand again)."""
    return [line.act["run"] for line in ledger.read(space.ledger).lines if line.act.get("act") == "run"]


def load(space: Workspace, name: str) -> dict[str, Any]:
    """Read a manifest.

    Raises:
        Damaged: it is missing or does not hash to its name.
    """
    path = space.runs / f"{name}.json"
    try:
        data = path.read_bytes()
    except FileNotFoundError as problem:
        raise Damaged(
            "The manifest of a committed run is missing.",
            where=str(path),
            do="Restore it from a copy, or run again: mapae run",
        ) from problem
    if hashlib.sha256(data).hexdigest() != name:
        raise Damaged(
            "The manifest of a run is not what was committed.",
            where=str(path),
            do="Restore it from a copy, or run again: mapae run",
        )
    manifest: dict[str, Any] = json.loads(data)
    return manifest


@dataclasses.dataclass
class OpenRun:
    """One committed run, held open: its files stay until it is closed.

    ``tables()`` names them (``records/accounts``, ``findings/flag`` …); ``arrow``, ``relation`` and ``sql`` read them.
    """

    space: Workspace
    name: str
    manifest: dict[str, Any]
    con: duckdb.DuckDBPyConnection
    _handle: int

    @classmethod
    def last(cls, directory: str | Path = ".") -> OpenRun:
        """Open the last committed run of a workspace.

        Raises:
            MapaeError: nothing was run yet, or the run is damaged.
        """
        space = find(directory)
        for _ in range(20):  # a sweep may delete a manifest between our look at the ledger and our lock on it
            names = committed(space)
            if not names:
                raise MapaeError(
                    "Nothing has been run in this workspace yet.",
                    where=str(space.root),
                    do=f"Run: mapae run {directory}",
                )
            path = space.runs / f"{names[-1]}.json"
            try:
                handle = os.open(path, os.O_RDONLY)
            except FileNotFoundError:
                continue
            fcntl.flock(handle, fcntl.LOCK_SH)
            if path.exists() and os.fstat(handle).st_ino == path.stat().st_ino:
                return cls._of(space, names[-1], handle)
            os.close(handle)
        raise Damaged("The last run's manifest is missing.", where=str(space.runs), do="Run again: mapae run")

    @classmethod
    def _of(cls, space: Workspace, name: str, handle: int) -> OpenRun:
        manifest = load(space, name)
        con = views.connect(threads=0)
        run = cls(space, name, manifest, con, handle)
        for table, held in run.tables().items():
            views.make(con, view_name(table), [parts.path(space, p) for p in held.parts], held.newest_by)
        return run

    def tables(self) -> dict[str, TableParts]:
        """Tables of the run by name."""
        return {
            name: TableParts(tuple(p["name"] for p in entry["parts"]), tuple(entry.get("newest_by", ())))
            for name, entry in self.manifest["tables"].items()
        }

    def relation(self, table: str) -> duckdb.DuckDBPyRelation:
        """A table as a DuckDB relation.

        Raises:
            MapaeError: the run has no such table.
        """
        if table not in self.manifest["tables"]:
            raise MapaeError(
                f"This run has no table {table!r}.", do="Tables: " + ", ".join(sorted(self.manifest["tables"])) + "."
            )
        return self.con.sql(f"select * from {views.name(view_name(table))}")

    def arrow(self, table: str) -> pa.Table:
        """A table as an Arrow table (see :meth:`relation`)."""
        return self.relation(table).to_arrow_table()

    def rows(self, sql: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
        """Rows of a query over the run's views, as dictionaries."""
        table: pa.Table = self.con.sql(sql, params=parameters or None).to_arrow_table()
        listed: list[dict[str, Any]] = table.to_pylist()
        return listed

    def close(self) -> None:
        """Let the run go; a sweep may then delete it."""
        self.con.close()
        os.close(self._handle)

    def __enter__(self) -> OpenRun:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
