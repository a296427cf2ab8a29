"""What the register says of a group: whether its people live in one home, and whether they were hired close in time.

Households are open in a register, and people who are said to live in different places are not one; who runs several
people brings them in one after another. Both are comparisons with a few outcomes (``register`` of
``catalogue/keys.yml``), weighed once for a group, whatever its hands share. Without a register, or where it lacks one
of a group, it says nothing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterable, Mapping

from mapae.engine.steps import Inputs

UNKNOWN, SAME, APART, REGIONS_APART = "unknown", "same", "apart", "regions_apart"
RECENT, NEAR, FAR = "recent", "near", "far"
# Days between two hires that count as close in time, as the key ``referral`` has it; and days for which a hire is recent.
NEAR_DAYS, RECENT_DAYS = 120, 365

# One row per hand; the least of several rows of one person, so that the order of files is of no matter.
_REGISTER = f"""
select h.hand, min(e.home_address_folded || ' ' || coalesce(e.home_address_unit, '')) as address,
  min(e.home_region_folded) as region, min(e.home_country) as country, min(e.hired_on) as hired_on,
  coalesce(min(e.hired_on) >= cast(? as date) - {RECENT_DAYS}, false) as recent
from employees as e
join (select distinct hand from hands) as h on h.hand = 'person:' || e.person_id
group by h.hand
"""
# Of two hands; the same words as :meth:`Register.relation`.
PAIR = f"""
case when x.address is null or y.address is null then '{UNKNOWN}' when x.address = y.address then '{SAME}'
  when x.country <> y.country or x.region <> y.region then '{REGIONS_APART}' else '{APART}' end || ' ' ||
case when x.hired_on is null or y.hired_on is null then '{UNKNOWN}'
  when abs(date_diff('day', x.hired_on, y.hired_on)) > {NEAR_DAYS} then '{FAR}'
  when x.recent and y.recent then '{RECENT}' else '{NEAR}' end
"""

# Address with its unit, region, country, day of hiring as far as the register knows them, and whether that is recent.
Row = tuple[str | None, str | None, str | None, dt.date | None, bool]


@dataclasses.dataclass(frozen=True)
class Register:
    """What the register has of each hand."""

    of: Mapping[str, Row]

    def relation(self, hands: Iterable[str]) -> str:
        """How a group lives and was hired, as two words: ``regions_apart near``.

        Args:
            hands: at least two.
        """
        rows = [self.of.get(hand, (None, None, None, None, False)) for hand in sorted(hands)]
        return f"{_homes(rows)} {_hired(rows)}"


def _homes(rows: list[Row]) -> str:
    """In one home, all in different ones, all in different regions, or unknown."""
    addresses = {row[0] for row in rows}
    if None in addresses:
        return UNKNOWN
    if len(addresses) == 1:
        return SAME
    if len(addresses) < len(rows):
        return UNKNOWN
    for place in ([row[2] for row in rows], [row[1] for row in rows]):
        if None not in place and len(set(place)) == len(place):
            return REGIONS_APART
    return APART


def _hired(rows: list[Row]) -> str:
    """Each within :data:`NEAR_DAYS` of the next (and all of late), or not, or unknown."""
    known = sorted(row[3] for row in rows if row[3] is not None)
    if len(known) < len(rows):
        return UNKNOWN
    if any((b - a).days > NEAR_DAYS for a, b in itertools.pairwise(known)):
        return FAR
    return RECENT if all(row[4] for row in rows) else NEAR


NOBODY = Register({})


def read(inputs: Inputs, as_of: str = "") -> Register:
    """The register, also as the temporary table ``register(hand, address, region, country, hired_on, recent)``.

    Args:
        as_of: ISO day from which hires are recent; "" knows of none.
        inputs: with the view ``employees``, after :func:`mapae.linkage.persons.make`.
    """
    inputs.con.execute(f"create or replace temp table register as {_REGISTER}", [as_of or None])
    rows = inputs.con.execute("select * from register order by hand").fetchall()
    return Register(
        {hand: (address, region, country, hired, recent) for hand, address, region, country, hired, recent in rows}
    )
