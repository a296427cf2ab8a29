"""Which address file a file is, by its content; only of bare lists its name has to say what they list."""

from __future__ import annotations

import re
from pathlib import Path

from mapae.model.errors import InputRefused
from mapae.sources import opened
from mapae.sources.addresses import mmdb, texts
from mapae.sources.addresses.fields import kind_rows, order
from mapae.sources.addresses.files import DELEGATED, GEOFEED, IP2PROXY, LIST, TABLE, TOR

_SAID = re.compile(r"^\s*(?:#|;|//)\s*network_kind\s*[:=]\s*(\w+)", re.MULTILINE)
_DELEGATED = re.compile(r"(?:apnic|arin|ripencc|lacnic|afrinic|iana)\|[A-Z*]*\|(?:asn|ipv4|ipv6)\|")
BEGINNING = 64 << 10


def recognise_address_file(path: Path) -> tuple[str, str] | None:
    """Kind and title of an address file; None of what is none.

    Args:
        path: the file.

    Raises:
        InputRefused: it is an address file that is damaged, of an unknown type, or a bare list that does not say what
            its addresses are.
    """
    if mmdb.has_marker(path):
        return mmdb.describe(path)
    suffixes = [s.lower() for s in path.suffixes]
    if ".mmdb" in suffixes:
        raise mmdb.refuse(path, "It does not end as such databases do: it was cut off, or is still compressed.")
    try:
        block = next(opened.blocks(path, BEGINNING), b"")
        beginning = block.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "ignore")
    except InputRefused:
        return None
    if "\x00" in beginning:
        return None
    return _text(path, beginning)


def _text(path: Path, beginning: str) -> tuple[str, str] | None:
    lines = list(texts.sample(beginning))
    if not lines:
        return None
    first = lines[0]
    if any(_DELEGATED.match(line) for line in lines):
        registry = next(line for line in lines if _DELEGATED.match(line)).split("|")[0]
        return DELEGATED, f"address blocks as the registry {registry} delegated them"
    if first.startswith("ExitNode ") and any(line.startswith("ExitAddress ") for line in lines):
        return TOR, "exits of Tor"
    if texts.header_of(first):
        one = texts.reader_of(TABLE, texts.header_of(first))
        return (TABLE, "table of address ranges") if len(lines) > 1 and one(lines[1]) else None
    if all(_is_ip2proxy(line) for line in lines):
        return IP2PROXY, f"IP2Proxy, {len(texts.cells(first))} columns"
    if all(len(c := texts.cells(line)) in (4, 5) and texts.is_network(c[0]) and len(c[1]) in (0, 2) for line in lines):
        said = _said(path, beginning) or ("relay" if _apple(lines) else "")
        return (f"{GEOFEED}:{said}" if said else GEOFEED), f"places of address ranges{f' ({said})' if said else ''}"
    if all(texts.is_network(re.split(r"[\s#;,]", line.strip(), maxsplit=1)[0]) for line in lines):
        said = _said(path, beginning)
        if not said:
            raise InputRefused(
                "A list of addresses does not say what they are.",
                where=str(path),
                why="It holds ranges and nothing else; relay, vpn, tor, proxy or hosting would all look like that.",
                do="Name the file so (vpn.txt), or write '# network_kind: vpn' in its first line.",
            )
        return f"{LIST}:{said}", f"list of address ranges ({said})"
    return None


def _is_ip2proxy(line: str) -> bool:
    row = texts.cells(line)
    return (
        len(row) in texts.IP2PROXY_COLUMNS
        and row[0].isdigit()
        and row[1].isdigit()
        and row[2].isalpha()
        and len(row[2]) == 3
    )


def _said(path: Path, beginning: str) -> str:
    """Kind that a file's first remarks name, else its name, else that of its folder."""
    match = _SAID.search(beginning)
    if match and match[1].lower() in order():
        return match[1].lower()
    for name in (path.name, path.parent.name):
        dashed = "-" + "-".join(re.findall(r"[a-z0-9]+", name.lower())) + "-"
        for row in kind_rows():
            if row.field == "file_name" and f"-{row.value}-" in dashed:
                return row.network_kind
    return ""


def _apple(lines: list[str]) -> bool:
    """Whether a table of places has the trailing empty column and the ranges of Apple's list of relay exits."""
    whole = all(line.rstrip().endswith(",") for line in lines)
    return whole and any(line.startswith(_APPLE) for line in lines)


# Beginnings of ranges that the relay's operators give it (seen in public copies of Apple's list).
_APPLE = ("172.224.", "172.225.", "172.226.", "172.227.", "104.28.", "146.75.", "2a02:26f7:", "2606:54c", "2a09:bac", "2a04:4e41:")  # fmt: skip
