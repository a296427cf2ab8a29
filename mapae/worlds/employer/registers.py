"""Registers of the simulated employer: the HR file, parcels of the asset desk, and what has been declared."""

from __future__ import annotations

import datetime as dt
import hashlib

import numpy as np

from mapae.worlds import addresses as at
from mapae.worlds.employer.endpoints import SENT_BEFORE
from mapae.worlds.employer.faces import Faces
from mapae.worlds.employer.okta import COUNTRIES
from mapae.worlds.employer.parameters import Given
from mapae.worlds.employer.sign_ins import AT_OFFICE, GATEWAY, Journeys, SignIns
from mapae.worlds.employer.staff import AGENCY, OFFICE, REMOTE, Staff

HR = ("Employee ID", "Work Email", "Name", "Worker Type", "Job Title", "Hire Date", "End Date", "Home Address", "Home City", "Home State",
      "Home Zip", "Home Country", "Work Location", "Time Zone", "Manager ID", "Referred By ID", "Recruiter ID", "Pay Account", "Vendor", "Phone")  # fmt: skip
PARCELS = (
    "Order Number",
    "Assignee Email",
    "Ship Date",
    "Model",
    "Serial Number",
    "Ship To Street",
    "Ship To City",
    "Ship To State",
    "Ship To Zip",
    "Ship To Country",
    "Carrier",
    "Tracking Number",
)
DECLARED = ("kind", "subject", "with_whom", "since", "until", "approved_by", "happened_at", "says")
WORKERS = ("Employee", "Contractor", "Agency")
# The asset desk keeps parcels of the last so many days before the log.
KEPT = 240


def street(given: Given, line: int, home: int) -> tuple[str, str]:
    """Street address and postal code of a home line: another for every line of a town."""
    names = given.registers["streets"]
    number, name = 10 + (line * 37) % 9_990, names[line * 11 % len(names)]
    kind = ("Street", "Avenue", "Lane", "Road")[line % 4]
    return f"{number} {name} {kind}", f"{10_000 + (home * 977 + line * 7) % 89_000}"


def day_of(given: Given, day: int) -> str:
    """A day of the world as ISO date."""
    return (given.begins.date() + dt.timedelta(days=int(day))).isoformat()


def hr(given: Given, staff: Staff, faces: Faces, seed: int, rng: np.random.Generator) -> list[dict[str, str]]:
    """The HR file as it stands on the last day, one row a person."""
    n, titles, vendors = staff.n, given.registers["titles"], given.registers["vendors"]
    title, manager, recruiter = (
        rng.integers(0, len(titles), n),
        rng.integers(0, max(n // 12, 1), n),
        rng.integers(0, 8, n),
    )
    rows = []
    for i in range(n):
        home = int(staff.line_home[staff.register[i]])
        place = given.places[home]
        address, postal = street(given, int(staff.register[i]), home)
        account = hashlib.sha256(f"simulated account {seed} {staff.leads['account'][i]}".encode()).hexdigest()[:32]
        work = place.city if staff.work[i] != REMOTE else "Remote"
        rows.append({
            "Employee ID": faces.employees[i], "Work Email": faces.emails[i], "Name": faces.names[i], "Worker Type": WORKERS[staff.worker[i]],
            "Job Title": given.registers["desk_title"] if staff.desk[i] else titles[title[i]], "Hire Date": day_of(given, int(staff.hired[i])),
            "End Date": day_of(given, int(staff.left[i])) if staff.left[i] < 9_000 else "", "Home Address": address, "Home City": place.city,
            "Home State": place.region, "Home Zip": postal, "Home Country": COUNTRIES.get(place.country, place.country),
            "Work Location": work, "Time Zone": place.zone, "Manager ID": faces.employees[manager[i]],
            "Referred By ID": faces.employees[staff.referrer[i]] if staff.referrer[i] >= 0 else "", "Recruiter ID": faces.employees[recruiter[i]],
            "Pay Account": account, "Vendor": vendors[staff.vendor[i] % len(vendors)] if staff.worker[i] == AGENCY else "",
            "Phone": faces.phones[i],
        })  # fmt: skip
    return sorted(rows, key=lambda row: row["Employee ID"])


def parcels(given: Given, staff: Staff, faces: Faces, days: int, rng: np.random.Generator) -> list[dict[str, str]]:
    """Parcels of the asset desk: to newcomers who work elsewhere than in an office, and now and then a new computer."""
    models, carriers = given.registers["models"], given.registers["carriers"]
    renewed = rng.random(staff.n) < 0.12
    day_renewed = rng.integers(0, days, staff.n)
    model, carrier, number = (
        rng.integers(0, len(models), staff.n),
        rng.integers(0, len(carriers), staff.n),
        rng.integers(10**9, 10**10, staff.n),
    )
    sent = []
    for i in range(staff.n):
        if staff.work[i] == OFFICE:
            continue
        if -KEPT <= staff.hired[i] < days:
            sent.append((int(staff.hired[i]) - SENT_BEFORE, i, ""))
        elif renewed[i] and staff.left[i] > day_renewed[i]:
            sent.append((int(day_renewed[i]), i, "R"))
    rows = []
    for k, (day, i, again) in enumerate(sorted(sent)):
        line = int(staff.parcel[i])
        home = int(staff.line_home[line])
        place = given.places[home]
        address, postal = street(given, line, home)
        rows.append({
            "Order Number": f"PO{100_000 + k}", "Assignee Email": faces.emails[i], "Ship Date": day_of(given, day), "Model": models[model[i]],
            "Serial Number": faces.serials[i] + again, "Ship To Street": address, "Ship To City": place.city, "Ship To State": place.region, "Ship To Zip": postal,
            "Ship To Country": COUNTRIES.get(place.country, place.country), "Carrier": carriers[carrier[i]], "Tracking Number": f"SIM{number[i]}",
        })  # fmt: skip
    return rows


def declared(
    given: Given, staff: Staff, faces: Faces, trips: Journeys, attempts: SignIns, rng: np.random.Generator
) -> list[dict[str, str]]:
    """What the employer has declared: its networks and its tool, households, journeys and long stays with an approval."""
    rows = []

    def say(kind: str, subject: str, says: str, first: int = -400, last: int | None = None, others: str = "") -> None:
        rows.append({
            "kind": kind, "subject": subject, "with_whom": others, "since": day_of(given, first), "until": "" if last is None else day_of(given, last),
            "approved_by": "simulated-desk", "happened_at": day_of(given, first), "says": says,
        })  # fmt: skip

    for kind, says in ((AT_OFFICE, "offices (simulated)"), (GATEWAY, "zero-trust gateway (simulated)")):
        found, _ = at.text(np.unique(attempts.address[attempts.network == kind]))
        for one in sorted(found):
            say("network", one, says)
    say("tool", given.company["tool"], "remote support by the desk (simulated)")
    for group in range(int(staff.group.max(initial=-1)) + 1):
        members = np.flatnonzero(staff.group == group).tolist()
        if members and staff.declared[members[0]]:
            ids = [f"hr/{faces.employees[m]}" for m in members]
            for one in ids:
                say("household", one, "one household (simulated)", others=";".join(o for o in ids if o != one))
    country = given.array("country")
    tells = rng.random(trips.first.shape) < given["travel_declared"]
    for i, k in zip(*np.nonzero(trips.first >= 0), strict=True):
        approved = staff.stay_declared[i] if k == 0 else tells[i, k]
        if approved and country[trips.place[i, k]] != country[staff.home[i]]:
            first, last = int(trips.first[i, k]), int(trips.last[i, k])
            say("travel", f"hr/{faces.employees[i]}", "journey (simulated)", first, last + 1)
    return sorted(rows, key=lambda row: (row["kind"], row["subject"], row["since"]))
