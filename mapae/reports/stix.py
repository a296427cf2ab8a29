"""A STIX 2.1 bundle: what was observed in the records of cases, never who is behind it."""

from __future__ import annotations

import ipaddress
import json
import uuid
from typing import Any

from mapae.model.findings import canonical_json
from mapae.reports import acts, people
from mapae.reports.cases import Case, Identifier
from mapae.store.runs import OpenRun

# The namespace that STIX 2.1 section 2.9 gives for ids of observables, and for nothing else.
OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
# Ids of our own objects.
OURS = uuid.uuid5(uuid.NAMESPACE_URL, "tag:mapae,2026:stix")
# TLP:AMBER as STIX 2.1 section 7.2.1.4 fixes it: for the recipient's own organisation and its clients.
AMBER: dict[str, Any] = {
    "type": "marking-definition",
    "spec_version": "2.1",
    "id": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "created": "2017-01-20T00:00:00.000Z",
    "definition_type": "tlp",
    "name": "TLP:AMBER",
    "definition": {"tlp": "amber"},
}


def moment(at: Any) -> str:
    """A time as STIX writes it."""
    return str(at.strftime("%Y-%m-%dT%H:%M:%S.000Z"))


def _sco(kind: str, contributing: dict[str, Any]) -> dict[str, Any]:
    id_ = f"{kind}--{uuid.uuid5(OBSERVABLES, canonical_json(contributing))}"
    return {"type": kind, "spec_version": "2.1", "id": id_, **contributing, "object_marking_refs": [AMBER["id"]]}


def observable(one: Identifier, conceal: Any) -> dict[str, Any]:
    """A value as an observable of STIX: an address, a mailbox or a network as such, all else as an account of that kind."""
    value = conceal.of(one)
    if value == one.value and one.kind in ("ip", "/64"):
        version = ipaddress.ip_network(value, strict=False).version
        return _sco("ipv4-addr" if version == 4 else "ipv6-addr", {"value": value})
    if value == one.value and one.kind == "email" and "@" in value:
        return _sco("email-addr", {"value": value})
    if one.kind == "asn":
        return _sco("autonomous-system", {"number": int(one.value)})
    return _sco("user-account", {"account_type": f"mapae-{one.kind.strip('/')}", "user_id": value})


def bundle(run: OpenRun, cases: list[tuple[Case, list[Identifier]]], conceal: Any) -> str:
    """Cases as one bundle: an identity, the marking, and per identifier an observable and when it was observed.

    The same run gives the same bytes: ids are made from content, times are those of the run.
    """
    made = moment(acts.committed_at(run))
    us = {
        "type": "identity",
        "spec_version": "2.1",
        "id": f"identity--{uuid.uuid5(OURS, 'identity')}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "name": "Mapae",
        "identity_class": "system",
        "description": "Signs in an employer's or platform's own records; it names no attribution.",
    }
    objects: dict[str, dict[str, Any]] = {}
    for case, identifiers in cases:
        accounts = [
            _sco("user-account", {"account_type": "mapae-account", "user_id": conceal(a)})
            for p in case.people
            for a in p.accounts
        ]
        facts = "; ".join(dict.fromkeys(conceal.text(f.title) for f in case.facts))
        for one in identifiers:
            sco = observable(one, conceal)
            first, last = (moment(t) if t is not None else made for t in (one.first, one.last))
            refs = [sco["id"], *sorted(a["id"] for a in accounts if a["user_id"] == conceal(one.person))]
            key = f"{case.id}\x1f{sco['id']}\x1f{conceal(one.person)}"
            objects[sco["id"]] = sco
            objects[key] = {
                "type": "observed-data",
                "spec_version": "2.1",
                "id": f"observed-data--{uuid.uuid5(OURS, key)}",
                "created_by_ref": us["id"],
                "created": made,
                "modified": made,
                "first_observed": first,
                "last_observed": last,
                "number_observed": min(one.rows, 999_999_999),
                "object_refs": list(dict.fromkeys(refs)),
                "labels": sorted({"simulated"} if run.manifest["settings"].get("simulated") else set()) or ["mapae"],
                "external_references": [
                    {
                        "source_name": "mapae",
                        "external_id": people.reference(case.subject),
                        "description": facts or "no sign is named",
                    }
                ],
                "object_marking_refs": [AMBER["id"]],
            }
        objects |= {a["id"]: a for a in accounts}
    listed = [us, AMBER, *sorted(objects.values(), key=lambda o: (o["type"], o["id"]))]
    id_ = f"bundle--{uuid.uuid5(OURS, run.name + ''.join(o['id'] for o in listed))}"
    return json.dumps({"type": "bundle", "id": id_, "objects": listed}, ensure_ascii=False, indent=1) + "\n"
