"""XML and packed files: what is dangerous, cut short or not what it says is refused in words; the rest streams."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import os
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapae.model.errors import InputRefused
from mapae.sources import xml
from mapae.sources.compressed import USUAL, Limits, Unpacked

PLAIN = b'<?xml version="1.0" encoding="utf-8"?>\n<List xmlns="urn:x"><Entry n="1">one</Entry><Other/><Entry n="2">\xc3\xa9</Entry></List>'
SMALL = Limits(unpacked=4 << 20, ratio=50, free=1 << 20)


def write(folder: Path, data: bytes, name: str = "list.xml") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def entries(path: Path, limits: Limits = USUAL) -> list[tuple[str | None, str | None]]:
    return [(e.get("n"), e.text) for _, e in xml.elements(path, ("Entry",), limits)]


def refused(path: Path, limits: Limits = USUAL) -> str:
    with pytest.raises(InputRefused) as caught:
        entries(path, limits)
    error = caught.value
    assert str(path) in error.where, "the message names the file"
    assert error.why and error.do and error.what.endswith("."), "the message says why, and what to do"
    return str(error)


def zipped(data: bytes, *names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("list.xml",):
            archive.writestr(name, data)
    return made.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": zipped,
    "plain": bytes,
}


@pytest.mark.parametrize("packer", sorted(PACKERS))
def test_elements_come_out_however_the_file_is_packed(tmp_path: Path, packer: str) -> None:
    path = write(tmp_path, PACKERS[packer](PLAIN), "named.wrongly")
    assert entries(path) == [("1", "one"), ("2", "é")]
    assert xml.root(path) == xml.Root("urn:x", "List")


def test_two_packed_streams_in_one_file_are_one_text(tmp_path: Path) -> None:
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        assert entries(write(tmp_path, pack(PLAIN[:60]) + pack(PLAIN[60:]))) == [("1", "one"), ("2", "é")]


@pytest.mark.parametrize("packer", sorted(PACKERS))
@given(data=st.binary(min_size=1, max_size=400_000).map(lambda b: b * 3), size=st.integers(1, 70_000))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_unpacking_gives_back_every_byte(tmp_path: Path, packer: str, data: bytes, size: int) -> None:
    data = b"x" + data  # begins with no packing's mark
    with Unpacked(write(tmp_path, PACKERS[packer](data)), Limits(ratio=10**9)) as unpacked:
        out = b"".join(iter(lambda: unpacked.read(size), b""))
    assert out == data


BILLION = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><List><Entry>&b;</Entry></List>'
OUTSIDE = b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><List><Entry>&x;</Entry></List>'


@pytest.mark.parametrize(
    "attack", [BILLION, OUTSIDE, b'<?xml version="1.0"?>\n\n<!DOCTYPE List SYSTEM "http://a.test/x.dtd"><List/>']
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_before_anything_expands(tmp_path: Path, attack: bytes, encoding: str) -> None:
    path = write(tmp_path, attack.decode().encode(encoding))
    assert "declares a document type" in refused(path)
    with pytest.raises(InputRefused, match="document type"):
        xml.root(path)


def test_an_encoding_that_could_hide_a_declaration_is_refused(tmp_path: Path) -> None:
    assert "UTF-7" in refused(write(tmp_path, b'<?xml version="1.0" encoding="UTF-7"?>+ADw-List/+AD4-'))


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zip"])
def test_a_bomb_is_refused_and_memory_stays(tmp_path: Path, packer: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bomb = b"<List>" + b" " * (40 << 20) + b"<Entry/></List>"
    path = write(tmp_path, PACKERS[packer](bomb))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "unpacks to too much" in refused(path, SMALL)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - max(before, grown) < 64 << 10, "kB"


def test_a_plain_file_beyond_the_bound_is_refused(tmp_path: Path) -> None:
    assert "unpacks to too much" in refused(write(tmp_path, b"<List>" + b"<Entry/>" * 900_000 + b"</List>"), SMALL)


def test_a_flood_of_tags_without_an_entry_is_refused(tmp_path: Path) -> None:
    assert "not built like an official list" in refused(write(tmp_path, b"<List>" + b"<a/>" * 900_000 + b"</List>"))


def test_nesting_without_end_is_refused(tmp_path: Path) -> None:
    refused(write(tmp_path, b"<List>" + b"<a>" * 5000))


def test_one_huge_text_is_refused(tmp_path: Path) -> None:
    refused(write(tmp_path, b"<List><Entry>" + b"x" * (11 << 20) + b"</Entry></List>"))


@pytest.mark.parametrize("packer", sorted(PACKERS))
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_file_cut_short_is_refused(tmp_path: Path, packer: str, share: float) -> None:
    packed = PACKERS[packer](PLAIN.replace(b"<Other/>", os.urandom(3000).hex().encode()))
    refused(write(tmp_path, packed[: int(len(packed) * share)]))


def test_a_download_broken_off_is_called_so_with_its_line(tmp_path: Path) -> None:
    said = refused(write(tmp_path, b"<List>\n<Entry>1</Entry>\n<Entry>2"))
    assert "ends in the middle" in said and "line 3" in said


def test_malformed_xml_is_refused_with_its_line(tmp_path: Path) -> None:
    said = refused(write(tmp_path, b"<List>\n<Entry>1</Entree>\n</List>\n"))
    assert "not well-formed" in said and "line 2" in said


def test_bytes_of_another_encoding_are_refused(tmp_path: Path) -> None:
    assert "encoding" in refused(
        write(tmp_path, b'<?xml version="1.0" encoding="utf-8"?><List><Entry>caf\xe9 </Entry></List>')
    )


def test_a_web_page_in_place_of_a_list_is_called_so(tmp_path: Path) -> None:
    assert "web page" in refused(write(tmp_path, b"<!DOCTYPE html><html><body>Log in</body></html>"))


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "empty"), (b"  \n ", "empty"), (b"id,name\n1,a\n", "no XML"), (b"\x00\x01\x02" * 99, "no text")],
)
def test_what_is_no_xml_is_called_so(tmp_path: Path, data: bytes, said: str) -> None:
    assert said in refused(write(tmp_path, data))


def test_a_folder_an_absent_file_and_a_closed_one_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "folder" in refused(tmp_path)
    assert "is not there" in refused(tmp_path / "absent.xml")
    path = write(tmp_path, PLAIN)

    def deny(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)  # a mode of 0 does not stop root, who may run the tests
    assert "may not be read" in refused(path)


def test_an_archive_of_several_files_is_refused(tmp_path: Path) -> None:
    assert "holds 2 files" in refused(write(tmp_path, zipped(PLAIN, "a.xml", "b.xml")))


@given(
    cut=st.integers(0, len(PLAIN)),
    at=st.integers(0, len(PLAIN) - 1),
    byte=st.integers(0, 255),
    packer=st.sampled_from(sorted(PACKERS)),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_gives_elements_or_a_refusal_and_nothing_else(
    tmp_path: Path, cut: int, at: int, byte: int, packer: str
) -> None:
    packed = bytearray(PACKERS[packer](PLAIN))
    packed[at % len(packed)] = byte
    path = write(tmp_path, bytes(packed[: max(cut, 1)]))
    with contextlib.suppress(InputRefused):
        entries(path)
    with contextlib.suppress(InputRefused):
        xml.root(path)
