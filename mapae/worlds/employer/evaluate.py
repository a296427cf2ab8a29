"""Hold a run of a simulated employer against its truth: the queue, who of the planted stands where in it, who is wrongly high."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from mapae.model.errors import MapaeError
from mapae.model.verdicts import YES
from mapae.worlds.shares import percent, wilson

# Places of the queue that the goals speak of.
FIRST = 10
# Families of trace that a lone worker must have left to be counted among those that ought to be found.
LONE_FAMILIES = 2
WANTED = ("findings/assessment", "measures/persons")


def queue(assessments: pa.Table) -> list[dict[str, Any]]:
    """The cases of a run, worst first: a ring is one case, anybody else is one alone.

    Args:
        assessments: findings of the kind assessment (``subject, verdict, centibits, prior_centibits, ring`` are read).

    Returns:
        ``case``, ``subjects``, ``centibits`` (of its surest member), ``said`` (after the prior), ``review``.
    """
    cases: dict[str, dict[str, Any]] = {}
    for row in assessments.select(["subject", "verdict", "centibits", "prior_centibits", "ring"]).to_pylist():
        name = row["ring"] or row["subject"]
        weight = int(row["centibits"] or 0)
        one = cases.setdefault(
            name, {"case": name, "subjects": [], "centibits": weight, "said": weight, "review": False}
        )
        one["subjects"].append(row["subject"])
        one["centibits"] = max(one["centibits"], weight)
        one["said"] = max(one["said"], weight + int(row["prior_centibits"]))
        one["review"] |= row["verdict"] == YES
    return sorted(cases.values(), key=lambda one: (-one["said"], -one["centibits"], one["case"]))


def score(
    people: list[dict[str, str]],
    farms: list[dict[str, Any]],
    missing: list[str],
    assessments: pa.Table,
    subjects: dict[str, str],
    least: int,
) -> dict[str, Any]:
    """Figures of one run on one simulated employer.

    Args:
        people: rows of ``truth/people.csv``.
        farms: of ``truth/farms.json``, with the further data that would show those who left nothing.
        assessments: findings of the kind assessment.
        subjects: employee number to the subject that stands for the person in findings.
        least: weight in centibits from which a case is an alert.

    Returns:
        Plain values; ``simulated`` is always true and ``world`` is ``employer``.
    """
    cases = queue(assessments)
    rank = {subject: place for place, one in enumerate(cases, 1) for subject in one["subjects"]}
    case_of = {subject: one for one in cases for subject in one["subjects"]}
    by_person = {row["person_id"]: row for row in people}
    guilty = {subjects.get(p, ""): row for p, row in by_person.items() if row["planted"] == "true"}
    planted = []
    for person, row in sorted(by_person.items()):
        if row["planted"] != "true":
            continue
        subject = subjects.get(person, "")
        one = case_of.get(subject)
        planted.append(
            {
                "person": person,
                "farm": row["farm"],
                "rank": rank.get(subject, 0),
                "centibits": one["centibits"] if one else None,
                "review": bool(one and one["review"]),
                "alert": bool(one and one["centibits"] >= least),
                "traces": [t for t in row["traces"].split(";") if t],
                "families": [f for f in row["families"].split(";") if f],
            }
        )
    groups = [_farm(farm, [p for p in planted if p["farm"] == farm["farm"]]) for farm in farms]
    pairs, lone = [g for g in groups if g["size"] > 1], [g for g in groups if g["size"] == 1]
    loud = [g for g in lone if len(g["families"]) >= LONE_FAMILIES]
    alerts = [one for one in cases if one["centibits"] >= least]
    review = [one for one in cases if one["review"]]
    wrong = [one for one in review if not set(one["subjects"]) & set(guilty)]
    first = cases[:FIRST]
    return {
        "simulated": True,
        "world": "employer",
        "people": len(people),
        "assessed": len(rank),
        "planted": planted,
        "farms": groups,
        "plain_in_first": _in_first([g for g in pairs if g["plain"]]),
        "any_in_first": _in_first([g for g in pairs if g["traces"]]),
        "lone_in_first": _in_first(loud),
        "without_trace": [p["person"] for p in planted if not p["traces"]],
        "missing_data": missing,
        "alerts": {"cases": len(alerts), "per_thousand": round(1000 * len(alerts) / max(len(people), 1), 3)},
        "review": {
            "cases": len(review),
            "people": sum(len(one["subjects"]) for one in review),
            "honest_cases": len(wrong),
            "honest_by_kind": _kinds(wrong, subjects, by_person),
        },
        "first": [
            {
                "case": one["case"],
                "centibits": one["centibits"],
                "people": len(one["subjects"]),
                "planted": len(set(one["subjects"]) & set(guilty)),
                "kinds": sorted(_kinds([one], subjects, by_person)),
            }
            for one in first
        ],
    }


def _farm(farm: dict[str, Any], members: list[dict[str, Any]]) -> dict[str, Any]:
    ranks = [p["rank"] for p in members]
    return {
        "farm": farm["farm"],
        "size": len(members),
        "plain": farm["plain"],
        "traces": farm["traces"],
        "families": sorted({f for p in members for f in p["families"]}),
        "ranks": ranks,
        "in_first": all(0 < r <= FIRST for r in ranks),
    }


def _in_first(groups: list[dict[str, Any]]) -> dict[str, Any]:
    return wilson(sum(1 for g in groups if g["in_first"]), len(groups))


def _kinds(cases: list[dict[str, Any]], subjects: dict[str, str], people: dict[str, dict[str, str]]) -> dict[str, int]:
    """How many people of each kind of honest people stand in some cases."""
    person = {subject: p for p, subject in subjects.items()}
    counts: dict[str, int] = {}
    for one in cases:
        for subject in one["subjects"]:
            row = people.get(person.get(subject, ""))
            if row is None or row["planted"] == "true":
                continue
            for kind in row["kinds"].split(";") if row["kinds"] else ["settled"]:
                counts[kind] = counts.get(kind, 0) + 1
    return dict(sorted(counts.items()))


def evaluate(directory: Path) -> dict[str, Any]:
    """Figures of the last run of a simulated employer (see :func:`score`).

    Raises:
        MapaeError: nothing has been run yet, or the run lacks a table.
    """
    from mapae.store.runs import OpenRun

    with (directory / "truth" / "people.csv").open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    told = json.loads((directory / "truth" / "farms.json").read_text("utf-8"))
    with OpenRun.last(directory) as run:
        tables = run.tables()
        lacking = [name for name in WANTED if name not in tables]
        if lacking:
            raise MapaeError(
                f"The last run has no table {lacking[0]}.", where=str(directory), do="Run again: mapae run"
            )
        rows = run.rows("select distinct person_id, principal from persons where person_id is not null order by all")
        subjects = {row["person_id"].split("/")[-1]: f"account:{row['principal']}" for row in rows}
        least = int(run.manifest.get("settings", {}).get("alerts_least_bits", 300))
        return score(people, told["farms"], told["missing_data"], run.arrow("findings/assessment"), subjects, least)


def text(figures: dict[str, Any]) -> str:
    """The figures as lines to read; every line says that they are simulated."""
    review, alerts = figures["review"], figures["alerts"]
    lines = [
        f"{figures['people']:,} people, {len(figures['planted'])} planted; {figures['assessed']:,} assessed",
        f"cases at or above the line of an alert: {alerts['cases']} ({alerts['per_thousand']} per 1,000 people)",
        f"cases above review: {review['cases']}, of honest people {review['honest_cases']}",
    ]
    lines += [f"  of {kind.replace('_', ' ')}: {n}" for kind, n in review["honest_by_kind"].items()]
    for farm in figures["farms"]:
        what = f"farm of {farm['size']}" if farm["size"] > 1 else "lone worker"
        where = ", ".join(str(r) if r else "not assessed" for r in farm["ranks"])
        found = "in the first ten" if farm["in_first"] else "not in the first ten"
        lines.append(f"{what} {farm['farm']}: place {where}; {found}; traces: {', '.join(farm['traces']) or 'none'}")
    for name, title in (
        ("plain_in_first", "farms of two with a plain trace, both in the first ten"),
        ("any_in_first", "farms of two with any trace, both in the first ten"),
        ("lone_in_first", "lone workers with two families of trace, in the first ten"),
    ):
        if figures[name]["of"]:
            lines.append(f"{title}: {percent(figures[name])}")
    if figures["without_trace"]:
        lines.append(f"without a visible trace: {', '.join(figures['without_trace'])}")
        lines += [f"  would show: {what}" for what in figures["missing_data"]]
    return "\n".join(f"[simulated] {line}" for line in lines)
