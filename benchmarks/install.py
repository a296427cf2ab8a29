"""What an installation costs: a fresh venv from ``requirements/core.txt``, every package checked against its hash.

Run: ``python -m benchmarks.install``. Packages come as pip is configured to get them, and from its cache where it has
them, which is said beside the figure.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.tables import ROOT, Figure, failed, machine, show, watch

SECONDS, MEGABYTES = 60.0, 650.0


def size_mb(folder: Path) -> float:
    """MB (2**20 bytes) of all files below a folder, links not followed."""
    return sum(f.lstat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink()) / 2**20


def largest(packages: Path, count: int = 6) -> str:
    """The largest packages of a venv, with their MB."""
    sizes = sorted(((size_mb(p), p.name) for p in packages.iterdir() if p.is_dir()), reverse=True)
    return ", ".join(f"{name} {size:.0f}" for size, name in sizes[:count])


def main() -> None:
    """Measure and print."""
    begun = machine()
    with tempfile.TemporaryDirectory(prefix="mapae-bench-") as made:
        venv = Path(made) / "venv"
        first = watch([sys.executable, "-m", "venv", venv])
        pip: list[str | Path] = [
            venv / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--only-binary=:all:",
        ]
        second = watch([*pip, "--require-hashes", "-r", ROOT / "requirements" / "core.txt"])
        for what, ran in (("making a venv", first), ("pip install", second)):
            if ran.code:
                failed(what, ran)
                sys.exit(1)
        cached = sum("Using cached" in line for _, _, line in second.said)
        fetched = sum("Downloading" in line for _, _, line in second.said)
        site = next(venv.glob("lib/python*/site-packages"))
        figures = [
            Figure("fresh venv and packages, wall", first.wall + second.wall, "s", SECONDS, f"{fetched} downloaded, {cached} cached"),
            Figure("the same, CPU", first.cpu + second.cpu, "s"),
            Figure("venv on disk", size_mb(venv), "MB", MEGABYTES, largest(site)),
        ]  # fmt: skip
    show("install: requirements/core.txt, hashes required", figures, begun=begun)


if __name__ == "__main__":
    main()
