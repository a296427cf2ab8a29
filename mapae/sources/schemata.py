"""FollowTheMoney's schemata as a table: which properties a kind of entity has, and of which type they are."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "catalogue" / "infrastructure" / "ftm_schemata.csv"


@functools.cache
def _table() -> tuple[dict[str, list[str]], dict[str, dict[str, str]]]:
    extends: dict[str, list[str]] = {}
    own: dict[str, dict[str, str]] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["property"]:
                own[row["schema"]][row["property"]] = row["type"]
            else:
                extends[row["schema"]], own[row["schema"]] = row["extends"].split(), {}
    return extends, own


def schemata() -> tuple[str, ...]:
    """Names of all schemata, sorted."""
    return tuple(sorted(_table()[0]))


@functools.cache
def is_a(schema: str, other: str) -> bool:
    """Whether a schema is another one or extends it (``Company`` is a ``LegalEntity``)."""
    return schema == other or any(is_a(parent, other) for parent in _table()[0].get(schema, ()))


@functools.cache
def properties(schema: str) -> Mapping[str, str]:
    """Property to type (name, date, country, identifier, entity, ...), inherited ones included; empty if unknown."""
    extends, own = _table()
    made: dict[str, str] = {}
    for parent in extends.get(schema, ()):
        made.update(properties(parent))
    made.update(own.get(schema, {}))
    return made


# Most characters of a value by its type, as FollowTheMoney limits them; types not named here: 4,096.
LONGEST = {"name": 384, "address": 250, "string": 1024, "text": 65000, "identifier": 64, "number": 250, "email": 250}
# Identifiers with a shorter limit of their own (or a longer one).
LONGEST_OF = {
    "publicKey": 512,
    "cryptoAddress": 512,
    "postalCode": 16,
    "dunsCode": 16,
    "imoNumber": 16,
    "mmsi": 16,
    "giiNumber": 20,
}
LONGEST_OF |= {"icaoCode": 16, "vatCode": 32, "unscId": 16, "permId": 16, "cageCode": 16}


def longest(prop: str, kind: str) -> int:
    """Most characters that a value of a property may have."""
    return LONGEST_OF.get(prop, LONGEST.get(kind, 4096))
