"""The gate on rules' SQL: what every engine answers alike passes, the rest is refused with what to write instead.

The list is house.md's, "SQL and engines". It is held against sqlglot's tree of DuckDB's dialect; the tables and
columns that a question reads are taken from the same tree (:mod:`mapae.rules.reads`) and never declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import sqlglot
from sqlglot import TokenType, exp

from mapae.engine.dialect import to_spark
from mapae.model.errors import RuleRefused
from mapae.rules.advice import ADVICE, FUNCTIONS, OTHERWISE
from mapae.rules.reads import Read, Resolver, Schema

# Longer texts are no rule. Deeper ones would end the parser before they could be refused.
LONGEST = 20_000

ALLOWED: tuple[type[exp.Expr], ...] = (
    *(exp.Select, exp.With, exp.CTE, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Qualify, exp.Subquery),
    *(exp.Table, exp.TableAlias, exp.Alias, exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Boolean, exp.Paren),
    *(exp.Star, exp.Window, exp.Order, exp.Ordered, exp.Lag, exp.Lead, exp.RowNumber, exp.Distinct, exp.Tuple),
    *(exp.Count, exp.CountIf, exp.Min, exp.Max, exp.Sum, exp.ArgMax, exp.Coalesce, exp.Nullif, exp.Case, exp.If),
    *(exp.Greatest, exp.Least, exp.Abs, exp.And, exp.Or, exp.Not, exp.In, exp.Between, exp.Is, exp.Neg),
    *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Floor, exp.Pow),
    *(exp.Sqrt, exp.Sin, exp.Cos, exp.Asin, exp.Radians, exp.DateDiff, exp.TimestampTrunc, exp.DateTrunc, exp.Var),
    *(exp.Hour, exp.AtTimeZone, exp.DPipe, exp.RegexpLike, exp.SplitPart, exp.SHA2, exp.Cast, exp.DataType),
)
SELECT_PARTS = {"with_", "expressions", "from_", "joins", "where", "group", "having", "qualify", "windows"}
AGGREGATES = (exp.Count, exp.CountIf, exp.Min, exp.Max, exp.Sum, exp.ArgMax)
# Parts of Java's and RE2's languages that only one of them has: look-around, atomic groups, references, named groups.
REGEX_REFUSED = re.compile(r"\(\?[=!>P<]|\\[1-9kgGzZQEpPXRhHvV]|[*+?}]\+|\[\[:|&&")
NAME = re.compile(r"[a-z][a-z0-9_]*")


def check(sql: str, *, path: Path | str, line: int = 1, known: Schema | None = None) -> Read:
    """Hold a rule's SQL against the list, and find what it reads and gives.

    Args:
        sql: one SELECT in DuckDB's dialect.
        path: the rule's file, for messages.
        line: line of the file on which the SQL begins (1-based).
        known: table to column to type (``int64``, ``string``, ...); None checks form alone.

    Returns:
        The tables and columns read, and the columns given with their types.

    Raises:
        RuleRefused: the SQL leaves the list; the message names file, line, the text and what to write instead.
    """
    return Gate(sql, path, line).check(known)


class Gate:
    """One SQL text on its way through the gate."""

    def __init__(self, sql: str, path: Path | str, line: int) -> None:
        self.sql, self.path, self.line = sql, path, line

    def check(self, known: Schema | None) -> Read:
        """See :func:`check`."""
        tree = self._parse()
        try:
            for node in tree.walk():
                self._node(node)
            self._aliases(tree)
            return Resolver(self.refuse, known).read(tree)
        except RecursionError:
            self.refuse(None, "Write it flatter: it is nested too deeply to be read.")

    def refuse(self, node: exp.Expr | None, do: str) -> NoReturn:
        """Refuse the SQL at a node of its tree."""
        raise RuleRefused(
            "A rule's SQL is refused: engines answer it differently, or it cannot be read.",
            where=f"{self.path}:{self.line + self._line_in_sql(node)}",
            why=_shown(node) if node is not None else _shorten(self.sql),
            do=do,
        )

    def _line_in_sql(self, node: exp.Expr | None) -> int:
        """Lines between the SQL's first and the node's (0-based)."""
        if node is None:
            return 0
        start = min((n.meta["start"] for n in node.walk() if "start" in n.meta), default=None)
        here: exp.Expr | None = node
        while start is None and here is not None and here.parent is not None:
            here = here.parent
            start = min((n.meta["start"] for n in here.walk() if "start" in n.meta), default=None)
        return self.sql.count("\n", 0, start) if start is not None else 0

    def _parse(self) -> exp.Select:
        if len(self.sql) > LONGEST:
            self.refuse(None, f"Write at most {LONGEST} characters; split the question into two measures.")
        try:
            self.tokens = sqlglot.tokenize(self.sql, read="duckdb")
            trees = [tree for tree in sqlglot.parse(self.sql, read="duckdb") if tree is not None]
        except sqlglot.errors.ParseError as problem:
            first = problem.errors[0] if problem.errors else {}
            line = self.line + max(int(first.get("line") or 1) - 1, 0)
            self._unreadable(line, str(first.get("description") or problem))
        except RecursionError:
            self.refuse(None, "Write it flatter: it is nested too deeply to be read.")
        except Exception as problem:
            self._unreadable(self.line, f"{type(problem).__name__}: {problem}")
        if len(trees) != 1:
            self.refuse(None, f"Write one SELECT; here are {len(trees)} statements.")
        tree = trees[0]
        if not isinstance(tree, exp.Select):
            self.refuse(tree, _advice(tree) or "Begin with select, or with common table expressions and then select.")
        return tree

    def _unreadable(self, line: int, why: str) -> NoReturn:
        raise RuleRefused(
            "A rule's SQL cannot be read.",
            where=f"{self.path}:{line}",
            why=_shorten(why),
            do="Write one SELECT in DuckDB's dialect.",
        )

    def _node(self, node: exp.Expr) -> None:
        if not isinstance(node, ALLOWED) or (isinstance(node, exp.Func) and type(node) not in ALLOWED):
            self.refuse(node, _advice(node) or OTHERWISE)
        check_of = getattr(self, f"_at_{type(node).__name__.lower()}", None)
        if check_of is not None:
            check_of(node)

    # One method per kind of node that is allowed in part.

    def _at_select(self, node: exp.Select) -> None:
        for part, value in node.args.items():
            if value and part not in SELECT_PARTS:
                self.refuse(node if part == "kind" else _first(value, node), ADVICE.get(part, OTHERWISE))
        if not node.args.get("from_"):
            self.refuse(node, "Select from a table.")
        if not node.expressions:
            self.refuse(node, "Name the columns to select.")
        if node.parent is not None and not isinstance(node.parent, exp.Subquery | exp.CTE):
            self.refuse(node, ADVICE["in_select"])

    def _at_with(self, node: exp.With) -> None:
        if node.args.get("recursive"):
            self.refuse(node, ADVICE["recursive"])

    def _at_cte(self, node: exp.CTE) -> None:
        if node.args.get("materialized") is not None or node.args.get("key_expressions"):
            self.refuse(node, "Write 'name as (select …)' and nothing between.")

    def _at_subquery(self, node: exp.Subquery) -> None:
        if not isinstance(node.parent, exp.From | exp.Join) or not isinstance(node.this, exp.Select):
            self.refuse(node, ADVICE["in_select"])
        if not node.alias:
            self.refuse(node, "Name the inner select: (select …) as name.")
        self._only(node, {"this", "alias"})

    def _at_table(self, node: exp.Table) -> None:
        self._only(node, {"this", "alias"})
        if not isinstance(node.this, exp.Identifier) or not NAME.fullmatch(node.name):
            self.refuse(
                node, "Name a table of the catalogue or a measure, in small letters; files and functions are none."
            )
        if not isinstance(node.parent, exp.From | exp.Join):
            self.refuse(node, ADVICE["in_select"])

    def _at_tablealias(self, node: exp.TableAlias) -> None:
        if node.args.get("columns"):
            self.refuse(node, "Name columns inside the select, each with as.")

    def _at_join(self, node: exp.Join) -> None:
        if node.args.get("using"):
            self.refuse(node, "Write the condition: on a.account_id = b.account_id.")
        self._only(node, {"this", "side", "kind", "on"}, "Join with inner, left, semi or anti.")
        how = f"{node.side} {node.kind}".strip().upper()
        if how not in ("", "INNER", "LEFT", "SEMI", "ANTI"):
            self.refuse(node, "Join with inner, left, semi or anti.")
        if node.args.get("on") is None:
            self.refuse(node, "Give the join its condition: on a.account_id = b.account_id.")

    def _at_group(self, node: exp.Group) -> None:
        self._only(node, {"expressions"})
        for part in node.expressions:
            if isinstance(part, exp.Literal | exp.Tuple | exp.Paren):
                self.refuse(part, "Group by the expression itself, not by its number or in brackets.")

    def _at_star(self, node: exp.Star) -> None:
        if not isinstance(node.parent, exp.Count):
            self.refuse(node, "Name the columns; * is for count(*) alone.")
        self._only(node, set())

    def _at_column(self, node: exp.Column) -> None:
        self._only(node, {"this", "table"})
        if not isinstance(node.this, exp.Identifier):
            self.refuse(node, "Name the columns; * is for count(*) alone.")

    def _at_window(self, node: exp.Window) -> None:
        self._only(node, {"this", "partition_by", "order", "alias", "over"})
        named = isinstance(node.parent, exp.Select)
        if not named and not isinstance(
            node.this, (exp.Lag, exp.Lead, exp.RowNumber, exp.Count, exp.Min, exp.Max, exp.Sum)
        ):
            self.refuse(
                node, _advice(node.this) or "Over a window stand lag, lead, row_number, count, min, max or sum."
            )
        if not named and node.args.get("alias") is not None:
            self._only(node, {"this", "alias", "over"})
            return  # `over w`: the named window is checked where it stands
        order = node.args.get("order")
        ends = [o.this.name if isinstance(o.this, exp.Column) else "" for o in order.expressions] if order else []
        if ends[-2:] != ["mapae_source", "mapae_row"]:
            self.refuse(
                node, "Order the window so that it ends in mapae_source, mapae_row: then no two rows are equal."
            )

    def _at_rownumber(self, node: exp.Expr) -> None:
        if not isinstance(node.parent, exp.Window):
            self.refuse(node, "Write over (partition by … order by …, mapae_source, mapae_row) behind it.")

    _at_lag = _at_lead = _at_rownumber

    def _at_order(self, node: exp.Order) -> None:
        if not isinstance(node.parent, exp.Window):
            self.refuse(node, ADVICE["order"])

    def _at_ordered(self, node: exp.Ordered) -> None:
        self._only(node, {"this", "desc", "nulls_first"})

    def _at_distinct(self, node: exp.Distinct) -> None:
        if not isinstance(node.parent, exp.Count) or len(node.expressions) != 1 or node.args.get("on"):
            self.refuse(node, "Write count(distinct one_column), or group by.")

    def _at_count(self, node: exp.Count) -> None:
        if node.expressions:
            self.refuse(node, "Count one column.")
        if node.this is None:
            self.refuse(node, "Write count(*).")

    def _at_countif(self, node: exp.CountIf) -> None:
        outer = node.parent
        zero = outer.expressions if isinstance(outer, exp.Coalesce) and outer.this is node else []
        if not (zero and isinstance(zero[0], exp.Literal) and zero[0].this == "0"):
            self.refuse(node, "Write coalesce(count_if(…), 0): over no row one engine says 0 and another nothing.")

    def _at_argmax(self, node: exp.ArgMax) -> None:
        if node.args.get("count") is not None:
            self.refuse(node, "Write arg_max(value, number) with two arguments.")

    def _at_tuple(self, node: exp.Tuple) -> None:
        self.refuse(node, "Write one value; lists and structs are refused.")

    def _at_in(self, node: exp.In) -> None:
        self._only(node, {"this", "expressions"}, ADVICE["in_select"])
        for value in node.expressions:
            if not isinstance(value, exp.Literal | exp.Column | exp.Neg):
                self.refuse(value, "List plain values: in ('a', 'b').")

    def _at_is(self, node: exp.Is) -> None:
        if not isinstance(node.expression, exp.Null):
            self.refuse(node, "Write 'is null', 'is not null', or the condition itself.")

    def _at_if(self, node: exp.If) -> None:
        if not isinstance(node.parent, exp.Case):
            self.refuse(node, "Write case when … then … end.")

    def _at_neg(self, node: exp.Neg) -> None:
        if not isinstance(node.this, exp.Literal):
            self.refuse(node, "Write 0 - x.")

    def _at_div(self, node: exp.Div) -> None:
        right = node.expression
        while isinstance(right, exp.Paren):
            right = right.this
        number = isinstance(right, exp.Literal) and not right.is_string and float(right.this) != 0
        zero = (
            isinstance(right, exp.Nullif) and isinstance(right.expression, exp.Literal) and right.expression.this == "0"
        )
        if not (number or zero):
            self.refuse(node, "Divide by nullif(x, 0): one engine fails at zero and another does not.")

    def _at_datediff(self, node: exp.DateDiff) -> None:
        if str(node.args.get("unit") or "").upper() not in ("SECOND", "SECONDS"):
            self.refuse(node, "Write date_diff('second', a, b): engines count hours and days differently.")

    def _at_timestamptrunc(self, node: exp.Expr) -> None:
        if str(node.args.get("unit") or "").upper().strip("'") != "DAY" or node.args.get("zone") is not None:
            self.refuse(node, "Write date_trunc('day', t).")

    _at_datetrunc = _at_timestamptrunc

    def _at_hour(self, node: exp.Hour) -> None:
        if not isinstance(node.this, exp.AtTimeZone):
            self.refuse(node, "Write hour(t at time zone 'UTC'), so that the zone is said.")

    def _at_attimezone(self, node: exp.AtTimeZone) -> None:
        if not isinstance(node.parent, exp.Hour):
            self.refuse(node, "Use 'at time zone' inside hour(…) alone.")

    def _at_regexplike(self, node: exp.RegexpLike) -> None:
        pattern = node.expression
        if not isinstance(pattern, exp.Literal) or not pattern.is_string or node.args.get("flag") is not None:
            self.refuse(node, "Give the pattern as a text, without options.")
        if REGEX_REFUSED.search(pattern.this):
            self.refuse(
                node, "Write the pattern without look-around, references, classes by name and possessive repeats."
            )
        try:
            re.compile(pattern.this)
        except (re.error, RecursionError, OverflowError):
            self.refuse(node, "Write a valid pattern.")

    def _at_sha2(self, node: exp.SHA2) -> None:
        if node.text("length") != "256":
            self.refuse(node, "Write sha256(text).")

    def _at_cast(self, node: exp.Cast) -> None:
        to = node.args["to"].this
        value = node.this
        ends_ok = node.args.get("format") is None and node.args.get("safe") is not True
        if ends_ok and isinstance(value, exp.Null) and to in _NULL_TYPES:
            return
        if ends_ok and to == exp.DataType.Type.DATE and not (isinstance(value, exp.Literal) and not value.is_string):
            return  # a day of a time, or a day written down; the resolver refuses text here
        self.refuse(node, ADVICE["cast"])

    def _at_literal(self, node: exp.Literal) -> None:
        if node.is_string and any(ord(c) < 32 for c in node.this):
            self.refuse(node, "Write texts without control characters.")

    def _only(self, node: exp.Expr, allowed: set[str], do: str = OTHERWISE) -> None:
        for part, value in node.args.items():
            if part not in allowed and value not in (None, False, []):
                self.refuse(node, ADVICE.get(part, do))

    def _aliases(self, tree: exp.Select) -> None:
        """Every alias stands behind ``as``: the tree forgets the word, the tokens do not."""
        before: dict[int, TokenType] = {}
        for earlier, token in zip(self.tokens, self.tokens[1:], strict=False):
            before[token.start] = earlier.token_type
        for node in tree.walk():
            name = node.args.get("alias") if isinstance(node, exp.Alias) else None
            if isinstance(node, exp.TableAlias) and not isinstance(node.parent, exp.CTE):
                name = node.this
            if isinstance(name, exp.Identifier) and before.get(name.meta.get("start", -1)) != TokenType.ALIAS:
                self.refuse(node, f"Write 'as {name.name}'.")


_NULL_TYPES = {
    exp.DataType.Type.DATE,
    exp.DataType.Type.BIGINT,
    exp.DataType.Type.TEXT,
    exp.DataType.Type.VARCHAR,
    exp.DataType.Type.BOOLEAN,
    exp.DataType.Type.TIMESTAMPTZ,
}


def _advice(node: exp.Expr) -> str:
    if isinstance(node, exp.IgnoreNulls | exp.RespectNulls) and (inner := _advice(node.this)):
        return inner
    if isinstance(node, exp.Anonymous):
        return FUNCTIONS.get(node.name.lower(), "")
    names = [type(node).__name__.lower()]
    if isinstance(node, exp.Func):
        names += [name.lower() for name in node.sql_names()]
    return next((text for name in names if (text := ADVICE.get(name) or FUNCTIONS.get(name))), "")


def _first(value: Any, otherwise: exp.Expr) -> exp.Expr:
    candidates: Iterator[Any] = iter(value if isinstance(value, list) else [value])
    return next((v for v in candidates if isinstance(v, exp.Expr)), otherwise)


def _shown(node: exp.Expr) -> str:
    try:
        return _shorten(node.sql(dialect="duckdb", comments=False))
    except Exception:
        return type(node).__name__


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 120 else text[:117] + "…"


def normal(sql: str) -> str:
    """SQL in one form: the same whatever its blanks, comments and letter case of keywords."""
    return sqlglot.parse_one(sql, read="duckdb").sql(dialect="duckdb", comments=False)


__all__ = ["ALLOWED", "Gate", "Read", "Schema", "check", "normal", "to_spark"]
