"""Errors for people: what happened, where, why it matters, what to do next."""

from __future__ import annotations

# Exit codes of every command (issue 1): 0 done, 1 not done, 2 wrong use, 3 sum check failed under --strict.
DONE, NOT_DONE, WRONG_USE, SUM_CHECK = 0, 1, 2, 3


class MapaeError(Exception):
    """Something a person must know about; the only exception that a command prints.

    Args:
        what: one sentence, what happened.
        where: file, row, column or id, as exact as known.
        why: why it matters or how it came about.
        do: what to do next.
    """

    exit_code = NOT_DONE

    def __init__(self, what: str, *, where: str = "", why: str = "", do: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.why, self.do = what, where, why, do

    def __str__(self) -> str:
        """The message in at most four lines; empty parts are left out."""
        lines = [self.what]
        lines += [
            f"  {name}: {text}" for name, text in (("where", self.where), ("why", self.why), ("do", self.do)) if text
        ]
        return "\n".join(lines)


class WrongUse(MapaeError):
    """The command or call was not understood (exit code 2)."""

    exit_code = WRONG_USE


class InputRefused(MapaeError):
    """A file of the user's cannot be read at all; the other files go on."""


class WorkspaceBusy(MapaeError):
    """Another run holds the workspace."""


class Damaged(MapaeError):
    """Bytes in the workspace are not what their hash says."""


class RuleRefused(MapaeError):
    """A rule of the catalogue breaks its contract; the message names file and line."""
