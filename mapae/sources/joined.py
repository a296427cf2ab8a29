"""How far the logins of each system could be joined to people, and which could not, with the reason of each."""

from __future__ import annotations

import csv
import dataclasses
import io

import duckdb

from mapae.store import views

# Why a login stands alone, the first that applies. `mails` counts the people who carry an e-mail in the register.
_REASONS = """
select a.platform, a.account_id, coalesce(a.email, '') as email, coalesce(a.display_name, a.legal_name, '') as display_name,
  case when a.kind = 'service' then 'a service, nobody''s login'
    when a.email is null then 'it carries no e-mail, and no person_id'
    when f.domain is not null then 'a mailbox that anybody can open is not taken for a work e-mail: give a person_id'
    when m.people > 1 then 'the register gives this e-mail to several people: correct it there'
    else 'no row of the register carries this e-mail' end as why
from accounts as a
left join persons as p on p.account_id = a.account_id
left join (
  select b.email, count(distinct b.person_id) as people from accounts as b
  where b.person_id is not null and b.email is not null group by b.email) as m on m.email = a.email
left join (select distinct domain from free_mail) as f on f.domain = split_part(a.email, '@', 2)
where p.account_id is null order by a.platform, a.account_id
"""


@dataclasses.dataclass(frozen=True)
class Joined:
    """Logins of one system: how many there are, how many were joined to a person, and on what basis."""

    platform: str
    logins: int
    joined: int
    by_email: int
    services: int


def people(con: duckdb.DuckDBPyConnection, persons_sql: str) -> int:
    """Make the view ``persons``; how many people the register (employees) has.

    Args:
        con: with the views ``accounts``, ``employees`` and ``free_mail``.
        persons_sql: the measure ``persons``.
    """
    con.execute(f"create or replace temp table persons as {persons_sql}")
    row = views.first(con, "select count(distinct person_id) from employees")
    return int(row[0]) if row else 0


def rates(con: duckdb.DuckDBPyConnection) -> list[Joined]:
    """The join rate of each system whose logins are no register themselves, by name. After :func:`people`."""
    rows = con.execute(
        "select a.platform, count(*), count(p.account_id), coalesce(count_if(p.basis = 'email'), 0), coalesce(count_if(a.kind = 'service'), 0) "
        "from accounts as a left join persons as p on p.account_id = a.account_id "
        "where a.platform not in (select a.platform from accounts as a semi join employees as e on e.person_id = a.person_id) "
        "group by a.platform order by a.platform"
    ).fetchall()
    return [Joined(*row) for row in rows]


def unmatched(con: duckdb.DuckDBPyConnection) -> tuple[str, int]:
    """The logins that nobody of the register stands behind, as CSV, and how many they are. After :func:`people`."""
    rows = con.execute(_REASONS).fetchall()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["platform", "account_id", "email", "display_name", "why"])
    writer.writerows([["'" + c if str(c)[:1] in "=+-@\t\r" and c else c for c in row] for row in rows])
    return out.getvalue(), len(rows)


def shared_mails(con: duckdb.DuckDBPyConnection) -> int:
    """E-mails that the register gives to several people."""
    row = views.first(
        con,
        "select count(*) from (select email from accounts as a semi join employees as e on e.person_id = a.person_id "
        "where email is not null group by email having count(distinct person_id) > 1) as twice",
    )
    return int(row[0]) if row else 0
