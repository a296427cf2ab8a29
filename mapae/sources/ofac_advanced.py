"""OFAC's ADVANCED_XML (the SDN list and its sisters) as statements.

The file has four kinds of records, numbered in one row in the order of the file: parties, relations between
them, and the entries that say since when and under which programme a party is listed. Reference values, places
and documents before them are folded into the party that they belong to.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from lxml import etree

from mapae.model.dates import DateRange
from mapae.model.errors import InputRefused
from mapae.rules.kinds import ListRule
from mapae.sources import xml
from mapae.sources.ofac_party import Parties
from mapae.sources.ofac_reference import Reference
from mapae.sources.reading import Counts
from mapae.sources.schemata import is_a, properties
from mapae.sources.statement_rows import ListReading, Statements, iso, tidy

_NAMES = (
    "DateOfIssue",
    "ReferenceValueSets",
    "Location",
    "IDRegDocument",
    "DistinctParty",
    "ProfileRelationship",
    "SanctionsEntry",
)
# What the publisher calls a measure that is a programme's tag, and a relation's quality that says nothing.
_PROGRAM, _NO_QUALITY = "Program", {"", "Unknown", "on OFAC's SDN list:"}
# Which schema an end of a relation must be for the relation to be more than an UnknownLink.
_ENDS = {
    "asset": "Asset",
    "owner": "LegalEntity",
    "agent": "LegalEntity",
    "client": "LegalEntity",
    "director": "LegalEntity",
    "organization": "Organization",
    "person": "Person",
    "relative": "Person",
    "associate": "Person",
}


def read(path: Path, rule: ListRule, source16: str) -> ListReading:
    """Read the whole file.

    Args:
        path: the file, packed or plain.
        rule: the list's rule (``format: ofac_advanced``).
        source16: first 16 hex digits of the source's SHA-256.

    Returns:
        ``tables["statements"]``: record batches of statements; ``tables["rejected/statements"]``: records that
        could not be kept. Counts are of records. Figures: parties, names, wallets, nexus, ``kind:…``, ``program:…``.

    Raises:
        InputRefused: the file is dangerous, damaged, cut short, or has no date or no party.
    """
    return _Reader(path, rule, source16).read()


class _Reader:
    def __init__(self, path: Path, rule: ListRule, source16: str) -> None:
        self.path, self.rule, self.source16 = path, rule, source16
        self.out = Statements(str(rule.data["dataset"]), source16)
        self.reference = Reference("")
        self.parties = Parties(rule, self.reference, self.out)
        self.issued: dt.date | None = None
        self.counts = Counts()
        self.programs: dict[str, set[str]] = {}

    def read(self) -> ListReading:
        ref = self.reference
        for name, element in xml.elements(self.path, _NAMES):
            ref.namespace = ref.namespace or str(element.tag)[: -len(name)]
            if name == "DistinctParty":
                self._count(self.parties.add(element, self.counts.read + 1))
            elif name == "Location":
                ref.add_place(element)
            elif name == "IDRegDocument":
                ref.add_document(element)
            elif name == "ProfileRelationship":
                self._count(self._relation(element, self.counts.read + 1))
            elif name == "SanctionsEntry":
                self._count(self._entry(element, self.counts.read + 1))
            elif name == "ReferenceValueSets":
                ref.add_values(element)
            else:
                self.issued = ref.date(element)
                self.out.seen = iso(self.issued)
        if self.issued is None or not self.parties.schema:
            raise InputRefused(
                f"{self.path.name} is no list of OFAC's.",
                where=str(self.path),
                why="It has no date of issue." if self.issued is None else "There is not one party in it.",
                do="Fetch the list again from its publisher.",
            )
        return self._reading()

    def _reading(self) -> ListReading:
        figures = dict(self.parties.figures)
        for tags in self.programs.values():
            for tag in tags:
                figures[f"program:{tag}"] = figures.get(f"program:{tag}", 0) + 1
        nexus = set(self.rule.data["nexus_programs"])
        for party in sorted(party for party, tags in self.programs.items() if tags & nexus):
            for figure in ("nexus", f"nexus:{self.parties.schema[party]}"):
                figures[figure] = figures.get(figure, 0) + 1
        companies = dict.fromkeys(sorted(self.parties.companies), "Company")
        batches = self.out.batches(companies)
        return ListReading(
            tables={
                "statements": batches,
                "rejected/statements": self.out.refused(),
            },
            counts=self.counts,
            dataset=self.out.dataset,
            snapshot=self.issued,
            notes=assertions(self.rule, figures)
            + [f"party {fixed} has no name; its other facts are kept" for fixed in self.parties.nameless],
            figures=dict(sorted(figures.items())),
        )

    def _count(self, kept: bool) -> None:
        self.counts.read += 1
        self.counts.kept += kept
        self.counts.rejected += not kept

    def _relation(self, element: etree._Element, row: int) -> bool:
        ref, schema_of = self.reference, self.parties.schema
        kind = ref.value("RelationType", element.get("RelationTypeID"))
        first = self.parties.entity.get(element.get("From-ProfileID", ""))
        second = self.parties.entity.get(element.get("To-ProfileID", ""))
        if first is None or second is None or first == second:
            ends = f"{element.get('From-ProfileID')} {kind} {element.get('To-ProfileID')}"
            self.out.refuse(row, "ProfileRelationship", "A relation of which one end is not in the list.", ends)
            return False
        rule = self.rule.data["relations"].get(kind, {"schema": "UnknownLink", "from": "subject", "to": "object"})
        if not self._fits(rule["from"], first) or not self._fits(rule["to"], second):
            rule = {"schema": "UnknownLink", "from": "subject", "to": "object"}
        for prop, party in ((rule["from"], first), (rule["to"], second)):
            if prop == "asset" and schema_of[party] == "Organization":
                self.parties.companies.add(party)
        schema, link = rule["schema"], f"{self.parties.prefix}-relation-{element.get('ID', '')}"
        add = self.out.add
        add(link, schema, rule["from"], first, row)
        add(link, schema, rule["to"], second, row)
        add(link, schema, "role" if "role" in properties(schema) else "relationship", kind, row)
        add(link, schema, "summary", ref.text(element, "Comment"), row)
        quality = ref.value("RelationQuality", element.get("RelationQualityID"))
        if quality not in _NO_QUALITY:
            add(link, schema, "description", f"quality of the relation: {quality.lower()}", row)
        if element.get("Former") == "true":
            add(link, schema, "description", "former", row)
        days = ref.period(element) or DateRange(None, None)
        add(link, schema, "startDate", iso(days.since), row)
        add(link, schema, "endDate", iso(days.until), row)
        return True

    def _fits(self, end: str, party: str) -> bool:
        schema = self.parties.schema[party]
        return is_a(schema, _ENDS.get(end, "Thing")) or (end == "asset" and schema == "Organization")

    def _entry(self, element: etree._Element, row: int) -> bool:
        ref = self.reference
        party = self.parties.entity.get(element.get("ProfileID", ""))
        if party is None:
            self.out.refuse(
                row, "SanctionsEntry", "An entry of a party that is not in the list.", element.get("ProfileID", "")
            )
            return False
        entry, add = f"{party}-sanction-{element.get('ID', '')}", self.out.add
        add(entry, "Sanction", "entity", party, row)
        add(entry, "Sanction", "authority", str(self.rule.data["publisher"]), row)
        add(entry, "Sanction", "country", str(self.rule.data["country"]), row)
        add(entry, "Sanction", "summary", ref.value("List", element.get("ListID")), row, origin="list")
        listed = []
        for event in element.iterfind(ref.namespace + "EntryEvent"):
            basis = ref.value("LegalBasis", event.get("LegalBasisID"))
            add(entry, "Sanction", "reason", "" if basis == "Unknown" else basis, row, origin="legal basis")
            add(entry, "Sanction", "reason", ref.text(event, "Comment"), row)
            day = ref.date(event.find(ref.namespace + "Date"))
            add(entry, "Sanction", "listingDate", iso(day), row, origin=basis)
            if day:
                listed.append(day)
        add(entry, "Sanction", "startDate", iso(min(listed, default=None)), row)
        for measure in element.iterfind(ref.namespace + "SanctionsMeasure"):
            kind, text = ref.value("SanctionsType", measure.get("SanctionsTypeID")), ref.text(measure, "Comment")
            if kind == _PROGRAM:
                tag = tidy(text)
                add(entry, "Sanction", "program", tag, row)
                add(entry, "Sanction", "programId", tag, row)
                add(party, self.parties.schema[party], "programId", tag, row)
                if tag:
                    self.programs.setdefault(party, set()).add(tag)
            else:
                add(entry, "Sanction", "provisions", f"{kind}: {text}" if text else kind, row)
        return True


def assertions(rule: ListRule, figures: dict[str, int]) -> list[str]:
    """Notes on figures that lie outside what the list's rule expects; none when all is as expected."""
    notes = []
    for figure, bounds in rule.data.get("assertions", {}).items():
        counted, least, most = figures.get(figure, 0), int(bounds["min"]), int(bounds["max"])
        if not least <= counted <= most:
            notes.append(
                f"{rule.id}: {figure} are {counted:,}, and between {least:,} and {most:,} were expected; was the list cut or built anew?"
            )
    return notes
