"""Screening by name against the newest OFAC SDN and UN lists: what is found, whom it troubles, what it costs.

Run: ``python -m benchmarks.names [--part recall|false|speed|single|memory|controls] [--small] [--cache FOLDER]``; only
where the lists lie in ``../shared/data`` beside the project. Typing errors and ordinary people are simulated (seeded);
REF is rapidfuzz's token_sort_ratio by brute force over all names (score_cutoff 80), in the same run. CPU seconds stand
beside wall seconds, for wall time stretches with the machine's load.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import listed_names
from benchmarks.names_tables import false_table, recall_table
from benchmarks.tables import Figure, here, machine, python, show, watch
from mapae.screening import measured, ordinary
from mapae.screening.index import NameIndex
from mapae.screening.score import screen
from mapae.screening.typing_errors import wrong

SEED = 20_261_124
# Names that are screened at a time, as a prototype found best for two processes.
CHUNK = 500
Rows = list[tuple[str, str, str, str]]


def rows(cache: Path | None) -> tuple[Rows, Rows]:
    """All listed names (party, name, schema, quality), and those of the UN list."""
    held = listed_names.load(cache)
    every = {form: [(r["party"], r["name"], r["kind"], r["quality"]) for r in found] for form, found in held.items()}
    return [row for found in every.values() for row in found], every.get("un", [])


def queries(listed: Rows, most: int) -> dict[str, list[str]]:
    """Batches in which every name is new: mixed (95 % simulated people, 5 % listed names with an error), DPRK, hits."""
    chance = random.Random(SEED)
    people = ordinary.people(max(1000, most // 10), SEED + 1)
    dprk = people.pop("DPRK-spelled Korean")
    mixed = [name for names in people.values() for name in names]
    latin = sorted({name for _, name, _, _ in listed if name.isascii() and " " in name})
    changed = [wrong(name, ["drop"], SEED) for name in chance.sample(latin, min(len(latin), most))]
    hits = [name for name in changed if name]
    chance.shuffle(mixed)
    mixed = mixed[: most * 19 // 20] + hits[: most // 20]
    chance.shuffle(mixed)
    return {"mixed": mixed, "DPRK-spelled": dprk[: most // 4], "all misspelt listed names": hits[: most // 4]}


_INDEX: Any = None
_REFERENCE: list[str] = []


def _chunk(names: Sequence[str]) -> tuple[int, float]:
    started = time.process_time()
    found = sum(1 for _ in screen(_INDEX, names))
    return found, time.process_time() - started


def _reference(names: Sequence[str]) -> tuple[int, float]:
    from rapidfuzz import fuzz, process

    started = time.process_time()
    folded = [" ".join(sorted(name.lower().split())) for name in names]
    found = process.cdist(folded, _REFERENCE, scorer=fuzz.ratio, score_cutoff=80, workers=1)
    return int((found > 0).sum()), time.process_time() - started


def parallel(
    work: Callable[[Sequence[str]], tuple[int, float]], names: Sequence[str], size: int
) -> tuple[float, float]:
    """Names through two forked processes, in chunks.

    Returns:
        names per wall second, and per CPU second of a process.
    """
    chunks = [names[at : at + size] for at in range(0, len(names), size)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        started = time.perf_counter()
        done = list(pool.imap_unordered(work, chunks))
        wall = time.perf_counter() - started
    return len(names) / wall, len(names) / sum(cpu for _, cpu in done)


def part_speed(listed: Rows, most: int) -> list[Figure]:
    """Names per second in batches."""
    global _INDEX, _REFERENCE
    batches = queries(listed, most)
    started = time.process_time()
    wall = time.perf_counter()
    index = measured.Listed(listed).index
    figures = [
        Figure("index build, CPU", time.process_time() - started, "s", 4.0, f"{len(index.names):,} distinct names"),
        Figure("index build, wall", time.perf_counter() - wall, "s"),
    ]
    _INDEX = index
    _REFERENCE = [" ".join(sorted(tokens)) for tokens, _ in index.names]
    gc.collect()
    gc.freeze()
    goals = {"mixed": 15_000.0, "DPRK-spelled": 5_000.0, "all misspelt listed names": 5_000.0}
    few = batches["mixed"][:: max(1, most // 1000)]
    reference, reference_cpu = parallel(_reference, few, 50)
    print(f"REF, two processes: {reference:,.0f} names/s, {reference_cpu:,.0f} per CPU second (n = {len(few):,})")
    for label, names in batches.items():
        both, cpu = parallel(_chunk, names, CHUNK)
        note = f"n = {len(names):,}; {cpu:,.0f} per CPU second"
        if label == "mixed":
            note += f"; {cpu / reference_cpu:.1f} x REF by CPU, {both / reference:.1f} x by wall"
        figures.append(Figure(f"{label}: µs a name, two processes, wall", 1e6 / both, "µs", 1e6 / goals[label], note))
        print(f"{label}: {both:,.0f} names/s on two processes, {cpu:,.0f} per CPU second (n = {len(names):,})")
    started, wall = time.process_time(), time.perf_counter()
    names = batches["mixed"][: most // 2]
    for at in range(0, len(names), CHUNK):
        _chunk(names[at : at + CHUNK])
    rate = len(names) / (time.process_time() - started)
    print(f"mixed: {len(names) / (time.perf_counter() - wall):,.0f} names/s in one process, {rate:,.0f} per CPU second")
    return figures


def part_single(listed: Rows, most: int) -> list[Figure]:
    """One name at a time, warm: every name new, after two hundred others."""
    batches = queries(listed, max(4000, most // 4))
    index = measured.Listed(listed).index
    figures = []
    for label, goal in (("mixed", 1.5), ("DPRK-spelled", 3.0), ("all misspelt listed names", None)):
        took, cpu = [], []
        for name in batches[label][:1200]:
            wall, started = time.perf_counter(), time.process_time()
            list(screen(index, [name]))
            took.append((time.perf_counter() - wall) * 1000)
            cpu.append((time.process_time() - started) * 1000)
        walls, cpus = sorted(took[200:]), sorted(cpu[200:])
        middle, late = len(walls) // 2, int(len(walls) * 0.95)
        note = f"p50 {walls[middle]:.2f}; CPU p50 {cpus[middle]:.2f}, p95 {cpus[late]:.2f} ms; n = {len(walls):,}"
        figures.append(Figure(f"one name, {label}: p95, wall", walls[late], "ms", goal, note))
    return figures


def resident(kind: str = "Rss", pid: int | str = "self") -> float:
    """Resident memory of a process in MB (2**20 bytes): Rss, or Pss, which shares out what processes have in common."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) / 1024
    return -1.0


def _held(names: Sequence[str]) -> tuple[int, float]:
    for at in range(0, len(names), CHUNK):
        _chunk(names[at : at + CHUNK])
    return os.getpid(), resident("Pss")


def part_memory(listed: Rows, most: int) -> list[Figure]:
    """Memory of one process that screens, and of a parent with two workers."""
    global _INDEX
    before = resident()
    names = queries(listed, most)["mixed"]
    pairs = [(name, kind) for _, name, kind, _ in listed]
    listed.clear()
    _INDEX = NameIndex(pairs)
    pairs.clear()
    gc.collect()
    built = resident()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    gc.freeze()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        halves = pool.map(_held, [names[::2], names[1::2]], chunksize=1)
        together = resident("Pss") + sum(held for _, held in dict(halves).items())
    _held(names)
    return [
        Figure(
            "RSS, index built", built, "MB", 300.0, f"{before:.0f} MB before (Python, numpy, Arrow, the names as text)"
        ),
        Figure("RSS, after the mixed batch", resident(), "MB", 300.0),
        Figure("RSS, peak of the build", peak, "MB"),
        Figure("PSS, parent and two workers", together, "MB", 400.0),
    ]


def part_recall(listed: Rows, un: Rows, small: bool) -> list[Figure]:
    """UN names with one error of each treatment, and with two."""
    room = measured.Listed(listed)
    targets = measured.sample(un, 700 if not small else 200, SEED)
    once = measured.recall(room, targets, SEED)
    twice = measured.recall(room, targets, SEED, errors=2)
    print(recall_table(len(targets), once, twice))
    all_once, plain = once.total("plain", "syllabic"), once.total("plain")
    two = twice.total("plain", "syllabic")

    def missed(label: str, share: measured.Share, goal: float) -> Figure:
        return Figure(label, 100 * (1 - share.found / max(1, share.of)), "%", goal, share.text(100) + " found")

    return [
        missed("one error: missed", all_once, 1.0),
        missed("one error, not all syllables: missed", plain, 0.2),
        missed("one error, all syllables: missed", once.total("syllabic"), 5.0),
        missed("two errors: missed", two, 5.0),
    ]


def part_false(listed: Rows, small: bool) -> list[Figure]:
    """Alerts about simulated ordinary people."""
    room = measured.Listed(listed)
    groups = measured.false_alerts(room, ordinary.people(200 if small else 1000, SEED))
    print(false_table(groups))
    rates = [g.rate for g in groups.values()]
    everybody = measured.Share(sum(r.found for r in rates), sum(r.of for r in rates))
    worst = max(groups, key=lambda g: groups[g].rate.found / groups[g].rate.of)
    rate = groups[worst].rate
    return [
        Figure("false alerts, all groups", 100 * everybody.found / everybody.of, "%", 0.3, everybody.text(100)),
        Figure(f"false alerts, worst group ({worst})", 1000 * rate.found / rate.of, "per 1,000", 3.0, rate.text(1000)),
    ]


def part_controls(listed: Rows, small: bool) -> list[Figure]:
    """Every listed name and strong alias as printed is found; scores do not depend on what was scored before."""
    room = measured.Listed(listed)
    strong = [row for row in listed if row[3] != "weak"]
    if small:
        strong = random.Random(SEED).sample(strong, 2000)
    missed = []
    for at in range(0, len(strong), 2000):
        some = strong[at : at + 2000]
        alerts = room.alerts([row[1] for row in some], [row[2] for row in some])
        missed += [row for i, row in enumerate(some) if i not in alerts or row[0] not in alerts[i].parties]
    for party, name, kind, _ in missed[:10]:
        print(f"  not found as printed: {party} {name!r} ({kind})")
    made = queries(listed, 4000 if small else 28_000)
    names = made["all misspelt listed names"] + made["mixed"][:2000]
    together = [(names[h.asked], h.listed, h.comparison) for h in screen(room.index, names)]
    fresh = measured.Listed(listed).index
    turned = names[::-1]
    alone = [
        (turned[at + h.asked], h.listed, h.comparison)
        for at in range(0, len(turned), 7)
        for h in screen(fresh, turned[at : at + 7])
    ]
    first, second = {(n, p): c for n, p, c in together}, {(n, p): c for n, p, c in alone}
    other = sum(first.get(key) != second.get(key) for key in first.keys() | second.keys())
    return [
        Figure("listed names and strong aliases not found as printed", len(missed), "", 0.0, f"n = {len(strong):,}"),
        Figure(
            "pairs that score otherwise in another order and index",
            other,
            "",
            0.0,
            f"n = {len(first | second):,} pairs",
        ),
    ]


PARTS = ("recall", "false", "speed", "single", "memory", "controls")


def one(part: str, small: bool, cache: Path | None) -> list[Figure]:
    """The figures of one part, in this process."""
    listed, un = rows(cache)
    if not listed or not un:
        print("names: the SDN and UN lists are not in ../shared/data/lists; not measured.")
        return []
    most = 4000 if small else 20_000
    if part == "recall":
        return part_recall(listed, un, small)
    if part in ("false", "controls"):
        return (part_false if part == "false" else part_controls)(listed, small)
    return {"speed": part_speed, "single": part_single, "memory": part_memory}[part](listed, most)


def main() -> None:
    """Measure and print; each part in a process of its own when all are asked for."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.names", description=__doc__)
    asked.add_argument("--part", choices=PARTS, help="one part; default: all, each in a process of its own")
    asked.add_argument("--small", action="store_true", help="fewer names")
    asked.add_argument("--cache", type=Path, help="folder that keeps the names read")
    given = asked.parse_args()
    begun = machine()
    if given.part:
        figures = one(given.part, given.small, given.cache)
        if figures:
            show(f"names: {given.part}", figures, begun=begun)
        return
    listed_names.load(given.cache)
    for part in PARTS:
        arguments = ["--part", part, *(["--small"] if given.small else [])]
        arguments += ["--cache", str(given.cache)] if given.cache else []
        ran = watch(python("-m", "benchmarks.names", *arguments), env={**here(), "MALLOC_ARENA_MAX": "1"})
        print(ran.text)
        print(f"({part}: {ran.wall:.0f} s wall, {ran.cpu:.0f} s CPU)", flush=True)
        if ran.code:
            sys.exit(1)


if __name__ == "__main__":
    main()
