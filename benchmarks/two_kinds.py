"""One kind of honest people or two, on simulated employers: the table of the design, printed again.

Run: ``python -m benchmarks.two_kinds [--seeds 1001-1004] [--people N] [--cache FOLDER]``. Each world has five planted
workers. In the harsher worlds more honest people are restless: they travel, use tunnels and tools, and work at night, all
at once. Calibration error, said and true count every person of all worlds together; the first are the first five places of
each world, as many as are planted.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import shutil
import sys
from pathlib import Path

import numpy as np

from benchmarks.employer import EACH, MONTHS, seeds
from benchmarks.evidence_model import EDGES
from benchmarks.tables import folder, lines, machine
from mapae import pipeline
from mapae.store import workspace
from mapae.store.runs import OpenRun
from mapae.worlds.employer import write

PLANTED = 5
# Name of the worlds, and the parameters that differ.
WORLDS: tuple[tuple[str, dict[str, float]], ...] = (
    ("as measured", {}),
    ("harsher: one in six restless", {"restless": 0.17, "restless_tools": 0.5, "restless_elsewhere": 0.3}),
)


@dataclasses.dataclass
class Said:
    """What one model said of everybody in all worlds: probability and truth, and the truth of the first places."""

    chance: list[float] = dataclasses.field(default_factory=list)
    true: list[bool] = dataclasses.field(default_factory=list)
    first: list[bool] = dataclasses.field(default_factory=list)
    expected: float = 0.0


def look(space: Path, into: Said) -> None:
    """Add what the last run of a workspace says."""
    with (space / "truth" / "people.csv").open(encoding="utf-8", newline="") as file:
        guilty = {row["person_id"] for row in csv.DictReader(file) if row["planted"] == "true"}
    with OpenRun.last(space) as run:
        rows = run.rows(
            "select distinct on (a.subject) a.permille, a.centibits + a.prior_centibits as said, p.person_id, a.subject from assessment as a "
            "left join persons as p on 'account:' || p.principal = a.subject order by a.subject, p.person_id"
        )
        rate = float(run.manifest["settings"].get("base_rate_employee", 0.001))
    odds = np.array([float(row["said"] or 0) / 100 for row in rows])
    chances = 1 / (1 + 2.0**-odds)
    true = [str(row["person_id"] or "").split("/")[-1] in guilty for row in rows]
    order = sorted(range(len(rows)), key=lambda i: (-odds[i], str(rows[i]["subject"])))
    into.chance += chances.tolist()
    into.true += true
    into.first += [true[i] for i in order[:PLANTED]]
    into.expected += rate * len(rows)


def row(name: str, said: Said) -> tuple[str, ...]:
    """A line of the table."""
    chance, true = np.array(said.chance), np.array(said.true)
    box = np.digitize(chance, EDGES)
    error = sum(abs(chance[box == k].sum() - true[box == k].sum()) for k in np.unique(box)) / len(chance)
    high = chance > 0.5
    above = f"{chance[high].mean():.2f} / {true[high].mean():.2f} (n={int(high.sum())})" if high.any() else "nobody"
    first = f"{np.mean(said.first):.2f} (n={len(said.first)})"
    return (
        name,
        f"{error:.5f}",
        above,
        first,
        f"{chance.sum() / said.expected:.2f}",
        f"{true.sum() / said.expected:.2f}",
    )


def run(cache: Path, wanted: list[int], people: int) -> None:
    """Print the table."""
    made = []
    for name, changed in WORLDS:
        models = {1: Said(), 2: Said()}
        for seed in wanted:
            space = cache / "two-kinds"
            shutil.rmtree(space, ignore_errors=True)
            workspace.init(space)
            write.simulate(space, people, MONTHS, PLANTED, seed, each=EACH, changed=changed)
            settings = workspace.find(space).settings
            for kinds, said in models.items():
                pipeline.run(space, settings=dataclasses.replace(settings, honest_kinds=kinds))
                look(space, said)
            shutil.rmtree(space, ignore_errors=True)
        made += [row(f"{name}, {kinds} kind{'s' if kinds > 1 else ''}", said) for kinds, said in models.items()]
    heads = (
        "model (simulated employers)",
        "calibration error",
        "said / true above one half",
        "precision of the first",
        "sum",
        "true sum",
    )
    print("\n" + lines(made, heads, "lrrrrr"))
    print(f"machine: {machine()}")


def main() -> int:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--seeds", default="1001-1004", help="as 1001-1004")
    asked.add_argument("--people", type=int, default=4_000)
    asked.add_argument("--cache", type=Path, help="folder for the worlds, one at a time")
    told = asked.parse_args()
    folder(told.cache, lambda cache: run(cache, seeds(told.seeds), told.people))
    return 0


if __name__ == "__main__":
    sys.exit(main())
