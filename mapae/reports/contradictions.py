"""Contradictions: what a register or an account states, beside what the records show, without naming any place."""

from __future__ import annotations

import dataclasses
from typing import Any

from mapae.reports.people import Person
from mapae.reports.sections import rows_in
from mapae.store.runs import OpenRun


@dataclasses.dataclass(frozen=True)
class Contradiction:
    """One statement and what stands against it.

    Args:
        person: the account that stands for the person.
        stated, recorded: sentences without names, places or values.
        since, until: first and last time of the rows against it (UTC), None where they carry none.
        rows: how many rows stand against it.
    """

    person: str
    stated: str
    recorded: str
    since: Any
    until: Any
    rows: int


# Lines from which a person is at a place; tunnels, relays and data centres say nothing of where somebody is.
_LINES = "network_kind in ('residential', 'mobile')"
_COUNTRY = f"""
select count(*) as n, count(distinct cast(s.happened_at as date)) as days, min(s.happened_at) as since, max(s.happened_at) as until,
  (select count(*) from sign_ins as x where x.account_id in $in and x.outcome = 'success' and x.{_LINES} and x.country is not null) as placed
from sign_ins as s where s.account_id in $in and s.outcome = 'success' and s.{_LINES} and s.country is not null
  and s.country not in (
    select claimed_country from accounts where account_id in $in and claimed_country is not null
    union all select work_country from employees where person_id in $in and work_country is not null
    union all select home_country from employees where person_id in $in and home_country is not null)
  and not exists (select 1 from declared as d where d.kind = 'travel' and d.subject in $in
    and coalesce(d.since, date '1900-01-01') <= cast(s.happened_at as date) and coalesce(d.until, date '2200-12-31') >= cast(s.happened_at as date))
  and (exists (select 1 from accounts where account_id in $in and claimed_country is not null)
    or exists (select 1 from employees where person_id in $in and coalesce(work_country, home_country) is not null))
"""
_SHIPPED = """
select count(*) as n, min(happened_at) as since, max(happened_at) as until,
  (select count(*) from equipment as x where x.account_id in $in or x.person_id in $in) as sent from equipment
where (account_id in $in or person_id in $in) and ship_to_address_folded is not null and (
  (id_document_address_folded is not null and id_document_address_folded <> ship_to_address_folded)
  or exists (select 1 from employees as e where e.person_id in $in and e.home_address_folded is not null
    and e.home_address_folded <> ship_to_address_folded))
"""
_REDIRECTED = """
select count(*) as n, min(happened_at) as since, max(happened_at) as until,
  (select count(*) from equipment as x where x.account_id in $in or x.person_id in $in) as sent from equipment
where (account_id in $in or person_id in $in) and redirected
"""


def of(run: OpenRun, people: list[Person]) -> list[Contradiction]:
    """Contradictions of each person, in a fixed order."""
    found: list[Contradiction] = []
    for person in people:
        ids = [*person.accounts, *([person.person_id] if person.person_id else [])]

        def put(sql: str, stated: str, recorded: str, ids: list[str] = ids, who: str = person.principal) -> None:
            for row in rows_in(run, sql, ids):
                if row["n"]:
                    told = recorded.format(**{k: f"{v:,}" for k, v in row.items() if isinstance(v, int)})
                    found.append(Contradiction(who, stated, told, row["since"], row["until"], row["n"]))

        put(
            _COUNTRY,
            "The register or the account names the country in which the person lives and works.",
            "{n} of {placed} sign-ins from home and mobile lines, on {days} days, came from another country than that.",
        )
        put(
            _SHIPPED,
            "The papers or the register give the person's home address.",
            "{n} of {sent} shipments of equipment went to another address than that.",
        )
        put(
            _REDIRECTED,
            "Equipment was sent to the address that was agreed.",
            "{n} of {sent} shipments were sent on to another place on the way.",
        )
    return found
