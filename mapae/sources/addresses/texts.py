"""Address files that are text: tables and lists of ranges, registries' delegations, Tor's exits."""

from __future__ import annotations

import csv
import functools
import ipaddress
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from mapae.model.errors import InputRefused
from mapae.sources import opened
from mapae.sources.addresses.fields import KNOWN, Values, asn, country, kind_of, kind_rows, text, values
from mapae.sources.addresses.files import DELEGATED, GEOFEED, IP2PROXY, LIST, TABLE, TOR, said_kind
from mapae.sources.addresses.numbers import LARGEST, parse_address, parse_range, unmapped
from mapae.sources.addresses.ranges import Collected, Ranges, of_spans

# A line of a file gives a range and what is said of it; None where it is no such line.
Line = tuple[int, int, int, Values] | None

_DAY = re.compile(r"\b(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])\b")
NETWORK = ("network", "prefix", "cidr", "ip_prefix", "range", "ip_range")
START, END = ("start_ip", "ip_from", "start", "ip_start", "range_start", "first_ip"), ("end_ip", "ip_to", "end", "ip_end", "range_end", "last_ip")  # fmt: skip
# Columns of a table that are read.
OF_USE = KNOWN | {name for row in kind_rows() for name in (row.field, *row.needs)} | {"network_kind"}
# Columns of IP2Proxy's CSV by their number (PX2 to PX12), which have no header.
_PROXY = ("ip_from", "ip_to", "proxy_type", "country_code", "country_name", "region", "city", "isp", "domain", "usage_type", "asn", "as", "last_seen", "threat", "provider", "fraud_score")  # fmt: skip
IP2PROXY_COLUMNS = {width: _PROXY[:width] for width in (5, 7, 8, 9, 10, 12, 13, 14, 15, 16)}


def day_in(line: str) -> str:
    """The first day that a line names (ISO), or ""."""
    match = _DAY.search(line)
    return "-".join(match.groups()) if match else ""


def comment(line: str) -> bool:
    """Whether a line is blank or a remark."""
    stripped = line.strip()
    return not stripped or stripped[0] in "#;" or stripped.startswith("//")


def cells(line: str) -> list[str]:
    """Cells of one line; the delimiter is the one of ``, ; tab`` that it has most of."""
    delimiter = max(",;\t", key=line.count)
    try:
        return [c.strip() for c in next(csv.reader([line.strip()], delimiter=delimiter), [])]
    except csv.Error:
        return []


def header_of(line: str) -> list[str]:
    """Names of a table of ranges; empty where a line is no header of one."""
    names = [c.lower().replace(" ", "_") for c in cells(line)]
    spans = any(n in NETWORK for n in names) or (any(n in START for n in names) and any(n in END for n in names))
    return names if spans and OF_USE & set(names) and len(set(names)) == len(names) else []


def _point(value: str) -> tuple[int, int] | None:
    """An address in its usual form, or as one number."""
    if value.isdigit():
        number = int(value)
        return None if number > LARGEST[6] else unmapped(6 if number > LARGEST[4] else 4, number)
    return parse_address(value)


def _between(start: str, end: str) -> tuple[int, int, int] | None:
    low, high = _point(start), _point(end)
    if low is None or high is None or low[0] != high[0] or low[1] > high[1]:
        return None
    return low[0], low[1], high[1]


def _of_row(names: list[str]) -> Callable[[str], Line]:
    network = next((names.index(n) for n in NETWORK if n in names), None)
    start = next((names.index(n) for n in START if n in names), None)
    end = next((names.index(n) for n in END if n in names), None)
    told = [i for i, n in enumerate(names) if n in OF_USE]

    @functools.lru_cache(maxsize=1 << 18)
    def said(cells_: tuple[str, ...]) -> Values:
        return values({names[i]: c for i, c in zip(told, cells_, strict=True) if c})

    def line(raw: str) -> Line:
        row = cells(raw)
        if len(row) != len(names):
            return None
        if network is not None:
            parts = row[network].split("-")
            span = _between(*parts) if len(parts) == 2 else parse_range(row[network])
        else:
            assert start is not None and end is not None
            span = _between(row[start], row[end])
        return None if span is None else (*span, said(tuple(row[i] for i in told)))

    return line


def _of_ip2proxy(raw: str) -> Line:
    row = cells(raw)
    names = IP2PROXY_COLUMNS.get(len(row))
    span = _between(row[0], row[1]) if names else None
    if names is None or span is None:
        return None
    held = {n: c for n, c in zip(names, row, strict=False) if text(c) is not None}
    said = Values(
        asn=asn(held.get("asn")),
        as_org=text(held.get("as")) or text(held.get("isp")),
        network_kind=kind_of({k: v for k, v in held.items() if k in ("proxy_type", "usage_type")}),
        vpn_operator=text(held.get("provider")),
        country=country(held.get("country_code")),
        region=text(held.get("region")),
        city=text(held.get("city")),
    )
    return (*span, said)


def _of_delegation(raw: str) -> Line:
    row = raw.strip().split("|")
    if len(row) < 7 or row[2] not in ("ipv4", "ipv6") or not row[4].isdigit():
        return None
    low = parse_address(row[3])
    if low is None:
        return None
    size = int(row[4]) if row[2] == "ipv4" else 1 << max(128 - int(row[4]), 0)
    high = low[1] + size - 1
    return (low[0], low[1], high, Values(country=country(row[1]))) if low[1] <= high <= LARGEST[low[0]] else None


def _of_geofeed(kind: str | None) -> Callable[[str], Line]:
    def line(raw: str) -> Line:
        row = cells(raw)
        span = parse_range(row[0]) if len(row) >= 4 else None
        if span is None:
            return None
        region = text(row[2])
        return (*span, Values(network_kind=kind, country=country(row[1]), region=region, city=text(row[3])))

    return line


def _of_list(kind: str) -> Callable[[str], Line]:
    def line(raw: str) -> Line:
        span = parse_range(re.split(r"[\s#;,]", raw.strip(), maxsplit=1)[0])
        return None if span is None else (*span, Values(network_kind=kind))

    return line


def _of_tor(raw: str) -> Line:
    words = raw.split()
    span = parse_range(words[1]) if len(words) > 1 and words[0] == "ExitAddress" else None
    return None if span is None else (*span, Values(network_kind="tor"))


def _skips(kind: str) -> Callable[[str], bool]:
    """Lines that a kind of file has beside its ranges."""
    if kind == TOR:
        return lambda raw: not raw.startswith("ExitAddress")
    if kind == DELEGATED:
        return lambda raw: (
            raw.count("|") < 6 or raw.split("|")[2] == "asn" or raw.split("|")[0].isdigit() or not raw.split("|")[3]
        )
    return lambda raw: False


def reader_of(kind: str, names: list[str]) -> Callable[[str], Line]:
    """What reads a line of a file of a kind.

    Args:
        kind: of the file.
        names: its header where it has one.
    """
    layout = kind.partition(":")[0]
    if layout == TABLE:
        return _of_row(names)
    if layout == GEOFEED:
        return _of_geofeed(said_kind(kind) or None)
    if layout == LIST:
        return _of_list(said_kind(kind))
    return {IP2PROXY: _of_ip2proxy, DELEGATED: _of_delegation, TOR: _of_tor}[layout]


def read(path: Path, kind: str, source16: str) -> Ranges:
    """Every range of a text file with what it says.

    Args:
        path: the file; compressed where its ending says so.
        kind: as recognised.
        source16: first 16 hex digits of its SHA-256.

    Raises:
        InputRefused: it is not text, is damaged, or more of its lines are no ranges than are.
    """
    collected = Collected()
    spans: list[tuple[int, int, int, int]] = []
    build, refused, first = "", 0, 0
    lines = enumerate(opened.lines(path), start=1)
    names: list[str] = []
    if kind == TABLE:
        for _, raw in lines:
            if not comment(raw):
                names = header_of(raw)
                break
    one, skips = reader_of(kind, names), _skips(kind)
    for number, raw in lines:
        if comment(raw) or skips(raw):
            build = max(build, day_in(raw)) if kind == TOR else build or day_in(raw)
            continue
        found = one(raw)
        if found is None:
            refused, first = refused + 1, first or number
            continue
        family, low, high, said = found
        value = collected.number(said)
        if value >= 0:
            spans.append((family, low, high, value))
    if refused > len(spans):
        raise InputRefused(
            "A list of addresses holds more lines that are no addresses than lines that are.",
            where=f"{path}, line {first}",
            why=f"{refused} lines are no range of addresses as {kind.partition(':')[0]} files have them.",
            do="Download or export it again.",
        )
    return Ranges(of_spans(spans, collected, source16, build), build, len(spans) + refused, refused)


def sample(beginning: str, most: int = 50) -> Iterator[str]:
    """The first lines of a file that are no remarks; its last line, which may be cut, only where it is the only one."""
    whole = beginning.splitlines() if beginning.endswith("\n") else beginning.splitlines()[:-1] or [beginning]
    return itertools.islice((line for line in whole if not comment(line)), most)


def is_network(value: str) -> bool:
    """Whether a text is an address or range."""
    try:
        ipaddress.ip_network(value.strip(), strict=False)
    except ValueError:
        return False
    return True
