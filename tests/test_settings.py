"""Settings: every one has a default and a word of help, and a wrong one is told by name."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from mapae.model.errors import MapaeError
from mapae.settings import Settings, load


def written(folder: Path, text: str) -> Path:
    path = folder / "mapae.toml"
    path.write_text(text, "utf-8")
    return path


def test_without_a_file_or_with_an_empty_one_all_is_default(tmp_path: Path) -> None:
    assert load(tmp_path / "mapae.toml") == load(written(tmp_path, "# nothing\n")) == Settings()


def test_every_setting_has_help_and_can_be_set(tmp_path: Path) -> None:
    given = {
        "inputs": '["a.csv", "b"]', "threads": "4", "memory_mb": "1000", "base_rate": "0.02", "honest_kinds": "1", "as_of": '"2026-01-02"',
        "known_by": "2026-01-03", "weights": '"estimate"', "simulated": "true", "large_table_mb": "0", "base_rate_employee": "0.002",
        "base_rate_applicant": "0.2", "nexus_rate_applicant": "0.003", "alerts_per_week": "7", "alerts_later_per_week": "2",
        "alerts_least_bits": "500",
    }  # fmt: skip
    names = {f.name for f in dataclasses.fields(Settings)}
    assert set(given) == names, "a setting is not tested"
    assert all(f.metadata["help"] for f in dataclasses.fields(Settings))
    read = load(written(tmp_path, "".join(f"{k} = {v}\n" for k, v in given.items())))
    assert read.inputs == ("a.csv", "b") and read.as_of == "2026-01-02" and read.known_by == "2026-01-03"
    assert all(getattr(read, n) != getattr(Settings(), n) for n in names)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("threads = true\n", "threads"), ("threads = -1\n", "threads"), ('threads = "4"\n', "threads"), ("base_rate = 0\n", "base_rate"),
        ("base_rate = 1.0\n", "base_rate"), ("base_rate = nan\n", "base_rate"), ("base_rate = true\n", "base_rate"), ('inputs = "a.csv"\n', "inputs"),
        ("inputs = [1]\n", "inputs"), ("simulated = 1\n", "simulated"), ('as_of = "soon"\n', "as_of"), ("as_of = 5\n", "as_of"),
        ('known_by = "2026-02-30"\n', "known_by"), ('weights = "guess"\n', "weights"), ("honest_kinds = 3\n", "honest_kinds"),
        ("colour = 1\n", "colour"), ("threads = \n", "cannot be read"), ("[section]\nthreads = 1\n", "section"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_told_by_name_with_the_file(text: str, word: str, tmp_path: Path) -> None:
    with pytest.raises(MapaeError) as caught:
        load(written(tmp_path, text))
    assert word in str(caught.value) and str(tmp_path / "mapae.toml") in caught.value.where


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "mapae.toml").write_bytes(b"threads = 1 # \xff\n")
    with pytest.raises(MapaeError, match="cannot be read"):
        load(tmp_path / "mapae.toml")


def test_what_does_not_change_a_result_stays_out_of_manifests() -> None:
    deciding = Settings().deciding()
    assert not {"threads", "memory_mb", "inputs", "large_table_mb"} & set(deciding)
    assert Settings(threads=8, memory_mb=1, inputs=("x",), large_table_mb=1).deciding() == deciding
    assert Settings(base_rate=0.5).deciding() != deciding
