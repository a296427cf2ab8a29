"""A small assessment room for tests: tables in memory, the room's own steps, results as the engine writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mapae.assessment.steps import steps
from mapae.engine.duckdb import DuckDBEngine, StepInputs
from mapae.model import findings
from mapae.rules.kinds import Catalogue, Indicator, load_catalogue
from mapae.settings import Settings

# One indicator per family and level, so that every level can be reached.
FAMILIES = ("network", "device", "document", "money", "behaviour", "content", "report")


def catalogue() -> Catalogue:
    """The shipped families.yml with made-up indicators: one of each level in each family."""
    shipped = load_catalogue()
    made = {}
    for family in FAMILIES:
        for level in ("weak", "medium", "strong"):
            data = {"family": family, "level": level, "stage": "misrepresentation", "status": "test"}
            one = f"{family}.{level}_sign"
            made[one] = Indicator(id=one, path=Path("made up"), text=one, data=data)  # type: ignore[arg-type]
    return Catalogue(**{**shipped.__dict__, "indicators": made})


def answers(rows: dict[str, dict[str, str]]) -> pa.Table:
    """Table of answers: per account, family to ``weak``, ``medium``, ``strong`` or ``no``; what is absent is unknown.

    ``no of medium`` or ``weak of weak+strong`` says which levels could be looked at; otherwise all could.
    """
    columns: dict[str, list[str]] = {"account_id": []}
    for family in FAMILIES:
        for level in ("weak", "medium", "strong"):
            columns[f"{family}__{level}_sign"] = []
    for account, said in rows.items():
        columns["account_id"].append(account)
        for family in FAMILIES:
            for level in ("weak", "medium", "strong"):
                found, _, looked = said.get(family, "").partition(" of ")
                known = bool(found) and level in (looked or level).split("+")
                columns[f"{family}__{level}_sign"].append("unknown" if not known else "yes" if found == level else "no")
    return pa.table(columns)


def flags(rows: dict[str, dict[str, str]]) -> pa.Table:
    """The counted flags that belong to :func:`answers`."""
    made = [
        findings.row("flag", rule=f"{family}.{level}_sign", subject=f"account:{account}", verdict="yes", because=[],
                     family=family, level=level, counted=True, peer_group="all")
        for account, said in rows.items() for family, told in said.items() if (level := told.split(" of ")[0]) != "no"
    ]  # fmt: skip
    return findings.table("flag", made)


def ring(name: str, members: list[str], permille: int = 1000) -> list[dict[str, Any]]:
    """Ring findings of one ring."""
    return [
        findings.row("ring", rule="ring.shared_keys", subject=f"account:{one}", object=f"ring:{name}", verdict="yes",
                     because=[], size=len(members), member_permille=permille)
        for one in members
    ]  # fmt: skip


def run(
    rows: dict[str, dict[str, str]],
    *,
    rings: list[dict[str, Any]] | None = None,
    persons: dict[str, str] | None = None,
    keyless: tuple[str, ...] = (),
    declared: list[tuple[str, str, list[str]]] | None = None,
    pinned: dict[str, Any] | None = None,
    settings: Settings | None = None,
    threads: int = 1,
    folder: Path,
) -> dict[str, Path]:
    """Run the room's two steps and write what they make; gives the files by table. ``keyless``: hold no link key."""
    engine = DuckDBEngine(threads=threads)
    tables: dict[str, pa.Table] = {
        "answers": answers(rows),
        "flag": flags(rows),
        "ring": findings.table("ring", rings or []),
        "accounts": pa.table(
            {
                "account_id": pa.array(list(rows)),
                "person_id": pa.array([(persons or {}).get(a) for a in rows], pa.string()),
            }
        ),
        "persons": pa.table(
            {
                "account_id": pa.array([a for a in rows if a in (persons or {})], pa.string()),
                "person_id": pa.array([(persons or {})[a] for a in rows if a in (persons or {})], pa.string()),
                "principal": pa.array([a for a in rows if a in (persons or {})], pa.string()),
                "basis": pa.array(["person_id" for a in rows if a in (persons or {})], pa.string()),
            }
        ),
        "doors": pa.table(
            {"account_id": pa.array(list(rows), pa.string()), "door": pa.array(["platform"] * len(rows), pa.string())}
        ),
        "identifiers": pa.table(
            {
                "party": pa.array([f"account:{a}" for a in rows]),
                "kind": pa.array(["wallet" if a in keyless else "phone" for a in rows], pa.string()),
                "value": pa.array(list(rows)),
            }
        ),
        "declared": pa.table(
            {
                "kind": pa.array([kind for kind, _, _ in declared or []], pa.string()),
                "subject": pa.array([subject for _, subject, _ in declared or []], pa.string()),
                "since": pa.array([None for _ in declared or []], pa.timestamp("us", tz="UTC")),
                "until": pa.array([None for _ in declared or []], pa.timestamp("us", tz="UTC")),
                "mapae_source": pa.array(["s"] * len(declared or []), pa.string()),
                "mapae_row": pa.array(range(1, len(declared or []) + 1), pa.int64()),
            }
        ),
        "declared_with_whom": pa.table(
            {
                "value": pa.array([o for _, _, others in declared or [] for o in others], pa.string()),
                "position": pa.array([i for _, _, others in declared or [] for i, _ in enumerate(others)], pa.int64()),
                "mapae_source": pa.array(["s" for _, _, others in declared or [] for _ in others], pa.string()),
                "mapae_row": pa.array(
                    [n for n, (_, _, others) in enumerate(declared or [], 1) for _ in others], pa.int64()
                ),
            }
        ),
    }
    written: dict[str, Path] = {}
    for step in steps(catalogue(), settings or Settings(), pinned):
        con = engine.connect()
        for name, table in tables.items():
            con.register(name, table)
        made = engine.run(step, StepInputs(con, {}, lambda _: None))
        for name, value in made.items():
            target = folder / f"{name.replace('/', '_')}.parquet"
            engine.write(con, value, target, schema=step.schema[name], order=step.order[name])
            written[name] = target
            tables[name.rpartition("/")[2]] = pq.read_table(target)
        con.close()
    return written


def assessed(files: dict[str, Path]) -> dict[str, dict[str, Any]]:
    """Assessments by account."""
    return {
        row["subject"].removeprefix("account:"): row for row in pq.read_table(files["findings/assessment"]).to_pylist()
    }
