"""Ids are the question's hash, alike in Python and SQL; findings keep to one envelope."""

from __future__ import annotations

import hashlib

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapae.model import findings, statements
from mapae.model.errors import DONE, NOT_DONE, WRONG_USE, InputRefused, MapaeError, WrongUse
from mapae.model.ids import (
    Ref,
    evidence_ref,
    finding_id,
    finding_id_sql,
    finding_ref,
    parse_ref,
    record_ref,
    statement_ref,
)

# Ids as readers let them through: any text without control characters.
TEXT = st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=20)


@settings(deadline=None, max_examples=50)
@given(TEXT, TEXT, TEXT, TEXT)
def test_the_id_is_the_same_in_python_and_in_sql(kind: str, rule: str, subject: str, object_: str) -> None:
    con = duckdb.connect()
    sql = f"select {finding_id_sql('?', '?', '?', '?')}"
    ((found,),) = con.execute(sql, [kind, rule, subject, object_]).fetchall()
    assert found == finding_id(kind, rule, subject, object_)
    assert len(found) == 32 and set(found) <= set("0123456789abcdef")


@given(st.lists(TEXT, min_size=4, max_size=4), st.lists(TEXT, min_size=4, max_size=4))
def test_two_questions_have_two_ids(one: list[str], other: list[str]) -> None:
    assert (finding_id(*one) == finding_id(*other)) == (one == other)


def test_the_recipe_is_that_of_the_house() -> None:
    text = "flag\x1fnetwork.x\x1faccount:a\x1f"
    assert finding_id("flag", "network.x", "account:a") == hashlib.sha256(text.encode()).hexdigest()[:32]


def test_references_come_apart_as_they_were_put_together() -> None:
    assert parse_ref(record_ref("sign_ins", "ab12", 7)) == Ref("record", "sign_ins", "ab12", "7")
    assert parse_ref(statement_ref("x:y")) == Ref("statement", "", "", "x:y")
    assert parse_ref(finding_ref("f")) == Ref("finding", "", "", "f")
    assert parse_ref(evidence_ref("ab12", "item: with colons")) == Ref("evidence", "", "ab12", "item: with colons")
    for bad in ("", "record", "record:x", "account:a", "finding:", "statement:"):
        with pytest.raises(ValueError):
            parse_ref(bad)


def test_a_row_sorts_its_grounds_and_keeps_their_number() -> None:
    grounds = [f"record:x:s:{n}" for n in range(30)]
    row = findings.row(
        "link",
        rule="r",
        subject="account:a",
        object="account:b",
        verdict="yes",
        because=grounds[::-1] + grounds,
        keys=["device"],
    )
    assert row["because"] == sorted(grounds)[:20] and row["because_n"] == 30
    assert row["id"] == finding_id("link", "r", "account:a", "account:b") and row["facts"] == "{}"


def test_a_row_with_a_column_too_few_or_too_many_is_refused() -> None:
    for own in ({}, {"keys": [], "size": 1}):
        with pytest.raises(KeyError):
            findings.row("link", rule="r", subject="a", verdict="yes", because=[], **own)


@pytest.mark.parametrize("kind", findings.KINDS)
def test_every_kind_has_the_common_columns_first_and_nothing_nullable_but_weights_and_dates(kind: str) -> None:
    schema = findings.schema(kind)
    assert schema.names[:9] == [
        "id",
        "rule",
        "subject",
        "object",
        "verdict",
        "centibits",
        "because",
        "because_n",
        "facts",
    ]
    assert {f.name for f in schema if f.nullable} == {
        f.name for f in schema if f.name == "centibits" or pa.types.is_date(f.type)
    }
    assert not [f for f in schema if pa.types.is_floating(f.type)]  # whole numbers only
    assert findings.table(kind, []).schema == schema


def test_canonical_json_is_one_text_per_value() -> None:
    assert findings.canonical_json({"b": [1, "한"], "a": None}) == '{"a":null,"b":[1,"한"]}'
    with pytest.raises(ValueError):
        findings.canonical_json({"x": float("nan")})


def test_a_statement_s_id_is_follow_the_money_s() -> None:
    assert statements.statement_id("d", "e", "name", "v") == hashlib.sha1(b"d.e.name.v").hexdigest()
    assert statements.statement_id("d", "e", "name", "v", external=True) == hashlib.sha1(b"d.e.name.v.ext").hexdigest()


def test_errors_say_what_where_why_and_what_to_do() -> None:
    problem = MapaeError("What.", where="Here", why="Because.", do="Do this.")
    assert str(problem) == "What.\n  where: Here\n  why: Because.\n  do: Do this."
    assert str(MapaeError("What.")) == "What."
    assert (DONE, problem.exit_code, WrongUse("x").exit_code, InputRefused("x").exit_code) == (
        0,
        NOT_DONE,
        WRONG_USE,
        NOT_DONE,
    )
