"""Flags: an indicator's yes as a row with its witnesses and the values that fill its sentence."""

from __future__ import annotations

from mapae.engine.steps import Inputs, Query
from mapae.indicators.measures import seen_sql
from mapae.model.findings import BECAUSE_MAX
from mapae.model.ids import finding_id_sql
from mapae.rules.answers import says_columns, used
from mapae.rules.kinds import Catalogue, Indicator
from mapae.store.views import name, quote

# Strength of a level within its family; the strongest yes of a family counts, ties by the rule's id.
STRENGTH = {"strong": 3, "medium": 2, "weak": 1}


def measures_used(catalogue: Catalogue, indicator: Indicator) -> tuple[str, ...]:
    """Measures that an indicator's condition names."""
    return tuple(used(catalogue, indicator))


def _facts(catalogue: Catalogue, indicator: Indicator) -> str:
    owners = says_columns(catalogue, indicator)
    parts = [f"{quote(field)}, {name(owner)}.{name(field)}" for field, owner in sorted(owners.items())]
    return f"json_object({', '.join(parts)})" if parts else "'{}'"


def witness_tables(catalogue: Catalogue, inputs: Inputs, indicators: list[Indicator]) -> None:
    """Make ``witness_<measure>``: for accounts with a yes over that measure, the first references and how many there are."""
    for measure in sorted({m for i in indicators for m in measures_used(catalogue, i)}):
        rule = catalogue.measures[measure]
        askers = [i for i in indicators if measure in measures_used(catalogue, i)]
        said = " or ".join(f"{name(i.column)} = 'yes'" for i in askers)
        inputs.con.execute(f"create or replace temp table asked as select account_id from answers where {said}")
        some = inputs.con.execute("select 1 from asked limit 1").fetchall()
        # Nobody to ask about is the common case, and asking would read the largest tables for nothing.
        rows = (
            seen_sql(catalogue, rule, rule.rows_sql)
            if some
            else "select '' as account_id, '' as table_name, '' as mapae_source, 0 as mapae_row limit 0"
        )
        inputs.con.execute(
            f"create or replace temp table {name('witness_' + measure)} as "
            f"select account_id, list(ref order by ref) filter (n <= {BECAUSE_MAX}) as refs, max(total) as total from ("
            f"  select account_id, ref, row_number() over (partition by account_id order by ref) as n, "
            f"    count(*) over (partition by account_id) as total from ("
            f"    select distinct r.account_id, 'record:' || r.table_name || ':' || r.mapae_source || ':' || r.mapae_row as ref "
            f"    from ({rows}) as r semi join asked as a on a.account_id = r.account_id"
            f"  ) as seen) as ranked group by account_id"
        )


def flags_query(catalogue: Catalogue, indicators: list[Indicator]) -> Query:
    """All flags as one SELECT over ``answers``, the measures and the witness tables."""
    selects = []
    for indicator in indicators:
        read = measures_used(catalogue, indicator)
        joins = "".join(f" left join {name(m)} on {name(m)}.account_id = answers.account_id" for m in read)
        joins += "".join(
            f" left join {name('witness_' + m)} as w{i} on w{i}.account_id = answers.account_id"
            for i, m in enumerate(read)
        )
        refs = (
            "list_sort(list_distinct("
            + " || ".join(f"coalesce(w{i}.refs, [])" for i in range(len(read)))
            + f"))[1:{BECAUSE_MAX}]"
        )
        total = " + ".join(f"coalesce(w{i}.total, 0)" for i in range(len(read)))
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
