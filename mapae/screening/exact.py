"""Documents, wallets and ships of the records that are those of a list: equality of a normal form, and its limits."""

from __future__ import annotations

from typing import Any

from mapae.engine.steps import Inputs
from mapae.model import findings
from mapae.names.tables import weights

# Kind of identifier, and the rule whose question it answers.
RULES = {"document": "screening.document", "wallet": "screening.wallet", "vessel": "screening.vessel"}

# Document numbers without signs between their letters; addresses of Ethereum's form (EIP-55) and Bitcoin's bech32
# (BIP 173) mean the same in either case, others do not. Keyed hashes (hmac:…) stay as they are.
_NORMAL = """case when i.value like 'hmac:%' then i.value
  when i.kind = 'document' then upper(regexp_replace(i.value, '[^0-9A-Za-z]', '', 'g'))
  when i.kind = 'wallet' and regexp_matches(i.value, '^(0[xX][0-9a-fA-F]{40}|[bB][cC]1[0-9a-zA-Z]+)$') then lower(i.value)
  else i.value end"""

_LISTED = f"""
create or replace temp table listed_identifiers as
select i.party, i.kind, {_NORMAL} as value, min(i.value) as alias, list_sort(list(distinct i.ref)) as refs,
  list_sort(list(distinct p.country) filter (p.country is not null)) as countries,
  coalesce(bool_or(s.schema = 'Passport' or s.prop = 'passportNumber'), false) as passport,
  coalesce(bool_or(not (s.schema = 'Passport' or s.prop = 'passportNumber')), false) as other
from identifiers as i semi join entries as e on e.party = i.party
left join statements_now as s on i.kind = 'document' and i.ref = 'statement:' || s.id
left join (select entity_id, min(value) as country from statements_now
  where prop = 'country' and schema in ('Passport', 'Identification') group by entity_id) as p on p.entity_id = s.entity_id
where i.kind in ('document', 'wallet', 'vessel') group by all
"""

_HELD = f"""
create or replace temp table held_identifiers as
with every as (
  select i.party, i.kind, {_NORMAL} as value, i.ref from identifiers as i where i.kind in ('document', 'wallet', 'vessel')
  union all
  select 'wallet:' || i.value, i.kind, {_NORMAL}, i.ref from identifiers as i where i.kind = 'wallet'
  union all
  select 'wallet:' || i.value, i.kind, {_NORMAL}, i.ref from (
    select from_address as value, 'wallet' as kind,
      'record:wallet_transfers:' || mapae_source || ':' || mapae_row as ref from wallet_transfers
    union all
    select to_address, 'wallet', 'record:wallet_transfers:' || mapae_source || ':' || mapae_row from wallet_transfers) as i
)
select h.party, h.kind, h.value, list_sort(list(distinct h.ref)) as refs
from every as h semi join listed_identifiers as l on l.kind = h.kind and l.value = h.value
where h.ref not like 'statement:%' and h.party not in (select party from entries)
group by all
"""

_PAIRS = """
with holders as (
  select kind, value, count(distinct party) filter (party not like 'wallet:%') as holders from held_identifiers group by all
), paper as (
  select 'account:' || account_id as party, min(id_document_kind) as paper, min(id_document_country) as country
  from accounts where id_document_number is not null group by all
)
select h.party as subject, l.party as object, h.kind, l.alias, h.refs as own_refs, l.refs as list_refs, l.countries,
  l.passport, l.other, o.holders, a.paper, a.country, e.list, e.snapshot, e.programs, length(h.value) as letters
from held_identifiers as h
join listed_identifiers as l on l.kind = h.kind and l.value = h.value
join holders as o on o.kind = h.kind and o.value = h.value
join entries as e on e.party = l.party
left join paper as a on a.party = h.party and h.kind = 'document'
order by subject, object, h.kind, l.alias, e.list
"""


def matches(inputs: Inputs, named: set[tuple[str, str]]) -> list[dict[str, Any]]:
    """Matches by an equal document number, wallet address or IMO number.

    Args:
        inputs: with the views identifiers, entries, statements_now, accounts, wallet_transfers.
        named: (subject, object) pairs that match by name.

    Returns:
        rows of findings/match, one per subject, rule and object: the clearest one.
    """
    inputs.con.execute(_LISTED)
    inputs.con.execute(_HELD)
    best: dict[tuple[str, str, str], dict[str, Any]] = {}
    for pair in inputs.arrow(_PAIRS).to_pylist():
        judged = judge(pair, (pair["subject"], pair["object"]) in named)
        if judged is None:
            continue
        level, why = judged
        facts = {
            "alias": pair["alias"],
            "holders": pair["holders"],
            "kind": pair["kind"],
            "list": pair["list"],
            "programs": pair["programs"] or "",
            "why": why,
        }
        made = findings.row(
            "match",
            rule=RULES[pair["kind"]],
            subject=pair["subject"],
            object=pair["object"],
            verdict="yes" if level == "exact" else "unknown",
            centibits=None,
            because=[*pair["own_refs"], *pair["list_refs"]],
            facts=facts,
            list=pair["list"],
            snapshot=pair["snapshot"],
            alias=pair["alias"],
            level=level,
        )
        key = (made["subject"], made["rule"], made["object"])
        if key not in best or _LEVELS.index(level) < _LEVELS.index(best[key]["level"]):
            best[key] = made
    return list(best.values())


_LEVELS = ("exact", "strong", "possible")


def judge(pair: dict[str, Any], named: bool) -> tuple[str, list[str]] | None:
    """What an equal value says.

    Args:
        pair: kind, holders, letters; for documents paper and country as the record says, countries, passport and
            other as the list says.
        named: the two match by name too.

    Returns:
        level and reasons, or None where the values are not of one document.
    """
    limits = weights()
    if pair["kind"] == "vessel":
        return "exact", ["the same IMO number"]
    ceiling = limits["document_holders" if pair["kind"] == "document" else "wallet_holders"]
    if pair["holders"] > ceiling:
        return "possible", [f"not used: {pair['holders']} parties of the records hold it, more than {ceiling}"]
    if pair["kind"] == "wallet":
        return "exact", ["the same wallet address"]
    if pair["letters"] < limits["document_letters"]:
        return None
    countries = pair["countries"] or []
    if pair["country"] and countries and pair["country"].lower() not in {c.lower() for c in countries}:
        return None
    why = ["the same document number"]
    passport = pair["paper"] == "passport"
    if pair["paper"] and not (pair["passport"] if passport else pair["other"]):
        return "possible", [*why, "another kind of document"]
    if pair["country"] and countries:
        return "exact", [*why, "the same country of issue"]
    why.append("the country of issue is not known on both sides")
    return ("exact", [*why, "the names match too"]) if named else ("strong", why)
