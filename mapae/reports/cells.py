"""Cells of CSV files that spreadsheets open: what they would run as a formula is defused."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

# A cell that begins with one of these is a formula to a spreadsheet; an apostrophe before it makes it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def defused(value: Any) -> str:
    """A cell's text, with an apostrophe before it where a spreadsheet would run it.

    Example:
        >>> defused("=1+1"), defused(-5), defused("a")
        ("'=1+1", '-5', 'a')
    """
    if value is None:
        return ""
    text = str(value)
    return "'" + text if isinstance(value, str) and text.startswith(FORMULA) else text


def defused_sql(column: str) -> str:
    """The same of a text column, as SQL of a text."""
    return f"case when regexp_matches({column}, '^[=+@\\t\\r-]') then '''' || {column} else {column} end"


def csv_text(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV with defused cells."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([defused(cell) for cell in row] for row in rows)
    return out.getvalue()
