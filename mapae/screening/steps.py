"""The step of screening: findings of the kind match, by name, document, wallet and ship."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from mapae.engine.steps import Inputs, Step
from mapae.model import findings
from mapae.names.tables import digest, weights
from mapae.rules.kinds import Catalogue
from mapae.screening import exact
from mapae.screening.index import NameIndex
from mapae.screening.score import Hit, screen
from mapae.settings import Settings

READS = ("names", "identifiers", "entries", "statements_now", "records/accounts", "records/wallet_transfers")

# Keyed hashes of names cannot be compared; nobody's account is a ship or an aircraft, and a ship is nobody's name.
_LISTED = """
create or replace temp table listed_names as
select n.party, n.name, n.kind, n.quality, n.ref, e.list, e.snapshot, coalesce(e.programs, '') as programs
from names as n join entries as e on e.party = n.party where e.schema <> 'CryptoWallet'
"""
# Asked about are the records' names and those of the user's own entities, not whom an official list itself mentions
# beside its entries (an operator, a former owner).
_OWN = """
create or replace temp table own_names as
select n.* from names as n
left join (select 'statement:' || id as ref from statements_now where dataset <> 'entities') as official
  on official.ref = n.ref
where official.ref is null and n.party not in (select party from entries)
"""
_ASKED = """
select distinct name, case when kind = 'account' then '' else kind end as kind
from own_names where name not like 'hmac:%' order by all
"""
_VESSELS = "('Vessel', 'Airplane')"
_PAIRS = f"""
select n.party as subject, l.party as object, n.name, l.name as alias, l.quality, l.list, l.snapshot, l.programs,
  n.ref as own_ref, l.ref as list_ref, h.hit, b.date_of_birth as born, b.ref as born_ref, s.value as listed_born,
  'statement:' || s.id as listed_born_ref
from hits as h
join own_names as n on n.name = h.name and (case when n.kind = 'account' then '' else n.kind end) = h.kind
join listed_places as p on p.place = h.listed
join listed_names as l on l.name = p.name and l.kind = p.kind
left join (select 'account:' || account_id as party, date_of_birth,
    'record:accounts:' || mapae_source || ':' || mapae_row as ref from accounts where date_of_birth is not null) as b
  on b.party = n.party
left join (select 'party:' || entity_id as party, value, id from statements_now where prop = 'birthDate') as s
  on s.party = l.party and b.date_of_birth is not null
where (l.quality <> 'weak' or h.same)
  and ((n.kind in {_VESSELS}) = (l.kind in {_VESSELS}))
order by all
"""


def steps(catalogue: Catalogue, settings: Settings) -> list[Step]:
    """The one step of this stage.

    Args:
        catalogue: rules; the word tables of ``catalogue/names`` are part of the step's recipe.
        settings: none of them changes what screening finds.

    Returns:
        a step that writes findings/match.
    """
    return [
        Step(
            name="screening",
            reads=READS,
            writes=("findings/match",),
            function=match,
            version="2",
            parameters={"names": digest()},
            schema={"findings/match": findings.schema("match")},
            order={"findings/match": findings.ORDER},
        )
    ]


def match(inputs: Inputs) -> Mapping[str, pa.Table]:
    """Screen the records' names and identifiers against the listed ones.

    Args:
        inputs: with the views of :data:`READS`.

    Returns:
        the table findings/match.
    """
    named = by_name(inputs)
    pairs = {(row["subject"], row["object"]) for row in named}
    return {"findings/match": findings.table("match", named + exact.matches(inputs, pairs))}


def by_name(inputs: Inputs) -> list[dict[str, Any]]:
    """Matches by name: always possible, or strong where the full date of birth is the same too; never more.

    Args:
        inputs: with the views names, entries, statements_now and accounts.

    Returns:
        rows of findings/match, one per subject and listed party: that of the name that weighs most.
    """
    inputs.con.execute(_LISTED)
    inputs.con.execute(_OWN)
    listed = inputs.arrow("select distinct name, kind from listed_names order by all").to_pydict()
    asked = inputs.arrow(_ASKED).to_pydict()
    if not listed["name"] or not asked["name"]:
        return []
    index = NameIndex(list(zip(listed["name"], listed["kind"], strict=True)))
    hits = list(screen(index, asked["name"], asked["kind"]))
    inputs.progress(f"screening: {len(asked['name'])} names against {len(index.names)}, {len(hits)} pairs")
    inputs.con.register("hits", _hits(hits, asked))
    inputs.con.register("listed_places", pa.table({**listed, "place": pa.array(index.of_name, pa.int64())}))
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for pair in inputs.arrow(_PAIRS).to_pylist():
        found.setdefault((pair["subject"], pair["object"]), []).append(pair)
    return [_row(pairs, hits) for _, pairs in sorted(found.items())]


def _hits(hits: list[Hit], asked: dict[str, list[str]]) -> pa.Table:
    return pa.table(
        {
            "hit": pa.array(range(len(hits)), pa.int64()),
            "name": pa.array([asked["name"][h.asked] for h in hits], pa.string()),
            "kind": pa.array([asked["kind"][h.asked] for h in hits], pa.string()),
            "listed": pa.array([h.listed for h in hits], pa.int64()),
            "same": pa.array([h.comparison.same for h in hits], pa.bool_()),
        }
    )


def _row(pairs: list[dict[str, Any]], hits: list[Hit]) -> dict[str, Any]:
    """One finding for a subject and a listed party, from all their names that match."""
    best = min(pairs, key=lambda p: (-hits[p["hit"]].comparison.centibits, p["alias"], p["name"]))
    comparison = hits[best["hit"]].comparison
    why, bits, level = list(comparison.why), comparison.centibits, "possible"
    because = {ref for p in pairs for ref in (p["own_ref"], p["list_ref"])}
    births = [p for p in pairs if p["born"] is not None and p["listed_born"] is not None]
    equal = [p for p in births if p["listed_born"] == p["born"].isoformat()]
    if equal:
        level, bits = "strong", bits + weights()["birth_date"]
        why.append(f"the same date of birth ({weights()['birth_date'] / 100:+.1f} bits)")
        because |= {ref for p in equal for ref in (p["born_ref"], p["listed_born_ref"])}
    elif births and not any(str(p["born"].year) == p["listed_born"][:4] for p in births):
        why.append("another year of birth")
    facts = {
        "alias": best["alias"],
        "list": best["list"],
        "name": best["name"],
        "programs": best["programs"],
        "quality": best["quality"],
        "why": why,
    }
    return findings.row(
        "match",
        rule="screening.name",
        subject=best["subject"],
        object=best["object"],
        verdict="unknown",
        centibits=bits,
        because=sorted(because),
        facts=facts,
        list=best["list"],
        snapshot=best["snapshot"],
        alias=best["alias"],
        level=level,
    )
