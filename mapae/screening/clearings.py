"""Clearings: a person looked at a match and found that it is not this party; held while the entry stays as it was.

The ledger is never edited, so a clearing keeps no name: a hash of it, mixed with the entry's id. Whoever knows a name
can compute the same hash; whoever has the ledger alone reads no name from it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any

from mapae.model.errors import WrongUse
from mapae.names.fold import tokens
from mapae.screening.queries import Match, Query
from mapae.store import ledger
from mapae.store.workspace import Workspace, writing

ACT, NOT_THIS, WITHDRAWN = "clearing", "not this", "withdrawn"


@dataclasses.dataclass(frozen=True)
class Clearing:
    """One line of the ledger about a match.

    Args:
        what: not this, or withdrawn.
        by, reason: who, and why.
        at: day, ISO.
        until: last day it holds, ISO; "" for no end.
        digest: hash over what the list said of the entry then.
    """

    what: str
    by: str
    reason: str
    at: str
    until: str
    digest: str


def key(name: str, entry: str, born: str = "") -> str:
    """What a clearing is filed under: SHA-256 over entry, folded name (words in any order) and date of birth."""
    folded = " ".join(sorted(tokens(name)))
    return hashlib.sha256("\x1f".join((ACT, entry, folded, born)).encode()).hexdigest()


class Clearings:
    """The clearings of a workspace on a day: a screener's ``cleared``."""

    def __init__(self, space: Workspace, today: dt.date) -> None:
        """Read the ledger.

        Args:
            today: day for which ends are judged.
        """
        self.today = today
        self._held: dict[tuple[str, str], Clearing] = {}
        for line in ledger.read(space.ledger).lines:
            act = line.act
            if act.get("act") == ACT:
                self._held[(act["name"], act["list"])] = Clearing(
                    act["what"], act["by"], act.get("reason", ""), act["at"][:10], act.get("until", ""), act["digest"]
                )

    def __bool__(self) -> bool:
        return bool(self._held)

    @property
    def digest(self) -> str:
        """Hash over all clearings and the day: what was screened under others is screened anew."""
        told = [f"{k}{v}" for k, v in sorted(self._held.items())]
        return hashlib.sha256("\n".join([self.today.isoformat() if told else "", *told]).encode()).hexdigest()

    def __call__(self, query: Query, match: Match) -> tuple[str, str]:
        """What a person decided about a match.

        Returns:
            who cleared it, why and until; and why an earlier clearing no longer holds. One of them is "", or both.
        """
        if not query.name or not self._held:
            return "", ""
        births = [query.birth_date, ""] if query.birth_date else [""]
        for born in births:
            held = self._held.get((key(query.name, match.entry, born), match.list))
            if held is None or held.what != NOT_THIS:
                continue
            by = f"{held.by} cleared it on {held.at}: {held.reason}"
            if held.digest != match.digest:
                return "", f"open again: {by}; what the list says of the entry has changed since"
            if held.until and held.until < self.today.isoformat():
                return "", f"open again: {by}; that ended after {held.until}"
            if match.level != "possible" and not born:
                return "", f"open again: {by}; more than the name agrees now"
            return f"{by}; {'until ' + held.until if held.until else 'until the entry changes'}", ""
        return "", ""


def record(
    space: Workspace,
    query: Query,
    matches: Iterable[Match],
    *,
    by: str,
    reason: str,
    now: dt.datetime,
    run: str,
    until: str = "",
    withdraw: bool = False,
) -> int:
    """Write that matches of a query are not this party. Takes the writing lock.

    Args:
        query: its name and date of birth are what is cleared.
        matches: of one entry.
        by: who decided.
        reason: why, in words that may stand in the ledger (see :func:`mapae.casework.decisions.plain`).
        now: when, with zone.
        run: name of the run that was screened.
        until: last day, ISO; "" for no end.
        withdraw: take an earlier clearing back.

    Returns:
        lines written.

    Raises:
        WrongUse: the reason repeats the name.
    """
    name = {token for token in tokens(query.name) if len(token) > 2}
    if name & set(tokens(reason)):
        raise WrongUse(
            "--reason repeats a word of the name.",
            why="The ledger is never edited, so no name may stand in it; the match is recorded anyway.",
            do="Say in other words why it is not this party: another date of birth, another trade …",
        )
    acts: list[dict[str, Any]] = []
    for match in matches:
        act = {
            "act": ACT, "what": WITHDRAWN if withdraw else NOT_THIS,
            "at": now.astimezone(dt.UTC).replace(microsecond=0).isoformat(), "by": by, "run": run, "list": match.list,
            "entry": match.entry, "name": key(query.name, match.entry, query.birth_date), "digest": match.digest,
            "reason": reason, "until": until,
        }  # fmt: skip
        acts.append({k: v for k, v in act.items() if v != ""})
    with writing(space):
        ledger.repair(space)
        if acts:
            ledger.append(space, acts)
    return len(acts)
