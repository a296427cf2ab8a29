"""Reading logs in tests: a text in, events out; how they ended; and events bent out of shape at random."""

from __future__ import annotations

import copy
import gzip
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import strategies as st
from tabled import SOURCE, table_rules

from mapae.sources.layout import Event, Layout
from mapae.sources.layouts import read_layout


def written(folder: Path, given: Any, name: str = "log.json") -> Path:
    """A file of a text, or of objects as JSON Lines."""
    text = given if isinstance(given, str) else "".join(json.dumps(one) + "\n" for one in given)
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def events(layout: Layout, folder: Path, given: Any, name: str = "log.json") -> list[Event]:
    """Events of a text or of objects; numbered from 1 without a gap."""
    found = list(layout.events(written(folder, given, name)))
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    return found


def rows(found: Iterable[Event], table: str) -> list[dict[str, str | None]]:
    """Rows of one table."""
    return [cells for event in found for name, cells in event.rows if name == table]


def ok_fail(found: Iterable[Event], *, interactive: bool = True) -> tuple[int, int]:
    """Successful sign-ins, and those with another result, of rows with a result."""
    kept = [r for r in rows(found, "sign_ins") if not interactive or r["interactive"] == "true"]
    counted = Counter(r["outcome"] for r in kept)
    return counted["success"], sum(n for outcome, n in counted.items() if outcome not in ("success", "unknown"))


def sample(layout: Layout, path: Path) -> list[Event]:
    """Events of a sample, which the layout must know by its content."""
    head = path.read_bytes()[: 64 << 10]
    beginning = "" if head.startswith(b"PAR1") else head.decode("utf-8", "replace")
    assert layout.recognises(path, beginning), path.name
    found = list(layout.events(path))
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    return found


def kept(layout: Layout, path: Path, folder: Path) -> dict[str, tuple[int, int]]:
    """Rows kept and rejected by table once the tables' own reader has seen them."""
    with duckdb.connect() as con:
        reading = read_layout(path, layout, table_rules(), SOURCE, con, staging=folder / "staging", earlier={})
        return {name: (counts.kept, counts.rejected) for name, counts in reading.by_table.items()}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        ["[", "{", "[1", '{"a":[]}', "unknown", "-", "\ud800", "1e400", "12/11/2026 1:00:00 AM", "9" * 50]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        inner: Iterable[Any] = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    else:
        inner = ()
    for name, one in inner:
        found += _places(one, (*path, name))
    return found


@st.composite
def bent(draw: st.DrawFn, events_: list[dict[str, Any]]) -> dict[str, Any]:
    """One of some events, with up to four of its places changed or taken away."""
    event: Any = copy.deepcopy(draw(st.sampled_from(events_)))
    for _ in range(draw(st.integers(1, 4))):
        places = _places(event)
        if not places:
            break
        *way, last = draw(st.sampled_from(places))
        at = event
        for name in way:
            at = at[name]
        if draw(st.booleans()):
            at[last] = draw(json_values)
        elif isinstance(at, dict):
            del at[last]
    return event  # type: ignore[no-any-return]
