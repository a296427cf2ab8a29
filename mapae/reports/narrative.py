"""The story of a case for counsel or a reporting office: who, when and what, in plain words and UTC; facts alone."""

from __future__ import annotations

import dataclasses
import html
from typing import Any

from mapae.reports import contradictions, facts, people, plain, sections
from mapae.reports.cases import Case, Identifier
from mapae.reports.wording import SIMULATED
from mapae.store.runs import OpenRun

FORMS = ("counsel", "ic3")
FACTS_ALONE = (
    "Everything here is taken from the employer's own records, row by row. It says what they show and what stands against "
    "what was stated; it does not say who anybody is, why they did it, or that anything is an offence. False positives exist."
)


@dataclasses.dataclass
class Section:
    """A heading with paragraphs, points and a table (heads, rows)."""

    title: str
    says: list[str] = dataclasses.field(default_factory=list)
    points: list[str] = dataclasses.field(default_factory=list)
    heads: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Narrative:
    """A title, lines under it, and sections in the order in which the reader asks."""

    title: str
    lines: tuple[str, ...]
    sections: tuple[Section, ...]


def tell(run: OpenRun, case: Case, identifiers: list[Identifier], form: str) -> Narrative:
    """The narrative of a case.

    Args:
        identifiers: all values of its people, with first and last sight.
        form: counsel, or ic3 (the fields of that office's form, in its order).
    """
    label = {p.principal: f"Person {n}" for n, p in enumerate(case.people, 1)}
    who = _who(run, case, label)
    what = _what(run, case, label)
    money = _money(run, case, label)
    values = _values(identifiers, label)
    unknown = Section(
        "What is not known",
        points=[
            *plain.allowed(sections.missing(run, [])),
            "What is absent from the records is unknown, for or against.",
        ],
    )
    where = Section(
        "Where it comes from",
        ["Each row named in rows/index.csv is reproduced in rows/ as it was received; manifest.json holds the SHA-256 of every file here and of every source."],
        heads=("file", "SHA-256"),
        rows=[(s["path"], s["sha256"]) for s in sections.sources(run) if s["what"] not in ("list", "entities", "evidence")],
    )  # fmt: skip
    if form == "ic3":
        made = {
            "who_reports": _reports(),
            "money": money,
            "subjects": _join("Subjects", who, values),
            "what_happened": what,
            "else": _join("Other information", _shipments(run, case, label), where),
        }
        fields = facts.data(run, facts.FORMS).get("ic3", {}).get("fields", ())
        told = []
        for field in fields:
            section = made[str(field["field"])]
            section.title = str(field["asks"])
            told.append(section)
        listed = (*told, unknown)
    else:
        stated = Section(
            "Where a statement and the records disagree",
            heads=("who", "stated", "recorded", "first, UTC", "last, UTC"),
            rows=[
                (label[c.person], c.stated, plain.plain(c.recorded), _at(c.since), _at(c.until))
                for c in contradictions.of(run, list(case.people))
            ],
        )
        listed = (who, what, stated, money, _shipments(run, case, label), values, unknown, where)
    simulated = (SIMULATED.partition(";")[0] + ".",) if run.manifest["settings"].get("simulated") else ()
    return Narrative(
        f"Case {people.reference(case.subject)}",
        (
            *simulated,
            FACTS_ALONE,
            f"Records up to {run.manifest['as_of']}; run {run.name[:16]} of Mapae {run.manifest['mapae']}. All times are UTC.",
        ),
        tuple(s for s in listed if s.says or s.points or s.rows),
    )


def _at(at: Any) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S") if at is not None else ""


def _who(run: OpenRun, case: Case, label: dict[str, str]) -> Section:
    rows: list[tuple[str, ...]] = []
    for person in case.people:
        for a in sections.rows_in(
            run,
            "select account_id, platform, display_name, legal_name, email, created_at from accounts where account_id in $in order by account_id",
            list(person.accounts),
        ):
            names = ", ".join(dict.fromkeys(str(a[c]) for c in ("legal_name", "display_name") if a[c]))
            rows.append(
                (label[person.principal], names, a["platform"], a["account_id"], a["email"] or "", _at(a["created_at"]))
            )
    register = [
        f"{label[p.principal]} stands in the employer's register as {p.person_id}." for p in case.people if p.person_id
    ]
    return Section(
        "Who", register, heads=("who", "names used", "system", "login", "e-mail", "login made, UTC"), rows=rows
    )


def _what(run: OpenRun, case: Case, label: dict[str, str]) -> Section:
    dated = sorted(case.facts, key=lambda f: (f.since is None, str(f.since), f.rule, f.people))
    points = []
    for fact in dated:
        if plain.barred(fact.title + " " + fact.says):
            continue
        days = f"{_at(fact.since)} to {_at(fact.until)}" if fact.since is not None else "no time"
        who = ", ".join(label[p] for p in fact.people)
        values = f" ({', '.join(fact.values)})" if fact.values else ""
        points.append(f"{days}. {who}: {plain.plain(fact.says)}{values} [{fact.rows} rows of {', '.join(fact.files)}]")
    return Section("What the records show, in order of time", points=points)


def _money(run: OpenRun, case: Case, label: dict[str, str]) -> Section:
    owner = {a: label[p.principal] for p in case.people for a in p.accounts}
    rows = sections.rows_in(
        run,
        "select account_id, happened_at, amount, currency, method, destination_id, destination_name from payouts "
        "where account_id in $in order by happened_at, payout_id",
        sorted(owner),
    )
    return Section(
        "Money",
        heads=("who", "when, UTC", "amount", "by", "to account", "in the name of"),
        rows=[
            (
                owner[r["account_id"]],
                _at(r["happened_at"]),
                f"{r['amount']:.2f} {r['currency'] or ''}".strip() if r["amount"] is not None else "",
                r["method"] or "",
                r["destination_id"],
                r["destination_name"] or "",
            )
            for r in rows
        ],
    )


def _shipments(run: OpenRun, case: Case, label: dict[str, str]) -> Section:
    owner = {a: label[p.principal] for p in case.people for a in (*p.accounts, p.person_id) if a}
    rows = sections.rows_in(
        run,
        "select coalesce(account_id, person_id) as who, happened_at, item, device_serial, ship_to_address, delivered_to, redirected, tracking_number "
        "from equipment where account_id in $in or person_id in $in order by happened_at, shipment_id",
        sorted(owner),
    )
    return Section(
        "Equipment sent",
        heads=("who", "when, UTC", "item", "serial number", "to", "taken by", "sent on", "parcel"),
        rows=[
            (
                owner.get(r["who"], ""), _at(r["happened_at"]), r["item"] or "", r["device_serial"] or "", r["ship_to_address"] or "",
                r["delivered_to"] or "", "yes" if r["redirected"] else "", r["tracking_number"] or "",
            )
            for r in rows
        ],
    )  # fmt: skip


def _values(identifiers: list[Identifier], label: dict[str, str]) -> Section:
    kept = [i for i in identifiers if i.kind not in ("asn", "/64", "document")]
    return Section(
        "Values seen with them",
        ["All of them, with the rows that show them, stand in identifiers.csv."],
        heads=("what", "value", "who", "first, UTC", "last, UTC", "rows"),
        rows=[
            (i.kind, i.value, label.get(i.person, i.person), _at(i.first), _at(i.last), str(i.rows))
            for i in sorted(kept, key=lambda i: (i.kind, -i.rows, i.value))[:60]
        ],
    )


def _reports() -> Section:
    return Section(
        "Who reports",
        points=[
            f"{field}: (to be filled in by the employer)"
            for field in ("Name and position", "Business", "Postal address", "Telephone", "E-mail")
        ],
    )


def _join(title: str, one: Section, two: Section) -> Section:
    """Two tables as points under one heading, which a form's free text takes."""
    points = ["; ".join(cell for cell in row if cell) for row in [*one.rows, *two.rows]]
    return Section(title, [*one.says, *two.says], points)


def markdown(told: Narrative) -> str:
    """The narrative as Markdown; cells cannot break out of their table."""

    def cell(text: str) -> str:
        flat = " ".join(str(text).split())
        for sign in "\\`*_[]<>|#":
            flat = flat.replace(sign, "\\" + sign)
        return flat

    lines = [f"# {cell(told.title)}", ""]
    for line in told.lines:
        lines += [cell(line), ""]
    for section in told.sections:
        lines += [f"## {cell(section.title)}", ""]
        for said in section.says:
            lines += [cell(said), ""]
        lines += [f"- {cell(point)}" for point in section.points] + ([""] if section.points else [])
        if section.rows:
            lines += ["| " + " | ".join(map(cell, section.heads)) + " |", "|" + " --- |" * len(section.heads)]
            lines += ["| " + " | ".join(map(cell, row)) + " |" for row in section.rows] + [""]
    return "\n".join(lines)


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:0 auto;padding:2rem 1.25rem;color:#1c2430;background:#fff}"
    "h2{font-size:1.15rem;border-bottom:2px solid #d8dde4;margin-top:2rem}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid #d8dde4;overflow-wrap:anywhere}"
    "div{overflow-x:auto}@media print{body{font-size:10pt;max-width:none;padding:0}tr{break-inside:avoid}@page{margin:18mm 16mm}}"
)


def page(told: Narrative) -> str:
    """The narrative as one HTML file that fetches nothing."""
    e = html.escape
    parts = [
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{e(told.title)}</title><style>{_STYLE}</style></head><body>',
        f"<h1>{e(told.title)}</h1>",
        *(f"<p>{e(line)}</p>" for line in told.lines),
    ]
    for s in told.sections:
        parts.append(f"<h2>{e(s.title)}</h2>")
        parts += [f"<p>{e(said)}</p>" for said in s.says]
        if s.points:
            parts.append("<ul>" + "".join(f"<li>{e(p)}</li>" for p in s.points) + "</ul>")
        if s.rows:
            head = "".join(f"<th>{e(h)}</th>" for h in s.heads)
            body = "".join("<tr>" + "".join(f"<td>{e(str(c))}</td>" for c in row) + "</tr>\n" for row in s.rows)
            parts.append(f"<div><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")
    return "\n".join([*parts, "</body></html>\n"])
