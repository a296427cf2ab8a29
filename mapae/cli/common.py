"""What commands share: the DIR argument, progress on a terminal, and the numbered list that ``why`` understands."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import click

from mapae.store import disk
from mapae.store.workspace import Workspace

directory = click.argument("directory", metavar="[DIR]", default=".", type=click.Path())


@contextlib.contextmanager
def progress(quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A line that says what is being done, with seconds; plain lines where there is no terminal."""
    if quiet:
        yield lambda text: None
        return
    if not sys.stderr.isatty():
        started = time.monotonic()
        yield lambda text: click.echo(f"[{time.monotonic() - started:6.1f} s] {text}", err=True)
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("({task.completed:.0f} steps)"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda text: bar.update(task, description=text, advance=1)


def remember(space: Workspace, ids: list[str]) -> None:
    """Remember the findings of a list just printed, so that ``why 3`` means its third line."""
    with contextlib.suppress(Exception):
        disk.place(json.dumps(ids).encode(), space.hidden / "listed.half", space.hidden / "listed.json")


def remembered(space: Workspace) -> list[str]:
    """Ids of the list last printed."""
    try:
        held: list[str] = json.loads((space.hidden / "listed.json").read_text("utf-8"))
        return held
    except (OSError, ValueError):
        return []


def table(rows: list[list[Any]], heads: list[str]) -> str:
    """Rows as aligned text; numbers to the right."""
    cells = [[str(c) for c in row] for row in [heads, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    right = [all(isinstance(row[i], int | float) for row in rows) and bool(rows) for i in range(len(heads))]
    lines = [
        "  ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(row, widths, right, strict=True)).rstrip()
        for row in cells
    ]
    return "\n".join(lines)
