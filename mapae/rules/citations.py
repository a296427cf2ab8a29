"""The linter of citations: every key leads to a text, every text has a publisher, a date and an address of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mapae.model.dates import parse_partial
from mapae.model.errors import RuleRefused
from mapae.rules import load
from mapae.rules.kinds import Catalogue

NEEDED = ("title", "publisher", "date", "cite", "address", "read", "mark")
MARKS = ("sourced", "unsourced", "analysis")
# Keepers of copies. A citation gives the publisher's own address, which is what a reader must be able to hold it against.
COPIES = (
    "web.archive.org",
    "archive.org",
    "archive.is",
    "archive.ph",
    "archive.today",
    "webcache.googleusercontent.com",
)
_BROKEN = re.compile(
    r"\s|…|\.\.\.|[<>{}|\\^`\"]|\b(?:todo|tbd|fixme|example\.(?:com|org|net))\b|%(?![0-9A-Fa-f]{2})", re.I
)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
# What is written behind a citation that nobody has read.
UNREAD = "not read: known second hand"


def problems(catalogue: Catalogue) -> list[str]:
    """What is wrong with the catalogue's citations, one line each: file, line, what, and what to write.

    Args:
        catalogue: the rules; every YAML file below its root is searched for ``cites``.

    Returns:
        Problems by file and line; none when all is well. Citations that nobody has read are no problem: see :func:`unread`.
    """
    path = catalogue.root / "citations.yml"
    found = [f"{path}:{line}: {text}" for line, text in _of_citations(catalogue.citations)]
    for file, line, key in used(catalogue):
        if key not in catalogue.citations:
            found.append(
                f"{file}:{line}: cites {key}, which citations.yml does not hold. Add it there, or mend the key."
            )
    return found


def used(catalogue: Catalogue) -> list[tuple[Path, int, str]]:
    """Every citation key used in the catalogue, with file and line."""
    found: list[tuple[Path, int, str]] = []
    for path in sorted(catalogue.root.rglob("*.y*ml")):
        if path != catalogue.root / "citations.yml":
            found += [(path, line, key) for line, key in _keys(_loaded(path), 1)]
    return found


def unused(catalogue: Catalogue) -> list[str]:
    """Keys of citations.yml that no rule cites."""
    return sorted(set(catalogue.citations) - {key for _, _, key in used(catalogue)})


def unread(catalogue: Catalogue) -> list[str]:
    """Keys of citations that nobody has read: each is shown as such wherever it appears."""
    return [key for key, entry in catalogue.citations.items() if is_unread(entry)]


def is_unread(entry: Any) -> bool:
    """Whether nobody has read the text that a citation names, or nobody says so."""
    return not isinstance(entry, dict) or entry.get("read") != "yes" or entry.get("mark") == "unsourced"


def shown(catalogue: Catalogue, key: str) -> str:
    """A citation as it stands on a page: its short form, and the mark where nobody has read it.

    Example:
        ``P.L. 115-44, title III (not read: known second hand)``
    """
    entry = catalogue.citations.get(key)
    text = str(entry.get("cite") or entry.get("title") or key) if isinstance(entry, dict) else key
    return f"{text} ({UNREAD})" if is_unread(entry) else text


def _loaded(path: Path) -> Any:
    try:
        return load.load_file(path)
    except RuleRefused:
        return None  # whoever reads the file as a rule refuses it with its line


def _keys(value: Any, line: int) -> Iterator[tuple[int, str]]:
    if isinstance(value, load.Mapping):
        for key, inner in value.items():
            at = value.line_of(key)
            if key == "cites" and isinstance(inner, list):
                yield from ((at, str(one)) for one in inner)
            else:
                yield from _keys(inner, at)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner, inner.line if isinstance(inner, load.Mapping) else line)


def _of_citations(citations: load.Mapping) -> Iterator[tuple[int, str]]:
    short: dict[str, str] = {}
    for key, entry in citations.items():
        line = citations.line_of(key)
        if not isinstance(entry, load.Mapping):
            yield line, f"{key} is no citation. Write {', '.join(NEEDED)}."
            continue
        for name in NEEDED:
            if not str(entry.get(name, "")).strip():
                yield line, f"{key} has no {name}. Write it."
        for name, text in _wrong(entry):
            yield entry.line_of(name), f"{key}: {text}"
        cite = str(entry.get("cite", ""))
        if cite and short.setdefault(cite, key) != key:
            yield entry.line_of("cite"), f"{key}: {short[cite]} has the same short form. Make them differ."


def _wrong(entry: load.Mapping) -> Iterator[tuple[str, str]]:
    mark, read, date = (str(entry.get(name, "")) for name in ("mark", "read", "date"))
    if mark and mark not in MARKS:
        yield "mark", f"the mark {mark!r} is none of {', '.join(MARKS)}."
    if read and read not in ("yes", "no"):
        yield "read", f"read says {read!r}. Write yes (the text itself was read) or no."
    for name in ("date", "checked_on"):
        if entry.get(name):
            try:
                parse_partial(str(entry[name]))
            except ValueError:
                yield name, f"{name} {date!r} is no date. Write 2026-11-24, 2026-11 or 2026."
    address = str(entry.get("address", ""))
    why = broken_address(address) if address else ""
    if why:
        yield "address", f"the address {address!r} {why}. Write the publisher's own, whole."


def broken_address(address: str) -> str:
    """Why an address cannot be followed, or is not the publisher's own; empty when it can be."""
    if _BROKEN.search(address):
        return "has a broken or made-up piece"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return "is no address"
    if parts.scheme != "https":
        return "does not begin with https://"
    if not _HOST.fullmatch(host):
        return "has no host"
    if any(host == copy or host.endswith("." + copy) for copy in COPIES):
        return "is that of a copy"
    return ""
