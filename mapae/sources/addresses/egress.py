"""Addresses through which so much of a company signs in that they may be its own way out: found, and asked about."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mapae.rules.kinds import Catalogue
from mapae.sources.addresses.declared import declared_network
from mapae.sources.addresses.numbers import parse_range
from mapae.store.views import name

if TYPE_CHECKING:
    import duckdb

NAME = "egress"


@dataclasses.dataclass(frozen=True)
class Suspect:
    """An address, or an IPv6 /64, that may be a company's own way out.

    Args:
        ip: the address, or the /64.
        sign_ins: successful sign-ins from there.
        people: accounts that signed in from there.
        share_permille: its share of all successful sign-ins, rounded down.
    """

    ip: str
    sign_ins: int
    people: int
    share_permille: int

    @property
    def says(self) -> str:
        """The question, in one line."""
        share = f"{self.share_permille // 10} %" if self.share_permille >= 10 else "less than 1 %"
        return f"one address carries {share} of all sign-ins ({self.ip}): corporate egress? mapae declare network {self.ip}"


def suspects(
    con: duckdb.DuckDBPyConnection, sign_ins: str, catalogue: Catalogue, declared: Sequence[str] = ()
) -> list[Suspect]:
    """Addresses to ask about, the one with most sign-ins first.

    Args:
        con: holds the view.
        sign_ins: name of a view of the table ``sign_ins`` (columns ``account_id, ip, ip_64, outcome``).
        catalogue: has the list ``egress`` of thresholds.
        declared: subjects of networks that are declared; what lies in them is not asked about.

    Returns:
        At most as many as there are thresholds' multiples: an address needs a share of sign-ins or of people, and the
        least number of people, of one row of the list.
    """
    ways = [_way(catalogue, number) for number in range(len(catalogue.lookups[NAME].rows))]
    tests = " or ".join(
        f"(e.{what} * 1000 >= {permille} * w.{what} and e.people >= {least})" for what, permille, least in ways
    )
    found: list[tuple[Any, ...]] = con.execute(
        f"""
        with good as (select account_id, coalesce(ip_64, ip) as ip from {name(sign_ins)} where outcome = 'success' and ip is not null),
        whole as (select count(*) as sign_ins, count(distinct account_id) as people from good),
        each as (select ip, count(*) as sign_ins, count(distinct account_id) as people from good group by ip)
        select e.ip, e.sign_ins, e.people, e.sign_ins * 1000 // w.sign_ins from each as e, whole as w
        where {tests or "false"} order by e.sign_ins desc, e.ip
        """
    ).fetchall()
    given = [network for subject in declared if (network := declared_network(subject)) and network[0]]
    spans = [span for span, _ in given if span]
    return [Suspect(*row) for row in found if not _inside(str(row[0]), spans)]


def _way(catalogue: Catalogue, number: int) -> tuple[str, int, int]:
    held = catalogue.lookups[NAME]
    row = dict(zip(held.columns, held.rows[number], strict=True))
    what = str(row["what"])
    if what not in ("sign_ins", "people"):
        raise ValueError(f"{held.path}: {what!r} is neither sign_ins nor people")
    return what, int(row["permille"] or 0), int(row["least"] or 0)


def _inside(ip: str, spans: Sequence[tuple[int, int, int]]) -> bool:
    span = parse_range(ip)
    return span is not None and any(f == span[0] and low <= span[1] and span[2] <= high for f, low, high in spans)
