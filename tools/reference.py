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

from mapae.cli.main import COMMANDS, cli  # noqa: E402
from mapae.rules.kinds import load_catalogue  # noqa: E402
from mapae.settings import Settings  # noqa: E402

NOTE = "<!-- Written by tools/reference.py (make docs); change the code or the catalogue, not this page. -->\n\n"


def commands() -> str:
    """Every command with its help."""
    out = ["# Commands\n", "Exit codes: 0 done (also when rows or files were refused), 1 not done, 2 wrong use, 3 only under `--strict`.\n"]

    def page(command: click.Command, path: str) -> None:
        context = click.Context(command, info_name=path)
        out.append(f"## {path}\n\n```text\n{command.get_help(context)}\n```\n")
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
    """Every setting with its default."""
    rows = ["# Settings of mapae.toml\n", "Every setting has a default; an empty file is a good one.\n", "| setting | default | what it does |", "|---|---|---|"]
    for field in dataclasses.fields(Settings):
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        rows.append(f"| `{field.name}` | `{default!r}` | {field.metadata['help']} |")
    return "\n".join(rows) + "\n"


def _cell(value: Any) -> str:
    return str(value or "").replace("|", "\\|").replace("\n", " ").strip()


def tables() -> str:
    """Every record table with its columns."""
    out = ["# Record tables\n", "Parquet, CSV (also .gz, .xz, .zst, .bz2) or JSON Lines, named after the table: `accounts.csv`, `sign_ins.2026-10.parquet`, or a folder of that name.\n"]
    for table in load_catalogue().tables.values():
        out.append(f"## {table.name}\n\n{_cell(table.title)}. {_cell(table.data.get('says'))} ({table.kind} table)\n")
        out.append("| column | type | required | what it says |\n|---|---|---|---|")
        for column in table.columns.values():
            words = f" ({', '.join(column.words)})" if column.words else ""
            out.append(f"| `{column.name}` | {column.type}{words} | {'yes' if column.req else ''} | {_cell(column.says)} |")
        out.append("")
    return "\n".join(out)


def rules() -> str:
    """Every measure, projection, indicator, provision and list."""
    catalogue = load_catalogue()
    out = ["# Rules\n", "Each is one YAML file of `mapae/catalogue`; `mapae rules show ID` prints one.\n"]
    out.append("## Indicators\n\n| id | title | family | level | status | innocent explanations |\n|---|---|---|---|---|---|")
    for i in catalogue.indicators.values():
        out.append(f"| `{i.id}` | {_cell(i.title)} | {i.family} | {i.level} | {i.status} | {_cell('; '.join(i.data.get('innocent', [])))} |")
    out.append("\n## Measures\n\n| id | grain | question | columns |\n|---|---|---|---|")
    for m in catalogue.measures.values():
        out.append(f"| `{m.id}` | {m.grain} | {_cell(m.title)} | {', '.join(f'`{c.name}` ({_cell(c.unit)})' for c in m.columns)} |")
    out.append("\n## Projections\n\n| id | title | origins |\n|---|---|---|")
    for p in catalogue.projections.values():
        out.append(f"| `{p.id}` | {_cell(p.title)} | {', '.join(p.origins)} |")
    out.append("\n## Provisions\n\n| id | text | title | elements |\n|---|---|---|---|")
    for v in catalogue.provisions.values():
        out.append(f"| `{v.id}` | {_cell(v.data.get('cite', {}).get('text'))} | {_cell(v.title)} | {', '.join(e['id'] for e in v.elements)} |")
    out.append("\n## Lists\n\n| id | title | publisher | attribution |\n|---|---|---|---|")
    for one in catalogue.lists.values():
        out.append(f"| `{one.id}` | {_cell(one.title)} | {_cell(one.data.get('publisher'))} | {_cell(one.data.get('attribution'))} |")
    out.append("\n## Link keys\n\n| key | ceiling of holders | guard |\n|---|---|---|")
    for name, key in catalogue.keys.get("keys", catalogue.keys).items():
        if isinstance(key, dict):
            out.append(f"| `{name}` | {_cell(key.get('ceiling'))} | {_cell(key.get('guard'))} |")
    return "\n".join(out) + "\n"


PAGES = {"commands": commands, "settings": settings, "tables": tables, "rules": rules}


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
