"""Where the register has people live: households are open in it, and people who are said to live apart are not one.

The register's word is a comparison with a few outcomes (``homes`` of ``catalogue/keys.yml``), weighed once for a group,
whatever its hands share. Without a register, or where one of a group has no home in it, it says nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from mapae.engine.steps import Inputs

UNKNOWN, SAME, APART, REGIONS_APART = "unknown", "same", "apart", "regions_apart"

# One row per hand with a home; the least of several rows of one person, so that the order of files is of no matter.
_HOMES = """
select h.hand, min(e.home_address_folded || ' ' || coalesce(e.home_address_unit, '')) as address,
  min(e.home_region_folded) as region, min(e.home_country) as country
from employees as e
join (select distinct hand from hands) as h on h.hand = 'person:' || e.person_id
where e.home_address_folded is not null group by h.hand
"""
# Of two hands; the same words as :meth:`Homes.relation`.
PAIR = f"""
case when x.address is null or y.address is null then '{UNKNOWN}' when x.address = y.address then '{SAME}'
  when x.country <> y.country or x.region <> y.region then '{REGIONS_APART}' else '{APART}' end
"""


@dataclasses.dataclass(frozen=True)
class Homes:
    """Home of each hand that the register has one for: address with its unit, region, country."""

    of: Mapping[str, tuple[str, str | None, str | None]]

    def relation(self, hands: Iterable[str]) -> str:
        """How the register has a group live: in one home, all in different ones, all in different regions, or unknown.

        Args:
            hands: at least two.
        """
        known = [self.of.get(hand) for hand in sorted(hands)]
        homes = [home for home in known if home is not None]
        if len(homes) < len(known) or len(homes) < 2:
            return UNKNOWN
        if len({address for address, _, _ in homes}) == 1:
            return SAME
        if len({address for address, _, _ in homes}) < len(homes):
            return UNKNOWN
        for place in ([country for _, _, country in homes], [region for _, region, _ in homes]):
            if None not in place and len(set(place)) == len(place):
                return REGIONS_APART
        return APART


NOWHERE = Homes({})


def read(inputs: Inputs) -> Homes:
    """Homes of the register, also as the temporary table ``homes(hand, address, region, country)``.

    Args:
        inputs: with the view ``employees``, after :func:`mapae.linkage.persons.make`.
    """
    inputs.con.execute(f"create or replace temp table homes as {_HOMES}")
    rows = inputs.con.execute("select hand, address, region, country from homes order by hand").fetchall()
    return Homes({hand: (address, region, country) for hand, address, region, country in rows})
