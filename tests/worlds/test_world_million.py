"""The large world for measuring keeps the contract of its tables at any size."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from benchmarks import world_million
from mapae.rules import load
from mapae.rules.kinds import CATALOGUE


def test_rows_columns_and_cardinalities_are_as_told(tmp_path: Path) -> None:
    rows = world_million.write(tmp_path, accounts=5_000, sign_ins=100_000, payouts=15_000, seed=2)
    for name, count in rows.items():
        table = pq.read_table(tmp_path / "inputs" / f"{name}.parquet")
        contract = load.load_file(CATALOGUE / "tables" / f"{name}.yml")["columns"]
        assert table.num_rows == count
        assert set(table.column_names) <= set(contract)
        for column, about in contract.items():
            assert about.get("req") != "yes" or table[column].null_count == 0
    signs = pq.read_table(tmp_path / "inputs" / "sign_ins.parquet")
    assert len(signs["event_id"].unique()) == 100_000
    assert len(signs["ip"].unique()) / 5_000 == pytest.approx(1.5, abs=0.15)
    devices = signs.group_by("account_id").aggregate([("device_id", "count_distinct")])["device_id_count_distinct"]
    assert pc.mean(pc.less_equal(devices, 2)).as_py() > 0.95
    assert "simulated = true" in (tmp_path / "mapae.toml").read_text("utf-8")


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        world_million.write(tmp_path / name, accounts=1_000, sign_ins=5_000, payouts=1_000, seed=3)
    for path in (tmp_path / "a" / "inputs").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / "inputs" / path.name).read_bytes()
