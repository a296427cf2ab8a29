"""A mapping for a file in no layout that is known: what its columns seem to be, what it shows, and what is to be confirmed.

Nothing in doubt is guessed into a record: a day whose month comes first or last, a city that is the home or the office, is
left out until a person has said so. The text stays in the workspace, with three rows of the user's own file as comments.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

from mapae.model.errors import InputRefused
from mapae.rules.kinds import Catalogue
from mapae.sources.guess_content import Content, read, rows_shown
from mapae.sources.guess_match import PEOPLE, Fit, best
from mapae.sources.guess_tables import drafts
from mapae.sources.guess_text import Draft, Text, flow, scalar

# By this many headers a file is recognised again; more would bind the mapping to columns that come and go.
MOST_HEADERS = 5


@dataclasses.dataclass(frozen=True)
class Guess:
    """A guessed mapping.

    Args:
        text: of the mapping, YAML.
        table: that the file fits: ``employees`` for a register of people, else the table of events.
        columns: how many columns the file has.
        questions: what a person is asked, each once.
        usable: whether it gives good rows as it stands; what is in doubt is left out of it.
    """

    text: str
    table: str
    columns: int
    questions: tuple[str, ...]
    usable: bool


def guess(path: Path, catalogue: Catalogue, *, employer: str) -> Guess:
    """Guess a mapping for a CSV, JSON or Parquet file.

    Args:
        path: the file; read to its end, since one day after the twelfth settles which of two numbers is the month.
        catalogue: tables of the contract.
        employer: name of the user's organisation.

    Raises:
        InputRefused: the file cannot be read, or nothing in it is known.
    """
    content = read(path)
    fit = best(content)
    if fit is None:
        if content.header:
            raise InputRefused(
                "Nothing in a file is known.",
                where=str(path),
                why=f"None of its columns has a name that a table's column has: {', '.join(p.header for p in content.columns)[:500]}.",
                do="Write a mapping for it (docs/how-to: add a mapping), or name its columns as the table's.",
            )
        fit = Fit(PEOPLE, {}, {}, list(content.columns), [], 0, False)
    name = slug(path)
    made = drafts(content, fit, catalogue, employer=slugged(employer) or "employer", platform=name)
    text = _text(path, name, content, fit, made)
    usable = content.header and not any(e.blocking for d in made for e in d.entries)
    table = "employees" if fit.table == PEOPLE else fit.table
    return Guess(text.whole(), table, len(content.columns), text.questions(), usable)


def slug(path: Path) -> str:
    """Name of a mapping by its file: small letters, digits, underscores."""
    return slugged(path.name.split(".")[0]) or "file"


def slugged(text: str) -> str:
    """A text as a name: small letters and digits, other signs as hyphens or underscores."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]


def _text(path: Path, name: str, content: Content, fit: Fit, made: list[Draft]) -> Text:
    text = Text()
    shown = " ".join("".join(c for c in path.name if c.isprintable()).split())
    text.add(f"# What the columns of {shown} seem to be, by their names and by all {content.rows:,} rows.")
    text.add(
        "# Lines with `confirm` want your word: mend them, or take the mark # before them away, and their entry below."
    )
    text.add(f"# {min(content.rows, 3)} rows of it:")
    for profile in content.columns:
        text.add(f"#   {''.join(c for c in profile.header if c.isprintable())}: {rows_shown(content, profile.header)}")
    for profiles, why in (
        (fit.not_read, "Not read on purpose"),
        (fit.rest if content.header else [], "Without a place"),
    ):
        if profiles:
            text.add(f"# {why}: {', '.join(''.join(c for c in p.header if c.isprintable()) for p in profiles)}.")
    identity = fit.columns.get("person_id")
    if identity is not None and not identity.unique and fit.table == PEOPLE:
        text.add(
            f"# Some people stand in several rows ({identity.header}): of two rows for one person the lower one counts."
        )
    if content.refused:
        text.add(f"# {content.refused:,} rows could not be taken apart.")
    text.add(f"mapping: {scalar(name)}")
    text.add(f"title: {scalar(shown)}")
    text.add('version: "1"')
    text.add("mark: analysis")
    reads = f"reads: {flow(_reads(content, made))}"
    if content.encoding not in ("utf-8", "utf-16"):
        text.ask(reads, "reads", f"is the file written in {content.encoding}? Names with accents would show it")
    else:
        text.add(reads)
    first, *further = made
    text.add(f"to: {first.table}")
    text.add("columns:")
    text.table(first, "  ")
    if further:
        text.add("also:")
    for draft in further:
        text.add(f"  - to: {draft.table}")
        text.add("    columns:")
        text.table(draft, "      ")
    return text


def _reads(content: Content, made: list[Draft]) -> dict[str, object]:
    """How the file is recognised again."""
    reads: dict[str, object] = {"format": content.form}
    if content.form == "csv":
        reads["encoding"] = content.encoding
    if not content.header:
        return {**reads, "header": "no", "match": {"columns": str(len(content.columns))}}
    used: dict[str, None] = {}
    for draft in made:
        for entry in draft.entries:
            given = entry.verbs.get("from")
            if not entry.off and given is not None:
                used.update(dict.fromkeys([given] if isinstance(given, str) else given))
    always = {p.header for p in content.columns if content.form == "csv" or p.filled * 10 >= content.rows * 9}
    headers = [h for h in used if h in always][:MOST_HEADERS] or [content.columns[0].header]
    return {**reads, "match": {"keys" if content.form == "json" else "headers": headers}}
