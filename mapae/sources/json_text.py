"""JSON that stands as text: at the beginning of a file, and inside the cells of an export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mapae.sources import opened


def is_json(given: Path | str) -> bool:
    """Whether a file, or a text that is the beginning of one, begins as JSON does.

    Raises:
        InputRefused: the file cannot be read at all.
    """
    if isinstance(given, Path):
        given = opened.beginning(given, 1 << 12).decode("utf-8", "replace")
    return given.lstrip("\ufeff \t\r\n\x1e").startswith(("{", "["))


def structure(value: Any) -> Any:
    """A list or object, also where an export wrote it as a string; everything else as it is."""
    if type(value) is str and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def listed(value: Any) -> list[dict[str, Any]]:
    """The objects of a list, also where it is a string, and of an object alone."""
    found = structure(value)
    if type(found) is dict:
        return [found]
    return [one for one in found if type(one) is dict] if type(found) is list else []
