"""A MISP event: identifiers of cases as attributes that nothing blocks by itself."""

from __future__ import annotations

import json
import uuid
from typing import Any

from mapae.reports import acts, people
from mapae.reports.cases import Case, Identifier
from mapae.reports.stix import OURS
from mapae.store.runs import OpenRun

# Kind to MISP's type and category (misp-project.org, "Categories and types"); what has no type of its own is text.
TYPES = {
    "ip": ("ip-src", "Network activity"),
    "/64": ("ip-src", "Network activity"),
    "asn": ("AS", "Network activity"),
    "email": ("email-src", "Payload delivery"),
    "phone": ("phone-number", "Person"),
    "payout": ("bank-account-nr", "Financial fraud"),
}
UNDEFINED, INITIAL, OWN_ORGANISATION, INHERIT = "4", "0", "0", "5"


def event(run: OpenRun, cases: list[tuple[Case, list[Identifier]]], conceal: Any) -> str:
    """Cases as one unpublished event for one's own organisation; ``to_ids`` is false throughout."""
    at = acts.committed_at(run)
    attributes = []
    for case, identifiers in cases:
        for one in identifiers:
            value = conceal.of(one)
            type_, category = TYPES.get(one.kind, ("text", "Other")) if value == one.value else ("text", "Other")
            if type_ == "AS":
                value = f"AS{value}"
            attribute: dict[str, Any] = {
                "uuid": str(uuid.uuid5(OURS, f"misp\x1f{case.id}\x1f{one.kind}\x1f{one.value}\x1f{one.person}")),
                "type": type_,
                "category": category,
                "value": value,
                "to_ids": False,
                "distribution": INHERIT,
                "timestamp": str(int(at.timestamp())),
                "comment": f"case {people.reference(case.subject)}: {one.kind}, {one.rows} rows; a sign, not an accusation",
            }
            if one.first is not None:
                attribute |= {"first_seen": one.first.isoformat(), "last_seen": one.last.isoformat()}
            attributes.append(attribute)
    simulated = bool(run.manifest["settings"].get("simulated"))
    made = {
        "Event": {
            "uuid": str(uuid.uuid5(OURS, f"misp\x1f{run.name}" + "".join(c.id for c, _ in cases))),
            "info": ("Simulated: " if simulated else "") + f"Mapae: {len(cases)} cases to look at; no attribution",
            "date": at.strftime("%Y-%m-%d"),
            "timestamp": str(int(at.timestamp())),
            "threat_level_id": UNDEFINED,
            "analysis": INITIAL,
            "distribution": OWN_ORGANISATION,
            "published": False,
            "Attribute": sorted(attributes, key=lambda a: a["uuid"]),
            "Tag": [{"name": "tlp:amber"}],
        }
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"
