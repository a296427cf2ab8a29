"""What stands beside a name: whether it agrees, contradicts or is absent, each said and weighed on its own."""

from __future__ import annotations

import dataclasses

from mapae.names.tables import weights
from mapae.screening import queries
from mapae.screening.queries import Entry, Query, evidence

_PERSON = ("Person",)
_CRAFT = ("Vessel", "Airplane", "Vehicle")
_BODIES = ("Organization", "Company", "PublicBody")


@dataclasses.dataclass(slots=True)
class Beside:
    """What the evidence beside a name says of one entry.

    Args:
        centibits: its weight.
        why: one short text each, said also where a side has nothing.
        agrees: something agrees that the name does not say itself.
        birth: the full date of birth is the same.
        contradicts: something contradicts.
    """

    centibits: int = 0
    why: list[str] = dataclasses.field(default_factory=list)
    agrees: bool = False
    birth: bool = False
    contradicts: bool = False


def one_kind(asked: str, listed: str) -> bool:
    """Whether a party of one schema may be one of the other: no person is a body, nothing but a ship is a ship.

    Args:
        asked: FollowTheMoney schema, "" where unknown: may be anything.
        listed: schema of the entry.
    """
    if not asked or asked == listed:
        return True
    if asked in _CRAFT or listed in _CRAFT:
        return False
    return not ((asked in _PERSON and listed in _BODIES) or (asked in _BODIES and listed in _PERSON))


def beside(query: Query, entry: Entry) -> Beside:
    """Weigh birth date, countries and IMO number; documents, wallets, e-mails and domains are found by equality."""
    made = Beside()
    if entry.schema == "Person" or query.birth_date:
        _birth(query.birth_date, entry, made)
    _country(query.countries, entry, made)
    if entry.schema == "Vessel" or query.imo:
        number = queries.imo(query.imo) if query.imo else ""
        if number and entry.imos and number not in entry.imos:
            made.centibits += evidence()["imo_other"]
            made.contradicts = True
            made.why.append(f"another IMO number ({', '.join(entry.imos)}): {evidence()['imo_other'] / 100:+.1f} bits")
        elif not number and entry.imos:
            made.why.append(f"IMO number: none asked about, the entry has {', '.join(entry.imos)}")
        elif number and not entry.imos:
            made.why.append("IMO number: the entry has none")
    return made


def _birth(asked: str, entry: Entry, made: Beside) -> None:
    told = queries.days(asked) if asked else None
    listed = [(text, days, about) for text, about in entry.births if (days := queries.days(text, about))]
    shown = ", ".join(("about " if about else "") + text for text, _, about in listed[:4])
    if told is None or not listed:
        if asked and told is None:
            made.why.append(f"date of birth: {asked!r} is no date, left out")
        elif told is not None:
            made.why.append("date of birth: the entry has none")
        elif listed:
            made.why.append(f"date of birth: none asked about, the entry has {shown}")
        else:
            made.why.append("date of birth: on neither side")
        return
    assert told.since is not None
    if told.since == told.until and any(asked == text and not about for text, _, about in listed):
        made.centibits += weights()["birth_date"]
        made.birth = made.agrees = True
        made.why.append(f"the same date of birth ({weights()['birth_date'] / 100:+.1f} bits)")
    elif any(told.overlaps(days) for _, days, _ in listed):
        made.centibits += evidence()["birth_agrees"]
        made.agrees = True
        made.why.append(f"date of birth agrees as far as told ({shown}): {evidence()['birth_agrees'] / 100:+.1f} bits")
    elif any(text[:4] == asked[:4] for text, _, _ in listed):
        made.centibits += evidence()["birth_same_year"]
        made.agrees = True
        made.why.append(
            f"the same year of birth, another day ({shown}): {evidence()['birth_same_year'] / 100:+.1f} bits"
        )
    else:
        made.centibits += evidence()["birth_other"]
        made.contradicts = True
        made.why.append(f"another year of birth ({shown}): {evidence()['birth_other'] / 100:+.1f} bits")


def _country(asked: tuple[str, ...], entry: Entry, made: Beside) -> None:
    told = {code.strip().lower() for code in asked} - {""}
    if not told and not entry.countries:
        made.why.append("country: on neither side")
    elif not told:
        made.why.append(f"country: none asked about, the entry has {', '.join(entry.countries[:6])}")
    elif not entry.countries:
        made.why.append("country: the entry has none")
    elif same := sorted(told & set(entry.countries)):
        made.centibits += evidence()["country_same"]
        made.agrees = True
        made.why.append(f"a country in common ({', '.join(same)}): {evidence()['country_same'] / 100:+.1f} bits")
    else:
        made.centibits += evidence()["country_other"]
        made.contradicts = True
        made.why.append(
            f"no country in common ({', '.join(entry.countries[:6])}): {evidence()['country_other'] / 100:+.1f} bits"
        )
