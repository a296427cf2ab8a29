"""The text of a guessed mapping: lines of YAML, the comments that ask, and the list of what is to be confirmed."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ /()@+.\-]*(?<![ .])")


def scalar(text: str) -> str:
    """A text as YAML reads it back unchanged, in a flow or a block."""
    if _PLAIN.fullmatch(text):
        return text
    made = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in made)


def flow(value: Any) -> str:
    """A mapping, list or text in YAML's flow form, on one line.

    Example:
        >>> flow({"from": ["A b", "C"], "join": ", "})
        '{from: [A b, C], join: ", "}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(str(k))}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    return scalar(str(value))


@dataclasses.dataclass(frozen=True)
class Entry:
    """A column of a guessed table.

    Args:
        column: of the table.
        verbs: how it is filled.
        question: what a person is asked about it; "" where nothing is in doubt.
        off: whether it is left out until a person confirms it.
        blocking: whether the file cannot be used before.
    """

    column: str
    verbs: Mapping[str, Any]
    question: str = ""
    off: bool = False
    blocking: bool = False


@dataclasses.dataclass(frozen=True)
class Draft:
    """A guessed table."""

    table: str
    entries: Sequence[Entry]
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Text:
    """Lines of a mapping, and the questions with their lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.asked: list[tuple[int, str, str]] = []

    def add(self, line: str = "") -> None:
        self.lines.append(line)

    def ask(self, line: str, column: str, question: str) -> None:
        """A line that a person is to confirm."""
        self.lines.append(f"{line}  # confirm: {question}")
        self.asked.append((len(self.lines), column, question))

    def table(self, draft: Draft, indent: str) -> None:
        """Columns of a table."""
        for entry in draft.entries:
            line = f"{indent}{'# ' if entry.off else ''}{entry.column}: {flow(entry.verbs)}"
            if entry.question:
                self.ask(line, entry.column, entry.question)
            else:
                self.add(line)

    def questions(self) -> tuple[str, ...]:
        """Each question once, in order."""
        return tuple(dict.fromkeys(question for _, _, question in self.asked))

    def whole(self) -> str:
        """The text, with the list of questions at its end."""
        lines = list(self.lines)
        if self.asked:
            lines.append("# What is still to be confirmed; take an entry out when its line is right.")
            lines.append("confirm:")
            for line, column, question in self.asked:
                lines.append(f"  - {flow({'line': str(line), 'column': column, 'question': question})}")
        return "\n".join(lines) + "\n"
