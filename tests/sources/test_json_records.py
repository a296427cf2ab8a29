"""JSON records: the same records whatever holds them, in little memory, with nothing lost where a file is broken."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapae.model.errors import InputRefused
from mapae.sources import json_window
from mapae.sources.json_records import Broken, cell, instant, records

# A test's folder serves all its examples: each writes its file anew.
_SHARED = [HealthCheck.function_scoped_fixture]
_NAMES = st.text("abc", min_size=1, max_size=3)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=6) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_OBJECTS = st.lists(st.dictionaries(_NAMES, _VALUES, max_size=4), max_size=6)
_CONTAINERS = {
    "list": json.dumps,
    "list in many lines": lambda found: json.dumps(found, indent=3),
    "list of lists": lambda found: json.dumps([found[:2], found[2:]]),
    "lines": lambda found: "".join(json.dumps(one) + "\n" for one in found),
    "lines of a Windows program": lambda found: "\ufeff" + "".join(json.dumps(one) + "\r\n" for one in found),
    "objects without line ends": lambda found: " ".join(json.dumps(one, ensure_ascii=False) for one in found),
    "objects in many lines": lambda found: "\n".join(json.dumps(one, indent=1) for one in found),
    "page of Graph": lambda found: json.dumps({"@odata.context": "x", "value": found, "@odata.nextLink": "y"}),
    "page with paging": lambda found: json.dumps({"kind": "k", "paging": {"next": [1]}, "items": found, "etag": None}),
    "pages": lambda found: "\n".join(json.dumps({"Records": one}) for one in (found[:1], found[1:])),
}


def _read(folder: Path, text: str | bytes, name: str = "log.json") -> list[tuple[int, int, Any]]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return list(records(path))


def _whole(found: list[tuple[int, int, Any]]) -> list[Any]:
    return [one for _, _, one in found if not isinstance(one, Broken)]


def _broken(found: list[tuple[int, int, Any]]) -> list[Broken]:
    return [one for _, _, one in found if isinstance(one, Broken)]


@pytest.mark.parametrize("container", _CONTAINERS)
@settings(max_examples=40, deadline=None, suppress_health_check=_SHARED)
@given(objects=_OBJECTS, block=st.integers(1, 40))
def test_every_container_holds_the_same_records_however_the_file_is_cut_into_blocks(
    container: str, tmp_path: Path, objects: list[Any], block: int
) -> None:
    usual = json_window.BLOCK
    json_window.BLOCK = block
    try:
        found = _read(tmp_path, _CONTAINERS[container](objects))
    finally:
        json_window.BLOCK = usual
    assert _whole(found) == objects and not _broken(found)
    assert [number for number, _, _ in found] == list(range(1, len(objects) + 1))


@pytest.mark.parametrize("container", ["list", "list in many lines", "lines", "objects in many lines", "page of Graph"])
@settings(max_examples=60, deadline=None, suppress_health_check=_SHARED)
@given(objects=st.lists(st.fixed_dictionaries({"a": _VALUES, "b": _VALUES}), min_size=1, max_size=4), data=st.data())
def test_a_file_cut_anywhere_gives_its_whole_records_and_one_broken_one_at_the_end(
    container: str, tmp_path: Path, objects: list[Any], data: st.DataObject
) -> None:
    text = _CONTAINERS[container](objects).encode()
    cut = data.draw(st.integers(1, len(text)))
    found = _read(tmp_path, text[:cut])
    whole, broken = _whole(found), _broken(found)
    assert whole == objects[: len(whole)]
    assert len(broken) <= 1 and (not broken or isinstance(found[-1][2], Broken))
    if len(whole) < len(objects) and text[:cut].strip().endswith(b'"'):
        assert broken
    if cut == len(text):
        assert whole == objects and not broken


@settings(max_examples=150, deadline=None, suppress_health_check=_SHARED)
@given(st.text('[]{}",:\\ \n\ta1tn-\u00e9', max_size=40))
def test_no_text_makes_the_reader_fail_or_go_on_for_ever(tmp_path: Path, text: str) -> None:
    found = _read(tmp_path, text)
    assert len(found) <= len(text)


def test_a_record_tells_its_line(tmp_path: Path) -> None:
    text = '[\n {"a": 1,\n  "b": 2},\n\n {"a": 3}\n]'
    assert [(number, line) for number, line, _ in _read(tmp_path, text)] == [(1, 2), (2, 5)]


def test_a_list_of_many_records_on_one_line_takes_the_memory_of_few(tmp_path: Path) -> None:
    one = json.dumps({"a": "x" * 1000})
    path = tmp_path / "large.json"
    path.write_text("[" + ",".join([one] * 35_000) + "]")
    tracemalloc.start()
    count = sum(1 for _ in records(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 35_000 and path.stat().st_size > 30 << 20 and peak < 12 << 20


@pytest.mark.parametrize(
    ("text", "whole", "said"),
    [
        ('{"a":1}\n{"a":2,\n{"a":3}\n', [1, 3], "line 3"),
        ('{"a":1}\n{"a":"x\n{"a":3}\n', [1, 3], "line 2"),
        ('{"a":1}\n}\n{"a":3}', [1, 3], "line 2"),
        ('[{"a":1},{"a":2,,"b":{}},{"a":3}]', [1, 3], "line 1"),
        ('[{"a":1},{"a":2,"b":{"c":1},{"a":3}]', [1, 3], "line 1"),
        ('[{"a":1},oops,{"a":3}]', [1, 3], "line 1"),
        ('[\n{"a":1},\n7,\n{"a":3}]', [1, 3], "line 3 is no object"),
        ('[{"a":1},{"a":3},]', [1, 3], "a comma stands behind the last record"),
        ('{"a":1}\n<html>\n{"a":3}', [1, 3], "line 2"),
        ('[{"a":1},{"b":[1,],"a":2},{"a":3}]', [1, 3], "a comma stands behind the last element"),
        (f'{{"a":1}}\n{{"a":{"9" * 5000}}}\n{{"a":3}}\n', [1, 3], "thousands of digits"),
        (f'{{"a":1}}\n{{"b":{"[" * 100_000}{"]" * 100_000}}}\n{{"a":3}}\n', [1, 3], "nested too deep"),
    ],
)
def test_reading_goes_on_behind_what_is_broken_and_says_what_and_where(
    tmp_path: Path, text: str, whole: list[int], said: str
) -> None:
    found = _read(tmp_path, text)
    assert [one["a"] for one in _whole(found)] == whole
    (broken,) = _broken(found)
    assert said in broken.reason and len(broken.raw.encode()) <= 4096


def test_a_page_that_ends_early_is_told(tmp_path: Path) -> None:
    found = _read(tmp_path, '{"value":[{"a":1}],"next":')
    assert _whole(found) == [{"a": 1}] and len(_broken(found)) == 1


def test_an_object_that_merely_has_a_list_is_a_record(tmp_path: Path) -> None:
    given = [{"id": {"x": 1}, "value": [{"a": 1}]}, {"data": [1, 2]}, {"data": {"items": [{}]}}]
    assert _whole(_read(tmp_path, "".join(json.dumps(one) + "\n" for one in given))) == given


def test_compressed_files_are_read_and_a_cut_one_gives_what_it_holds(tmp_path: Path) -> None:
    packed = gzip.compress(
        "".join(json.dumps({"a": i, "b": f"{i * 7919 % 104729:x}"}) + "\n" for i in range(20_000)).encode()
    )
    assert len(_whole(_read(tmp_path, packed, "log.jsonl.gz"))) == 20_000
    found = _read(tmp_path, packed[: len(packed) // 2], "cut.jsonl.gz")
    whole = _whole(found)
    assert 1000 < len(whole) < 20_000 and whole == [{"a": i, "b": f"{i * 7919 % 104729:x}"} for i in range(len(whole))]
    assert len(_broken(found)) == 1 and "cut off" in _broken(found)[0].reason


def test_other_encodings_are_refused_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="UTF-8") as refused:
        _read(tmp_path, b'{"a":1}\n{"a":"\xe9"}\n')
    assert refused.value.where.endswith("line 2")
    with pytest.raises(InputRefused, match="UTF-8"):
        _read(tmp_path, '{"a":1}'.encode("utf-16"))


def test_nothing_in_a_file_is_no_record(tmp_path: Path) -> None:
    assert [_read(tmp_path, text) for text in (" \n ", "[]", '{"value":[]}')] == [[], [], []]


@pytest.mark.parametrize(
    ("given_", "moment"),
    [
        ("1723564700", "2024-08-13T15:58:20Z"),
        ("1723564700123", "2024-08-13T15:58:20.123Z"),
        ("1723564700123456", "2024-08-13T15:58:20.123Z"),
        ("1723564700123456789", "2024-08-13T15:58:20.123Z"),
        ("1723564700.5", "2024-08-13T15:58:20.500Z"),
        ("1.7235647E12", "2024-08-13T15:58:20Z"),
        (" 2024-08-13T15:58:20Z ", "2024-08-13T15:58:20Z"),
        ("-5", "1969-12-31T23:59:55Z"),
        ("9" * 30, "9" * 30),
        ("yesterday", "yesterday"),
        ("", ""),
    ],
)
def test_numbers_since_1970_are_told_by_their_size_and_all_else_is_left(given_: str, moment: str) -> None:
    assert instant(given_) == moment


@given(st.integers(10**8, 4 * 10**9))
def test_seconds_and_milliseconds_of_one_moment_are_one(seconds: int) -> None:
    assert instant(str(seconds)) == instant(str(seconds * 1000)) == instant(str(seconds * 1_000_000))


@given(_VALUES | st.text(st.characters(), max_size=5))
def test_every_value_becomes_a_text_that_can_be_stored(value: Any) -> None:
    made = cell(value)
    assert made is None or made.encode("utf-8") is not None


def test_cells_keep_numbers_as_written_and_words_of_truth_in_lower_case() -> None:
    assert [cell(one) for one in (1, 34.047, True, None, "", "x", [1, "a"], "\ud800")] == [
        *("1", "34.047", "true", None, None, "x", '[1,"a"]', "\ufffd")
    ]
