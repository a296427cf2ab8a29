"""One envelope for every finding, and the few columns of each kind (house.md, "One envelope")."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from mapae.model.ids import finding_id

_TEXT = pa.string()
_TEXTS = pa.list_(pa.field("element", pa.string(), nullable=False))

COMMON: list[tuple[str, pa.DataType]] = [
    ("id", _TEXT),
    ("rule", _TEXT),
    ("subject", _TEXT),
    ("object", _TEXT),
    ("verdict", _TEXT),
    ("centibits", pa.int32()),
    ("because", _TEXTS),
    ("because_n", pa.int32()),
    ("facts", _TEXT),
]

HOP = pa.struct(
    [pa.field(n, _TEXT, nullable=False) for n in ("from_ref", "to_ref", "role")]
    + [pa.field("since", pa.date32()), pa.field("until", pa.date32()), pa.field("ref", _TEXT, nullable=False)]
)

OWN: dict[str, list[tuple[str, pa.DataType]]] = {
    "match": [("list", _TEXT), ("snapshot", pa.date32()), ("alias", _TEXT), ("level", _TEXT)],
    "link": [("keys", _TEXTS)],
    "ring": [("size", pa.int32()), ("member_permille", pa.int32())],
    "flag": [("family", _TEXT), ("level", _TEXT), ("counted", pa.bool_()), ("peer_group", _TEXT)],
    "assessment": [
        ("question", _TEXT),
        ("prior_centibits", pa.int32()),
        ("permille", pa.int32()),
        ("ring", _TEXT),
        ("families_seen", pa.int8()),
        ("families", pa.int8()),
    ],
    "path": [
        ("direct", pa.bool_()),
        ("role", _TEXT),
        ("weakest_permille", pa.int32()),
        ("hops", pa.list_(pa.field("element", HOP, nullable=False))),
    ],
    "element": [
        ("since", pa.date32()),
        ("until", pa.date32()),
        ("known_from", pa.date32()),
        ("source_kinds", _TEXTS),
        ("against", _TEXTS),
    ],
    "determination": [
        ("act_since", pa.date32()),
        ("act_until", pa.date32()),
        ("law_on", pa.date32()),
        ("missing", _TEXTS),
    ],
}

KINDS = tuple(OWN)
# A report shows at most this many references; because_n says how many there are in truth.
BECAUSE_MAX = 20


def schema(kind: str) -> pa.Schema:
    """Arrow schema of a kind: nothing is nullable but ``centibits`` and dates."""
    fields = [
        pa.field(name, kind_, nullable=name == "centibits" or pa.types.is_date(kind_))
        for name, kind_ in COMMON + OWN[kind]
    ]
    return pa.schema(fields)


# Findings are stored sorted by these.
ORDER = ("subject", "rule", "object")


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no blanks, text as it is: the same value gives the same bytes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def row(
    kind: str,
    *,
    rule: str,
    subject: str,
    object: str = "",
    verdict: str,
    centibits: int | None = None,
    because: list[str],
    facts: dict[str, Any] | None = None,
    because_n: int | None = None,
    **own: Any,
) -> dict[str, Any]:
    """One finding as a row of its kind's schema: id made, references sorted, made distinct and cut to 20.

    Args:
        because: references of the grounds, in any order.
        because_n: how many grounds there are when ``because`` is already cut.
        own: the kind's own columns; each must be given.

    Raises:
        KeyError: a column of the kind is missing, or one that it lacks was given.
    """
    wanted = {name for name, _ in OWN[kind]}
    if wanted != set(own):
        raise KeyError(f"{kind}: columns {sorted(wanted ^ set(own))} missing or unknown")
    refs = sorted(set(because))
    return {
        "id": finding_id(kind, rule, subject, object),
        "rule": rule,
        "subject": subject,
        "object": object,
        "verdict": verdict,
        "centibits": centibits,
        "because": refs[:BECAUSE_MAX],
        "because_n": len(refs) if because_n is None else because_n,
        "facts": canonical_json(facts or {}),
        **own,
    }


def table(kind: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of a kind as an Arrow table in the kind's schema and order."""
    rows = sorted(rows, key=lambda r: tuple(r[c] for c in ORDER))
    return pa.Table.from_pylist(rows, schema=schema(kind))
