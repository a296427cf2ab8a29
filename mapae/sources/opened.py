"""Bytes of a file, decompressed as they are read and never more than memory allows; lines in UTF-8."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import pyarrow as pa

from mapae.model.errors import InputRefused

# A line longer than this is no line of a table: most likely a quote that was never closed, or a file of another kind.
LONGEST_LINE = 64 << 20
# Logs shrink ten- to fiftyfold. What grows two hundredfold beyond the first 256 MB was made to fill a disk.
FREE_GROWTH, LARGEST_GROWTH = 256 << 20, 200

_SMALL = 128

COMPRESSIONS = {".gz": "gzip", ".xz": "xz", ".zst": "zstd", ".bz2": "bzip2"}


def check_file(path: Path) -> None:
    """Whether a path can be read as a file at all.

    Raises:
        InputRefused: it is a folder, missing, empty, no ordinary file, or not permitted.
    """
    where = str(path)
    if path.is_dir():
        raise InputRefused(
            "A folder stands where a file is expected.",
            where=where,
            do="Name the files in it, or put the folder below inputs/.",
        )
    if not path.exists():
        raise InputRefused(
            "A file is not there any more.", where=where, do="Put it back, or take its path out of mapae.toml."
        )
    if not path.is_file():
        raise InputRefused(
            "This is no ordinary file.",
            where=where,
            why="It is a device, a pipe or a socket.",
            do="Save its content as a file.",
        )
    try:
        with path.open("rb") as file:
            first = file.read(1)
    except PermissionError as problem:
        raise InputRefused(
            "A file may not be read.",
            where=where,
            why="The computer denies permission to it.",
            do="Give yourself the right to read the file.",
        ) from problem
    except OSError as problem:
        raise InputRefused(
            "A file cannot be read.", where=where, why=str(problem.strerror), do="Copy it anew."
        ) from problem
    if not first:
        raise InputRefused(
            "A file is empty.", where=where, why="It has no bytes at all.", do="Export it again, or remove it."
        )


def _stream(path: Path) -> IO[bytes]:
    kind = COMPRESSIONS.get(path.suffix.lower(), "")
    if kind == "gzip":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if kind == "xz":
        return cast("IO[bytes]", lzma.open(path, "rb"))
    if kind == "bzip2":
        return cast("IO[bytes]", bz2.open(path, "rb"))
    if kind == "zstd":
        return cast("IO[bytes]", pa.CompressedInputStream(pa.OSFile(str(path), "rb"), "zstd"))
    return path.open("rb")


def blocks(path: Path, size: int = 1 << 20) -> Iterator[bytes]:
    """Decompressed bytes of a file in blocks.

    Raises:
        InputRefused: the compressed data is damaged or grows without measure.
    """
    packed, seen = max(path.stat().st_size, 1), 0
    try:
        with _stream(path) as stream:
            while block := stream.read(size):
                seen += len(block)
                if seen > FREE_GROWTH and seen > LARGEST_GROWTH * packed:
                    raise InputRefused(
                        "A compressed file grows without measure.",
                        where=str(path),
                        why=f"{packed} bytes gave more than {seen} and were not at their end; such files are made to fill a disk.",
                        do="If it is genuine, decompress it yourself and add the result.",
                    )
                yield bytes(block)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, pa.ArrowInvalid) as problem:
        raise InputRefused(
            "A compressed file is damaged or cut off.",
            where=str(path),
            why=str(problem)[:200],
            do="Copy or export it again.",
        ) from problem


def blocks_to_cut(path: Path, size: int, cut: list[str]) -> Iterator[bytes]:
    """Decompressed bytes of a file; of one that was cut off all that it holds before the cut.

    Args:
        path: the file.
        size: of a block.
        cut: gets a sentence where the file was cut off or is damaged from somewhere on.

    Raises:
        InputRefused: nothing of it can be read, or it grows without measure.
    """
    given = 0
    try:
        for block in blocks(path, size):
            given += len(block)
            yield block
        return
    except InputRefused as problem:
        if problem.__cause__ is None:  # made to fill a disk, and not merely cut off
            raise
        refusal = problem
    # Once more in small blocks: a large one is lost as a whole where the data ends in it.
    before, more = given, False
    try:
        for block in blocks(path, _SMALL):
            if before < len(block):
                more = True
                yield block[before:]
            before = max(0, before - len(block))
    except InputRefused as problem:
        if problem.__cause__ is None:
            raise
    if not given and not more:
        raise refusal
    cut.append(refusal.what)


def beginning(path: Path, size: int) -> bytes:
    """First decompressed bytes of a file, also of one that was cut off behind them.

    Raises:
        InputRefused: nothing of it can be read.
    """
    found = b""
    for block in blocks_to_cut(path, size, []):
        found += block
        if len(found) >= size:
            break
    return found[:size]


def lines(path: Path, cut: list[str] | None = None) -> Iterator[str]:
    """Lines of a UTF-8 file (a mark at its beginning is dropped), each with its line end.

    Args:
        path: the file.
        cut: where given, a file that was cut off gives its whole lines, and here why it ends, in a sentence, and the text
            of the line that it ends in.

    Raises:
        InputRefused: another encoding, a line beyond all measure, or as :func:`blocks`.
    """
    number = 0
    pending: list[bytes] = []
    size = 0
    why: list[str] = []
    for block in blocks(path) if cut is None else blocks_to_cut(path, 1 << 20, why):
        if number == 0 and not pending:
            _check_mark(path, block)
            block = block.removeprefix(b"\xef\xbb\xbf")
        at = block.rfind(b"\n")
        if at < 0:
            pending.append(block)
            size += len(block)
            if size > LONGEST_LINE:
                raise InputRefused(
                    "A line is longer than 64 MB.",
                    where=f"{path}, line {number + 1}",
                    why="Most often a quotation mark was opened and never closed, or the file is no table.",
                    do="Look at that line, or export the table again.",
                )
            continue
        whole = b"".join([*pending, block[: at + 1]])
        pending, size = [block[at + 1 :]], len(block) - at - 1
        try:
            texts = whole.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            for line in whole.splitlines(keepends=True):
                number += line.endswith(b"\n")
                _decode(path, number, line)
            raise
        number += len(texts) - 1
        for text in texts[:-1]:
            yield text + "\n"
    rest = b"".join(pending)
    if cut is not None and not why and rest and _ends_in_a_sign(rest):
        why.append("The file ends in the middle of a sign.")
    if why:
        assert cut is not None
        cut += [why[0], rest.decode("utf-8", "ignore")]
    elif rest:
        yield _decode(path, number + 1, rest)


def _ends_in_a_sign(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as problem:
        return problem.end == len(line) and "unexpected end" in problem.reason
    return False


def _decode(path: Path, number: int, line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise InputRefused(
            "A file is not written in UTF-8.",
            where=f"{path}, line {number}, byte {problem.start + 1} of the line",
            why=f"The byte {line[problem.start]:#04x} does not occur there in UTF-8; the file was probably saved in the encoding of an old "
            "spreadsheet or another country.",
            do='Open it in the program that made it and save it as "CSV UTF-8".',
        ) from problem


def _check_mark(path: Path, block: bytes) -> None:
    if block[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputRefused(
            "A file is written in UTF-16.",
            where=f"{path}, line 1",
            why="Its first two bytes say so; tables are read in UTF-8.",
            do='Open it in the program that made it and save it as "CSV UTF-8".',
        )
