"""Rows of the table ``watchlist`` from shared indicators, whatever format they come in."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import ipaddress
import re
import urllib.parse
from collections.abc import Iterable, Mapping

from mapae.rules.kinds import CATALOGUE
from mapae.rules.lookups import Lookup
from mapae.rules.lookups import read as read_lookups
from mapae.sources.json_records import instant
from mapae.sources.values import fold

Cells = dict[str, str | None]
# Signs of a text that are kept of what a sender says.
SAID = 300
_HOST_ONLY = "host"
_WORD = re.compile(r"[^\W_]+")


@functools.cache
def _lists() -> Mapping[str, Lookup]:
    return read_lookups(CATALOGUE / "infrastructure")


def _rows(name: str, *columns: str) -> list[tuple[str, ...]]:
    held = _lists()[name]
    at = [held.columns.index(c) for c in columns]
    return [tuple(row[i] or "" for i in at) for row in held.rows]


@functools.cache
def kinds(form: str) -> Mapping[str, str]:
    """Kind of watched value by field of a format (``stix`` or ``misp``)."""
    return {field: kind for f, field, kind in _rows("watch_kinds", "format", "field", "kind") if f == form}


@functools.cache
def _expiry() -> tuple[tuple[frozenset[str], int], ...]:
    return tuple((frozenset(words.split()), int(days)) for words, days in _rows("watch_expiry", "words", "days"))


@functools.cache
def _official() -> frozenset[str]:
    return frozenset(fold(name) for (name,) in _rows("official_sources", "name"))


@functools.cache
def _attributions() -> frozenset[str]:
    return frozenset(_plain(word) for (word,) in _rows("attribution_words", "word"))


def _plain(text: str) -> str:
    return " ".join(fold(text).replace("-", " ").replace("_", " ").split())


def official(publisher: str) -> bool:
    """Whether a publisher is an organ of a government whose attributions are official."""
    return fold(publisher) in _official()


def names_dprk(labels: Iterable[str]) -> bool:
    """Whether a label, tag or name says the DPRK itself.

    Example:
        >>> names_dprk(['misp-galaxy:threat-actor="Lazarus Group"']), names_dprk(["not attributed to the dprk"])
        (True, False)
    """
    for label in labels:
        quoted = re.search(r'="([^"]*)"', label)
        for form in (label, quoted[1] if quoted else "", label.rpartition(":")[2]):
            if _plain(form) in _attributions():
                return True
    return False


def days_held(words: Iterable[str]) -> int:
    """Days that an indicator holds whose sender gives no end, by the words of its labels and text."""
    said = {word for text in words for word in _WORD.findall(fold(text))}
    fitting = [days for wanted, days in _expiry() if not wanted or wanted & said]
    return min(fitting)


def moment(value: object) -> dt.datetime | None:
    """A time of a sender in UTC: ISO 8601 with an offset (or none, which both formats read as UTC), a day, or seconds."""
    told = instant(str(value)) if value not in (None, "", "0", 0) else ""
    try:
        made = dt.datetime.fromisoformat(told) if told else None
    except ValueError:
        return None
    if made is None:
        return None
    return (made.replace(tzinfo=dt.UTC) if made.tzinfo is None else made.astimezone(dt.UTC)).replace(microsecond=0)


def written(at: dt.datetime | None) -> str | None:
    """A time as the table's reader takes it."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def watched(kind: str, value: str) -> tuple[str, str] | str:
    """Kind and value as the table has them, or in words why the value is none to watch.

    Args:
        kind: of watch_kinds.csv; ``host`` for pages.
        value: as the sender writes it; brackets and letters that keep it from being clicked are taken out.
    """
    bare = value.strip().replace("[.]", ".").replace("(.)", ".").replace("[@]", "@").replace("[:]", ":")
    if kind == _HOST_ONLY:
        bare = re.sub(r"^hxxp", "http", bare, flags=re.IGNORECASE)
        try:
            parts = urllib.parse.urlsplit(bare if "://" in bare else f"https://{bare}")
            host = parts.hostname or ""
        except ValueError:
            host = ""
        if not host:
            return "a page without a host"
        if parts.path.strip("/") or parts.query:
            return "a page on a host that others may use as well; only whole hosts are watched"
        try:
            return "ip", str(ipaddress.ip_address(host))
        except ValueError:
            return "domain", host
    if kind == "ip" and "/" in bare:
        try:
            network = ipaddress.ip_network(bare, strict=False)
        except ValueError:
            return kind, bare
        whole = network.prefixlen == network.max_prefixlen
        return ("ip", str(network.network_address)) if whole else ("cidr", str(network))
    return kind, bare


@dataclasses.dataclass(frozen=True)
class Sent:
    """What a sender says of an indicator, apart from its values.

    Args:
        publisher: who signs it.
        labels: labels or tags of the indicator itself, and names of actors that it is said to indicate.
        text: in the sender's words.
        first_seen: from when it holds.
        last_seen: when it was last seen or changed.
        valid_until: its end, where the sender gives one.
        confidence: 0 to 100, or None.
        tlp: traffic light of sharing, or "".
    """

    publisher: str
    labels: tuple[str, ...]
    text: str
    first_seen: dt.datetime | None
    last_seen: dt.datetime | None
    valid_until: dt.datetime | None = None
    confidence: str | None = None
    tlp: str = ""

    def row(self, kind: str, value: str) -> Cells | str:
        """Cells of one watched value, or in words why there is none."""
        until, note = self.valid_until, ""
        if until is None:
            after = self.last_seen or self.first_seen
            if after is None:
                return "neither a time of the indicator nor an end of it; without one it would hold for ever"
            days = days_held((*self.labels, self.text))
            until, note = (
                after + dt.timedelta(days=days),
                f"the sender gives no end; held for {days} days after it was last seen or changed",
            )
        nexus = official(self.publisher) and names_dprk(self.labels)
        said = " ".join(self.text.split())
        said = said if len(said) <= SAID else f"{said[: SAID - 1]}…"
        return {
            "value": value,
            "kind": kind,
            "source": self.publisher,
            "first_seen": written(self.first_seen),
            "valid_until": written(until),
            "confidence": self.confidence,
            "tlp": self.tlp or None,
            "nexus": "true" if nexus else "false",
            "says": "; ".join(part for part in (said, note) if part) or None,
        }
