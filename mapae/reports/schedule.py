"""Lines for the daily run: cron, and a systemd service with its timer. They are printed; nothing is installed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from mapae.model.errors import WrongUse

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def _time(at: str) -> tuple[int, int]:
    match = _TIME.fullmatch(at)
    if not match:
        raise WrongUse(f"{at!r} is no time of day.", do="Write hours and minutes, as 06:15.")
    return int(match.group(1)), int(match.group(2))


def _words(command: Sequence[str], workspace: Path) -> list[str]:
    words = [*command, "run", str(workspace), "--quiet"]
    if any(not c.isprintable() for word in words for c in word):
        raise WrongUse("A path with control characters cannot stand in a schedule.", do="Rename the folder.")
    return words


def cron(command: Sequence[str], workspace: Path, at: str = "06:15") -> str:
    """A line for ``crontab -e``; the percent sign, which ends a command there, is escaped.

    Args:
        command: the words that call Mapae.
        workspace: the folder to run.
        at: time of day, in the zone of the machine.

    Raises:
        WrongUse: the time or a path cannot stand in it.
    """
    hour, minute = _time(at)
    return f"{minute} {hour} * * * {shlex.join(_words(command, workspace))}".replace("%", "\\%")


def _unit_word(text: str) -> str:
    """A word of a systemd command line: quoted, its specifiers and variables escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def service(command: Sequence[str], workspace: Path) -> str:
    """Text of ``mapae.service``: one run, with little right to anything else."""
    return (
        "[Unit]\nDescription=Daily run of Mapae\n\n[Service]\nType=oneshot\n"
        f"ExecStart={' '.join(map(_unit_word, _words(command, workspace)))}\n"
        "Nice=10\nNoNewPrivileges=yes\nPrivateTmp=yes\nUMask=0077\n"
    )


def timer(at: str = "06:15") -> str:
    """Text of ``mapae.timer``: once a day, made up for when the machine was off."""
    hour, minute = _time(at)
    return (
        "[Unit]\nDescription=Daily run of Mapae\n\n[Timer]\n"
        f"OnCalendar=*-*-* {hour:02d}:{minute:02d}:00\nPersistent=true\nRandomizedDelaySec=300\n\n[Install]\nWantedBy=timers.target\n"
    )


def text(command: Sequence[str], workspace: Path, at: str = "06:15") -> str:
    """Everything, with what to do with it."""
    return (
        f"# Nothing was installed. Choose one of the two.\n\n# cron: add this line with crontab -e\n{cron(command, workspace, at)}\n\n"
        f"# systemd: ~/.config/systemd/user/mapae.service\n{service(command, workspace)}\n"
        f"# systemd: ~/.config/systemd/user/mapae.timer\n{timer(at)}\n"
        "# then: systemctl --user daemon-reload && systemctl --user enable --now mapae.timer\n"
    )
