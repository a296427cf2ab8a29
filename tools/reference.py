"""Writes docs/reference from the code and the catalogue, so that nothing there can be out of date.

Usage: python tools/reference.py [--check]   --check writes nothing and fails where a page differs.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mapae.casework import playbooks  # noqa: E402
from mapae.casework.history import STATES  # noqa: E402
from mapae.cli.main import COMMANDS, cli  # noqa: E402
from mapae.model import findings as kinds  # noqa: E402
from mapae.rules import load  # noqa: E402
from mapae.rules.kinds import load_catalogue  # noqa: E402
from mapae.settings import Settings  # noqa: E402
from mapae.sources import mapping  # noqa: E402
from mapae.sources.layouts import known  # noqa: E402

NOTE = "<!-- Written by tools/reference.py (make docs); change the code or the catalogue, not this page. -->\n\n"
# Help is wrapped at this width, whatever the terminal.
WIDTH = 100

# Variables of the environment that the program looks at.
ENVIRONMENT = {
    "MAPAE_CONFIG": "folder in which the folder `mapae` with the signing key lies; default: the user's configuration folder",
    "MAPAE_TRACEBACK": "when set, an error that was not foreseen prints its traceback",
}

# What each column of a finding holds.
FINDING_COLUMNS = {
    "id": "which question about whom: 32 hex digits, the same in every run",
    "rule": "the rule's id; an element's is its provision, `#` and the element",
    "subject": "typed reference: account:, person:, party:, vessel:, wallet:, ring:",
    "object": "typed reference, or empty; a path's is its conduct and its route",
    "verdict": "yes, no, unknown; of elements and determinations met, partly, not met, unknown",
    "centibits": "weight in hundredths of a bit, for the question of `rule` alone; empty where nothing is weighed",
    "because": "sorted references of the grounds, at most 20",
    "because_n": "how many grounds there are in truth",
    "facts": "JSON of the values that fill the rule's sentence",
    "list": "dataset of the list",
    "snapshot": "date of the list",
    "alias": "listed name or value that was hit",
    "level": "of a match: exact, strong, possible; of a flag: strong, medium, weak",
    "keys": "kinds of identifier that are shared",
    "size": "accounts in the ring",
    "member_permille": "how surely the account belongs, in thousandths",
    "family": "network, device, document, money, behaviour, content or report",
    "counted": "whether it is the strongest of its family",
    "peer_group": "group whose honest people it is held against; one group in this version",
    "question": "what the percentage is the probability of",
    "prior_centibits": "log2 odds of the base rate, in hundredths of a bit",
    "permille": "the probability, in thousandths",
    "ring": "ring through which it was weighed, or empty",
    "families_seen": "families that could be known",
    "families": "families that speak",
    "direct": "whether one hop leads there",
    "role": "the subject's part at the end of the path",
    "weakest_permille": "how surely the weakest hop holds",
    "hops": "from_ref, to_ref, role, since, until, ref of each hop",
    "since": "first day of what the facts name",
    "until": "last day of what the facts name",
    "known_from": "day from which it was known",
    "source_kinds": "kinds of source that speak for it",
    "against": "references that speak against it",
    "act_since": "first day of the act",
    "act_until": "last day of the act",
    "law_on": "day whose text was applied",
    "missing": "elements that are not met, with what would be needed",
}


def _cell(value: Any) -> str:
    return str(value or "").replace("|", "\\|").replace("<", "\\<").replace("\n", " ").strip()


def _table(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(_cell(c) for c in row)} |" for row in rows)])


def _coded(values: Any) -> str:
    return ", ".join(f"`{v}`" for v in values)


def commands() -> str:
    """Every command with its help."""
    out = [
        "# Commands\n",
        "DIR is the folder one stands in unless said. Exit codes: 0 done (also when rows or files were refused), 1 not "
        "done, 2 wrong use, 3 only under `--strict`: done, but the sum check failed.\n",
    ]

    def page(command: click.Command, path: str) -> None:
        context = click.Context(command, info_name=path, terminal_width=WIDTH, max_content_width=WIDTH)
        out.append(f"## {path}\n\n```text\n{command.get_help(context).rstrip()}\n```\n")
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                if inner is not None:
                    page(inner, f"{path} {name}")

    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        if command is not None:
            page(command, f"mapae {name}")
    return "\n".join(out)


def settings() -> str:
    """Every setting with its default, and the variables of the environment."""
    rows = []
    for field in dataclasses.fields(Settings):
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        shown = (
            str(default).lower()
            if isinstance(default, bool)
            else f'"{default}"'
            if isinstance(default, str)
            else default
        )
        rows.append((f"`{field.name}`", f"`{shown}`", field.metadata["help"]))
    return "\n".join(
        [
            "# Settings\n",
            "## mapae.toml\n",
            "Every setting has a default; an empty file is a good one.\n",
            _table(("setting", "default", "what it does"), rows),
            "\n## Environment\n",
            _table(("variable", "what it does"), [(f"`{k}`", v) for k, v in ENVIRONMENT.items()]),
        ]
    )


def tables() -> str:
    """Every record table with its columns."""
    out = [
        "# Record tables\n",
        "Parquet, CSV (also .gz, .xz, .zst, .bz2) or JSON Lines, named after the table: `accounts.csv`, "
        "`sign_ins.2026-10.parquet`, or a folder of that name. A *state* table keeps the newest row of each key in "
        "view; of an *event* table equal rows are one.\n",
    ]
    for table in load_catalogue().tables.values():
        out.append(f"## {table.name}\n")
        about = [f"{_cell(table.title)}.", _cell(table.data.get("says")), f"A table of the kind {table.kind}."]
        if table.key:
            about.append(f"Key: {_coded(table.key)}.")
        if table.key_made_from:
            about.append(f"Without a key, one is made from {_coded(table.key_made_from)}.")
        about += [f"Each row has at least one of {_coded(group)}." for group in table.one_of]
        if table.made_by:
            about.append(f"Made by the reader of {table.made_by}.")
        out.append(" ".join(part for part in about if part) + "\n")
        rows = []
        for c in table.columns.values():
            words = f" ({', '.join(c.words)})" if c.words else ""
            also = f"; also read: {_coded(c.also)}" if c.also else ""
            rows.append((f"`{c.name}`", f"{c.type}{words}", "yes" if c.req else "", f"{c.says}{also}"))
        out.append(_table(("column", "type", "required", "what it holds"), rows) + "\n")
    return "\n".join(out)


def rules() -> str:
    """Every measure, projection, indicator, provision, list, link key and family."""
    catalogue = load_catalogue()
    out = [
        "# Rules\n",
        "Each is one YAML file of `mapae/catalogue`; `mapae rules show ID` prints one.\n",
        "## Indicators\n",
    ]
    rows: list[tuple[Any, ...]] = []
    for i in catalogue.indicators.values():
        rows.append(
            (f"`{i.id}`", i.title, i.level, i.status, "; ".join(i.data.get("innocent", [])), i.data.get("limits"))
        )
    out.append(_table(("id", "title", "level", "status", "innocent explanations", "limits"), rows))
    out.append("\n## Measures\n")
    rows = [
        (f"`{m.id}`", m.grain, m.title, ", ".join(f"`{c.name}` ({c.unit})" for c in m.columns), m.data.get("limits"))
        for m in catalogue.measures.values()
    ]
    out.append(_table(("id", "grain", "question", "columns", "limits"), rows))
    out.append("\n## Projections\n")
    rows = [
        (f"`{p.id}`", p.title, _coded(c.name for c in p.columns), ", ".join(p.origins))
        for p in catalogue.projections.values()
    ]
    out.append(_table(("id", "title", "columns", "origins"), rows))
    out.append("\n## Provisions\n")
    rows = [
        (
            f"`{v.id}`",
            v.data.get("cite", {}).get("text"),
            v.title,
            _coded(e["id"] for e in v.elements),
            v.data.get("limits"),
        )
        for v in catalogue.provisions.values()
    ]
    out.append(_table(("id", "text", "title", "elements", "limits"), rows))
    out.append("\n## Lists\n")
    rows = [
        (f"`{one.id}`", one.title, one.data.get("publisher"), one.data.get("attribution"), one.data.get("address"))
        for one in catalogue.lists.values()
    ]
    out.append(_table(("id", "title", "publisher", "attribution", "address"), rows))
    out.append("\n## Families\n")
    rows = [
        (f"`{name}`", f["title"], ", ".join(f"{level} {share}" for level, share in f["m"].items()), f["mark"], f["why"])
        for name, f in [*catalogue.families["families"].items(), ("control", catalogue.families["control"])]
    ]
    out.append(_table(("family", "title", "share of cases on each level", "mark", "why"), rows))
    out.append("\n## Link keys\n")
    keys = catalogue.keys.get("keys", catalogue.keys)
    rows = [
        (
            f"`{n}`",
            k.get("title"),
            _coded(k["columns"]),
            k.get("ceiling"),
            "; ".join(k.get("innocent", [])),
            k.get("guard"),
        )
        for n, k in keys.items()
        if isinstance(k, dict) and "ceiling" in k
    ]
    out.append(
        _table(("key", "what is shared", "columns", "ceiling of holders", "innocent explanations", "guard"), rows)
    )
    out.append("\n## Facts\n\nThe words in which evidence is put to a provision (`facts.yml`).\n")
    facts = load.load_file(catalogue.root / "facts.yml")
    rows = [(f"`{n}`", f["means"], ", ".join(f.get("kinds", []))) for n, f in facts.items()]
    out.append(_table(("fact", "means", "shown by (any kind of source where empty)"), rows))
    return "\n".join(out)


def findings() -> str:
    """Every kind of finding with its columns."""
    common = [f.name for f in kinds.schema(kinds.KINDS[0])][: -len(kinds.OWN[kinds.KINDS[0]])]
    out = [
        "# Findings\n",
        "`mapae export tables DIR --out OUT --only findings` writes one file per kind. Sorted by subject, rule, object.\n",
        "## All kinds\n",
        _table(("column", "what it holds"), [(f"`{c}`", FINDING_COLUMNS[c]) for c in common]),
    ]
    for kind, own in kinds.OWN.items():
        out.append(f"\n## {kind}\n")
        out.append(_table(("column", "what it holds"), [(f"`{name}`", FINDING_COLUMNS[name]) for name, _ in own]))
    return "\n".join(out)


def layouts() -> str:
    """Every layout that is read as it is, and every list that rules join by name."""
    catalogue = load_catalogue()
    mappings = {one.name for one in mapping.shipped(catalogue)}
    out = [
        "# Layouts and lists\n",
        "A layout is recognised by content, never by name. A **reader** is code, a **mapping** is one YAML file "
        "([add one](../how-to/add-a-mapping.md)); a workspace's own `mappings/` come before both.\n",
        "## Layouts\n",
    ]
    rows: list[tuple[Any, ...]] = [
        (f"`{one.name}`", one.title, "mapping" if one.name in mappings else "reader", _coded(one.tables))
        for one in known(catalogue)
    ]
    out.append(_table(("layout", "what it is", "kind", "tables"), rows))
    out.append(
        "\n## Lists\n\n`mapae/catalogue/infrastructure/*.csv`: tables of text that measures and readers join by name. A row "
        "with an end expires on it, and the question that rests on it then answers unknown.\n"
    )
    rows = []
    for one in catalogue.lookups.values():
        remarks = [line[1:].strip() for line in one.path.read_text("utf-8").splitlines() if line.startswith("#")]
        rows.append((f"`{one.name}`", " ".join(remarks), _coded(one.columns), len(one.rows)))
    out.append(_table(("list", "what it holds", "columns", "rows"), rows))
    return "\n".join(out)


def casework() -> str:
    """States, bands with their playbooks, and outcomes."""
    books = playbooks.shipped()
    told = load.load_file(load_catalogue().root / "playbooks.yml")
    out = [
        "# Casework\n",
        "## States\n",
        f"{_coded(STATES)}. A covert hold (the subject is not told) takes two different persons and lasts at most "
        f"{books.covert_days} days.\n",
        "## Bands\n",
        "By the log2 odds after the prior, in hundredths of a bit; all cuts are our own analysis.\n",
        _table(
            ("band", "from", "families at least", "why"),
            [(b["title"], b["from_centibits"], b["least_families"], b["why"]) for b in told["bands"].values()],
        ),
    ]
    for part in [*told["bands"].values(), told["nexus"]]:
        steps = [("check", s["say"], s.get("why"), s["mark"]) for s in part["check"]]
        steps += [("ask", f"{s['who']}: {s['say']}", s.get("why"), s["mark"]) for s in part["ask"]]
        out += [f"\n## Playbook: {part['title']}\n", _table(("step", "what", "why", "mark"), steps)]
    for title, name in (("What everybody is asked", "everybody"), ("What nobody does", "never")):
        steps = [(s["say"], s.get("why"), s["mark"]) for s in told[name]]
        out += [f"\n## {title}\n", _table(("what", "why", "mark"), steps)]
    out += [
        "\n## Outcomes\n",
        f"From {books.least_outcomes} confirmed outcomes on, a percentage stands beside the bits.\n",
        _table(
            ("outcome", "what it is", "misrepresented?"),
            [(f"`{name}`", title, counts) for name, (title, counts) in books.outcomes.items()],
        ),
        "\n## What stays unseen\n",
        "While all tables named are empty.\n",
        _table(
            ("blind to", "shown by", "mark"),
            [(b["to"], ", ".join(f"{w} (`{t}`)" for t, w in b["shown_by"].items()), b["mark"]) for b in told["blind"]],
        ),
    ]
    return "\n".join(out)


PAGES = {
    "commands": commands,
    "settings": settings,
    "tables": tables,
    "rules": rules,
    "findings": findings,
    "layouts": layouts,
    "casework": casework,
}


def main() -> int:
    """Write the pages, or compare them."""
    differ = []
    for name, make in PAGES.items():
        path = ROOT / "docs" / "reference" / f"{name}.md"
        text = NOTE + make().rstrip() + "\n"
        if "--check" in sys.argv:
            if not path.exists() or path.read_text("utf-8") != text:
                differ.append(str(path.relative_to(ROOT)))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    if differ:
        print("Out of date (run: make docs): " + ", ".join(differ))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
