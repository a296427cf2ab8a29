"""All benchmarks, each in a process of its own: ``python -m benchmarks [NAME …] [--small] [--cache FOLDER]``."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.tables import COLLECTED, ROOT, here, lines, machine, number, python

# Name -> what it shows.
BENCHMARKS = {
    "install": "seconds and MB of a fresh installation",
    "help": "seconds until mapae --help answers",
    "lists": "official lists into parts (only where they are at hand)",
    "million": "a million simulated accounts through mapae run, beside the floor of the same run",
    "evidence": "calibration of the evidence model on simulated worlds, and of raw rates added up",
    "addresses": "20 million sign-ins and 1.5 million addresses joined to 600,000 ranges",
    "employer": "simulated employers beside six rules that others publish (hours; --small: minutes)",
    "two_kinds": "one and two kinds of honest people on simulated employers",
    "names": "screening by name: found, false alerts, speed (only where the lists are at hand)",
    "demo": "mapae demo, and a second run",
}


def command(name: str, small: bool, cache: Path | None) -> list[str | Path]:
    """The command line of a benchmark.

    Args:
        name: of :data:`BENCHMARKS`.
        small: whether a smaller size will do.
        cache: folder that keeps simulated worlds.
    """
    if name == "help":
        return python("-m", "benchmarks.help_time")
    if name == "evidence":
        return python("-m", "benchmarks.evidence_model", *(("--accounts", "100000") if small else ()))
    made = python("-m", f"benchmarks.{name}")
    if small and name == "employer":
        made += ["--seeds", "1001-1002", "--planted", "0", "5", "--weekly", "1"]
    if small and name in ("million", "demo", "addresses", "names"):
        made.append("--small")
    if cache and name in ("million", "names"):
        made += ["--cache", cache]
    return made


def main() -> int:
    """Run benchmarks, print their tables, and say at the end which goals were missed; 1 only where one broke down."""
    asked = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Print what Mapae costs, beside its goals. Nothing fails for being slow.",
        epilog="\n".join(f"{name:9} {says}" for name, says in BENCHMARKS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asked.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all when none is given")
    asked.add_argument(
        "--small", action="store_true", help="smaller sizes, in minutes rather than a quarter of an hour"
    )
    asked.add_argument("--cache", type=Path, help="folder that keeps simulated worlds from one time to the next")
    given = asked.parse_args()
    unknown = [name for name in given.names if name not in BENCHMARKS]
    if unknown:
        asked.error(f"no benchmark is called {unknown[0]}; there are {', '.join(BENCHMARKS)}")
    cache = given.cache.resolve() if given.cache else None
    print(f"machine: {machine()}", flush=True)
    broken = []
    with tempfile.TemporaryDirectory(prefix="mapae-bench-") as made:
        collected = Path(made) / "figures.jsonl"
        collected.touch()
        for name in given.names or BENCHMARKS:
            print(f"\n=== {name}: {BENCHMARKS[name]}", flush=True)
            started = time.perf_counter()
            env = {**os.environ, **here(), COLLECTED: str(collected)}
            done = subprocess.run([str(c) for c in command(name, given.small, cache)], cwd=ROOT, env=env, check=False)
            print(f"({name} took {time.perf_counter() - started:.0f} s)", flush=True)
            if done.returncode:
                broken.append(name)
        figures = [json.loads(line) for line in collected.read_text("utf-8").splitlines()]
    held = [f for f in figures if f["goal"] is not None]
    if held:
        rows = [(f["what"], number(f["measured"], f["unit"]), number(f["goal"], f["unit"]), f["met"]) for f in held]
        print("\n=== goals\n" + lines(rows, ("what", "measured", "goal", "met"), "lrrl"))
    if broken:
        print(f"\nBroke down: {', '.join(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
