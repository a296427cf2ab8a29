"""What stands before the parties in OFAC's ADVANCED_XML: reference values, places and documents, kept by their ids."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from lxml import etree

from mapae.model.dates import DateRange
from mapae.sources.date_ranges import day
from mapae.sources.statement_rows import tidy


class Part(NamedTuple):
    """One line of an address: its kind (``CITY``), text, and script where it is not the main one."""

    kind: str
    text: str
    script: str


class Place(NamedTuple):
    """A location: country as named, area code as named, lines."""

    country: str
    parts: tuple[Part, ...]


class Document(NamedTuple):
    """An identity document or registration of a party."""

    id: str
    kind: str
    number: str
    country: str
    authority: str
    comment: str
    validity: str
    dates: tuple[tuple[str, DateRange], ...]


class Reference:
    """Reference values, places and documents of one file.

    Args:
        namespace: of the file's elements, in braces.
    """

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.values: dict[str, dict[str, str]] = {}
        self.scripts: dict[str, str] = {}
        self.places: dict[str, Place] = {}
        self.documents: dict[str, list[Document]] = {}

    def name(self, element: etree._Element) -> str:
        """An element's name without its namespace."""
        return str(element.tag)[len(self.namespace) :]

    def value(self, kind: str, id: str | None) -> str:
        """Text of a reference value, "" where the file has none of that id."""
        return self.values.get(kind, {}).get(id or "", "")

    def text(self, element: etree._Element, child: str) -> str:
        """Tidy text of a child element, "" for none."""
        return tidy(element.findtext(self.namespace + child))

    def add_values(self, element: etree._Element) -> None:
        """Take in the element ``ReferenceValueSets``."""
        for kind in element:
            for value in kind:
                name = self.name(value)
                self.values.setdefault(name, {})[value.get("ID", "")] = tidy(value.text)
                if name == "Script":
                    self.scripts[value.get("ID", "")] = value.get("ScriptCode", "")
                if name == "AreaCode" and value.get("Description"):
                    self.values.setdefault("Area", {})[value.get("ID", "")] = tidy(value.get("Description"))

    def add_place(self, element: etree._Element) -> None:
        """Take in an element ``Location``."""
        country = area = ""
        parts: list[Part] = []
        for child in element:
            name = self.name(child)
            if name == "LocationCountry":
                country = self.value("Country", child.get("CountryID"))
            elif name == "LocationAreaCode":
                area = self.value("Area", child.get("AreaCodeID"))
            elif name == "LocationPart":
                kind = self.value("LocPartType", child.get("LocPartTypeID"))
                for value in child:
                    script = "" if value.get("Primary") == "true" else self.text(value, "Comment") or "other"
                    if text := self.text(value, "Value"):
                        parts.append(Part(kind, text, script))
        self.places[element.get("ID", "")] = Place(country or area, tuple(parts))

    def add_document(self, element: etree._Element) -> None:
        """Take in an element ``IDRegDocument``."""
        dates = []
        for child in element.iterfind(self.namespace + "DocumentDate"):
            days = self.period(child)
            if days is not None:
                dates.append((self.value("IDRegDocDateType", child.get("IDRegDocDateTypeID")), days))
        made = Document(
            id=element.get("ID", ""),
            kind=self.value("IDRegDocType", element.get("IDRegDocTypeID")),
            number=self.text(element, "IDRegistrationNo"),
            country=self.value("Country", element.get("IssuedBy-CountryID")),
            authority=self.text(element, "IssuingAuthority"),
            comment=self.text(element, "Comment"),
            validity=self.value("Validity", element.get("ValidityID")),
            dates=tuple(dates),
        )
        self.documents.setdefault(element.get("IdentityID", ""), []).append(made)

    def date(self, element: etree._Element | None) -> dt.date | None:
        """A day from ``Year``, ``Month`` and ``Day`` below an element; None for none or for no day of the calendar."""
        if element is None:
            return None
        try:
            return day(*(element.findtext(self.namespace + part) for part in ("Year", "Month", "Day")))
        except (ValueError, OverflowError):
            return None

    def period(self, element: etree._Element) -> DateRange | None:
        """First and last possible day of the ``DatePeriod`` below an element; None for none that can be understood."""
        found = element.find(self.namespace + "DatePeriod")
        if found is None or not len(found):
            return None
        start, end = found.find(self.namespace + "Start"), found.find(self.namespace + "End")
        since = self.date(start.find(self.namespace + "From")) if start is not None else None
        until = self.date(end.find(self.namespace + "To")) if end is not None else None
        if (since is None and until is None) or (since and until and until < since):
            return None
        return DateRange(since, until)

    def circa(self, element: etree._Element) -> bool:
        """Whether the ``DatePeriod`` below an element is marked approximate ("circa" in OFAC's other formats)."""
        starts = element.iter(self.namespace + "Start", self.namespace + "End")
        return any(bound.get("Approximate") == "true" for bound in starts)
