"""Names of columns as they are compared, and the JSON in which rows and unknown columns are kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from mapae.model.errors import InputRefused
from mapae.rules.tables import Table

# Rows that could not be taken apart: number, column where one is to blame, reason, beginning of the text.
SET_ASIDE = pa.schema(
    [("mapae_row", pa.int64()), ("column", pa.string()), ("reason", pa.string()), ("raw", pa.string())]
)

_ESCAPES = {i: f"\\u{i:04X}" for i in range(32)} | {
    8: "\\b",
    9: "\\t",
    10: "\\n",
    12: "\\f",
    13: "\\r",
    34: '\\"',
    92: "\\\\",
}


def json_text(text: str) -> str:
    """A JSON text literal, escaped as the query engine does it, so that both write the same bytes."""
    return '"' + text.translate(_ESCAPES) + '"'


def header_name(header: str, position: int) -> str:
    """A header as it is compared: NFC, without outer blanks, in lower case; ``column 3`` where it is empty."""
    return unicodedata.normalize("NFC", header).replace("\ufeff", "").strip().lower() or f"column {position + 1}"


def assign(path: Path, table: Table, headers: Sequence[str]) -> list[str]:
    """Name per column of a file: that of the declared column, or the header as compared.

    Raises:
        InputRefused: two columns have one name.
    """
    names = [header_name(h, i) for i, h in enumerate(headers)]
    for column in table.columns.values():
        if column.name not in names:
            alias = next((a for a in column.also if a in names), None)
            if alias is not None:
                names[names.index(alias)] = column.name
    doubles = sorted({n for n in names if names.count(n) > 1})
    if doubles:
        raise InputRefused(
            f"Two columns of a table have the same name: {', '.join(doubles)}.",
            where=f"{path}, line 1",
            why="It cannot be told which of the two is meant; capitals and outer blanks do not count.",
            do="Rename or remove one of them.",
        )
    return names
