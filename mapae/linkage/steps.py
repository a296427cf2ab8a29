"""The step of linkage: what accounts share, weighed; links between two of them, and rings."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from mapae.engine.steps import Inputs, Query, Step
from mapae.linkage import declared, keys, persons, register, rings
from mapae.model import findings
from mapae.model.findings import BECAUSE_MAX, canonical_json
from mapae.model.ids import finding_id_sql, finding_ref
from mapae.rules.kinds import Catalogue
from mapae.settings import Settings

LINK_RULE, RING_RULE = "link.shared_keys", "ring.member"
READS = (
    "identifiers",
    "measures/doors",
    "measures/persons",
    "records/accounts",
    "records/declared",
    "records/declared_with_whom",
    "records/employees",
)
NOTES = pa.schema(
    [
        pa.field("about", pa.string(), nullable=False),
        pa.field("values_left_out", pa.int64(), nullable=False),
        pa.field("holders", pa.int64(), nullable=False),
        pa.field("says", pa.string(), nullable=False),
    ]
)

# Two hands and each key that they share: the rarest value's holders, and the grounds of both sides.
PAIR_KEYS = """
create or replace temp table pair_keys as select a.hand as a, b.hand as b, a.key as key, min(a.holders) as holders,
  list(a.ref) || list(b.ref) as refs
from shared as a join shared as b on a.key = b.key and a.value = b.value and a.hand < b.hand
group by a.hand, b.hand, a.key
"""
PAIRS = (
    """
create or replace temp table pairs as select p.a, p.b, p.keys, p.pattern, p.refs, coalesce(r.ring, '') as ring,
  coalesce(r.core, 'no') as core, coalesce(d.kind, '') as declared, """
    + register.PAIR
    + """ as register
from (
  select a, b, list(key order by key) as keys, string_agg(key || ' ' || holders, ',' order by key) as pattern,
    list_sort(list_distinct(flatten(list(refs)))) as refs
  from pair_keys group by a, b) as p
left join (
  select x.ring, x.hand as a, y.hand as b, least(x.core, y.core) as core from ring_hands as x
  join ring_hands as y on x.ring = y.ring and x.hand < y.hand) as r on r.a = p.a and r.b = p.b
left join (
  select x.hand as a, y.hand as b, max(x.kind) as kind from declared_hands as x
  join declared_hands as y on x.grp = y.grp and x.hand < y.hand group by 1, 2) as d on d.a = p.a and d.b = p.b
left join register as x on x.hand = p.a left join register as y on y.hand = p.b
"""
)
# A link stands between the accounts that stand for its two hands.
PAIR_ROWS = """
create or replace temp table pair_rows as
with first as (
  select h.hand, min('account:' || h.principal) as account from hands as h
  semi join (select a as hand from pairs union select b from pairs) as n on n.hand = h.hand group by h.hand)
select least(coalesce(x.account, p.a), coalesce(y.account, p.b)) as subject,
  greatest(coalesce(x.account, p.a), coalesce(y.account, p.b)) as object,
  p.a, p.b, p.ring, p.keys, p.refs, w.verdict, w.centibits, w.facts
from pairs as p
join weighed as w on w.pattern = p.pattern and w.ring = p.ring and w.core = p.core and w.declared = p.declared and w.register = p.register
left join first as x on x.hand = p.a left join first as y on y.hand = p.b
"""


def steps(catalogue: Catalogue, settings: Settings) -> list[Step]:
    """The one step of linkage.

    Args:
        catalogue: its ``keys`` are the link keys.
        settings: base rates enter the prior of "same hand?"; declarations hold as of ``as_of``.
    """
    return [
        Step(
            name="linkage",
            reads=READS,
            writes=("findings/link", "findings/ring", "notes/linkage"),
            function=functools.partial(
                link, data=catalogue.keys, base_rates=settings.base_rates(), as_of=settings.as_of
            ),
            parameters={
                "keys": catalogue.keys,
                "base_rates": {door: str(rate) for door, rate in settings.base_rates().items()},
                "as_of": settings.as_of,
            },
            version="6",
            schema={
                "findings/link": findings.schema("link"),
                "findings/ring": findings.schema("ring"),
                "notes/linkage": NOTES,
            },
            order={"findings/link": findings.ORDER, "findings/ring": findings.ORDER, "notes/linkage": ("about",)},
        )
    ]


def link(inputs: Inputs, *, data: Any, base_rates: Mapping[str, float], as_of: str = "") -> Mapping[str, Any]:
    """Links, rings and what was left out.

    Args:
        inputs: with the views of :data:`READS`.
        data: ``catalogue/keys.yml``.
        base_rates: by door, share of accounts run by somebody else.
        as_of: ISO day on which a declaration must hold; "" takes all.

    Returns:
        A value per written table.
    """
    hands, doors = persons.make(inputs), _doors(inputs)
    # One who is employed is no likelier somebody else because many apply.
    employed = base_rates["employee"] if "employee" in doors else _base_rate(doors, base_rates)
    of_people = keys.read(data, hands, employed).of_people()
    question = keys.read(data, hands, _base_rate(doors, base_rates)) if "platform" in doors or not doors else of_people
    above = keys.make(inputs, question)
    groups = declared.read(inputs, as_of)
    held = inputs.con.execute("select key, value, hand from shared order by key, value, hand").fetchall()
    registered = register.read(inputs, as_of)
    found = rings.find(held, question, registered)
    found += _possible(inputs, held, of_people, found, groups, registered)
    named = _named(inputs, found)
    _links(inputs, question, named, groups)
    return {
        "findings/link": Query("select * from link_rows"),
        "findings/ring": findings.table("ring", _ring_rows(inputs, named, groups)),
        "notes/linkage": pa.Table.from_pylist([_note(question, *one) for one in above], schema=NOTES),
    }


def _possible(
    inputs: Inputs,
    held: list[tuple[str, str, str]],
    question: keys.Question,
    found: list[rings.Ring],
    groups: list[tuple[str, frozenset[str]]],
    registered: register.Register,
) -> list[rings.Ring]:
    """Groups of an employer's people or applicants that may be one hand (rings.py, ``possible``)."""
    rows = inputs.con.execute(
        "select distinct h.hand from hands as h join doors as d on 'account:' || d.account_id = h.account "
        "where d.door <> 'platform' order by h.hand"
    ).fetchall()
    people = {hand for (hand,) in rows}
    holdings = [(key, value, hand) for key, value, hand in held if hand in people]
    apart = {hand for ring in found for hand in ring.hands} | {hand for _, hands in groups for hand in hands}
    return rings.possible(holdings, question, frozenset(apart), registered) if holdings else []


def _doors(inputs: Inputs) -> dict[str, int]:
    """How many came through each door."""
    counted = inputs.con.execute("select door, count(*) from doors group by door order by door").fetchall()
    return {str(door): int(number) for door, number in counted}


def _base_rate(doors: Mapping[str, int], base_rates: Mapping[str, float]) -> float:
    """Base rate of everybody here, each counted with the rate of the door through which they came."""
    whole = sum(doors.values())
    return sum(base_rates[d] * n for d, n in doors.items()) / whole if whole else base_rates["platform"]


def _note(question: keys.Question, key: str, values: int, holders: int) -> dict[str, Any]:
    ceiling = question.keys[key].ceiling
    says = f"values of the key {key} that more than {ceiling} hold are not used: they tell nobody apart"
    return {"about": key, "values_left_out": values, "holders": holders, "says": says}


def _named(inputs: Inputs, found: list[rings.Ring]) -> dict[str, tuple[rings.Ring, dict[str, list[str]]]]:
    """Rings by name, ``ring:<account>`` of the earliest-created member, with each hand's accounts."""
    accounts = persons.accounts_of(inputs, [hand for ring in found for hand in ring.hands])
    age = persons.earliest(inputs, [account for held in accounts.values() for account in held])
    named = {}
    for ring in found:
        members = {hand: accounts[hand] for hand in ring.hands}
        first = min((account for held in members.values() for account in held), key=lambda a: age[a])
        named["ring:" + first.removeprefix("account:")] = (ring, members)
    return dict(sorted(named.items()))


def _links(
    inputs: Inputs,
    question: keys.Question,
    named: Mapping[str, tuple[rings.Ring, dict[str, list[str]]]],
    groups: list[tuple[str, frozenset[str]]],
) -> None:
    """Make ``link_rows`` (the findings) and ``ring_links(ring, a, b, id)``. Each pattern of keys is weighed once."""
    con = inputs.con
    con.register("ring_hands", _table(("ring", "hand", "core"), [
        (name, hand, "yes" if hand in ring.core else "no") for name, (ring, _) in named.items() for hand in ring.hands
    ]))  # fmt: skip
    con.register("declared_hands", _table(("grp", "kind", "hand"), [
        (str(n), kind, hand) for n, (kind, hands) in enumerate(groups) for hand in sorted(hands)
    ]))  # fmt: skip
    con.execute(PAIR_KEYS)
    con.execute(PAIRS)
    told = con.execute("select distinct pattern, ring, core, declared, register from pairs order by all").fetchall()
    con.register("weighed", _weighed(question, told, {name: ring.permille for name, (ring, _) in named.items()}))
    con.execute(PAIR_ROWS)
    made_id = finding_id_sql("'link'", f"'{LINK_RULE}'", "subject", "object")
    con.execute(
        f"create or replace temp table link_rows as select {made_id} as id, '{LINK_RULE}' as rule, subject, object, "
        f"verdict, centibits, refs[1:{BECAUSE_MAX}] as because, len(refs) as because_n, facts, keys from pair_rows"
    )
    con.execute(
        f"create or replace temp table ring_links as select ring, a, b, {made_id} as id from pair_rows where ring <> ''"
    )


def _weighed(
    question: keys.Question, told: list[tuple[str, str, str, str, str]], permille_of: Mapping[str, int]
) -> pa.Table:
    """Verdict, weight and facts of each pattern of shared keys, in its ring, declaration and the register."""
    rows = []
    for pattern, ring, core, kind, says in told:
        shared = [(part.split(" ")[0], 2, int(part.split(" ")[1])) for part in pattern.split(",")]
        weight, permille = question.weigh(shared, register=says)
        facts: dict[str, Any] = {
            "holders": {key: holders for key, _, holders in shared},
            "permille": permille,
            "prior_centibits": question.prior(2),
            "rarity_centibits": {key: keys.rarity(question, key, holders) for key, _, holders in shared},
        }
        if ring:
            facts |= {"ring": ring, "ring_permille": permille_of[ring]}
        if kind:
            facts["declared"] = kind
        live, hired = says.split()
        if live != register.UNKNOWN:
            facts["homes"] = live
        if hired != register.UNKNOWN:
            facts["hired"] = hired
        verdict = "yes" if permille >= 500 or core == "yes" else "unknown"
        rows.append((pattern, ring, core, kind, says, verdict, weight, canonical_json(facts)))
    return _table(("pattern", "ring", "core", "declared", "register", "verdict", "centibits", "facts"), rows)


def _ring_rows(
    inputs: Inputs,
    named: Mapping[str, tuple[rings.Ring, dict[str, list[str]]]],
    groups: list[tuple[str, frozenset[str]]],
) -> list[dict[str, Any]]:
    links: dict[tuple[str, str], list[str]] = defaultdict(list)
    for ring, a, b, id_ in inputs.con.execute("select ring, a, b, id from ring_links order by all").fetchall():
        links[ring, a].append(finding_ref(id_))
        links[ring, b].append(finding_ref(id_))
    touching: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for group in groups:
        for hand in group[1]:
            touching[hand].append(group)
    rows = []
    for name, (ring, members) in named.items():
        near = sorted({group for hand in members for group in touching[hand]}, key=lambda g: (g[0], sorted(g[1])))
        kind = declared.covering(members, near)
        sure = dict(ring.attached)
        for hand, accounts in members.items():
            facts: dict[str, Any] = {
                "joined": "attached" if hand in sure else "core",
                "keys": list(ring.keys),
                "permille": ring.permille,
                **({"declared": kind} if kind else {}),
                **({"person": hand} if hand.startswith("person:") else {}),
            }
            for account in accounts:
                rows.append(
                    findings.row(
                        "ring",
                        rule=RING_RULE,
                        subject=account,
                        object=name,
                        verdict="yes" if ring.permille >= 500 else "unknown",
                        centibits=ring.centibits,
                        because=links[name, hand],
                        facts=facts,
                        size=len(members),
                        member_permille=sure.get(hand, ring.permille),
                    )
                )
    return rows


def _table(names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> pa.Table:
    """Rows as an Arrow table of texts, and whole numbers where the column is one."""
    kinds = {"centibits": pa.int32()}
    return pa.table(
        [pa.array([row[i] for row in rows], kinds.get(name, pa.string())) for i, name in enumerate(names)],
        names=list(names),
    )
