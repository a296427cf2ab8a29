"""Streams elements out of XML of any size, and refuses what is dangerous, cut short or not what it says.

No entity is resolved, no DTD read, no network touched; a document type declaration is refused before it is parsed.
Memory is bounded by the largest single element of interest, and that by limits of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from mapae.model.errors import InputRefused
from mapae.sources.compressed import USUAL, Limits, Unpacked

# The root element must begin within this many bytes; official lists have it within 200.
_PROLOG = 64 * 1024
# Bytes and tags that may stand between two elements of interest. The longest stretch in an official list
# (OFAC's reference values) has 70 kB and 2,000 tags.
_STRETCH_BYTES = 64 << 20
_STRETCH_TAGS = 400_000
_ENCODINGS = {"", "utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "latin-1", "windows-1252"}
_DECLARED = re.compile(r"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_ROOT = re.compile(r"<(?![?!])")
# What libxml2 says at the end of a file that has no end.
_CUT = re.compile(
    r"premature end|couldn't find end|no element|not found|not terminated|unterminated|start tag expected",
    re.IGNORECASE,
)
_FETCH = "Fetch the list again from its publisher."


class Root(NamedTuple):
    """Name of a document's first element, and its namespace ("" for none)."""

    namespace: str
    name: str


def _refuse(path: Path, what: str, line: int, why: str, do: str = _FETCH) -> InputRefused:
    return InputRefused(f"{path.name} {what}.", where=f"{path}, line {line}" if line else str(path), why=why, do=do)


def _text(path: Path, head: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace")
    if b"\0" in head[:64]:
        raise _refuse(
            path,
            "is no text",
            1,
            "It holds zero bytes where text should be: another kind of file, or an unmarked encoding.",
        )
    return head.decode("latin-1")


def _check_prolog(path: Path, head: bytes) -> None:
    text = _text(path, head)
    start = text.lstrip()
    if not start:
        raise _refuse(path, "is empty", 0, "There is nothing in it but blanks.")
    if re.match(r"<(!doctype\s+html|html|head|body)\b", start, re.IGNORECASE):
        raise _refuse(
            path,
            "is a web page and no list",
            1,
            "A site answered with a page (a notice, or a login) in place of the file.",
        )
    if not start.startswith("<"):
        raise _refuse(path, "is no XML", 1, f"It begins with {start[:20]!r}, and XML begins with '<'.")
    declared = _DECLARED.match(text)
    if declared and declared[1].strip().lower() not in _ENCODINGS:
        raise _refuse(
            path,
            f"is written in {declared[1]!r}",
            1,
            "Lists are read in UTF-8, UTF-16 and Latin-1 only.",
            "Save it as UTF-8.",
        )
    root = _ROOT.search(text)
    prolog = text if root is None else text[: root.start()]
    for word in ("<!DOCTYPE", "<!ENTITY"):
        if word in prolog:
            line = prolog[: prolog.index(word)].count("\n") + 1
            raise _refuse(
                path,
                "declares a document type",
                line,
                "No official list does. Such declarations are a known way to make a small file fill the memory or read other files.",
                "Do not use this file. " + _FETCH,
            )
    if root is None:
        raise _refuse(path, "has no content", 1, f"No element begins within its first {_PROLOG // 1024} kB.")


class _Guarded:
    """The unpacked bytes, checked at their start and in every stretch between two elements of interest."""

    def __init__(self, unpacked: Unpacked) -> None:
        self._unpacked = unpacked
        self.path = unpacked.path
        self.bytes = self.tags = self.lines = 0
        self._head: bytes = b""
        while len(self._head) < _PROLOG:
            more = unpacked.read(_PROLOG - len(self._head))
            if not more:
                break
            self._head += more
        _check_prolog(self.path, self._head)

    def read(self, size: int) -> bytes:
        """The next bytes, for the parser."""
        data, self._head = (self._head, b"") if self._head else (self._unpacked.read(size), self._head)
        self.bytes += len(data)
        self.tags += data.count(b"<")
        self.lines += data.count(b"\n")
        if self.bytes > _STRETCH_BYTES or self.tags > _STRETCH_TAGS:
            raise _refuse(
                self.path,
                "is not built like an official list",
                self.lines,
                f"{self.bytes:,} bytes and {self.tags:,} tags follow each other without one entry of a list.",
            )
        return data

    def seen(self) -> None:
        """An element of interest was handed out."""
        self.bytes = self.tags = 0

    @property
    def at_end(self) -> bool:
        return self._unpacked.at_end


def _explain(guarded: _Guarded, problem: etree.XMLSyntaxError) -> InputRefused:
    line, said = problem.lineno or 0, str(problem.msg or problem)
    if re.search(r"encod|invalid bytes|not proper UTF", said, re.IGNORECASE):
        return _refuse(
            guarded.path, "is not in the encoding that it names", line, "Some of its bytes are no such text."
        )
    if re.search(r"huge|nodedepth|depth", said, re.IGNORECASE):
        return _refuse(
            guarded.path,
            "is not built like an official list",
            line,
            "An element is too large or nested too deep.",
        )
    if guarded.at_end and _CUT.search(said):
        return _refuse(
            guarded.path,
            "ends in the middle",
            line,
            "The end is missing: a download was probably broken off.",
        )
    return _refuse(guarded.path, "is damaged", line, f"It is not well-formed XML: {said.split(chr(44))[0].strip()}.")


def elements(path: Path, names: tuple[str, ...], limits: Limits = USUAL) -> Iterator[tuple[str, etree._Element]]:
    """Elements of the given names, in the order of the file, whatever their namespace.

    Each is whole when it is handed out and emptied afterwards: keep values, not elements.

    Args:
        path: the file, packed or plain.
        names: local names of the elements of interest; they should cover the file's bulk and not nest.
        limits: how far unpacking may go.

    Yields:
        Local name and element.

    Raises:
        InputRefused: the file cannot be opened, is dangerous, damaged, cut short, or no XML.
    """
    with Unpacked(path, limits) as unpacked:
        guarded = _Guarded(unpacked)
        try:
            parser = etree.iterparse(
                guarded,
                events=("end",),
                tag=[f"{{*}}{name}" for name in names],
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                dtd_validation=False,
                attribute_defaults=False,
                remove_comments=True,
                remove_pis=True,
                huge_tree=False,
            )
            for _, element in parser:
                guarded.seen()
                _check_type(guarded, element)
                yield str(etree.QName(element.tag).localname), element
                _empty(element)
            if parser.root is not None:
                _check_type(guarded, parser.root)
        except etree.XMLSyntaxError as problem:
            raise _explain(guarded, problem) from problem


def _check_type(guarded: _Guarded, element: etree._Element) -> None:
    info = element.getroottree().docinfo
    if info.internalDTD is not None or info.doctype:
        raise _refuse(
            guarded.path, "declares a document type", 1, "No official list does.", "Do not use this file. " + _FETCH
        )


def _empty(element: etree._Element) -> None:
    element.clear()
    inner: etree._Element | None = element
    while inner is not None and (parent := inner.getparent()) is not None:
        while inner.getprevious() is not None:
            del parent[0]
        inner = parent


def root(path: Path, limits: Limits = USUAL) -> Root:
    """The first element's name, read from the file's start alone.

    Raises:
        InputRefused: as :func:`elements`.
    """
    with Unpacked(path, limits) as unpacked:
        guarded = _Guarded(unpacked)
        parser = etree.XMLPullParser(
            ("start",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        try:
            while data := guarded.read(4096):
                parser.feed(data)
                for _, element in parser.read_events():
                    assert isinstance(element, etree._Element)
                    name = etree.QName(element)
                    _check_type(guarded, element)
                    return Root(name.namespace or "", str(name.localname))
            parser.close()
        except etree.XMLSyntaxError as problem:
            raise _explain(guarded, problem) from problem
    raise _refuse(path, "has no content", 1, "No element begins in it.")
