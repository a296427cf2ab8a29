"""FollowTheMoney at the door: entities (JSON, one a line) to statements, and statements back to entities."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from mapae.model.dates import parse_partial
from mapae.model.errors import InputRefused
from mapae.sources.compressed import USUAL, Limits, Unpacked
from mapae.sources.countries import country_code, known_codes
from mapae.sources.identifiers import imo
from mapae.sources.reading import Counts, Reading
from mapae.sources.schemata import is_a, properties, schemata
from mapae.sources.statement_rows import Statements, tidy

DATASET = "entities"
# An entity's line longer than this is no entity (OpenSanctions' longest has about 2 MB).
LONGEST_LINE = 16 << 20
_NOTES = 20


class _Bad(ValueError):
    """Why a line is refused; the column it names."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def read(path: Path, source16: str, limits: Limits = USUAL) -> Reading:
    """Read a file of entities.

    Args:
        path: JSON Lines, packed or plain, as ``entities.ftm.json``.
        source16: first 16 hex digits of the source's SHA-256.
        limits: how far unpacking may go.

    Returns:
        ``tables["statements"]`` and ``tables["rejected/statements"]``; ``mapae_row`` is the line. A line is refused
        whole where its form, schema or a property is wrong; a single value that is not of its property's type is
        left out and said in the notes.

    Raises:
        InputRefused: the file cannot be read, or not one of its lines is an entity.
    """
    out, counts, left_out = Statements(DATASET, source16), Counts(), 0
    notes: list[str] = []
    seen: dict[str, str] = {}
    for row, line in _lines(path, limits):
        counts.read += 1
        try:
            entity, schema, values, origin, dropped = _entity(line)
            if seen.setdefault(entity, schema) != schema and not (
                is_a(schema, seen[entity]) or is_a(seen[entity], schema)
            ):
                raise _Bad("schema", f"The entity {entity} is a {seen[entity]} on an earlier line.")
        except _Bad as problem:
            counts.rejected += 1
            out.refuse(row, problem.column, str(problem), line[:1000].decode("utf-8", "replace"))
            continue
        added = [out.add(entity, schema, prop, value, row, original=raw, origin=origin) for prop, value, raw in values]
        counts.kept += any(added)
        counts.equal += not any(added)
        left_out += len(dropped)
        notes += [f"line {row}: {text}" for text in dropped[: max(0, _NOTES - len(notes))]]
    if not counts.kept:
        raise InputRefused(
            f"{path.name} holds no entities.",
            where=str(path),
            why=f"Of its {counts.read:,} lines none is a FollowTheMoney entity.",
            do="Put one JSON object with id, schema and properties on each line.",
        )
    if left_out > len(notes):
        notes.append(f"{left_out:,} values in all are not of their property's type and were left out")
    batches = out.batches()
    return Reading(
        tables={
            "statements": batches,
            "rejected/statements": out.refused(),
        },
        counts=counts,
        dataset=DATASET,
        notes=notes,
    )


def _lines(path: Path, limits: Limits) -> Iterator[tuple[int, bytes]]:
    """Line numbers and lines that hold more than blanks; a line too long is handed out cut, and so is no JSON."""
    with Unpacked(path, limits) as unpacked:
        held, row, cut = b"", 0, False
        while data := unpacked.read():
            *whole, rest = (held + data).split(b"\n")
            for line in whole:
                row += 1
                if line.strip() and not cut:
                    yield row, line
                cut = False
            held = rest
            if len(held) > LONGEST_LINE:
                if not cut:
                    yield row + 1, held[:1000]
                held, cut = b"", True
        if held.strip() and not cut:
            yield row + 1, held


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def _entity(line: bytes) -> tuple[str, str, list[tuple[str, str, str]], str, list[str]]:
    try:
        data = json.loads(line.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as problem:
        raise _Bad("line", f"The line is not UTF-8 ({problem.reason} at byte {problem.start}).") from problem
    except (ValueError, RecursionError) as problem:
        raise _Bad("line", f"The line is no JSON ({problem}).") from problem
    if not isinstance(data, dict):
        raise _Bad("line", "The line is no JSON object.")
    entity, schema, given = data.get("id"), data.get("schema"), data.get("properties")
    if not isinstance(entity, str) or not entity.strip() or any(ord(c) < 32 or ord(c) == 127 for c in entity):
        raise _Bad("id", "The entity has no id, or one with control characters in it.")
    if not isinstance(schema, str) or schema not in schemata():
        raise _Bad("schema", f"FollowTheMoney knows no schema {schema!r}.")
    if not isinstance(given, dict) or not given:
        raise _Bad("properties", "The entity has no properties.")
    values: list[tuple[str, str, str]] = []
    dropped: list[str] = []
    for prop, raw_values in sorted(given.items()):
        kind = properties(schema).get(prop)
        if kind is None:
            raise _Bad(prop, f"A {schema} has no property {prop!r}.")
        for raw in raw_values if isinstance(raw_values, list) else [raw_values]:
            if isinstance(raw, dict) and kind == "entity":
                raw = raw.get("id")  # an export with its neighbours nested
            if not isinstance(raw, str):
                raise _Bad(prop, f"A value of {prop} is no text: {str(raw)[:60]!r}.")
            value = _clean(prop, kind, tidy(raw))
            if value:
                values.append((prop, value, raw if raw != value else ""))
            else:
                dropped.append(f"{prop} {raw[:60]!r} is no {kind}")
    if not values:
        raise _Bad("properties", "None of the entity's values is of its property's type.")
    datasets = data.get("datasets")
    origin = ";".join(sorted(d for d in datasets if isinstance(d, str))) if isinstance(datasets, list) else ""
    return entity, schema, values, origin, dropped


def _clean(prop: str, kind: str, value: str) -> str:
    if kind == "date":
        try:
            parse_partial(value[:10])
        except ValueError:
            return ""
        return value if len(value) <= 10 or value[10] in "T " else ""
    if kind == "country":
        return value.lower() if value.lower() in known_codes() else country_code(value)
    if prop == "imoNumber":
        return imo(value)
    return value


def to_entities(statements: pa.Table) -> list[dict[str, Any]]:
    """Statements as FollowTheMoney entities.

    Args:
        statements: in the schema of :mod:`mapae.model.statements`.

    Returns:
        Dictionaries with ``id``, ``caption``, ``schema``, ``datasets`` and ``properties`` (each value once, sorted), by id.
    """
    columns = [statements.column(name).to_pylist() for name in ("entity_id", "schema", "prop", "value", "dataset")]
    entities: dict[str, dict[str, Any]] = {}
    for entity, schema, prop, value, dataset in zip(*columns, strict=True):
        made = entities.setdefault(
            entity, {"id": entity, "caption": "", "schema": schema, "datasets": set(), "properties": {}}
        )
        if schema != made["schema"] and is_a(schema, made["schema"]):
            made["schema"] = schema
        made["datasets"].add(dataset)
        if prop != "id":
            made["properties"].setdefault(prop, {})[value] = None
    for made in entities.values():
        names = made["properties"].get("name", {})
        made["caption"] = next(iter(names), made["id"])
        made["datasets"] = sorted(made["datasets"])
        made["properties"] = {prop: sorted(values) for prop, values in sorted(made["properties"].items())}
    return [entities[id_] for id_ in sorted(entities)]
