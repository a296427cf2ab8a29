"""names compare: an answer in words, bits and reasons, for people and for programs."""

from __future__ import annotations

import json

from click.testing import CliRunner

from mapae.cli.main import cli


def _said(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["names", "compare", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_first_line_is_the_answer_and_the_others_say_why() -> None:
    lines = _said("Muhammad bin Salman", "Mohammed bin Salman").splitlines()
    assert lines[0].startswith("match (+")
    assert any("two spellings of one name" in line for line in lines[1:])
    assert _said("Bashar al-Assad", "Hafez al-Assad").startswith("no match (-")


def test_a_schema_decides_what_is_compared() -> None:
    assert _said("Korea Kumgang Bank", "Korea Kumgang Bank 2", "--schema", "Company").startswith("possible (")
    assert _said("조선금강은행", "Korea Kumgang Bank", "--schema", "Company").startswith("match (")


def test_json_says_the_same() -> None:
    told = json.loads(_said("OAO Gazprom", "Gazprom JSC", "--schema", "Company", "--json"))
    assert told["match"] is True
    assert told["verdict"] == "match"
    assert told["bits"] == told["centibits"] / 100
    assert told["why"]


def test_empty_names_are_answered() -> None:
    told = json.loads(_said("", "", "--json"))
    assert told["match"] is False
    assert told["why"] == ["no name to compare"]
