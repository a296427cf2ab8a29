"""Placing: each account's pattern and its place in a ring, as two temporary tables, in SQL.

Python sees the rings and the distinct patterns only; accounts stay in the engine.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable

import pyarrow as pa

from mapae.assessment.levels import FAMILIES
from mapae.assessment.operators import ALONE, Member, control_level, declared_groups, undeclared
from mapae.assessment.reach import CODES, code_sql
from mapae.assessment.weights import Pattern
from mapae.engine.steps import Inputs
from mapae.rules.kinds import Indicator

# A pattern as one number: the codes of a family (reach.py) times its power of 32.
BASE = CODES
# Who is said to stand behind an account: its person (p, measure persons), else itself.
IDENTITY = "case when p.person_id is null then 'account:' || a.account_id else 'person:' || p.person_id end"
PLATFORM = "platform"
READS = (
    "answers",
    "findings/ring",
    "identifiers",
    "measures/doors",
    "measures/persons",
    "records/accounts",
    "records/declared",
    "records/declared_with_whom",
)


@dataclasses.dataclass(frozen=True)
class Ring:
    """A ring as the assessment sees it: its members, the level code of its undeclared size, and its members' door."""

    name: str
    members: tuple[Member, ...]
    control: int
    door: str = PLATFORM


@dataclasses.dataclass(frozen=True)
class Placed:
    """Accounts of one door per pattern (own codes and, last, control), and the rings."""

    counts: dict[Pattern, int]
    rings: tuple[Ring, ...]


def place(inputs: Inputs, indicators: list[Indicator], kinds: Iterable[str], as_of: str = "") -> dict[str, Placed]:
    """Make the temporary table ``placed(account_id, pattern, control, ring, door)`` and count it.

    A ring is weighed as its first member's door has it.

    Control is known (alone) where no ring was found although the account holds something that rings are found by.

    Args:
        inputs: with the views of :data:`READS`.
        indicators: those of :func:`mapae.assessment.levels.counted_indicators`.
        kinds: kinds of identifiers that are link keys (:func:`mapae.assessment.levels.key_kinds`).
        as_of: declarations hold as of this ISO day; "" takes all.

    Returns:
        By door, counts per pattern, and rings by name.
    """
    con = inputs.con
    code = " + ".join(f"cast({family} as bigint) * {BASE**i}" for i, family in enumerate(FAMILIES))
    con.execute(
        "create or replace temp table own as "
        f"select c.account_id, {code} as pattern, coalesce(d.door, '{PLATFORM}') as door "
        f"from ({code_sql(indicators)}) as c left join doors as d on d.account_id = c.account_id"
    )
    groups = _declared(inputs, as_of)
    rings = _rings(inputs, groups)
    member_rows = [(one.account, ring.name, ring.control, ring.door) for ring in rings for one in ring.members]
    names = sorted({name for group in groups for name in group})
    con.register("ring_members", _table(("account_id", "ring", "control", "door"), member_rows))
    con.register("declared_names", _table(("identity",), [(name,) for name in names]))
    con.register("key_kinds", _table(("kind",), [(kind,) for kind in sorted(kinds)]))
    rest = ALONE if rings else 0
    con.execute(
        "create or replace temp table placed as with holders as (select distinct coalesce('account:' || p.principal, i.party) "
        "as party from (select distinct party from identifiers as i semi join key_kinds as k on k.kind = i.kind) as i "
        "left join persons as p on 'account:' || p.account_id = i.party) select own.account_id, own.pattern, "
        "cast(case when m.ring is not null then m.control when d.identity is not null or h.party is null then 0 "
        f"else {rest} end as tinyint) as control, "
        "coalesce(m.ring, '') as ring, coalesce(m.door, own.door) as door from own "
        "left join ring_members as m on m.account_id = own.account_id "
        "left join accounts as a on a.account_id = own.account_id "
        "left join persons as p on p.account_id = own.account_id "
        f"left join declared_names as d on d.identity = {IDENTITY} "
        "left join holders as h on h.party = 'account:' || own.account_id"
    )
    counted = con.execute("select door, pattern, control, count(*) from placed group by all order by all").fetchall()
    counts: dict[str, dict[Pattern, int]] = defaultdict(dict)
    for door, p, c, n in counted:
        counts[door][(*decode(p), int(c))] = int(n)
    doors = sorted(counts) or [PLATFORM]
    return {door: Placed(counts[door], tuple(r for r in rings if r.door == door)) for door in doors}


def decode(number: int) -> Pattern:
    """The codes behind a pattern's number."""
    return tuple(number // BASE**i % BASE for i in range(len(FAMILIES)))


def encode(pattern: Pattern) -> int:
    """The number of a pattern of codes."""
    return sum(told * BASE**i for i, told in enumerate(pattern))


def _declared(inputs: Inputs, as_of: str) -> list[frozenset[str]]:
    """Identities declared together as team or household, as of a day."""
    holds = (
        ""
        if not as_of
        else (
            f" and (d.since is null or d.since::date <= date '{as_of}') and (d.until is null or d.until::date >= date '{as_of}')"
        )
    )
    rows = inputs.con.execute(
        "select d.subject, w.value from declared as d left join declared_with_whom as w "
        "on w.mapae_source = d.mapae_source and w.mapae_row = d.mapae_row "
        f"where d.kind in ('team', 'household'){holds} order by d.mapae_source, d.mapae_row, w.position"
    ).fetchall()
    with_whom: dict[str, set[str]] = defaultdict(set)
    for subject, other in rows:
        with_whom[subject].update([other] if other else [])
    said = sorted({name.removeprefix("account:") for row in rows for name in row if name})
    inputs.con.register("declared_said", _table(("name",), [(name,) for name in said]))
    known = inputs.con.execute(
        f"select a.account_id, {IDENTITY} from accounts as a semi join declared_said as s on s.name = a.account_id "
        "left join persons as p on p.account_id = a.account_id"
    ).fetchall()
    identity = dict(known)
    return declared_groups(((subject, sorted(others)) for subject, others in sorted(with_whom.items())), identity)


def _rings(inputs: Inputs, groups: list[frozenset[str]]) -> tuple[Ring, ...]:
    rows = inputs.con.execute(
        f"select r.object, own.account_id, {IDENTITY}, r.member_permille, r.size, own.pattern, own.door from ring as r "
        "join own on r.subject = 'account:' || own.account_id join accounts as a on a.account_id = own.account_id "
        "left join persons as p on p.account_id = own.account_id "
        "where r.verdict in ('yes', 'unknown') "
        "qualify row_number() over (partition by r.subject order by r.member_permille desc, r.object) = 1 "
        "order by r.object, own.account_id"
    ).fetchall()
    by_ring: dict[str, list[Member]] = defaultdict(list)
    size: dict[str, int] = {}
    doors: dict[str, str] = {}
    for name, account, identity, permille, told, pattern, door in rows:
        doors.setdefault(name, door)
        by_ring[name].append(Member(account, identity, permille, decode(pattern)))
        size[name] = told
    touching: dict[str, list[frozenset[str]]] = defaultdict(list)
    for group in groups:
        for one in group:
            touching[one].append(group)
    rings = []
    for name, members in sorted(by_ring.items()):
        identities = [one.identity for one in members]
        near = [group for one in sorted(set(identities)) for group in touching.get(one, ())]
        number = min(undeclared(identities, near), max(size[name], 1))
        rings.append(Ring(name, tuple(members), control_level(number), doors[name]))
    return tuple(rings)


def _table(names: tuple[str, ...], rows: Iterable[tuple[str | int, ...]]) -> pa.Table:
    listed = list(rows)
    types = {"control": pa.int8()}
    columns = [pa.array([row[i] for row in listed], types.get(name, pa.string())) for i, name in enumerate(names)]
    return pa.table(columns, names=list(names))
