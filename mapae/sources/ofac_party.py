"""One party of OFAC's ADVANCED_XML as statements: names, features, documents, addresses, wallets.

What a feature or document becomes is said by the list's YAML (``features``, ``documents``); what it does not
name, or what does not pass its check, is kept as a note in the publisher's words. Nothing is dropped.
"""

from __future__ import annotations

import hashlib
from typing import Any

from lxml import etree

from mapae.rules.kinds import ListRule
from mapae.sources.countries import country_at_end, country_code
from mapae.sources.date_ranges import prefixes, written
from mapae.sources.identifiers import CHECKS
from mapae.sources.ofac_reference import Document, Place, Reference
from mapae.sources.schemata import is_a, properties
from mapae.sources.statement_rows import Statements, iso, tidy

# Scripts whose names are written family name first and without blanks.
_UNSPACED = {"Hang", "Hans", "Hant", "Jpan", "Kore"}


class Parties:
    """Turns party elements into statements and remembers who they were.

    Args:
        rule: the list's rule.
        reference: reference values, places and documents of the same file.
        statements: where statements go.
    """

    def __init__(self, rule: ListRule, reference: Reference, statements: Statements) -> None:
        self.rule, self.reference, self.out = rule, reference, statements
        data = rule.data
        self.prefix = str(data["prefix"])
        self.features: dict[str, dict[str, str]] = data["features"]
        self.documents: dict[str, dict[str, str]] = data["documents"]
        self.kinds: dict[str, str] = data["party_kinds"]
        self.scripts: dict[str, str] = data["scripts"]
        self.aliases: dict[str, str] = data["alias_kinds"]
        self.name_parts: dict[str, str] = data["name_parts"]
        self.companies: set[str] = set()
        self.nameless: list[str] = []
        self.schema: dict[str, str] = {}
        self.entity: dict[str, str] = {}
        self.figures: dict[str, int] = {"parties": 0, "names": 0}

    def add(self, element: etree._Element, row: int) -> bool:
        """Read one ``DistinctParty``.

        Returns:
            Whether it was kept.
        """
        ref, ns = self.reference, self.reference.namespace
        fixed, profile = element.get("FixedRef", ""), element.find(ns + "Profile")
        if not fixed.isdigit() or profile is None:
            self.out.refuse(row, "FixedRef", "A party without a number or profile.", fixed)
            return False
        entity = f"{self.prefix}-{fixed}"
        if entity in self.schema:
            self.out.refuse(row, "FixedRef", "Two parties have this number; the first stays.", fixed)
            return False
        kind = ref.value("PartySubType", profile.get("PartySubTypeID"))
        schema = self._schema(profile.get("PartySubTypeID"), kind)
        self.schema[entity], self.entity[profile.get("ID", "")] = schema, entity
        self.figures["parties"] += 1
        self.figures[f"kind:{schema}"] = self.figures.get(f"kind:{schema}", 0) + 1
        self._put(entity, "topics", "sanction", row)
        self._put(entity, "sourceUrl", str(self.rule.data["entry_address"]).format(id=fixed), row)
        self._put(entity, "notes", ref.text(element, "Comment"), row, origin="Comment")
        named = 0
        for identity in profile.iterfind(ns + "Identity"):
            named += self._names(entity, identity, row)
            for document in ref.documents.get(identity.get("ID", ""), ()):
                self._document(entity, document, row)
        for feature in profile.iterfind(ns + "Feature"):
            name = ref.value("FeatureType", feature.get("FeatureTypeID"))
            for version in feature.iterfind(ns + "FeatureVersion"):
                self._feature(entity, name, version, row)
        self.figures["names"] += named
        if not named:
            self.nameless.append(fixed)
        return True

    def _schema(self, subtype: str | None, kind: str) -> str:
        # The subtypes of people and organisations are both called "Unknown" and told apart by their party type,
        # which stands in an attribute; the YAML names them by id.
        return self.kinds.get(subtype or "", self.kinds.get(kind, "LegalEntity"))

    def _put(self, entity: str, prop: str, value: str, row: int, *, original: str = "", origin: str = "") -> bool:
        """Add a statement about a party; a property of companies makes an organisation a company; else a note."""
        schema = self.schema[entity]
        if not self._has(schema, prop):
            return False
        if prop not in properties(schema):
            self.companies.add(entity)
            schema = "Company"
        return self.out.add(entity, schema, prop, value, row, original=original, origin=origin)

    def _note(self, entity: str, name: str, text: str, row: int) -> None:
        if text:
            self.out.add(entity, self.schema[entity], "notes", f"{name.rstrip(' :-')}: {text}", row, origin=name)

    def _names(self, entity: str, identity: etree._Element, row: int) -> int:
        ref, ns = self.reference, self.reference.namespace
        groups = {
            g.get("ID", ""): ref.value("NamePartType", g.get("NamePartTypeID"))
            for g in identity.iter(ns + "NamePartGroup")
        }
        named = 0
        for alias in identity.iterfind(ns + "Alias"):
            kind = self.aliases.get(ref.value("AliasType", alias.get("AliasTypeID")), "aka")
            primary, weak = alias.get("Primary") == "true", alias.get("LowQuality") == "true"
            quality = "weak" if weak else "primary" if primary else "strong"
            prop = "weakAlias" if weak else "name" if primary else "previousName" if kind == "fka" else "alias"
            for documented in alias.iterfind(ns + "DocumentedName"):
                parts, script = [], ""
                for value in documented.iter(ns + "NamePartValue"):
                    if text := tidy(value.text):
                        code = ref.scripts.get(value.get("ScriptID", ""), "")
                        script = script or self.scripts.get(code, code)
                        parts.append((groups.get(value.get("NamePartGroupID", ""), ""), text))
                if not parts:
                    continue
                named += 1
                joint = "" if script in _UNSPACED and self.schema[entity] == "Person" else " "
                name = joint.join(text for _, text in parts)
                origin = f"{quality}/{kind}/{script}"
                self.out.add(entity, self.schema[entity], prop, name, row, origin=origin)
                if self.schema[entity] == "Person":
                    for part, text in parts:
                        if part_prop := self.name_parts.get(part, ""):
                            self.out.add(entity, "Person", part_prop, text, row, origin=origin)
        return named

    def _feature(self, entity: str, name: str, version: etree._Element, row: int) -> None:
        ref, ns = self.reference, self.reference.namespace
        detail = version.find(ns + "VersionDetail")
        text = ""
        if detail is not None:
            text = tidy(detail.text) or ref.value("DetailReference", detail.get("DetailReferenceID"))
        comment = ref.text(version, "Comment")
        if ref.value("Reliability", version.get("ReliabilityID")) == "False":
            self._note(entity, name, f"{text or 'a value'} (marked false by the publisher)", row)
            return
        if name.startswith("Digital Currency Address"):
            self._wallet(entity, name.rpartition("- ")[2], text, row)
        else:
            self._plain_feature(entity, name, text, version, row)
        self._note(entity, name, comment, row)

    def _plain_feature(self, entity: str, name: str, text: str, version: etree._Element, row: int) -> None:
        rule: Any = self.features.get(name, {})
        prop, reads = rule.get("prop", ""), rule.get("reads", "text")
        if reads == "date":
            days = self.reference.period(version)
            origin = "circa" if self.reference.circa(version) else name
            if days and days.since and days.until and (values := prefixes(days.since, days.until)):
                if [True for v in values if self._put(entity, prop, v, row, original=written(days), origin=origin)]:
                    return
                if prop in properties(self.schema[entity]):
                    return
            self._note(entity, name, written(days) if days else text, row)
        elif reads == "place":
            for place in version.iterfind(self.reference.namespace + "VersionLocation"):
                self._place(entity, name, prop, place.get("LocationID", ""), row)
        elif reads == "country":
            code = country_code(text)
            if not code:
                self._note(entity, name, text, row)
            elif not self._put(entity, prop, code, row, original=text, origin=name):
                self._held(entity, prop, name, text, row)
        elif reads == "party":
            self._other_party(entity, name, rule, text, row)
        else:
            check = CHECKS.get(rule.get("check", ""))
            value = check(text) if check else text.lower() if reads == "word" else text
            if not prop or not value:
                self._note(entity, name, text, row)
            elif not self._put(entity, prop, value, row, original=text, origin=name):
                self._held(entity, prop, name, text, row)
            if rule.get("country_prop") and (code := country_at_end(text)):
                self._put(entity, rule["country_prop"], code, row, original=text, origin=name)

    def _held(self, entity: str, prop: str, name: str, text: str, row: int) -> None:
        """A note where the party cannot bear the property (else the statement stood there already)."""
        if not self._has(self.schema[entity], prop):
            self._note(entity, name, text, row)

    def _other_party(self, entity: str, name: str, rule: Any, text: str, row: int) -> None:
        """A party named in words alone (a ship's owner): an entity of its own, not a listed one."""
        if not text:
            return
        other = f"{entity}-{rule['role']}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
        self.out.add(other, "LegalEntity", "name", text, row, origin=f"primary/name/{name}")
        link = f"{other}-link"
        left, right, schema = (
            (other, entity, "Ownership") if rule["role"] == "owner" else (other, entity, "UnknownLink")
        )
        for prop, value in zip(
            ("owner", "asset") if schema == "Ownership" else ("subject", "object"), (left, right), strict=True
        ):
            self.out.add(link, schema, prop, value, row, origin=name)
        self.out.add(link, schema, "role", name, row)

    def _place(self, entity: str, name: str, prop: str, id: str, row: int) -> None:
        place = self.reference.places.get(id)
        if place is None:
            return
        code = country_code(place.country)
        if prop != "addressEntity":
            if code:
                self._put(entity, prop, code, row, original=place.country, origin=name)
            else:
                self._note(entity, name, place.country, row)
            return
        if code:
            self._put(entity, "country", code, row, original=place.country, origin=name)
        if place.parts:
            address = f"{self.prefix}-location-{id}"
            self._put(entity, "addressEntity", address, row, origin=name)
            for full in self._address(address, place, code, row):
                self._put(entity, "address", full, row, origin=name)

    def _address(self, address: str, place: Place, code: str, row: int) -> list[str]:
        wanted: dict[str, str] = self.rule.data["address_parts"]
        fulls = []
        for script in sorted({part.script for part in place.parts}):
            parts = [part for part in place.parts if part.script == script]
            by_kind = {part.kind: part.text for part in parts}
            order = [by_kind[kind] for kind in wanted if kind in by_kind]
            full = ", ".join([*order, place.country] if place.country and not script else order)
            self.out.add(address, "Address", "full", full, row, origin=script)
            fulls.append(full)
            for part in parts:
                if prop := wanted.get(part.kind, ""):
                    self.out.add(address, "Address", prop, part.text, row, origin=script)
        if code:
            self.out.add(address, "Address", "country", code, row, original=place.country)
        return fulls

    def _wallet(self, entity: str, currency: str, key: str, row: int) -> None:
        key = key.replace(" ", "")
        if not key:
            return
        wallet = f"{self.prefix}-wallet-{key}"
        known = self.rule.data["currencies"].get(currency, currency)
        self.out.add(wallet, "CryptoWallet", "publicKey", key, row)
        self.out.add(wallet, "CryptoWallet", "currency", known, row, original=currency)
        holder = is_a(self.schema[entity], "LegalEntity")
        self.out.add(wallet, "CryptoWallet", "holder", entity if holder else "", row)
        self.figures["wallets"] = self.figures.get("wallets", 0) + 1

    def _document(self, entity: str, document: Document, row: int) -> None:
        rule: Any = self.documents.get(document.kind, {})
        schema = self.schema[entity]
        default = "idNumber" if schema == "Person" else "registrationNumber"
        prop, value = rule.get("prop", default), document.number
        origin = document.kind + (" (fraudulent)" if document.validity == "Fraudulent" else "")
        for other in rule.get("tries", []):
            checked = self._tried(other, document)
            if checked and self._has(schema, other["prop"]):
                self._put(entity, other["prop"], checked, row, original=document.number, origin=origin)
                if other.get("alone"):
                    return
        if check := CHECKS.get(rule.get("check", "")):
            value = check(document.number)
            if not value:
                prop, value = rule.get("else", default), document.number
        if not self._has(schema, prop):
            prop = default
        if self._has(schema, prop):
            self._put(entity, prop, value, row, original=document.number, origin=origin)
        else:
            self._note(entity, document.kind, document.number, row)
        if is_a(schema, "LegalEntity") and document.number:
            self._paper(entity, rule.get("schema", "Identification"), document, row)

    @staticmethod
    def _tried(other: Any, document: Document) -> str:
        """The number in the form of a kind that checks itself, "" where it is not of that kind or of another country."""
        if not document.number.startswith(other.get("marked", "")):
            return ""
        if other.get("country") and other["country"] != country_code(document.country):
            return ""
        return CHECKS[other["check"]](document.number)

    @staticmethod
    def _has(schema: str, prop: str) -> bool:
        """Whether a party can bear a property, an organisation also as a company."""
        return prop in properties(schema) or (schema == "Organization" and prop in properties("Company"))

    def _paper(self, entity: str, schema: str, document: Document, row: int) -> None:
        paper = f"{entity}-document-{document.id}"
        add = self.out.add
        add(paper, schema, "holder", entity, row)
        add(paper, schema, "number", document.number, row)
        add(paper, schema, "type", document.kind, row)
        add(paper, schema, "country", country_code(document.country), row, original=document.country)
        add(paper, schema, "authority", document.authority, row)
        add(paper, schema, "summary", document.comment, row)
        if document.validity == "Fraudulent":
            add(paper, schema, "description", "marked fraudulent by the publisher", row)
        for kind, days in document.dates:
            add(
                paper,
                schema,
                "endDate" if kind.startswith("Expir") else "startDate",
                iso(days.since or days.until),
                row,
                origin=kind,
            )
