"""Collects statements into record batches: ids by FollowTheMoney's recipe, one row per statement, whole texts only."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
import tempfile
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

from mapae.model.statements import SCHEMA, statement_id
from mapae.sources.reading import REJECTED, Reading
from mapae.sources.schemata import longest, properties

_BLANKS = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
# Signs that steer how text runs and are seen by nobody; they make one name two.
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_SEPARATORS = re.compile(r"\s*[;\t]\s*|(?:,\s*)+(?=[,.])|ESQ\.?,")
_QUOTED = re.compile(r"""(["'])(.*)\1|\u201c(.*)\u201d""")
_BATCH = 50_000


@dataclasses.dataclass
class ListReading(Reading):
    """A reading of an official list.

    Args:
        figures: what was counted while reading: parties, names, parties per kind (``kind:Person``) and per
            programme tag (``program:DPRK3``), and ``nexus`` for parties with a tag of ``nexus_programs``.
    """

    figures: dict[str, int] = dataclasses.field(default_factory=dict)


def tidy(text: str | None) -> str:
    """Text without control characters, its blanks joined and its ends trimmed; "" for nothing."""
    if not text:
        return ""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return _BLANKS.sub(" ", _CONTROL.sub("", text)).strip()


@functools.cache
def _place(schema: str, prop: str) -> tuple[str, int]:
    """Type of a property and the most characters of its values."""
    kind = properties(schema)[prop]
    return kind, longest(prop, kind)


def _formed(kind: str, value: str) -> str:
    """A value as FollowTheMoney's types want it: no unseen signs, no quotes round names, no empty lines of an address."""
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
    if not value.isprintable():
        value = _BLANKS.sub(" ", _UNSEEN.sub("", value)).strip()
    if kind == "name" and (quoted := _QUOTED.fullmatch(value)):
        return (quoted[2] or quoted[3] or "").strip()
    if kind == "address":
        while (
            joined := _BLANKS.sub(" ", _SEPARATORS.sub(", ", value)).replace(", ,", ",").replace(", .", ",")
        ) != value:
            value = joined
        return value.strip(" ,")
    return value


class Statements:
    """Statements of one source, in the order in which they are added; the first of equal ids stays.

    Args:
        dataset: id of the list.
        source16: first 16 hex digits of the source's SHA-256.
        seen: the list's own date (ISO), or "".
    """

    def __init__(self, dataset: str, source16: str, seen: str = "") -> None:
        self.dataset, self.source16, self.seen = dataset, source16, seen
        self._known: set[bytes] = set()
        self._rows: list[tuple[str, str, str, str, str, str, str, str, int]] = []
        # Batches wait in a file: a whole list of them in memory would be most of what reading takes.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the reading
        self._writer = pa.ipc.new_stream(self._file, SCHEMA)
        self._refused: list[tuple[int, str, str, str]] = []

    def add(
        self, entity: str, schema: str, prop: str, value: str, row: int, *, original: str = "", origin: str = ""
    ) -> bool:
        """Add one statement.

        Args:
            entity: the entity's id.
            schema: its schema.
            prop: a property that the schema has.
            value: the value in its normal form; "" is passed over.
            row: ordinal of the record in the source.
            original: the text as the source has it, where it differs.
            origin: where in the record it stood and how it was marked.

        Returns:
            Whether the statement is new.

        Raises:
            KeyError: the schema lacks the property.
        """
        if not value:
            return False
        kind, most = _place(schema, prop)
        formed = _formed(kind, value)
        if formed != value:
            original, value = original or value, formed
            if not value:
                return False
        if len(value) > most:
            original, value = original or value, value[:most].rsplit(" ", 1)[0].rstrip(" ,;")[:most]
        made = statement_id(self.dataset, entity, prop, value)
        key = bytes.fromhex(made)
        if key in self._known:
            return False
        self._known.add(key)
        self._rows.append((made, entity, schema, prop, kind, value, "" if original == value else original, origin, row))
        if len(self._rows) >= _BATCH:
            self._flush()
        return True

    def refuse(self, row: int, column: str, reason: str, raw: str) -> None:
        """Note what could not be read."""
        self._refused.append((row, column, reason, raw[:1000]))

    def _flush(self) -> None:
        if not self._rows:
            return
        n = len(self._rows)
        ids, entities, schemas, props, kinds, values, originals, origins, rows = (
            list(c) for c in zip(*self._rows, strict=True)
        )
        self._rows = []

        def same(text: str) -> pa.Array:
            return pa.repeat(pa.scalar(text, pa.string()), n)

        columns = {
            "id": ids,
            "entity_id": entities,
            "schema": schemas,
            "prop": props,
            "prop_type": kinds,
            "value": values,
            "original_value": originals,
            "lang": same(""),
            "dataset": same(self.dataset),
            "external": pa.repeat(pa.scalar(False), n),
            "first_seen": same(self.seen),
            "last_seen": same(self.seen),
            "origin": origins,
            "mapae_source": same(self.source16),
            "mapae_row": rows,
        }
        self._writer.write_batch(pa.record_batch([pa.array(columns[f.name], f.type) for f in SCHEMA], schema=SCHEMA))

    def batches(self, schemas: dict[str, str] | None = None) -> pa.RecordBatchReader:
        """Everything added, as a reader of record batches in the statements' schema; nothing can be added after.

        Args:
            schemas: entities whose schema became a narrower one after their statements were added.
        """
        self._flush()
        self._writer.close()
        self._file.seek(0)
        stream = pa.ipc.open_stream(self._file)
        return pa.RecordBatchReader.from_batches(SCHEMA, (_renamed(b, schemas) if schemas else b for b in stream))

    def refused(self) -> pa.Table:
        """What was refused, in the schema of rejected rows."""
        rows = [
            {"mapae_source": self.source16, "mapae_row": r, "column": c, "reason": why, "raw": raw}
            for r, c, why, raw in self._refused
        ]
        return pa.Table.from_pylist(rows, schema=REJECTED)


def _renamed(batch: pa.RecordBatch, schemas: dict[str, str]) -> pa.RecordBatch:
    at = SCHEMA.get_field_index("schema")
    column = batch.column(at)
    for name in sorted(set(schemas.values())):
        entities = pa.array(sorted(e for e, s in schemas.items() if s == name), pa.string())
        column = pc.if_else(pc.is_in(batch.column("entity_id"), value_set=entities), pa.scalar(name), column)
    return batch.set_column(at, SCHEMA.field(at), column)


def iso(day: dt.date | None) -> str:
    """A day as ISO text, "" for none."""
    return day.isoformat() if day else ""
