"""Reasons of a case in words: what its people share, then each sign, with how many of one's own people show the same."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pyarrow as pa

from mapae.casework.cases import Case
from mapae.reports.wording import fill, parsed, rule_data
from mapae.store.runs import OpenRun
from mapae.store.views import first

# Reasons of one line; the rest is counted.
MOST = 6
_STRENGTH = "case f.level when 'strong' then 0 when 'medium' then 1 else 2 end"


def of(run: OpenRun, case: Case, most: int = MOST) -> list[str]:
    """A case's reasons, strongest first.

    Args:
        run: the run it is of.
        case: the case.
        most: reasons at most; the rest is one more entry that counts them.
    """
    run.con.register("case_people", pa.table({"ref": pa.array(case.people, pa.string())}))
    try:
        told = [*_nexus(run, case), *_shared(run, case), *_hired(run, case), *_signs(run, case)]
    finally:
        run.con.unregister("case_people")
    return told if len(told) <= most else [*told[: most - 1], f"and {len(told) - most + 1} more"]


def _nexus(run: OpenRun, case: Case) -> list[str]:
    """Nexus facts of the case: a sign's sentence where it is one, else where to read the path."""
    if not case.nexus:
        return []
    flags = {
        row["id"]: row
        for row in run.rows("select id, rule, facts from flag where id in (select unnest(?))", [list(case.nexus)])
    }
    said = {
        fill(str(rule_data(run.manifest, row["rule"]).get("says", row["rule"])), json.loads(row["facts"])).rstrip(".")
        for row in flags.values()
    }
    paths = [id_ for id_ in case.nexus if id_ not in flags]
    told = [f"nexus fact: {says[0].lower()}{says[1:]}" for says in sorted(said)]
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return told + ([f"nexus fact: a traced path to a listed party (mapae why {paths[0][:8]}{more})"] if paths else [])


def _shared(run: OpenRun, case: Case) -> list[str]:
    """What two of the people or more share, by key; with days where the value is one that people sign in by."""
    if len(case.people) < 2:
        return []
    kept = run.manifest.get("data", {}).get("keys.yml")
    keys: dict[str, Any] = dict(parsed(kept["text"])["keys"]) if kept else {}
    pairs: dict[str, set[str]] = defaultdict(set)
    holders: dict[str, int] = {}
    for row in run.rows(
        "select l.subject, l.object, l.keys, l.facts from link as l semi join case_people as s on s.ref = l.subject "
        "semi join case_people as o on o.ref = l.object order by l.id"
    ):
        counted = json.loads(row["facts"]).get("holders", {})
        for key in row["keys"]:
            pairs[key] |= {row["subject"], row["object"]}
            holders[key] = min(holders.get(key, 2**31), int(counted.get(key, 2**31)))
    told = []
    for key in sorted(pairs, key=lambda k: (holders[k], k)):
        title = str(keys.get(key, {}).get("title", key.replace("_", " ")))
        number = len(pairs[key])
        who = _who(case, number)
        days = _days(run, key)
        told.append(f"{who}: {title[0].lower()}{title[1:]}" + (f", on {days:,} days each" if days else ""))
    return told


def _who(case: Case, number: int) -> str:
    if number == len(case.people):
        return "both" if number == 2 else "all"
    return f"{number:,} of them"


# Keys whose values people sign in by, and the column of sign_ins that holds them.
_BY_SIGN_IN = {"device": "device_id", "home_line": "ip_64"}


def _days(run: OpenRun, key: str) -> int:
    """Days on which each holder among the people signed in by the shared value, of the value where that is most."""
    column = _BY_SIGN_IN.get(key, "")
    there = {c[0] for c in run.con.execute("describe sign_ins").fetchall()}
    if column not in there:
        return 0
    row = first(
        run.con,
        "with mine as (select coalesce(p.principal, a.account_id) as who, a.account_id from (select distinct account_id from sign_ins) as a "
        "left join case_persons as p on p.account_id = a.account_id "
        "semi join case_people as c on c.ref = 'account:' || coalesce(p.principal, a.account_id)), "
        f"held as (select s.{column} as value, m.who, count(distinct date_trunc('day', s.happened_at)) as days from sign_ins as s "
        f"join mine as m on m.account_id = s.account_id where s.outcome = 'success' and s.{column} is not null "
        f"and s.{column} in (select value from identifiers where kind = $1) group by all) "
        "select max(least_days) from (select value, min(days) as least_days from held group by value having count(*) > 1) as v",
        [key],
    )
    return int(row[0] or 0) if row else 0


def _hired(run: OpenRun, case: Case) -> list[str]:
    """How far apart the people were hired: beside the weight, never in it."""
    if len(case.people) < 2 or "records/employees" not in run.manifest["tables"]:
        return []
    row = first(
        run.con,
        "select count(distinct e.person_id), date_diff('day', min(e.hired_on), max(e.hired_on)) from employees as e "
        "semi join (select p.person_id from case_persons as p join case_people as c on c.ref = 'account:' || p.principal) as q "
        "on q.person_id = e.person_id where e.hired_on is not null",
    )
    if not row or row[0] != len(case.people):
        return []
    return [f"hired {row[1]:,} days apart" if row[1] else "hired on one day"]


def _signs(run: OpenRun, case: Case) -> list[str]:
    """Counted flags of the people in their rules' words, each rule once, with how many others show it."""
    rows = run.rows(
        "with mine as (select f.rule, f.level, f.facts, f.subject, "
        f"{_STRENGTH} as strength from flag as f semi join case_people as c on c.ref = f.subject where f.counted and f.verdict = 'yes' "
        "and f.id not in (select unnest($1::varchar[]))) "
        "select m.rule, m.facts, n.people, h.here from mine as m "
        "join (select rule, count(distinct subject) as people from flag where verdict = 'yes' group by rule) as n on n.rule = m.rule "
        "join (select rule, count(distinct subject) as here from mine group by rule) as h on h.rule = m.rule "
        "qualify row_number() over (partition by m.rule order by m.facts desc, m.subject) = 1 order by m.strength, n.people, m.rule",
        [list(case.nexus)],
    )
    told = []
    for row in rows:
        says = fill(
            str(rule_data(run.manifest, row["rule"]).get("says", row["rule"])), json.loads(row["facts"])
        ).rstrip(".")
        here = f", {_who(case, row['here'])}" if len(case.people) > 1 and row["here"] > 1 else ""
        told.append(f"{says[0].lower()}{says[1:]} [{row['people']:,}{here}]")
    return told
