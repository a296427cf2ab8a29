"""The lock: hash and version of every rule, so that no rule changes its answer without saying so.

A rule that has a version raises it when its text changes. The lock is written by ``mapae rules lock`` after a review
of what changed, and read by the tests.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mapae.model.errors import RuleRefused
from mapae.rules.base import Rule
from mapae.rules.kinds import Catalogue

NAME = "lock.json"


def entry(rule: Rule) -> dict[str, str]:
    """What the lock holds of a rule: the hash of its text, and its version (empty where its kind has none)."""
    return {"sha256": rule.sha256, "version": str(rule.data.get("version", ""))}


def made(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """The lock of the catalogue as it stands, by kind and id."""
    return {name: entry(rule) for name, rule in sorted(catalogue.rules().items())}


def read(path: Path) -> dict[str, dict[str, str]]:
    """The lock as last written; none yet is an empty one.

    Raises:
        RuleRefused: the file is no lock.
    """
    if not path.exists():
        return {}
    wrong = RuleRefused("The lock of the rules cannot be read.", where=str(path), do="Write it anew: mapae rules lock.")
    try:
        value: Any = json.loads(path.read_text("utf-8"))
    except (ValueError, UnicodeDecodeError) as problem:
        raise wrong from problem
    if not isinstance(value, dict) or not all(isinstance(v, dict) and "sha256" in v for v in value.values()):
        raise wrong
    return value


def check(catalogue: Catalogue) -> list[str]:
    """Rules that are not as the lock says, one line each with file and what to do; none when all is well."""
    locked = read(catalogue.root / NAME)
    now = made(catalogue)
    found = []
    for name, rule in sorted(catalogue.rules().items()):
        old, new = locked.get(name), now[name]
        if old is None:
            found.append(f"{rule.path}:1: {name} is not in the lock. Write the lock anew.")
        elif old["sha256"] != new["sha256"]:
            same = new["version"] and old.get("version", "") == new["version"]
            do = "Raise its version, then write the lock anew." if same else "Write the lock anew."
            found.append(f"{rule.path}:1: {name} has changed since it was locked. {do}")
    found += [
        f"{catalogue.root / NAME}:1: {name} is no longer there. Write the lock anew."
        for name in sorted(set(locked) - set(now))
    ]
    return found


def write(catalogue: Catalogue) -> Path:
    """Write the lock of the catalogue as it stands.

    Raises:
        RuleRefused: the text of a rule with a version changed and its version did not.
    """
    path = catalogue.root / NAME
    locked = read(path)
    for name, new in made(catalogue).items():
        old = locked.get(name)
        if old and new["version"] and old["sha256"] != new["sha256"] and old.get("version") == new["version"]:
            rule = catalogue.rules()[name]
            raise RuleRefused(
                f"{name} has changed and its version has not.",
                where=f"{rule.path}:{rule.data.line_of('version')}",
                why="whoever has seen its answers must be able to see that the rule is another now",
                do="Raise the version, then write the lock anew.",
            )
    path.write_text(json.dumps(made(catalogue), indent=1, sort_keys=True) + "\n", "utf-8")
    return path
