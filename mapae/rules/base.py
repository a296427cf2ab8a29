"""What every rule has, and what every declared column has."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

from mapae.rules import load


@dataclasses.dataclass(frozen=True)
class Rule:
    """What every rule has: its id, its file's text and hash, and the line where it begins."""

    id: str
    path: Path
    text: str
    data: load.Mapping

    @property
    def sha256(self) -> str:
        """Hash of the rule's text as it stands in the catalogue."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def title(self) -> str:
        """What the rule is about, as a heading."""
        return str(self.data.get("title", ""))

    @property
    def cites(self) -> tuple[str, ...]:
        """Keys of citations.yml."""
        return tuple(self.data.get("cites", ()))

    @property
    def cases(self) -> list[load.Mapping]:
        """Inline cases as written, in order."""
        return list(self.data.get("cases", ()))


@dataclasses.dataclass(frozen=True)
class Column:
    """A declared column of a measure: DuckDB type name (int64, string, bool, date, time) and its unit."""

    name: str
    type: str
    unit: str
