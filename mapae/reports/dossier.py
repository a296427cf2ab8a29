"""The case file of a subject: what is claimed, on what ground, under which law, and what is missing; as data and as HTML."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from mapae.model.errors import MapaeError
from mapae.model.findings import canonical_json
from mapae.reports import people, render, sections
from mapae.reports.why import Walk
from mapae.reports.wording import NOT_AN_ACCUSATION, SIMULATED
from mapae.store import disk
from mapae.store.runs import OpenRun


def subject_of(run: OpenRun, wanted: str) -> str:
    """The subject that a person named: a typed reference, or a bare account id.

    Raises:
        MapaeError: the run holds nothing about it.
    """
    subject = wanted if ":" in wanted else f"account:{wanted}"
    if _known(run, subject):
        return subject
    other = people.operator(run, subject)  # another login of somebody whom the run knows by one, or a person's number
    if other != subject and _known(run, other):
        return other
    raise MapaeError(
        f"The last run found nothing about {wanted}.",
        where=str(run.space.root),
        do="mapae status lists subjects; write them as there, as account:a17 or ring:a17.",
    )


def _known(run: OpenRun, subject: str) -> bool:
    return any(
        run.rows(f"select 1 from {kind} where subject = ? or object = ? limit 1", [subject, subject])
        for kind in ("assessment", "determination", "path", "match", "ring")
    )


def build(run: OpenRun, wanted: str) -> dict[str, Any]:
    """The case of a subject as plain data; the HTML page shows this and nothing else.

    Returns:
        ``subject, simulated, run, notice, assessment, members, links, signs, matches, paths, law, missing, sources, rules``.
    """
    subject = subject_of(run, wanted)
    walk = Walk(run, depth=1)  # the page shows a claim's own grounds; mapae why walks on from there
    manifest = run.manifest
    members = sections.members(run, subject)
    accounts = [m["subject"] for m in members] or ([subject] if subject.startswith("account:") else [])
    parties = sections.parties(run, subject, accounts)
    return {
        "subject": subject,
        "name": sections.caption(run, subject),
        "simulated": SIMULATED if manifest["settings"].get("simulated") else "",
        "notice": NOT_AN_ACCUSATION,
        "run": {
            "id": run.name,
            "as_of": manifest["as_of"],
            "known_by": manifest["known_by"],
            "mapae": manifest["mapae"],
            "engine": manifest["engine"],
        },
        "assessment": sections.assessment(run, subject, accounts),
        "members": members,
        "links": sections.links(run, accounts),
        "signs": sections.signs(run, accounts, walk),
        "matches": sections.matches(run, [subject, *accounts, *parties], walk),
        "paths": sections.paths(run, subject, accounts, walk),
        "law": sections.law(run, [subject, *parties] if not subject.startswith("party:") else [subject], walk),
        "missing": sections.missing(run, accounts),
        "sources": sections.sources(run),
        "rules": sections.rules(run),
        "weights": manifest["weights"],
    }


def file_name(subject: str) -> str:
    """A file name for a subject: letters, digits, dot and dash only."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", subject).strip("-")[:120] or "case"


def write(run: OpenRun, wanted: str, folder: Path) -> list[Path]:
    """Write a case as one HTML file that stands alone, and as JSON of the same.

    Raises:
        MapaeError: nothing is known of the subject, or the folder cannot be written.
    """
    case = build(run, wanted)
    stem = file_name(case["subject"])
    made = []
    for ending, text in (
        ("html", render.page(case)),
        ("json", json.dumps(json.loads(canonical_json(case)), ensure_ascii=False, indent=1) + "\n"),
    ):
        target = folder / f"{stem}.{ending}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        except OSError as problem:
            raise disk.full_disk(problem, target) from problem
        made.append(target)
    return made
