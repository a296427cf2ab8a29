"""The truth beside a simulated employer: who is planted and left which traces, and who is honest in which way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from mapae.worlds.employer.enrolments import CODE, DEVICE, Enrolments
from mapae.worlds.employer.faces import Faces
from mapae.worlds.employer.parameters import Given
from mapae.worlds.employer.sign_ins import AWAY, DAY, GATEWAY, HOME, RELAY, TUNNEL, Journeys, SignIns
from mapae.worlds.employer.staff import CONTRACTOR, Staff
from mapae.worlds.population import Bools
from mapae.worlds.write import rows_as_csv

# A common home line counts from so many days on, as linkage counts it.
LINE_DAYS = 8
# Sign-ins at night hours that make a trace of odd hours: hours of the claimed place from 20 to 5.
ODD_SHARE = 0.3
COLUMNS = ("person_id", "email", "planted", "farm", "kinds", "traces", "families")


def write(
    folder: Path,
    given: Given,
    staff: Staff,
    faces: Faces,
    attempts: SignIns,
    bound: Enrolments,
    trips: Journeys,
    days: int,
) -> None:
    """Write ``people.csv`` (one row a person) and ``farms.json``."""
    traces = {int(i): left(given, staff, attempts, bound, int(i)) for i in np.flatnonzero(staff.farm >= 0)}
    kinds = honest_kinds(given, staff, attempts, trips)
    rows = []
    for i in range(staff.n):
        found = traces.get(i, [])
        rows.append({
            "person_id": faces.employees[i], "email": faces.emails[i], "planted": str(bool(staff.farm[i] >= 0)).lower(),
            "farm": f"farm-{staff.farm[i]}" if staff.farm[i] >= 0 else "",
            "kinds": ";".join(name for name, of in kinds.items() if of[i]), "traces": ";".join(found),
            "families": ";".join(sorted({given.traces[t]["family"] for t in found})),
        })  # fmt: skip
    rows_as_csv(folder / "people.csv", COLUMNS, sorted(rows, key=lambda row: row["person_id"]))
    farms: list[dict[str, Any]] = []
    for farm in range(int(staff.farm.max(initial=-1)) + 1):
        members = np.flatnonzero(staff.farm == farm).tolist()
        left_by = sorted({t for m in members for t in traces[m]})
        farms.append({
            "farm": f"farm-{farm}", "members": sorted(faces.employees[m] for m in members), "traces": left_by,
            "plain": [t for t in left_by if given.traces[t]["plain"] == "yes"],
        })  # fmt: skip
    text = json.dumps({"farms": farms, "missing_data": list(given.missing)}, indent=1, sort_keys=True)
    (folder / "farms.json").write_text(text + "\n", "utf-8")


def left(given: Given, staff: Staff, attempts: SignIns, bound: Enrolments, who: int) -> list[str]:
    """Traces of a planted worker that stand in the files, in the order of the parameters."""
    mine = (attempts.person == who) & ~attempts.failed
    others = [int(o) for o in np.flatnonzero((staff.farm == staff.farm[who]) & (np.arange(staff.n) != who))]
    found = set()
    for other in others:
        theirs = (attempts.person == other) & ~attempts.failed
        if staff.line[who] == staff.line[other] and _days(attempts, mine) and _days(attempts, theirs):
            found.add("line")
        for name, what in (("device", DEVICE), ("phone", CODE)):
            held = [set(bound.which[(bound.person == p) & (bound.what == what)].tolist()) for p in (who, other)]
            if held[0] & held[1]:
                found.add(name)
        if staff.leads["account"][who] == staff.leads["account"][other]:
            found.add("account")
        if {int(staff.register[who]), int(staff.parcel[who])} & {int(staff.register[other]), int(staff.parcel[other])}:
            found.add("address")
        if staff.referrer[who] == other or staff.referrer[other] == who:
            found.add("referral")
    network = set(attempts.network[mine].tolist())
    if TUNNEL in network:
        found.add("tunnel")
    if AWAY in network:
        found.add("foreign")
    home, place = given.places[staff.line_home[staff.register[who]]], given.places[staff.home[who]]
    if HOME in network and (home.region, home.country) != (place.region, place.country):
        found.add("elsewhere")
    if staff.tools[who]:
        found.add("tool")
    if staff.kvm[who] == 1:
        found.add("kvm")
    if staff.parcel[who] != staff.register[who]:
        found.add("parcel")
    hour = (attempts.second[mine] // 3600 + place.minutes // 60) % 24
    if len(hour) and float(np.mean((hour >= 20) | (hour < 5))) >= ODD_SHARE:
        found.add("hours")
    return [name for name in given.traces if name in found]


def _days(attempts: SignIns, mine: Bools) -> bool:
    """Whether somebody came from home on eight days or more."""
    return len(np.unique(attempts.second[mine & (attempts.network == HOME)] // DAY)) >= LINE_DAYS


def honest_kinds(given: Given, staff: Staff, attempts: SignIns, trips: Journeys) -> dict[str, Bools]:
    """In which ways honest people may look like something else; planted workers are in none."""

    def used(network: int) -> Bools:
        of = np.zeros(staff.n, dtype=bool)
        of[attempts.person[(attempts.network == network) & ~attempts.failed]] = True
        return of

    country = given.array("country")
    size = np.bincount(staff.group[staff.group >= 0], minlength=1)[np.maximum(staff.group, 0)]
    shares = {what: np.bincount(lead, minlength=staff.n)[lead] > 1 for what, lead in staff.leads.items()}
    base = country[given.city(given.company["base"])]
    kinds = {
        "restless": staff.restless,
        "household": (staff.group >= 0) & (size >= 2),
        "declared_household": (staff.group >= 0) & staff.declared,
        "family_phone": shares["phone"],
        "family_device": shares["device"],
        "joint_account": shares["account"],
        "traveller": (trips.first >= 0).any(axis=1),
        "abroad_approved": (staff.stay >= 0) & staff.stay_declared,
        "abroad_unapproved": (staff.stay >= 0) & ~staff.stay_declared,
        "contractor_abroad": (staff.worker == CONTRACTOR) & (country[staff.home] != base),
        "two_clients": staff.two_clients,
        "tunnel": used(TUNNEL),
        "relay": used(RELAY),
        "gateway": used(GATEWAY),
        "desk": staff.desk,
        "embedded": staff.embedded,
        "kvm_hobby": staff.kvm > 0,
        "mover": staff.mover >= 0,
        "night": staff.night > 0,
        "parcel_elsewhere": staff.parcel != staff.register,
        "remote_tool": staff.tools > 0,
    }
    return {name: of & (staff.farm < 0) for name, of in kinds.items()}
