"""A file is known by its name or folder where it is a table, by its content where it is not."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, cast

import pytest
from tabled import table_rules, written

from mapae.model.errors import InputRefused
from mapae.rules.kinds import Catalogue
from mapae.rules.load import load_text
from mapae.sources.recognise import recognise


@dataclasses.dataclass
class Lists:
    """A list's rule as far as recognising needs it."""

    data: Any


CATALOGUE = cast(
    Catalogue,
    type("Known", (), {"tables": table_rules(), "lists": {
        "one": Lists(load_text("recognise: {root: Sanctions, namespace_has: ADVANCED_XML}")),
        "two": Lists(load_text("recognise: {root: CONSOLIDATED_LIST}")),
        "three": Lists(load_text("recognise: {root: sdnList}")),
    }})(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("accounts.csv", "accounts"),
        ("Sign_Ins.2026-10.parquet", "sign_ins"),
        ("sign-ins.2026.csv.gz", "sign_ins"),
        ("sign_ins/part-1.parquet", "sign_ins"),
        ("payouts.jsonl", "payouts"),
        ("payouts/2026/x.csv", ""),
        ("my accounts.csv", ""),
        ("accounts.pdf", ""),
        ("evidence.csv", ""),
    ],
)
def test_a_table_is_known_by_name_or_folder(tmp_path: Path, name: str, table: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    what, found = recognise(written(tmp_path, name, "x\n"), CATALOGUE)
    assert (what, found) == ("table", table) if table else what == "unknown" and found


def test_lists_are_known_by_root_and_namespace(tmp_path: Path) -> None:
    advanced = '<?xml version="1.0"?><!-- <x> --><Sanctions xmlns="https://example.org/ADVANCED_XML"><a/></Sanctions>'
    assert recognise(written(tmp_path, "a.xml", advanced), CATALOGUE) == ("list", "one")
    assert recognise(written(tmp_path, "b.dat", "\ufeff<CONSOLIDATED_LIST/>"), CATALOGUE) == ("list", "two")
    assert recognise(written(tmp_path, "c.xml", '<n:sdnList xmlns:n="y">'), CATALOGUE) == ("list", "three")
    assert recognise(written(tmp_path, "d.xml", '<Sanctions xmlns="other">'), CATALOGUE)[0] == "unknown"
    assert recognise(written(tmp_path, "e.xml", "<html>"), CATALOGUE)[0] == "unknown"


def test_evidence_and_entities_are_known_by_content(tmp_path: Path) -> None:
    flow = '- {id: k1, subject: "party:x", fact: hosted, says: kept laptops}\n'
    block = "# read\n- id: k1\n  subject: party:x\n  fact: hosted\n"
    assert recognise(written(tmp_path, "evidence.yaml", flow), CATALOGUE) == ("evidence", "evidence")
    assert recognise(written(tmp_path, "read.yml", block), CATALOGUE) == ("evidence", "evidence")
    assert recognise(written(tmp_path, "other.yml", "a: b\n"), CATALOGUE)[0] == "unknown"
    entity = '{"id": "e1", "schema": "Person", "properties": {"name": ["x"]}}\n'
    assert recognise(written(tmp_path, "entities.ftm.json", entity), CATALOGUE) == ("entities", "ftm")


def test_what_is_not_known_says_so_and_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    what, why = recognise(written(tmp_path, "notes.txt", "hello\n"), CATALOGUE)
    assert what == "unknown" and "accounts" in why
    with pytest.raises(InputRefused):
        recognise(tmp_path, CATALOGUE)
    with pytest.raises(InputRefused):
        recognise(written(tmp_path, "empty.xml", ""), CATALOGUE)
