"""The part of all relations that can lie on a path: found backwards from listed parties, so that it stays small.

Millions of payouts lead nowhere. Walking back from the few hundred listed parties, hop by hop in SQL, touches only what
leads to one of them; a party with very many neighbours ends the walk there.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

import pyarrow as pa

from mapae.engine.steps import Inputs
from mapae.tracing.roles import Bounds

# Hops that only tell who somebody is are no step; two of them (a person, a wallet's holder) can lie on a route.
SAME_HOPS = 2

# Exact matches tell who a party is, or whose a wallet is; what matches only strongly or possibly is no hop. A wallet whose
# holder a list names in the same letters needs none. An account that matches by a wallet paid out to it: that is a
# relation and no identity, and it stands among the payouts.
SAME = """
create or replace temp table same as
with exact as (
  select id, subject, object, alias from match where level = 'exact' and verdict = 'yes' and object <> '' and subject <> object),
wallets as (select object, alias from exact where starts_with(subject, 'wallet:'))
select m.subject as from_ref, m.object as to_ref,
  case when starts_with(m.subject, 'wallet:') then 'held_by' else 'matched_to' end as role,
  cast(null as date) as since, cast(null as date) as until, cast(null as bigint) as cents, 'finding:' || m.id as ref
from exact as m
left join (select distinct from_ref, to_ref from edges where role = 'held_by') as h
  on h.from_ref = m.subject and h.to_ref = m.object
where h.from_ref is null and not (starts_with(m.subject, 'account:') and exists (
  select 1 from wallets as w where w.object = m.object and w.alias = m.alias))
"""


@dataclasses.dataclass(frozen=True, order=True)
class Hop:
    """One relation: ends, role, days, U.S. cents over all its rows, and the reference of its ground."""

    from_ref: str
    to_ref: str
    role: str
    ref: str
    since: dt.date | None = dataclasses.field(default=None, compare=False)
    until: dt.date | None = dataclasses.field(default=None, compare=False)
    cents: int | None = dataclasses.field(default=None, compare=False)
    permille: int = dataclasses.field(default=1000, compare=False)


@dataclasses.dataclass(frozen=True)
class Listed:
    """A listed party that a path may end at."""

    party: str
    caption: str
    programs: str


@dataclasses.dataclass(frozen=True)
class Reach:
    """Relations that lead to listed parties, by where they begin; and parties not walked through, with their neighbours."""

    out: dict[str, list[Hop]]
    crowded: dict[str, int]
    hops_left: dict[str, int]

    def far(self, node: str) -> int:
        """Fewest hops from a party to a listed one; very many where none leads there."""
        return self.hops_left.get(node, 10**6)


def listed(inputs: Inputs, bounds: Bounds, programmes: list[str]) -> dict[str, Listed]:
    """Listed parties under a programme on North Korea, or with the remark that says so.

    Args:
        inputs: with the views ``entries`` and ``statements_now``.
        bounds: the prefix of programme tags, and the remark.
        programmes: further programme tags that the lists name, matched whole.
    """
    inputs.con.register("tags", pa.table({"tag": pa.array(sorted(set(programmes)), pa.string())}))
    rows = inputs.con.execute(
        "select party, min(caption), min(programs) from entries as e "
        "where exists (select 1 from unnest(string_split(e.programs, ';')) as t(tag) "
        " where starts_with(t.tag, ?) or t.tag in (select tag from tags)) "
        "or e.entity_id in (select entity_id from statements_now where prop in ('notes', 'summary', 'description') and contains(value, ?)) "
        "group by party order by party",
        [bounds.programmes, bounds.remark],
    ).fetchall()
    return {party: Listed(party, caption or "", programs or "") for party, caption, programs in rows}


def reach(inputs: Inputs, targets: list[str], bounds: Bounds) -> Reach:
    """Relations on routes of at most ``bounds.depth`` steps that end at a target.

    Args:
        inputs: with the views ``edges`` and ``match``.
        targets: typed references of listed parties.
        bounds: depth, ceiling of neighbours, relations to leave out.

    Returns:
        Hops in order, and the parties that were not walked through.
    """
    con = inputs.con
    roles = pa.table(
        {
            "role": pa.array([name for name, role in bounds.roles.items() if role.walk], pa.string()),
            "permille": pa.array([role.permille for role in bounds.roles.values() if role.walk], pa.int32()),
        }
    )
    con.register("walked_roles", roles)
    con.execute(SAME)
    con.execute(
        "create or replace temp view relations as select e.*, r.permille from ("
        "select from_ref, to_ref, role, since, until, cents, ref from edges where from_ref <> to_ref "
        "union all select from_ref, to_ref, role, since, until, cents, ref from same) as e "
        "join walked_roles as r on r.role = e.role"
    )
    con.execute("create or replace temp table seen (node text, walked boolean)")
    con.execute("create or replace temp table hops as select * from relations limit 0")
    con.register("targets", pa.table({"node": pa.array(sorted(set(targets)), pa.string())}))
    con.execute("insert into seen select node, true from targets")
    con.execute("create or replace temp table frontier as select node from targets")
    crowded: dict[str, int] = {}
    for _ in range(bounds.depth + SAME_HOPS):
        con.execute(
            "create or replace temp table found as select r.* from relations as r semi join frontier as f on f.node = r.to_ref"
        )
        con.execute("insert into hops select * from found")
        con.execute(
            "create or replace temp table fresh as select distinct from_ref as node from found "
            "where from_ref not in (select node from seen) and not starts_with(from_ref, 'account:')"
        )
        # Accounts begin paths and are not walked through, so their neighbours need not be counted.
        con.execute(
            "create or replace temp table neighbours as select node, count(distinct other) as n from ("
            "select e.from_ref as node, e.to_ref as other from edges as e semi join fresh as f on f.node = e.from_ref "
            "union all select e.to_ref, e.from_ref from edges as e semi join fresh as f on f.node = e.to_ref) as ends group by node"
        )
        rows = con.execute("select node, n from neighbours where n > ? order by node", [bounds.fan_out]).fetchall()
        crowded.update(rows)
        con.execute(
            "insert into seen select f.node, coalesce(n.n, 0) <= ? from fresh as f left join neighbours as n on n.node = f.node",
            [bounds.fan_out],
        )
        con.execute(
            "create or replace temp table frontier as select node from seen where walked and node in (select node from fresh)"
        )
        if con.execute("select count(*) from frontier").fetchall() == [(0,)]:
            break
    rows = con.execute(
        "select distinct from_ref, to_ref, role, ref, since, until, cents, permille from hops order by all"
    ).fetchall()
    ends = set(targets)
    hops = [Hop(*row) for row in rows if row[1] in ends or row[1] not in crowded]
    out: dict[str, list[Hop]] = {}
    into: dict[str, list[str]] = {}
    for hop in hops:
        out.setdefault(hop.from_ref, []).append(hop)
        into.setdefault(hop.to_ref, []).append(hop.from_ref)
    return Reach(out, crowded, _hops_left(ends, into))


def _hops_left(targets: set[str], into: dict[str, list[str]]) -> dict[str, int]:
    """Fewest hops from each party to a listed one."""
    left = dict.fromkeys(targets, 0)
    frontier, far = sorted(targets), 0
    while frontier:
        fresh = sorted({before for node in frontier for before in into.get(node, ()) if before not in left})
        far += 1
        left.update(dict.fromkeys(fresh, far))
        frontier = fresh
    return left
