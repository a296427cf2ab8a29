"""Ids and references: the recipe of a finding's id, and how a ``because`` points to its ground."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

# Separates the parts that an id hashes. Control characters in ids are refused at reading, so it cannot be forged.
SEPARATOR = "\x1f"


def finding_id(kind: str, rule: str, subject: str, object: str = "") -> str:
    """The id of a question about a subject: the same in every run, whatever the answer.

    Args:
        kind: a kind of finding, as ``flag``.
        rule: the rule's id.
        subject: typed reference, as ``account:a17``.
        object: typed reference, or "".

    Returns:
        32 hex digits.

    Example:
        >>> finding_id("flag", "network.impossible_travel", "account:a17")
        '826047cdb88befb2072a4d7bd7886ee1'
    """
    text = SEPARATOR.join((kind, rule, subject, object))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def finding_id_sql(kind: str, rule: str, subject: str, object: str) -> str:
    """The same recipe as an SQL expression (arguments are SQL expressions), never ``concat_ws``, which drops NULLs."""
    return f"left(sha256({kind} || chr(31) || {rule} || chr(31) || {subject} || chr(31) || {object}), 32)"


class Ref(NamedTuple):
    """A parsed reference: ``kind`` is record, statement, finding or evidence; the rest by kind."""

    kind: str
    table: str = ""
    source: str = ""
    key: str = ""


def record_ref(table: str, source16: str, row: int) -> str:
    """Reference to a row of a source: ``record:sign_ins:<source16>:<row>``."""
    return f"record:{table}:{source16}:{row}"


def statement_ref(statement_id: str) -> str:
    """Reference to a statement: ``statement:<id>``."""
    return f"statement:{statement_id}"


def finding_ref(id: str) -> str:
    """Reference to a finding: ``finding:<id>``."""
    return f"finding:{id}"


def evidence_ref(source16: str, item: str) -> str:
    """Reference to an item of evidence.yaml: ``evidence:<source16>:<item>``."""
    return f"evidence:{source16}:{item}"


def parse_ref(ref: str) -> Ref:
    """Take a reference apart.

    Raises:
        ValueError: the text is no reference.
    """
    kind, _, rest = ref.partition(":")
    if kind == "record":
        table, source, row = rest.split(":", 2)
        return Ref(kind, table, source, row)
    if kind == "evidence":
        source, item = rest.split(":", 1)
        return Ref(kind, "", source, item)
    if kind in ("statement", "finding") and rest:
        return Ref(kind, "", "", rest)
    raise ValueError(f"no reference: {ref!r}")
