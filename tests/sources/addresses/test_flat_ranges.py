"""Flattened ranges answer as the vendors' library does, whatever the address, and the most specific range wins."""

from __future__ import annotations

import ipaddress
import itertools
from pathlib import Path

import maxminddb
import pyarrow as pa
import pytest
import writing
from hypothesis import given, settings
from hypothesis import strategies as st

from mapae.sources.addresses import fields
from mapae.sources.addresses.flatten import flatten
from mapae.sources.addresses.look_up import look_up, read
from mapae.sources.addresses.numbers import halves, of_texts, parse_address, parse_range, signed

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20), st.integers(0, 4)), max_size=12)


@given(SPANS)
def test_the_smallest_range_around_a_number_speaks_and_no_two_overlap(drawn: list[tuple[int, int, int]]) -> None:
    spans = [(low, low + more, value) for low, more, value in drawn]
    flat = flatten(spans)
    assert all(a[1] < b[0] for a, b in itertools.pairwise(flat))
    for number in range(90):
        around = [
            (high - low, -place, value)
            for place, (low, high, value) in enumerate(spans_in_order(spans))
            if low <= number <= high
        ]
        found = [value for low, high, value in flat if low <= number <= high]
        assert found == ([min(around)[2]] if around else [])


def spans_in_order(spans: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """As they are met from the left: of two of one size the one met later wins."""
    return sorted(spans, key=lambda s: s[0])


def test_neighbours_that_say_the_same_become_one() -> None:
    assert flatten([(0, 4, 1), (5, 9, 1), (11, 12, 1)]) == [(0, 9, 1), (11, 12, 1)]


@given(st.integers(0, (1 << 128) - 1), st.integers(0, (1 << 128) - 1))
def test_stored_halves_sort_as_addresses_do(one: int, other: int) -> None:
    high, low = halves([one, other])
    stored = list(zip(signed(high).tolist(), signed(low).tolist(), strict=True))
    assert (stored[0] < stored[1]) == (one < other)


@given(st.integers(0, (1 << 32) - 1), st.integers(0, (1 << 128) - 1))
def test_texts_of_records_become_the_numbers_of_files(four: int, six: int) -> None:
    texts = [str(ipaddress.IPv4Address(four)), str(ipaddress.IPv6Address(six))]
    family, high, low = of_texts(texts)
    assert family.tolist() == [4, 6]
    assert [int(h) << 64 | int(n) for h, n in zip(high, low, strict=True)] == [four, six]


def test_ipv4_written_as_ipv6_is_ipv4() -> None:
    assert parse_address("::ffff:192.0.2.1") == parse_address("192.0.2.1")
    assert parse_range("::ffff:192.0.2.0/120") == parse_range("192.0.2.0/24")


def edges(file_: Path) -> list[str]:
    """First and last address of each of a database's own ranges, and those beside them."""
    found: dict[str, None] = {}
    with maxminddb.open_database(str(file_)) as reader:
        for network, _ in reader:
            low, high, kind = (
                int(network.network_address),
                int(network.broadcast_address),
                type(network.network_address),
            )
            for number in (low - 1, low, high, high + 1):
                if 0 <= number < 1 << network.max_prefixlen:
                    found[str(kind(number))] = None
    return list(found)


def compared(file_: Path, ips: list[str]) -> None:
    """Look addresses up both ways."""
    file = writing.held(file_)
    rows = {r["ip"]: r for r in look_up([file], pa.table({"ip": pa.array(ips, pa.string())})).to_pylist()}
    with maxminddb.open_database(str(file_)) as reader:
        for ip in ips:
            address = ipaddress.ip_address(ip)
            if isinstance(address, ipaddress.IPv6Address) and (
                address.ipv4_mapped or address.sixtofour or address.teredo
            ):
                continue  # looked up as IPv4, or not at all
            record = reader.get(address)
            wanted = fields.values(record) if isinstance(record, dict) else fields.EMPTY
            row = rows.get(ip)
            found = fields.EMPTY if row is None else fields.Values(*(row[name] for name in fields.Values._fields))
            assert found == wanted, ip


@pytest.mark.parametrize("name", writing.SAMPLES)
def test_at_every_edge_of_every_range_the_answer_is_the_librarys(shared: Path, name: str) -> None:
    path = shared / "logs" / "geo" / f"{name}-Test.mmdb"
    compared(path, edges(path))


@settings(max_examples=15, deadline=None)
@given(
    four=st.lists(st.integers(0, (1 << 32) - 1), max_size=200),
    six=st.lists(st.integers(0x2000 << 112, 0x2FFF << 112), max_size=200),
)
def test_for_random_addresses_the_answer_is_the_librarys(shared: Path, four: list[int], six: list[int]) -> None:
    ips = [str(ipaddress.IPv4Address(n)) for n in four] + [str(ipaddress.IPv6Address(n)) for n in six]
    compared(shared / "logs" / "geo" / "GeoIP2-City-Test.mmdb", sorted(set(ips)))


def test_the_same_file_gives_the_same_rows(shared: Path) -> None:
    file = writing.sample(shared, "GeoIP2-ISP")
    assert read(file).table.equals(read(file).table)
