"""An unknown file taken apart for guessing: its columns, what their cells look like, and three rows of it."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mapae.model.errors import InputRefused
from mapae.sources import mapping_records, opened, values
from mapae.sources.guess_dates import Days
from mapae.sources.guess_words import known
from mapae.sources.json_records import cell
from mapae.sources.mapping_csv import MOST_ABOVE, UTF8, Sheet, open_sheet
from mapae.sources.mapping_paths import header_key

# Encodings that are tried where a file is not in UTF-8, in order; the last takes every byte, so that it is asked about.
ENCODINGS = ("utf-8", "windows-1252")
# Distinct values kept of a column, and rows shown.
MOST_WORDS, SHOWN = 60, 3
# Deeper parts of a JSON object are not guessed at.
DEEPEST = 5
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_NUMBER = re.compile(r"-?\d+([.,]\d+)?", re.A)


@dataclasses.dataclass
class Profile:
    """A column as far as it was seen.

    Args:
        header: as a mapping names it: header or path.
        key: header as compared; of a path its last part that has a name.
        filled: cells that are not empty.
        counts: how many look like an e-mail address, an IP address, a number, an unmistakable id.
        words: distinct values and how often they stand there, until there are too many.
        many: whether there are more.
        days: what they are as days.
        seen: hashes of values, until one stands there twice.
        unique: whether none does.
    """

    header: str
    key: str
    filled: int = 0
    counts: dict[str, int] = dataclasses.field(default_factory=dict)
    words: dict[str, int] = dataclasses.field(default_factory=dict)
    many: bool = False
    days: Days = dataclasses.field(default_factory=Days)
    seen: set[int] = dataclasses.field(default_factory=set)
    unique: bool = True

    def add(self, text: str) -> None:
        """Count a cell that is not empty."""
        self.filled += 1
        self.days.add(text)
        kind = kind_of(text)
        if kind:
            self.counts[kind] = self.counts.get(kind, 0) + 1
        if not self.many:
            self.words[text.strip()] = self.words.get(text.strip(), 0) + 1
            self.many = len(self.words) > MOST_WORDS
        if self.unique:
            mark = hash(text)
            self.unique = mark not in self.seen
            self.seen.add(mark)
            if not self.unique:
                self.seen = set()

    def mostly(self, kind: str) -> bool:
        """Whether nine in ten of its cells are of a kind."""
        return self.filled > 0 and self.counts.get(kind, 0) * 10 >= self.filled * 9


def kind_of(text: str) -> str:
    """What a cell looks like: email, ip, uuid, number or ""."""
    value = text.strip()
    if _EMAIL.fullmatch(value):
        return "email"
    if _UUID.fullmatch(value):
        return "uuid"
    if _NUMBER.fullmatch(value):
        return "number"
    if ("." in value or ":" in value) and value[:1].isalnum() and values.ip(value).reason is None:
        return "ip"
    return ""


@dataclasses.dataclass
class Content:
    """An unknown file.

    Args:
        form: csv, json or parquet.
        encoding: of a CSV file.
        header: whether it has a line with headers.
        columns: in order.
        rows: number of them.
        samples: the first three, header to text.
        refused: rows that could not be taken apart.
    """

    form: str
    encoding: str
    header: bool
    columns: list[Profile]
    rows: int
    samples: list[dict[str, str]]
    refused: int


def read(path: Path) -> Content:
    """Take a file apart.

    Raises:
        InputRefused: it is neither a table nor JSON, or cannot be read.
    """
    opened.check_file(path)
    beginning = opened.beginning(path, 1 << 16)
    if beginning.startswith(b"PAR1"):
        return _objects(path, "parquet")
    sign = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if sign in (b"{", b"["):
        return _objects(path, "json")
    if sign == b"<":
        raise InputRefused(
            "No mapping can be guessed for an XML file.", where=str(path), do="Export the table as CSV or JSON."
        )
    return _table(path, beginning)


def _table(path: Path, beginning: bytes) -> Content:
    tried = ("utf-16",) if beginning[:2] in (b"\xff\xfe", b"\xfe\xff") else ENCODINGS
    for encoding in tried:
        try:
            return _in_encoding(path, encoding)
        except InputRefused as refused:
            if "UTF-8" not in refused.what or encoding == tried[-1]:
                raise
    raise AssertionError  # pragma: no cover


def _in_encoding(path: Path, encoding: str) -> Content:
    rows: list[tuple[str, ...]] = []

    def looked_at(names: tuple[str, ...]) -> bool:
        rows.append(names)
        return False

    open_sheet(path, encoding=encoding, is_header=looked_at)
    if not rows:
        raise InputRefused("A table has no rows.", where=str(path), do="Export it again.")
    chosen = header_of(rows)
    if chosen is None:
        sheet = open_sheet(path, encoding=encoding, header=False)
    else:
        sheet = open_sheet(path, encoding=encoding, is_header=lambda names: names == chosen)
    assert sheet is not None
    return _profiled(path, sheet, encoding, chosen is not None)


def header_of(rows: list[tuple[str, ...]]) -> tuple[str, ...] | None:
    """The row of a table's beginning that has its headers; None where none has.

    A row with words that headers are known by wins, the most of them first; else the first row as wide as most, if no cell
    of it looks like data.
    """
    scored = [(sum(known(header_key(c)) for c in row), -i, row) for i, row in enumerate(rows[:MOST_ABOVE])]
    best = max(scored, key=lambda s: s[:2])
    if best[0] >= 2 or (best[0] == 1 and not any(_is_data(c) for c in best[2])):
        return best[2]
    widths = [len(row) for row in rows]
    usual = max(set(widths), key=lambda w: (widths.count(w), w))
    first = next(row for row in rows if len(row) == usual)
    return None if any(_is_data(c) for c in first) else first


def _is_data(text: str) -> bool:
    """Whether a cell holds data rather than a name: an address, a number, a day, an id."""
    plain = re.sub(r" \(\d+\)$", "", text)
    if plain.startswith("column"):
        return False
    days = Days()
    days.add(plain)
    return bool(kind_of(plain)) or days.read > 0


def _profiled(path: Path, sheet: Sheet, encoding: str, header: bool) -> Content:
    columns = [Profile(h, header_key(h, i)) for i, h in enumerate(sheet.headers)]
    content = Content("csv", encoding if encoding not in UTF8 else "utf-8", header, columns, 0, [], 0)
    for row in sheet.rows:
        if row.refused:
            content.refused += 1
            continue
        if not any(c.strip() for c in row.cells):
            continue
        content.rows += 1
        if len(content.samples) < SHOWN:
            content.samples.append({p.header: c for p, c in zip(columns, row.cells, strict=False)})
        for profile, text in zip(columns, row.cells, strict=False):
            if text.strip():
                profile.add(text)
    return content


def _objects(path: Path, form: str) -> Content:
    taken = mapping_records.of_json(path) if form == "json" else mapping_records.of_parquet(path)
    columns: dict[str, Profile] = {}
    content = Content(form, "utf-8", True, [], 0, [], 0)
    for one in taken:
        if one.refused:
            content.refused += 1
            continue
        content.rows += 1
        flat = dict(flattened(one.record, "", 0))
        if len(content.samples) < SHOWN:
            content.samples.append(flat)
        for header, text in flat.items():
            profile = columns.get(header)
            if profile is None:
                profile = columns[header] = Profile(header, path_key(header))
            profile.add(text)
    if not content.rows:
        raise InputRefused("A file holds no records.", where=str(path), do="Export it again.")
    content.columns = list(columns.values())
    return content


def flattened(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """Paths of a record and the texts that stand there; of a list of objects the first."""
    if isinstance(value, dict) and depth < DEEPEST:
        for name, inner in value.items():
            yield from flattened(inner, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(value, list) and value and depth < DEEPEST:
        yield from flattened(value[0], f"{path}.0", depth + 1)
    else:
        text = cell(value)
        if text is not None and text.strip() and path:
            yield path, text


def path_key(path: str) -> str:
    """The last part of a path that has a name, with the part before it where that says more.

    Example:
        >>> path_key("profile.emails.0.value")
        'emails'
    """
    parts = [header_key(p) for p in path.split(".") if not p.isdecimal()]
    while len(parts) > 1 and parts[-1] in ("value", "text", "name"):
        parts.pop()
    for size in range(min(3, len(parts)), 1, -1):
        joined = " ".join(parts[-size:])
        if known(joined):
            return joined
    return parts[-1] if parts else path


def rows_shown(content: Content, header: str) -> str:
    """Three cells of a column, on one line."""
    cells = (" ".join(str(row.get(header, "")).split()) for row in itertools.islice(content.samples, SHOWN))
    return " | ".join("".join(c for c in cell if c.isprintable())[:60] for cell in cells)
