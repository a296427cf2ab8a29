"""``mapae demo`` in a temporary folder: from nothing to case files, and a second run with nothing new.

Run: ``python -m benchmarks.demo [--small]``. The platform is simulated.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.million import print_steps
from benchmarks.tables import Figure, failed, here, machine, python, show, watch

SECONDS = 60.0
SMALL = 2_000


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--small", action="store_true", help=f"{SMALL:,} accounts instead of the demo's own number")
    small = asked.parse_args().small
    begun = machine()
    with tempfile.TemporaryDirectory(prefix="mapae-bench-") as made:
        target = Path(made) / "demo"
        # Keys of the ledger go into the temporary folder too.
        env = {**here(), "MAPAE_CONFIG": str(Path(made) / "config")}
        first = watch(python("-m", "mapae", "demo", target, *(("--accounts", str(SMALL)) if small else ())), env=env)
        if first.code:
            failed("mapae demo", first)
            sys.exit(1)
        second = watch(python("-m", "mapae", "run", target), env=env)
        if second.code:
            failed("the second run", second)
            sys.exit(1)
    print_steps(first)
    figures = [
        Figure(
            "mapae demo, wall", first.wall, "s", None if small else SECONDS, "simulated platform, case files included"
        ),
        Figure("mapae demo, CPU", first.cpu, "s"),
        Figure("mapae demo, peak memory", first.peak_mb, "MB"),
        Figure("second run, nothing new, wall", second.wall, "s"),
        Figure("second run, nothing new, CPU", second.cpu, "s"),
    ]
    show(f"demo{f' of {SMALL:,} accounts' if small else ''}", figures, begun=begun)


if __name__ == "__main__":
    main()
