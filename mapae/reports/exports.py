"""Exports: every table of a run under its own name, for people's own tools."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from mapae.model.errors import MapaeError
from mapae.reports.cells import defused_sql
from mapae.store import ledger, workspace
from mapae.store.naming import view_name
from mapae.store.runs import OpenRun
from mapae.store.views import name, quote

_FORMATS = {
    "parquet": "format parquet, compression zstd",
    "csv": "format csv, header true",
    "jsonl": "format json, array false",
}


def _cell(column: str, kind: str) -> str:
    """A column of a CSV file: lists and structs as JSON text, texts without formulas."""
    if kind.endswith("[]"):
        return f"to_json({name(column)})::varchar as {name(column)}"
    return f"{defused_sql(name(column))} as {name(column)}" if kind == "VARCHAR" else name(column)


def tables(run: OpenRun, out: Path, *, only: str = "", format: str = "parquet") -> list[Path]:
    """Write a run's tables below ``out`` (``out/findings/flag.parquet`` …) and note the export in the ledger.

    Args:
        only: findings, records, rejected, statements or measures; "" for all.
        format: parquet, csv (lists and structs as JSON text, formula cells defused) or jsonl.

    Raises:
        MapaeError: a file cannot be written.
    """
    written: list[Path] = []
    for table in sorted(run.manifest["tables"]):
        if only and table.partition("/")[0] not in (only, f"{only}_now"):
            continue
        path = out / f"{table}.{format}"
        relation = name(view_name(table))
        columns = "*"
        if format == "csv":
            described = run.con.execute(f"describe {relation}").fetchall()
            columns = ", ".join(_cell(str(c[0]), str(c[1])) for c in described)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            run.con.execute(f"copy (select {columns} from {relation}) to {quote(str(path))} ({_FORMATS[format]})")
        except (OSError, duckdb.IOException) as problem:
            raise MapaeError(
                "An export cannot be written.",
                where=str(path),
                why=str(problem).splitlines()[0],
                do="Name a folder that may be written to, with room on its disk.",
            ) from problem
        written.append(path)
    with workspace.writing(run.space):
        ledger.repair(run.space)
        at = dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat()
        ledger.append(
            run.space,
            [{"act": "export", "run": run.name, "at": at, "tables": len(written), "format": format, "only": only}],
        )
    return written
