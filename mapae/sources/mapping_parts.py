"""One table that a mapping fills: which records it is made of, how a list in them becomes rows, and its columns."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mapae.rules.tables import Table
from mapae.sources.mapping_columns import Column, column, conditions, listed, parsed_json
from mapae.sources.mapping_paths import Place, Record, exploded, place, put

Cells = dict[str, str | None]
_BARE_NUMBER = re.compile(r"\d+", re.ASCII)
# Columns that name an account: a bare number there is completed by the mapping's platform.
ACCOUNTS = ("account_id", "from_id")


@dataclasses.dataclass(frozen=True)
class Part:
    """A table of a mapping.

    Args:
        table: which.
        wanted: says of a record whether it is meant.
        lists: paths of lists that become rows.
        columns: how its columns are filled.
        platform: what stands before an account's bare number, or "".
        keys: columns without which a further table has no row: who has no e-mail has no account by it.
        phones: columns with telephone numbers, and the column with the country of a number that names none.
    """

    table: Table
    wanted: Callable[[Record], bool]
    lists: tuple[Place, ...]
    columns: tuple[Column, ...]
    platform: str
    keys: tuple[str, ...]
    phones: tuple[tuple[str, str], ...]

    def rows(self, record: Record) -> Iterator[Cells]:
        """Rows of this table that a record gives; rows without anything of the record are left out.

        Raises:
            Unreadable: a value cannot be read; the reason names its header or path.
        """
        for one in exploded(record, self.lists):
            if not self.wanted(one):
                continue
            cells: Cells = {c.name: c.read(one) for c in self.columns if not c.each}
            apart = next((c for c in self.columns if c.each), None)
            if apart is None:
                if self._some(cells):
                    yield self._whole(cells)
                continue
            assert apart.values is not None
            for value in apart.values(one):
                yield self._whole({**cells, apart.name: value})

    def _some(self, cells: Cells) -> bool:
        if any(cells[key] is None for key in self.keys):
            return False
        return any(cells[c.name] is not None for c in self.columns if c.places) or not any(
            c.places for c in self.columns
        )

    def _whole(self, cells: Cells) -> Cells:
        for name in ACCOUNTS:
            value = cells.get(name)
            if self.platform and value and _BARE_NUMBER.fullmatch(value):
                cells[name] = f"{self.platform}/{value}"
        for name, region in self.phones:
            text = cells.get(name)
            if text and not text.strip().startswith(("+", "00", "hmac:")) and not cells.get(region):
                # Kept beside the table's columns: without its country it says nothing, and the row is good all the same.
                cells[name], cells[f"{name}_without_country"] = None, text
        return cells


def part(
    table: Table,
    spec: Mapping[str, Any],
    where: Mapping[str, Any] | None,
    *,
    of_table: bool,
    parsed: Sequence[str],
    platform: str,
    employer: str,
) -> Part:
    """Make a table's part of its frame.

    Args:
        table: the table of the catalogue.
        spec: ``where``, ``explode``, ``columns`` as written.
        where: conditions of the whole mapping, which hold for each of its tables.
        of_table: whether records are rows of a table.
        parsed: columns whose text is JSON.
        platform: what stands before an account's bare number.
        employer: what ``{employer}`` stands for.
    """
    columns = tuple(
        column(table.columns[name], verbs, table=of_table, parsed=parsed, employer=employer)
        for name, verbs in spec["columns"].items()
    )
    further = "reads" not in spec  # not the table that the mapping names first
    keys = () if table.key_made_from else table.key
    return Part(
        table=table,
        wanted=conditions([where, None if spec.get("where") is where else spec.get("where")], of_table, parsed),
        lists=tuple(place(p, table=of_table, parsed=parsed) for p in listed(spec.get("explode"))),
        columns=columns,
        platform=platform,
        keys=tuple(c.name for c in columns if further and c.name in keys and c.places and not c.each),
        phones=tuple((c.name, table.columns[c.name].region) for c in columns if table.columns[c.name].type == "phone"),
    )


def headers_needed(spec: Mapping[str, Any], parsed: Sequence[str]) -> list[tuple[str, str, str]]:
    """Headers that a table must have, of columns that name a single one: column, header, and its key."""
    made = []
    for name, verbs in spec["columns"].items():
        if isinstance(verbs, Mapping) and isinstance(verbs.get("from"), str):
            at = place(str(verbs["from"]), table=True, parsed=parsed)
            made.append((name, at.text, at.first))
    return made


def read_json_in(record: Record, places: Sequence[Place]) -> Record:
    """The record with texts that are JSON read.

    Raises:
        Unreadable: one of them is not in JSON.
    """
    for at in places:
        value = at.find(record)
        if isinstance(value, str):
            record = put(record, at, parsed_json(value))
    return record
