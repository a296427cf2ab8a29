"""Text of a JSON file in a moving window, decoded value by value where it stands."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mapae.model.errors import InputRefused
from mapae.sources import opened

# Text asked of the file at a time, and the size from which one record is none.
BLOCK, LARGEST_RECORD = 1 << 20, 64 << 20
_SMALL = 128
# An error this close to the end of the window may come from the end of the window: \ud83d\ude00 is the longest sign.
_NEAR_END = 16

_BLANK = re.compile("[ \t\r\n\ufeff\x1e]*")
decode = json.JSONDecoder(parse_constant=lambda _: None).raw_decode


def after_blanks(text: str, at: int) -> int:
    """Place of the next sign that is no blank."""
    found = _BLANK.match(text, at)
    assert found is not None
    return found.end()


class Window:
    """Text of a file from ``at`` on, as far as it has been read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text, self.at, self.line = "", 0, 1
        self.damage = ""
        self._blocks = opened.blocks(path, BLOCK)
        self._given = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._ended = self._begun = False

    def more(self) -> bool:
        """Read on, at least as much again as is held; False at the end of the file.

        Raises:
            InputRefused: another encoding, or as :func:`mapae.sources.opened.blocks` where nothing was cut off.
        """
        held = self.text[self.at :]
        new: list[str] = []
        size = 0
        while not self._ended and (not size or size < len(held)):
            block = self._next_block()
            self._ended = not block
            if not self._begun and block[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise self._encoding("Its first two bytes say that it is UTF-16.")
            self._begun = True
            try:
                text = self._decoder.decode(block, final=self._ended and not self.damage)
            except UnicodeDecodeError as problem:
                if self._ended:
                    self.damage = self.damage or "The file ends in the middle of a sign."
                    break
                at = self.line + held.count("\n") + "".join(new).count("\n") + block.count(b"\n", 0, problem.start)
                byte = problem.object[problem.start]
                raise self._encoding(f"The byte {byte:#04x} does not occur there in UTF-8.", at) from problem
            new.append(text)
            size += len(text)
        if not size:
            return False
        self.text, self.at = held + "".join(new), 0
        return True

    def _next_block(self) -> bytes:
        """Bytes that follow; of a compressed file that was cut off, all that it holds before the cut."""
        try:
            block = next(self._blocks, b"")
        except InputRefused as problem:
            if problem.__cause__ is None:  # made to fill a disk, and not merely cut off
                raise
            if self.damage:
                return b""
            self.damage = problem.what
            self._blocks = self._again(self._given)
            return self._next_block()
        self._given += len(block)
        return block

    def _again(self, given: int) -> Iterator[bytes]:
        """The file in small blocks, from a place on: a large one is lost as a whole where the data ends in it."""
        for block in opened.blocks(self.path, _SMALL):
            if given < len(block):
                yield block[given:]
            given = max(0, given - len(block))

    def _encoding(self, why: str, line: int = 1) -> InputRefused:
        return InputRefused(
            "A file is not written in UTF-8.",
            where=f"{self.path}, line {line}",
            why=why,
            do="Export it again as UTF-8, as JSON asks for.",
        )

    def move(self, to: int) -> None:
        """Go to a place of the window, counting lines."""
        self.line += self.text.count("\n", self.at, to)
        self.at = to

    def next_sign(self) -> str:
        """Go to the next sign that is no blank; "" at the end of the file."""
        while True:
            behind = after_blanks(self.text, self.at)
            if behind != self.at:
                self.move(behind)
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def value(self) -> tuple[Any, int]:
        """The JSON value that begins here, and where it ends.

        Raises:
            ValueError: there is none; a :class:`json.JSONDecodeError` knows the place.
            InputRefused: it is longer than any record.
        """
        while True:
            try:
                found, end = decode(self.text, self.at)
            except json.JSONDecodeError as problem:
                size = len(self.text)
                open_ended = problem.pos >= size - _NEAR_END or problem.msg.startswith("Unterminated")
                if open_ended and size - self.at > LARGEST_RECORD:
                    raise InputRefused(
                        "A record is longer than 64 MB.",
                        where=f"{self.path}, line {self.line}",
                        why="Most often a quotation mark was opened and never closed, or the file is no log.",
                        do="Look at that line, or export the file again.",
                    ) from problem
                if open_ended and self.more():
                    continue
                raise
            except RecursionError as problem:
                raise ValueError("it is nested too deep") from problem
            if end == len(self.text) and not isinstance(found, dict | list | str) and self.more():
                continue  # a number may go on
            return found, end
