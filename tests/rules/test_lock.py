"""No rule changes without the lock saying so, and none with a version without raising it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mapae.model.errors import RuleRefused
from mapae.rules import lock
from mapae.rules.kinds import CATALOGUE, load_catalogue

INDICATOR = Path("indicators/network/impossible_travel.yml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in (INDICATOR, Path("measures/travel.yml"), Path("tables/sign_ins.yml")):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CATALOGUE / path, tmp_path / path)
    lock.write(load_catalogue(tmp_path))
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_catalogue_just_locked_is_as_the_lock_says(folder: Path) -> None:
    assert lock.check(load_catalogue(folder)) == []
    assert sorted(lock.read(folder / "lock.json")) == [
        *("indicator/network.impossible_travel", "measure/travel", "table/sign_ins")
    ]


def test_a_change_without_a_new_version_is_found_and_cannot_be_locked(folder: Path) -> None:
    change(folder / INDICATOR, "value: 2,", "value: 3,")
    assert "Raise its version" in lock.check(load_catalogue(folder))[0]
    with pytest.raises(RuleRefused, match="its version has not"):
        lock.write(load_catalogue(folder))
    change(folder / INDICATOR, "version: 1", "version: 2")
    assert "Write the lock anew" in lock.check(load_catalogue(folder))[0]
    lock.write(load_catalogue(folder))
    assert lock.check(load_catalogue(folder)) == []


def test_a_changed_measure_a_new_rule_and_a_lost_one_are_found(folder: Path) -> None:
    change(folder / "measures/travel.yml", "250.0", "300.0")
    (folder / "tables/sign_ins.yml").unlink()
    shutil.copy(CATALOGUE / "measures/rhythm.yml", folder / "measures/rhythm.yml")
    found = "\n".join(lock.check(load_catalogue(folder)))
    assert "measure/travel has changed" in found
    assert "measure/rhythm is not in the lock" in found
    assert "table/sign_ins is no longer there" in found


def test_a_lock_that_is_none_is_refused(folder: Path) -> None:
    for text in ("", "[]", '{"a": 1}', "\x00"):
        (folder / "lock.json").write_text(text)
        with pytest.raises(RuleRefused, match="cannot be read"):
            lock.check(load_catalogue(folder))
