"""Mutated rules: each condition deleted, negated or moved by one unit, held against the rule's own cases.

A mutant that no case of its rule answers otherwise *survives*: the rule could be wrong in that place and nobody would
notice. The measures do not change, so they are computed once over the cases' tables; all mutants of all indicators
are then one SELECT over one row per case.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlglot
from sqlglot import exp

from mapae.engine.answering import Answering
from mapae.rules import answers
from mapae.rules.asking import ARROW
from mapae.rules.cases import Case, ReadRows, measured, measures_of, read_cases
from mapae.rules.kinds import Catalogue, Indicator

CONDITIONS = ("known_when", "when")
# Least share of mutants that must be killed over all rules, and what no rule of this status may leave.
LEAST_PERCENT = 95
NO_SURVIVOR = "stable"
# Factors that turn a share into per cent or per mille, or seconds into hours, days, weeks or months: units, no thresholds.
_UNITS = ("100", "1000", "3600", "86400", "604800", "2592000")
_LEAVES = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.Is, exp.Column, exp.Boolean)


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A rule with one condition changed.

    Args:
        rule: the indicator's id.
        status: the indicator's status.
        change: what was done, in words.
        sql: the mutant's cell as an SQL expression over its measures.
        path, line: where the changed condition stands.
        killed_by: name of the first case that answers otherwise; "" of a survivor.
    """

    rule: str
    status: str
    change: str
    sql: str
    path: Path
    line: int
    killed_by: str = ""


@dataclasses.dataclass(frozen=True)
class Trial:
    """Mutants of all rules, and what they say of the cases."""

    mutants: tuple[Mutant, ...]

    @property
    def survivors(self) -> tuple[Mutant, ...]:
        """Mutants that no case answers otherwise."""
        return tuple(m for m in self.mutants if not m.killed_by)

    @property
    def killed_permille(self) -> int:
        """Share of mutants that were killed."""
        return 1000 * (len(self.mutants) - len(self.survivors)) // max(len(self.mutants), 1)

    @property
    def passed(self) -> bool:
        """Whether enough were killed over all, and none survives of a stable rule."""
        return self.killed_permille >= 10 * LEAST_PERCENT and all(m.status != NO_SURVIVOR for m in self.survivors)

    def by_rule(self) -> dict[str, tuple[int, int]]:
        """Rule to how many of its mutants were killed, and how many survived."""
        counted: dict[str, list[int]] = {}
        for mutant in self.mutants:
            counted.setdefault(mutant.rule, [0, 0])[0 if mutant.killed_by else 1] += 1
        return {rule: (killed, survived) for rule, (killed, survived) in sorted(counted.items())}


def mutate(catalogue: Catalogue, engine: Answering, read_rows: ReadRows, rule: str = "") -> Trial:
    """Try every mutant of the indicators that a run answers against their own cases.

    Args:
        catalogue: the rules.
        engine: what answers the measures' SQL and the one SELECT of all mutants.
        read_rows: the tables' own reader.
        rule: id of one indicator; "" tries all.

    Returns:
        One mutant per place and change, in order of rule and line.

    Raises:
        RuleRefused: a condition or a case's rows are refused.
    """
    chosen = {i.id: i for i in answers.answered(catalogue) if rule in ("", i.id)}
    made = [mutant for id_ in sorted(chosen) for mutant in mutants_of(catalogue, chosen[id_])]
    cases = read_cases(dataclasses.replace(catalogue, measures={}, indicators=chosen), read_rows)
    if not made or not cases:
        return Trial(tuple(made))
    told = engine.sql(_select(made), {"cases": _measured(catalogue, engine, cases)}).sort_by("place").to_pylist()
    return Trial(tuple(_tried(mutant, f"m{n}", cases, told) for n, mutant in enumerate(made)))


def mutants_of(catalogue: Catalogue, indicator: Indicator) -> list[Mutant]:
    """Every mutant of one indicator, without those whose text is the rule's own."""
    trees = {key: _parsed(str(indicator.data[key])) for key in CONDITIONS}
    bare = {key: answers.condition(catalogue, indicator, key) for key in CONDITIONS}
    own = _cell(bare["known_when"], bare["when"])
    found: dict[str, Mutant] = {}

    def add(change: str, line: int, known: exp.Expr, when: exp.Expr) -> None:
        sql = _cell(known, when)
        if sql != own and sql not in found:
            found[sql] = Mutant(indicator.id, indicator.status, change, sql, indicator.path, line)

    for key in CONDITIONS:
        for change, changed in _changes(trees[key]):
            filled = _filled(changed, indicator.parameters)
            line = indicator.data.text_line_of(key) + _lines_before(str(indicator.data[key]), change.place)
            pair = {**bare, key: filled}
            add(f"{key}: {change.says}", line, pair["known_when"], pair["when"])
    for name, value in indicator.parameters.items():
        line = _line_of_parameter(indicator, name)
        for moved in (int(value) - 1, int(value) + 1):
            numbers = {**indicator.parameters, name: str(moved)}
            pair = {key: _filled(trees[key], numbers) for key in CONDITIONS}
            add(f":{name} is {moved} and not {value}", line, pair["known_when"], pair["when"])
    return list(found.values())


@dataclasses.dataclass(frozen=True)
class _Change:
    """What was done to a tree, and the place of the text that it was done to."""

    says: str
    place: int


def _parsed(text: str) -> exp.Expr:
    return sqlglot.parse_one(text, read="duckdb")


def _changes(tree: exp.Expr) -> Iterator[tuple[_Change, exp.Expr]]:
    """Each way of deleting, negating or moving one condition of a tree."""
    nodes = list(tree.walk())
    for number, node in enumerate(nodes):
        says, place = _text(node), _place(node)
        if isinstance(node, exp.And | exp.Or):
            for side, other in (("this", node.expression), ("expression", node.this)):
                gone = _text(node.args[side])
                yield _Change(f"without {gone}", _place(node.args[side])), _with(tree, number, other.copy())
        if _is_leaf(node):
            yield _Change(f"not ({says})", place), _with(tree, number, exp.Not(this=exp.Paren(this=node.copy())))
            if node.parent is None:
                yield _Change(f"without {says}", place), exp.true()
        if isinstance(node, exp.Not):
            yield _Change(f"without not, of {says}", place), _with(tree, number, node.this.copy())
        if isinstance(node, exp.Literal) and not _is_unit(node):
            for moved in (int(node.this) - 1, int(node.this) + 1):
                yield (
                    _Change(f"{moved} and not {says} in {_around(node)}", place),
                    _with(tree, number, _number(moved)),
                )


def _is_leaf(node: exp.Expr) -> bool:
    """Whether a node is a condition of its own: a comparison, or a column that is true or false itself."""
    if not isinstance(node, _LEAVES):
        return False
    above = node.parent
    while isinstance(above, exp.Paren):
        above = above.parent
    return (
        not isinstance(node, exp.Column | exp.Boolean) or above is None or isinstance(above, exp.And | exp.Or | exp.Not)
    )


def _is_unit(node: exp.Literal) -> bool:
    return node.this in _UNITS and isinstance(node.parent, exp.Mul)


def _with(tree: exp.Expr, number: int, new: exp.Expr) -> exp.Expr:
    """A copy of a tree with its node of that number, in the order of a walk, replaced."""
    copy = tree.copy()
    node = list(copy.walk())[number]
    if node is copy:
        return new
    node.replace(new)
    return copy


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value) if value >= 0 else exp.Paren(this=exp.Neg(this=exp.Literal.number(-value)))


def _filled(tree: exp.Expr, parameters: dict[str, str]) -> exp.Expr:
    def put(node: exp.Expr) -> exp.Expr:
        return _number(int(parameters[node.name])) if isinstance(node, exp.Placeholder) else node

    return tree.transform(put)


def _cell(known: exp.Expr, when: exp.Expr) -> str:
    """A cell as rules/answers.py writes it, over columns named ``<measure>__<column>``."""

    def flat(node: exp.Expr) -> exp.Expr:
        return exp.column(f"{node.table}__{node.name}") if isinstance(node, exp.Column) and node.table else node

    k, w = (tree.transform(flat).sql(dialect="duckdb") for tree in (known, when))
    return f"case when ({k}) and ({w}) then 'yes' when ({k}) and not ({w}) then 'no' else 'unknown' end"


def _select(mutants: Iterable[Mutant]) -> str:
    cells = "".join(f",\n  {mutant.sql} as m{n}" for n, mutant in enumerate(mutants))
    return f"select place{cells}\nfrom cases as cases"


def _measured(catalogue: Catalogue, engine: Answering, cases: Sequence[Case]) -> pa.Table:
    """One row per case, in their order: its place, and every column of every measure for the account asked about."""
    wanted = {m.id: m for case in cases for m in measures_of(catalogue, case.rule)}
    rows: dict[str, dict[str, Any]] = {case.place: {} for case in cases}
    for id_, answer in sorted(measured(catalogue, engine, cases).measures.items()):
        by_account = {row[wanted[id_].key]: row for row in answer.to_pylist()}
        for case in cases:
            found = by_account.get(case.account, {})
            rows[case.place] |= {f"{id_}__{c.name}": found.get(c.name) for c in wanted[id_].columns}
    kinds = {f"{id_}__{c.name}": ARROW[c.type] for id_, m in sorted(wanted.items()) for c in m.columns}
    columns = [pa.array(range(len(cases)), pa.int64())]
    columns += [pa.array([rows[case.place].get(name) for case in cases], kind) for name, kind in kinds.items()]
    return pa.Table.from_arrays(columns, names=["place", *kinds])


def _tried(mutant: Mutant, name: str, cases: Sequence[Case], told: list[dict[str, Any]]) -> Mutant:
    for case, row in zip(cases, told, strict=True):
        if case.rule.id == mutant.rule and str(row[name]) != str(case.data["answer"]):
            return dataclasses.replace(mutant, killed_by=str(case.data["name"]))
    return mutant


def _place(node: exp.Expr) -> int:
    """Where in the condition's text a node begins; 0 where the tree does not know."""
    return min((int(n.meta["start"]) for n in node.walk() if "start" in n.meta), default=0)


def _lines_before(text: str, place: int) -> int:
    return text.count("\n", 0, place)


def _around(node: exp.Expr) -> str:
    """The comparison that a number stands in."""
    while node.parent is not None and not isinstance(node, _LEAVES):
        node = node.parent
    return _text(node)


def _text(node: exp.Expr) -> str:
    """A part of a condition as rules write it."""
    return node.sql(dialect="duckdb").replace("$", ":")


def _line_of_parameter(indicator: Indicator, name: str) -> int:
    return int(indicator.data["parameters"].line_of(name))
