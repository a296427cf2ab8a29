"""A rule's file that is not in its form is refused with its line, what is wrong and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from mapae.model.errors import RuleRefused
from mapae.rules import load
from mapae.rules.shapes import SCHEMAS, check_shape

MEASURE = """\
measure: travel
title: How far
grain: account
local: yes
columns:
  hops: {type: int64, unit: hops}
sql: select account_id, count(*) as hops from sign_ins group by account_id
rows: select account_id, 'sign_ins' as table_name, mapae_source, mapae_row from sign_ins
"""


def refusal(text: str, word: str = "measure") -> RuleRefused:
    with pytest.raises(RuleRefused) as caught:
        check_shape(load.load_text(text), word, Path("a.yml"))
    return caught.value


def test_a_measure_in_its_form_passes() -> None:
    check_shape(load.load_text(MEASURE), "measure", Path("a.yml"))


@pytest.mark.parametrize(
    ("old", "new", "line", "why", "do"),
    [
        ("grain: account", "grain: acount", 3, "'acount' is none of account", "whose row it is"),
        ("local: yes", "local: maybe", 4, "'maybe' is none of yes, no", "yes: needs only"),
        ("type: int64", "type: float64", 6, "columns.hops.type: 'float64'", "whole numbers"),
        ("title: How far\n", "title: How far\ncolour: red\n", 3, "unknown key colour", "Known keys here"),
        ("title: How far\n", "", 1, "title missing", "one sentence"),
        ("measure: travel", "measure: Travel!", 1, "is not of the form", "small letters"),
        ("title: How far", "title: [a]", 2, "a list where a text belongs", "one sentence"),
        ("columns:\n  hops: {type: int64, unit: hops}", "columns: {}", 5, "columns", "name: {type"),
    ],
)
def test_a_breach_is_named_with_line_and_remedy(old: str, new: str, line: int, why: str, do: str) -> None:
    refused = refusal(MEASURE.replace(old, new))
    assert refused.where == f"a.yml:{line}"
    assert why in refused.why
    assert do in refused.do


@pytest.mark.parametrize("text", ["", "- a", "just text", "3"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert "Begin the file with 'measure:'" in refusal(text).do


def test_every_schema_says_what_to_write_at_each_plain_value() -> None:
    import json

    def silent(schema: object, at: str) -> list[str]:
        if not isinstance(schema, dict):
            return []
        mine = [at] if ("enum" in schema or "pattern" in schema) and "description" not in schema else []
        below = [(f"{at}.{k}", v) for k, v in schema.get("properties", {}).items()]
        below += [
            (f"{at}.{k}", schema[k]) for k in ("items", "additionalProperties") if isinstance(schema.get(k), dict)
        ]
        return mine + [s for place, inner in below for s in silent(inner, place)]

    for path in sorted(SCHEMAS.glob("*.json")):
        assert silent(json.loads(path.read_text("utf-8")), path.stem) == []
