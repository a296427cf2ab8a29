"""A simulated firm: record tables of a register, sign-ins, second factors, parcels and machines, written person by person.

All records are invented. Each person is a row of the register, a login on it and a login elsewhere that the work e-mail
joins, with a home line, a machine, a telephone as second factor and a parcel, as ordinary as can be; what is not
ordinary of somebody is added afterwards.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from small import Rows, run, write_csv

from mapae.casework import cases
from mapae.casework.cases import Case
from mapae.store import workspace
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace

START = dt.date(2026, 3, 2)
# Days of the log, and those of a working week among them.
DAYS = 88
WORK = [n for n in range(DAYS) if (START + dt.timedelta(days=n)).weekday() < 5]
PLACES = (
    ("Texas", "Austin", "30.27", "-97.74", 20),
    ("Ohio", "Columbus", "39.96", "-83.00", 19),
    ("Oregon", "Portland", "45.52", "-122.68", 22),
    ("Georgia", "Atlanta", "33.75", "-84.39", 19),
    ("Colorado", "Denver", "39.74", "-104.99", 21),
    ("Maine", "Bangor", "44.80", "-68.77", 19),
)
MAIL = "acme-example.com"

# Changes the rows of all tables before they are written.
Change = Callable[[dict[str, Rows]], None]


def instant(day: int, hour: int = 15, minute: int = 0) -> str:
    """A moment so many days after the log begins, UTC."""
    return f"{START + dt.timedelta(days=day)}T{hour % 24:02d}:{minute:02d}:00Z"


class Firm:
    """Rows of all tables. ``people`` are all that somebody has been added as, in order."""

    def __init__(self, seed: int = 7) -> None:
        self.rows: dict[str, Rows] = {}
        self.people: list[str] = []
        self.towns: list[int] = []
        self.chance = np.random.default_rng(seed)

    def add(self, table: str, **row: str) -> None:
        self.rows.setdefault(table, []).append(row)

    def person(self, name: str, *, works: bool = True, place: int = -1, **told: str) -> None:
        """Somebody ordinary.

        Args:
            name: of the e-mail, by which tests know the person.
            works: with sign-ins from home on most working days.
            place: number of the town; any where negative.
            told: columns of the register, the login on it, or the machine (``own_machine``) that differ.
        """
        n = len(self.people)
        self.people.append(name)
        self.towns.append(place if place >= 0 else n % len(PLACES))
        region, city, *_ = PLACES[self.towns[n]]
        email = f"{name}@{MAIL}"
        hired = START - dt.timedelta(days=int(self.chance.integers(100, 2_000)))
        home = told.get("home_address", f"{100 + n} Elm Street, {city}, {region}")
        country = told.get("home_country", "US")
        shown = {"email": email, "display_name": name.replace("_", " "), "legal_name": f"{name} person", "nationality_declared": "US",
                 "date_of_birth": f"19{60 + n % 40}-04-05"}  # fmt: skip
        claimed = {"claimed_country": told.get("work_country", country), "phone": told.get("phone", f"+1202555{1000 + n:04d}"), "kind": told.get("kind", "employee"),
                   "photo_phash": told.get("photo_phash", f"{n * 2654435761 % 2**63:016x}"), "profile_text": told.get("profile_text", f"builds things of kind {n}"),
                   "id_document_number": told.get("id_document_number", f"P{100000 + n}"), "id_document_country": told.get("papers", "US")}  # fmt: skip
        self.add("accounts", account_id=f"acme-hr/{n}", platform="acme-hr", person_id=f"E{n:04d}", **shown, **claimed)
        self.add("accounts", account_id=f"okta/{n}", platform="okta", **shown)
        self.add("employees", person_id=f"E{n:04d}", employer_id="acme", worker_type=told.get("worker_type", "employee"),
                 hired_on=told.get("hired_on", str(hired)), work_country=claimed["claimed_country"], home_address=home, home_city=told.get("home_city", city),
                 home_region=told.get("home_region", region), home_country=country, vendor=told.get("vendor", ""), referrer_id=told.get("referrer_id", ""),
                 pay_destination_id=told.get("pay", f"bank-{n}"))  # fmt: skip
        self.add("authenticators", account_id=f"okta/{n}", happened_at=f"{hired}T16:00:00Z", kind="push", authenticator_id=told.get("factor", f"phone-{n}"))  # fmt: skip
        self.add("identity_checks", account_id=f"acme-hr/{n}", happened_at=f"{hired}T10:00:00Z", kind="document", result="passed")  # fmt: skip
        if told.get("own_machine") != "true":
            self.add("equipment", shipment_id=f"S{n}", employer_id="acme", person_id=f"E{n:04d}", happened_at=f"{hired}T12:00:00Z", item="laptop",
                     device_serial=f"serial-{n}", ship_to_address=told.get("ship_to", home), ship_to_city=told.get("ship_city", city), ship_to_region=told.get("ship_region", region),
                     ship_to_country=country, id_document_address=told.get("papers_address", home), redirected=told.get("redirected", "false"))  # fmt: skip
        for day in [] if told.get("own_machine") == "true" else WORK[::8]:
            self.add("endpoint_facts", account_id=f"okta/{n}", device_id=f"m-{n}", happened_at=instant(day, 15), kind="software", product="Slack")  # fmt: skip
            self.add("endpoint_facts", account_id=f"okta/{n}", device_id=f"m-{n}", happened_at=instant(day, 16), kind="place", country=country)  # fmt: skip
        if works:
            self.signs(name, self.most(WORK))

    def number(self, name: str) -> int:
        return self.people.index(name)

    def most(self, days: Iterable[int]) -> list[int]:
        """Four in five of some days."""
        listed = list(days)
        return [day for day, kept in zip(listed, self.chance.random(len(listed)) < 0.8, strict=True) if kept]

    def signs(self, name: str, days: Iterable[int], *, hour: int = 0, line: str = "", **told: str) -> None:
        """Sign-ins on days, from home where nothing else is told; on ``line`` (the name whose home line it is)."""
        n = self.number(name)
        where = self.number(line) if line else n
        region, city, lat, lon, early = PLACES[self.towns[where]]
        if told.get("country", "US") != "US":
            region, city, lat, lon, early = "", "", "", "", 15
        base = {"outcome": "success", "ip": f"45.{100 + where // 250}.{where % 250}.1", "network_kind": "residential", "country": "US", "region": region, "city": city,
                "lat": lat, "lon": lon, "device_id": f"m-{n}", "device_managed": "true", "asn": "64500", "browser_languages": "en-US",
                "remote_control": "false"}  # fmt: skip
        for day in days:
            at = instant(day, hour or early - 5, int(self.chance.integers(0, 60)))
            self.add("sign_ins", account_id=f"okta/{n}", happened_at=at, **(base | told))

    def away(self, name: str, days: Iterable[int], kind: str, country: str, ip: str, **told: str) -> None:
        """Sign-ins that are not from home."""
        self.signs(name, days, network_kind=kind, ip=ip, **({"country": country} | told))

    def software(self, name: str, *products: str, days: Iterable[int] = (30,)) -> None:
        n = self.number(name)
        for day in days:
            for product in products:
                self.add("endpoint_facts", account_id=f"okta/{n}", device_id=f"m-{n}", happened_at=instant(day, 17), kind="software", product=product)  # fmt: skip

    def factor(self, name: str, authenticator: str, day: int = 20) -> None:
        self.add("authenticators", account_id=f"okta/{self.number(name)}", happened_at=instant(day), kind="push", authenticator_id=authenticator)  # fmt: skip

    def meets(self, name: str, days: Iterable[int], **told: str) -> None:
        for day in days:
            self.add("meetings", meeting_id=f"{name}-{day}", account_id=f"okta/{self.number(name)}", happened_at=instant(day, 18), kind="standup",
                     duration_s="1800", **told)  # fmt: skip

    def pays(self, name: str, **told: str) -> None:
        for month in range(3):
            self.add("payouts", account_id=f"acme-hr/{self.number(name)}", happened_at=instant(25 + 30 * month), amount="4000", currency="USD", **told)  # fmt: skip

    def declare(self, kind: str, *names: str, until: str = "", subject: str = "") -> None:
        ids = [f"E{self.number(name):04d}" for name in names]
        first = [subject] if subject else ids[:1]
        self.add("declared", kind=kind, subject=first[0], with_whom=";".join(ids if subject else ids[1:]), since=str(START - dt.timedelta(days=3000)),
                 until=until, approved_by="E0000")  # fmt: skip


def write(folder: Path, firm: Firm, change: Change | None = None) -> Workspace:
    """A workspace of the firm's tables, not yet run."""
    space = workspace.init(folder)
    made = {table: [dict(row) for row in listed] for table, listed in firm.rows.items()}
    if change:
        change(made)
    for table, listed in made.items():
        names = list(dict.fromkeys(name for row in listed for name in row))
        write_csv(space.inputs / f"{table}.csv", [{n: row.get(n, "") for n in names} for row in listed])
    return space


# Of findings: all but when and of which files they were made.
COMPARED = (
    "id",
    "subject",
    "object",
    "rule",
    "verdict",
    "centibits",
    "facts",
    "permille",
    "level",
    "counted",
    "because",
)


def _bare(value: Any) -> str:
    """A value of a finding as text; of the rows of files below it, table and row without the file's hash."""
    return re.sub(r"record:(\w+):[0-9a-f]+:", r"record:\1:", str(value))


class Said:
    """What a run says of each person: the case, and all that may not differ between two runs of the same deeds."""

    def __init__(self, space: Workspace, firm: Firm) -> None:
        run(space)
        with OpenRun.last(space.root) as held:
            self.cases: list[Case] = cases.read(held, least=-(10**6))
            self.persons = {n: f"acme-hr/{i}" for i, n in enumerate(firm.people)}
            self.least = held.space.settings.alerts_least_bits
            by_account = {f"account:{a}": n for n, a in self.persons.items()}
            self.of = {by_account[ref]: case for case in self.cases for ref in case.people if ref in by_account}
            self.who = {case.ref: sorted(by_account.get(r, r) for r in case.people) for case in self.cases}
            self.flags = {
                (by_account.get(r["subject"], r["subject"]), r["rule"])
                for r in held.rows("select subject, rule from flag where verdict = 'yes'")
            }
            self.found: dict[str, list[tuple[Any, ...]]] = {}
            for kind in ("assessment", "flag", "ring", "link"):
                rows = held.rows(f"select * from {kind} order by id")
                self.found[kind] = [tuple(_bare(row.get(column)) for column in COMPARED) for row in rows]
            self.found["answers"] = [tuple(r.values()) for r in held.rows("select * from answers order by account_id")]
            self.found["weights"] = [(held.manifest["weights"],)]

    def rules(self, name: str) -> list[str]:
        return sorted(rule for who, rule in self.flags if who == name)
