"""Blocks of addresses that the catalogue knows something of: ``infrastructure/address_blocks.csv``."""

from __future__ import annotations

import dataclasses
import datetime as dt

from mapae.model.errors import RuleRefused
from mapae.rules.lookups import Lookup
from mapae.sources.addresses.numbers import parse_range

NAME = "address_blocks"


@dataclasses.dataclass(frozen=True)
class Block:
    """A range that the catalogue says is the DPRK's own, and until when that holds."""

    family: int
    low: int
    high: int
    valid_until: dt.date

    def holds(self, as_of: str) -> bool:
        """Whether the row has not expired by a day (ISO; "" for no day at all, by which nothing expires)."""
        return not as_of or dt.date.fromisoformat(as_of[:10]) <= self.valid_until


def nexus_blocks(held: Lookup) -> list[Block]:
    """Ranges that are a nexus by themselves.

    Raises:
        RuleRefused: such a row has no range or no day on which it expires.
    """
    at = {c: held.columns.index(c) for c in ("value", "kind", "nexus", "valid_until")}
    made = []
    for number, row in enumerate(held.rows, 1):
        if row[at["kind"]] != "cidr" or row[at["nexus"]] != "yes":
            continue
        span, until = parse_range(row[at["value"]] or ""), row[at["valid_until"]]
        try:
            day = dt.date.fromisoformat(until or "")
        except ValueError:
            span = None
        if span is None:
            raise RuleRefused(
                "A block of addresses has no range or no day on which it expires.",
                where=f"{held.path}, row {number}",
                do="Write value as 203.0.113.0/24 and valid_until as 2027-01-31.",
            )
        made.append(Block(*span, day))
    return made
