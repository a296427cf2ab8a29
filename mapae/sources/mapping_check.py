"""A mapping held against the tables that it fills: names, types, words, forms of dates, order of lists."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from typing import Any

from mapae.rules import load
from mapae.rules.kinds import Catalogue
from mapae.rules.tables import Table, TableColumn
from mapae.sources.mapping_columns import DATED, EMPLOYER, EMPTY, REJECT, folded, listed
from mapae.sources.mapping_paths import segments
from mapae.sources.mapping_times import wrong_format, zone_of

# Line of the file, what is wrong, what to write.
Problem = tuple[int, str, str]


def check(data: load.Mapping, catalogue: Catalogue) -> Iterator[Problem]:
    """What is wrong with a mapping whose shape is right, first thing first."""
    reads = data["reads"]
    yield from _reads(reads)
    for spec in (data, *data.get("also", ())):
        line, name = spec.line_of("to"), str(spec["to"])
        table = catalogue.tables.get(name)
        if table is None or table.made_by:
            known = ", ".join(n for n, t in catalogue.tables.items() if not t.made_by)
            yield line, f"{name} is no table of the catalogue", f"Write one of {known}."
            continue
        yield from _columns(spec, table)
        yield from _lists(spec)
        yield from _needed(spec, table)
    yield from _cases(data, catalogue)


def _reads(reads: load.Mapping) -> Iterator[Problem]:
    if "encoding" in reads:
        try:
            codecs.lookup(str(reads["encoding"]))
        except LookupError:
            yield (
                reads.line_of("encoding"),
                f"{reads['encoding']} is no encoding",
                "Write utf-8, utf-16 or windows-1252.",
            )
    [how] = reads["match"]
    line, form, header = reads.line_of("match"), str(reads["format"]), reads.get("header", "yes") == "yes"
    wanted = "keys" if form == "json" else "headers" if header else "columns"
    if how != wanted:
        yield line, f"a file of format {form} is not matched by {how} here", f"Write match: {{{wanted}: …}}."
    if not header and form != "csv":
        yield reads.line_of("header"), f"files of format {form} have names of their own", "Leave the line out."


def _columns(spec: load.Mapping, table: Table) -> Iterator[Problem]:
    columns = spec["columns"]
    apart = [n for n, verbs in columns.items() if any(v.get("explode") for v in forms(verbs))]
    if len(apart) > 1:
        yield columns.line_of(apart[1]), f"{' and '.join(apart)} both make rows", "Take one list apart in a table."
    for name, verbs in columns.items():
        line, declared = columns.line_of(name), table.columns.get(name)
        if declared is None:
            yield line, f"{table.name} has no column {name}", f"Write one of {', '.join(table.columns)}."
            continue
        for one in forms(verbs):
            at = one.line if isinstance(verbs, list) else line
            yield from ((at, f"{name}: {why}", do) for why, do in _verbs(one, declared))
        if isinstance(verbs, list) and any(one.get("explode") for one in verbs):
            yield line, f"{name}: explode stands in one of several forms", "Let the column have one form."


def forms(verbs: Any) -> list[load.Mapping]:
    """A column's verbs, as a list of one or of several."""
    return list(verbs) if isinstance(verbs, list) else [verbs]


def _verbs(verbs: Mapping[str, Any], declared: TableColumn) -> Iterator[tuple[str, str]]:
    if "value" in verbs and "from" in verbs and "join" not in verbs:
        yield "value and from stand together without join", "Write join, or leave one of them out."
    said = str(verbs.get("as", declared.type))
    if said != declared.type and not (said == "date" and declared.type == "time"):
        yield f"as says {said}, and the table's column is of type {declared.type}", f"Write as: {declared.type}."
    dated = declared.type in DATED
    for word in ("format", "zone"):
        if word in verbs and not dated:
            yield f"{word} belongs to days and times, and this column is of type {declared.type}", "Leave it out."
    for form in listed(verbs.get("format")):
        if why := wrong_format(form):
            yield f"the form {form} cannot be used: {why}", "Write it as %m/%d/%Y, %d.%m.%Y or epoch."
    if "zone" in verbs and zone_of(str(verbs["zone"])) is None:
        yield f"{verbs['zone']} is no time zone", "Write its IANA name, as America/New_York."
    if said == "date" and declared.type == "time" and "zone" not in verbs and not declared.date_ok:
        yield "the table wants a moment and as says date without a zone", "Write zone: America/New_York, or another."
    yield from _words(verbs, declared)


def _words(verbs: Mapping[str, Any], declared: TableColumn) -> Iterator[tuple[str, str]]:
    """What ``map`` and ``value`` give must be words of the column, and each given word must have one meaning."""
    translated = verbs.get("map", {})
    seen: dict[str, str] = {}
    for key in translated:
        if seen.setdefault(folded(key), key) != key:
            yield f"map names {key} and {seen[folded(key)]}, which are one word", "Leave one of them out."
    if declared.type != "word":
        return
    given = [*translated.values()]
    if str(verbs.get("else", REJECT)) not in (REJECT, EMPTY):
        given.append(verbs["else"])
    if "value" in verbs and "join" not in verbs and EMPLOYER not in str(verbs["value"]):
        given.append(verbs["value"])
    for word in given:
        if word and word not in declared.words:
            yield f"{word} is no word of the column", f"Write one of {', '.join(declared.words)}."


def _lists(spec: load.Mapping) -> Iterator[Problem]:
    """Lists are taken apart from the outside in: a list within itself, or before the one around it, goes in a circle."""
    done: list[tuple[str | int, ...]] = []
    for text in listed(spec.get("explode")):
        parts = segments(text)
        for before in done:
            if before[: len(parts)] == parts:
                why = f"explode takes {text} apart after what lies in it: that goes in a circle"
                yield spec.line_of("explode"), why, "Name each list once, the outer one first."
        done.append(parts)


def _needed(spec: load.Mapping, table: Table) -> Iterator[Problem]:
    columns = spec["columns"]
    have, line = set(columns), spec.line_of("columns")
    missing = [c.name for c in table.columns.values() if c.req and c.default is None and c.name not in have]
    if missing:
        yield line, f"{table.name} needs {', '.join(missing)} in every row", f"Add {missing[0]}: {{from: …}}."
    for group in table.one_of:
        if not have & set(group):
            yield line, f"{table.name} needs one of {', '.join(group)}", f"Add {group[0]}: {{from: …}}."


def _cases(data: load.Mapping, catalogue: Catalogue) -> Iterator[Problem]:
    """Columns that cases expect must be columns of the tables."""
    tables = [str(spec["to"]) for spec in (data, *data.get("also", ()))]
    for case in data.get("cases", ()):
        expected = {str(data["to"]): case.get("out", []), **case.get("also", {})}
        for name, rows in expected.items():
            if name not in tables:
                yield (
                    case.line,
                    f"a case expects rows of {name}, which the mapping does not fill",
                    f"Write {tables[0]}.",
                )
                continue
            for row in rows if isinstance(rows, list) else [rows]:
                for column in row:
                    if column not in catalogue.tables[name].columns:
                        yield case.line, f"a case expects {column}, and {name} has no such column", "Mend the name."
