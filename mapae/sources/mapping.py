"""Mappings: a vendor's layout as data. One small YAML says which file it reads and how its columns become rows of tables.

A mapping knows the verbs of its JSON Schema (mapae/rules/schemas/mapping.json) and nothing else: no code, no expressions.
What needs more is a reader. Mappings of the workspace win over the shipped ones.
"""

from __future__ import annotations

from pathlib import Path

from mapae.model.errors import RuleRefused
from mapae.rules import load
from mapae.rules.kinds import Catalogue
from mapae.rules.shapes import check_shape
from mapae.sources.mapping_check import check
from mapae.sources.mapping_layout import Mapping

__all__ = ["Mapping", "load_mapping", "of_workspace", "problems", "shipped"]

FOLDER = "mappings"
# Whoever installs a mapping without naming an employer gets this word.
SOMEBODY = "employer"


def load_mapping(path: Path, catalogue: Catalogue, *, employer: str = SOMEBODY, own: bool = True) -> Mapping:
    """Read a mapping and hold it against its schema and the tables that it fills.

    Args:
        path: its YAML.
        catalogue: tables of the contract.
        employer: name of the user's organisation, where a mapping writes ``{employer}``.
        own: whether it is the user's own; shipped ones recognise a file only where nothing in it is in doubt.

    Raises:
        RuleRefused: with file and line, what is wrong and what to write.
    """
    data = load.load_file(path)
    if isinstance(data, dict) and "mapping" not in data and "reads" not in data:
        raise RuleRefused(
            "This is no mapping.", where=f"{path}:1", why="It has no `reads`.", do="Begin it with `reads:`."
        )
    check_shape(data, "mapping", path)
    for line, why, do in check(data, catalogue):
        raise RuleRefused("A mapping cannot be used.", where=f"{path}:{line}", why=why, do=do)
    return Mapping(path, data, catalogue, employer=employer, own=own)


def shipped(catalogue: Catalogue, *, employer: str = SOMEBODY) -> tuple[Mapping, ...]:
    """Mappings of the catalogue, those that ask for most of a file first.

    Raises:
        RuleRefused: one is broken.
    """
    made = [
        load_mapping(p, catalogue, employer=employer, own=False)
        for p in sorted((catalogue.root / FOLDER).glob("*.yml"))
    ]
    return tuple(sorted(made, key=lambda m: (-len(m.needs), m.name)))


def of_workspace(
    folder: Path, catalogue: Catalogue, *, employer: str = SOMEBODY, refused: list[RuleRefused] | None = None
) -> tuple[Mapping, ...]:
    """The user's own mappings, ``mappings/*.yml`` of a workspace, those that ask for most of a file first.

    Args:
        folder: the workspace, or its folder ``mappings`` itself.
        catalogue: tables of the contract.
        employer: name of the user's organisation.
        refused: where given, takes the refusals of broken mappings, and the others go on.

    Raises:
        RuleRefused: one is broken, and ``refused`` is not given.
    """
    made = []
    home = folder if folder.name == FOLDER else folder / FOLDER
    for path in sorted([*home.glob("*.yml"), *home.glob("*.yaml")]):
        try:
            made.append(_own(path, catalogue, employer))
        except RuleRefused as problem:
            if refused is None:
                raise
            refused.append(problem)
    return tuple(sorted(made, key=lambda m: (-len(m.needs), m.name)))


def _own(path: Path, catalogue: Catalogue, employer: str) -> Mapping:
    try:
        return load_mapping(path, catalogue, employer=employer)
    except OSError as problem:
        why = problem.strerror or ""
        raise RuleRefused(
            "A mapping cannot be opened.", where=str(path), why=why, do="Look at its rights, or take it away."
        ) from problem


def problems(catalogue: Catalogue) -> list[str]:
    """What is wrong with the shipped mappings, one line each: file, line, what, and what to write. Cases are run apart."""
    found = []
    names: dict[str, Path] = {}
    for path in sorted((catalogue.root / FOLDER).glob("*.yml")):
        try:
            made = load_mapping(path, catalogue, own=False)
        except RuleRefused as refused:
            found.append(" ".join(f"{refused.where}: {refused.what} {refused.why}. {refused.do}".split()))
            continue
        if made.name != path.stem:
            found.append(f"{path}:1: the mapping is called {made.name}. Name the file {made.name}.yml.")
        if made.name in names:
            found.append(f"{path}:1: {names[made.name].name} has the same name. Make them differ.")
        names[made.name] = path
        for key in ("title", "version", "mark", "cases"):
            if not made.data.get(key):
                found.append(f"{path}:1: {made.name} has no {key}. Write it.")
    return found
