"""The whole catalogue held against its contract: SQL, conditions, sentences, cases, citations, lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pyarrow as pa

from mapae.model import findings, statements
from mapae.model.errors import RuleRefused
from mapae.rules import citations, load, lock
from mapae.rules.answers import answered, condition, says_columns, used
from mapae.rules.base import Column, Rule
from mapae.rules.kinds import Catalogue, Indicator, Measure, Projection, Provision
from mapae.rules.reads import KINDS
from mapae.rules.sql import check
from mapae.rules.tables import Table

WITNESSES = ("table_name", "mapae_source", "mapae_row")
# What an origin of a projection gives beside its columns: one of these, from which the engine makes the reference.
GROUNDS = (WITNESSES, ("statement_id",), ("finding_id",), ("mapae_source", "item"))
# Columns of `entries`: one row per listed entity of the newest snapshots.
ENTRIES = {
    **dict.fromkeys(("party", "entity_id", "schema", "caption", "list", "programs", "mapae_source"), "string"),
    "snapshot": "date",
    "listed_on": "date",
    "mapae_row": "int64",
}
SOURCES = {
    **dict.fromkeys(("source", "sha256", "path", "what", "name", "notes", "error"), "string"),
    "snapshot": "date",
    **dict.fromkeys(("read", "kept", "rejected", "equal"), "int64"),
}

# Kinds that the engine casts to a declared type alike everywhere: whole values, days of times, texts that are ISO days.
_CAST = {("floored", "whole"), ("time", "date"), ("date", "time"), ("text", "date"), ("whole", "fraction")}


def type_word(kind: pa.DataType) -> str:
    """The catalogue's word for an Arrow type."""
    if pa.types.is_timestamp(kind):
        return "time"
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_decimal(kind):
        return "decimal"
    return "float64" if pa.types.is_floating(kind) else str(kind)


def known(catalogue: Catalogue) -> dict[str, Mapping[str, str]]:
    """Every view that a rule's SQL may read: its columns and their types."""
    views: dict[str, Mapping[str, str]] = {}
    for table in catalogue.tables.values():
        views[table.name] = _words(table.schema())
        for child in table.children():
            views[child.name] = _words(child.schema)
    for lookup in catalogue.lookups.values():
        views[lookup.name] = dict.fromkeys(lookup.columns, "string")
    views["statements"] = views["statements_now"] = _words(statements.SCHEMA)
    views["entries"], views["sources"] = ENTRIES, SOURCES
    for measure in catalogue.measures.values():
        views[measure.id] = {measure.key: "string", **{c.name: c.type for c in measure.columns}}
    for projection in catalogue.projections.values():
        views[projection.id] = {**{c.name: c.type for c in projection.columns}, "ref": "string"}
    views["answers"] = {"account_id": "string", **{i.column: "string" for i in answered(catalogue)}}
    for kind in findings.KINDS:
        views[kind] = _words(findings.schema(kind))
    return views


def _words(schema: pa.Schema) -> dict[str, str]:
    return {field.name: type_word(field.type) for field in schema}


def problems(catalogue: Catalogue) -> list[str]:
    """All that is wrong with the catalogue, one line each; none when all is well. Cases are run apart."""
    views = known(catalogue)
    found: list[str] = []
    for measure in catalogue.measures.values():
        found += _refusals(lambda m=measure: _measure(m, views))  # type: ignore[misc]
    for projection in catalogue.projections.values():
        found += _refusals(lambda p=projection: _projection(p, views))  # type: ignore[misc]
    for indicator in catalogue.indicators.values():
        found += _refusals(lambda i=indicator: _indicator(catalogue, i))  # type: ignore[misc]
    for provision in catalogue.provisions.values():
        found += _provision(catalogue, provision)
    for table in catalogue.tables.values():
        found += _table(table)
    return [*found, *citations.problems(catalogue), *lock.check(catalogue)]


def _refusals(step: Callable[[], Iterator[str]]) -> Iterator[str]:
    try:
        yield from step()
    except RuleRefused as refused:
        yield " ".join(f"{refused.where}: {refused.what} {refused.why}. {refused.do}".split())


def _measure(measure: Measure, views: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    line = measure.data.text_line_of("sql")
    gives = check(measure.sql, path=measure.path, line=line, known=views).gives
    yield from _gives(measure, line, gives, [Column(measure.key, "string", ""), *measure.columns], ())
    for at, sql in measure.texts()[1:]:
        rows = check(sql, path=measure.path, line=at, known=views).gives
        if tuple(rows) != (measure.key, *WITNESSES):
            yield f"{measure.path}:{at}: the witnesses give {', '.join(rows)}. Give {measure.key}, {', '.join(WITNESSES)}."


def _projection(projection: Projection, views: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    origins = projection.data["origins"]
    for origin, sql in projection.origins.items():
        at = origins.text_line_of(origin)
        gives = check(sql, path=projection.path, line=at, known=views).gives
        names = tuple(gives)
        ground = next((g for g in GROUNDS if set(g) <= set(names)), None)
        if ground is None:
            yield f"{projection.path}:{at}: {origin} gives no ground. Give table_name, mapae_source, mapae_row, or an id."
            continue
        yield from _gives(projection, at, gives, list(projection.columns), ground)


def _gives(
    rule: Rule, line: int, gives: Mapping[str, str], columns: list[Column], more: tuple[str, ...]
) -> Iterator[str]:
    """Whether a question gives the declared columns in order, each of a kind that becomes its type without loss."""
    wanted = [*(c.name for c in columns), *more]
    if sorted(wanted) != sorted(gives) or [n for n in gives if n not in more] != [c.name for c in columns]:
        yield f"{rule.path}:{line}: {rule.id} gives {', '.join(gives)}. Give {', '.join(wanted)}, in this order."
        return
    for column in columns:
        have, want = gives[column.name], KINDS.get(column.type, "any")
        fits = have in (want, "any", "null") or (have, want) in _CAST
        if not fits:
            yield f"{rule.path}:{line}: {column.name} of {rule.id} is declared {column.type} and is {have}. Write one of both."


def _indicator(catalogue: Catalogue, indicator: Indicator) -> Iterator[str]:
    for key in ("when", "known_when"):
        condition(catalogue, indicator, key)
    says_columns(catalogue, indicator)
    where = f"{indicator.path}:{indicator.data.line}"
    if indicator.id.partition(".")[0] != indicator.family or indicator.path.parent.name != indicator.family:
        yield f"{where}: {indicator.id} is of the family {indicator.family}. Name it and its folder so."
    if any(catalogue.measures[m].grain != "account" for m in used(catalogue, indicator)):
        yield f"{where}: {indicator.id} reads a measure that is not per account. Use measures of the grain account."
    missing = {"yes", "no", "unknown"} - {str(case["answer"]) for case in indicator.cases}
    if indicator.status in ("test", "stable") and missing:
        yield f"{where}: {indicator.id} has no case answered {' or '.join(sorted(missing))}. Add one."
    spoken = " ".join((indicator.when, indicator.known_when))
    for name in indicator.parameters:
        if f":{name}" not in spoken:
            yield f"{where}: the parameter {name} of {indicator.id} is not used. Leave it out."


def _provision(catalogue: Catalogue, provision: Provision) -> Iterator[str]:
    """Elements that the result names must exist, and their words must stand in the vocabulary of facts."""
    path = catalogue.root / "facts.yml"
    words = set(load.load_file(path)) if path.exists() else None
    ids = {str(element["id"]) for element in provision.elements}
    result = provision.data.get("result", {})
    for named in [*result.get("all", []), *result.get("one_of", [])]:
        if named not in ids:
            line = provision.data.line_of("result")
            yield f"{provision.path}:{line}: the result of {provision.id} names {named}, and no element is called so. Name one of {', '.join(sorted(ids))}."
    for element in provision.elements:
        for key in ("for", "against", "part"):
            for word in element.get(key, []) if isinstance(element.get(key, []), list) else []:
                if words is not None and word not in words:
                    line = element.line_of(key)
                    yield f"{provision.path}:{line}: {word} is no word of facts.yml. Correct it, or add it there with its meaning."


def _table(table: Table) -> Iterator[str]:
    """Columns that the key and the groups of a table name must be declared."""
    for word, names in (("key", table.key), ("one_of", [n for group in table.one_of for n in group])):
        for named in names:
            if named not in table.columns:
                line = table.data.line_of(word)
                yield f"{table.path}:{line}: {word} of {table.name} names {named}, and no column is called so."
