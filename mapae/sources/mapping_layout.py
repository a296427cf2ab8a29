"""A mapping at work: it recognises a file by its headers or keys and turns its records into rows of tables."""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mapae.model.errors import InputRefused, MapaeError
from mapae.rules import load
from mapae.rules.kinds import Catalogue
from mapae.rules.tables import Table
from mapae.sources import mapping_records, values
from mapae.sources.json_records import cell
from mapae.sources.layout import Event, Rows
from mapae.sources.mapping_columns import listed
from mapae.sources.mapping_csv import Sheet, open_sheet
from mapae.sources.mapping_parts import Part, headers_needed, part, read_json_in
from mapae.sources.mapping_paths import Record, header_key, place
from mapae.sources.mapping_times import Unreadable
from mapae.sources.rows import cut

# Records at a file's beginning by which it is recognised, and what part of them must have the keys.
LOOKED_AT = 20
# The register of people, and what at least one cell of a row in it tells: a footer ("Total: 2") has none of them.
REGISTER = "employees"
_OF_A_PERSON = ("email", "legal_name", "display_name", "hired_on", "created_at", "home_address")


class Mapping:
    """A mapping as a layout (see :class:`mapae.sources.layout.Layout`).

    Args:
        path: its file.
        data: what the file holds; its shape and names are checked.
        catalogue: tables of the contract.
        employer: what ``{employer}`` stands for.
        own: whether it is the user's own.
    """

    def __init__(self, path: Path, data: load.Mapping, catalogue: Catalogue, *, employer: str, own: bool) -> None:
        self.path, self.data, self.own = path, data, own
        self.name = str(data.get("mapping", path.stem))
        self.title = str(data.get("title", self.name))
        # What was read by another text is read again, also where whoever changed it left the number as it was.
        self.version = f"{data.get('version', '1')}/{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
        self.cases: list[load.Mapping] = list(data.get("cases", ()))
        reads = data["reads"]
        self._format = str(reads["format"])
        self._encoding = str(reads.get("encoding", "utf-8"))
        self._header = reads.get("header", "yes") == "yes"
        self._table = self._format == "csv"
        self._parsed = tuple(listed(data.get("parse_json")))
        self._parsed_at = tuple(place(p, table=self._table) for p in self._parsed)
        self._specs = [data, *data.get("also", ())]
        platform = next((str(s["columns"]["platform"]["value"]) for s in self._specs if _platform(s)), "")
        self.parts: tuple[Part, ...] = tuple(
            part(
                catalogue.tables[str(spec["to"])],
                spec,
                data.get("where"),
                of_table=self._table,
                parsed=self._parsed,
                platform=platform.replace("{employer}", employer),
                employer=employer,
            )
            for spec in self._specs
        )
        self.tables: tuple[str, ...] = tuple(dict.fromkeys(p.table.name for p in self.parts))

    @property
    def questions(self) -> tuple[str, ...]:
        """What a person has still to confirm; the mapping can be used all the same."""
        return tuple(str(entry["question"]) for entry in self.data.get("confirm", ()))

    @property
    def needs(self) -> tuple[tuple[str, ...], ...]:
        """Headers or keys by which a file is recognised; one of each group must be there."""
        match = self.data["reads"]["match"]
        return tuple(tuple(listed(entry)) for entry in match.get("headers", match.get("keys", ())))

    # ---- recognising

    def recognises(self, path: Path, beginning: str) -> bool:
        """Whether a file has the headers or keys; of a shipped mapping also whether its days are written as it reads them.

        Args:
            path: the file.
            beginning: its first 64 kB as text; "" where it is binary.
        """
        sign = beginning.lstrip("\ufeff \t\r\n")[:1]
        try:
            if self._format == "parquet":
                return not sign and self._has_headers(mapping_records.parquet_headers(path))
            if self._format == "json":
                return sign in ("{", "[") and bool(sign) and self._is_json(path)
            if sign in ("{", "[", "<") or (not sign and self._encoding == "utf-8"):
                return False
            sheet = self._sheet(path)
            if sheet is None:
                return False
            return self.own or self._reads_rows(mapping_records.of_csv(sheet))
        except (MapaeError, UnicodeError, OSError):
            return False

    def _has_headers(self, headers: tuple[str, ...]) -> bool:
        match = self.data["reads"]["match"]
        if "columns" in match:
            return len(headers) == int(match["columns"])
        keys = {header_key(h, i) for i, h in enumerate(headers)}
        return all(any(header_key(h) in keys for h in group) for group in self.needs)

    def _is_json(self, path: Path) -> bool:
        groups = [[place(key, table=False) for key in group] for group in self.needs]
        seen = [t.record for t in itertools.islice(mapping_records.of_json(path), LOOKED_AT) if not t.refused]
        fit = [r for r in seen if all(any(at.find(r) is not None for at in group) for group in groups)]
        return bool(seen) and len(fit) * 2 >= len(seen)

    def _reads_rows(self, taken: Iterator[mapping_records.Taken]) -> bool:
        """Whether of the first rows nine in ten can be read without asking anybody."""
        rows = [t for t in itertools.islice(taken, LOOKED_AT * 10) if t.refused or t.record]
        return sum(not self._is_plain(t) for t in rows) * 10 <= len(rows)

    def _is_plain(self, taken: mapping_records.Taken) -> bool:
        """Whether a row has days, addresses and numbers that the tables' reader will keep."""
        if taken.refused:
            return False
        try:
            made = [
                (p.table, cells) for p in self.parts for cells in p.rows(read_json_in(taken.record, self._parsed_at))
            ]
        except Unreadable:
            return False
        return all(kept(table, cells) for table, cells in made)

    # ---- reading

    def _sheet(self, path: Path) -> Sheet | None:
        sheet = open_sheet(path, encoding=self._encoding, is_header=self._has_headers, header=self._header)
        if sheet is not None and not self._header and not self._has_headers(sheet.headers):
            return None
        return sheet

    def _checked_sheet(self, path: Path) -> Sheet | None:
        sheet = self._sheet(path)
        if sheet is None:
            named = ", ".join(" or ".join(group) for group in self.needs)
            raise InputRefused(
                "A file is not the one that its mapping describes.",
                where=f"{path} (mapping {self.path.name})",
                why=f"No line at its beginning has the headers {named}."
                if named
                else "It has another number of columns.",
                do=f"Mend `match` in {self.path.name}, or take that mapping away.",
            )
        for spec in self._specs:
            for column, header, key in headers_needed(spec, self._parsed):
                if key not in sheet.keys:
                    line = spec["columns"].line_of(column)
                    raise InputRefused(
                        f"A column that a mapping reads is not in the file: {header}.",
                        where=f"{path} (mapping {self.path.name}, line {line})",
                        why=f"Columns found: {', '.join(sheet.headers)[:1000]}.",
                        do=f"Correct `from` in that line, or write from: [{header}] if files may come without it.",
                    )
        return sheet

    def events(self, path: Path) -> Iterator[Event]:
        """Rows of the tables, record by record; a log's accounts are given once for each distinct content.

        Raises:
            InputRefused: the file cannot be read, or lacks a column that the mapping names.
        """
        seen: dict[tuple[str | None, ...], tuple[str, ...]] = {}
        for taken in mapping_records.of(path, self._format, functools.partial(self._checked_sheet, path)):
            if taken.refused:
                yield Event(taken.number, [], taken.refused, taken.raw)
                continue
            try:
                rows = self._rows(taken.record)
            except Unreadable as problem:
                yield Event(taken.number, [], str(problem), raw(taken.record))
                continue
            yield Event(taken.number, [row for row in rows if self._is_new(row, seen)])

    def _is_new(
        self, row: tuple[str, dict[str, str | None]], seen: dict[tuple[str | None, ...], tuple[str, ...]]
    ) -> bool:
        """Whether a row is one of an event, or says of an account another thing than the row before it on that account."""
        table, cells = row
        key = self._states.get(table)
        if key is None:
            return True
        content = tuple(f"{c}={v}" for c, v in cells.items() if v is not None)
        named = (table, *(cells.get(k) for k in key))
        if seen.get(named) == content:
            return False
        seen[named] = content
        return True

    @functools.cached_property
    def _states(self) -> dict[str, tuple[str, ...]]:
        """State tables that a log fills, and their keys: it repeats an account in each event, a register says it once."""
        log = any(p.table.kind == "event" for p in self.parts)
        return {p.table.name: tuple(p.table.key) for p in self.parts if log and p.table.kind == "state"}

    def _rows(self, record: Record) -> Rows:
        record = read_json_in(record, self._parsed_at)
        rows = [(p.table.name, cells) for p in self.parts for cells in p.rows(record)]
        if rows and self._of_a_person and not any(c.get(n) for _, c in rows for n in self._of_a_person):
            raise Unreadable("nobody stands in this row: no e-mail, no name, no first day (the footer of a report?)")
        return rows

    @functools.cached_property
    def _of_a_person(self) -> tuple[str, ...]:
        """Columns of which a row of a register of people fills at least one; none where it has too few to tell."""
        filled = {c.name for p in self.parts for c in p.columns}
        told = tuple(n for n in _OF_A_PERSON if n in filled)
        return told if self._table and REGISTER in self.tables and len(told) > 2 else ()

    def rows_of(self, given: Any) -> Rows:
        """Rows that one record gives, for cases.

        Args:
            given: header to cell, or an object as of JSON.

        Raises:
            Unreadable: it cannot be read.
        """
        if not self._table:
            return self._rows(dict(given))
        return self._rows({header_key(str(h)): str(v) for h, v in given.items() if cell(v) is not None})


_FORMS: dict[str, Callable[[str, str], values.Form]] = {
    "email": values.email,
    "phone": values.phone,
    "country": values.country,
    "date": values.date,
    "ip": values.ip,
}


def kept(table: Table, cells: dict[str, str | None]) -> bool:
    """Whether those cells of a row whose form can be wrong are right."""
    for name, text in cells.items():
        declared = table.columns.get(name)
        if declared is None:
            continue
        if text and declared.type == "time" and values.time(text, date_ok=declared.date_ok).reason:
            return False
        form = _FORMS.get(declared.type)
        if text and form is not None and form(text, cells.get(declared.region) or "").reason:
            return False
    return True


def raw(record: Record) -> str:
    """A record as received, shortened, for whoever mends it."""
    return cut(json.dumps(record, ensure_ascii=False, default=str))


def _platform(spec: Any) -> bool:
    verbs = spec["columns"].get("platform", {})
    return isinstance(verbs, dict) and "value" in verbs and "from" not in verbs
