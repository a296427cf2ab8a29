"""Statements: one dated, sourced value of one property, in FollowTheMoney's columns and by its id recipe."""

from __future__ import annotations

import hashlib

import pyarrow as pa

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("entity_id", pa.string(), nullable=False),
        pa.field("schema", pa.string(), nullable=False),
        pa.field("prop", pa.string(), nullable=False),
        pa.field("prop_type", pa.string(), nullable=False),
        pa.field("value", pa.string(), nullable=False),
        pa.field("original_value", pa.string(), nullable=False),
        pa.field("lang", pa.string(), nullable=False),
        pa.field("dataset", pa.string(), nullable=False),
        pa.field("external", pa.bool_(), nullable=False),
        pa.field("first_seen", pa.string(), nullable=False),
        pa.field("last_seen", pa.string(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("mapae_source", pa.string(), nullable=False),
        pa.field("mapae_row", pa.int64(), nullable=False),
    ]
)
# Statements are stored sorted by these.
ORDER = ("entity_id", "prop", "value", "id", "mapae_row")


def statement_id(dataset: str, entity_id: str, prop: str, value: str, external: bool = False) -> str:
    """FollowTheMoney's own recipe of a statement's id (``Statement.make_key``): SHA-1 of the dotted parts."""
    key = f"{dataset}.{entity_id}.{prop}.{value}"
    if external:
        key += ".ext"
    return hashlib.sha1(key.encode()).hexdigest()  # noqa: S324 - FollowTheMoney's recipe, no security rests on it
