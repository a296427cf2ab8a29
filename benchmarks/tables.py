"""What benchmarks share: running a command and watching it, the machine it ran on, and the table of figures."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Where the parent collects the figures of all benchmarks, to say at the end which goals were missed.
COLLECTED = "MAPAE_BENCH_FIGURES"


@dataclasses.dataclass(frozen=True)
class Figure:
    """One measured figure.

    Args:
        what: in words.
        measured: the figure, in ``unit``.
        unit: ``s``, ``MB``, ``x`` ...
        goal: largest value that is as wished; None where there is no goal.
        note: what must be known beside it.
    """

    what: str
    measured: float
    unit: str
    goal: float | None = None
    note: str = ""

    @property
    def met(self) -> str:
        """``yes``, ``no``, or empty where there is no goal."""
        if self.goal is None:
            return ""
        return "yes" if self.measured <= self.goal else "no"


@dataclasses.dataclass(frozen=True)
class Ran:
    """A command that was watched.

    Args:
        code: exit code.
        wall, cpu: seconds; CPU is user and system time of the process and the children it waited for.
        peak_mb: largest resident memory of one of these processes, in MB (2**20 bytes).
        said: lines on stdout and stderr, each with the wall and CPU seconds at which it came (CPU of the process itself;
            -1 where the system does not tell).
    """

    code: int
    wall: float
    cpu: float
    peak_mb: float
    said: tuple[tuple[float, float, str], ...]

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(line for _, _, line in self.said)


def cpu_of(pid: int) -> float:
    """CPU seconds of a running process, -1 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return -1.0


def watch(command: Sequence[str | Path], *, cwd: Path | None = None, env: dict[str, str] | None = None) -> Ran:
    """Run a command and measure it as a whole process, from its start to its end.

    Args:
        command: program and arguments.
        cwd: folder to run it in.
        env: variables set beside those of this process.
    """
    started = time.perf_counter()
    child = subprocess.Popen(
        [str(c) for c in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
        text=True,
        errors="replace",
    )
    said = []
    assert child.stdout is not None
    for line in child.stdout:
        said.append((time.perf_counter() - started, cpu_of(child.pid), line.rstrip("\n")))
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stdout.close()
    wall = time.perf_counter() - started
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return Ran(child.returncode, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / unit, tuple(said))


def python(*arguments: str | Path) -> list[str | Path]:
    """A command line of this Python."""
    return [sys.executable, *arguments]


def here() -> dict[str, str]:
    """Variables that let a child find the project wherever it stands."""
    before = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": f"{ROOT}{os.pathsep}{before}" if before else str(ROOT)}


def machine() -> str:
    """The machine in one line: system, cores that may be used, memory, load, Python."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = " ".join(f"{x:.1f}" for x in os.getloadavg())
    name = next(iter(re.findall(r"model name\s*:\s*(.+)", _cpuinfo())), platform.machine())
    return (
        f"{platform.system()}, {cores} cores ({name.strip()}), {memory:.0f} GB memory, load {load} "
        f"(1, 5, 15 minutes), Python {platform.python_version()}"
    )


def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return ""


def lines(rows: Iterable[Sequence[str]], heads: Sequence[str], right: str = "") -> str:
    """Rows as a table of text.

    Args:
        rows: cells.
        heads: one per column.
        right: per column ``r`` (to the right) or ``l``; columns beyond it stand to the left.
    """
    cells = [list(heads), *([str(c) for c in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        made = [
            c.rjust(w) if right[i : i + 1] == "r" else c.ljust(w)
            for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        return "| " + " | ".join(made) + " |"

    rule = "|" + "|".join("-" * (w + 2) for w in widths) + "|"
    return "\n".join([line(cells[0]), rule, *(line(row) for row in cells[1:])])


def number(value: float, unit: str) -> str:
    """A figure as it is printed: enough digits to tell it from its goal."""
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f} {unit}".rstrip()


def show(title: str, figures: Sequence[Figure], *, begun: str = "") -> None:
    """Print figures beside their goals and the machine, and hand them to whoever collects them.

    Args:
        title: of the table.
        figures: rows.
        begun: the machine as it was before the work (its load in particular).
    """
    rows = [
        (
            f.what,
            number(f.measured, f.unit),
            f"<= {number(f.goal, f.unit)}" if f.goal is not None else "",
            f.met,
            f.note,
        )
        for f in figures
    ]
    print(f"\n{title}\n{lines(rows, ('what', 'measured', 'goal', 'met', 'note'), 'lrrll')}")
    print(f"machine: {begun or machine()}")
    if begun:
        print(f"load afterwards: {' '.join(f'{x:.1f}' for x in os.getloadavg())}")
    sys.stdout.flush()
    collected = os.environ.get(COLLECTED)
    if collected:
        with Path(collected).open("a", encoding="utf-8") as file:
            for f in figures:
                file.write(json.dumps({"title": title, **dataclasses.asdict(f), "met": f.met}) + "\n")


def folder(cache: Path | None, work: Callable[[Path], None]) -> None:
    """Do work in a cache folder, or in a temporary one that is deleted afterwards."""
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        work(cache.resolve())
        return
    with tempfile.TemporaryDirectory(prefix="mapae-bench-") as made:
        work(Path(made))


def failed(what: str, ran: Ran) -> None:
    """Say that a command ended badly, with its last lines."""
    print(f"\n{what} ended with code {ran.code}:")
    for _, _, line in ran.said[-15:]:
        print(f"  {line}")
