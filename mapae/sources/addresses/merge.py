"""One row per address from what files and declarations say: network, kind and place, each from one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from mapae.sources.addresses.blocks import Block
from mapae.sources.addresses.covers import BLOCK, DECLARED, DECLARED_NUMBERS, covers, hold
from mapae.sources.addresses.declared import Declared
from mapae.sources.addresses.fields import order
from mapae.sources.addresses.files import ANONYMOUS, CARRIER, AddressFile, gives_place
from mapae.sources.addresses.look_up import FOUND, NUMBERS, SAID
from mapae.store.views import quote

if TYPE_CHECKING:
    import duckdb

FILES = "mapae_address_files"
# Where a kind comes from that no file says.
BY_DECLARATION = "declared"
_PLACE = ("country", "region", "region_folded", "city", "city_folded", "lat", "lon", "accuracy_km")
# A range's score: what decides above, its id below, so that the smallest score is the best range and says which it is.
_ID_BITS = 40


def addresses_sql(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[AddressFile],
    declared: Sequence[Declared],
    blocks: Sequence[Block],
    as_of: str,
) -> str:
    """SQL of ``addresses`` over the temporary tables of look_up.py in ``con``.

    Kind: the first in order that any file says. ``residential`` is also said where a file of tunnels and hosting and a
    file that tells mobile networks apart are both at hand and neither says anything of an address that is known; else
    the kind is unknown. A declared network is ``corporate`` where its declaration has no bounds in time; where it has,
    the bounds stand beside the kind that files say, since it is corporate within them alone.

    Place: all of it from the one file that gives the finest, the first by source of several. The country KP outside the
    DPRK's own block is no place at all: tunnel operators register blocks so (infrastructure/address_blocks.csv).

    Args:
        con: holds the tables; gets more.
        files: those that the facts are of.
        declared: networks declared by people.
        blocks: ranges that are the DPRK's own.
        as_of: day (ISO) by which a block has expired or not; in an expired one the answer is unknown.
    """
    covers(con, declared, blocks, as_of)
    _files(con, files)
    silent = min((f.source16 for f in files if f.kind == ANONYMOUS), default="")
    whole = "c.no is not null and c.open_since and c.open_until"
    plain = f"t.carrier and {quote(silent)} <> ''"
    place = ", ".join(f"p.{c} as {c}" for c in _PLACE)
    return f"""
    with told as ({_TOLD}),
    covered as ({_COVERED}),
    every as (select no from told union select no from {BLOCK} union select no from {DECLARED})
    select i.ip as ip, w.asn as asn, w.as_org as as_org, w.as_org_folded as as_org_folded,
      case when {whole} then 'corporate' when k.id is not null then k.network_kind
        when {plain} then 'residential' else 'unknown' end as network_kind,
      k.vpn_operator as vpn_operator, k.vpn_operator_folded as vpn_operator_folded, {place}, p.mapae_source as place_file,
      case when {whole} then {quote(BY_DECLARATION)} when k.id is not null then k.mapae_source
        when {plain} then {quote(silent)} end as kind_file,
      c.no is not null as declared,
      case when not c.open_since then c.since end as declared_since,
      case when not c.open_until then c.until end as declared_until,
      case when b.no is null then false when b.nexus then true end as in_dprk_block,
      coalesce(k.mapae_source, p.mapae_source, w.mapae_source, {quote(silent or BY_DECLARATION)}) as mapae_source,
      i.no + 1 as mapae_row
    from every as e
    inner join {NUMBERS} as i on i.no = e.no
    left join told as t on t.no = e.no
    left join covered as c on c.no = e.no
    left join {BLOCK} as b on b.no = e.no
    left join {SAID} as k on k.id = t.kind & {_mask()}
    left join {SAID} as w on w.id = t.network & {_mask()}
    left join {SAID} as p on p.id = t.place & {_mask()}
    """


def _mask() -> int:
    return (1 << _ID_BITS) - 1


def _files(con: duckdb.DuckDBPyConnection, files: Sequence[AddressFile]) -> None:
    """What each range is worth for kind, network and place, as scores (:data:`SCORES`); null where it says nothing of it."""
    listed = sorted({f.source16: f for f in files}.values(), key=lambda f: f.source16)
    columns = {
        "mapae_source": pa.array([f.source16 for f in listed], pa.string()),
        "gives_place": pa.array([gives_place(f.kind) for f in listed], pa.bool_()),
        "carrier": pa.array([f.kind == CARRIER for f in listed], pa.bool_()),
    }
    hold(con, FILES, pa.table(columns))
    rank = " ".join(f"when {quote(word)} then {place}" for word, place in order().items())
    fine = (
        "case when not f.gives_place then null when s.lat is not null and s.city is not null then 1 "
        "when s.lat is not null then 2 when s.city is not null then 3 when s.region is not null then 4 "
        "when s.country is not null then 5 end"
    )
    con.execute(
        f"create or replace temp table {SCORES} as select s.id as id, f.carrier as carrier, s.country as country, s.asn as asn, "
        f"{_score(f'case s.network_kind {rank} end * 2 + (s.vpn_operator is null)::int')} as kind, "
        f"case when coalesce(s.as_org, s.asn::varchar) is not null then "
        f"{_score('(s.asn is null)::int * 2 + (s.as_org is null)::int')} end as network, "
        f"{_score(fine)} as place from {SAID} as s inner join {FILES} as f on f.mapae_source = s.mapae_source"
    )


def _score(number: str) -> str:
    return f"((({number})::bigint << {_ID_BITS}) + s.id)"


SCORES = "mapae_address_scores"
# Per address the best range for its kind, its network and its place.
_TOLD = f"""
  select f.no as no, bool_or(s.carrier) as carrier, min(s.kind) as kind, min(s.network) as network,
    min(case when s.country = 'KP' and not coalesce(b.nexus, false) then null else s.place end) as place
  from {FOUND} as f inner join {SCORES} as s on s.id = f.id left join {BLOCK} as b on b.no = f.no group by f.no"""
# All declarations that cover an address as one: from the first to the last, open where one of them is.
_COVERED = f"""
  select no, min(since) as since, max(until) as until, bool_or(open_since) as open_since, bool_or(open_until) as open_until
  from (select no, since, until, open_since, open_until from {DECLARED} union all
    select f.no as no, d.since as since, d.until as until, d.since is null as open_since, d.until is null as open_until
    from {FOUND} as f inner join {SCORES} as s on s.id = f.id inner join {DECLARED_NUMBERS} as d on d.asn = s.asn) as each_way
  group by no"""
