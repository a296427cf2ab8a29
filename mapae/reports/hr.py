"""The form for HR and counsel: facts and contradictions in plain words, masked until a purpose is stated; no score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mapae.casework import decisions
from mapae.model.errors import WrongUse
from mapae.reports import acts, contradictions, facts, people, plain, render, sections
from mapae.reports.facts import Fact
from mapae.reports.people import Person
from mapae.reports.why import Walk
from mapae.reports.wording import SIMULATED
from mapae.store import disk
from mapae.store.runs import OpenRun

FORMS = ("hr", "counsel")
NOTICE = (
    "This form informs people; it does not accuse, dismiss or report anybody. Each line is a fact from your own records with "
    "its ground and with what else may explain it. Such facts are right about some people and wrong about others: people decide, after asking."
)
MASKED = "Names, e-mail addresses, telephones, postal and internet addresses, devices and accounts are masked in this copy. Whoever needs them states a purpose (--purpose); purpose and reader are noted in the ledger."
# Words for tables that nobody gave, as a person in HR would say them.
_TABLES = {
    "employees": "an export of the HR register",
    "sign_ins": "a sign-in log",
    "authenticators": "enrolments of second factors",
    "equipment": "shipments of equipment",
    "endpoint_facts": "facts from the machines themselves",
    "identity_checks": "results of identity checks",
    "meetings": "the meeting tool's log",
    "applications": "an export of the recruiting system",
    "declared": "declared journeys, households, tools and teams",
}


def build(run: OpenRun, subject: str, *, form: str = "hr", purpose: str = "", reader: str = "") -> dict[str, Any]:
    """The form as plain data; what the page shows and nothing else.

    Args:
        subject: as :func:`mapae.reports.dossier.subject_of` gives it; an account of a ring gives the ring's form.
        form: hr, or counsel (with matches to official lists and what the law asks, which the other never carries).
        purpose: why the reader needs the names; without one they are masked.
        reader: who reads.

    Raises:
        MapaeError: the subject is no person and no group of people.
    """
    whole = people.operator(run, subject)
    who = people.of(run, whole)
    mask = plain.Mask(facts.personal_values(run, who))
    cover = (lambda text: text) if purpose else mask
    label = {p.principal: f"Person {n}" for n, p in enumerate(who, 1)}
    bar = (lambda texts: list(map(plain.plain, texts))) if form == "counsel" else plain.allowed
    told = facts.signs(run, who) + facts.shared(run, who)
    kept = [f for f in told if form == "counsel" or not plain.barred(f.title + " " + f.says)]
    playbooks = facts.data(run, "playbooks.yml")
    forms = facts.data(run, facts.FORMS)
    made: dict[str, Any] = {
        "form": form,
        "reference": people.reference(whole),
        "simulated": SIMULATED.partition(";")[0] + "." if run.manifest["settings"].get("simulated") else "",
        "notice": NOTICE,
        "masked": "" if purpose else MASKED,
        "purpose": purpose,
        "reader": reader if purpose else "",
        "run": {"id": run.name[:8], "as_of": run.manifest["as_of"], "mapae": run.manifest["mapae"]},
        "people": [_person(run, p, label[p.principal], bool(purpose)) for p in who],
        "known": people.everybody(run),
        "facts": _cards(kept, label, cover, bar, bool(purpose)),
        "left_out": len(told) - len(kept),
        "contradictions": [
            {
                "who": label[c.person], "stated": c.stated, "recorded": plain.plain(c.recorded),
                "since": _day(c.since), "until": _day(c.until), "rows": c.rows,
            }
            for c in contradictions.of(run, who)
        ],
        "settle": bar(list(dict.fromkeys([s for f in kept for s in f.settles] + list(forms.get("settles", {}).get("claim", ()))))),
        "everybody": _steps(playbooks.get("everybody", ()), bar),
        "never": _steps(playbooks.get("never", ()), bar),
        "unknown": bar(_unknown(run, who)),
        "sources": [
            {k: s[k] for k in ("path", "kept", "read", "sha256")}
            for s in sections.sources(run) if s["what"] not in ("list", "entities", "evidence")
        ],
        "lists": [], "law": [],
    }  # fmt: skip
    if form == "counsel":
        accounts = [f"account:{a}" for p in who for a in p.accounts]
        walk = Walk(run, depth=1)
        made["lists"] = [cover(m["says"]) for m in sections.matches(run, accounts, walk) if m["level"] != "possible"]
        made["law"] = [
            {"name": cover(d["name"]), "cite": d["cite"] or d["rule"], "verdict": d["verdict"], "missing": d["missing"]}
            for d in sections.law(run, [whole, *accounts], walk)
        ]
    return made


def _day(at: Any) -> str:
    return at.strftime("%Y-%m-%d") if at is not None else ""


def _person(run: OpenRun, person: Person, label: str, open_: bool) -> dict[str, Any]:
    rows = sections.rows_in(
        run,
        "select account_id, platform, coalesce(legal_name, display_name) as called, email, phone from accounts where account_id in $in order by account_id",
        list(person.accounts),
    )
    register = run.rows("select * from employees where person_id = ? limit 1", [person.person_id])
    job = register[0] if register else {}
    made: dict[str, Any] = {
        "label": label,
        "systems": len({r["platform"] for r in rows}) or len(person.accounts),
        "accounts": len(person.accounts),
        "worker": str(job.get("worker_type") or ""),
    }
    if open_:
        made |= {
            "called": ", ".join(dict.fromkeys(r["called"] for r in rows if r["called"])),
            "emails": list(dict.fromkeys(r["email"] for r in rows if r["email"])),
            "phones": list(dict.fromkeys(r["phone"] for r in rows if r["phone"])),
            "ids": [*([person.person_id] if person.person_id else []), *person.accounts],
            "hired_on": _day(job.get("hired_on")),
            "job": str(job.get("job_title") or ""),
            "home": str(job.get("home_address") or ""),
        }
    return made


def _cards(kept: list[Fact], label: dict[str, str], cover: Any, bar: Any, open_: bool) -> list[dict[str, Any]]:
    """Facts of one rule as one card, with a line for each of the people."""
    cards: dict[str, dict[str, Any]] = {}
    for fact in kept:
        card = cards.setdefault(
            fact.rule,
            {
                "title": plain.plain(cover(fact.title)),
                "innocent": bar(fact.innocent),
                "guard": " ".join(bar([fact.guard])),
                "lines": [],
            },
        )
        card["lines"].append(
            {
                "who": [label[p] for p in fact.people],
                "says": plain.plain(cover(fact.says)),
                "since": _day(fact.since),
                "until": _day(fact.until),
                "rows": fact.rows,
                "files": list(fact.files),
                "values": list(fact.values) if open_ else [],
            }
        )
    return list(cards.values())


def _steps(steps: Any, bar: Any) -> list[dict[str, str]]:
    return [
        {"say": plain.plain(str(s["say"])), "why": plain.plain(str(s.get("why", "")))}
        for s in steps
        if bar([str(s["say"]) + " " + str(s.get("why", ""))])
    ]


def _unknown(run: OpenRun, who: list[Person]) -> list[str]:
    absent = [words for table, words in _TABLES.items() if not run.rows(f"select 1 from {table} limit 1")]
    told = [f"Nobody gave Mapae {words}; what it would show, for or against, is unknown." for words in absent]
    told += [
        f"{s['path']} could not be read; what stands in it is unknown."
        for s in run.rows("select path from sources where error <> '' order by path")
    ]
    return told


def write(run: OpenRun, subject: str, folder: Path, *, form: str = "hr", purpose: str = "", reader: str = "") -> Path:
    """Write the form as one HTML file; with a purpose, note the read in the ledger first.

    Raises:
        WrongUse: the form is unknown, or the purpose says nothing.
        MapaeError: the subject is nobody, the ledger or the folder cannot be written.
    """
    if form not in FORMS:
        raise WrongUse(f"There is no form {form!r}.", do=f"Forms: {', '.join(FORMS)}.")
    purpose = decisions.plain(purpose, "--purpose", needed=False)
    reader = decisions.plain(reader or acts.reader_name(), "--reader")
    if purpose and len(purpose.split()) < 2:
        raise WrongUse(
            "A purpose says in a few words why the names are needed.",
            do='Write it as --purpose "talk with the lead on 3 June". Write no names into it: it stands in the ledger.',
        )
    made = build(run, subject, form=form, purpose=purpose, reader=reader)
    if purpose:
        acts.note(run, {
            "act": "read", "what": f"case form for {form}", "case": made["reference"], "people": len(made["people"]),
            "purpose": purpose, "reader": made["reader"],
        })  # fmt: skip
    target = folder / f"case-{made['reference']}-{form}{'' if purpose else '-masked'}.html"
    text = render.environment().get_template("hr.html.j2").render(case=made)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    except OSError as problem:
        raise disk.full_disk(problem, target) from problem
    return target
