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
from mapae.sources.values import fold
from mapae.store.views import quote

if TYPE_CHECKING:
    import duckdb

FACTS, FILES, FOLDS = "mapae_address_facts", "mapae_address_files", "mapae_address_folds"
# Where a kind comes from that no file says.
BY_DECLARATION = "declared"
_FOLDED = ("as_org", "vpn_operator", "region", "city")
_PLACE = ("country", "region", "city", "lat", "lon", "accuracy_km")


def addresses_sql(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[AddressFile],
    declared: Sequence[Declared],
    blocks: Sequence[Block],
    as_of: str,
) -> str:
    """SQL of ``addresses`` over the table of facts (:data:`FACTS`) and that of numbers, both temporary in ``con``.

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
    _folds(con)
    silent = min((f.source16 for f in files if f.kind == ANONYMOUS), default="")
    whole = "c.ip is not null and c.open_since and c.open_until"
    plain = f"t.carrier and {quote(silent)} <> ''"
    folded = ", ".join(f"f_{c}.folded as {c}_folded" for c in _FOLDED)
    joins = " ".join(f"left join {FOLDS} as f_{c} on f_{c}.said = m.{c}" for c in _FOLDED)
    return f"""
    with told as ({_told()}),
    covered as ({_COVERED}),
    every as (select ip from told union select ip from {BLOCK} union select ip from {DECLARED}),
    made as (
      select e.ip as ip, t.network.asn as asn, t.network.name as as_org,
        case when {whole} then 'corporate' when t.kind is not null then {_word("t.kind.rank")}
          when {plain} then 'residential' else 'unknown' end as network_kind,
        t.kind.name as vpn_operator, {", ".join(f"t.place.{c} as {c}" for c in _PLACE)}, t.place.source as place_file,
        case when {whole} then {quote(BY_DECLARATION)} when t.kind is not null then t.kind.source
          when {plain} then {quote(silent)} end as kind_file,
        c.ip is not null as declared,
        case when not c.open_since then c.since end as declared_since,
        case when not c.open_until then c.until end as declared_until,
        case when b.ip is null then false when b.nexus then true end as in_dprk_block,
        coalesce(t.any_source, {quote(BY_DECLARATION)}) as mapae_source,
        row_number() over (order by e.ip) as mapae_row
      from every as e
      left join told as t on t.ip = e.ip
      left join covered as c on c.ip = e.ip
      left join {BLOCK} as b on b.ip = e.ip
    )
    select m.*, {folded} from made as m {joins}
    """


def _rank(column: str) -> str:
    return f"case {column} {' '.join(f'when {quote(w)} then {r}' for w, r in order().items())} end"


def _word(rank: str) -> str:
    return f"case {rank} {' '.join(f'when {r} then {quote(w)}' for w, r in order().items())} end"


def _told() -> str:
    """Per address the file that speaks for its kind, its network and its place: the smallest of rank and source."""
    fine = (
        "case when not s.place or (f.country = 'KP' and not coalesce(b.nexus, false)) then null "
        "when f.lat is not null and f.city is not null then 1 when f.lat is not null then 2 "
        "when f.city is not null then 3 when f.region is not null then 4 when f.country is not null then 5 end"
    )
    kind = f"rank := {_rank('f.network_kind')}, nameless := f.vpn_operator is null, source := f.mapae_source, name := f.vpn_operator"
    network = "numberless := f.asn is null, nameless := f.as_org is null, source := f.mapae_source, asn := f.asn, name := f.as_org"
    place = f"fine := {fine}, source := f.mapae_source, {', '.join(f'{c} := f.{c}' for c in _PLACE)}"
    return (
        "select f.ip as ip, min(f.mapae_source) as any_source, bool_or(s.carrier) as carrier, "
        f"min(struct_pack({kind})) filter (where f.network_kind is not null) as kind, "
        f"min(struct_pack({network})) filter (where f.asn is not null or f.as_org is not null) as network, "
        f"min(struct_pack({place})) filter (where {fine} is not null) as place "
        f"from {FACTS} as f inner join {FILES} as s on s.mapae_source = f.mapae_source "
        f"left join {BLOCK} as b on b.ip = f.ip group by f.ip"
    )


# All declarations that cover an address as one: from the first to the last, open where one of them is.
_COVERED = f"""
  select ip, min(since) as since, max(until) as until, bool_or(open_since) as open_since, bool_or(open_until) as open_until
  from (select ip, since, until, open_since, open_until from {DECLARED} union all
    select f.ip as ip, d.since as since, d.until as until, d.since is null as open_since, d.until is null as open_until
    from {FACTS} as f inner join {DECLARED_NUMBERS} as d on d.asn = f.asn) as each_way
  group by ip"""


def _files(con: duckdb.DuckDBPyConnection, files: Sequence[AddressFile]) -> None:
    """What each file can tell: whether a place, and whether it tells mobile networks apart."""
    listed = sorted({f.source16: f for f in files}.values(), key=lambda f: f.source16)
    columns = {
        "mapae_source": pa.array([f.source16 for f in listed], pa.string()),
        "place": pa.array([gives_place(f.kind) for f in listed], pa.bool_()),
        "carrier": pa.array([f.kind == CARRIER for f in listed], pa.bool_()),
    }
    hold(con, FILES, pa.table(columns))


def _folds(con: duckdb.DuckDBPyConnection) -> None:
    """Folded form of each text that facts hold."""
    each = " union ".join(f"select {c} as said from {FACTS} where {c} is not null" for c in _FOLDED)
    said = [row[0] for row in con.sql(f"select distinct said from ({each}) order by said").fetchall()]
    folds = pa.array([fold(s) for s in said], pa.string())
    hold(con, FOLDS, pa.table({"said": pa.array(said, pa.string()), "folded": folds}))
