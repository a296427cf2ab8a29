"""OCSF Detection Finding (class 2004): one JSON object a line per case."""

from __future__ import annotations

import json
from typing import Any

from mapae import __version__
from mapae.reports import acts, people
from mapae.reports.cases import Case, Identifier
from mapae.store.runs import OpenRun

# Fields used here stand in this version of the schema and in all later ones (github.com/ocsf/ocsf-schema,
# events/findings, objects/{finding_info,evidences,observable,metadata}.json).
VERSION = "1.3.0"
CLASS, CATEGORY, CREATE = 2004, 2, 1
# States of casework in the words of the schema; what it has no word for is 99 with our own.
STATES = {
    "new": (1, "New"),
    "looking": (2, "In Progress"),
    "cleared": (3, "Suppressed"),
    "contained": (2, "In Progress"),
}
# Severity says how soon somebody should look, not how likely anything is: medium where the run puts a case to people.
MEDIUM, INFORMATIONAL = 3, 1
_OBSERVABLES = {"ip": (2, "IP Address"), "email": (5, "Email Address")}
OTHER = 99


def milliseconds(at: Any) -> int:
    """A moment as OCSF has it."""
    return int(at.timestamp() * 1000)


def event(run: OpenRun, case: Case, identifiers: list[Identifier], conceal: Any) -> dict[str, Any]:
    """A case as a Detection Finding. It carries no confidence and no risk score: none is calibrated.

    Args:
        identifiers: values to be carried as observables.
        conceal: what is done to each personal value.
    """
    created = milliseconds(acts.committed_at(run))
    times = [t for f in case.facts for t in (f.since, f.until) if t is not None]
    titles = list(dict.fromkeys(f.title for f in case.facts))
    made: dict[str, Any] = {
        "activity_id": CREATE,
        "activity_name": "Create",
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Detection Finding",
        "type_uid": CLASS * 100 + CREATE,
        "type_name": "Detection Finding: Create",
        "severity_id": MEDIUM if case.review else INFORMATIONAL,
        "severity": "Medium" if case.review else "Informational",
        "status_id": STATES.get(case.state, (OTHER, case.state))[0],
        "status": STATES.get(case.state, (OTHER, case.state))[1],
        "time": created,
        "message": f"{_people(case)} to look at: {'; '.join(titles[:3])}. Signs, not an accusation.",
        "metadata": {
            "version": VERSION,
            "product": {"name": "Mapae", "vendor_name": "The Mapae project", "version": __version__},
            "uid": f"{case.id}-{run.name[:16]}",
            "log_name": "simulated" if run.manifest["settings"].get("simulated") else "mapae",
        },
        "finding_info": {
            "uid": case.id,
            "title": f"Identity or control of {_people(case)} may not be what is said",
            "desc": " ".join(conceal.text(f.says) for f in case.facts)[:4000] or "No sign is named.",
            "types": list(dict.fromkeys(f.rule for f in case.facts)),
            "created_time": created,
            "analytic": {"name": "Mapae", "type_id": 1, "type": "Rule", "uid": run.name[:16]},
        },
        "evidences": [_evidence(f, conceal) for f in case.facts],
        "resources": [
            {"type": "account", "uid": conceal(a), "data": {"case": people.reference(case.subject)}}
            for p in case.people
            for a in p.accounts
        ],
        "observables": [_observable(i, conceal) for i in identifiers],
    }
    if times:
        made |= {"start_time": milliseconds(min(times)), "end_time": milliseconds(max(times))}
        made["finding_info"] |= {
            "first_seen_time": milliseconds(min(times)),
            "last_seen_time": milliseconds(max(times)),
        }
    return {k: v for k, v in made.items() if v != []}


def _people(case: Case) -> str:
    return "one person" if len(case.people) == 1 else f"{len(case.people)} people"


def _evidence(fact: Any, conceal: Any) -> dict[str, Any]:
    return {
        "data": {
            "rule": fact.rule,
            "says": conceal.text(fact.says),
            "rows": fact.rows,
            "files": list(fact.files),
            "refs": list(fact.refs),
            "may_be_innocent": list(fact.innocent),
            "would_settle_it": list(fact.settles),
        }
    }


def _observable(one: Identifier, conceal: Any) -> dict[str, Any]:
    type_id, type_ = _OBSERVABLES.get(one.kind, (OTHER, one.kind))
    value = conceal.of(one)
    if value != one.value:  # a keyed hash is no address any more
        type_id, type_ = OTHER, f"{one.kind}, keyed hash"
    return {"name": f"mapae.{one.kind}", "type_id": type_id, "type": type_, "value": value}


def lines(events: list[dict[str, Any]]) -> str:
    """Events as JSON Lines."""
    return "".join(json.dumps(e, ensure_ascii=False, sort_keys=True) + "\n" for e in events)
