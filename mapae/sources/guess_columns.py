"""Columns of a guessed table: each with the verbs its cells need, and with a question where they leave a doubt."""

from __future__ import annotations

from typing import Any

from mapae.rules.tables import TableColumn
from mapae.sources import guess_words, values
from mapae.sources.guess_content import Profile
from mapae.sources.guess_text import Entry
from mapae.sources.mapping_times import zone_of

# Of a column's cells this part may be unreadable (each is then a row refused, with its reason) before it is asked about.
MOST_BAD = 10  # in a hundred


def column(declared: TableColumn, profile: Profile, *, event: bool, doubt: str = "") -> Entry:
    """A column of the file as a column of a table.

    Args:
        declared: the table's column.
        profile: the file's.
        event: whether the table holds events, whose moments need a time zone.
        doubt: what is asked about the match itself.
    """
    if declared.type in ("date", "time"):
        made = dated(declared, profile, event=event)
    elif declared.type in ("word", "bool"):
        made = worded(declared, profile)
    else:
        made = _plain(declared, profile)
    if doubt and not made.question:
        return Entry(made.column, made.verbs, doubt, made.off, made.blocking)
    return made


def dated(declared: TableColumn, profile: Profile, *, event: bool) -> Entry:
    """Days and moments: the form is settled by all cells, else asked."""
    name, header = declared.name, profile.header
    found = profile.days.found(named=True)
    if found is None:
        question = f"{header}: in which form are its days? Some of its cells are no days that are known"
        unknown: dict[str, Any] = {"from": header, "as": declared.type}
        return Entry(name, unknown, question, off=not declared.req, blocking=declared.req)
    day = declared.type == "date" or not found.timed or not event
    verbs: dict[str, Any] = {"from": header, "as": "date" if day else "time"}
    if found.either is not None:
        question = f"{header}: month first? ({found.example or 'some begin with the month, some with the day'})"
        if not declared.req:
            verbs["format"] = _one(found.either[0])
            return Entry(name, verbs, question, off=True)
        if declared.type == "time":
            verbs["zone"] = "UTC"
        return Entry(name, verbs, f"{question} Then add format: {_one(found.either[0])}", blocking=True)
    if found.formats:
        verbs["format"] = _one(found.formats)
    if declared.type == "time" and day and not declared.date_ok:
        verbs["zone"] = "UTC"
    if not day and found.naive:
        verbs["zone"] = "UTC"
        if not any(w in profile.key.split() or f"({w})" in profile.key for w in ("utc", "gmt", "z")):
            question = f"{header}: in which time zone are these times?"
            return Entry(name, verbs, question, blocking=True)
    return Entry(name, verbs)


def _one(forms: tuple[str, ...]) -> Any:
    return forms[0] if len(forms) == 1 else list(forms)


def worded(declared: TableColumn, profile: Profile) -> Entry:
    """One of a few words: those that are known are translated, the others are asked about."""
    name, header = declared.name, profile.header
    known = guess_words.values("bool" if declared.type == "bool" else name)
    own = set(declared.words)
    translated: dict[str, str] = {}
    unknown: list[str] = []
    for word in sorted(profile.words):
        key = guess_words.value_key(word)
        value = key.replace(" ", "_") if key.replace(" ", "_") in own else known.get(key)
        if value is None:
            unknown.append(word)
        elif key not in {guess_words.value_key(k) for k in translated}:
            translated[word] = value
    otherwise = "unknown" if "unknown" in own else "empty"
    if not translated:
        question = f"{header}: which of its words mean {', '.join(declared.words) or 'yes'}?"
        return Entry(name, {"from": header}, question, off=True)
    verbs = {"from": header, "map": translated, "else": otherwise}
    if unknown and not profile.many:
        taken = otherwise.replace("empty", "nothing")
        return Entry(name, verbs, f"{header}: {', '.join(unknown[:5])} is taken as {taken}; is that right?")
    return Entry(name, verbs)


def _plain(declared: TableColumn, profile: Profile) -> Entry:
    """Text, ids, addresses, numbers: left out with a question where many cells are not what they should be."""
    name, header = declared.name, profile.header
    verbs: dict[str, Any] = {"from": header}
    if declared.type in _SAID:
        verbs["as"] = declared.type
    words = list(profile.words)
    bad = sum(_is_bad(declared, w) for w in words)
    if declared.type in _SAID and words and bad * 100 > len(words) * MOST_BAD:
        question = f"{header}: are these {_SAID[declared.type]}? {bad} of {len(words)} looked at are not"
        return Entry(name, verbs, question, off=not declared.req, blocking=declared.req)
    if (
        name in ("manager_id", "recruiter_id", "referrer_id")
        and words
        and sum(" " in w.strip() for w in words) * 2 > len(words)
    ):
        return Entry(
            name, verbs, f"{header}: these look like names; which column has the number of that person?", off=True
        )
    return Entry(name, verbs)


_SAID = {
    "email": "e-mail addresses",
    "phone": "telephone numbers",
    "country": "countries",
    "ip": "IP addresses",
    "zone": "names of time zones",
    "money": "amounts",
    "number": "numbers",
    "asn": "numbers of networks",
}


def _is_bad(declared: TableColumn, text: str) -> bool:
    if declared.type == "phone":
        return values.phone(text, "US").reason is not None
    if declared.type == "zone":
        return ("/" not in text and text not in ("UTC", "GMT")) or zone_of(text.strip()) is None
    if declared.type == "money":
        return values.money(text).reason is not None
    form = {
        "email": values.email,
        "country": values.country,
        "ip": values.ip,
        "number": values.number,
        "asn": values.asn,
    }
    return declared.type in form and form[declared.type](text).reason is not None
