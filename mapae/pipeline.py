"""The pipeline: sources into tables, steps in order, one commit. The file to read second.

A step whose parts are there is skipped, so a second run with nothing new does no work, and a run that was
killed leaves finished parts that the next one uses.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mapae import __version__
from mapae.assessment import steps as assessment
from mapae.determinations import steps as determinations
from mapae.engine.duckdb import DuckDBEngine, what
from mapae.engine.steps import Step, in_order
from mapae.indicators import steps as indicators
from mapae.linkage import steps as linkage
from mapae.model.errors import InputRefused
from mapae.model.findings import canonical_json
from mapae.rules.kinds import Catalogue, load_catalogue
from mapae.screening import steps as screening
from mapae.settings import Settings
from mapae.sources import collect, ingest, lists
from mapae.sources.addresses import AddressFile, look_up
from mapae.sources.addresses import steps as addresses
from mapae.sources.recognise import ADDRESSES
from mapae.store import ledger, parts, runs, sweep, weights, workspace
from mapae.store.naming import view_name
from mapae.store.views import TableParts, first, make
from mapae.store.workspace import Workspace
from mapae.tracing import steps as tracing

if TYPE_CHECKING:
    import duckdb


@dataclasses.dataclass
class Outcome:
    """What a run did: its name, whether anything was new, its manifest, and what a person should be told."""

    name: str
    new: bool
    manifest: dict[str, Any]
    worked: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    errors: list[str] = dataclasses.field(default_factory=list)
    swept: sweep.Swept = dataclasses.field(default_factory=sweep.Swept)


def _quiet(_: str) -> None: ...


@dataclasses.dataclass(frozen=True)
class Brought:
    """Sources as read, before anything is derived: one row of bookkeeping each, and a table's parts by its name."""

    space: Workspace
    catalogue: Catalogue
    sources: list[dict[str, Any]]
    tables: dict[str, TableParts]

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection with a view of every table."""
        con = DuckDBEngine(threads=self.space.settings.threads, spill=self.space.tmp).connect()
        for table, held in self.tables.items():
            make(con, view_name(table), [parts.path(self.space, p) for p in held.parts], held.newest_by)
        return con


def bring(directory: str | Path, *, progress: Callable[[str], None] = _quiet, wait: float = 600.0) -> Brought:
    """Read a workspace's sources and nothing more: no step is run, nothing is committed.

    Raises:
        MapaeError: the workspace cannot be written.
    """
    space = workspace.find(directory)
    with workspace.writing(space, wait=wait, say=progress):
        ledger.repair(space)
        catalogue = load_catalogue()
        reading = _Run(space, catalogue, space.settings, dt.datetime.now(dt.UTC).date(), progress, [])
        sources, _ = reading.sources()
        reading.fill_empty()
        reading.lookups()
        return Brought(space, catalogue, sources, reading.tables)


# Settings that weights are estimated from.
DECIDING_WEIGHTS = ("base_rate", "base_rate_employee", "base_rate_applicant", "honest_kinds")


def run(
    directory: str | Path,
    *,
    catalogue: Catalogue | None = None,
    settings: Settings | None = None,
    today: dt.date | None = None,
    progress: Callable[[str], None] = _quiet,
    wait: float = 600.0,
) -> Outcome:
    """Run a workspace: read what is new, derive what follows, commit, sweep.

    Args:
        catalogue: rules; those that ship when None.
        settings: as ``mapae.toml`` when None.
        today: dates after it do not move the default ``as_of``; the clock's day when None.
        progress: is told each piece of work as it begins.
        wait: seconds to wait for another writer.

    Raises:
        MapaeError: nothing was committed; the workspace is as it was.
    """
    space = workspace.find(directory)
    with workspace.writing(space, wait=wait, say=progress):
        notes = ledger.repair(space)
        rules = catalogue or load_catalogue()
        return _Run(
            space, rules, settings or space.settings, today or dt.datetime.now(dt.UTC).date(), progress, notes
        ).go()


def families_hash(catalogue: Catalogue) -> str:
    """Hash of the case shares that weights rest on."""
    return hashlib.sha256(canonical_json(catalogue.families).encode()).hexdigest()


class _Run:
    def __init__(
        self,
        space: Workspace,
        catalogue: Catalogue,
        settings: Settings,
        today: dt.date,
        progress: Callable[[str], None],
        notes: list[str],
    ) -> None:
        self.space, self.catalogue, self.settings, self.today, self.progress = (
            space,
            catalogue,
            settings,
            today,
            progress,
        )
        self.engine = DuckDBEngine(threads=settings.threads, memory_mb=settings.memory_mb, spill=space.tmp)
        self.tables: dict[str, TableParts] = {}
        self.address_files: list[AddressFile] = []
        self.outcome = Outcome("", False, {}, notes=notes)
        done = runs.committed(space)
        self.before = runs.load(space, done[-1]) if done and (space.runs / f"{done[-1]}.json").exists() else None

    def go(self) -> Outcome:
        sources, snapshots = self.sources()
        self.fill_empty()
        as_of, known_by = self.dates(sources)
        self.lookups(as_of)
        settings = dataclasses.replace(self.settings, as_of=as_of, known_by=known_by)
        allowed = [s for s in snapshots if not s["snapshot"] or s["snapshot"] <= as_of]
        self.steps(lists.steps(self.catalogue, allowed, sources))
        self.step(addresses.step(self.catalogue, settings, self.address_files, self.space.ranges))
        stages: list[Step] = []
        for stage in (indicators, screening, linkage, tracing, determinations):
            stages += stage.steps(self.catalogue, settings)
        early, late = self.split(stages)
        self.steps(early)
        pinned = self.pinned(settings)
        self.steps(late + assessment.steps(self.catalogue, settings, pinned))
        return self.commit(settings, sources, pinned)

    # --- sources

    def sources(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        found = collect.collect(self.space, self.settings, self.catalogue)
        # What earlier runs knew comes first, so that the newest source stays the newest whatever its name.
        rank: dict[str, int] = {}
        for place, known in enumerate(self.before["sources"] if self.before else ()):
            rank.setdefault(known["sha256"], place)
        found.sort(key=lambda f: (rank.get(f.kept.sha256, len(rank)) if f.kept else -1, f.shown))
        rows: list[dict[str, Any]] = []
        snapshots: list[dict[str, Any]] = []
        made: dict[str, list[str]] = {}
        repeated: dict[str, int] = {}
        for place, one in enumerate(found):
            row: dict[str, Any] = {
                "source": one.kept.source16 if one.kept else "", "sha256": one.kept.sha256 if one.kept else "", "path": one.shown,
                "what": one.what or "unknown", "name": one.name, "snapshot": None, "read": 0, "kept": 0, "rejected": 0, "equal": 0,
                "repeated": 0, "events": 0, "other": 0, "by_table": [], "notes": [], "error": str(one.error) if one.error else "",
            }  # fmt: skip
            rows.append(row)
            if one.same_as:
                row["notes"] = [f"the same bytes as {one.same_as}; read once"]
            if one.error or one.same_as:
                continue
            if one.what == ADDRESSES:
                assert one.kept is not None
                file = AddressFile(one.path, one.kept.sha256, one.name)
                try:
                    look_up.flattened(file, self.space.ranges)
                    self.address_files.append(file)
                except InputRefused as problem:
                    row["error"] = str(collect.as_shown(problem, one.shown, one.path))
                continue
            read = ingest.read_source(
                self.space, self.engine, self.catalogue, one, earlier=made, today=self.today, progress=self.progress
            )
            book = read.book
            made.setdefault("books", []).append(read.name)
            row.update(
                {
                    k: book[k]
                    for k in (
                        "snapshot",
                        "read",
                        "kept",
                        "rejected",
                        "equal",
                        "repeated",
                        "events",
                        "other",
                        "by_table",
                        "error",
                    )
                },
                notes=list(book["notes"]),
            )
            row["latest"] = book["latest"]
            if book["error"]:
                continue
            for table, part in read.parts.items():
                made.setdefault(table, []).append(part)
            for table in one.layout.tables if one.layout else (one.name,):
                repeated[table] = repeated.get(table, 0) + book["repeated"]
            if "statements" in read.parts:
                snapshots.append(
                    {
                        "mapae_source": row["source"],
                        "dataset": book["dataset"],
                        "snapshot": str(book["snapshot"] or ""),
                        "place": place,
                    }
                )
        look_up.forget(self.address_files, self.space.ranges)
        for table, listed in made.items():
            rule = self.catalogue.tables.get(table.removeprefix("records/"))
            state = rule is not None and table.startswith("records/") and rule.kind == "state" and bool(rule.key)
            doubled = state and (len(listed) > 1 or repeated.get(rule.name if rule else "", 0) > 0)
            self.tables[table] = TableParts(tuple(listed), rule.key if doubled and rule else ())
        self.outcome.errors = [r["error"] for r in rows if r["error"]]
        return rows, snapshots

    def fill_empty(self) -> None:
        """Give every table that no source made one empty part, so that SQL never fails for want of a table."""
        con = self.engine.connect()
        for table, (schema, _) in ingest.schemas(self.catalogue).items():
            if table not in self.tables and (not table.startswith("rejected/")):
                name = parts.recipe("empty", str(schema), {}, (), self.engine.version, table)
                if not parts.path(self.space, name).exists():
                    self.engine.write(con, schema.empty_table(), parts.half(self.space, name), schema=schema)
                    parts.settle(self.space, name)
                self.tables[table] = TableParts((name,))
        con.close()

    def lookups(self, as_of: str = "") -> None:
        """Give each list of the catalogue that rules join a part, so that a run keeps what it used."""
        con = self.engine.connect()
        for held in self.catalogue.lookups.values():
            table = f"infrastructure/{held.name}"
            told = held.table(as_of)
            rows = {"rows": told.num_rows, "of": len(held.rows)}
            name = parts.recipe("lookup", held.sha256, rows, (), self.engine.version, table)
            if not parts.path(self.space, name).exists():
                half = parts.half(self.space, name)
                self.engine.write(con, told, half, schema=held.schema())
                parts.settle(self.space, name)
            self.tables[table] = TableParts((name,))
        con.close()

    def dates(self, sources: list[dict[str, Any]]) -> tuple[str, str]:
        """``as_of`` and ``known_by``: as set, else the latest list date or happened_at among the sources."""
        dated = [s[k] for s in sources for k in ("snapshot", "latest") if s.get(k) and s[k] <= self.today]
        for s in sources:
            s.pop("latest", None)
        latest = max(dated, default=self.today).isoformat()
        return self.settings.as_of or latest, self.settings.known_by or latest

    # --- steps

    def split(self, stages: list[Step]) -> tuple[list[Step], list[Step]]:
        """Steps that the estimate of weights waits for, and the rest."""
        wanted = set(assessment.steps(self.catalogue, self.settings, None)[0].reads)
        early: list[Step] = []
        for step in reversed(in_order(stages)):
            if wanted & set(step.writes):
                early.append(step)
                wanted |= set(step.reads)
        return early[::-1], [s for s in stages if s not in early]

    def steps(self, steps: Iterable[Step]) -> None:
        for step in in_order(steps):
            self.step(step)

    def step(self, step: Step) -> None:
        """Run a step unless its parts are there."""
        inputs = [p for table in step.reads for p in (*self.tables[table].parts, *self.tables[table].newest_by)]
        parameters = {**step.parameters, "schema": {t: str(s) for t, s in step.schema.items()}}
        names = {
            t: parts.recipe(step.name, what(step), parameters, inputs, self.engine.version, t) for t in step.writes
        }
        if not all(parts.path(self.space, n).exists() for n in names.values()):
            self.progress(step.name)
            con = self.engine.connect()
            try:
                held = {
                    t: ([parts.path(self.space, p) for p in self.tables[t].parts], self.tables[t].newest_by)
                    for t in step.reads
                }
                made = self.engine.run(step, self.engine.inputs(con, held, self.progress))
                for table in sorted(made):
                    half = parts.half(self.space, names[table])
                    self.engine.write(
                        con, made[table], half, schema=step.schema.get(table), order=step.order.get(table, ())
                    )
                    parts.settle(self.space, names[table])
            finally:
                con.close()
            self.outcome.worked.append(step.name)
        for table, name in names.items():
            same = [t for t in self.tables if t != table and view_name(t) == view_name(table)]
            if same:
                raise ValueError(f"{table} and {same[0]} would be one view")
            self.tables[table] = TableParts((name,))

    # --- weights and commit

    def pinned(self, settings: Settings) -> dict[str, Any]:
        """The weights in force: those of the last run, or an estimate where there are none or one is asked for."""
        if self.before and self.before.get("weights") and settings.weights == "pinned":
            held = weights.load(self.space, self.before["weights"])
            same = self.before["settings"]
            if (
                held is not None
                and self.before["families"] == families_hash(self.catalogue)
                and all(same.get(k) == getattr(settings, k) for k in DECIDING_WEIGHTS)
            ):
                return held
            self.outcome.notes.append(
                "what the weights rest on has changed (families, base rate or kinds): they were estimated anew"
            )
        step = assessment.steps(self.catalogue, settings, None)[0]
        self.step(step)
        part = self.tables[step.writes[0]].parts[0]
        text = first(self.engine.connect(), "select text from read_parquet(?)", [str(parts.path(self.space, part))])
        assert text is not None
        estimated: dict[str, Any] = json.loads(text[0])
        return estimated

    def commit(self, settings: Settings, sources: list[dict[str, Any]], pinned: dict[str, Any]) -> Outcome:
        hashed = {p["name"]: p for t in self.before["tables"].values() for p in t["parts"]} if self.before else {}

        def entry(name: str) -> dict[str, Any]:
            path = parts.path(self.space, name)
            known = hashed.get(name)
            return known or {"name": name, "sha256": parts.hash_file(path), "rows": parts.rows(path)}

        data = sorted(self.catalogue.root.glob("*.yml"))  # families, keys, facts, roles, citations: no rules, but used
        manifest: dict[str, Any] = {
            "mapae": __version__,
            "engine": self.engine.version,
            "settings": settings.deciding(),
            "as_of": settings.as_of,
            "known_by": settings.known_by,
            "sources": [
                {k: s[k] for k in ("path", "sha256", "what", "name", "read", "kept", "rejected", "equal", "error")}
                for s in sources
            ],
            "families": families_hash(self.catalogue),
            "weights": weights.place(self.space, pinned),
            "data": {path.name: {"sha256": parts.hash_file(path), "text": path.read_text("utf-8")} for path in data},
            "rules": {key: {"sha256": rule.sha256, "text": rule.text} for key, rule in self.catalogue.rules().items()},
            "tables": {
                name: {
                    "parts": [entry(p) for p in held.parts],
                    **({"newest_by": list(held.newest_by)} if held.newest_by else {}),
                }
                for name, held in sorted(self.tables.items())
            },
        }
        name = runs.manifest_name(manifest)
        done = runs.committed(self.space)
        self.outcome.manifest, self.outcome.name = manifest, name
        self.outcome.new = not done or done[-1] != name or not (self.space.runs / f"{name}.json").exists()
        if self.outcome.new:
            self.progress("committing")
            runs.commit(
                self.space,
                manifest,
                {"at": dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat(), "sources": len(sources)},
            )
        self.outcome.swept = sweep.sweep(self.space)
        return self.outcome
