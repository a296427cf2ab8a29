"""One row per address: the first kind in order, a place from one file alone, and nothing where the files cannot tell."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import writing

from mapae.engine.duckdb import DuckDBEngine, StepInputs
from mapae.rules.kinds import load_catalogue
from mapae.settings import Settings
from mapae.sources.addresses import AddressFile
from mapae.sources.addresses.steps import WITH_ADDRESS, step

FLAGS = {"is_anonymous": False, "is_hosting": False, "is_mobile": False, "is_satellite": False}


def made(
    tmp_path: Path,
    files: list[AddressFile],
    *ips: str,
    declared: tuple[tuple[str, str | None, str | None], ...] = (),
    as_of: str = "2026-11-24",
    threads: int = 2,
) -> dict[str, dict[str, Any]]:
    """Rows of ``addresses`` for sign-ins from some addresses, without what is null and folded."""
    engine = DuckDBEngine(threads=threads)
    con = engine.connect()
    for table in WITH_ADDRESS:
        con.execute(f"create table {table} (ip varchar)")
    for place, ip in enumerate(ips):  # spread over the tables; each address twice
        con.execute(f"insert into {WITH_ADDRESS[place % 4]} values (?), (?), (null)", [ip, ip])
    con.execute(
        "create table declared (kind varchar, subject varchar, since timestamptz, until timestamptz, mapae_source varchar, mapae_row bigint)"
    )
    for row, (subject, since, until) in enumerate(declared):
        con.execute(
            "insert into declared values ('network', ?, ?, ?, 's', ?), ('tool', ?, null, null, 's', ?)",
            [subject, since, until, row, subject, row],
        )
    one = step(load_catalogue(), Settings(as_of=as_of), files)
    results = engine.run(one, StepInputs(con, {}, lambda text: None))
    rows: dict[str, dict[str, Any]] = {}
    for table, value in results.items():
        target = tmp_path / "out.parquet"
        engine.write(con, value, target, schema=one.schema[table], order=one.order[table])
        if table.startswith("records/"):
            for row in con.sql(f"select * from '{target}'").to_arrow_table().to_pylist():
                rows[row["ip"]] = {
                    k: v
                    for k, v in row.items()
                    if v is not None and not k.endswith("_folded") and k not in ("ip", "mapae_source", "mapae_row")
                }
    con.close()
    return rows


def ranges(tmp_path: Path, name: str, text: str) -> AddressFile:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text, "utf-8")
    return writing.held(path)


KINDS = ("relay", "tor", "vpn", "proxy", "residential_proxy", "hosting", "mobile", "satellite", "residential")


@pytest.mark.parametrize("place", range(len(KINDS) - 1))
def test_of_two_files_the_kind_that_comes_first_in_order_counts(tmp_path: Path, place: int) -> None:
    files = [
        ranges(tmp_path, f"{n}.txt", f"# network_kind: {kind}\n192.0.2.0/24\n")
        for n, kind in enumerate(KINDS[place : place + 2])
    ]
    row = made(tmp_path, files, "192.0.2.1")["192.0.2.1"]
    assert row["network_kind"] == KINDS[place]
    assert row["kind_file"] == files[0].source16


def test_a_tunnels_operator_comes_from_a_file_that_names_one(tmp_path: Path) -> None:
    nameless = ranges(tmp_path, "vpn.txt", "192.0.2.0/24\n")
    named = writing.held(writing.write_mmdb(tmp_path / "p.mmdb", "ipinfo plus", {"192.0.2.0/24": {**FLAGS, "is_vpn": True, "privacy_name": "Some VPN"}}))  # fmt: skip
    row = made(tmp_path, [nameless, named], "192.0.2.1")["192.0.2.1"]
    assert (row["network_kind"], row["vpn_operator"], row["kind_file"]) == ("vpn", "Some VPN", named.source16)


def test_a_place_is_from_one_file_alone_the_finest(tmp_path: Path) -> None:
    coarse = ranges(tmp_path, "a.csv", "network,country_code,city\n192.0.2.0/24,US,Reston\n198.51.100.0/24,US,Reston\n")
    fine = ranges(tmp_path, "b.csv", "network,country_code,latitude,longitude\n192.0.2.0/24,DE,50.7,7.1\n")
    rows = made(tmp_path, [coarse, fine], "192.0.2.1", "198.51.100.1")
    assert {k: rows["192.0.2.1"].get(k) for k in ("country", "city", "lat", "place_file")} == {
        "country": "DE",
        "city": None,
        "lat": 50.7,
        "place_file": fine.source16,
    }
    assert (rows["198.51.100.1"]["city"], rows["198.51.100.1"]["place_file"]) == ("Reston", coarse.source16)


def test_of_two_places_as_fine_the_file_whose_name_comes_first_counts(tmp_path: Path) -> None:
    files = [
        ranges(tmp_path, f"{n}.csv", f"network,country_code\n192.0.2.0/24,{code}\n")
        for n, code in enumerate(("US", "DE"))
    ]
    first = min(files, key=lambda f: f.source16)
    for given in (files, files[::-1]):
        row = made(tmp_path, given, "192.0.2.1")["192.0.2.1"]
        assert row["place_file"] == first.source16
        assert row["country"] == ("US" if first is files[0] else "DE")


def test_a_registrys_country_is_the_holders_and_no_place(tmp_path: Path) -> None:
    file = ranges(
        tmp_path,
        "delegated",
        "2|apnic|20261123|1|19830613|20261122|+1000\napnic|JP|ipv4|192.0.2.0|256|20091221|allocated\n",
    )
    row = made(tmp_path, [file], "192.0.2.1")["192.0.2.1"]
    assert row == {"network_kind": "unknown", "declared": False, "in_dprk_block": False}


def test_a_label_of_north_korea_outside_its_own_block_is_no_place(tmp_path: Path) -> None:
    file = ranges(
        tmp_path,
        "a.csv",
        "network,country_code,city,latitude,longitude\n57.73.224.0/19,KP,Pyongyang,39,125.7\n175.45.176.0/22,KP,Pyongyang,39,125.7\n",
    )
    rows = made(tmp_path, [file], "57.73.224.1", "175.45.176.1")
    assert rows["57.73.224.1"] == {"network_kind": "unknown", "declared": False, "in_dprk_block": False}
    assert rows["175.45.176.1"]["country"] == "KP" and rows["175.45.176.1"]["in_dprk_block"] is True


def test_a_home_line_is_said_only_where_tunnels_hosting_and_mobile_could_be_told(shared: Path, tmp_path: Path) -> None:
    city, network, flags, carrier = (
        writing.sample(shared, n) for n in ("GeoIP2-City", "GeoLite2-ASN", "GeoIP2-Anonymous-IP", "GeoIP2-ISP")
    )
    home = "89.160.20.112"
    assert made(tmp_path, [city, network], home)[home]["network_kind"] == "unknown"
    assert made(tmp_path, [city, network, flags], home)[home]["network_kind"] == "unknown"  # may be a telephone
    row = made(tmp_path, [city, flags, carrier], home)[home]
    assert (row["network_kind"], row["kind_file"]) == ("residential", flags.source16)
    rows = made(tmp_path, [city, flags, carrier], "71.160.223.1", "175.16.199.5")
    assert rows["71.160.223.1"]["network_kind"] == "hosting"
    assert rows["175.16.199.5"]["network_kind"] == "unknown"  # the carriers' file does not know it


def test_a_telephone_is_told_by_its_operators_number(tmp_path: Path, shared: Path) -> None:
    path = writing.write_mmdb(tmp_path / "isp.mmdb", "GeoIP2-ISP", {"192.0.2.0/24": {"isp": "Mobile", "mobile_country_code": "310", "mobile_network_code": "004"}})  # fmt: skip
    rows = made(tmp_path, [writing.held(path), writing.sample(shared, "GeoIP2-Anonymous-IP")], "192.0.2.1")
    assert rows["192.0.2.1"]["network_kind"] == "mobile"


def test_without_files_and_declarations_only_the_block_has_rows(tmp_path: Path) -> None:
    rows = made(
        tmp_path, [], "175.45.175.255", "175.45.176.0", "175.45.179.255", "175.45.180.0", "192.0.2.1", "2001:db8::1"
    )
    assert {ip: row["in_dprk_block"] for ip, row in rows.items()} == {"175.45.176.0": True, "175.45.179.255": True}
    assert {row["network_kind"] for row in rows.values()} == {"unknown"}


def test_a_block_not_checked_for_too_long_answers_unknown(tmp_path: Path) -> None:
    assert "in_dprk_block" not in made(tmp_path, [], "175.45.176.0", as_of="2030-01-01")["175.45.176.0"]


def test_a_declared_network_is_corporate_before_all_else(tmp_path: Path) -> None:
    files = [ranges(tmp_path, "relay.txt", "192.0.2.0/24\n")]
    rows = made(
        tmp_path,
        files,
        "192.0.2.7",
        "192.0.2.8",
        "2001:db8:1::5",
        declared=(("192.0.2.7", None, None), ("2001:db8:1::/48", None, None), ("the office", None, None)),
    )
    assert rows["192.0.2.7"]["network_kind"] == "corporate" and rows["192.0.2.7"]["kind_file"] == "declared"
    assert (rows["192.0.2.8"]["network_kind"], rows["192.0.2.8"]["declared"]) == ("relay", False)
    assert rows["2001:db8:1::5"]["network_kind"] == "corporate" and rows["2001:db8:1::5"]["declared"] is True


def test_a_declaration_with_bounds_leaves_the_files_kind_for_the_time_outside(tmp_path: Path) -> None:
    files = [ranges(tmp_path, "hosting.txt", "192.0.2.0/24\n")]
    row = made(
        tmp_path, files, "192.0.2.7", declared=(("192.0.2.0/24", "2026-01-01T00:00:00Z", "2026-06-30T00:00:00Z"),)
    )["192.0.2.7"]
    assert (row["network_kind"], row["declared"]) == ("hosting", True)
    assert row["declared_since"] == dt.datetime(2026, 1, 1, tzinfo=dt.UTC) and row["declared_until"] == dt.datetime(
        2026, 6, 30, tzinfo=dt.UTC
    )


def test_a_network_can_be_declared_by_its_number(tmp_path: Path) -> None:
    files = [
        ranges(tmp_path, "a.csv", "network,asn,as_name\n192.0.2.0/24,AS64500,Acme\n198.51.100.0/24,AS64501,Other\n")
    ]
    rows = made(tmp_path, files, "192.0.2.7", "198.51.100.1", declared=(("AS64500", None, None),))
    assert (rows["192.0.2.7"]["network_kind"], rows["198.51.100.1"]["network_kind"]) == ("corporate", "unknown")


def test_the_number_of_a_network_and_its_holder_are_of_one_file(tmp_path: Path) -> None:
    bare = ranges(tmp_path, "a.csv", "network,asn\n192.0.2.0/24,AS64500\n")
    both = ranges(tmp_path, "b.csv", "network,asn,as_name\n192.0.2.0/24,AS64501,Other\n")
    row = made(tmp_path, [bare, both], "192.0.2.7")["192.0.2.7"]
    assert (row["asn"], row["as_org"]) == (64501, "Other")


def test_the_same_rows_come_of_any_number_of_threads(shared: Path, tmp_path: Path) -> None:
    files = [writing.sample(shared, name) for name in writing.SAMPLES]
    ips = [f"{a}.{b}.160.5" for a in range(1, 222, 3) for b in (2, 69, 128)]
    one = made(tmp_path, files, *ips, threads=1)
    held = (tmp_path / "out.parquet").read_bytes()
    assert made(tmp_path, files[::-1], *ips, threads=2) == one
    assert (tmp_path / "out.parquet").read_bytes() == held
