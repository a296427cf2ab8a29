"""What a question reads and gives: tables, columns and types, taken from its tree."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn

from sqlglot import exp

Schema = Mapping[str, Mapping[str, str]]
Columns = dict[str, str]
Refuse = Callable[["exp.Expr | None", str], NoReturn]

# Kinds of value that the gate tells apart, from the types of records, measures and findings.
WHOLE, FLOORED, FRACTION, TEXT, BOOL, TIME, DATE, NOTHING, ANY = (
    *("whole", "floored", "fraction", "text", "bool", "time", "date", "null", "any"),
)
KINDS = {
    **dict.fromkeys(("int8", "int16", "int32", "int64"), WHOLE),
    **dict.fromkeys(("string", "large_string"), TEXT),
    **dict.fromkeys(("float64", "double", "decimal"), FRACTION),
    "bool": BOOL,
    "time": TIME,
    "date": DATE,
    "date32": DATE,
}
NUMBERS = {WHOLE, FLOORED, FRACTION, NOTHING, ANY}


@dataclasses.dataclass(frozen=True)
class Read:
    """What a question reads (table to sorted columns) and what it gives (column to kind of value), in order."""

    tables: dict[str, tuple[str, ...]]
    gives: dict[str, str]


@dataclasses.dataclass
class _Source:
    """A table, measure or inner select under the name by which columns call it; None: its columns are not known."""

    name: str
    table: str
    columns: Columns | None


class Resolver:
    """Walks selects from the inside out and gives each column its table and kind."""

    def __init__(self, refuse: Refuse, known: Schema | None) -> None:
        self.refuse, self.known = refuse, known
        self.read_of: dict[str, set[str]] = {}

    def read(self, tree: exp.Select) -> Read:
        """Tables and columns read by a whole question, and what it gives."""
        gives = self._select(tree, {})
        return Read({t: tuple(sorted(c)) for t, c in sorted(self.read_of.items())}, gives)

    def _select(self, node: exp.Select, outer: dict[str, Columns]) -> Columns:
        ctes = dict(outer)
        with_ = node.args.get("with_")
        for cte in with_.expressions if with_ else ():
            if cte.alias in ctes or (self.known is not None and cte.alias in self.known):
                self.refuse(cte, f"Give it a name that no table and no other part has; {cte.alias} is taken.")
            ctes[cte.alias] = self._select(cte.this, ctes)
        sources = [self._source(node.args["from_"].this, ctes)]
        for join in node.args.get("joins") or ():
            source = self._source(join.this, ctes)
            if source.name in {s.name for s in sources}:
                self.refuse(join, f"Two tables are called {source.name} here: give each its name with as.")
            kind = self._kind(join.args["on"], [*sources, source], {})
            self._must(join.args["on"], kind, {BOOL}, "a condition")
            if join.kind.upper() not in ("SEMI", "ANTI"):
                sources.append(source)
        gives: Columns = {}
        for item in node.expressions:
            name = item.alias_or_name
            if not name or not isinstance(item, exp.Alias | exp.Column):
                self.refuse(item, "Give the value a name with as.")
            if name in gives:
                self.refuse(item, f"Two columns are called {name} here.")
            gives[name] = self._kind(item.unalias(), sources, {})
        for part in ("where", "having", "qualify"):
            clause = node.args.get(part)
            if clause is not None:
                kind = self._kind(clause.this, sources, {} if part == "where" else gives)
                self._must(clause.this, kind, {BOOL}, "a condition")
        group = node.args.get("group")
        for item in group.expressions if group else ():
            self._kind(item, sources, gives)
        for window in node.args.get("windows") or ():
            self._parts(window, sources)
        return gives

    def _source(self, node: exp.Expr, ctes: dict[str, Columns]) -> _Source:
        if isinstance(node, exp.Subquery):
            return _Source(node.alias, "", self._select(node.this, ctes))
        name = node.name
        if name in ctes:
            return _Source(node.alias_or_name, "", ctes[name])
        self.read_of.setdefault(name, set())
        if self.known is None:
            return _Source(node.alias_or_name, name, None)
        if name not in self.known:
            self.refuse(node, f"No table or measure is called {name}.")
        return _Source(node.alias_or_name, name, {c: KINDS.get(t, ANY) for c, t in self.known[name].items()})

    def _column(self, node: exp.Column, sources: list[_Source], aliases: Columns) -> str:
        name, table = node.name, node.table
        if table:
            within = [s for s in sources if s.name == table]
            if not within:
                self.refuse(node, f"Nothing is called {table} here; known: {', '.join(s.name for s in sources)}.")
        else:
            within = [s for s in sources if s.columns is None or name in s.columns]
            if len(within) > 1 and all(s.columns is not None for s in within):
                self.refuse(node, f"Say whose: {' or '.join(f'{s.name}.{name}' for s in within)}.")
            if not within and name in aliases:
                return aliases[name]
        kind = ANY
        for source in within:
            if source.columns is not None and name not in source.columns:
                self.refuse(node, f"{source.table or source.name} has no column {name}.")
            if source.table:
                self.read_of[source.table].add(name)
            kind = source.columns[name] if source.columns is not None else ANY
        if not within:
            self.refuse(node, f"No column is called {name} here.")
        return kind

    def _kind(self, node: exp.Expr | None, sources: list[_Source], aliases: Columns) -> str:
        """Kind of an expression's value; refuses what engines would bring to one kind each in its own way."""
        if node is None:
            return NOTHING
        if isinstance(node, exp.Column):
            return self._column(node, sources, aliases)
        parts = [self._kind(part, sources, aliases) for part in _inner(node)]
        if isinstance(node, exp.Window):
            return parts[0]
        if isinstance(node, exp.ArgMax):
            self._unique(node)
            return parts[0]
        if isinstance(node, exp.Cast):
            if not isinstance(node.this, exp.Null | exp.Literal):
                self._must(node, parts[0], {TIME, DATE}, "a time")
            return {"DATE": DATE, "BIGINT": WHOLE, "BOOLEAN": BOOL, "TIMESTAMPTZ": TIME}.get(
                node.args["to"].this.value, TEXT
            )
        return self._made(node, parts)

    def _made(self, node: exp.Expr, parts: list[str]) -> str:
        if isinstance(node, exp.Literal):
            return TEXT if node.is_string else (WHOLE if node.this.isdigit() else FRACTION)
        if isinstance(node, exp.Null):
            return NOTHING
        if isinstance(node, exp.Sum):
            self._must(node, parts[0], {WHOLE}, "whole numbers (of money, its _cents)")
            return WHOLE
        if isinstance(node, exp.Count | exp.CountIf | exp.RowNumber | exp.Hour | exp.DateDiff):
            return WHOLE
        if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Neg | exp.Abs):
            for part in parts:
                self._must(node, part, NUMBERS, "numbers")
            return FRACTION if FRACTION in parts or FLOORED in parts else ANY if ANY in parts else WHOLE
        if isinstance(node, exp.Floor):
            return FLOORED
        if isinstance(node, exp.Div | exp.Pow | exp.Sqrt | exp.Sin | exp.Cos | exp.Asin | exp.Radians):
            for part in parts:
                self._must(node, part, NUMBERS, "numbers")
            return FRACTION
        if isinstance(node, exp.DPipe | exp.SHA2 | exp.SplitPart):
            texts = parts if isinstance(node, exp.DPipe) else parts[:1]
            for part in texts:
                self._must(node, part, {TEXT}, "texts")
            return TEXT
        if isinstance(node, exp.TimestampTrunc | exp.DateTrunc):
            self._must(node, parts[0], {TIME, DATE}, "a time")
            return TIME
        if isinstance(node, exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE | exp.In | exp.Between):
            self._alike(node, parts)
            return BOOL
        if isinstance(node, exp.And | exp.Or | exp.Not):
            for part in parts:
                self._must(node, part, {BOOL}, "conditions")
            return BOOL
        if isinstance(node, exp.Is | exp.RegexpLike | exp.Boolean):
            return BOOL
        if isinstance(node, exp.Case):
            return self._alike(node, [parts[place] for place in _case_values(node)])
        if isinstance(node, exp.Coalesce | exp.Greatest | exp.Least | exp.Nullif):
            return self._alike(node, parts)
        return parts[0] if parts else ANY  # min, max, lag, lead, brackets

    def _alike(self, node: exp.Expr, parts: list[str]) -> str:
        """One kind for values that meet; a text and a number never do."""
        kinds = {{FLOORED: FRACTION, DATE: TIME}.get(p, p) for p in parts} - {NOTHING, ANY}
        if len(kinds - {WHOLE, FRACTION}) + bool(kinds & {WHOLE, FRACTION}) > 1:
            self.refuse(node, f"Bring only like values together, not {' and '.join(sorted(kinds))}.")
        if ANY in parts:
            return ANY
        left = [p for p in parts if p != NOTHING]
        if len(set(left)) == 1:
            return left[0]
        return FRACTION if kinds <= {WHOLE, FRACTION} and kinds else (TIME if TIME in kinds else NOTHING)

    def _must(self, node: exp.Expr, kind: str, wanted: set[str], says: str) -> None:
        if kind not in wanted | {ANY, NOTHING}:
            self.refuse(node, f"Write {says} here, not {kind}.")

    def _parts(self, window: exp.Expr, sources: list[_Source]) -> None:
        for part in _inner(window):
            self._kind(part, sources, {})

    def _unique(self, node: exp.ArgMax) -> None:
        """The order of arg_max is a column that row_number() made in an inner select."""
        order = node.expression
        select = node.find_ancestor(exp.Select)
        if isinstance(order, exp.Column) and select is not None:
            for inner in _inner_selects(select):
                for item in inner.expressions:
                    value = item.unalias()
                    if (
                        item.alias_or_name == order.name
                        and isinstance(value, exp.Window)
                        and isinstance(value.this, exp.RowNumber)
                    ):
                        return
        self.refuse(
            node, "Take the order from row_number() over (… , mapae_source, mapae_row) as number in an inner select."
        )


def _inner(node: exp.Expr) -> Iterator[exp.Expr]:
    """Parts of an expression that have a value; the branches of a case are taken apart."""
    if isinstance(node, exp.Case):
        if node.this is not None:
            yield node.this
        for branch in node.args["ifs"]:
            yield branch.this
            yield branch.args["true"]
        if node.args.get("default") is not None:
            yield node.args["default"]
        return
    for part in node.iter_expressions():
        if isinstance(part, exp.Identifier | exp.Var | exp.Star | exp.DataType):
            continue
        if isinstance(part, exp.Order):
            yield from (ordered.this for ordered in part.expressions)
        elif isinstance(part, exp.Distinct):
            yield from part.expressions
        else:
            yield part


def _case_values(node: exp.Case) -> list[int]:
    """Places, among :func:`_inner`'s parts of a case, of the values that it may give."""
    offset = 1 if node.this is not None else 0
    places = [offset + 2 * i + 1 for i in range(len(node.args["ifs"]))]
    return [*places, offset + 2 * len(places)] if node.args.get("default") is not None else places


def _inner_selects(select: exp.Select) -> Iterator[exp.Select]:
    root = select
    while (up := root.find_ancestor(exp.Select)) is not None:
        root = up
    yield from (s for s in root.find_all(exp.Select) if s is not select)
