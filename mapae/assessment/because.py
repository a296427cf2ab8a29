"""The table of assessments as one SELECT: what was weighed once is joined back to every account, with its grounds."""

from __future__ import annotations

from mapae.engine.steps import Inputs, Query
from mapae.model.findings import BECAUSE_MAX
from mapae.model.ids import finding_id_sql

RULE = "assessment.misrepresented"
QUESTION = "misrepresented?"


def make_grounds(inputs: Inputs) -> None:
    """Make the temporary table ``grounds(account_id, because, because_n)`` for accounts that have any.

    An account's grounds are its own counted flags; a ring member's are also its place in the ring and the counted
    flags of the other members, since the ring is weighed as one. Where more than 20 would be listed, the ring and the
    account's own flags come first. Needs the tables ``placed`` and ``counted_rules``.

    Args:
        inputs: with the views ``flag`` and ``ring``.
    """
    con = inputs.con
    con.execute(
        "create or replace temp table own_grounds as "
        "select p.account_id, p.ring, 'finding:' || f.id as ref "
        "from flag as f join placed as p on f.subject = 'account:' || p.account_id "
        "where f.counted and f.verdict = 'yes' and f.rule in (select rule from counted_rules)"
    )
    con.execute(
        "create or replace temp table ring_grounds as select ring, ref, "
        "row_number() over (partition by ring order by ref) as n, count(*) over (partition by ring) as total "
        "from own_grounds where ring <> ''"
    )
    con.execute(
        f"""create or replace temp table grounds as
        with said as (
          select account_id, ref, 1 as rank from own_grounds
          union all
          select p.account_id, 'finding:' || r.id, 0 from placed as p
            join ring as r on r.object = p.ring and r.subject = 'account:' || p.account_id where p.ring <> ''
          union all
          select p.account_id, g.ref, 2 from placed as p join ring_grounds as g on g.ring = p.ring
            where p.ring <> '' and g.n <= {2 * BECAUSE_MAX}
        ), once as (select account_id, ref, min(rank) as rank from said group by account_id, ref
        ), ranked as (
          select account_id, ref, row_number() over (partition by account_id order by rank, ref) as n,
            count(*) over (partition by account_id) as own_n from once
        ), totals as (select ring, max(total) as total from ring_grounds group by ring)
        select r.account_id, list(r.ref order by r.ref) as because,
          cast(case when p.ring = '' then max(r.own_n) else 1 + coalesce(max(t.total), 0) end as integer) as because_n
        from ranked as r join placed as p on p.account_id = r.account_id left join totals as t on t.ring = p.ring
        where r.n <= {BECAUSE_MAX} group by r.account_id, p.ring"""
    )


def assessments() -> Query:
    """One row for every account. Needs ``placed``, ``grounds``, ``priors``, ``weighed_patterns`` and ``weighed_members``.

    Returns:
        The SELECT, in the columns of ``findings/assessment``.
    """
    ident = finding_id_sql("'assessment'", f"'{RULE}'", "'account:' || p.account_id", "''")
    told = ("verdict", "centibits", "permille", "families_seen", "families", "facts")
    said = ", ".join(f"coalesce(m.{column}, w.{column}) as {column}" for column in told)
    return Query(
        f"select {ident} as id, '{RULE}' as rule, 'account:' || p.account_id as subject, '' as object, {said}, "
        f"coalesce(g.because, []) as because, coalesce(g.because_n, 0) as because_n, "
        f"'{QUESTION}' as question, o.prior as prior_centibits, p.ring as ring "
        "from placed as p join priors as o on o.door = p.door left join weighed_members as m on m.key = p.account_id and p.ring <> '' "
        "left join weighed_patterns as w on w.key = p.pattern * 2 + p.control and w.door = p.door and p.ring = '' "
        "left join grounds as g on g.account_id = p.account_id"
    )
