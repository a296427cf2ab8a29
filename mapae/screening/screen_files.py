"""Screening a file: which columns say what, block by block, with a state beside the part so that it can go on."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import functools
import hashlib
import itertools
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from mapae.model.errors import InputRefused, MapaeError, WrongUse
from mapae.names.fold import fold
from mapae.names.tables import digest
from mapae.names.tables import rows as table
from mapae.screening import queries
from mapae.screening.queries import Match, Query
from mapae.screening.screen_files_read import Row, Rows, open_rows
from mapae.screening.screen_files_write import Part, kind_of, part_of, text
from mapae.store import disk

if TYPE_CHECKING:
    from mapae.screening.screener import Screener

# Columns that are added; bits is a number, the others are text.
ADDED = (
    *("match", "level", "bits", "list", "entry", "listed_name", "alias", "quality", "programme", "authority"),
    *("snapshot", "owned", "cleared", "why", "others", "problem"),
)
_SEVERAL = ("country", "document", "document_country")
_BLOCK = 2_000
_SECONDS_BETWEEN = 2.0
Form = Callable[[str], str]


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is read from where, and what is written.

    Args:
        rows: the file.
        out: where to.
        columns: heads by field.
        out_names: heads of the file written: those of the input, then the added ones.
        country, schema: forms of countries and schemata; each raises MapaeError where a text is none.
        kind: schema of all rows; "" where rows say it or nobody does.
    """

    rows: Rows
    out: Path
    columns: dict[str, tuple[str, ...]]
    out_names: tuple[str, ...]
    country: Form
    schema: Form
    kind: str

    def says(self) -> list[str]:
        """Which columns were taken, and which were not."""
        taken = [f"{', '.join(heads)} as {field.replace('_', ' ')}" for field, heads in self.columns.items()]
        used = {head for heads in self.columns.values() for head in heads}
        left = [head for head in self.rows.heads if head not in used]
        return [f"Columns taken: {'; '.join(taken)}.", *([f"Not used: {', '.join(left)}."] if left else [])]


@dataclasses.dataclass
class Done:
    """What came of a file; ``continued`` rows were done by an earlier run."""

    rows: int = 0
    matched: int = 0
    exact: int = 0
    strong: int = 0
    possible: int = 0
    cleared: int = 0
    problems: int = 0
    continued: int = 0


def plan(file: Path, out: Path, told: list[str], *, country: Form, schema: Form, kind: str = "") -> Plan:
    """Look at a file and know its columns by their heads.

    Args:
        told: what the user says of columns, as ``name=Customer``.

    Raises:
        InputRefused: the file cannot be read or has no column to screen by.
        WrongUse: a column told is not there.
    """
    kind_of(out)
    if out.exists() and file.exists() and out.samefile(file):
        raise WrongUse("FILE and --out are the same file.", where=str(out), do="Name another file for the result.")
    if not out.parent.is_dir():
        raise WrongUse(
            "There is no such folder for --out.", where=str(out.parent), do="Make it, or name another place."
        )
    rows = open_rows(file)
    columns = _known(rows)
    for one in told:
        field, _, head = one.partition("=")
        fields = sorted({row["field"] for row in table("headers.csv")})
        if field not in fields:
            raise WrongUse(
                f"--column {one}: there is no {field!r}.", do=f"Write FIELD=HEADER with one of {', '.join(fields)}."
            )
        if head not in rows.heads:
            raise WrongUse(
                f"{file.name} has no column {head!r}.",
                where=f"{file}, line 1",
                do=f"Its columns: {', '.join(rows.heads)}.",
            )
        columns[field] = (head,)
    if not set(columns) & {"name", "family", "given", "document", "imo", "wallet", "email", "domain"}:
        raise InputRefused(
            f"{file.name} has no column that is known as a name, nor any other to screen by.",
            where=f"{file}, line 1",
            why=f"Its heads: {', '.join(rows.heads[:20])}.",
            do=f"Say which it is: --column name={json.dumps(rows.heads[0], ensure_ascii=False)}",
        )
    added = tuple(f"mapae_{n}" for n in ADDED) if set(ADDED) & set(rows.heads) else ADDED
    return Plan(
        rows, out, columns, (*rows.heads, *added), functools.cache(country), functools.cache(schema), schema(kind)
    )


def _known(rows: Rows) -> dict[str, tuple[str, ...]]:
    """Columns by the words of ``headers.csv``: of one field the first in the table's order, of countries and papers all."""
    by_words: dict[str, str] = {}
    for head in rows.heads:
        by_words.setdefault(fold(head), head)
    found: dict[str, tuple[str, ...]] = {}
    for row in table("headers.csv"):
        found_head = by_words.get(row["words"])
        if found_head is not None and (row["field"] not in found or row["field"] in _SEVERAL):
            found[row["field"]] = (*found.get(row["field"], ()), found_head)
    if "name" in found:
        found.pop("given", None)
        found.pop("family", None)
    return found


def screen_file(
    plan: Plan, screener: Screener, recipe: str, *, progress: Callable[[str], None] = lambda _: None
) -> Done:
    """Screen every row and write it with its best match; goes on where a stopped run with the same recipe was.

    Args:
        recipe: what the answers rest on beside file and columns: run, day, clearings.
        progress: is told how far it is.

    Raises:
        MapaeError: another process writes the same file, or the disk refuses.
    """
    state_path = plan.out.with_name(plan.out.name + ".part.state")
    wanted = _recipe(plan, recipe)
    with _alone(state_path) as held:
        state = held if held.get("recipe") == wanted and part_of(plan.out).exists() else {}
        if state and part_of(plan.out).stat().st_size < state["bytes"]:
            state = {}
        done = Done(**state["done"]) if state else Done()
        done.continued = done.rows
        types = [*plan.rows.types, *(pa.float64() if n == "bits" else pa.string() for n in ADDED)]
        part = Part(plan.out, plan.out_names, types, state.get("bytes", 0))
        try:
            rows = plan.rows.read(done.rows)
            started, said, first = time.monotonic(), 0.0, done.rows
            while block := list(itertools.islice(rows, _BLOCK)):
                written = part.add(_screened(plan, screener, block, done))
                told = {**dataclasses.asdict(done), "continued": 0}
                _write(state_path, {"recipe": wanted, "bytes": written, "done": told})
                if (passed := time.monotonic() - started) - said >= _SECONDS_BETWEEN:
                    said = passed
                    progress(f"{done.rows:,} rows, {(done.rows - first) / passed:,.0f} a second")
            part.finish()
        finally:
            part.close()
        state_path.unlink(missing_ok=True)
    state_path.with_name(state_path.name + ".lock").unlink(missing_ok=True)
    return done


def _recipe(plan: Plan, recipe: str) -> str:
    made = hashlib.sha256()
    with plan.rows.path.open("rb") as file:
        while data := file.read(1 << 20):
            made.update(data)
    told = [made.hexdigest(), digest(), recipe, plan.kind, list(plan.columns.items()), plan.out_names]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[dict[str, Any]]:
    """Hold the state as the only process; gives what it says, {} where there is none or it cannot be read."""
    try:
        lock = path.with_name(path.name + ".lock").open("a")
    except OSError as problem:
        raise disk.full_disk(problem, path) from problem
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MapaeError(
                "Another process writes this file.",
                where=str(path),
                do="Wait until it has finished, or name another --out.",
            ) from None
        try:
            told = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            told = {}
        yield told if isinstance(told, dict) else {}


def _write(path: Path, told: dict[str, Any]) -> None:
    try:
        disk.place(json.dumps(told).encode(), path.with_name(path.name + ".half"), path)
    except OSError as problem:
        raise disk.full_disk(problem, path) from problem


def _screened(plan: Plan, screener: Screener, block: list[Row], done: Done) -> list[list[Any]]:
    at = {head: place for place, head in enumerate(plan.rows.heads)}
    places = {field: [at[head] for head in heads] for field, heads in plan.columns.items()}
    asked = [query(row, places, plan) for row in block]
    found = screener.screen_many([q for q, _ in asked])
    made = []
    for row, (_, problem), matches in zip(block, asked, found, strict=True):
        best = next((m for m in matches if not m.cleared), matches[0] if matches else None)
        done.rows += 1
        done.problems += bool(problem)
        if best is not None:
            done.matched += 1
            level = "cleared" if best.cleared else best.level
            setattr(done, level, getattr(done, level) + 1)
        made.append([*row.cells, *_added(best, len(matches)), problem])
    return made


def _added(best: Match | None, n: int) -> list[Any]:
    if best is None:
        return ["", "", None, *[""] * (len(ADDED) - 4)]
    return [
        "cleared" if best.cleared else "yes", best.level, best.bits, best.list, best.entry, best.name, best.alias, best.quality,
        best.programme, best.authority, best.snapshot, best.owned, best.cleared, "; ".join(best.why), str(n - 1) if n > 1 else "",
    ]  # fmt: skip


def query(row: Row, places: dict[str, list[int]], plan: Plan) -> tuple[Query, str]:
    """What a row asks, and what in it could not be read (the rest is screened all the same)."""
    problems = [row.problem] if row.problem else []

    def cells(field: str) -> list[str]:
        return [made for place in places.get(field, ()) if (made := text(row.cells[place]).strip())]

    def one(field: str) -> str:
        return (cells(field) or [""])[0]

    def formed(field: str, value: str, form: Form) -> str:
        try:
            made = form(value) if value else ""
        except (MapaeError, ValueError):
            made = ""
        if value and not made:
            problems.append(f"{field.replace('_', ' ')} {value[:60]!r} was not understood and is left out")
        return made

    name = one("name") or " ".join(cells("given") + cells("family"))
    issued = [formed("document_country", c, plan.country) for c in cells("document_country")[:1]]
    papers = [p for cell in cells("document") for p in _several(cell)]
    made = Query(
        name=name,
        schema=formed("schema", one("schema"), plan.schema) or plan.kind,
        birth_date=formed("birth_date", one("birth_date"), queries.birth_date),
        countries=tuple(
            c for cell in cells("country") for t in _several(cell) if (c := formed("country", t, plan.country))
        ),
        documents=tuple(queries.Document(p, issued[0] if issued else "") for p in papers),
        imo=formed("imo", one("imo"), queries.imo),
        wallet=one("wallet"),
        email=formed("email", one("email"), queries.email),
        domain=formed("domain", one("domain"), queries.domain),
    )
    if not (name or papers or made.imo or made.wallet or made.email or made.domain):
        problems.append("nothing to screen by: no name and no other value")
    return made, "; ".join(problems)


def _several(cell: str) -> list[str]:
    """The values of a cell that may hold several."""
    return [part.strip() for part in cell.replace("|", ";").split(";") if part.strip()]
