"""Listed entries out of a run: of the lists as they stand, or as they stood on a day; and what listed parties own."""

from __future__ import annotations

import collections
import datetime as dt
import hashlib
import sys
from collections.abc import Callable, Iterable
from typing import Any

from mapae.model.errors import MapaeError
from mapae.screening import ownership, queries
from mapae.screening.ownership import Holding
from mapae.screening.queries import Entry, Paper
from mapae.store.runs import OpenRun

# Of each list the newest copy at or before the day; of two of one day the later source; what has no day always counts.
_COPIES = """
create or replace temp table screened_copies as
select distinct s.dataset, s.mapae_source, o.snapshot, o.place
from (select distinct dataset, mapae_source from statements) as s
join (select source, snapshot, row_number() over () as place from sources where error = '') as o on o.source = s.mapae_source
where o.snapshot is null or o.snapshot <= cast(? as date)
qualify row_number() over (partition by s.dataset order by o.snapshot desc nulls last, o.place desc) = 1
"""
_NOW = """
create or replace temp view screened as
select s.id, s.entity_id, s.schema, s.prop, s.value, s.dataset, s.origin, cast(c.snapshot as varchar) as snapshot
from statements as s join screened_copies as c on c.dataset = s.dataset and c.mapae_source = s.mapae_source
"""
# Who is listed: whom a sanction names, as in the table entries.
_ENTRIES = """
create or replace temp table screened_entries as
with about as (
  select distinct value as entity_id, entity_id as sanction from screened where prop = 'entity' and schema = 'Sanction'
), told as (
  select about.entity_id,
    coalesce(string_agg(distinct value, ';' order by value) filter (prop in ('program', 'programId')), '') as programme,
    coalesce(string_agg(distinct value, ';' order by value) filter (prop in ('authority', 'authorityId')), '') as authority,
    string_agg(s.id, ',' order by s.id) as ids
  from about join screened as s on s.entity_id = about.sanction group by about.entity_id
), papers as (
  select h.value as entity_id, string_agg(s.id, ',' order by s.id) as ids from screened as h
  join screened as s on s.entity_id = h.entity_id
  where h.prop = 'holder' and h.schema in ('Passport', 'Identification', 'CryptoWallet') group by all
)
select e.*, told.programme, told.authority, sha256(e.ids || '|' || told.ids || '|' || coalesce(papers.ids, '')) as digest
from (
  select entity_id, dataset, max(schema) as schema, min(case when prop = 'name' then value end) as caption,
    min(snapshot) as snapshot, coalesce(nullif(case when dataset = 'entities' then min(origin) end, ''), dataset) as list,
    string_agg(id, ',' order by id) as ids
  from screened where schema not in ('Sanction', 'Address', 'Identification', 'Passport') group by entity_id, dataset
) as e join told on told.entity_id = e.entity_id left join papers on papers.entity_id = e.entity_id
"""
_COUNTRIES = ("country", "nationality", "citizenship", "jurisdiction", "mainCountry", "birthCountry", "flag")
_NUMBERS = (
    *("passportNumber", "idNumber", "registrationNumber", "taxNumber", "innCode", "ogrnCode", "leiCode", "uscCode"),
    *("vatCode", "licenseNumber"),
)
_FACTS = f"""
select s.entity_id, s.dataset, s.prop, s.value, s.origin from screened as s
where s.prop in ('name', 'alias', 'previousName', 'weakAlias', 'birthDate', 'imoNumber', 'email', 'website', 'publicKey',
  {", ".join(f"'{p}'" for p in (*_COUNTRIES, *_NUMBERS))}) and s.schema not in ('Sanction', 'Address', 'Identification', 'Passport')
  and s.entity_id in (select entity_id from wanted)
order by s.entity_id, s.dataset, s.prop, s.value, s.origin
"""
_PAPERS = """
select h.value as entity_id, h.dataset, n.value as number, list_sort(list(distinct c.value) filter (c.value is not null)) as countries
from screened as h
join screened as n on n.entity_id = h.entity_id and n.prop in ('number', 'passportNumber')
left join screened as c on c.entity_id = h.entity_id and c.prop = 'country'
where h.prop = 'holder' and h.schema in ('Passport', 'Identification') group by all order by all
"""
_WALLETS = """
select h.value as entity_id, h.dataset, k.value from screened as h
join screened as k on k.entity_id = h.entity_id and k.prop = 'publicKey'
where h.prop = 'holder' and h.schema = 'CryptoWallet' order by all
"""
_HOLDINGS = """
select o.value as owner, a.value as asset, p.value as share, s.value as since, u.value as until
from screened as o join screened as a on a.entity_id = o.entity_id and a.schema = 'Ownership' and a.prop = 'asset'
left join screened as p on p.entity_id = o.entity_id and p.prop = 'percentage'
left join screened as s on s.entity_id = o.entity_id and s.prop = 'startDate'
left join screened as u on u.entity_id = o.entity_id and u.prop = 'endDate'
where o.schema = 'Ownership' and o.prop = 'owner'
"""
_REGISTER = """
select owner_id as owner, owned_id as asset, cast(percent as varchar) as share, cast(since as varchar) as since,
  cast(until as varchar) as until from ownership
"""


def entries(run: OpenRun, as_of: dt.date | None = None) -> list[Entry]:
    """Listed parties of a run, and those that they own.

    Args:
        as_of: day whose lists are wanted; the run's own where None.

    Raises:
        MapaeError: the run holds no list of that day.
    """
    day = as_of or dt.date.fromisoformat(run.manifest["as_of"])
    con = run.con
    con.execute(_COPIES, [day.isoformat()])
    con.execute(_NOW)
    con.execute(_ENTRIES)
    listed = run.rows(
        "select entity_id, dataset, schema, caption, snapshot, list, programme, authority, digest from screened_entries order by all"
    )
    if not listed:
        raise _nothing(run, as_of)
    held = _holdings(run, day)
    owned = ownership.owned(held, {row["entity_id"] for row in listed}, day)
    con.execute("create or replace temp table wanted as select distinct entity_id from screened_entries")
    if owned:
        con.executemany("insert into wanted values (?)", [[asset] for asset in owned])
    facts: dict[tuple[str, str], dict[str, list[tuple[str, str]]]] = {}
    cursor = con.execute(_FACTS)
    while some := cursor.fetchmany(10_000):  # row by row: a list has a quarter of a million
        for entity, dataset, prop, value, origin in some:
            kept = facts.setdefault((entity, dataset), {})
            kept.setdefault(sys.intern(prop), []).append((value, origin if prop == "birthDate" else ""))
    papers: dict[tuple[str, str], list[Paper]] = {}
    for row in run.rows(_PAPERS):
        made = Paper(queries.document(row["number"]), tuple(c.lower() for c in row["countries"] or ()))
        papers.setdefault((row["entity_id"], row["dataset"]), []).append(made)
    for row in run.rows(_WALLETS):
        kept = facts.setdefault((row["entity_id"], row["dataset"]), {})
        kept.setdefault("publicKey", []).append((row["value"], ""))
    made_entries = [
        _entry(row, facts.get(key := (row["entity_id"], row["dataset"]), {}), papers.get(key, [])) for row in listed
    ]
    return made_entries + _owned_entries(run, owned, made_entries, facts, papers)


def copies(run: OpenRun, as_of: dt.date | None = None) -> list[tuple[str, str]]:
    """Lists that :func:`entries` reads, each with the day of the copy ("" where it has none)."""
    day = as_of or dt.date.fromisoformat(run.manifest["as_of"])
    run.con.execute(_COPIES, [day.isoformat()])
    told = run.rows("select dataset, coalesce(cast(snapshot as varchar), '') as day from screened_copies order by all")
    return [(row["dataset"], row["day"]) for row in told]


def _nothing(run: OpenRun, as_of: dt.date | None) -> MapaeError:
    held = run.rows(
        "select distinct s.dataset, cast(o.snapshot as varchar) as day from (select distinct dataset, mapae_source from statements)"
        " as s join sources as o on o.source = s.mapae_source where o.snapshot is not null order by all"
    )
    days = ", ".join(f"{row['dataset']} of {row['day']}" for row in held)
    root = run.space.root
    if as_of is not None and days:
        return MapaeError(
            f"This workspace holds no list of {as_of} or earlier.",
            where=str(root),
            why=f"It holds {days}.",
            do=f"Name a later day, or put an older copy into {run.space.inputs} and run: mapae run {root}",
        )
    return MapaeError(
        "This workspace holds no list to screen against.",
        where=str(root),
        do=f"Put a list (OFAC's sdn_advanced.xml, the UN's consolidated.xml, FollowTheMoney entities with sanctions) into"
        f" {run.space.inputs} and run: mapae run {root}",
    )


def _holdings(run: OpenRun, day: dt.date) -> list[Holding]:
    rows = run.rows(_HOLDINGS) + (run.rows(_REGISTER) if "records/ownership" in run.tables() else [])
    return [
        Holding(row["owner"], row["asset"], ownership.share(row["share"] or ""))
        for row in rows
        if (row["since"] or "")[:10] <= day.isoformat() and not (row["until"] and row["until"][:10] < day.isoformat())
    ]


def _unique(values: Iterable[str], form: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(sorted({made for value in values if (made := form(value))}))


def _entry(row: dict[str, Any], facts: dict[str, list[tuple[str, str]]], papers: list[Paper]) -> Entry:
    def values(*props: str) -> list[str]:
        return [value for prop in props for value, _ in facts.get(prop, ())]

    best: dict[str, str] = {}
    for prop, quality in (("name", "primary"), ("alias", "strong"), ("previousName", "strong"), ("weakAlias", "weak")):
        for value in values(prop):
            best.setdefault(value, quality)
    emails = _unique(values("email"), queries.email)
    sites = _unique(values("website"), queries.own_site)
    hosts = {host for mail in emails if (host := mail.rpartition("@")[2]) not in queries.open_mail()}
    numbers = _unique(values(*_NUMBERS), queries.document)
    told = {paper.number for paper in papers if paper.countries}
    return Entry(
        id=row["entity_id"],
        schema=row["schema"],
        caption=row["caption"] or row["entity_id"],
        list=row["list"],
        snapshot=row["snapshot"] or "",
        programme=row["programme"],
        authority=row["authority"],
        names=tuple(sorted(best.items())),
        births=tuple(sorted({(value, origin in ("circa", "between")) for value, origin in facts.get("birthDate", ())})),
        countries=_unique(values(*_COUNTRIES), str.lower),
        documents=(*dict.fromkeys(papers), *(Paper(n) for n in numbers if n not in told)),
        imos=_unique(values("imoNumber"), queries.imo),
        wallets=_unique(values("publicKey"), queries.wallet),
        emails=emails,
        domains=tuple(sorted({*sites, *hosts})),
        digest=row["digest"],
        owned=row.get("owned", ""),
        chain=row.get("chain", ()),
    )


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _owned_entries(
    run: OpenRun,
    owned: dict[str, ownership.Owned],
    listed: list[Entry],
    facts: dict[tuple[str, str], dict[str, list[tuple[str, str]]]],
    papers: dict[tuple[str, str], list[Paper]],
) -> list[Entry]:
    if not owned:
        return []
    by_id: dict[str, list[Entry]] = collections.defaultdict(list)
    for entry in listed:
        by_id[entry.id].append(entry)
    called = {entry.id: entry.caption for entry in listed}
    own: dict[str, dict[str, list[tuple[str, str]]]] = collections.defaultdict(dict)
    schema: dict[str, str] = {}
    marks = run.rows(
        "select substr(party, 7) as id, name, max(kind) as kind from names where starts_with(party, 'party:')"
        " and substr(party, 7) in (select entity_id from wanted) and name not like 'hmac:%' group by all order by all"
    )
    for (id_, _), told in sorted(facts.items()):
        if id_ in owned:
            for prop, values in told.items():
                own[id_].setdefault(prop, []).extend(values)
    for row in marks:
        if row["id"] in owned:
            schema.setdefault(row["id"], row["kind"] or "LegalEntity")
            held = own[row["id"]]
            if all(
                row["name"] != v
                for prop in ("name", "alias", "previousName", "weakAlias")
                for v, _ in held.get(prop, ())
            ):
                held.setdefault("name", []).append((row["name"], ""))
    called |= {id_: min(v for v, _ in told["name"]) for id_, told in own.items() if told.get("name")}
    made = []
    for id_ in sorted(owned):
        ends = [entry for end in owned[id_].listed for entry in by_id[end]]
        row = {
            "entity_id": id_,
            "schema": schema.get(id_, "LegalEntity"),
            "caption": called.get(id_),
            "list": ";".join(sorted({e.list for e in ends})),
            "snapshot": max((e.snapshot for e in ends), default=""),
            "programme": ";".join(sorted({p for e in ends for p in e.programme.split(";") if p})),
            "authority": ";".join(sorted({a for e in ends for a in e.authority.split(";") if a})),
            "digest": _digest(
                [*sorted(e.digest for e in ends), str(owned[id_]), str(sorted(own.get(id_, {}).items()))]
            ),
            "owned": queries.OWNED if owned[id_].known else queries.OWNED_UNKNOWN,
            "chain": ownership.chain(id_, owned, called),
        }
        made.append(_entry(row, own.get(id_, {}), [p for (i, _), ps in sorted(papers.items()) if i == id_ for p in ps]))
    return made
