"""Cases: an operator as the assessment calls it (a ring, or a person or account alone), with what it rests on.

Weights are centibits for "misrepresented?"; ``log_odds`` adds the prior. A ring weighs what its surest member weighs,
since members are weighed as one operator.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import pyarrow as pa

from mapae.model.errors import MapaeError, WrongUse
from mapae.model.findings import canonical_json
from mapae.rules.load import load_text
from mapae.store.runs import OpenRun
from mapae.store.views import first

# The family that a group of identities under one hand speaks in (evidence.md, "Ring"), beside those of flags.
CONTROL = "control"
NEXUS = "nexus"
STAGE = "misrepresentation"


@dataclasses.dataclass(frozen=True)
class Case:
    """One operator of one run.

    Args:
        ref: ``ring:…``, ``person:…`` or ``account:…``.
        people: accounts that stand for its people (their principals), sorted; how many people it is.
        members: all typed references that mean it: people, their other accounts, persons; sorted.
        finding: id of the assessment that speaks for it (of its surest member).
        verdict, centibits, prior: of that assessment; the weight is free of the prior.
        permille: probability that goes with them, for workspaces that are calibrated.
        families: family to its counted flags' ids (``control`` has the ring's), sorted; those that speak.
        nexus: ids of findings that are nexus facts; no weight comes of them.
        digest: hash of what it rests on (id, verdict, rule hash, because), see :func:`_digest`.
    """

    ref: str
    people: tuple[str, ...]
    members: tuple[str, ...]
    finding: str
    verdict: str
    centibits: int
    prior: int
    permille: int
    families: dict[str, tuple[str, ...]]
    nexus: tuple[str, ...]
    digest: str

    @property
    def log_odds(self) -> int:
        """Log2 odds after the prior, in centibits."""
        return self.centibits + self.prior

    @property
    def reasons(self) -> frozenset[str]:
        """The families that speak, and ``nexus`` where there is a nexus fact: the alert's set of reasons."""
        return frozenset([*self.families, *([NEXUS] if self.nexus else [])])

    @property
    def order(self) -> tuple[int, int, int, str]:
        """Sort key: nexus facts first, then the likeliest."""
        return (0 if self.nexus else 1, -self.log_odds, -self.centibits, self.ref)


def people(run: OpenRun) -> int:
    """How many people (accounts that stand for one) were assessed."""
    row = first(run.con, "select count(*) from assessment")
    return int(row[0]) if row else 0


def read(run: OpenRun, *, least: int, also: Collection[str] = ()) -> list[Case]:
    """Cases of a run, worst first.

    Args:
        least: least weight in centibits.
        also: typed references; cases that they belong to are read too, whatever they weigh.

    Returns:
        The cases at or above ``least``, those with a nexus fact, and those of ``also``.
    """
    _names(run)
    _nexus_facts(run)
    run.con.register("case_also", pa.table({"ref": pa.array(sorted(set(also)), pa.string())}))
    rows = run.rows(
        f"""with asked as (
          select ref from case_nexus union select ref from case_also
          union select 'account:' || p.principal from case_persons as p
            semi join case_also as x on x.ref = 'account:' || p.account_id
        ), chosen as (
          select operator from case_rows where centibits >= {int(least)}
          union select c.operator from case_rows as c semi join asked as x on x.ref = c.subject
          union select c.operator from case_rows as c semi join asked as x on x.ref = c.operator
          union select c.operator from case_rows as c semi join asked as x on x.ref = c.person)
        select c.*, a.because, a.facts from case_rows as c join chosen as k on k.operator = c.operator
        join assessment as a on a.id = c.id order by c.operator, c.subject"""
    )
    run.con.unregister("case_also")
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row["operator"]].append(row)
    return sorted(_cases(run, grouped), key=lambda case: case.order)


def find(run: OpenRun, wanted: str) -> Case:
    """The case of a ring, person or account reference, or of a finding's id (or its first eight digits).

    Raises:
        MapaeError: this run has no such case.
        WrongUse: the text is neither a reference nor an id.
    """
    refs = [wanted]
    if ":" not in wanted:
        if len(wanted) < 8 or any(c not in "0123456789abcdef" for c in wanted.lower()):
            raise WrongUse(
                f"{wanted!r} names no case.",
                do="Give a number of the list last printed, ring:…, person:…, account:…, or a finding's id.",
            )
        refs = _subjects(run, wanted.lower())
    found = [case for case in read(run, least=2**31 - 1, also=refs) if {case.ref, *case.members} & set(refs)]
    if len(found) != 1:
        raise MapaeError(
            f"This run has {'no case' if not found else 'several cases'} for {wanted}.",
            where=str(run.space.root),
            do="Print the list anew: mapae alerts --all",
        )
    return found[0]


def _subjects(run: OpenRun, digits: str) -> list[str]:
    union = " union ".join(
        f"select subject, object from {kind} where id like $1" for kind in ("assessment", "flag", "ring", "link")
    )
    union += " union select subject, split_part(object, '|', 1) from path where id like $1"
    rows = run.con.execute(
        f"select distinct subject, object from ({union}) as f order by all", [digits + "%"]
    ).fetchall()
    return sorted({ref.removeprefix("conduct:") for row in rows for ref in row if ref})


def _names(run: OpenRun) -> None:
    """Make ``case_persons(account_id, person_id, principal)`` and ``case_rows``, assessments with their operator, once a run."""
    known = "measures/persons" in run.manifest["tables"]
    persons = (
        "select account_id, person_id, principal from persons"
        if known
        else ("select '' as account_id, '' as person_id, '' as principal where false")
    )
    run.con.execute(f"create temp view if not exists case_persons as {persons}")
    run.con.execute(
        "create temp table if not exists case_rows as select a.id, a.subject, a.verdict, a.centibits, a.prior_centibits, "
        "a.permille, coalesce('person:' || p.person_id, '') as person, "
        "case when a.ring <> '' then a.ring when p.person_id is not null then 'person:' || p.person_id "
        "else a.subject end as operator "
        "from assessment as a left join (select distinct principal, min(person_id) as person_id from case_persons group by principal) as p "
        "on 'account:' || p.principal = a.subject"
    )


def _nexus_facts(run: OpenRun) -> None:
    """Make ``case_nexus(ref, id)``: paths to listed parties, and flags whose rule asks the second question."""
    asked = sorted(rule for rule, stage in _stages(run).items() if stage != STAGE)
    run.con.register("case_asked", pa.table({"rule": pa.array(asked, pa.string())}))
    run.con.execute(
        "create or replace temp table case_nexus as "
        "select replace(split_part(object, '|', 1), 'conduct:', '') as ref, min(id) as id from path group by ref "
        "union select f.subject, f.id from flag as f semi join case_asked as a on a.rule = f.rule where f.verdict = 'yes'"
    )
    run.con.unregister("case_asked")


@functools.lru_cache(maxsize=1024)
def _stage(text: str) -> str:
    return str(load_text(text).get("stage", STAGE))


def _stages(run: OpenRun) -> dict[str, str]:
    """Stage of each indicator that has a flag in this run."""
    told = {}
    for (rule,) in run.con.execute("select distinct rule from flag").fetchall():
        held = run.manifest["rules"].get(f"indicator/{rule}")
        told[rule] = _stage(held["text"]) if held else STAGE
    return told


def _cases(run: OpenRun, grouped: dict[str, list[dict[str, Any]]]) -> Iterable[Case]:
    subjects = sorted({row["subject"] for rows in grouped.values() for row in rows})
    run.con.register("case_subjects", pa.table({"ref": pa.array(sorted({*subjects, *grouped}), pa.string())}))
    flags: dict[str, list[dict[str, Any]]] = defaultdict(list)
    stages = _stages(run)
    for row in run.rows(
        "select f.id, f.subject, f.rule, f.family from flag as f semi join case_subjects as s on s.ref = f.subject "
        "where f.counted and f.verdict = 'yes' order by f.subject, f.family, f.rule"
    ):
        if stages[row["rule"]] == STAGE:
            flags[row["subject"]].append(row)
    others: dict[str, list[str]] = defaultdict(list)
    for subject, account in run.con.execute(
        "select 'account:' || principal, 'account:' || account_id from case_persons as p "
        "semi join case_subjects as s on s.ref = 'account:' || p.principal order by all"
    ).fetchall():
        others[subject].append(account)
    rings: dict[str, list[str]] = defaultdict(list)
    for ring, id_ in run.con.execute(
        "select r.object, r.id from ring as r semi join case_subjects as s on s.ref = r.object order by r.object, r.id"
    ).fetchall():
        rings[ring].append(id_)
    nexus: dict[str, list[str]] = defaultdict(list)
    for ref, id_ in run.con.execute(
        "select n.ref, n.id from case_nexus as n semi join case_subjects as s on s.ref = n.ref order by n.ref, n.id"
    ).fetchall():
        nexus[ref].append(id_)
    run.con.unregister("case_subjects")
    for operator, rows in sorted(grouped.items()):
        said = min(rows, key=lambda r: (-(r["centibits"] + r["prior_centibits"]), r["subject"]))
        families: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            for flag in flags[row["subject"]]:
                families[flag["family"]].append(flag["id"])
        if json.loads(said["facts"]).get(CONTROL, 0) > 0:
            families[CONTROL] = list(rings[operator])
        named = {r["subject"] for r in rows}
        members = named | {r["person"] for r in rows if r["person"]}
        members |= {account for subject in named for account in others[subject]}
        facts = sorted({id_ for ref in (operator, *named) for id_ in nexus[ref]})
        yield Case(
            ref=operator,
            people=tuple(sorted(named)),
            members=tuple(sorted(members)),
            finding=said["id"],
            verdict=said["verdict"],
            centibits=int(said["centibits"] or 0),
            prior=int(said["prior_centibits"]),
            permille=int(said["permille"]),
            families={family: tuple(sorted(ids)) for family, ids in sorted(families.items())},
            nexus=tuple(facts),
            digest=_digest(run, rows, [flag for row in rows for flag in flags[row["subject"]]], facts),
        )


def _digest(run: OpenRun, rows: list[dict[str, Any]], flags: list[dict[str, Any]], nexus: list[str]) -> str:
    """Hash of the case's findings: each assessment's id, verdict and ``because``, and the hash of each rule below it.

    Rows of files below a flag are left out: a day's sign-ins change them and not what they say.
    """
    hashes = {
        flag["rule"]: str(run.manifest["rules"].get(f"indicator/{flag['rule']}", {}).get("sha256", ""))
        for flag in flags
    }
    told = {
        "families": str(run.manifest.get("families", "")),
        "findings": sorted([row["id"], row["verdict"], *sorted(row["because"])] for row in rows),
        "rules": hashes,
        "nexus": nexus,
    }
    return hashlib.sha256(canonical_json(told).encode()).hexdigest()
