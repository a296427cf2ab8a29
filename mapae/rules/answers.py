"""Indicators' conditions, and the one SELECT that answers all of them.

A condition compares columns of measures with parameters, in three-valued logic. A cell is ``yes`` where the
question can be answered (``known_when``) and the condition holds, ``no`` where it does not, else ``unknown``.
"""

from __future__ import annotations

import functools
import string
from collections.abc import Iterable

import sqlglot
from sqlglot import exp

from mapae.model.errors import RuleRefused
from mapae.rules.kinds import Catalogue, Indicator

_ALLOWED = (
    *(exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.Is),
    *(exp.Null, exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Literal, exp.Boolean, exp.Column, exp.Identifier),
    exp.Placeholder,
)
_FORM = "Write columns of measures and parameters: travel.impossible_hops >= :hops."
# Statuses whose indicators are answered in a run; drafts and retired ones are not.
ANSWERED = ("test", "stable")


def condition(catalogue: Catalogue, indicator: Indicator, key: str) -> exp.Expr:
    """A condition's tree, with parameters put in as numbers.

    Args:
        key: ``when`` or ``known_when``.

    Raises:
        RuleRefused: it holds what no condition may, a measure, column or parameter that is not there, or text.
    """
    text = str(indicator.data[key])
    line = indicator.data.text_line_of(key)

    def refuse(why: str, do: str = _FORM) -> RuleRefused:
        return RuleRefused(
            f"A condition of {indicator.id} is refused.", where=f"{indicator.path}:{line}", why=f"{key}: {why}", do=do
        )

    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError) as problem:
        raise refuse(str(problem).splitlines()[0]) from problem
    for node in list(tree.walk()):
        if not isinstance(node, _ALLOWED):
            raise refuse(node.sql(dialect="duckdb"))
        if isinstance(node, exp.Literal) and (node.is_string or not node.this.isdigit()):
            raise refuse(f"{node.sql()} is no whole number")
        if isinstance(node, exp.Column):
            measure = catalogue.measures.get(node.table)
            if measure is None:
                known = ", ".join(catalogue.measures)
                raise refuse(f"{node.sql()}: no measure is called {node.table!r}", f"Known measures: {known}.")
            if node.name not in {c.name for c in measure.columns}:
                known = ", ".join(c.name for c in measure.columns)
                raise refuse(f"{node.table} has no column {node.name!r}", f"Known columns: {known}.")
    parameters = indicator.parameters

    def put(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Placeholder):
            return node
        if node.name not in parameters:
            raise refuse(
                f"no parameter is called :{node.name}", f"Known parameters: {', '.join(parameters) or 'none'}."
            )
        return exp.Literal.number(parameters[node.name])

    return tree.transform(put)


def used(catalogue: Catalogue, indicator: Indicator) -> dict[str, tuple[str, ...]]:
    """Measures that an indicator reads, each with the columns read; both in order of name."""
    texts = tuple(str(indicator.data[key]) for key in ("when", "known_when"))
    try:
        return {measure: columns for measure, columns in _columns(texts) if measure in catalogue.measures}
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError):
        condition(catalogue, indicator, "when")
        condition(catalogue, indicator, "known_when")
        raise


@functools.lru_cache(4096)
def _columns(texts: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Measures and columns that conditions name; asked thousands of times a run, and parsing is what costs."""
    found: dict[str, set[str]] = {}
    for text in texts:
        for column in sqlglot.parse_one(text, read="duckdb").find_all(exp.Column):
            found.setdefault(column.table, set()).add(column.name)
    return tuple((measure, tuple(sorted(columns))) for measure, columns in sorted(found.items()))


def says_columns(catalogue: Catalogue, indicator: Indicator) -> dict[str, str]:
    """Columns that fill the indicator's sentence, each with the measure it is of.

    Raises:
        RuleRefused: a name in braces is no column, or one of two measures, of those that the conditions read.
    """
    measures = [catalogue.measures[name] for name in used(catalogue, indicator)]
    where = f"{indicator.path}:{indicator.data.line_of('says')}"
    found: dict[str, str] = {}
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(indicator.says) if name is not None]
    except ValueError as problem:
        raise RuleRefused(f"The sentence of {indicator.id} cannot be read.", where=where, why=str(problem)) from problem
    for name in names:
        owners = [m.id for m in measures if name in {c.name for c in m.columns}]
        if len(owners) != 1:
            raise RuleRefused(
                f"The sentence of {indicator.id} cannot be filled.",
                where=where,
                why=f"{{{name}}} is a column of {' and '.join(owners) or 'no measure that its conditions read'}",
                do="Use columns of the measures in when and known_when.",
            )
        found[name] = owners[0]
    return found


def answered(catalogue: Catalogue) -> list[Indicator]:
    """Indicators that a run answers, in order of id."""
    return [i for i in catalogue.indicators.values() if i.status in ANSWERED]


def cell_sql(catalogue: Catalogue, indicator: Indicator) -> str:
    """An indicator's cell as an SQL expression over its measures: 'yes', 'no' or 'unknown'."""
    known = condition(catalogue, indicator, "known_when").sql(dialect="duckdb")
    when = condition(catalogue, indicator, "when").sql(dialect="duckdb")
    return f"case when ({known}) and ({when}) then 'yes' when ({known}) and not ({when}) then 'no' else 'unknown' end"


def indicators_sql(catalogue: Catalogue, indicators: Iterable[Indicator] | None = None) -> str:
    """The one SELECT of all indicators: ``account_id`` and one cell per indicator, one row per account.

    Args:
        indicators: which; by default all that a run answers.

    Returns:
        SQL over the views ``accounts`` and one per measure used; pure text, within the list that all engines share.
    """
    chosen = answered(catalogue) if indicators is None else list(indicators)
    measures = sorted({name for i in chosen for name in used(catalogue, i)})
    cells = "".join(f",\n  {cell_sql(catalogue, i)} as {i.column}" for i in chosen)
    joins = "".join(f"\nleft join {m} as {m} on {m}.account_id = accounts.account_id" for m in measures)
    return f"select accounts.account_id as account_id{cells}\nfrom accounts as accounts{joins}"


def measures_used(catalogue: Catalogue) -> tuple[str, ...]:
    """Measures that the indicators of a run read, in order of name."""
    return tuple(sorted({name for i in answered(catalogue) for name in used(catalogue, i)}))
