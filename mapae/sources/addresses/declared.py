"""Networks that people have declared: office, VPN and gateway egress."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable

from mapae.sources.addresses.fields import asn
from mapae.sources.addresses.numbers import parse_range

_ASN = re.compile(r"AS\d{1,10}", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Declared:
    """A declared network: a range of addresses, or all of a network's number; from and until where bounded."""

    span: tuple[int, int, int] | None
    asn: int | None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def declared_network(subject: str) -> tuple[tuple[int, int, int] | None, int | None] | None:
    """What a declaration's subject names: a range (family, first, last) or a network's number; None of neither.

    Example:
        >>> declared_network("198.51.100.7"), declared_network("AS64500"), declared_network("the office")
        (((4, 3325256711, 3325256711), None), (None, 64500), None)
    """
    value = subject.strip()
    if _ASN.fullmatch(value):
        return None, asn(value)
    span = parse_range(value)
    return None if span is None else (span, None)


def networks(rows: Iterable[tuple[str, dt.datetime | None, dt.datetime | None]]) -> list[Declared]:
    """Declarations of networks as values; subjects that name none are left out.

    Args:
        rows: subject, since, until of the declarations of kind ``network``.
    """
    made = []
    for subject, since, until in rows:
        found = declared_network(subject)
        if found is not None:
            made.append(Declared(found[0], found[1], since, until))
    return made
