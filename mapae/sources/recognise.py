"""What a file is: a record table by its name or folder, all else by content: lists, vendors' layouts, address files."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mapae.model.errors import InputRefused
from mapae.rules.kinds import Catalogue
from mapae.rules.tables import Table
from mapae.sources import opened
from mapae.sources.headers import header_name
from mapae.sources.layout import Layout
from mapae.sources.rows import DELIMITERS

TABLE, LIST, EVIDENCE, ENTITIES, UNKNOWN = "table", "list", "evidence", "entities", "unknown"
LAYOUT, ADDRESSES = "layout", "addresses"

# Endings of files that a record table may have, before one of opened.COMPRESSIONS.
TABLE_ENDINGS = frozenset({".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet"})
# The root of every list that is known stands in its first kilobytes.
BEGINNING = 64 << 10

_ROOT = re.compile(r"<(?!\?|!)(?:([\w.-]+):)?([\w.-]+)((?:\s[^<>]*)?)/?>")
_ITEM = re.compile(r"^\s*-\s*(\{\s*)?[\"']?(id|subject|fact)[\"']?\s*:", re.MULTILINE)
_FACT = re.compile(r"\bfact[\"']?\s*:")
_SUBJECT = re.compile(r"\bsubject[\"']?\s*:")


def recognise(path: Path, catalogue: Catalogue, layouts: Sequence[Layout] = ()) -> tuple[str, str]:
    """Say what a file is.

    Args:
        path: the file; its own name and that of its folder count.
        catalogue: tables and lists that are known.
        layouts: layouts that are known, the first that recognises the file wins.

    Returns:
        ``("table", name)``, ``("layout", name)``, ``("addresses", kind)``, ``("list", dataset's rule)``, ``("evidence", "evidence")``, ``("entities", "ftm")``, or
        ``("unknown", reason)``.

    Raises:
        InputRefused: the file cannot be read at all.
    """
    opened.check_file(path)
    suffixes = [s.lower() for s in path.suffixes]
    named = _table(path, suffixes, catalogue)
    try:
        beginning = _beginning(path)
    except InputRefused:
        if named:  # its reader says what is wrong with it
            return TABLE, named
        raise
    if named and _has_what_rows_need(beginning, catalogue.tables[named]):
        return TABLE, named
    binary = b"\0" in beginning[:4096] or beginning.startswith(b"PAR1")
    text = "" if binary else beginning.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    for layout in layouts:
        if layout.recognises(path, text):
            return LAYOUT, layout.name
    if named:  # named as a table and nothing else: the table's reader says what is missing
        return TABLE, named
    addresses = _addresses(path)
    if addresses is not None:
        return ADDRESSES, addresses[0]
    if beginning.startswith(b"PAR1"):
        return UNKNOWN, "a Parquet file whose name is not that of a record table; name it as sign_ins.parquet"
    text = text.lstrip()
    if text.startswith("<"):
        return _list(text, catalogue)
    if text.startswith("{") and '"schema"' in text and '"properties"' in text:
        return ENTITIES, "ftm"
    if {".yaml", ".yml"} & set(suffixes) or path.name.split(".")[0].lower() == "evidence":
        if _ITEM.search(text) and _FACT.search(text) and _SUBJECT.search(text):
            return EVIDENCE, "evidence"
        return UNKNOWN, "a YAML file without items that have a subject and a fact"
    tables = ", ".join(n for n, t in catalogue.tables.items() if not t.made_by)
    return UNKNOWN, f"neither its name nor its content is known; a record table is named after one of: {tables}"


def _addresses(path: Path) -> tuple[str, str] | None:
    from mapae.sources.addresses import recognise_address_file

    return recognise_address_file(path)


def _table(path: Path, suffixes: list[str], catalogue: Catalogue) -> str:
    """Name of the record table that a path says, or ""."""
    if suffixes and suffixes[-1] in opened.COMPRESSIONS:
        suffixes = suffixes[:-1]
    if not suffixes or suffixes[-1] not in TABLE_ENDINGS:
        return ""
    for said in (path.name.split(".")[0], path.parent.name):
        table = catalogue.tables.get(said.lower().replace("-", "_"))
        if table is not None and not table.made_by:
            return table.name
    return ""


def has_what_rows_need(path: Path, table: Table) -> bool:
    """Whether a file has the columns that every row of a table needs, as far as its beginning shows.

    Args:
        path: the file.
        table: what it is called after.

    Raises:
        InputRefused: the file cannot be read at all.
    """
    return _has_what_rows_need(_beginning(path), table)


def _has_what_rows_need(beginning: bytes, table: Table) -> bool:
    """Whether a file called like a table can be one: a text table's first line must have the columns that every row needs.

    A vendor's export is often called employees.csv or payments.csv; by its headers it is something else.
    """
    text = beginning.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").lstrip()
    if not text or b"\0" in beginning[:4096] or beginning.startswith(b"PAR1"):
        return True
    if text[0] in "[{":
        return _json_has(text, table)
    first = text.splitlines()[0]
    delimiter = max(DELIMITERS, key=lambda d: (first.count(d), -DELIMITERS.index(d)))
    try:
        headers = {header_name(h, i) for i, h in enumerate(next(csv.reader([first], delimiter=delimiter), []))}
    except csv.Error:
        return True
    return _covers(headers, table)


def _json_has(text: str, table: Table) -> bool:
    """As above, of JSON Lines: the first object, if its line is whole."""
    if text[0] == "[":
        return False
    line, end, _ = text.partition("\n")
    try:
        found = json.loads(line)
    except ValueError:
        return bool(end) is False or line.strip() != "{"
    return not isinstance(found, dict) or _covers({header_name(str(k), 0) for k in found}, table)


def _covers(headers: set[str], table: Table) -> bool:
    named = {alias: c.name for c in table.columns.values() for alias in c.also}
    have = headers | {named[h] for h in headers if h in named}
    return all(c.name in have for c in table.columns.values() if c.req)


def _beginning(path: Path) -> bytes:
    """First bytes of a file, decompressed."""
    return opened.beginning(path, BEGINNING)


def _list(text: str, catalogue: Catalogue) -> tuple[str, str]:
    """The list whose root element and namespace an XML file has."""
    found = _ROOT.search(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL))
    if not found:
        return UNKNOWN, "an XML file without a root element in its first 64 kB"
    root, attributes = found.group(2), found.group(3) or ""
    for name, rule in catalogue.lists.items():
        if _is(rule.data.get("recognise") or {}, root, attributes):
            return LIST, name
    return UNKNOWN, f"an XML file whose root element {root} belongs to no list that is known"


def _is(how: Any, root: str, attributes: str) -> bool:
    """Whether a list's rule describes a root element."""
    if isinstance(how, list):
        return any(_is(one, root, attributes) for one in how)
    if not isinstance(how, Mapping) or how.get("root") != root:
        return False
    return str(how.get("namespace_has") or how.get("namespace_contains") or "") in attributes
