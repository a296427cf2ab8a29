"""The floor of a run: the least that any engine must do for the same rules over the same records.

Run: ``python -m benchmarks.floor WORKSPACE`` after ``mapae run``. It reads every column of records that any measure,
projection or indicator reads, groups each table by account over a hash of these columns, and sorts sign-ins
once by account and time with what else is read of them; DuckDB with the limits of the workspace. The last line is JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from mapae.engine.duckdb import DuckDBEngine
from mapae.rules.check import known
from mapae.rules.kinds import Catalogue, load_catalogue
from mapae.rules.sql import check
from mapae.store import workspace
from mapae.store.naming import view_name
from mapae.store.runs import OpenRun
from mapae.store.views import make, name


def columns_read(catalogue: Catalogue) -> dict[str, set[str]]:
    """Columns of records that rules read, by view, as the gate finds them; measures of measures count for nothing."""
    views = known(catalogue)
    texts = [sql for measure in catalogue.measures.values() for sql in (measure.sql, *measure.rows)]
    texts += [sql for projection in catalogue.projections.values() for sql in projection.origins.values()]
    texts.append("select account_id from accounts")
    read: dict[str, set[str]] = {}
    for sql in texts:
        for view, columns in check(sql, path="floor", known=views).tables.items():
            read.setdefault(view, set()).update(columns)
    return {v: c for v, c in read.items() if v in catalogue.tables or v in _children(catalogue)}


def _children(catalogue: Catalogue) -> set[str]:
    return {child.name for table in catalogue.tables.values() for child in table.children()}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(space: Path) -> dict[str, float]:
    """CPU seconds of grouping and of sorting, wall seconds of both, and how much was read."""
    settings = workspace.find(space).settings
    read = columns_read(load_catalogue())
    engine = DuckDBEngine(threads=settings.threads, memory_mb=settings.memory_mb, spill=space / ".mapae" / "tmp")
    con = engine.connect()
    with OpenRun.last(space) as run:
        for table, held in run.tables().items():
            if table.startswith("records/") and view_name(table) in read:
                files = [space / ".mapae" / "parts" / f"{part}.parquet" for part in held.parts]
                make(con, view_name(table), files, held.newest_by)
        started, cpu = time.perf_counter(), _cpu()
        for view, columns in sorted(read.items()):
            hashed = f"bit_xor(hash({', '.join(name(c) for c in sorted(columns))})) as all_of_it"
            by = "account_id" if "account_id" in columns else "null"
            con.execute(
                f"create or replace temp table grouped as select {by} as account_id, {hashed} from {name(view)} group by 1"
            )
        grouped = _cpu()
        con.execute("drop table grouped")
        wanted = ", ".join(name(c) for c in sorted(read["sign_ins"]))
        con.execute(f"create temp table sorted as select {wanted} from sign_ins order by account_id, happened_at")
        done, wall = _cpu(), time.perf_counter() - started
    return {
        "group_cpu": grouped - cpu,
        "sort_cpu": done - grouped,
        "wall": wall,
        "columns": sum(len(c) for c in read.values()),
        "tables": len(read),
    }


def main() -> None:
    """Measure and print."""
    print(json.dumps(measure(Path(sys.argv[1]).resolve())))


if __name__ == "__main__":
    main()
