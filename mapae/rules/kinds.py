"""Kinds of rules as typed values, and the catalogue that holds them all.

One YAML file is one rule (families.yml, keys.yml, citations.yml and citations hold a list each).
Shapes are checked by the JSON Schemas in ``mapae/rules/schemas`` before anything here reads them.
"""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import Any

from mapae.rules import load, lookups
from mapae.rules.base import Column, Rule
from mapae.rules.lookups import Lookup
from mapae.rules.shapes import check_shape
from mapae.rules.tables import Table

CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue"


@dataclasses.dataclass(frozen=True)
class Measure(Rule):
    """A named SQL question with one row per subject; column 1 of its SQL is the subject's id."""

    @property
    def grain(self) -> str:
        """Whose row it is: account, person, …"""
        return str(self.data["grain"])

    @property
    def key(self) -> str:
        """Name of the id column: ``account_id`` for the grain account."""
        return f"{self.grain}_id"

    @property
    def local(self) -> bool:
        """Whether it needs the subject's own records alone."""
        return self.data.get("local") == "yes"

    @property
    def sql(self) -> str:
        """The question, in DuckDB's dialect."""
        return str(self.data["sql"])

    @property
    def rows_sql(self) -> str:
        """The witnesses: ``<grain>_id, table_name, mapae_source, mapae_row`` of the rows that speak."""
        return " union all ".join(f"select * from ({sql}) as rows_{i}" for i, sql in enumerate(self.rows, 1))

    @property
    def rows(self) -> tuple[str, ...]:
        """The witnesses' SQL, one per table."""
        given = self.data["rows"]
        return tuple(given) if isinstance(given, list) else (str(given),)

    def texts(self) -> list[tuple[int, str]]:
        """Line of the file and text of each SQL: the question first, then the witnesses."""
        given = self.data["rows"]
        lines = given.text_lines if isinstance(given, load.Listing) else [self.data.text_line_of("rows")]
        return [(self.data.text_line_of("sql"), self.sql), *zip(lines, self.rows, strict=True)]

    @property
    def columns(self) -> tuple[Column, ...]:
        """Declared columns in order."""
        return tuple(Column(n, c["type"], c.get("unit", "")) for n, c in self.data["columns"].items())


@dataclasses.dataclass(frozen=True)
class Projection(Rule):
    """One of names, identifiers, edges, facts: a union of one small SQL per origin."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Declared columns in order."""
        return tuple(Column(n, c["type"], c.get("unit", "")) for n, c in self.data["columns"].items())

    @property
    def origins(self) -> dict[str, str]:
        """Origin to SQL, which gives ``table_name, mapae_source, mapae_row`` or an id; the engine makes ``ref``."""
        return dict(self.data["origins"])


@dataclasses.dataclass(frozen=True)
class Indicator(Rule):
    """A condition of at most three lines over measures, in three-valued logic."""

    @property
    def family(self) -> str:
        """network, device, document, money, behaviour, content or report."""
        return str(self.data["family"])

    @property
    def level(self) -> str:
        """strong, medium or weak within its family."""
        return str(self.data["level"])

    @property
    def stage(self) -> str:
        """misrepresentation or nexus."""
        return str(self.data["stage"])

    @property
    def status(self) -> str:
        """draft, test, stable or retired."""
        return str(self.data["status"])

    @property
    def when(self) -> str:
        """Condition of a yes, with :parameters."""
        return str(self.data["when"])

    @property
    def known_when(self) -> str:
        """Condition of knowing at all."""
        return str(self.data["known_when"])

    @property
    def says(self) -> str:
        """The sentence of a yes, with {columns} of its measures."""
        return str(self.data["says"])

    @property
    def parameters(self) -> dict[str, str]:
        """Parameter to its value as written; ``:name`` in ``when`` and ``known_when`` stands for it."""
        return {name: str(p["value"]) for name, p in self.data.get("parameters", {}).items()}

    @property
    def column(self) -> str:
        """Name of its cell in the table of answers: dots become two underscores."""
        return self.id.replace(".", "__")


@dataclasses.dataclass(frozen=True)
class Provision(Rule):
    """A provision of law: elements asking for facts, exceptions beside them (house.md)."""

    @property
    def elements(self) -> list[load.Mapping]:
        """The elements as written, in order."""
        return list(self.data["elements"])


@dataclasses.dataclass(frozen=True)
class ListRule(Rule):
    """An official list: publisher, format, how it is recognised, dataset name, expected counts, attribution."""


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """All rules, each kind by id in order of id."""

    root: Path
    measures: dict[str, Measure]
    projections: dict[str, Projection]
    indicators: dict[str, Indicator]
    provisions: dict[str, Provision]
    lists: dict[str, ListRule]
    tables: dict[str, Table]
    families: load.Mapping
    keys: load.Mapping
    citations: load.Mapping
    lookups: dict[str, Lookup] = dataclasses.field(default_factory=dict)

    def rules(self) -> dict[str, Rule]:
        """Every rule that a lock pins, by ``kind/id``."""
        kinds: dict[str, dict[str, Any]] = {
            "measure": self.measures,
            "projection": self.projections,
            "indicator": self.indicators,
            "provision": self.provisions,
            "list": self.lists,
            "table": self.tables,
        }
        return {f"{kind}/{id_}": rule for kind, rules in kinds.items() for id_, rule in rules.items()}


_FOLDERS: dict[str, tuple[str, type[Rule]]] = {
    "measures": ("measure", Measure),
    "projections": ("projection", Projection),
    "indicators": ("indicator", Indicator),
    "law": ("provision", Provision),
    "lists": ("list", ListRule),
    "tables": ("table", Table),
}


def read_rule(path: Path, word: str, kind: type[Rule]) -> Rule:
    """Read and check one rule's file.

    Raises:
        RuleRefused: it breaks the JSON Schema of its kind.
    """
    data = load.load_file(path)
    check_shape(data, word, path)
    return kind(id=str(data[word]), path=path, text=path.read_text("utf-8"), data=data)


def load_catalogue(root: Path = CATALOGUE) -> Catalogue:
    """Read every rule below a catalogue folder.

    Raises:
        RuleRefused: a file breaks its schema, or two rules of a kind have one id.
    """
    return _load(root.resolve(), _stamp(root))


def _stamp(root: Path) -> tuple[tuple[str, int, int], ...]:
    return tuple(
        (str(p), p.stat().st_mtime_ns, p.stat().st_size)
        for p in sorted([*root.rglob("*.yml"), *root.glob("infrastructure/*.csv")])
    )


@functools.lru_cache(maxsize=4)
def _load(root: Path, _stamp: tuple[tuple[str, int, int], ...]) -> Catalogue:
    from mapae.model.errors import RuleRefused

    kinds: dict[str, dict[str, Any]] = {}
    for folder, (word, kind) in _FOLDERS.items():
        found: dict[str, Any] = {}
        for path in sorted((root / folder).rglob("*.yml")):
            rule = read_rule(path, word, kind)
            if rule.id in found:
                raise RuleRefused(
                    f"Two rules are called {rule.id}.", where=f"{path} and {found[rule.id].path}", do="Rename one."
                )
            found[rule.id] = rule
        kinds[folder] = dict(sorted(found.items()))
    lists: dict[str, Any] = {}
    for name in ("families", "keys", "citations"):
        path = root / f"{name}.yml"
        lists[name] = load.load_file(path) if path.exists() else load.Mapping()
        check_shape(lists[name], name, path)
    return Catalogue(
        root=root,
        measures=kinds["measures"],
        projections=kinds["projections"],
        indicators=kinds["indicators"],
        provisions=kinds["law"],
        lists=kinds["lists"],
        tables=kinds["tables"],
        families=lists["families"],
        keys=lists["keys"],
        citations=lists["citations"],
        lookups=lookups.read(root / "infrastructure"),
    )
