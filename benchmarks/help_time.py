"""How soon ``mapae --help`` answers, and which imports are to blame where it is slow.

Run: ``python -m benchmarks.help_time``.
"""

from __future__ import annotations

import re
import statistics
import sys

from benchmarks.tables import Figure, failed, here, lines, machine, python, show, watch

SECONDS = 0.3
RUNS = 9


def imports(count: int = 12) -> list[tuple[str, str, str]]:
    """Modules that take longest by themselves: name, own and cumulative milliseconds."""
    ran = watch(python("-X", "importtime", "-m", "mapae", "--help"), env=here())
    found = re.findall(r"import time:\s*(\d+) \|\s*(\d+) \|\s*(\S+)", ran.text)
    top = sorted(((int(own), int(whole), name) for own, whole, name in found), reverse=True)[:count]
    return [(name, f"{own / 1000:.1f}", f"{whole / 1000:.1f}") for own, whole, name in top]


def main() -> None:
    """Measure and print."""
    begun = machine()
    command = python("-m", "mapae", "--help")
    first = watch(command, env=here())  # the first writes byte code
    if first.code or "Commands:" not in first.text:
        failed("mapae --help", first)
        sys.exit(1)
    runs = [watch(command, env=here()) for _ in range(RUNS)]
    bare = statistics.median(watch(python("-c", "pass"), env=here()).wall for _ in range(RUNS))
    wall = statistics.median(ran.wall for ran in runs)
    figures = [
        Figure(f"mapae --help, wall (median of {RUNS})", wall, "s", SECONDS, f"a bare python takes {bare:.2f} s"),
        Figure(f"mapae --help, CPU (median of {RUNS})", statistics.median(ran.cpu for ran in runs), "s"),
    ]
    show("help: the command line's first answer", figures, begun=begun)
    if wall > SECONDS:
        print("\n" + lines(imports(), ("import", "own ms", "with its own imports, ms"), "lrr"))


if __name__ == "__main__":
    main()
