"""Address files are known by their content, and give what their vendors' own words say."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import writing

from mapae.model.errors import InputRefused
from mapae.sources.addresses import AddressFile, is_licensed, recognise_address_file
from mapae.sources.addresses.look_up import flattened, forget, look_up, read


def said(files: list[AddressFile], *ips: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What files say, by address and title."""
    titles = {f.source16: f.title for f in files}
    rows = look_up(files, pa.table({"ip": pa.array(ips, pa.string())})).to_pylist()
    return {(r["ip"], titles[r["mapae_source"]]): {k: v for k, v in r.items() if v is not None} for r in rows}


def one(path: Path, *ips: str) -> dict[str, dict[str, Any]]:
    """What one file says, by address."""
    return {ip: row for (ip, _), row in said([writing.held(path)], *ips).items()}


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_the_vendors_samples_say_what_their_readme_says(shared: Path) -> None:
    files = [writing.sample(shared, name) for name in writing.SAMPLES]
    found = said(files, "81.2.69.142", "89.160.20.112", "175.16.199.5", "216.160.83.56", "1.128.0.1", "1.2.0.1", "65.4.3.2", "71.160.223.1", "186.30.236.1", "2001:220::1")  # fmt: skip
    city = "MaxMind GeoIP2-City, build of 2026-02-04"
    assert [found[ip, city]["city"] for ip in ("81.2.69.142", "89.160.20.112", "216.160.83.56")] == [
        "London",
        "Linköping",
        "Milton",
    ]
    assert (found["175.16.199.5", city]["city"], found["175.16.199.5", city]["country"]) == ("Changchun", "CN")
    assert found["2001:220::1", city]["country"] == "KR"
    assert found["81.2.69.142", city]["accuracy_km"] == 10
    network = "MaxMind GeoLite2-ASN, build of 2026-02-04"
    assert found["1.128.0.1", network]["asn"] == 1221
    assert found["216.160.83.56", network]["asn"] == 209 and "as_org" not in found["216.160.83.56", network]
    flags = "MaxMind GeoIP2-Anonymous-IP, build of 2026-02-04"
    kinds = {
        ip: found[ip, flags]["network_kind"]
        for ip in ("81.2.69.142", "1.2.0.1", "65.4.3.2", "71.160.223.1", "186.30.236.1")
    }
    assert kinds == {
        "81.2.69.142": "tor",
        "1.2.0.1": "vpn",
        "65.4.3.2": "tor",
        "71.160.223.1": "hosting",
        "186.30.236.1": "proxy",
    }
    assert {row["file_build"] for row in found.values()} == {"2026-02-04"}


def test_an_address_that_a_file_does_not_know_has_no_row(shared: Path) -> None:
    assert said([writing.sample(shared, "GeoIP2-City")], "10.0.0.1", "not an address") == {}


@pytest.mark.parametrize("size", [40, 400, 5_000, 17_000])
def test_a_database_that_was_cut_off_is_refused_in_words(shared: Path, tmp_path: Path, size: int) -> None:
    whole = (shared / "logs" / "geo" / "GeoIP2-City-Test.mmdb").read_bytes()
    cut = tmp_path / "city.mmdb"
    cut.write_bytes(whole[:size])
    with pytest.raises(InputRefused, match="damaged or cut off") as told:
        recognise_address_file(cut)
    assert str(cut) in told.value.where and "again" in told.value.do


def test_a_database_whose_beginning_is_lost_is_refused_in_words(shared: Path, tmp_path: Path) -> None:
    whole = (shared / "logs" / "geo" / "GeoIP2-City-Test.mmdb").read_bytes()
    cut = tmp_path / "city.mmdb"
    cut.write_bytes(whole[-3000:])
    with pytest.raises(InputRefused, match="damaged or cut off"):
        recognise_address_file(cut)


def test_a_tree_that_leads_into_itself_is_refused_and_not_walked_for_ever(tmp_path: Path) -> None:
    path = writing.write_mmdb(tmp_path / "a.mmdb", "ipinfo lite", {"192.0.2.0/24": {"country_code": "US"}})
    data = bytearray(path.read_bytes())
    data[3:6] = (0).to_bytes(3, "big")  # the right side of the root is the root
    path.write_bytes(bytes(data))
    with pytest.raises(InputRefused, match="damaged") as told:
        recognise_address_file(path)
    assert "itself" in told.value.why or "deeper" in told.value.why


def test_a_database_of_an_unknown_type_is_refused_with_its_type_and_fields(tmp_path: Path) -> None:
    path = writing.write_mmdb(tmp_path / "w.mmdb", "Weather-Stations", {"192.0.2.0/24": {"rain": 3, "sun": True}})
    with pytest.raises(InputRefused, match="not known") as told:
        recognise_address_file(path)
    assert "Weather-Stations" in told.value.why and "rain" in told.value.why


def test_ipinfos_fields_are_read_as_they_are_written(tmp_path: Path) -> None:
    flags = {"is_anonymous": False, "is_hosting": False, "is_mobile": False, "is_satellite": False}
    isp = {"asn": "AS64500", "as_name": "Home Carrier", "as_type": "isp", "country": "Germany", "country_code": "DE"}
    path = writing.write_mmdb(
        tmp_path / "p.mmdb",
        "ipinfo plus.mmdb",
        {
            "192.0.2.0/25": {**isp, **flags, "city": "Bonn", "latitude": 50.7, "longitude": 7.1, "radius": 20},
            "192.0.2.128/26": {**isp, **flags, "is_mobile": True},
            "192.0.2.192/27": {
                **isp,
                **flags,
                "is_anonymous": True,
                "is_vpn": True,
                "is_hosting": True,
                "privacy_name": "Some VPN",
            },
            "192.0.2.224/27": {**isp, **flags, "is_anonymous": True, "is_relay": True, "privacy_name": "Some Relay"},
            "2001:db8::/32": {**isp, **flags, "as_type": "business"},
        },
    )
    found = one(path, "192.0.2.1", "192.0.2.130", "192.0.2.200", "192.0.2.230", "2001:db8::1")
    assert [r.get("network_kind") for r in found.values()] == ["residential", "mobile", "vpn", "relay", None]
    assert found["192.0.2.200"]["vpn_operator"] == "Some VPN" and found["192.0.2.230"]["vpn_operator"] == "Some Relay"
    first = found["192.0.2.1"]
    assert (first["asn"], first["as_org"], first["country"], first["city"]) == (64500, "Home Carrier", "DE", "Bonn")
    assert (first["lat"], first["lon"], first["accuracy_km"]) == (50.7, 7.1, 20)
    assert first["file_build"] == "2026-01-01"


def test_an_access_network_is_no_home_line_where_the_file_has_no_flags(tmp_path: Path) -> None:
    row = {"asn": "AS64500", "as_name": "Home Carrier", "as_type": "isp", "country_code": "DE"}
    path = writing.write_mmdb(tmp_path / "lite.mmdb", "ipinfo lite", {"192.0.2.0/24": row})
    assert "network_kind" not in one(path, "192.0.2.1")["192.0.2.1"]


def test_a_register_of_numbers_gives_the_holders_country_to_nobody(tmp_path: Path) -> None:
    row = {"asn": "AS64500", "name": "Carrier", "type": "isp", "country": "VN", "domain": "c.example"}
    path = writing.write_mmdb(tmp_path / "asn.mmdb", "ipinfo asn", {"192.0.2.0/24": row})
    assert one(path, "192.0.2.1")["192.0.2.1"].get("country") is None


def test_ip2proxys_table_is_known_without_a_header(tmp_path: Path) -> None:
    lines = [
        '"3221225984","3221226239","VPN","NL","Netherlands","Noord-Holland","Amsterdam","Host BV","host.example","DCH","64501","Host BV","3","-","Some VPN"',
        '"3221226240","3221226240","DCH","US","United States","-","-","Cloud","c.example","DCH","64502","Cloud Inc","3","-","-"',
        '"281474007000065","281474007000065","RES","DE","Germany","-","-","ISP","c.example","ISP","64503","ISP","3","-","-"',
    ]
    path = written(tmp_path / "IP2PROXY-LITE-PX11.CSV", "\n".join(lines) + "\n")
    assert recognise_address_file(path) == ("ip2proxy", "IP2Proxy, 15 columns")
    found = one(path, "192.0.2.7", "192.0.3.0", "198.51.100.1")
    assert found["192.0.2.7"]["network_kind"] == "vpn" and found["192.0.2.7"]["vpn_operator"] == "Some VPN"
    assert found["192.0.3.0"]["network_kind"] == "hosting" and found["192.0.3.0"]["asn"] == 64502
    assert found["198.51.100.1"]["network_kind"] == "residential_proxy"


def test_a_table_with_a_header_is_read_by_the_names_of_its_columns(tmp_path: Path) -> None:
    text = "network,autonomous_system_number,autonomous_system_organization\n192.0.2.0/24,64500,Carrier\n192.0.2.128/25,64501,Other\n"
    found = one(written(tmp_path / "blocks.csv", text), "192.0.2.1", "192.0.2.200")
    assert [found[ip]["asn"] for ip in ("192.0.2.1", "192.0.2.200")] == [64500, 64501]
    text = "start_ip;end_ip;country_code;city\n192.0.2.0;192.0.2.9;DE;Bonn\n2001:db8::;2001:db8::ff;US;Reston\n"
    found = one(written(tmp_path / "places.csv", text), "192.0.2.9", "192.0.2.10", "2001:db8::7")
    assert [(ip, row["city"]) for ip, row in found.items()] == [("192.0.2.9", "Bonn"), ("2001:db8::7", "Reston")]


def test_a_registrys_delegations_are_read_by_their_sizes(tmp_path: Path) -> None:
    text = (
        "2|apnic|20261123|3|19830613|20261122|+1000\napnic|*|ipv4|*|2|summary\napnic|JP|asn|173|1|20020801|allocated\n"
        "apnic|KP|ipv4|175.45.176.0|1024|20091221|allocated\napnic|JP|ipv6|2001:200::|32|19990813|allocated\n"
    )
    path = written(tmp_path / "delegated-apnic-latest", text)
    assert recognise_address_file(path) == ("delegated", "address blocks as the registry apnic delegated them")
    found = one(path, "175.45.176.0", "175.45.179.255", "175.45.180.0", "2001:200::1")
    assert {ip: row["country"] for ip, row in found.items()} == {
        "175.45.176.0": "KP",
        "175.45.179.255": "KP",
        "2001:200::1": "JP",
    }
    assert found["175.45.176.0"]["file_build"] == "2026-11-23"


def test_tors_own_list_says_what_it_is(tmp_path: Path) -> None:
    text = "ExitNode 0011BD2485AD45D984EC4159C88FC066E5E3300E\nPublished 2026-11-20 04:16:36\nLastStatus 2026-11-20 05:00:00\nExitAddress 192.0.2.7 2026-11-20 05:14:47\n"
    path = written(tmp_path / "exit-addresses", text)
    assert recognise_address_file(path) == ("tor", "exits of Tor")
    assert one(path, "192.0.2.7", "192.0.2.8")["192.0.2.7"]["network_kind"] == "tor"


def test_apples_own_layout_is_a_list_of_relays_with_places(tmp_path: Path) -> None:
    text = "172.224.226.0/27,DE,DE-NW,Bonn,\n172.224.226.32/31,US,US-VA,,\n2a02:26f7:c9c0::/64,GB,GB-EN,London,\n"
    path = written(tmp_path / "whatever.csv", text)
    assert recognise_address_file(path) == ("geofeed:relay", "places of address ranges (relay)")
    found = one(path, "172.224.226.1", "2a02:26f7:c9c0::5")
    assert {r["network_kind"] for r in found.values()} == {"relay"}
    assert found["172.224.226.1"]["city"] == "Bonn" and found["2a02:26f7:c9c0::5"]["country"] == "GB"
    other = written(tmp_path / "feed.csv", "192.0.2.0/24,DE,DE-NW,Bonn,\n")
    assert recognise_address_file(other) == ("geofeed", "places of address ranges")


def test_the_real_list_of_relay_ranges_is_read(shared: Path) -> None:
    path = shared / "logs" / "relay" / "icloud_private_relay_ranges_excerpt.txt"
    file = writing.held(path)
    assert file.kind == "list:relay"
    made = read(file)
    assert made.read == 500 and made.refused == 0 and made.table.num_rows <= 500


def test_a_bare_list_says_by_its_first_line_or_its_name_what_it_lists(tmp_path: Path) -> None:
    lines = "192.0.2.0/24\n2001:db8::/32\n198.51.100.7 # an exit\n"
    assert recognise_address_file(written(tmp_path / "vpn_ipv4.txt", lines)) == (
        "list:vpn",
        "list of address ranges (vpn)",
    )
    (tmp_path / "datacenter").mkdir()
    told = recognise_address_file(written(tmp_path / "datacenter" / "ipv4.txt", lines))
    assert told is not None and told[0] == "list:hosting"
    told = recognise_address_file(written(tmp_path / "vpn.lst", "# network_kind: tor\n" + lines))
    assert told is not None and told[0] == "list:tor"
    with pytest.raises(InputRefused, match="does not say what they are") as refused:
        recognise_address_file(written(tmp_path / "monitor.txt", lines))
    assert "# network_kind: vpn" in refused.value.do


def test_compressed_lists_are_read_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "vpn.txt.gz"
    path.write_bytes(gzip.compress(b"192.0.2.0/24\n"))
    assert one(path, "192.0.2.3")["192.0.2.3"]["network_kind"] == "vpn"


@pytest.mark.parametrize(
    "text",
    [
        "account_id,happened_at,ip\na,2026-01-01T00:00Z,192.0.2.1\n",
        "a,b\n1,2\n",
        '{"a": 1}\n',
        "no list at all\n",
        "\n\n",
        "name,country\nA,DE\n",
    ],
)
def test_other_files_are_none(tmp_path: Path, text: str) -> None:
    assert recognise_address_file(written(tmp_path / "f.csv", text)) is None


def test_a_list_that_is_mostly_something_else_is_refused_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path / "vpn.txt", "192.0.2.0/24\n" * 60 + "rubbish\n" * 100)
    with pytest.raises(InputRefused, match="more lines that are no addresses") as told:
        read(writing.held(path))
    assert "line 61" in told.value.where


def test_vendors_databases_are_not_copied_and_public_lists_are() -> None:
    assert all(map(is_licensed, ("mmdb", "mmdb:anonymous", "mmdb:carrier", "ip2proxy", "table")))
    assert not any(map(is_licensed, ("delegated", "tor", "list:vpn", "geofeed:relay")))


def test_ranges_are_flattened_once_and_forgotten_with_their_file(shared: Path, tmp_path: Path) -> None:
    file = writing.sample(shared, "GeoIP2-City")
    kept = flattened(file, tmp_path / "ranges")
    assert isinstance(kept, Path)
    made = kept.stat().st_mtime_ns, kept.read_bytes()
    assert flattened(file, tmp_path / "ranges") == kept and (kept.stat().st_mtime_ns, kept.read_bytes()) == made
    ips = pa.table({"ip": ["81.2.69.142", "2001:220::1"]})
    assert look_up([file], ips, folder=tmp_path / "ranges").equals(look_up([file], ips))
    forget([file], tmp_path / "ranges")
    assert kept.exists()
    forget([], tmp_path / "ranges")
    assert not kept.exists()
