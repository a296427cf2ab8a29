"""Accounts as the platform sees them: made-up names, papers as keyed hashes, texts, what has been declared."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from typing import Any

import numpy as np

from mapae.worlds.parameters import Parameters
from mapae.worlds.population import Ints, Population, of_kinds

PLATFORM = "simulated-platform"
# Mail domains that belong to nobody (RFC 2606).
DOMAINS = ("example.com", "example.net", "example.org")

ACCOUNT_COLUMNS = (
    "account_id",
    "platform",
    "kind",
    "created_at",
    "display_name",
    "legal_name",
    "claimed_country",
    "claimed_region",
    "claimed_city",
    "claimed_timezone",
    "nationality_declared",
    "date_of_birth",
    "email",
    "phone",
    "id_document_kind",
    "id_document_number",
    "id_document_country",
    "photo_phash",
    "headline",
    "profile_text",
    "skills",
    "status",
    "status_at",
    "status_reason",
)


@dataclasses.dataclass
class Faces:
    """What money and messages need of a profile."""

    ids: list[str]
    names: list[str]
    texts: list[str]
    countries: list[str]


def keyed_hash(what: str, number: int, seed: int) -> str:
    """A keyed hash in the form that records.md allows in place of a phone or a document number."""
    return "hmac:" + hashlib.sha256(f"simulated {what} {seed} {number}".encode()).hexdigest()


def stamp(given: Parameters, second: float) -> str:
    """Seconds since the world begins as ISO 8601."""
    return (given.begins + dt.timedelta(seconds=int(second))).strftime("%Y-%m-%dT%H:%M:%SZ")


def names(given: Parameters, people: Population, rng: np.random.Generator) -> list[str]:
    """A made-up name for each account, by the words of the claimed country."""
    words = given.words
    spoken = [words["countries"][p.country] for p in given.places]
    first, second = rng.random(people.n), rng.random(people.n)
    initial = rng.integers(0, 78, people.n)
    made = []
    for i in range(people.n):
        tongue = people.kinds[people.kind[i]].names or spoken[people.claimed[i]]
        given_name = words["given"][tongue][int(first[i] * len(words["given"][tongue]))]
        family = words["family"][tongue][int(second[i] * len(words["family"][tongue]))]
        middle = (
            f" {chr(65 + initial[i])}."
            if initial[i] < 26 and tongue not in ("chinese", "vietnamese", "japanese")
            else ""
        )
        if words["order"].get(tongue) == "family given":
            made.append(f"{family} {given_name}")
        else:
            made.append(f"{given_name}{middle} {family}")
    return made


def _texts(given: Parameters, people: Population, rng: np.random.Generator) -> list[str]:
    """A profile text for each account; templates are copied, a group that shares texts varies one."""
    w = given.words
    draw = rng.random((people.n, 8))

    def pick(words: list[str], value: float) -> str:
        return words[int(value * len(words))]

    texts = []
    for d in draw:
        years = 1 + int(d[7] * 18)
        texts.append(
            f"{pick(w['openings'], d[0])} {pick(w['things'], d[1])} {pick(w['manners'], d[2])}. "
            f"{pick(w['openings'], d[3])} {pick(w['things'], d[4])} {pick(w['manners'], d[5])}. "
            f"{years} years of it. {pick(w['closings'], d[6])}"
        )
    templates = [
        f"Hello! I am a skilled developer {m}. I will finish your project {n}."
        for m, n in zip(w["manners"][:5], w["manners"][5:10], strict=True)
    ]
    which = rng.integers(0, len(templates), people.n)
    for i in np.flatnonzero(people.traits["copied_text"] > 0).tolist():
        texts[i] = templates[which[i]]
    lead = people.leads["text"]
    for i in np.flatnonzero(lead != np.arange(people.n)).tolist():
        texts[i] = (
            texts[lead[i]].rsplit(" years of it.", 1)[0] + " years of it. " + pick(w["closings"], float(draw[i, 6]))
        )
    return texts


def accounts(
    given: Parameters, people: Population, seed: int, rng: np.random.Generator
) -> tuple[list[dict[str, Any]], Faces]:
    """The table ``accounts``, row by row, and the faces that other tables refer to."""
    n = people.n
    width = len(str(n - 1))
    ids = [f"w{i:0{width}d}" for i in range(n)]
    called = names(given, people, rng)
    texts = _texts(given, people, rng)
    age_days = rng.integers(1, 1500, n)
    new = of_kinds(people, {"newcomer"})
    age_days = np.where(new, rng.integers(1, 61, n), age_days)
    age_days = np.where(people.in_rings, rng.integers(20, 420, n), age_days)
    born = rng.integers(0, 15_000, n)
    domain, tail = rng.integers(0, len(DOMAINS), n), rng.integers(10, 9_999, n)
    papers = rng.integers(0, 3, n)
    picture = rng.integers(0, 1 << 63, n)
    learnt = rng.random((n, 6))
    learnt_n = rng.integers(2, 7, n)
    moved_says_so = of_kinds(people, {k.name for k in people.kinds if k.moves}) & (rng.random(n) < 0.6)
    place_of = np.where(moved_says_so, people.change_place, people.claimed)
    ended = rng.integers(30 * 86_400, int(given["days"]) * 86_400, n)
    skills = given.words["skills"]
    rows = []
    for i in range(n):
        place = given.places[int(place_of[i])]
        passport = given.places[int(people.claimed[i])].country
        plain = "".join(c for c in called[i].lower().replace(" ", ".") if c.isalnum() or c == ".").replace("..", ".")
        suspended = people.traits["suspended"][i] > 0
        mine = sorted({skills[int(v * len(skills))] for v in learnt[i, : learnt_n[i]]})
        rows.append(
            {
                "account_id": ids[i],
                "platform": PLATFORM,
                "kind": "worker",
                "created_at": stamp(given, -int(age_days[i]) * 86_400 + int(born[i])),
                "display_name": called[i].split()[0] + " " + called[i].split()[-1][0] + ".",
                "legal_name": called[i],
                "claimed_country": place.country,
                "claimed_region": place.region,
                "claimed_city": place.city,
                "claimed_timezone": place.zone,
                "nationality_declared": passport,
                "date_of_birth": (dt.date(1962, 1, 1) + dt.timedelta(days=int(born[i]))).isoformat(),
                "email": f"{plain}{tail[i]}.{i}@{DOMAINS[domain[i]]}",
                "phone": keyed_hash("phone", int(people.leads["phone"][i]), seed),
                "id_document_kind": ("passport", "id card", "driving licence")[papers[i]],
                "id_document_number": keyed_hash("document", int(people.leads["document"][i]), seed),
                "id_document_country": passport,
                "photo_phash": f"{picture[i]:016x}",
                "headline": f"{mine[0]} developer" if mine else "developer",
                "profile_text": texts[i],
                "skills": ";".join(mine),
                "status": "suspended" if suspended else "active",
                "status_at": stamp(given, int(ended[i])) if suspended else "",
                "status_reason": "terms of service" if suspended else "",
            }
        )
    return rows, Faces(ids, called, texts, [r["claimed_country"] for r in rows])


def declared(
    given: Parameters, people: Population, faces: Faces, journeys: tuple[Ints, Ints, Ints], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """The table ``declared``: teams, households, lodgings for disabled people, and journeys of those who say so."""
    rows: list[dict[str, Any]] = []
    for index, kind in enumerate(people.kinds):
        here = np.flatnonzero(people.kind == index)
        if kind.group is not None and kind.group.declared != "no":
            for group in np.unique(people.group[here]).tolist():
                members = np.flatnonzero(people.group == group).tolist()
                for member in members:
                    others = [faces.ids[m] for m in members if m != member]
                    rows.append(
                        _declaration(
                            given, kind.group.declared, faces.ids[member], others, -200, "simulated declaration"
                        )
                    )
        if kind.declared:
            rows += [
                _declaration(given, kind.declared, faces.ids[i], [], -90, "remote desktop for a disability (simulated)")
                for i in here.tolist()
            ]
    starts, lasts, _ = journeys
    says_so = rng.random(people.n) < 0.35
    honest = people.actual == people.claimed
    for i, j in zip(*np.nonzero((starts >= 0) & (says_so & honest)[:, None]), strict=True):
        row = _declaration(given, "travel", faces.ids[int(i)], [], int(starts[i, j]), "journey (simulated)")
        row["until"] = stamp(given, (int(lasts[i, j]) + 1) * 86_400)
        rows.append(row)
    return sorted(rows, key=lambda r: (r["kind"], r["subject"], r["since"]))


def _declaration(
    given: Parameters, kind: str, subject: str, with_whom: list[str], day: int, says: str
) -> dict[str, Any]:
    """One row, in force from ``day`` (days since the world begins)."""
    return {
        "kind": kind,
        "subject": subject,
        "with_whom": ";".join(with_whom),
        "since": stamp(given, day * 86_400),
        "until": "",
        "approved_by": "simulated-desk",
        "happened_at": stamp(given, min(day, 0) * 86_400),
        "says": says,
    }
