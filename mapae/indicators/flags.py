"""Flags: an indicator's yes as a row with its witnesses and the values that fill its sentence."""

from __future__ import annotations

import re

from mapae.engine.steps import Inputs, Query
from mapae.model.findings import BECAUSE_MAX
from mapae.model.ids import finding_id_sql
from mapae.rules.kinds import Catalogue, Indicator, Measure
from mapae.store.views import name, quote

_FIELD = re.compile(r"\{(\w+)\}")
_MEASURE = re.compile(r"\b([a-z_]+)\.([a-z_0-9]+)")
# Strength of a level within its family; the strongest yes of a family counts, ties by the rule's id.
STRENGTH = {"strong": 3, "medium": 2, "weak": 1}


def measures_used(catalogue: Catalogue, indicator: Indicator) -> tuple[str, ...]:
    """Measures that an indicator's condition names."""
    named = {m for m, _ in _MEASURE.findall(f"{indicator.when} {indicator.known_when}")}
    return tuple(sorted(named & set(catalogue.measures)))


def rows_listed(measure: Measure) -> list[str]:
    """The SELECTs that give a measure's witnesses: its ``rows``, of which there may be several or none."""
    rows = measure.data.get("rows") or []
    return [str(rows)] if isinstance(rows, str) else [str(sql) for sql in rows]


def rows_union(measure: Measure) -> str:
    """All witnesses of a measure as one SELECT; "" where there are none."""
    chosen = "select account_id, table_name, mapae_source, mapae_row from"
    return " union all ".join(f"({chosen} ({sql}) as one)" for sql in rows_listed(measure))


def _facts(catalogue: Catalogue, indicator: Indicator) -> str:
    parameters = indicator.parameters
    parts = []
    for field in sorted(set(_FIELD.findall(indicator.says))):
        if field in parameters:
            value = parameters[field]
            parts.append(f"{quote(field)}, {value if re.fullmatch(r'-?[0-9]+', value) else quote(value)}")
            continue
        owner = next(m for m in measures_used(catalogue, indicator) if field in {c.name for c in catalogue.measures[m].columns})
        parts.append(f"{quote(field)}, {name(owner)}.{name(field)}")
    return f"json_object({', '.join(parts)})" if parts else "'{}'"


def witness_tables(catalogue: Catalogue, inputs: Inputs, indicators: list[Indicator]) -> None:
    """Make ``witness_<measure>``: for accounts with a yes over that measure, the first references and how many there are."""
    for measure in sorted({m for i in indicators for m in measures_used(catalogue, i)}):
        rule = catalogue.measures[measure]
        askers = [i for i in indicators if measure in measures_used(catalogue, i)]
        said = " or ".join(f"{name(i.column)} = 'yes'" for i in askers)
        union = rows_union(rule)
        if not union:
            inputs.con.execute(
                f"create temp table {name('witness_' + measure)} (account_id varchar, refs varchar[], total bigint)"
            )
            continue
        inputs.con.execute(
            f"create temp table {name('witness_' + measure)} as "
            f"select account_id, list(ref order by ref) filter (n <= {BECAUSE_MAX}) as refs, max(total) as total from ("
            f"  select account_id, ref, row_number() over (partition by account_id order by ref) as n, "
            f"    count(*) over (partition by account_id) as total from ("
            f"    select distinct r.account_id, 'record:' || r.table_name || ':' || r.mapae_source || ':' || r.mapae_row as ref "
            f"    from ({union}) as r semi join (select account_id from answers where {said}) as a on a.account_id = r.account_id"
            f"  ) as seen) as ranked group by account_id"
        )


def flags_query(catalogue: Catalogue, indicators: list[Indicator]) -> Query:
    """All flags as one SELECT over ``answers``, the measures and the witness tables."""
    selects = []
    for indicator in indicators:
        used = measures_used(catalogue, indicator)
        joins = "".join(f" left join {name(m)} on {name(m)}.account_id = answers.account_id" for m in used)
        joins += "".join(f" left join {name('witness_' + m)} as w{i} on w{i}.account_id = answers.account_id" for i, m in enumerate(used))
        refs = "list_sort(list_distinct(" + " || ".join(f"coalesce(w{i}.refs, [])" for i in range(len(used))) + f"))[1:{BECAUSE_MAX}]"
        total = " + ".join(f"coalesce(w{i}.total, 0)" for i in range(len(used)))
        selects.append(
            f"select {quote(indicator.id)} as rule, 'account:' || answers.account_id as subject, {refs} as because, {total} as because_n, "
            f"cast({_facts(catalogue, indicator)} as varchar) as facts, {quote(indicator.family)} as family, "
            f"{quote(indicator.level)} as level, {STRENGTH[indicator.level]} as strength, {quote(indicator.stage)} as stage "
            f"from answers{joins} where {name(indicator.column)} = 'yes'"
        )
    body = " union all ".join(selects)
    ident = finding_id_sql("'flag'", "rule", "subject", "''")
    return Query(
        f"select {ident} as id, rule, subject, '' as object, 'yes' as verdict, null as centibits, because, because_n, facts, family, level, "
        f"row_number() over (partition by subject, stage, family order by strength desc, rule) = 1 as counted, 'all' as peer_group "
        f"from ({body}) as said"
    )
