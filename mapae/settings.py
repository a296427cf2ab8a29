"""Settings of a workspace: ``mapae.toml`` read into one frozen value. Every setting has a default."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from mapae.model.errors import MapaeError

# Settings that no table of a run depends on.
_NOT_DECIDING = (
    "threads",
    "memory_mb",
    "inputs",
    "large_table_mb",
    "alerts_per_week",
    "alerts_later_per_week",
    "alerts_least_bits",
)


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a user may set. Each field's ``help`` is what ``docs/reference`` prints."""

    inputs: tuple[str, ...] = dataclasses.field(
        default=(), metadata={"help": "paths of further input files or folders that lie outside inputs/"}
    )
    threads: int = dataclasses.field(
        default=0, metadata={"help": "worker threads; 0 takes one per core. Results do not depend on it"}
    )
    memory_mb: int = dataclasses.field(
        default=2500, metadata={"help": "memory that the query engine may take before it spills to disk, in MB"}
    )
    base_rate: float = dataclasses.field(
        default=0.013,
        metadata={
            "help": "share of accounts run by somebody other than they say: 1 in 343 run by DPRK workers (one vendor's figure) and 1 in 100 by others (analysis)"
        },
    )
    base_rate_employee: float = dataclasses.field(
        default=0.001,
        metadata={
            "help": "share of employees and contractors who are somebody other than they say; no public figure exists, so this one is unsourced: set your own"
        },
    )
    base_rate_applicant: float = dataclasses.field(
        default=0.1667,
        metadata={
            "help": "share of applicants who are fraudulent in some way: 1 in 6, one vendor's figure for one employer's remote openings"
        },
    )
    nexus_rate_applicant: float = dataclasses.field(
        default=0.002915,
        metadata={
            "help": "share of applicants who are linked to the DPRK: 1 in 343, the same vendor's figure; the base rate of the second question, which is asked of facts alone: never weighed"
        },
    )
    alerts_per_week: int = dataclasses.field(
        default=5,
        metadata={"help": "new alerts a week for each 1,000 people; what lies below waits and is counted"},
    )
    alerts_later_per_week: int = dataclasses.field(
        default=1,
        metadata={"help": "the same from the second week on, when what had piled up has been looked at"},
    )
    alerts_least_bits: int = dataclasses.field(
        default=400,
        metadata={"help": "least weight of a case's evidence, in hundredths of a bit, for an alert"},
    )
    honest_kinds: int = dataclasses.field(
        default=2,
        metadata={"help": "kinds of honest people that the evidence model tells apart: 2 (settled and restless), or 1"},
    )
    as_of: str = dataclasses.field(
        default="",
        metadata={
            "help": "law and lists as of this day (ISO date); empty: the latest list date, happened_at or known_from among the sources"
        },
    )
    known_by: str = dataclasses.field(
        default="", metadata={"help": "evidence known by this day (ISO date); empty: as as_of's default"}
    )
    weights: str = dataclasses.field(
        default="pinned",
        metadata={"help": "pinned: weights of the first run stay in force; estimate: estimate them anew in this run"},
    )
    simulated: bool = dataclasses.field(
        default=False,
        metadata={"help": "true marks every page: the records of this workspace were made by a simulator"},
    )
    large_table_mb: int = dataclasses.field(
        default=256,
        metadata={
            "help": "tables larger than this (MB) are referred to by path, size, time and hash and not copied into the vault"
        },
    )

    def values(self) -> dict[str, Any]:
        """Settings as plain values for a manifest."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in dataclasses.asdict(self).items()}

    # What changes results; threads and memory do not, and stay out of recipes and manifests.
    def deciding(self) -> dict[str, Any]:
        """The settings that a result depends on."""
        return {k: v for k, v in self.values().items() if k not in _NOT_DECIDING}

    def base_rates(self) -> dict[str, float]:
        """Base rate of each door (measure ``doors``): platform, employee, applicant."""
        return {
            "platform": self.base_rate,
            "employee": self.base_rate_employee,
            "applicant": self.base_rate_applicant,
        }


def _flat(given: dict[str, Any]) -> dict[str, Any]:
    """Settings of a TOML table under its name: ``[alerts] per_week`` is ``alerts_per_week``."""
    flat: dict[str, Any] = {}
    for name, value in given.items():
        flat |= {f"{name}_{n}": v for n, v in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def load(path: Path) -> Settings:
    """Read ``mapae.toml``; an absent or empty file gives the defaults.

    Raises:
        MapaeError: the file is no TOML, a setting is unknown, or a value has the wrong type or range.
    """
    if not path.exists():
        return Settings()
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as problem:
        raise MapaeError(
            "mapae.toml cannot be read.",
            where=str(path),
            why=str(problem),
            do="Correct that line, or empty the file: every setting has a default.",
        ) from problem
    fields = {f.name: f for f in dataclasses.fields(Settings)}
    values: dict[str, Any] = {}
    for name, value in _flat(given).items():
        if name not in fields:
            raise MapaeError(
                f"mapae.toml knows no setting {name!r}.",
                where=str(path),
                do="Known settings: " + ", ".join(sorted(fields)) + ".",
            )
        default = fields[name].default
        wrong = MapaeError(
            f"{name} in mapae.toml has a value of the wrong kind: {value!r}.",
            where=str(path),
            do=str(fields[name].metadata["help"]),
        )
        if isinstance(default, tuple):
            if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
                raise wrong
            values[name] = tuple(value)
        elif isinstance(default, bool):
            if not isinstance(value, bool):
                raise wrong
            values[name] = value
        elif isinstance(default, float):
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
                raise wrong
            values[name] = float(value)
        elif isinstance(default, int):
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise wrong
            values[name] = value
        else:
            text = value.isoformat() if isinstance(value, dt.date) else value
            if not isinstance(text, str):
                raise wrong
            values[name] = text
    for name in ("as_of", "known_by"):
        if values.get(name):
            try:
                dt.date.fromisoformat(values[name])
            except ValueError as problem:
                raise MapaeError(
                    f"{name} in mapae.toml is no ISO date: {values[name]!r}.",
                    where=str(path),
                    do='Write it as "2026-11-24".',
                ) from problem
    if values.get("weights", "pinned") not in ("pinned", "estimate"):
        raise MapaeError("weights in mapae.toml must be pinned or estimate.", where=str(path))
    if values.get("honest_kinds", 2) not in (1, 2):
        raise MapaeError("honest_kinds in mapae.toml must be 1 or 2.", where=str(path))
    return Settings(**values)
