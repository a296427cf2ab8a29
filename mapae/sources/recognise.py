"""What a file is: a record table by its name or folder, a list by the root of its XML, evidence and entities by content."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mapae.rules.kinds import Catalogue
from mapae.sources import opened

TABLE, LIST, EVIDENCE, ENTITIES, UNKNOWN = "table", "list", "evidence", "entities", "unknown"

# Endings of files that a record table may have, before one of opened.COMPRESSIONS.
TABLE_ENDINGS = frozenset({".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet"})
# The root of every list that is known stands in its first kilobytes.
BEGINNING = 64 << 10

_ROOT = re.compile(r"<(?!\?|!)(?:([\w.-]+):)?([\w.-]+)((?:\s[^<>]*)?)/?>")
_ITEM = re.compile(r"^\s*-\s*(\{\s*)?[\"']?(id|subject|fact)[\"']?\s*:", re.MULTILINE)
_FACT = re.compile(r"\bfact[\"']?\s*:")
_SUBJECT = re.compile(r"\bsubject[\"']?\s*:")


def recognise(path: Path, catalogue: Catalogue) -> tuple[str, str]:
    """Say what a file is.

    Args:
        path: the file; its own name and that of its folder count.
        catalogue: tables and lists that are known.

    Returns:
        ``("table", name)``, ``("list", dataset's rule)``, ``("evidence", "evidence")``, ``("entities", "ftm")``, or
        ``("unknown", reason)``.

    Raises:
        InputRefused: the file cannot be read at all.
    """
    opened.check_file(path)
    suffixes = [s.lower() for s in path.suffixes]
    named = _table(path, suffixes, catalogue)
    if named:
        return TABLE, named
    beginning = _beginning(path)
    if beginning.startswith(b"PAR1"):
        return UNKNOWN, "a Parquet file whose name is not that of a record table; name it as sign_ins.parquet"
    text = beginning.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").lstrip()
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


def _beginning(path: Path) -> bytes:
    """First bytes of a file, decompressed."""
    return next(opened.blocks(path, BEGINNING), b"")


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
