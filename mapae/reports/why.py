"""Why: the tree of grounds below a finding, down to rows of files in the vault."""

from __future__ import annotations

import dataclasses
from typing import Any

from mapae.model.errors import MapaeError, WrongUse
from mapae.model.findings import KINDS
from mapae.model.ids import Ref, finding_ref, parse_ref
from mapae.reports.leaves import Leaf, Leaves
from mapae.reports.wording import sentence
from mapae.store.runs import OpenRun

# No report walks deeper; house.md: every finding reaches bytes, and there is no cycle (R19 asks for at most 12).
DEPTH = 12


@dataclasses.dataclass
class Node:
    """A claim, its grounds, and how many grounds are not shown."""

    ref: str
    text: str
    children: list[Node] = dataclasses.field(default_factory=list)
    more: int = 0
    leaf: Leaf | None = None
    finding: dict[str, Any] | None = None
    kind: str = ""

    def leaves(self) -> list[Leaf]:
        """All leaves below, left to right."""
        if self.leaf is not None:
            return [self.leaf]
        return [leaf for child in self.children for leaf in child.leaves()]


def find(run: OpenRun, wanted: str) -> tuple[str, dict[str, Any]]:
    """A finding by its id or the first digits of it: its kind and row.

    Raises:
        MapaeError: none or several are called so.
    """
    wanted = wanted.lower()
    if len(wanted) < 8 or any(c not in "0123456789abcdef" for c in wanted):
        raise WrongUse(
            f"{wanted!r} names no finding.",
            do="Give a finding's id, its first eight digits, or a number of the list last printed by mapae run or mapae status.",
        )
    hits: list[tuple[str, dict[str, Any]]] = []
    for kind in KINDS:
        hits += [(kind, row) for row in run.rows(f"select * from {kind} where id like ? limit 3", [wanted + "%"])]
    if not hits:
        raise MapaeError(
            f"This run holds no finding {wanted}.",
            where=str(run.space.root),
            do="mapae status lists findings; an older finding may have gone with new records.",
        )
    if len(hits) > 1:
        raise MapaeError(
            f"Several findings begin with {wanted}.",
            do="Give more digits: " + ", ".join(row["id"] for _, row in hits) + ".",
        )
    return hits[0]


class Walk:
    """A walk along ``because`` over one open run."""

    def __init__(self, run: OpenRun, *, all: bool = False, depth: int = DEPTH) -> None:
        self.run, self.all, self.depth = run, all, depth
        self._found: dict[str, tuple[str, dict[str, Any]] | None] = {}
        self.leaves = Leaves(run)

    def of(self, kind: str, row: dict[str, Any], depth: int = 0) -> Node:
        """The tree below a finding."""
        if depth == 0:
            self.leaves.fetch(self._records(row, set()))
        node = Node(finding_ref(row["id"]), sentence(kind, row, self.run.manifest), finding=row, kind=kind)
        if depth >= self.depth:
            node.more = len(row["because"])
            return node
        refs = list(row["because"])
        if self.all and row["because_n"] > len(refs):
            refs = self.rest(kind, row) or refs
        self.leaves.fetch([parse_ref(ref) for ref in refs])
        for ref in refs + list(row.get("against") or []):
            child = self._child(ref, depth + 1)
            if child is not None:
                node.children.append(child)
        node.more = max(0, row["because_n"] - len(refs))
        return node

    def _records(self, row: dict[str, Any], seen: set[str]) -> list[Ref]:
        """References to records at and below a finding, so that each file is gone through once."""
        found = []
        for ref in [*row["because"], *(row.get("against") or [])]:
            parsed = parse_ref(ref)
            if parsed.kind == "record":
                found.append(parsed)
            elif parsed.kind == "finding" and parsed.key not in seen and len(seen) < 500:
                seen.add(parsed.key)
                below = self._known(parsed.key)
                found += self._records(below[1], seen) if below else []
        return found

    def _known(self, key: str) -> tuple[str, dict[str, Any]] | None:
        if key not in self._found:
            self._found[key] = self._finding(key)
        return self._found[key]

    def _child(self, ref: str, depth: int) -> Node | None:
        parsed = parse_ref(ref)
        if parsed.kind == "finding":
            found = self._known(parsed.key)
            return self.of(*found, depth) if found else None
        leaf = self.leaves.of(parsed)
        return Node(ref, _leaf_text(leaf), leaf=leaf) if leaf is not None else None

    def _finding(self, key: str) -> tuple[str, dict[str, Any]] | None:
        for kind in KINDS:
            rows = self.run.rows(f"select * from {kind} where id = ?", [key])
            if rows:
                return kind, rows[0]
        return None

    def rest(self, kind: str, row: dict[str, Any]) -> list[str]:
        """All grounds of a flag, by its rule's own SQL."""
        from mapae.rules.kinds import load_catalogue

        if kind != "flag":
            return []
        from mapae.indicators.flags import measures_used

        catalogue = load_catalogue()
        indicator = catalogue.indicators.get(row["rule"])
        if indicator is None:
            return []
        account = row["subject"].removeprefix("account:")
        refs: set[str] = set()
        for measure in measures_used(catalogue, indicator):
            chosen = "select distinct table_name, mapae_source, mapae_row from"
            found = self.run.rows(
                f"{chosen} ({catalogue.measures[measure].rows_sql}) as r where account_id = ?", [account]
            )
            refs |= {f"record:{r['table_name']}:{r['mapae_source']}:{r['mapae_row']}" for r in found}
        return sorted(refs)


def printable(text: str) -> str:
    """Text for a terminal: what steers one is written out, so that no cell of a file can."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _leaf_text(leaf: Leaf) -> str:
    if leaf.problem:
        return str(leaf)
    shown = printable(", ".join(f"{k}={v}" for k, v in leaf.content.items() if v not in (None, "")))
    return f"{leaf}: {shown[:240]}{'…' if len(shown) > 240 else ''}"


def text(node: Node) -> str:
    """A tree as indented text."""
    lines: list[str] = []

    def walk(one: Node, before: str, mark: str, last: bool) -> None:
        lines.append(f"{before}{mark}{printable(one.text)}")
        inner = before + ("" if not mark else ("   " if last else "│  "))
        shown = [(c, False) for c in one.children]
        for i, (child, _) in enumerate(shown):
            end = i == len(shown) - 1 and not one.more
            walk(child, inner, "└─ " if end else "├─ ", end)
        if one.more:
            lines.append(f"{inner}└─ and {one.more} more (mapae why … --all)")

    walk(node, "", "", True)
    return "\n".join(lines)
