"""Evidence that people have read rather than counted: ``evidence.yaml``, a list of cited items (records.md).

An item names a subject, a fact (a word of ``catalogue/facts.yml``), what it says, where it stands, since when it was
known and what kind of source it is. An item that breaks the contract is quarantined with its number and the reason.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pyarrow as pa

from mapae.model.dates import DateRange, parse_partial
from mapae.model.errors import InputRefused, RuleRefused
from mapae.model.findings import canonical_json
from mapae.rules import load
from mapae.rules.kinds import Catalogue
from mapae.sources.reading import REJECTED, Counts, Reading

# Kinds of sources (records.md). The first seven can show a thing; a charge, the press and one's own inquiry allege it.
SOURCE_KINDS = ("court", "government", "un_panel", "coalition", "sworn", "record", "charge", "press", "own_inquiry")
_ALIASES = {"testimony": "sworn"}
_REQUIRED = ("id", "subject", "fact", "says", "cite", "known_from", "source_kind")
_OPTIONAL = ("name", "since", "until")
_SUBJECT = re.compile(r"(account|person|party|wallet|vessel|ring|conduct):\S.*")
# Longest text of one cell that is kept; a longer one is no statement but a document.
_LONGEST = 10_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

SCHEMA = pa.schema(
    [pa.field(n, pa.string(), nullable=n == "name") for n in ("item", "subject", "name", "fact", "says", "cite")]
    + [pa.field(n, pa.date32()) for n in ("since", "until", "known_from")]
    + [pa.field("source_kind", pa.string(), nullable=False), pa.field("mapae_source", pa.string(), nullable=False)]
    + [pa.field("mapae_row", pa.int64(), nullable=False)]
)


class _Broken(Exception):
    """An item breaks the contract: column and reason."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


def fact_words(catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """Words that evidence may use, each with the source kinds that may show it.

    The vocabulary is ``facts.yml`` of the catalogue; a word that only a provision names may be shown by any kind.
    """
    words: dict[str, frozenset[str]] = {}
    for provision in catalogue.provisions.values():
        for part in [*provision.elements, *provision.data.get("exceptions", ())]:
            for key in ("for", "part", "against", "opinion"):
                words.update({w: frozenset(SOURCE_KINDS) for w in part.get(key, ())})
    path = catalogue.root / "facts.yml"
    vocabulary = load.load_file(path) if path.exists() else {}
    words.update({w: frozenset(v.get("kinds", SOURCE_KINDS)) for w, v in vocabulary.items()})
    return words


def read(path: Path, source16: str, catalogue: Catalogue) -> Reading:
    """Read an ``evidence.yaml``.

    Args:
        path: the file.
        source16: first 16 hex digits of its SHA-256.
        catalogue: gives the words that a fact may be.

    Returns:
        ``records/evidence`` and ``rejected/evidence``; an item equal to one kept counts as equal.

    Raises:
        InputRefused: the file is no YAML, no UTF-8, or no list.
    """
    items = _items(path)
    words = fact_words(catalogue)
    counts = Counts(read=len(items))
    kept: dict[str, dict[str, Any]] = {}
    rejected: list[dict[str, Any]] = []
    notes: list[str] = []
    for number, item in enumerate(items, 1):
        try:
            row = _row(item, words)
            earlier = kept.get(row["item"])
            if earlier is None:
                kept[row["item"]] = {**row, "mapae_source": source16, "mapae_row": number}
                counts.kept += 1
                unread = sorted(set(item) - {*_REQUIRED, *_OPTIONAL})
                notes += [f"item {number}: {', '.join(unread)} is not read"] if unread else []
            elif all(earlier[k] == v for k, v in row.items()):
                counts.equal += 1
            else:
                raise _Broken("id", f"the id stands at item {earlier['mapae_row']} already, with other content")
        except _Broken as broken:
            counts.rejected += 1
            raw = canonical_json(item)[:_LONGEST]
            rejected.append(
                {
                    "mapae_source": source16,
                    "mapae_row": number,
                    "column": broken.column,
                    "reason": broken.reason,
                    "raw": raw,
                }
            )
    return Reading(
        tables={
            "records/evidence": pa.Table.from_pylist(list(kept.values()), schema=SCHEMA),
            "rejected/evidence": pa.Table.from_pylist(rejected, schema=REJECTED),
        },
        counts=counts,
        notes=notes,
    )


def _items(path: Path) -> list[Any]:
    do = "Write a list of items, each beginning with '- id:'."
    try:
        data = load.load_file(path)
    except RuleRefused as problem:
        raise InputRefused("An evidence file cannot be read.", where=problem.where, why=problem.why, do=do) from problem
    except RecursionError as problem:
        raise InputRefused(
            "An evidence file cannot be read.", where=str(path), why="it is nested too deeply", do=do
        ) from problem
    if data is None:
        return []
    if not isinstance(data, list):
        raise InputRefused(
            "An evidence file holds no list.", where=f"{path}:1", why="each item is one dash of a list", do=do
        )
    return data


def _row(item: Any, words: dict[str, frozenset[str]]) -> dict[str, Any]:
    """An item in normal form.

    Raises:
        _Broken: it breaks the contract.
    """
    if not isinstance(item, dict):
        raise _Broken("", "an item is a mapping with id, subject, fact, says, cite, known_from and source_kind")
    texts = {name: _text(item, name) for name in (*_REQUIRED, *_OPTIONAL)}
    for name in _REQUIRED:
        if not texts[name]:
            raise _Broken(name, f"{name} is missing")
    if not _SUBJECT.fullmatch(texts["subject"]):
        raise _Broken("subject", "a subject is a typed reference, as party:…, person:… or account:…")
    if texts["fact"] not in words:
        raise _Broken("fact", f"{texts['fact']!r} is no fact that a provision knows")
    kind = _ALIASES.get(texts["source_kind"], texts["source_kind"])
    if kind not in SOURCE_KINDS:
        raise _Broken("source_kind", f"{texts['source_kind']!r} is none of {', '.join(SOURCE_KINDS)}")
    if kind not in words[texts["fact"]]:
        raise _Broken("source_kind", f"{texts['fact']} cannot be shown by {kind}")
    since, until = _days(texts, "since").since, _days(texts, "until").until
    if since is not None and until is not None and since > until:
        raise _Broken("until", "until lies before since")
    return {
        "item": texts["id"],
        "subject": texts["subject"],
        "name": texts["name"] or None,
        **{n: texts[n] for n in ("fact", "says", "cite")},
        "since": since,
        "until": until,
        # Of a month or a year, the last day: what was known by then was known on that day at the latest.
        "known_from": _days(texts, "known_from").until,
        "source_kind": kind,
    }


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name, "")
    if not isinstance(value, str):
        raise _Broken(name, f"{name} is a text")
    if len(value) > _LONGEST:
        raise _Broken(name, f"{name} is longer than {_LONGEST} characters")
    if _CONTROL.search(value):
        raise _Broken(name, f"{name} holds a control character or a line break")
    return value.strip()


def _days(texts: dict[str, str], name: str) -> DateRange:
    if not texts[name]:
        return DateRange(None, None)
    try:
        days = parse_partial(texts[name])
    except ValueError as problem:
        raise _Broken(name, f"{texts[name]!r} is no date; write 2026-05-07, 2026-05 or 2026") from problem
    assert days.until is not None
    if not dt.date(1900, 1, 1) <= days.until <= dt.date(2199, 12, 31):
        raise _Broken(name, f"the year of {texts[name]!r} cannot be meant")
    return days
