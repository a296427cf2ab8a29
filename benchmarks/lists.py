"""Official lists into a written part: the newest OFAC SDN list (ADVANCED_XML) and the newest UN list.

Run: ``python -m benchmarks.lists``; only where official lists lie in ``../shared/data`` beside the project. Each list
is read in a process of its own: opened as it is published (compressed), read by its reader, cast, sorted and
written as one part, as a run does it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.tables import ROOT, Figure, failed, here, machine, python, show, watch

DATA = ROOT.parent / "shared" / "data" / "lists"
# Newest by the date in their names; goals of the first issue for the SDN list, on two cores.
LISTS = {"ofac_advanced": "us/sdn_advanced_*.xml.bz2", "un": "un/un_consolidated_*.xml.xz"}
SDN_S, SDN_MB = 20.0, 600.0


def read(form: str, file: Path) -> None:
    """Read one list into a part in a temporary folder and print what it took, as JSON."""
    from mapae.engine.duckdb import DuckDBEngine
    from mapae.model import statements
    from mapae.rules.kinds import load_catalogue
    from mapae.sources import ingest, ofac_advanced, un

    readers = {"ofac_advanced": ofac_advanced.read, "un": un.read}
    rule = next(r for r in load_catalogue().lists.values() if r.data["format"] == form)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="mapae-bench-") as made:
        reading = readers[form](file, rule, "0" * 16)
        engine, target = DuckDBEngine(memory_mb=ingest.LIST_MB, spill=Path(made)), Path(made) / "part.parquet"
        engine.write(
            engine.connect(), reading.tables["statements"], target, schema=statements.SCHEMA, order=statements.ORDER
        )
        told = {
            "wall": time.perf_counter() - started,
            "rows": engine.connect().execute("select count(*) from read_parquet(?)", [str(target)]).fetchall()[0][0],
            "mb": target.stat().st_size / 2**20,
            "kept": reading.counts.kept,
            "notes": list(reading.notes),
        }
    print(json.dumps(told))


def main() -> None:
    """Measure and print."""
    if len(sys.argv) == 4 and sys.argv[1] == "read":
        read(sys.argv[2], Path(sys.argv[3]))
        return
    begun = machine()
    figures: list[Figure] = []
    for form, pattern in LISTS.items():
        files = sorted(DATA.glob(pattern))
        if not files:
            print(f"\nlists: no {pattern} in ../shared/data/lists; not measured.")
            continue
        file = files[-1]
        ran = watch(python("-m", "benchmarks.lists", "read", form, file), env=here())
        if ran.code:
            failed(f"reading {file.name}", ran)
            sys.exit(1)
        told, sdn = json.loads(ran.text.splitlines()[-1]), form == "ofac_advanced"
        note = f"{told['kept']:,} entries, {told['rows']:,} statements, a part of {told['mb']:.1f} MB"
        figures += [
            Figure(f"{file.name}, wall of the process", ran.wall, "s", SDN_S if sdn else None, note),
            Figure(f"{file.name}, CPU", ran.cpu, "s"),
            Figure(f"{file.name}, peak memory", ran.peak_mb, "MB", SDN_MB if sdn else None),
        ]
    if figures:
        show("lists: official lists into a part", figures, begun=begun)


if __name__ == "__main__":
    main()
