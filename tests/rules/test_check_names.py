"""A rule that names what is not there is refused with its line, before any run meets it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mapae.rules.check import problems
from mapae.rules.kinds import CATALOGUE, load_catalogue


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CATALOGUE, tmp_path / "catalogue"))


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("law/us/22usc9214.g1c.yml", "significant]", "signifcant]", "no element is called so"),
        ("law/us/22usc9214.g1c.yml", "exported_worker", "exportd_worker", "no word of facts.yml"),
        ("tables/payouts.yml", "key: [payout_id]", "key: [payout]", "no column is called so"),
    ],
)
def test_a_name_that_stands_for_nothing_is_refused(scratch: Path, file: str, old: str, new: str, says: str) -> None:
    path = scratch / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    found = [p for p in problems(load_catalogue(scratch)) if says in p]
    assert found and str(path) in found[0]
