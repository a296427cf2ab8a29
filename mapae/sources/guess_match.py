"""Which table an unknown file fits: headers matched with the words of each table, the fullest fit taken."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from mapae.sources.guess_content import Content, Profile
from mapae.sources.guess_words import NOT_READ, distinctive, headers, likely, order

PEOPLE = "people"
# What a table cannot do without: of each group one column. Rows without them would all be rejected.
NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    PEOPLE: (
        ("person_id", "email"),
        (
            "legal_name",
            "first_name",
            "last_name",
            "hired_on",
            "job_title",
            "worker_type",
            "manager_id",
            "home_city",
            "work_city",
        ),
    ),
    "applications": (
        ("application_id", "email"),
        ("happened_at",),
        ("email", "applicant_name", "candidate_id", "first_name"),
    ),
    "sign_ins": (("account_id", "email"), ("happened_at",), ("ip", "country", "device_id")),
    "equipment": (
        ("shipment_id", "tracking_number"),
        ("person_id", "email"),
        ("happened_at",),
        ("ship_to_address", "ship_to_street"),
    ),
    "payouts": (("payout_id",), ("account_id", "email"), ("happened_at",), ("destination_id",)),
    "endpoint_facts": (("device_id",), ("product", "vendor_id")),
    "meetings": (("meeting_id",), ("account_id", "email"), ("happened_at",)),
    "references_given": (("reference_id",), ("application_id",), ("referee_email", "referee_phone", "referee_name")),
}


@dataclasses.dataclass
class Fit:
    """A table held against a file.

    Args:
        table: its name; ``people`` for accounts and employees.
        columns: column (also of words that are joined, as first_name) to the file's column.
        doubtful: columns that were recognised by likeness or by content alone.
        rest: columns of the file that have no place.
        not_read: columns that are left out on purpose.
        score: how much of the file it explains.
        whole: whether nothing is missing that it needs.
    """

    table: str
    columns: dict[str, Profile]
    doubtful: dict[str, str]
    rest: list[Profile]
    not_read: list[Profile]
    score: int
    whole: bool


def best(content: Content) -> Fit | None:
    """The table that fits best; None where no column of the file says anything."""
    fits = [fit(content, table) for table in headers()]
    chosen = max(fits, key=lambda f: (f.whole, f.score, -list(headers()).index(f.table)))
    return chosen if chosen.columns else None


def fit(content: Content, table: str) -> Fit:
    """How a table fits a file."""
    words, rank = headers()[table], order(table)
    found: dict[str, tuple[tuple[int, int, int], Profile, str]] = {}
    rest: list[Profile] = []
    not_read: list[Profile] = []
    score = 0
    for position, profile in enumerate(content.columns):
        if not content.header:
            rest.append(profile)
            continue
        without_unit = re.sub(r" \(\D[^)]*\)$", "", profile.key)  # "login time (utc)"
        word = next((w for w in (profile.key, without_unit) if w in words), "")
        doubt = ""
        if not word:
            word = likely(profile.key, table)
            doubt = f"is {profile.header} meant as {word}?" if word else ""
        if not word:
            rest.append(profile)
            continue
        column = words[word]
        if column == NOT_READ:
            not_read.append(profile)
            continue
        score += 3 if word in distinctive() and not doubt else 1
        candidate = ((0 if not doubt else 1, rank[word], position), profile, doubt)
        if column in found:
            worse = max(found[column], candidate, key=lambda c: c[0])
            rest.append(worse[1])
            if worse is candidate:
                continue
        found[column] = candidate
    columns = {c: p for c, (_, p, _) in found.items()}
    doubtful = {c: doubt for c, (_, _, doubt) in found.items() if doubt}
    headers_of = {p.header for p in content.columns}
    for column, profile in columns.items():
        if f"{profile.header} (2)" in headers_of:
            doubtful.setdefault(
                column, f"{profile.header}: the file has several columns of this name; is the first meant?"
            )
    for kind, column in (("email", "email"), ("ip", "ip")):
        other = next((p for p in rest if p.mostly(kind)), None)
        if column not in columns and other is not None and column in words.values():
            columns[column], doubtful[column] = other, f"{other.header}: are these the {_SAID[kind]}?"
            rest.remove(other)
            score += 1
    whole_fit = all(any(c in columns for c in group) for group in NEEDS[table])
    return Fit(table, columns, doubtful, rest, not_read, score, whole_fit)


_SAID = {"email": "work e-mail addresses", "ip": "addresses signed in from"}
