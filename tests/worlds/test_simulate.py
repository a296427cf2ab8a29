"""Simulated platforms: repeatable, marked, complete, and silent about their truth."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mapae.model.errors import MapaeError, WrongUse
from mapae.rules import load
from mapae.rules.kinds import CATALOGUE
from mapae.settings import load as load_settings
from mapae.worlds import write
from mapae.worlds.parameters import FOLDER, parameters
from mapae.worlds.write import simulate

N = 6_000


def read(folder: Path, name: str) -> list[dict[str, Any]]:
    """Rows of one input table, whatever its format."""
    for path in (folder / "inputs").glob(f"{name}.*"):
        if path.suffix == ".parquet":
            rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
            return rows
        if path.suffix == ".jsonl":
            return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    raise FileNotFoundError(name)


def truth(folder: Path, name: str = "accounts") -> list[dict[str, str]]:
    with (folder / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    simulate(folder, N, 7)
    return folder


@pytest.fixture(scope="module")
def null_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("null")
    simulate(folder, 2_000, 7, null=True)
    return folder


def test_same_arguments_give_the_same_bytes_and_another_seed_gives_others(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        simulate(tmp_path / name, 300, seed)
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    same = {n for n, h in hashes(tmp_path / "a").items() if hashes(tmp_path / "c")[n] == h}
    assert not {n for n in same if n.startswith("inputs/")}


def test_the_workspace_says_that_it_is_simulated(world: Path) -> None:
    assert load_settings(world / "mapae.toml").simulated


def test_truth_stands_outside_inputs_and_no_input_tells_it(world: Path) -> None:
    assert {p.name for p in (world / "truth").iterdir()} == {"accounts.csv", "rings.csv"}
    given = parameters()
    told = {k.name for k in given.others + given.rings + given.alone} | {
        "misrepresented",
        "dprk",
        "laptop farm",
        "ring-0",
    }
    for path in (world / "inputs").iterdir():
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            text = " ".join(table.column_names) + " ".join(
                str(v)
                for name in table.column_names
                if pa.types.is_string(table.schema.field(name).type)
                for v in table[name].unique().to_pylist()
            )
        else:
            text = path.read_text("utf-8")
        assert not {word for word in told if word in text.lower()}, path.name


@pytest.mark.parametrize(
    "name",
    [
        "accounts",
        "sign_ins",
        "identity_checks",
        "payouts",
        "payments",
        "wallet_transfers",
        "ownership",
        "bids",
        "messages",
        "contracts",
        "declared",
    ],
)
def test_tables_keep_their_contract(world: Path, name: str) -> None:
    contract = load.load_file(CATALOGUE / "tables" / f"{name}.yml")
    rows = read(world, name)
    assert rows
    assert set(rows[0]) <= set(contract["columns"])
    required = [column for column, about in contract["columns"].items() if about.get("req") == "yes"]
    for row in rows:
        assert all(row[column] not in (None, "") for column in required)
    if contract["kind"] == "event":
        keys = [tuple(row[c] for c in contract["key"]) for row in rows]
        assert len(set(keys)) == len(keys)
    words = {c: set(about["words"]) for c, about in contract["columns"].items() if "words" in about and c in rows[0]}
    for column, known in words.items():
        assert {row[column] for row in rows} - {None, ""} <= known


def test_both_readers_and_the_third_have_work(world: Path) -> None:
    assert {p.suffix for p in (world / "inputs").iterdir()} == {".csv", ".parquet", ".jsonl"}


def test_one_in_seventy_seven_is_misrepresented_and_one_in_343_by_a_ring() -> None:
    from mapae.worlds.rings import numbers

    assert numbers(parameters(), 20_000) == (46, 12, 200)
    assert numbers(parameters(), 343_000) == (800, 200, 3430)
    assert numbers(parameters(), 2_000) == (18, 0, 8)


def test_shares_of_kinds_are_those_of_the_parameters(world: Path) -> None:
    rows = truth(world)
    assert len(rows) == N
    honest = [r for r in rows if r["misrepresented"] == "false"]
    for kind in parameters().honest:
        seen = sum(1 for r in honest if r["kind"] == kind.name)
        assert seen == pytest.approx(kind.share * len(honest), abs=15)


def test_three_rings_of_three_kinds_one_reaching_a_wallet_one_an_owner_one_nobody(world: Path) -> None:
    rings = [r for r in truth(world, "rings") if r["dprk"] == "true"]
    given = parameters()
    assert {r["kind"]: r["nexus"] for r in rings} == {
        "laptop_farm": given.nexus["owner"]["value"],
        "identity_market": "none",
        "overseas_team": given.nexus["wallet"]["value"],
    }
    assert all(int(r["members"]) >= 6 for r in rings)


def test_money_of_the_overseas_team_reaches_the_listed_wallet(world: Path) -> None:
    given = parameters()
    listed = given.nexus["wallet"]["value"]
    team = {r["account_id"] for r in truth(world) if r["kind"] == "overseas_team"}
    sent = read(world, "wallet_transfers")
    gathering = {t["from_address"] for t in sent if t["to_address"] == listed}
    assert len(gathering) == 1
    pools = {t["from_address"] for t in sent if t["to_address"] in gathering}
    paid = {p["account_id"] for p in read(world, "payouts") if p["destination_id"] in pools}
    assert paid and paid <= team
    got = sum(float(t["amount_usd"]) for t in sent if t["to_address"] in gathering)
    on = sum(float(t["amount_usd"]) for t in sent if t["to_address"] == listed)
    assert on / got == pytest.approx(given["state_take"], abs=0.001)


def test_the_laptop_farms_payee_is_owned_through_two_companies_by_the_listed_one(world: Path) -> None:
    owned: dict[str, list[str]] = {}
    for row in read(world, "ownership"):
        owned.setdefault(row["owner_id"], []).append(row["owned_id"])
    at = [parameters().nexus["owner"]["value"]]
    for _ in range(3):
        at = [b for a in at for b in owned[a]]
    farm = {r["account_id"] for r in truth(world) if r["kind"] == "laptop_farm"}
    paid = {p["account_id"] for p in read(world, "payouts") if p["destination_id"] in at}
    assert paid and paid <= farm
    onward = [p for p in read(world, "payments") if p["debtor_id"] in at]
    assert onward and all("simulated" in p["purpose"] for p in onward)


def test_the_identity_market_has_about_three_accounts_an_identity(tmp_path: Path) -> None:
    simulate(tmp_path, 20_000, 5)
    ring = {r["account_id"] for r in truth(tmp_path) if r["kind"] == "identity_market"}
    papers = {r["id_document_number"] for r in read(tmp_path, "accounts") if r["account_id"] in ring}
    assert 1.8 <= len(ring) / len(papers) <= 4.5


def test_what_makes_inputs_never_looks_at_labels() -> None:
    room = Path(write.__file__).parent
    for name in ("profiles", "traces", "lines", "work", "money", "onward", "addresses"):
        text = (room / f"{name}.py").read_text("utf-8")
        assert not {word for word in (".misrepresented", ".dprk", ".ring[") if word in text}, name


def test_a_null_world_keeps_its_labels_and_nothing_else(null_world: Path) -> None:
    rows = truth(null_world)
    guilty = [r for r in rows if r["misrepresented"] == "true"]
    assert len(guilty) == 26 and sum(r["dprk"] == "true" for r in guilty) == 18
    assert {r["kind"] for r in rows} <= {k.name for k in parameters().honest}
    for name in ("ownership", "wallet_transfers", "payments"):
        values = {v for row in read(null_world, name) for v in row.values()}
        assert not values & {n["value"] for n in parameters().nexus.values()}


def test_addresses_and_domains_belong_to_nobody(world: Path) -> None:
    import ipaddress

    reserved = (ipaddress.ip_network("240.0.0.0/4"), ipaddress.ip_network("2001:db8::/32"))
    for ip in {row["ip"] for row in read(world, "sign_ins")}:
        assert any(
            ipaddress.ip_address(ip) in net for net in reserved if net.version == ipaddress.ip_address(ip).version
        )
    for row in read(world, "accounts"):
        assert row["email"].split("@")[1] in ("example.com", "example.net", "example.org")
        assert row["phone"].startswith("hmac:") and row["id_document_number"].startswith("hmac:")


def test_one_sign_in_in_twenty_fails_and_each_account_has_about_25(world: Path) -> None:
    rows = read(world, "sign_ins")
    assert 22 <= len(rows) / N <= 28
    assert sum(r["outcome"] == "failure" for r in rows) / len(rows) == pytest.approx(0.05, abs=0.005)
    assert {r["happened_at"].utcoffset().total_seconds() for r in rows[:1000]} == {0.0}


def test_addresses_per_person_and_relay_users_follow_the_cited_figures(world: Path) -> None:
    rows = read(world, "sign_ins")
    pairs = {(r["account_id"], r["ip"]) for r in rows if ":" not in r["ip"]}
    people = {a for a, _ in pairs}
    assert len(pairs) / len(people) == pytest.approx(parameters()["addresses_per_person"], rel=0.35)
    relayed = {r["account_id"] for r in rows if r["network_kind"] == "relay" and r["outcome"] == "success"}
    assert len(relayed) / N == pytest.approx(parameters()["relay_people"], rel=0.2)


def test_honest_people_share_too(world: Path) -> None:
    kind = {r["account_id"]: r["kind"] for r in truth(world)}
    shared: dict[str, set[str]] = {}
    for row in read(world, "payouts"):
        shared.setdefault(row["destination_id"], set()).add(row["account_id"])
    kinds = {kind[a] for who in shared.values() if len(who) > 1 for a in who}
    assert {"declared_agency", "undeclared_agency", "declared_family"} <= kinds
    declared = {row["subject"] for row in read(world, "declared") if row["kind"] in ("team", "household")}
    assert {kind[a] for a in declared} == {"declared_agency", "declared_family"}


def test_a_used_folder_and_odd_numbers_are_refused(tmp_path: Path) -> None:
    for accounts in (99, 1_000_001):
        with pytest.raises(WrongUse):
            simulate(tmp_path / "x", accounts, 1)
    with pytest.raises(WrongUse):
        simulate(tmp_path / "x", 100, -1)
    simulate(tmp_path / "small", 100, 1)
    with pytest.raises(MapaeError):
        simulate(tmp_path / "small", 100, 1)
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "mapae.toml").write_text("threads = 1\n", "utf-8")
    with pytest.raises(MapaeError):
        simulate(tmp_path / "set", 100, 1)


def test_every_parameter_is_cited_or_says_why() -> None:
    data = load.load_file(FOLDER / "platform.yml")
    known = load.load_file(CATALOGUE / "citations.yml")
    for name, about in data["parameters"].items():
        assert about["mark"] in ("sourced", "analysis"), name
        assert about.get("why"), name
        assert about["mark"] != "sourced" or about.get("cites"), name
    cited = [
        key
        for part in ("parameters", "nexus", "honest", "rings", "alone")
        for about in data[part].values()
        for key in about.get("cites", ())
    ]
    assert not set(cited) - set(known)
