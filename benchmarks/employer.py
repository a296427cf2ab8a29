"""Simulated employers through the whole pipeline, held against their truth and against six rules that others publish.

Run: ``python -m benchmarks.employer [--seeds 1001-1020] [--planted 0 1 2 5] [--people N] [--weekly N] [--cache FOLDER]``.
Nothing is tuned on these seeds; worlds for trying things out have seeds 1 to 20. Every share stands with its numbers and
its Wilson 95 % interval. Recall is compared where it is equal: as many cases from the top of our queue as it takes to
reach as many planted people as the six rules together reach.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks import peers_rules
from benchmarks.tables import Figure, folder, lines, machine, show
from mapae import pipeline
from mapae.casework import alerts
from mapae.store import workspace
from mapae.store.runs import OpenRun
from mapae.worlds.employer import evaluate, write
from mapae.worlds.employer.parameters import MONTH, given
from mapae.worlds.shares import percent, wilson

SEEDS, PLANTED, PEOPLE, MONTHS = "1001-1020", (0, 1, 2, 5), 4_000, 6
# Sign-ins stay the same whatever the volume; use of applications is left out to read less.
EACH = 110
WEEK = 7
# What the figures must reach.
PLAIN, ANY, LONE, QUIET = 0.95, 0.80, 0.80, 0.95
FIRST_WEEK, LATER_WEEKS, TENTH = 5.0, 1.0, 0.1


def seeds(text: str) -> list[int]:
    """``1001-1003,1010`` as numbers."""
    made: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        made += range(int(first), int(last or first) + 1)
    return made


def world(target: Path, seed: int, planted: int, people: int) -> Path:
    """A fresh simulated employer as a workspace."""
    shutil.rmtree(target, ignore_errors=True)
    workspace.init(target)
    write.simulate(target, people, MONTHS, planted, seed, each=EACH)
    return target


def measure(space: Path, seed: int, planted: int, people: int) -> dict[str, Any]:
    """Run a workspace and hold it against its truth and against the peers' rules."""
    started = time.perf_counter()
    done = pipeline.run(space)
    seconds = time.perf_counter() - started
    if done.errors:
        raise SystemExit("\n".join(done.errors))
    figures = evaluate.evaluate(space)
    with OpenRun.last(space) as run:
        rows = run.rows("select distinct person_id, principal from persons where person_id is not null")
        who = {row["person_id"].split("/")[-1]: row["principal"] for row in rows}
        guilty = {who[p["person"]] for p in figures["planted"] if p["person"] in who}
        peers = peers_rules.table(peers_rules.alerts(run), people, MONTHS * MONTH / WEEK, guilty)
        cases = evaluate.queue(run.arrow("findings/assessment"))
    wanted = peers[-1]["reached"]
    reached: set[str] = set()
    ours = 0
    for one in cases if wanted else []:
        ours += 1
        reached |= {s.removeprefix("account:") for s in one["subjects"]} & guilty
        if len(reached) >= wanted:
            break
    return {
        "seed": seed,
        "planted": planted,
        "seconds": round(seconds, 1),
        "figures": figures,
        "peers": peers,
        "ours": ours,
    }


def weekly(space: Path, seed: int, people: int) -> dict[str, Any]:
    """New alerts of the first run on all but the last week, and of the run a week later, of a world with nobody planted."""
    world(space, seed, 0, people)
    inputs = space / "inputs"
    last = given().begins + dt.timedelta(days=MONTHS * MONTH - WEEK)
    stamp = last.strftime("%Y-%m-%dT%H:%M:%S")
    later = []
    for name, key in (("okta.json", '"published":"'), ("defender.jsonl", '"Timestamp":"')):
        early, late = _split(inputs / name, key, stamp)
        (inputs / name).write_text(early, "utf-8")
        later.append((inputs / f"later-{name}", late))
    made = []
    for day in (last, last + dt.timedelta(days=WEEK)):
        pipeline.run(space, today=day.date())
        with OpenRun.last(space) as run:
            board = alerts.update(workspace.find(space), run, today=day.date())
        made.append(len(board.new))
        for path, text in later:
            path.write_text(text, "utf-8")
    return {"seed": seed, "first": made[0], "later": made[1]}


def _split(path: Path, key: str, stamp: str) -> tuple[str, str]:
    """A file of one record a line, before and from a moment on; an array stays one."""
    rows = path.read_text("utf-8").splitlines()
    array = rows[0] == "["
    body = [row.rstrip(",") for row in (rows[1:-1] if array else rows)]
    parts = []
    for late in (False, True):
        mine = [row for row in body if (row[row.index(key) + len(key) :][: len(stamp)] >= stamp) == late]
        parts.append("[\n" + ",\n".join(mine) + "\n]\n" if array else "".join(row + "\n" for row in mine))
    return parts[0], parts[1]


def _goal(share: dict[str, Any], goal: float) -> tuple[str, str, str]:
    met = "" if share["share"] is None else "yes" if share["share"] >= goal else "no"
    return percent(share), f">= {goal:.0%}", met


def summary(
    measured: list[dict[str, Any]], weeks: list[dict[str, Any]], people: int
) -> list[tuple[str, str, str, str]]:
    """Rows of the table of figures: what, measured, goal, met."""
    farms = [farm for one in measured for farm in one["figures"]["farms"]]
    pairs = [farm for farm in farms if farm["size"] == 2]
    lone = [farm for farm in farms if farm["size"] == 1]
    loud = [farm for farm in lone if len(farm["families"]) >= evaluate.LONE_FAMILIES]
    groups: tuple[tuple[str, list[dict[str, Any]], float], ...] = (
        ("both of a farm of two in the first ten, farms with a plain trace", [f for f in pairs if f["plain"]], PLAIN),
        ("both of a farm of two in the first ten, farms with any trace", [f for f in pairs if f["traces"]], ANY),
        ("a lone worker with two families of trace in the first ten", loud, LONE),
    )
    rows = [(name, *_goal(wilson(sum(f["in_first"] for f in of), len(of)), goal)) for name, of, goal in groups]
    none = [one for one in measured if one["planted"] == 0]
    quiet = wilson(sum(one["figures"]["review"]["cases"] == 0 for one in none), len(none))
    rows.append(("worlds with none planted and nothing above review", *_goal(quiet, QUIET)))
    silent = sum(len(one["figures"]["without_trace"]) for one in measured)
    rows.append(
        (
            "planted workers without a visible trace",
            f"{silent} of {sum(len(o['figures']['planted']) for o in measured)}",
            "listed",
            "",
        )
    )
    if none:
        line = sum(one["figures"]["alerts"]["cases"] for one in none) * 1000 / people / len(none)
        rows.append(("cases at or above the line of an alert, per 1,000 people, none planted", f"{line:.2f}", "", ""))
    for key, title, goal in (("first", "first week", FIRST_WEEK), ("later", "a week later", LATER_WEEKS)):
        if weeks:
            worst = max(w[key] for w in weeks) * 1000 / people
            mean = sum(w[key] for w in weeks) * 1000 / people / len(weeks)
            text = f"mean {mean:.2f}, worst {worst:.2f} of {len(weeks)}"
            rows.append(
                (f"new alerts per 1,000 people, {title}", text, f"<= {goal:g}", "yes" if worst <= goal else "no")
            )
    return rows


def against_peers(measured: list[dict[str, Any]], people: int) -> list[tuple[str, str, str]]:
    """Rows of the table beside the peers: alerts per 1,000 people a week, planted people reached."""
    weeks = MONTHS * MONTH / WEEK
    rows = []
    for place, name in enumerate(row["rule"] for row in measured[0]["peers"]):
        of = [one["peers"][place] for one in measured]
        rate = sum(r["alerts"] for r in of) * 1000 / people / weeks / len(of)
        rows.append(
            (name, f"{rate:.2f}", percent(wilson(sum(r["reached"] for r in of), sum(r["planted"] for r in of))))
        )
    some = [one for one in measured if one["peers"][-1]["reached"]]
    if some:
        theirs = sum(one["peers"][-1]["alerts"] for one in some) / len(some) * 1000 / people / weeks
        ours = sum(one["ours"] for one in some) / len(some) * 1000 / people / weeks
        rows.append(("six together, where they reach somebody", f"{theirs:.2f}", ""))
        rows.append(
            (
                "ours, as far down as reaches as many",
                f"{ours:.3f}",
                f"{ours / theirs:.1%} of theirs; goal <= {TENTH:.0%}",
            )
        )
    return rows


def report(measured: list[dict[str, Any]], weeks: list[dict[str, Any]], people: int) -> None:
    """Print the tables."""
    heads = ("what (simulated)", "measured", "goal", "met")
    print("\n" + lines(summary(measured, weeks, people), heads, "lrrl"))
    print(
        "\n"
        + lines(against_peers(measured, people), ("rule", "alerts per 1,000 a week", "planted people reached"), "lrr")
    )
    slow = max(one["seconds"] for one in measured)
    some = [one for one in measured if one["peers"][-1]["reached"]]
    figures = [Figure(f"run of {people:,} people, slowest", slow, "s")]
    if some:
        ratio = sum(one["ours"] for one in some) / max(sum(one["peers"][-1]["alerts"] for one in some), 1)
        figures.append(Figure("our alerts over the six rules' at equal recall", ratio, "x", TENTH))
    show("employer", figures, begun=machine())


def run(cache: Path, wanted: Iterable[int], planted: Iterable[int], people: int, weekly_of: int) -> None:
    """Measure every world and print; figures of each are kept as a line of ``employer.jsonl`` in the cache."""
    measured, weeks = [], []
    kept = cache / "employer.jsonl"
    kept.unlink(missing_ok=True)
    chosen = list(wanted)
    for seed in chosen:
        for number in planted:
            one = measure(world(cache / "employer", seed, number, people), seed, number, people)
            measured.append(one)
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps(one, sort_keys=True) + "\n")
            places = "; ".join(f"{f['farm']} {f['ranks']}" for f in one["figures"]["farms"])
            top = one["figures"]["review"]["cases"]
            print(f"seed {seed}, {number} planted: {one['seconds']} s; above review {top}; places {places}", flush=True)
    for seed in chosen[:weekly_of]:
        weeks.append(weekly(cache / "employer", seed, people))
    shutil.rmtree(cache / "employer", ignore_errors=True)
    report(measured, weeks, people)


def main() -> int:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--seeds", default=SEEDS, help="as 1001-1020 or 1001,1005")
    asked.add_argument("--planted", type=int, nargs="+", default=list(PLANTED), choices=PLANTED)
    asked.add_argument("--people", type=int, default=PEOPLE)
    asked.add_argument("--weekly", type=int, default=3, help="of how many seeds the week after the first is run too")
    asked.add_argument("--cache", type=Path, help="folder for the worlds, one at a time, and the kept figures")
    told = asked.parse_args()
    folder(told.cache, lambda cache: run(cache, seeds(told.seeds), told.planted, told.people, told.weekly))
    return 0


if __name__ == "__main__":
    sys.exit(main())
