"""Names of the newest OFAC SDN and UN lists, read with the project's own readers and kept as Parquet in a cache folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.lists import DATA, LISTS

PROPS = {"name": "primary", "alias": "strong", "previousName": "strong", "weakAlias": "weak"}
DEFAULT_CACHE = Path.home() / ".cache" / "mapae-bench"


def read(form: str, file: Path) -> pa.Table:
    """Distinct party, name, kind (FollowTheMoney schema) and quality of one list file.

    Args:
        form: of the reader, as ``benchmarks.lists.LISTS`` names it.
        file: the list as published.
    """
    from mapae.rules.kinds import load_catalogue
    from mapae.sources import ofac_advanced, un

    readers = {"ofac_advanced": ofac_advanced.read, "un": un.read}
    rule = next(r for r in load_catalogue().lists.values() if r.data["format"] == form)
    found: set[tuple[str, str, str, str]] = set()
    for batch in readers[form](file, rule, "0" * 16).tables["statements"]:
        columns = [batch.column(c).to_pylist() for c in ("entity_id", "value", "schema", "prop")]
        found |= {(p, n, k, PROPS[q]) for p, n, k, q in zip(*columns, strict=True) if q in PROPS and n}
    rows = sorted(found)
    return pa.table({c: pa.array([r[i] for r in rows]) for i, c in enumerate(("party", "name", "kind", "quality"))})


def load(cache: Path | None) -> dict[str, list[dict[str, Any]]]:
    """Rows (party, name, kind, quality) of the newest list of each form; a form whose list is not at hand is left out.

    Args:
        cache: folder that keeps the names read; None: :data:`DEFAULT_CACHE`.
    """
    kept = cache or DEFAULT_CACHE
    kept.mkdir(parents=True, exist_ok=True)
    made = {}
    for form, pattern in LISTS.items():
        files = sorted(DATA.glob(pattern))
        if not files:
            continue
        target = kept / f"names_{files[-1].name.partition('.')[0]}.parquet"
        if not target.exists():
            half = target.with_suffix(".half")
            pq.write_table(read(form, files[-1]), half)
            half.rename(target)
        made[form] = pq.read_table(target).to_pylist()
    return made
