"""Playbooks: bands and what to do in each, outcomes, and what stays unseen; read from ``catalogue/playbooks.yml``.

A run keeps the text that it used, so an old run is read with its own playbook.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mapae.model.errors import RuleRefused
from mapae.rules import load
from mapae.rules.kinds import CATALOGUE

FILE = "playbooks.yml"
MARKS = ("sourced", "unsourced", "analysis")
COUNTS_AS = ("yes", "no", "apart")
DOORS = ("employer", "platform")


@dataclasses.dataclass(frozen=True)
class Step:
    """One thing to do or to leave: ``who`` is asked (empty for a check), why, and how it is known."""

    say: str
    who: str
    why: str
    mark: str
    cites: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Band:
    """A band: log2 odds (after the prior, centibits) and families it begins at, and its steps."""

    name: str
    title: str
    from_centibits: int
    least_families: int
    why: str
    mark: str
    check: tuple[Step, ...]
    ask: tuple[Step, ...]


@dataclasses.dataclass(frozen=True)
class Blind:
    """What stays unseen while all tables of ``shown_by`` (table to its words) are empty."""

    to: str
    doors: tuple[str, ...]
    shown_by: Mapping[str, str]
    mark: str
    cites: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Playbooks:
    """Everything that casework takes from data. Whole numbers are centibits, days or counts as named."""

    bands: tuple[Band, ...]
    nexus: Band
    everybody: tuple[Step, ...]
    never: tuple[Step, ...]
    blind: tuple[Blind, ...]
    outcomes: Mapping[str, tuple[str, str]]
    least_outcomes: int
    sample_size: int
    covert_days: int
    more_centibits: int

    def band(self, log_odds: int, families: int) -> Band:
        """The band of a case: the first whose log2 odds (centibits) and number of families it reaches."""
        for one in self.bands:
            if log_odds >= one.from_centibits and families >= one.least_families:
                return one
        return self.bands[-1]


def of_run(manifest: Mapping[str, Any]) -> Playbooks:
    """The playbooks that a run kept; those that ship where it kept none, or kept them in a form of another version."""
    kept = manifest.get("data", {}).get(FILE)
    try:
        return from_text(str(kept["text"])) if kept else shipped()
    except RuleRefused:
        return shipped()


def shipped() -> Playbooks:
    """The playbooks of the catalogue.

    Raises:
        RuleRefused: the file breaks its form.
    """
    return from_text((CATALOGUE / FILE).read_text("utf-8"), CATALOGUE / FILE)


@functools.lru_cache(maxsize=8)
def from_text(text: str, path: Path | None = None) -> Playbooks:
    """Playbooks out of YAML text.

    Raises:
        RuleRefused: a part is missing or of a wrong form; the message names line and remedy.
    """
    data = load.load_text(text)
    read = _Reading(path or Path(FILE))
    read.keys(
        data,
        {
            "calibrated",
            "sample",
            "covert_hold",
            "raised_again",
            "everybody",
            "never",
            "bands",
            "nexus",
            "blind",
            "outcomes",
        },
    )
    for part in ("bands", "outcomes"):
        read.hold(isinstance(data[part], dict), data, part, "write a mapping here")
    for part in ("everybody", "never", "blind"):
        read.hold(isinstance(data[part], list) and bool(data[part]), data, part, "write a list here")
    bands = tuple(_band(read, name, told) for name, told in data["bands"].items())
    starts = [band.from_centibits for band in bands]
    read.hold(bool(bands) and starts == sorted(starts, reverse=True), data["bands"], "bands", "list bands worst first")
    read.hold(
        bool(bands) and bands[-1].least_families == 0, data["bands"], "bands", "let the last band take every case"
    )
    return Playbooks(
        bands=bands,
        nexus=_nexus(read, data["nexus"]),
        everybody=tuple(_step(read, one) for one in data["everybody"]),
        never=tuple(_step(read, one) for one in data["never"]),
        blind=tuple(_blind(read, one) for one in data["blind"]),
        outcomes={str(name): _outcome(read, told) for name, told in data["outcomes"].items()},
        least_outcomes=read.number(data["calibrated"], "least_outcomes"),
        sample_size=read.number(data["sample"], "size"),
        covert_days=read.number(data["covert_hold"], "most_days"),
        more_centibits=read.number(data["raised_again"], "more_centibits"),
    )


class _Reading:
    """Checks of form, each with file and line in its refusal."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def hold(self, right: bool, at: Any, key: str, do: str) -> None:
        if not right:
            line = at.line_of(key) if isinstance(at, load.Mapping) else 1
            raise RuleRefused("The playbooks are not in their form.", where=f"{self.path}:{line}", why=key, do=do + ".")

    def keys(self, at: Any, wanted: set[str]) -> None:
        self.hold(isinstance(at, dict), at, "mapping", "write a mapping here")
        lacking, more = sorted(wanted - set(at)), sorted(set(at) - wanted)
        self.hold(not lacking, at, ", ".join(lacking), "add these keys")
        self.hold(not more, at, ", ".join(more), "take these keys out, or correct their spelling")

    def number(self, at: Any, key: str) -> int:
        self.hold(isinstance(at, dict) and key in at, at, key, "add this key")
        text = str(at[key])
        self.hold(text.lstrip("-").isdigit(), at, key, "write a whole number")
        if "mark" in at or "why" in at:
            self.mark(at)
        return int(text)

    def mark(self, at: Any) -> None:
        self.hold(at.get("mark") in MARKS, at, "mark", "mark it " + ", ".join(MARKS))
        sourced = at.get("mark") != "sourced" or bool(at.get("cites"))
        self.hold(sourced, at, "cites", "name a citation, or mark it analysis")

    def words(self, at: Any, key: str) -> str:
        told = at.get(key)
        self.hold(isinstance(told, str) and bool(told.strip()), at, key, "write a text")
        return str(told)


def _step(read: _Reading, told: Any) -> Step:
    read.hold(isinstance(told, dict), told, "step", "write a mapping with say, mark and cites")
    read.mark(told)
    who, why = str(told.get("who", "")), str(told.get("why", ""))
    read.hold(bool(who or why), told, "why", "say why, or who is asked")
    return Step(read.words(told, "say"), who, why, str(told["mark"]), tuple(told.get("cites", ())))


def _band(read: _Reading, name: str, told: Any) -> Band:
    read.keys(told, {"title", "from_centibits", "least_families", "why", "mark", "check", "ask"})
    read.mark(told)
    check, ask = (tuple(_step(read, one) for one in told[part]) for part in ("check", "ask"))
    read.hold(
        bool(check) and all(one.who for one in ask) and bool(ask), told, "ask", "say what to check and whom to ask"
    )
    return Band(
        name=str(name),
        title=read.words(told, "title"),
        from_centibits=read.number(told, "from_centibits"),
        least_families=read.number(told, "least_families"),
        why=read.words(told, "why"),
        mark=str(told["mark"]),
        check=check,
        ask=ask,
    )


def _nexus(read: _Reading, told: Any) -> Band:
    """What is done where there is a nexus fact, whatever the band."""
    read.keys(told, {"title", "check", "ask"})
    check, ask = (tuple(_step(read, one) for one in told[part]) for part in ("check", "ask"))
    return Band("nexus", read.words(told, "title"), 0, 0, "", "analysis", check, ask)


def _blind(read: _Reading, told: Any) -> Blind:
    read.keys(told, {"to", "doors", "shown_by", "mark", "cites"})
    read.mark(told)
    read.hold(set(told["doors"]) <= set(DOORS) and bool(told["doors"]), told, "doors", "doors are " + ", ".join(DOORS))
    read.hold(bool(told["shown_by"]), told, "shown_by", "name the tables that would show it, each with its words")
    return Blind(
        read.words(told, "to"), tuple(told["doors"]), dict(told["shown_by"]), told["mark"], tuple(told["cites"])
    )


def _outcome(read: _Reading, told: Any) -> tuple[str, str]:
    read.keys(told, {"title", "counts_as"})
    read.hold(told["counts_as"] in COUNTS_AS, told, "counts_as", "write " + ", ".join(COUNTS_AS))
    return read.words(told, "title"), str(told["counts_as"])
