"""A JSON file of shared indicators, read whole: what one object means stands in others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mapae.model.errors import InputRefused
from mapae.sources import opened

# Bundles are read whole. The largest that is public has some ten megabytes.
LARGEST = 512 << 20


def load(path: Path, name: str, title: str) -> dict[str, Any]:
    """The object that a file is, with a list under a name.

    Args:
        path: the file; compressed where its ending says so.
        name: of the list that it must have; "" where whatever it is will do (then under the name ``all``).
        title: of the format, for messages.

    Raises:
        InputRefused: it is no JSON, is cut off, is too large, or has no such list.
    """
    blocks, size = [], 0
    for block in opened.blocks(path):
        blocks.append(block)
        size += len(block)
        if size > LARGEST:
            raise InputRefused(
                f"A file of {title} is too large to be read.",
                where=str(path),
                why=f"It has more than {LARGEST >> 20} MB, and what one object means stands in others.",
                do="Ask the sender for a bundle per week or month.",
            )
    try:
        found = json.loads(b"".join(blocks).removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as problem:
        raise _refuse(path, title, f"Byte {problem.start + 1} is not UTF-8.") from problem
    except json.JSONDecodeError as problem:
        raise _refuse(path, title, f"{problem.msg} in line {problem.lineno}; it may have been cut off.") from problem
    except RecursionError as problem:
        raise _refuse(path, title, "It is nested too deeply.") from problem
    if not name:
        return {"all": found}
    if not isinstance(found, dict) or not isinstance(found.get(name), list):
        raise _refuse(path, title, f"It has no list called {name}.")
    return found


def _refuse(path: Path, title: str, why: str) -> InputRefused:
    return InputRefused(
        f"A file of {title} cannot be read.", where=str(path), why=why, do="Export or download it again."
    )
