"""A question in DuckDB's dialect said in Spark's, and the settings under which both answer alike."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

# Spark under the rules that DuckDB keeps: days of UTC, and an error where standard SQL has one.
SPARK_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.caseSensitive": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
}


def to_spark(sql: str) -> str:
    """A question that passed the gate of :mod:`mapae.rules.sql`, in Spark's dialect.

    Args:
        sql: one SELECT in DuckDB's dialect.

    Returns:
        The same question. Nulls sort last as in DuckDB; ``qualify`` is an outer select; ``sha256`` is ``sha2``.

    Example:
        >>> to_spark("select a from t as t anti join u as u on t.a = u.a")
        'SELECT a FROM t AS t LEFT ANTI JOIN u AS u ON t.a = u.a'
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    for join in list(tree.find_all(exp.Join)):
        if join.kind.upper() in ("SEMI", "ANTI"):
            join.set("side", "LEFT")
    for node in list(tree.find_all(exp.ArgMax)):
        # DuckDB leaves out rows whose value is null; Spark leaves out those whose order is.
        branch = exp.If(this=exp.Not(this=exp.Is(this=node.this.copy(), expression=exp.Null())), true=node.expression)
        node.set("expression", exp.Case(ifs=[branch]))
    return tree.sql(dialect="spark", comments=False)
