"""Cells that the readers of sign-in logs share: times without a zone, kinds of networks, and the accounts they come upon."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mapae.sources.json_records import cell, instant
from mapae.sources.layout import Rows
from mapae.sources.values.network import email as normal_email

# What exports write where there is nothing.
NOTHING = frozenset(("", "-", "null", "None", "unknown", "N/A", "n/a", "undefined"))

_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?", re.ASCII)
_SLASHED = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}),? +(\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?(?: *([AaPp])\.?[Mm]\.?)?", re.ASCII
)
CONFUSED = "day and month of its time can be confused; export it with year-month-day"


def filled(value: Any) -> str | None:
    """A value as the text of a cell; nothing where the export says in a word that there is nothing."""
    made = cell(value)
    return None if made is None or made in NOTHING else made


def part(record: Mapping[str, Any], *path: str) -> Any:
    """What stands under a path of names, or None."""
    found: Any = record
    for name in path:
        if type(found) is not dict:
            return None
        found = found.get(name)
    return found


def utc(value: Any) -> str | None:
    """A moment as ISO 8601 with its zone, where the vendor writes UTC without saying so.

    Args:
        value: text or a number since 1970. A day and month that can be told apart (6/19/2025) are; others are left as
            they are, and :func:`confused` says so.
    """
    made = cell(value)
    if made is None:
        return None
    if made.endswith("Z") and made[4:5] == "-":
        return made
    made = instant(made)
    if _ISO.fullmatch(made):
        return f"{made[:10]}T{made[11:]}Z"
    slashed = _SLASHED.fullmatch(made)
    if slashed and not confused(made):
        return _from_slashed(slashed) or made
    return made


def _from_slashed(found: re.Match[str]) -> str | None:
    first, second, year, hour, minute, second_, fraction, half = found.groups()
    month, day = (int(second), int(first)) if int(first) > 12 else (int(first), int(second))
    clock = int(hour)
    if half:
        if not 1 <= clock <= 12:
            return None
        clock = clock % 12 + (12 if half in "Pp" else 0)
    return f"{year}-{month:02d}-{day:02d}T{clock:02d}:{minute}:{second_ or '00'}{fraction or ''}Z"


def confused(value: Any) -> bool:
    """Whether day and month of a time cannot be told apart: both are twelve or less, and they differ."""
    found = _SLASHED.fullmatch(value.strip()) if isinstance(value, str) else None
    return bool(found) and int(found[1]) <= 12 and int(found[2]) <= 12 and found[1].lstrip("0") != found[2].lstrip("0")  # type: ignore[index]


def truth(value: Any) -> str | None:
    """``true`` or ``false``, of whatever spelling; nothing otherwise."""
    if value is True or value is False:
        return "true" if value else "false"
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in ("true", "yes", "1"):
        return "true"
    return "false" if word in ("false", "no", "0") else None


# Apple's relay partners (support.apple.com/102602): a proxy of theirs is the relay of a phone, not a rented tunnel.
_RELAY_PARTNERS = ("akamai", "cloudflare", "fastly")


def proxy_kind(as_org: str | None) -> str:
    """What a sender means by "is a proxy": ``relay`` in networks of Apple's partners, else ``proxy``."""
    org = (as_org or "").lower()
    return "relay" if any(name in org for name in _RELAY_PARTNERS) else "proxy"


class Accounts:
    """Accounts that a log shows, as rows of ``accounts``: one whenever what is known of an account grows or changes.

    Args:
        platform: the system; ids are written ``<platform>/<id>``.
    """

    def __init__(self, platform: str) -> None:
        self.platform = platform
        # Content last seen by a reader's own key: a short way for the reader past what is no news.
        self.last: dict[Any, Any] = {}
        self._known: dict[str, dict[str, str | None]] = {}
        self._newest: dict[str, str] = {}

    def see(
        self,
        rows: Rows,
        account: str,
        when: str | None,
        email: str | None,
        display_name: str | None,
        *,
        kind: str | None = None,
        created_at: str | None = None,
    ) -> None:
        """Note an account as an event shows it, and add a row where that is news.

        Args:
            rows: where the row goes.
            account: its id with the platform.
            when: time of the event; what is older than what is known changes nothing but what was not known.
            email: its e-mail; what is none is left out.
            display_name: its name.
            kind: ``service`` where no person stands behind it.
            created_at: when it was made, where the event tells.
        """
        known = self._known.get(account)
        new = known is None
        if known is None:
            known = {"display_name": None, "email": None, "kind": kind, "created_at": None, "mapae_given": None}
            self._known[account] = known
        newer = new or (when or "") >= self._newest[account]
        before = dict(known)
        if email is not None and (newer or known["mapae_given"] is None):
            known["mapae_given"] = email
            known["email"] = normal_email(email).value and email
        if display_name is not None and (newer or known["display_name"] is None):
            known["display_name"] = display_name
        known["created_at"] = known["created_at"] or created_at
        if newer:
            self._newest[account] = when or ""
        if new or before != known:
            cells = {name: value for name, value in known.items() if value is not None and name != "mapae_given"}
            rows.append(("accounts", {"account_id": account, "platform": self.platform, **cells}))
