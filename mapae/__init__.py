"""Mapae (마패): from records and lists to cases in which every claim shows its token.

In: a workspace (a folder of records, official lists and read evidence).
Out: findings that can be walked back to a row, a list entry or a paragraph.
It informs people; it never bans, designates or accuses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from mapae.store.runs import OpenRun

__version__ = "0.1.0"


def open(directory: str | Path = ".") -> OpenRun:
    """Open the last committed run of a workspace for reading.

    Args:
        directory: the workspace folder.

    Returns:
        An :class:`~mapae.store.runs.OpenRun`: ``run.tables()`` names the tables, ``run.arrow(name)``
        gives one as an Arrow table, ``run.relation(name)`` as a DuckDB relation.

    Raises:
        MapaeError: no workspace is there, or nothing has been run yet.

    Example:
        >>> import mapae
        >>> run = mapae.open("demo")              # doctest: +SKIP
        >>> run.arrow("findings/flag").num_rows   # doctest: +SKIP
    """
    from mapae.store.runs import OpenRun

    return OpenRun.last(directory)
