"""The United Nations Security Council's consolidated list (XML) as statements, one record per individual or entity."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from pathlib import Path
from typing import Any

from lxml import etree

from mapae.model.dates import DateRange, parse_partial
from mapae.model.errors import InputRefused
from mapae.rules.kinds import ListRule
from mapae.sources import xml
from mapae.sources.countries import country_code
from mapae.sources.date_ranges import prefixes, written
from mapae.sources.ofac_advanced import assertions
from mapae.sources.reading import Counts
from mapae.sources.statement_rows import ListReading, Statements, tidy

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# First word of a letter's Unicode name to its ISO 15924 script, for the scripts that the list uses.
_SCRIPTS = {
    "ARABIC": "Arab",
    "CYRILLIC": "Cyrl",
    "HANGUL": "Hang",
    "CJK": "Hani",
    "LATIN": "Latn",
    "GREEK": "Grek",
    "BENGALI": "Beng",
}


def read(path: Path, rule: ListRule, source16: str) -> ListReading:
    """Read the whole file.

    Args:
        path: the file, packed or plain.
        rule: the list's rule (``format: un``).
        source16: first 16 hex digits of the source's SHA-256.

    Returns:
        ``tables["statements"]``: record batches of statements; ``tables["rejected/statements"]``: entries that
        could not be kept. Figures: parties, names, nexus, ``kind:…``, ``program:…``.

    Raises:
        InputRefused: the file is dangerous, damaged, cut short, or has no date or no entry.
    """
    made = _Reader(path, rule, source16)
    return made.read()


def script_of(text: str) -> str:
    """ISO 15924 code of a text's first letter, "" for none or one that the list does not use."""
    letter = next((c for c in text if c.isalpha()), "")
    return _SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0], "") if letter else ""


class _Reader:
    def __init__(self, path: Path, rule: ListRule, source16: str) -> None:
        self.path, self.rule, self.source16 = path, rule, source16
        self.data: Any = rule.data
        self.out = Statements(str(rule.data["dataset"]), source16)
        self.counts, self.figures = Counts(), {"parties": 0, "names": 0, "nexus": 0}
        self.known: set[str] = set()
        self.generated: dt.date | None = None

    def read(self) -> ListReading:
        for name, element in xml.elements(self.path, tuple(self.data["party_kinds"])):
            if self.generated is None:
                self._date(element)
            self.counts.read += 1
            kept = self._party(element, str(self.data["party_kinds"][name]), self.counts.read)
            self.counts.kept += kept
            self.counts.rejected += not kept
        if self.generated is None or not self.known:
            raise InputRefused(
                f"{self.path.name} is no list of the United Nations Security Council.",
                where=str(self.path),
                why="There is not one individual or entity in it.",
                do="Fetch the list again from its publisher.",
            )
        batches = self.out.batches()
        return ListReading(
            tables={
                "statements": batches,
                "rejected/statements": self.out.refused(),
            },
            counts=self.counts,
            dataset=self.out.dataset,
            snapshot=self.generated,
            notes=assertions(self.rule, self.figures),
            figures=dict(sorted(self.figures.items())),
        )

    def _date(self, element: etree._Element) -> None:
        top = element.getroottree().getroot().get("dateGenerated", "")
        found = _DAY.match(top)
        try:
            self.generated = dt.date.fromisoformat(found[0]) if found else None
        except ValueError:
            self.generated = None
        if self.generated is None:
            raise InputRefused(
                f"{self.path.name} does not say of which day it is.",
                where=f"{self.path}, attribute dateGenerated",
                why=f"A snapshot is known by its day, and {top!r} is none.",
                do="Fetch the list again from its publisher.",
            )
        self.out.seen = self.generated.isoformat()

    def _party(self, element: etree._Element, schema: str, row: int) -> bool:
        number = tidy(element.findtext("DATAID"))
        name = " ".join(part for tag in self.data["name_parts"] if (part := tidy(element.findtext(tag))))
        if not number.isdigit() or not name or number in self.known:
            why = (
                "Two entries have this DATAID; the first stays."
                if number in self.known
                else "An entry without a number or a name."
            )
            self.out.refuse(row, "DATAID", why, f"{number} {name}".strip())
            return False
        self.known.add(number)
        entity = f"{self.data['prefix']}-{number}"
        self.figures["parties"] += 1
        self.figures[f"kind:{schema}"] = self.figures.get(f"kind:{schema}", 0) + 1
        self._names(entity, schema, name, element, row)
        self._facts(entity, schema, element, row)
        for kind in ("INDIVIDUAL", "ENTITY"):
            for i, address in enumerate(element.iterfind(f"{kind}_ADDRESS")):
                self._address(entity, schema, address, i, row)
            for i, document in enumerate(element.iterfind(f"{kind}_DOCUMENT")):
                self._document(entity, document, i, row)
        self._sanction(entity, schema, element, row)
        return True

    def _names(self, entity: str, schema: str, name: str, element: etree._Element, row: int) -> None:
        add = self.out.add
        add(entity, schema, "name", name, row, origin=f"primary/name/{script_of(name)}")
        self.figures["names"] += 1
        if schema != "Person" and ";" in name:
            for part in name.split(";"):
                add(entity, schema, "alias", tidy(part), row, original=name, origin="strong/name/Latn")
        if original := tidy(element.findtext("NAME_ORIGINAL_SCRIPT")):
            add(entity, schema, "name", original, row, origin=f"primary/original/{script_of(original)}")
            self.figures["names"] += 1
        for kind in ("INDIVIDUAL", "ENTITY"):
            for alias in element.iterfind(f"{kind}_ALIAS"):
                text, note = tidy(alias.findtext("ALIAS_NAME")), tidy(alias.findtext("NOTE"))
                if text:
                    quality = tidy(alias.findtext("QUALITY"))
                    as_ = self.data["alias_kinds"].get(quality, {"prop": "alias", "quality": "strong", "kind": "aka"})
                    prop, kind_ = as_["prop"], as_["kind"]
                    if note.rstrip(" .").lower() in self.data["former_words"]:
                        prop, kind_ = ("previousName" if prop == "alias" else prop), "fka"
                    add(entity, schema, prop, text, row, origin=f"{as_['quality']}/{kind_}/{script_of(text)}")
                    self.figures["names"] += 1
                if note and note.rstrip(" .").lower() not in self.data["former_words"]:
                    add(
                        entity,
                        schema,
                        "notes",
                        f"Alias {text}: {note}" if text else f"Alias: {note}",
                        row,
                        origin="alias",
                    )
                if schema == "Person":
                    self._days(entity, tidy(alias.findtext("DATE_OF_BIRTH")), "alias", row)
                    self._birth_place(entity, alias, ("CITY_OF_BIRTH", "COUNTRY_OF_BIRTH"), "alias", row)

    def _facts(self, entity: str, schema: str, element: etree._Element, row: int) -> None:
        add = self.out.add
        add(entity, schema, "topics", "sanction", row)
        add(entity, schema, "sourceUrl", str(self.data["entry_address"]), row)
        add(entity, schema, "notes", tidy(element.findtext("COMMENTS1")), row, origin="COMMENTS1")
        if schema != "Person":
            return
        add(entity, schema, "gender", self.data["genders"].get(tidy(element.findtext("GENDER")), ""), row)
        for tag, prop in (("TITLE", "title"), ("DESIGNATION", "position")):
            for value in element.iterfind(f"{tag}/VALUE"):
                add(entity, schema, prop, tidy(value.text), row, origin=tag)
        for value in element.iterfind("NATIONALITY/VALUE"):
            text = tidy(value.text)
            if code := country_code(text):
                add(entity, schema, "nationality", code, row, original=text, origin="NATIONALITY")
            elif text:
                add(entity, schema, "notes", f"Nationality: {text}", row, origin="NATIONALITY")
        for birth in element.iterfind("INDIVIDUAL_DATE_OF_BIRTH"):
            self._birth(entity, birth, row)
        for place in element.iterfind("INDIVIDUAL_PLACE_OF_BIRTH"):
            self._birth_place(entity, place, ("STREET", "CITY", "STATE_PROVINCE", "COUNTRY", "NOTE"), "", row)

    def _birth(self, entity: str, birth: etree._Element, row: int) -> None:
        kind, note = tidy(birth.findtext("TYPE_OF_DATE")).upper(), tidy(birth.findtext("NOTE"))
        text = {tag: tidy(birth.findtext(tag)) for tag in ("DATE", "YEAR", "FROM_YEAR", "TO_YEAR")}
        origin = {"BETWEEN": "between", "APPROXIMATELY": "circa"}.get(kind, "exact")
        if text["FROM_YEAR"] or text["TO_YEAR"]:
            self._days(
                entity,
                "/".join((text["FROM_YEAR"] or text["TO_YEAR"], text["TO_YEAR"] or text["FROM_YEAR"])),
                origin,
                row,
            )
        else:
            self._days(entity, (text["DATE"] or text["YEAR"])[:10], origin, row)
        if note and note != "Approximately":
            self.out.add(entity, "Person", "notes", f"Date of birth: {note}", row, origin="INDIVIDUAL_DATE_OF_BIRTH")

    def _days(self, entity: str, text: str, origin: str, row: int) -> None:
        if not text:
            return
        try:
            first, _, last = text.partition("/")
            days = DateRange(parse_partial(first).since, parse_partial(last or first).until)
            assert days.since and days.until
            values = prefixes(days.since, days.until)
        except ValueError:
            values = []
        if not values:
            self.out.add(entity, "Person", "notes", f"Date of birth: {text}", row, origin=origin)
        for value in values:
            self.out.add(
                entity,
                "Person",
                "birthDate",
                value,
                row,
                original=written(days) if len(values) > 1 else text,
                origin=origin,
            )

    def _birth_place(self, entity: str, element: etree._Element, tags: tuple[str, ...], origin: str, row: int) -> None:
        parts = [part for tag in tags if (part := tidy(element.findtext(tag)))]
        country = next((tidy(element.findtext(tag)) for tag in tags if tag.startswith("COUNTRY")), "")
        self.out.add(entity, "Person", "birthPlace", ", ".join(parts), row, origin=origin)
        self.out.add(entity, "Person", "birthCountry", country_code(country), row, original=country, origin=origin)

    def _address(self, entity: str, schema: str, element: etree._Element, i: int, row: int) -> None:
        add, wanted = self.out.add, self.data["address_parts"]
        parts = {tag: text for tag in wanted if (text := tidy(element.findtext(tag)))}
        country, note = tidy(element.findtext("COUNTRY")), tidy(element.findtext("NOTE"))
        code = country_code(country)
        add(entity, schema, "country", code, row, original=country, origin="address")
        if not parts and not note and code:
            return
        full = ", ".join([*parts.values(), *([country] if country else [])])
        if not full:
            add(entity, schema, "notes", f"Address: {note}" if note else "", row, origin="address")
            return
        address = f"{entity}-address-{hashlib.sha256((full + '|' + note).encode()).hexdigest()[:8]}"
        add(entity, schema, "address", full, row, origin=note)
        add(entity, schema, "addressEntity", address, row)
        add(address, "Address", "full", full, row)
        for tag, text in parts.items():
            add(address, "Address", wanted[tag], text, row)
        add(address, "Address", "country", code, row, original=country)
        add(address, "Address", "remarks", note, row)

    def _document(self, entity: str, element: etree._Element, i: int, row: int) -> None:
        add = self.out.add
        kind, second = tidy(element.findtext("TYPE_OF_DOCUMENT")), tidy(element.findtext("TYPE_OF_DOCUMENT2"))
        number, note = tidy(element.findtext("NUMBER")), tidy(element.findtext("NOTE"))
        if not number:
            text = ": ".join(t for t in (second or kind, note) if t)
            add(entity, "Person", "notes", text if note else "", row, origin="INDIVIDUAL_DOCUMENT")
            return
        words = f"{kind} {second}".lower()
        prop = next((p for word, p in self.data["document_words"].items() if word in words), "idNumber")
        schema = "Passport" if prop == "passportNumber" else "Identification"
        add(entity, "Person", prop, number, row, origin=second or kind)
        paper = f"{entity}-document-{hashlib.sha256(f'{kind}|{number}'.encode()).hexdigest()[:8]}"
        add(paper, schema, "holder", entity, row)
        add(paper, schema, "number", number, row)
        add(paper, schema, "type", second or kind, row)
        for tag in ("ISSUING_COUNTRY", "COUNTRY_OF_ISSUE"):
            text = tidy(element.findtext(tag))
            add(paper, schema, "country", country_code(text), row, original=text, origin=tag)
        add(paper, schema, "authority", tidy(element.findtext("CITY_OF_ISSUE")), row)
        issued = tidy(element.findtext("DATE_OF_ISSUE"))[:10]
        add(paper, schema, "startDate", issued if self._is_day(issued) else "", row)
        add(paper, schema, "summary", note, row)

    @staticmethod
    def _is_day(text: str) -> bool:
        try:
            parse_partial(text)
        except ValueError:
            return False
        return True

    def _sanction(self, entity: str, schema: str, element: etree._Element, row: int) -> None:
        add, entry = self.out.add, f"{entity}-sanction"
        tag, reference = tidy(element.findtext("UN_LIST_TYPE")), tidy(element.findtext("REFERENCE_NUMBER"))
        add(entry, "Sanction", "entity", entity, row)
        add(entry, "Sanction", "authority", str(self.data["publisher"]), row)
        add(entry, "Sanction", "program", tag, row)
        add(entry, "Sanction", "programId", tag, row)
        add(entity, schema, "programId", tag, row)
        add(entry, "Sanction", "unscId", reference, row, origin="REFERENCE_NUMBER")
        add(entry, "Sanction", "recordId", reference, row, origin="REFERENCE_NUMBER")
        listed = tidy(element.findtext("LISTED_ON"))[:10]
        if self._is_day(listed):
            add(entry, "Sanction", "listingDate", listed, row)
            add(entry, "Sanction", "startDate", listed, row)
        for value in element.iterfind("LAST_DAY_UPDATED/VALUE"):
            day = tidy(value.text)[:10]
            add(entry, "Sanction", "modifiedAt", day if self._is_day(day) else "", row)
        for value in element.iterfind("LIST_TYPE/VALUE"):
            add(entry, "Sanction", "summary", tidy(value.text), row, origin="LIST_TYPE")
        submitted = tidy(element.findtext("SUBMITTED_BY"))
        add(entry, "Sanction", "description", f"submitted by {submitted}" if submitted else "", row)
        self.figures[f"program:{tag}"] = self.figures.get(f"program:{tag}", 0) + 1
        self.figures["nexus"] += tag in self.data["nexus_programs"]
