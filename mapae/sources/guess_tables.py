"""Guessed tables: which columns of the file fill which columns of a table, and what is added that no file says."""

from __future__ import annotations

from typing import Any

from mapae.rules.kinds import Catalogue
from mapae.rules.tables import Table, TableColumn
from mapae.sources.guess_columns import column, dated, worded
from mapae.sources.guess_content import Content, Profile
from mapae.sources.guess_match import PEOPLE, Fit
from mapae.sources.guess_text import Draft, Entry


def drafts(content: Content, fit: Fit, catalogue: Catalogue, *, employer: str, platform: str) -> list[Draft]:
    """The tables of a guessed mapping, the first of which it is named for.

    Args:
        content: the file.
        fit: the table that it fits.
        catalogue: tables of the contract.
        employer: whose file it is.
        platform: what stands before ids of accounts.
    """
    if fit.table == PEOPLE:
        return People(content, fit, catalogue, employer).drafts()
    return Events(content, fit, catalogue, employer, platform).drafts()


def _joined(fit: Fit, *columns: str) -> list[str]:
    return [fit.columns[c].header for c in columns if c in fit.columns]


class People:
    """A register of people: accounts and employees."""

    def __init__(self, content: Content, fit: Fit, catalogue: Catalogue, employer: str) -> None:
        self.content, self.fit, self.employer = content, fit, employer
        self.accounts, self.employees = catalogue.tables["accounts"], catalogue.tables["employees"]
        self.platform = f"{employer}-hr"

    def drafts(self) -> list[Draft]:
        return [Draft("accounts", self._accounts()), Draft("employees", self._employees())]

    def _entry(self, declared: TableColumn, source: str, doubt: str = "") -> Entry | None:
        profile = self.fit.columns.get(source)
        if profile is None:
            return None
        return column(declared, profile, event=False, doubt=doubt or self.fit.doubtful.get(source, ""))

    def _identity(self) -> tuple[str, str]:
        """Header of the person's number, else of the e-mail, else of the first column in which all differ; a question."""
        for source in ("person_id", "email"):
            if source in self.fit.columns:
                profile = self.fit.columns[source]
                doubt = self.fit.doubtful.get(source, "")
                if source == "email":
                    doubt = (
                        doubt or f"{profile.header}: no column with a person's number was found; may this stand for it?"
                    )
                return profile.header, doubt
        columns = self.content.columns
        profile = next((p for p in columns if p.unique and p.filled == self.content.rows), columns[0])
        return profile.header, f"{profile.header}: is this the number of the person?"

    def _accounts(self) -> list[Entry]:
        header, doubt = self._identity()
        blocking = bool(doubt) and "person_id" not in self.fit.columns and "email" not in self.fit.columns
        table = self.accounts.columns
        made: list[Entry | None] = [
            Entry("account_id", {"value": self.platform, "from": [header], "join": "/"}),
            Entry("platform", {"value": self.platform}),
            Entry("person_id", {"from": header}, doubt, blocking=blocking),
            self._kind(table["kind"], "employee"),
            self._entry(table["email"], "email"),
            self._name(),
            self._entry(table["display_name"], "display_name"),
            self._entry(table["phone"], "phone"),
            self._entry(table["created_at"], "hired_on"),
            *self._claimed(table),
            self._entry(table["claimed_timezone"], "timezone"),
            self._status(table["status"]),
        ]
        return [e for e in made if e is not None]

    def _name(self) -> Entry | None:
        whole = self._entry(self.accounts.columns["legal_name"], "legal_name")
        if whole is not None:
            return whole
        parts = _joined(self.fit, "first_name", "middle_name", "last_name")
        return Entry("legal_name", {"from": parts, "join": " "}) if parts else None

    def _kind(self, declared: TableColumn, otherwise: str) -> Entry:
        profile = self.fit.columns.get("worker_type")
        if profile is None:
            return Entry(declared.name, {"value": otherwise})
        made = worded(declared, profile)
        return Entry(declared.name, {"value": otherwise}) if made.off else made

    def _status(self, declared: TableColumn) -> Entry | None:
        profile = self.fit.columns.get("status")
        made = worded(declared, profile) if profile is not None else None
        return None if made is None or made.off else Entry(made.column, made.verbs)

    def _claimed(self, table: dict[str, TableColumn]) -> list[Entry | None]:
        """Where people say they work: the place of work; what may be the home or the office is asked about."""
        made: list[Entry | None] = []
        asked = False
        for name in ("country", "region", "city"):
            declared = table[f"claimed_{name}"]
            if f"work_{name}" in self.fit.columns:
                made.append(self._entry(declared, f"work_{name}"))
                continue
            source = next((s for s in (f"any_{name}", f"home_{name}") if s in self.fit.columns), "")
            if not source:
                made.append(None)
                continue
            header = self.fit.columns[source].header
            question = f"{header}: is that where they work?"
            entry = column(declared, self.fit.columns[source], event=False)
            made.append(Entry(entry.column, entry.verbs, question, off=True))
            asked = True
        if asked:  # one question is enough for a place: the others follow it
            last = max(i for i, e in enumerate(made) if e is not None and e.off)
            for i, entry_ in enumerate(made):
                if entry_ is not None and entry_.off and i != last:
                    made[i] = Entry(entry_.column, entry_.verbs, "", off=True)
        return made

    def _employees(self) -> list[Entry]:
        header, _ = self._identity()
        table = self.employees.columns
        made: list[Entry | None] = [
            Entry("person_id", {"from": header}),
            Entry("employer_id", {"value": self.employer}),
            self._kind(table["worker_type"], "employee"),
            self._entry(table["hired_on"], "hired_on"),
            self._entry(table["left_on"], "left_on"),
            self._entry(table["job_title"], "job_title"),
            self._entry(table["work_country"], "work_country"),
            self._entry(table["work_city"], "work_city"),
            self._home(),
            self._entry(table["home_city"], "home_city"),
            self._entry(table["home_region"], "home_region"),
            self._entry(table["home_country"], "home_country"),
            *(self._any(table[f"home_{n}"], f"any_{n}") for n in ("city", "region", "country") if self._bare(n)),
            self._entry(table["vendor"], "vendor"),
            *(self._entry(table[n], n) for n in ("manager_id", "recruiter_id", "referrer_id", "pay_destination_id")),
            self._entry(table["access_level"], "access_level"),
        ]
        return [e for e in [*made, *self._nameless()] if e is not None]

    def _bare(self, name: str) -> bool:
        """Whether only a word such as City says a place, without home or work."""
        return f"any_{name}" in self.fit.columns and f"home_{name}" not in self.fit.columns

    def _any(self, declared: TableColumn, source: str) -> Entry:
        entry = column(declared, self.fit.columns[source], event=False)
        return Entry(entry.column, entry.verbs, "", off=True)

    def _home(self) -> Entry | None:
        whole = self._entry(self.employees.columns["home_address"], "home_address")
        if whole is not None and "home_street" not in self.fit.columns:
            return whole
        parts = _joined(self.fit, "home_street", "home_street2", "home_city", "home_region", "home_zip")
        if "home_street" in self.fit.columns:
            return Entry("home_address", {"from": parts, "join": ", "})
        parts = _joined(self.fit, "any_street", "any_city", "any_region", "any_zip")
        if "any_street" not in self.fit.columns:
            return None
        question = f"{parts[0]}: is that their home?"
        return Entry("home_address", {"from": parts, "join": ", "}, question, off=True)

    def _nameless(self) -> list[Entry]:
        """Columns without a header: days and running text, each asked about."""
        if self.content.header:
            return []
        made = []
        for profile in self.content.columns:
            found = profile.days.found(named=False)
            if found is not None:
                entry = dated(self.employees.columns["hired_on"], profile, event=False)
                example = next(iter(profile.words), "")
                question = f"{profile.header}: is that the first day of work? ({example})"
                made.append(Entry("hired_on", entry.verbs, question, off=True))
            elif profile.many and not profile.counts and sum(" " in w for w in profile.words) * 2 > len(profile.words):
                question = f"{profile.header}: is that the job, or a name?"
                made.append(Entry("job_title", {"from": profile.header}, question, off=True))
        return made


class Events:
    """A file of events: sign-ins, applications, shipments, payouts and others; with the accounts that their e-mails name."""

    def __init__(self, content: Content, fit: Fit, catalogue: Catalogue, employer: str, platform: str) -> None:
        self.content, self.fit, self.employer, self.platform = content, fit, employer, platform
        self.table: Table = catalogue.tables[fit.table]
        self.catalogue = catalogue

    def drafts(self) -> list[Draft]:
        made = [Draft(self.table.name, self._entries())]
        account = self._account()
        if account is not None and "email" in self.fit.columns and self.table.name != "references_given":
            made.append(Draft("accounts", self._accounts(account)))
        return made

    def _account(self) -> Entry | None:
        """The account: by the sender's id, else by the e-mail."""
        for source in ("account_id", "candidate_id", "email"):
            if source in self.fit.columns and "account_id" in self.table.columns:
                doubt = self.fit.doubtful.get(source, "")
                header = self.fit.columns[source].header
                return Entry("account_id", {"value": self.platform, "from": [header], "join": "/"}, doubt)
        return None

    def _accounts(self, account: Entry) -> list[Entry]:
        declared = self.catalogue.tables["accounts"].columns
        made = [Entry("account_id", account.verbs), Entry("platform", {"value": self.platform})]
        if self.table.name == "applications":
            made.append(Entry("kind", {"value": "applicant"}))
        made.append(column(declared["email"], self.fit.columns["email"], event=False))
        name = self._name("legal_name") if self.table.name == "applications" else None
        return [*made, name] if name is not None else made

    def _name(self, column_name: str) -> Entry | None:
        if "applicant_name" in self.fit.columns:
            return Entry(column_name, {"from": self.fit.columns["applicant_name"].header})
        parts = _joined(self.fit, "first_name", "last_name")
        return Entry(column_name, {"from": parts, "join": " "}) if parts else None

    def _entries(self) -> list[Entry]:
        made = []
        for name, declared in self.table.columns.items():
            entry = self._special(name) or self._found(declared)
            if entry is not None:
                made.append(entry)
        have = {e.column for e in made if not e.off}
        for group in self.table.one_of:
            if not have & set(group):
                profile = next((e for e in made if e.column in group), None)
                question = profile.question if profile else f"which column holds {' or '.join(group)}?"
                made = [e for e in made if e.column != group[0]]
                made.append(Entry(group[0], {"value": ""}, question, blocking=True))
        return made

    def _special(self, name: str) -> Entry | None:
        """Columns that are made of several, or of none."""
        if name == "employer_id" and self.table.columns[name].req:
            return Entry(name, {"value": self.employer})
        if name == "account_id":
            return self._account()
        if name == "applicant_name":
            return self._name(name)
        if name == "ship_to_address" and "ship_to_street" in self.fit.columns:
            parts = _joined(self.fit, "ship_to_street", "ship_to_city", "ship_to_region", "ship_to_zip")
            return Entry(name, {"from": parts, "join": ", "})
        if name == "kind" and self.table.name == "endpoint_facts":
            return Entry(name, {"value": "usb" if "vendor_id" in self.fit.columns else "software"})
        if name == "fact_id" and "product" in self.fit.columns:
            return Entry(
                name,
                {
                    "from": _joined(self.fit, "device_id", "account_id", "product", "version", "happened_at"),
                    "join": "/",
                },
            )
        if name == "application_id" and name not in self.fit.columns:
            parts = _joined(self.fit, "email", "candidate_id", "job_id", "happened_at")
            return Entry(name, {"from": parts, "join": "/"}) if parts else None
        if name == "shipment_id" and name not in self.fit.columns and "tracking_number" in self.fit.columns:
            return Entry(name, {"from": self.fit.columns["tracking_number"].header})
        return None

    def _found(self, declared: TableColumn) -> Entry | None:
        profile: Profile | None = self.fit.columns.get(declared.name)
        if profile is not None:
            doubt = self.fit.doubtful.get(declared.name, "")
            made = column(declared, profile, event=self.table.kind == "event", doubt=doubt)
            if not (made.off and declared.req):
                return made
        if not declared.req or declared.default is not None:
            return made if profile is not None else None
        verbs: dict[str, Any] = {"value": ""}
        if declared.type == "time":
            question = (
                "which column says when? Where none does, write the day of the file, as value: 2026-03-04T00:00:00Z"
            )
        else:
            question = f"which column holds {declared.name} ({declared.says})?"
        return Entry(declared.name, verbs, question, blocking=True)
