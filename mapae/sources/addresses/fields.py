"""What a file says of a range, whatever its vendor calls it: network, kind and place."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from mapae.rules.kinds import CATALOGUE
from mapae.rules.lookups import read as read_lookups
from mapae.rules.tables import Table
from mapae.sources.codes import COUNTRIES

_ASN = re.compile(r"(?:AS)?(\d{1,10})", re.IGNORECASE)
# Cells in which vendors write that they have nothing to say.
_NOTHING = frozenset(("", "-", "zz", "none", "null", "unknown"))
TRUE = frozenset(("true", "1", "yes", "t"))


class Values(NamedTuple):
    """What a file says of one range; None where it says nothing."""

    asn: int | None = None
    as_org: str | None = None
    network_kind: str | None = None
    vpn_operator: str | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    lat: float | None = None
    lon: float | None = None
    accuracy_km: int | None = None


EMPTY = Values()


class KindRow(NamedTuple):
    """A row of ``infrastructure/address_kinds.csv``: which value of which field means which kind of network."""

    field: str
    value: str
    network_kind: str
    needs: tuple[str, ...]


@functools.cache
def kind_rows() -> tuple[KindRow, ...]:
    """Rows of ``infrastructure/address_kinds.csv``."""
    held = read_lookups(CATALOGUE / "infrastructure")["address_kinds"]
    at = [held.columns.index(c) for c in ("field", "value", "network_kind", "needs")]
    rows = [[row[i] or "" for i in at] for row in held.rows]
    return tuple(KindRow(f, v.lower(), k, tuple(n.split())) for f, v, k, n in rows)


@functools.cache
def _kinds_by_field() -> Mapping[str, tuple[KindRow, ...]]:
    found: dict[str, list[KindRow]] = {}
    for row in kind_rows():
        found.setdefault(row.field, []).append(row)
    return {field: tuple(rows) for field, rows in found.items()}


@functools.cache
def order() -> Mapping[str, int]:
    """Rank of each kind of network, the one that goes before all others first: the words of the table ``addresses``."""
    from mapae.rules.kinds import load_catalogue

    table: Table = load_catalogue().tables["addresses"]
    return {word: rank for rank, word in enumerate(table.columns["network_kind"].words)}


def text(value: Any) -> str | None:
    """A text without outer blanks; None where the vendor writes that there is none."""
    if value is None or isinstance(value, Mapping | list | bytes):
        return None
    made = " ".join(str(value).split())
    return None if made.lower() in _NOTHING else made


def asn(value: Any) -> int | None:
    """Number of a network, written ``13335`` or ``AS13335``."""
    match = _ASN.fullmatch(str(value).strip()) if value is not None else None
    number = int(match[1]) if match else 0
    return number if 0 < number < 1 << 32 else None


def country(value: Any) -> str | None:
    """Code of a country, or None where it is none."""
    made = str(value).strip().upper() if value is not None else ""
    return made if made in COUNTRIES else None


def number(value: Any, bound: float) -> float | None:
    """A finite number between ``-bound`` and ``bound``, or None."""
    try:
        made = float(value)
    except (TypeError, ValueError):
        return None
    return made + 0.0 if -bound <= made <= bound else None


def kind_of(record: Mapping[str, Any]) -> str | None:
    """Kind of network that a record's flags name, the first in order where several do; None where none does."""
    found = []
    for field, value in record.items():
        for row in _kinds_by_field().get(field, ()):
            said = value if isinstance(value, str) else str(value)
            said = "true" if said.lower() in TRUE else said.lower()
            holds = text(value) is not None if row.value == "*" else said == row.value
            if holds and all(need in record for need in row.needs):
                found.append(row.network_kind)
    return min(found, key=order().__getitem__) if found else None


def _english(value: Any) -> str | None:
    """English name of a place: a text, or a record with names by language."""
    if isinstance(value, Mapping):
        names = value.get("names")
        return text(names.get("en")) if isinstance(names, Mapping) else text(value.get("name"))
    return text(value)


# Names under which files give a field, the first that is there counts.
NAMES: dict[str, tuple[str, ...]] = {
    "asn": ("asn", "autonomous_system_number", "as_number"),
    "as_org": ("as_name", "autonomous_system_organization", "as_organization", "as_org", "organization", "isp", "name", "as"),
    "vpn_operator": ("privacy_name", "provider_name", "service", "provider", "vpn_operator"),
    "country": ("country_code", "country_iso_code", "country", "cc"),
    "region": ("region", "region_name", "stateprov", "subdivision_1_name", "state"),
    "city": ("city", "city_name"),
    "lat": ("latitude", "lat"),
    "lon": ("longitude", "lon", "lng"),
    "accuracy_km": ("accuracy_radius", "radius", "accuracy_km"),
}  # fmt: skip
# Fields by which a file's records are known to be of use.
KNOWN = frozenset(name for names in NAMES.values() for name in names) | {"location", "subdivisions", "traits"}


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record with its traits and location on the first level."""
    made = dict(record)
    for inner in ("traits", "location"):
        below = record.get(inner)
        if isinstance(below, Mapping):
            made |= {k: v for k, v in below.items() if k not in record}
    return made


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((record[n] for n in names if record.get(n) not in (None, "")), None)


def values(record: Mapping[str, Any]) -> Values:
    """What one record of an MMDB or one row of a table says, by the vendors' own names of fields."""
    held = flat(record)
    land = held.get("country")
    code = land.get("iso_code") if isinstance(land, Mapping) else _first(held, NAMES["country"])
    if "name" in held and "asn" in held and "as_name" not in held:
        code = None  # a register of network numbers: the country is the holder's, not the address's
    below = held.get("subdivisions")
    region = below[0] if isinstance(below, list) and below else _first(held, NAMES["region"])
    lat, lon = number(_first(held, NAMES["lat"]), 90), number(_first(held, NAMES["lon"]), 180)
    radius = number(_first(held, NAMES["accuracy_km"]), 20_038)  # half the way around the earth, in km
    kind = text(held["network_kind"]) if "network_kind" in held else kind_of(held)
    operator = (
        text(_first(held, NAMES["vpn_operator"])) if kind in ("vpn", "relay", "proxy", "residential_proxy") else None
    )
    return Values(
        asn=asn(_first(held, NAMES["asn"])),
        as_org=text(_first(held, NAMES["as_org"])),
        network_kind=kind if kind in order() else None,
        vpn_operator=operator if (operator or "").lower() not in TRUE else None,
        country=country(code),
        region=_english(region),
        city=_english(_first(held, NAMES["city"])),
        lat=lat if lon is not None else None,
        lon=lon if lat is not None else None,
        accuracy_km=round(radius) if radius is not None and radius >= 0 else None,
    )
