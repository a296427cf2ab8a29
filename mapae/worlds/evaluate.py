"""Hold a run of a simulated workspace against its truth: what was found, what was not, and who was wrongly put to review."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from mapae.model.errors import MapaeError
from mapae.model.verdicts import YES
from mapae.worlds.matching import match_rings
from mapae.worlds.shares import percent, wilson

# Edges of the calibration table in thousandths; fine at the low end, where nearly everybody is.
EDGES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1001)
TRUTH = pa.schema(
    [
        ("account_id", pa.string()),
        ("misrepresented", pa.bool_()),
        ("dprk", pa.bool_()),
        ("ring", pa.string()),
        ("kind", pa.string()),
    ]
)


def _calibration(said: list[tuple[int, bool]]) -> tuple[list[dict[str, Any]], float]:
    """Said and true by bin, and the mean gap between them over all accounts."""
    bins: list[dict[str, Any]] = []
    gap = 0.0
    for low, high in itertools.pairwise(EDGES):
        inside = [(p, t) for p, t in said if low <= p < high]
        if not inside:
            continue
        mean = sum(p for p, _ in inside) / len(inside) / 1000
        true = sum(t for _, t in inside)
        gap += abs(mean * len(inside) - true)
        row = {"from_permille": low, "to_permille": min(high, 1000), "accounts": len(inside), "said": round(mean, 4)}
        bins.append({**row, "true": wilson(true, len(inside))})
    return bins, round(gap / max(len(said), 1), 5)


def score(truth: pa.Table, assessments: pa.Table, rings: pa.Table, base_rate: float) -> dict[str, Any]:
    """Figures of one run on one simulated world.

    Args:
        truth: ``account_id, misrepresented, dprk, ring, kind``; ring is empty for those in none.
        assessments: findings of the kind assessment (``subject``, ``verdict``, ``permille`` are read).
        rings: findings of the kind ring (``subject``, ``object`` are read).
        base_rate: share of misrepresented accounts that the run assumed.

    Returns:
        Plain values; every share stands with its numbers and Wilson 95 % interval. ``simulated`` is always true.
    """
    who = {row["account_id"]: row for row in truth.to_pylist()}
    verdicts: dict[str, tuple[str, int]] = {}
    for row in assessments.select(["subject", "verdict", "permille"]).to_pylist():
        account = row["subject"].removeprefix("account:")
        if account in who:
            verdicts[account] = (row["verdict"], row["permille"])
    guilty = {a for a, row in who.items() if row["misrepresented"]}
    review = {a for a, (verdict, _) in verdicts.items() if verdict == YES}
    said = sorted((p, a in guilty) for a, (_, p) in verdicts.items())
    bins, error = _calibration(said)
    above = [(p, t) for p, t in said if p > 500]
    expected = base_rate * len(verdicts)
    honest_by_kind: dict[str, list[int]] = {}
    for account, row in who.items():
        if account not in guilty:
            counts = honest_by_kind.setdefault(row["kind"], [0, 0])
            counts[0] += account in review
            counts[1] += 1
    planted: dict[str, dict[str, Any]] = {}
    for account, row in who.items():
        if row["ring"]:
            kept = planted.setdefault(row["ring"], {"kind": row["kind"], "dprk": row["dprk"], "members": set()})
            kept["members"].add(account)
    matched = match_rings(planted, rings)
    return {
        "simulated": True,
        "accounts": len(who),
        "assessed": len(verdicts),
        "misrepresented": len(guilty),
        "dprk": sum(1 for row in who.values() if row["dprk"]),
        "base_rate": base_rate,
        "review": {
            "accounts": len(review),
            "precision": wilson(len(review & guilty), len(review)),
            "recall": wilson(len(review & guilty), len(guilty)),
            "recall_by_kind": _by_kind((a, who[a]["kind"], a in review) for a in sorted(guilty)),
        },
        "calibration": bins,
        "calibration_error": error,
        "above_half": {
            "accounts": len(above),
            "said": round(sum(p for p, _ in above) / len(above) / 1000, 4) if above else None,
            "true": wilson(sum(t for _, t in above), len(above)),
        },
        "sum_check": round(sum(p for p, _ in said) / 1000 / expected, 4) if expected else None,
        "rings": _rings(matched, review),
        "honest": {
            "accounts": len(who) - len(guilty),
            "in_review": wilson(len(review - guilty), len(who) - len(guilty)),
            "by_kind": {kind: wilson(*counts) for kind, counts in sorted(honest_by_kind.items())},
        },
    }


def _by_kind(rows: Iterable[tuple[str, str, bool]]) -> dict[str, dict[str, Any]]:
    counts: dict[str, list[int]] = {}
    for _, kind, yes in rows:
        held = counts.setdefault(kind, [0, 0])
        held[0] += yes
        held[1] += 1
    return {kind: wilson(*held) for kind, held in sorted(counts.items())}


def _rings(matched: list[dict[str, Any]], review: set[str]) -> dict[str, Any]:
    """Rings of three and more members; those of two are pairs and counted apart."""
    rows = []
    for ring in matched:
        members = ring.pop("accounts")
        rows.append({**ring, "in_review": len(members & review)})
    large = [r for r in rows if r["members"] >= 3]
    pairs = [r for r in rows if r["members"] < 3]
    dprk = [r for r in large if r["dprk"]]
    return {
        "planted": len(large),
        "found": wilson(sum(1 for r in large if r["found"]), len(large)),
        "pairs": wilson(sum(1 for r in pairs if r["found"]), len(pairs)),
        "dprk": dprk,
        "dprk_found": wilson(sum(1 for r in dprk if r["found"]), len(dprk)),
        "others": [r for r in large if not r["dprk"]],
    }


def evaluate(directory: Path) -> dict[str, Any]:
    """Figures of the last run of a simulated workspace (see :func:`score`; for an employer, employer/evaluate.py).

    Raises:
        MapaeError: the workspace has no truth beside it, or nothing has been run yet.
    """
    from mapae.store.runs import OpenRun
    from mapae.worlds.employer import evaluate as employer

    if (Path(directory) / "truth" / "people.csv").exists():
        return employer.evaluate(Path(directory))
    path = Path(directory) / "truth" / "accounts.csv"
    if not path.exists():
        raise MapaeError(
            "This workspace has no truth to be held against.",
            where=str(path),
            why="Only simulated workspaces have one.",
            do="Make one with: mapae simulate DIR",
        )
    options = pa.csv.ConvertOptions(column_types=TRUTH, strings_can_be_null=False)
    truth = pa.csv.read_csv(path, convert_options=options)
    with OpenRun.last(directory) as run:
        tables = run.tables()
        missing = [name for name in ("findings/assessment", "findings/ring") if name not in tables]
        if missing:
            raise MapaeError(
                f"The last run has no table {missing[0]}.", where=str(directory), do="Run again: mapae run"
            )
        settings = run.manifest.get("settings", {})
        rate = float(settings.get("base_rate", 0.013))
        return score(truth, run.arrow("findings/assessment"), run.arrow("findings/ring"), rate)


def text(figures: dict[str, Any]) -> str:
    """The figures as lines to read; every line says that they are simulated."""
    if figures.get("world") == "employer":
        from mapae.worlds.employer import evaluate as employer

        return employer.text(figures)
    review, honest, rings = figures["review"], figures["honest"], figures["rings"]
    lines = [
        f"{figures['accounts']:,} accounts, {figures['misrepresented']:,} misrepresented, {figures['dprk']:,} of them run by DPRK workers",
        f"review: {review['accounts']:,} accounts; misrepresented among them: {percent(review['precision'])}",
        f"misrepresented accounts that review reached: {percent(review['recall'])}",
        f"honest people put to review: {percent(honest['in_review'])}",
    ]
    lines += [
        f"  of {kind.replace('_', ' ')}: {percent(share)}"
        for kind, share in honest["by_kind"].items()
        if share["found"]
    ]
    above = figures["above_half"]
    if above["accounts"]:
        lines.append(f"above one in two: said {above['said']:.2f}, true {percent(above['true'])}")
    lines.append(
        f"calibration error {figures['calibration_error']}; sum of probabilities over base rate x accounts {figures['sum_check']}"
    )
    lines.append(f"rings of three and more found: {percent(rings['found'])}; pairs found: {percent(rings['pairs'])}")
    lines += [
        f"  {r['kind'].replace('_', ' ')}: {'found' if r['found'] else 'not found'}, {r['together']} of {r['members']} members together, purity {r['purity']:.0%}, {r['in_review']} in review"
        for r in rings["dprk"]
    ]
    return "\n".join(f"[simulated] {line}" for line in lines)
