"""A million accounts through ``mapae run``, and beside it the floor of the same run.

Run: ``python -m benchmarks.million [--small] [--cache FOLDER]``. The platform is simulated
(``benchmarks/world_million.py``). ``mapae run`` is watched from outside as a process of its own: wall, CPU, memory, and
the seconds between its lines of progress. A second run with nothing new follows, then :mod:`benchmarks.floor`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path

from benchmarks import world_million
from benchmarks.tables import Figure, Ran, failed, folder, here, lines, machine, python, show, watch
from mapae.store.runs import OpenRun

SIZES = {"million": (1_000_000, 20_000_000, 3_000_000), "small": (100_000, 2_000_000, 300_000)}
# Goals of the first issue, on two cores.
WALL_S, PEAK_MB = 90.0, 4_000.0


def world(cache: Path, size: str) -> Path:
    """The workspace of that size; written where the cache lacks it. What an earlier run made is deleted.

    Args:
        cache: folder that keeps worlds.
        size: ``million`` or ``small``.

    Returns:
        The workspace's folder.
    """
    target = cache / f"world-{size}"
    accounts, sign_ins, payouts = SIZES[size]
    version = hash_of(Path(world_million.__file__))
    wanted = {"accounts": accounts, "sign_ins": sign_ins, "payouts": payouts, "version": version}
    beside = cache / f"world-{size}.json"
    if not target.exists() or not beside.exists() or json.loads(beside.read_text("utf-8")) != wanted:
        shutil.rmtree(target, ignore_errors=True)
        ran = watch(
            python("-m", "benchmarks.world_million", target, "--accounts", str(accounts), "--sign-ins", str(sign_ins), "--payouts", str(payouts)),
            env=here(),
        )  # fmt: skip
        if ran.code:
            failed("writing the world", ran)
            sys.exit(1)
        print(ran.text)
        beside.write_text(json.dumps(wanted), "utf-8")
    shutil.rmtree(target / ".mapae", ignore_errors=True)
    return target


def hash_of(file: Path) -> str:
    """First 16 hex digits of a file's SHA-256."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def steps(ran: Ran) -> list[tuple[str, float, float]]:
    """Pieces of work as a run's progress lines name them: name, wall and CPU seconds, in order."""
    marks = [
        (wall, cpu, line.partition("] ")[2]) for wall, cpu, line in ran.said if line.startswith("[") and "] " in line
    ]
    begun = (0.0, 0.0, "starting, collecting inputs")
    ends = [*marks, (ran.wall, ran.cpu, "")]
    return [(name, end[0] - wall, end[1] - cpu) for (wall, cpu, name), end in zip([begun, *marks], ends, strict=True)]


def print_steps(ran: Ran) -> None:
    """The table of steps, the dearest first."""
    rows = sorted(steps(ran), key=lambda row: -row[2])
    told = [(name, f"{wall:.2f}", f"{cpu:.2f}", f"{100 * cpu / ran.cpu:.0f} %") for name, wall, cpu in rows]
    print("\n" + lines(told, ("step", "wall s", "CPU s", "of CPU"), "lrrr"))


def print_parts(space: Path) -> float:
    """The table of parts by size; returns their MB together."""
    rows = []
    with OpenRun.last(space) as run:
        held = {
            part["name"]: (table, part["rows"]) for table, t in run.manifest["tables"].items() for part in t["parts"]
        }
    for file in (space / ".mapae" / "parts").glob("*.parquet"):
        table, number = held.get(file.stem, ("(bookkeeping)", 0))
        rows.append((file.stat().st_size, table, number))
    rows.sort(reverse=True)
    told = [(table, f"{number:,}", f"{size / 1e6:.1f}") for size, table, number in rows if size > 1e6]
    print("\n" + lines(told, ("part", "rows", "MB"), "lrr"))
    return sum(size for size, _, _ in rows) / 1e6


def measure(cache: Path, size: str) -> None:
    """Run, run again, take the floor, and print."""
    space = world(cache, size)
    begun = machine()
    mapae = python("-m", "mapae", "run", space)
    # Keys of the ledger go into the cache, not to the user's own.
    env = {**here(), "MAPAE_CONFIG": str(cache / "config")}
    ran = watch(mapae, env=env)
    if ran.code:
        failed("mapae run", ran)
        sys.exit(1)
    print_steps(ran)
    megabytes = print_parts(space)
    again = watch(mapae, env=env)
    floor = watch(python("-m", "benchmarks.floor", space), env=here())
    accounts, sign_ins, payouts = SIZES[size]
    goals = size == "million"
    figures = [
        Figure("mapae run, wall", ran.wall, "s", WALL_S if goals else None, "stretches with the machine's load"),
        Figure("mapae run, CPU (user + system)", ran.cpu, "s"),
        Figure("mapae run, peak memory of the process", ran.peak_mb, "MB", PEAK_MB if goals else None),
        Figure("parts on disk", megabytes, "MB"),
        Figure("second run, nothing new, wall", again.wall, "s"),
        Figure("second run, nothing new, CPU", again.cpu, "s"),
    ]
    if floor.code:
        failed("the floor", floor)
    else:
        told = json.loads(floor.text.splitlines()[-1])
        print(f"\nThe floor read {told['columns']} columns of {told['tables']} tables.")
        figures += [
            Figure("floor: read every column that a rule reads, group by account, CPU", told["group_cpu"], "s"),
            Figure("floor: sort sign-ins once by account and time, CPU", told["sort_cpu"], "s"),
            Figure("floor, wall", told["wall"], "s"),
            Figure("floor, peak memory", floor.peak_mb, "MB"),
            Figure("run over floor, CPU", ran.cpu / max(told["group_cpu"] + told["sort_cpu"], 0.01), "x"),
            Figure("run over floor, wall", ran.wall / max(told["wall"], 0.01), "x"),
        ]
    title = f"million: {accounts:,} accounts, {sign_ins:,} sign-ins, {payouts:,} payouts (simulated)"
    show(title, figures, begun=begun)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--small", action="store_true", help="a tenth of everything, without goals")
    asked.add_argument("--cache", type=Path, help="folder that keeps the simulated world")
    given = asked.parse_args()
    folder(given.cache, lambda cache: measure(cache, "small" if given.small else "million"))


if __name__ == "__main__":
    main()
