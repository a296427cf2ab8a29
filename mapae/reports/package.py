"""An evidence package: narrative, identifiers, the raw rows as received, and a manifest of hashes; the run is put on hold."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

from mapae.model.errors import Damaged, InputRefused, MapaeError
from mapae.model.ids import parse_ref
from mapae.reports import acts, cases, cells, narrative, people, raw_rows, sections
from mapae.reports.cases import Case, Identifier
from mapae.reports.why import Walk
from mapae.sources.recognise import LAYOUT
from mapae.store import disk, ledger, vault
from mapae.store.runs import OpenRun

README = """\
What lies here
  narrative.md, narrative.html   who, when and what, in plain words; the same text twice
  identifiers.csv                every value seen with the people of the case: first and last sight (UTC), and the rows
  rows/                          the rows of your files that the case rests on, as received, one file per source
  rows/index.csv                 which line of rows/ is which row of which source, and what rests on it
  manifest.json                  SHA-256 of every file here and of every source; check with: sha256sum
Objects of a JSON file whose lines hold more than one of them are written anew from their values, one a line.
Cells of the CSV files written by Mapae that a spreadsheet would run carry an apostrophe before them; rows/ is untouched.
"""


def write(run: OpenRun, subject: str, out: Path, *, form: str, reader: str = "") -> list[Path]:
    """Write the package of a case into a new folder, put its run on hold, and note both in the ledger.

    Args:
        subject: typed reference of a person, an account or a ring.
        out: a folder that is not there yet, or empty.
        form: counsel or ic3.
        reader: who asked for it; the computer's user when empty.

    Raises:
        MapaeError: the folder holds something, a source's bytes have changed, or nothing can be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise MapaeError(
            "A package is written into a folder of its own.",
            where=str(out),
            why="Something is there already.",
            do="Name a new folder.",
        )
    subject = next(iter(cases.chosen(run, (subject,))))
    case = cases.of(run, subject)
    identifiers = cases.seen(run, case)
    # The hold comes first: a run that a package speaks of is never swept, even if writing fails.
    note = {"case": people.reference(subject), "what": "evidence", "for": form, "reader": reader or acts.reader_name()}
    acts.note(run, {"act": "hold", **note})
    try:
        (out / "rows").mkdir(parents=True, exist_ok=True)
        told = narrative.tell(run, case, identifiers, form)
        _put(out / "narrative.md", narrative.markdown(told))
        _put(out / "narrative.html", narrative.page(told))
        _put(out / "identifiers.csv", _identifiers(case, identifiers))
        _put(out / "README.txt", README)
        used = _rows(run, case, identifiers, out)
        files = sorted(p for p in out.rglob("*") if p.is_file())
        _put(
            out / "manifest.json",
            json.dumps(_manifest(run, case, form, out, files, used), ensure_ascii=False, indent=1) + "\n",
        )
    except OSError as problem:
        raise disk.full_disk(problem, out) from problem
    acts.note(run, {"act": "export", **note, "files": len(files) + 1})
    return [*files, out / "manifest.json"]


def _put(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", newline="")


def _at(at: Any) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at is not None else ""


def _identifiers(case: Case, identifiers: list[Identifier]) -> str:
    label = {p.principal: f"Person {n}" for n, p in enumerate(case.people, 1)}
    heads = ("kind", "value", "who", "account", "first_seen_utc", "last_seen_utc", "rows", "first_source", "first_table", "first_row", "last_source", "last_table", "last_row")  # fmt: skip
    rows = []
    for one in identifiers:
        first, last = parse_ref(one.first_ref), parse_ref(one.last_ref)
        rows.append((
            one.kind, one.value, label.get(one.person, ""), one.person, _at(one.first), _at(one.last), one.rows,
            first.source, first.table, raw_rows.number_in_file(int(first.key)), last.source, last.table, raw_rows.number_in_file(int(last.key)),
        ))  # fmt: skip
    return cells.csv_text(heads, rows)


def _wanted(run: OpenRun, case: Case, identifiers: list[Identifier]) -> dict[str, dict[int, set[str]]]:
    """Rows that the case rests on: source to row of the file to what rests on it."""
    wanted: dict[str, dict[int, set[str]]] = {}

    def put(ref: str, what: str) -> None:
        one = parse_ref(ref)
        if one.kind == "record":
            rows = wanted.setdefault(one.source, {})
            rows.setdefault(raw_rows.number_in_file(int(one.key)), set()).add(what)

    walk = Walk(run, all=True)
    accounts = [f"account:{a}" for p in case.people for a in p.accounts]
    for flag in sections.rows_in(run, "select * from flag where subject in $in order by subject, rule", accounts):
        refs = list(flag["because"])
        if flag["because_n"] > len(refs):
            refs = walk.rest("flag", flag) or refs
        for ref in refs:
            put(ref, flag["rule"])
    for fact in case.facts:
        for ref in fact.refs:
            put(ref, fact.rule)
    for one in identifiers:
        put(one.first_ref, f"identifier {one.kind}")
        put(one.last_ref, f"identifier {one.kind}")
    return wanted


def _rows(run: OpenRun, case: Case, identifiers: list[Identifier], out: Path) -> dict[str, str]:
    """Write ``rows/``; gives the sources whose rows are in it, with what could not be shown and why."""
    sources = {s["source"]: s for s in run.rows("select * from sources where error = '' order by path desc")}
    index: list[tuple[Any, ...]] = []
    problems: dict[str, str] = {}
    for source, numbers in sorted(_wanted(run, case, identifiers).items()):
        held = sources.get(source)
        shown = held["path"] if held else source
        problems[source] = ""
        try:
            kept = vault.find(run.space, source)
            index += _source(out, source, shown, kept.file, bool(held and held["what"] == LAYOUT), numbers)
        except (Damaged, InputRefused) as problem:
            problems[source] = problem.what
            index += [
                ("", "", source, shown, n, "; ".join(sorted(why)), problem.what) for n, why in sorted(numbers.items())
            ]
    heads = ("file", "line", "source", "path", "row_in_source", "what_rests_on_it", "problem")
    _put(out / "rows" / "index.csv", cells.csv_text(heads, index))
    return problems


def _source(
    out: Path, source: str, shown: str, file: Path, layout: bool, numbers: dict[int, set[str]]
) -> list[tuple[Any, ...]]:
    """Write the rows of one source; gives their lines of the index."""
    index: list[tuple[Any, ...]] = []
    with raw_rows.called(file, shown) as path:
        kind = raw_rows.form(path, layout)
        ending = "csv" if kind == "csv" else "jsonl"
        stem = "".join(c if c.isalnum() or c in "-_" else "-" for c in Path(shown).name.split(".")[0])[:40]
        target = out / "rows" / f"{source}-{stem}.{ending}"
        with target.open("w", encoding="utf-8", newline="") as handle:
            head = raw_rows.header(path, layout=layout)
            handle.write(head)
            line = 1 + head.count("\n")
            for raw in raw_rows.read(path, layout=layout, wanted=set(numbers)):
                text = raw.text if raw.text.endswith("\n") else raw.text + "\n"
                handle.write(text)
                index.append(
                    (f"rows/{target.name}", line, source, shown, raw.number, "; ".join(sorted(numbers[raw.number])), "")
                )
                line += text.count("\n")
    return index


def _manifest(
    run: OpenRun, case: Case, form: str, out: Path, files: list[Path], used: dict[str, str]
) -> dict[str, Any]:
    sources = [
        {**{k: s[k] for k in ("path", "sha256", "what", "name", "read", "kept", "rejected", "equal")}, "rows_here": s["source"] in used, "problem": used.get(s["source"], "")}
        for s in run.rows("select * from sources where error = '' order by path")
    ]  # fmt: skip
    lines = ledger.read(run.space.ledger).lines
    return {
        "what": f"evidence package for {form}",
        "case": people.reference(case.subject),
        "case_id": case.id,
        "simulated": bool(run.manifest["settings"].get("simulated")),
        "run": run.name,
        "as_of": run.manifest["as_of"],
        "mapae": run.manifest["mapae"],
        "written_at": dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat(),
        "hold": "yes: the run and its sources are kept until a person releases them",
        "ledger": {"line": lines[-1].sequence if lines else 0, "hash": lines[-1].hash if lines else ""},
        "files": [
            {
                "path": str(p.relative_to(out)),
                "bytes": p.stat().st_size,
                "sha256": hashlib.sha256(p.read_bytes()).hexdigest(),
            }
            for p in files
        ],
        "sources": sources,
        "rules": [{"rule": r["rule"], "sha256": r["sha256"]} for r in sections.rules(run)],
    }
