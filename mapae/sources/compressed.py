"""Unpacks gzip, bzip2, xz and zip by content, with bounds: a file that unpacks to too much is refused, not stored."""

from __future__ import annotations

import bz2
import dataclasses
import lzma
import zipfile
import zlib
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from mapae.model.errors import InputRefused

_MIB = 1 << 20
# Bytes asked of the disk, and given to the decompressor, at a time.
_CHUNK = 256 * 1024
# A dictionary larger than this is asked for by no tool's default (xz -9 takes 64 MiB) and would be taken from memory.
_XZ_MEMORY = 128 * _MIB


@dataclasses.dataclass(frozen=True)
class Limits:
    """How far unpacking may go. The largest official list known unpacks to 120 MB at 36 to 1.

    Args:
        unpacked: most bytes that come out.
        ratio: most bytes out per byte in, looked at once more than ``free`` bytes came out.
        free: bytes that may come out before the ratio counts.
    """

    unpacked: int = 2048 * _MIB
    ratio: int = 200
    free: int = 32 * _MIB


USUAL = Limits()


class _Gzip:
    """zlib behind the interface that bz2 and lzma have."""

    def __init__(self) -> None:
        self._made = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._made.eof

    @property
    def unused_data(self) -> bytes:
        return self._made.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._made.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._made.decompress(self._made.unconsumed_tail + data, max_length)


def _decompressor(kind: str) -> Any:
    if kind == "gzip":
        return _Gzip()
    if kind == "bzip2":
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
)


def packing(head: bytes) -> str:
    """How a file is packed, by its first bytes: gzip, bzip2, xz, zip, or "" for plain."""
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")


def open_file(path: Path) -> IO[bytes]:
    """Open a file of the user's.

    Raises:
        InputRefused: it is absent, a directory, empty, or may not be read.
    """
    try:
        if path.is_dir():
            raise InputRefused(
                f"{path.name} is a folder, and a file was expected.",
                where=str(path),
                why="A list is one file.",
                do="Name the file that lies in it.",
            )
        if path.stat().st_size == 0:
            raise InputRefused(
                f"{path.name} is empty.",
                where=str(path),
                why="The file has no bytes; a download was probably broken off.",
                do="Fetch it again.",
            )
        return path.open("rb")
    except FileNotFoundError as problem:
        raise InputRefused(
            f"{path.name} is not there.", where=str(path), why="No file has this name.", do="Check the path."
        ) from problem
    except PermissionError as problem:
        raise InputRefused(
            f"{path.name} may not be read.",
            where=str(path),
            why="The user who runs Mapae has no permission to read it.",
            do="Give that user the right to read the file.",
        ) from problem
    except OSError as problem:
        raise InputRefused(
            f"{path.name} cannot be opened.", where=str(path), why=str(problem), do="Check the disk."
        ) from problem


class Unpacked:
    """A file's unpacked bytes as a stream; use it as a context.

    Args:
        path: the file.
        limits: how far unpacking may go.

    Raises:
        InputRefused: on opening or reading, when the file is absent, a folder, empty, unreadable, damaged, cut
            short, or unpacks to more than the limits allow.
    """

    def __init__(self, path: Path, limits: Limits = USUAL) -> None:
        self.path, self.limits = path, limits
        self.given = self.taken = 0
        self.at_end = False
        self._file = open_file(path)
        self.packing = ""
        try:
            self.packing = packing(self._file.read(6))
            self._file.seek(0)
            self._member = self._open_member() if self.packing == "zip" else None
        except InputRefused:
            self.close()
            raise
        except OSError as problem:
            self.close()
            raise self._refuse("cannot be read", str(problem), "Check the disk.") from problem
        self._made: Any = _decompressor(self.packing) if self.packing not in ("", "zip") else None
        self._held = b""

    def __enter__(self) -> Unpacked:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def read(self, size: int = _CHUNK) -> bytes:
        """Up to ``size`` bytes; none at the end.

        Raises:
            InputRefused: see the class.
        """
        size = _CHUNK if size is None or size < 0 else max(1, size)
        try:
            data = self._file.read(size) if not self.packing else self._unpack(size)
        except InputRefused:
            raise
        except (
            zlib.error,
            lzma.LZMAError,
            zipfile.BadZipFile,
            EOFError,
            RuntimeError,
            NotImplementedError,
            OSError,
            ValueError,
        ) as problem:
            raise self._refuse(
                "is damaged", f"It cannot be unpacked ({self.packing or 'reading'}: {problem}).", "Fetch it again."
            ) from problem
        self.given += len(data)
        self.at_end = not data
        self._check()
        return data

    def _refuse(self, what: str, why: str, do: str) -> InputRefused:
        return InputRefused(
            f"{self.path.name} {what}.", where=f"{self.path}, after {self.given:,} unpacked bytes", why=why, do=do
        )

    def _check(self) -> None:
        if self.given > self.limits.unpacked:
            raise self._refuse(
                "unpacks to too much",
                f"More than {self.limits.unpacked // _MIB:,} MiB came out of it, which no list has; it may have been made to fill the memory or disk.",
                "Fetch it from its publisher; do not open it by other means.",
            )
        if self.packing and self.given > self.limits.free and self.given > self.limits.ratio * max(1, self._packed()):
            raise self._refuse(
                "unpacks to too much",
                f"{self.given // _MIB:,} MiB came out of {self._packed():,} bytes; it may have been made to fill the memory or disk.",
                "Fetch it from its publisher; do not open it by other means.",
            )

    def _packed(self) -> int:
        return self._file.tell() if self._member is not None else self.taken

    def _open_member(self) -> IO[bytes]:
        try:
            archive = zipfile.ZipFile(self._file)
            inside = [i for i in archive.infolist() if not i.is_dir() and not i.filename.startswith("__MACOSX/")]
            if len(inside) != 1:
                raise self._refuse(
                    f"holds {len(inside)} files",
                    "A packed list must hold exactly one file.",
                    "Unpack it and put the files in one by one.",
                )
            return archive.open(inside[0])
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError) as problem:
            raise self._refuse(
                "cannot be unpacked", f"zip: {problem}", "Fetch it again, without a password."
            ) from problem

    def _unpack(self, size: int) -> bytes:
        if self._member is not None:
            return self._member.read(size)
        while True:
            if self._made.eof:
                # A file may be several packed streams, one after the other; zero bytes pad the last.
                self._held = (self._made.unused_data + self._held).lstrip(b"\0") or self._fresh().lstrip(b"\0")
                if not self._held:
                    return b""
                self._made = _decompressor(self.packing)
            if self._made.needs_input and not self._held:
                self._held = self._fresh()
                if not self._held and (rest := self._made.decompress(b"", size)):
                    return bytes(rest)  # what the decompressor held back when it was last bounded
                if not self._held and not self._made.eof:
                    raise EOFError("the end is missing; the file was cut short")
            data, self._held = self._held, b""
            out = self._made.decompress(data, size)
            if out:
                return bytes(out)

    def _fresh(self) -> bytes:
        data = self._file.read(_CHUNK)
        self.taken += len(data)
        return data
