"""Facts of a case in plain words: each sign and each thing shared, with its days, its rows and what would settle it."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from mapae.model.ids import parse_ref
from mapae.reports import identifiers
from mapae.reports.people import Person, holders
from mapae.reports.sections import rows_in
from mapae.reports.wording import fill, parsed, rule_data
from mapae.rules import load
from mapae.rules.kinds import CATALOGUE
from mapae.store.runs import OpenRun
from mapae.store.views import name, quote

FORMS = "forms.yml"


@dataclasses.dataclass(frozen=True)
class Fact:
    """One thing that the records show.

    Args:
        people: the accounts that stand for the people it is about.
        rule: id of the rule or key behind it.
        title, says: as a heading, and as a sentence.
        since, until: first and last time (UTC) of the rows it rests on; None where they carry none.
        rows, files: how many rows of which files.
        refs: references to the rows, at most twenty.
        innocent, settles: honest explanations, and what would settle it.
        guard: what was left out beforehand.
        values: what is shared, of facts about sharing.
    """

    people: tuple[str, ...]
    rule: str
    title: str
    says: str
    since: Any
    until: Any
    rows: int
    files: tuple[str, ...]
    refs: tuple[str, ...]
    innocent: tuple[str, ...]
    settles: tuple[str, ...]
    guard: str
    values: tuple[str, ...] = ()


def data(run: OpenRun, file: str) -> dict[str, Any]:
    """A list of the catalogue as the run kept it, else as it ships now; empty where there is none."""
    held = run.manifest["data"].get(file)
    if held:
        return dict(parsed(held["text"]) or {})
    path = CATALOGUE / file
    return dict(load.load_file(path)) if path.exists() else {}


def span(run: OpenRun, refs: list[str]) -> tuple[Any, Any, tuple[str, ...]]:
    """First and last time, and the files, of the rows that references point to."""
    wanted: dict[str, list[tuple[str, int]]] = {}
    sources: set[str] = set()
    for ref in refs:
        one = parse_ref(ref)
        if one.kind == "record":
            wanted.setdefault(one.table, []).append((one.source, int(one.key)))
            sources.add(one.source)
    times: list[Any] = []
    for table, rows in sorted(wanted.items()):
        columns = {c[0] for c in run.con.execute(f"describe {name(table)}").fetchall()}
        if "happened_at" not in columns:
            continue
        found = run.rows(
            f"select min(happened_at) as a, max(happened_at) as b from {name(table)} "
            "where mapae_source in (select unnest(?::varchar[])) and mapae_row in (select unnest(?::bigint[])) "
            "and (mapae_source || ':' || mapae_row) in (select unnest(?::varchar[]))",
            [sorted({s for s, _ in rows}), sorted({r for _, r in rows}), [f"{s}:{r}" for s, r in rows]],
        )
        times += [v for v in (found[0]["a"], found[0]["b"]) if v is not None]
    paths = rows_in(
        run,
        "select distinct on (source) source, path from sources where source in $in order by source, path",
        sorted(sources),
    )
    return min(times, default=None), max(times, default=None), tuple(sorted(r["path"] for r in paths))


def signs(run: OpenRun, people: list[Person]) -> list[Fact]:
    """Signs of misrepresentation of the people; signs of the other question are none of this form's."""
    settles = data(run, FORMS).get("settles", {})
    accounts = [f"account:{a}" for p in people for a in p.accounts]
    owner = {f"account:{a}": p.principal for p in people for a in p.accounts}
    found = []
    for row in rows_in(run, "select * from flag where subject in $in order by subject, family, rule", accounts):
        rule = rule_data(run.manifest, row["rule"])
        if rule.get("stage") == "nexus":
            continue
        since, until, files = span(run, row["because"])
        found.append(
            Fact(
                people=(owner[row["subject"]],),
                rule=row["rule"],
                title=str(rule.get("title", row["rule"])),
                says=fill(str(rule.get("says", row["rule"])), json.loads(row["facts"])),
                since=since,
                until=until,
                rows=row["because_n"],
                files=files,
                refs=tuple(row["because"]),
                innocent=tuple(rule.get("innocent", ())),
                settles=tuple(rule.get("settles") or settles.get(row["family"], ())),
                guard=str(rule.get("guard", "")),
            )
        )
    return found


def shared(run: OpenRun, people: list[Person]) -> list[Fact]:
    """What people of the case share with each other, one fact per key and value."""
    settles = data(run, FORMS).get("settles", {}).get("sharing", ())
    keys = data(run, "keys.yml").get("keys", {})
    found = []
    for key, group in shared_values(run, people).items():
        rule = keys.get(key, {})
        title = str(rule.get("title", key))
        for one in group:
            since, until, rows = _seen(run, one)
            first, last, files = span(run, list(one.refs))
            found.append(
                Fact(
                    people=one.people,
                    rule=f"key.{key}",
                    title=title,
                    says=f"{title[0].lower()}{title[1:]}; in all of the records {one.holders:,} people have it.",
                    since=since or first,
                    until=until or last,
                    rows=rows or len(one.refs),
                    files=files,
                    refs=one.refs,
                    innocent=tuple(rule.get("innocent", ())),
                    settles=tuple(settles),
                    guard=str(rule.get("guard", "")),
                    values=(one.value,),
                )
            )
    return found


@dataclasses.dataclass(frozen=True)
class Shared:
    """A value of a link key that several of some people hold.

    Args:
        value: as the projection ``identifiers`` has it.
        people: accounts that stand for those who hold it.
        refs: references to a row of each.
        holders: how many people hold it in all.
    """

    value: str
    people: tuple[str, ...]
    refs: tuple[str, ...]
    holders: int


def shared_values(run: OpenRun, people: list[Person]) -> dict[str, list[Shared]]:
    """Values of link keys that at least two of the people hold, by key, in order of value; crowds are left out."""
    view = holders(run)
    accounts = [f"account:{a}" for p in people for a in p.accounts]
    made: dict[str, list[Shared]] = {}
    for key, rule in sorted(data(run, "keys.yml").get("keys", {}).items()):
        kinds = ", ".join(quote(str(kind)) for kind in rule["kinds"])
        rows = rows_in(
            run,
            f"with held as (select i.value, i.ref, i.party, coalesce(h.holder, i.party) as holder from identifiers as i "
            f"left join {view} as h on 'account:' || h.account_id = i.party "
            f"where i.kind in ({kinds}) and not starts_with(i.party, 'party:') and i.value in (select value from identifiers where kind in ({kinds}) and party in $in)) "
            "select value, list(distinct holder order by holder) filter (party in $in) as people, "
            "list(distinct ref order by ref) filter (party in $in) as refs, count(distinct holder) as n from held "
            f"group by value having len(people) > 1 and n <= {int(str(rule.get('ceiling', '25')))} order by value",
            accounts,
        )
        if rows:
            made[key] = [Shared(r["value"], tuple(r["people"]), tuple(r["refs"]), r["n"]) for r in rows]
    return made


def _seen(run: OpenRun, one: Shared) -> tuple[Any, Any, int]:
    """First and last time that the people were seen with a shared value, and in how many rows."""
    rows = rows_in(
        run,
        f"select min(seen_at) as a, max(seen_at) as b, count(*) as n from ({identifiers.sightings(run)}) as s "
        f"where value = {quote(one.value)} and holder in $in",
        list(one.people),
    )
    return rows[0]["a"], rows[0]["b"], rows[0]["n"]


def personal_values(run: OpenRun, people: list[Person]) -> dict[str, str]:
    """Everything in the records that names or locates the people, for masking: value to "" (or to the person's label)."""
    found: dict[str, str] = {}
    for n, person in enumerate(people, 1):
        label = f"person {n}"
        ids = [*person.accounts, *([person.person_id] if person.person_id else [])]
        for value in ids:
            found[value] = label
            found[f"account:{value}"] = label
        for row in rows_in(
            run,
            "select display_name, legal_name, email, email_received, phone, github_login, claimed_city from accounts where account_id in $in",
            ids,
        ):
            found |= {str(v): found.get(str(v), "") for v in row.values() if v}
        for row in rows_in(run, "select home_address, home_city from employees where person_id in $in", ids):
            found |= {str(v): found.get(str(v), "") for v in row.values() if v}
        for row in rows_in(
            run,
            f"select distinct value from ({identifiers.sightings(run)}) as s where holder in $in and kind <> 'asn'",
            [person.principal, *(f"person:{person.person_id}" for _ in [1] if person.person_id)],
        ):
            found.setdefault(str(row["value"]), "")
    return found
