"""Pivot: who had a value, when, how rare it is, and which values of the same people to look at next."""

from __future__ import annotations

import dataclasses
from typing import Any

from mapae.model.errors import MapaeError, WrongUse
from mapae.reports import acts, identifiers, people
from mapae.reports.sections import rows_in
from mapae.reports.why import printable
from mapae.store.runs import OpenRun
from mapae.store.views import quote

# A value that more people have leads to a crowd, not to somebody; it is not offered as the next step.
RARE = 10
# Holders and next values shown; --json gives the holders whole.
SHOWN = 20
# Of a value that more people hold (an office's address, a network), next values are not looked for.
CROWD = 200


@dataclasses.dataclass(frozen=True)
class Found:
    """What is known of a value as one kind.

    Args:
        kind, value: kind and normal form.
        holders: one row per person: ``holder, name, first, last, rows, tables``, earliest first.
        tried: sign-ins from it that did not succeed, with the accounts they were aimed at; they hold nothing.
        people: how many people the run knows.
        next: ``kind, value, holders, here, first, last`` of values that some of the holders have and few others.
    """

    kind: str
    value: str
    holders: list[dict[str, Any]]
    tried: int
    people: int
    next: list[dict[str, Any]]


def look(run: OpenRun, value: str, kind: str = "") -> list[Found]:
    """Look a value up in every column that may hold it, and note the read in the ledger.

    Args:
        value: as a person writes it; it is brought into its normal form as the readers do.
        kind: one of :data:`identifiers.KINDS`; "" tries all that the value can be.

    Raises:
        WrongUse: the value cannot be of that kind.
        MapaeError: the ledger cannot be written; nothing is shown then.
    """
    forms = identifiers.normal(value)
    if kind:
        if kind not in forms:
            raise WrongUse(
                f"This is no value of the kind {kind}.",
                do="Write an address as 203.0.113.7 or 2001:db8::/64, a network as AS64500, a phone with + before it.",
            )
        forms = {kind: forms[kind]}
    found = [one for k, form in forms.items() if (one := _one(run, k, form)) is not None]
    acts.note(run, {
        "act": "read", "what": "pivot", "reader": acts.reader_name(), "value": acts.sealed(value.strip()),
        "kinds": sorted(f.kind for f in found), "people": len({h["holder"] for f in found for h in f.holders}),
    })  # fmt: skip
    return found


def _one(run: OpenRun, kind: str, value: str) -> Found | None:
    rows = run.rows(
        f"select holder, min(seen_at) as first, max(seen_at) as last, count(*) as rows, "
        "string_agg(distinct table_name || '.' || column_name, ', ' order by table_name || '.' || column_name) as tables "
        f"from ({identifiers.sightings(run, (kind,))}) as s where value = ? group by holder order by first nulls last, holder",
        [value],
    )
    tried = 0
    if kind in ("ip", "/64"):
        column = "ip" if kind == "ip" else "ip_64"
        tried = run.rows(f"select count(*) as n from sign_ins where {column} = ? and outcome <> 'success'", [value])[0][
            "n"
        ]
    if not rows and not tried:
        return None
    holders = [r["holder"] for r in rows]
    names = _names(run, holders)
    for row in rows:
        row["name"] = names.get(row["holder"], "")
    following = _next(run, kind, value, holders) if 0 < len(holders) <= CROWD else []
    return Found(kind, value, rows, tried, people.everybody(run), following)


def _names(run: OpenRun, holders: list[str]) -> dict[str, str]:
    found = rows_in(
        run,
        "select account_id, coalesce(display_name, legal_name, email) as called from accounts where account_id in $in",
        holders,
    )
    return {r["account_id"]: r["called"] or "" for r in found}


def _next(run: OpenRun, kind: str, value: str, holders: list[str]) -> list[dict[str, Any]]:
    """Values of the holders that at most :data:`RARE` people have: those shared come first, the rarest of them first."""
    kinds = tuple(k for k in identifiers.KINDS if k not in ("asn", "document"))
    run.con.execute(
        f"create or replace temp table mapae_seen as select kind, value, holder, min(seen_at) as first, max(seen_at) as last from ({identifiers.sightings(run, kinds)}) as s group by kind, value, holder"
    )
    rows = rows_in(
        run,
        "select kind, value, count(*) as holders, cast(count_if(ours) as bigint) as here, min(first) filter (ours) as first, max(last) filter (ours) as last "
        "from (select *, holder in $in as ours from mapae_seen) as s group by kind, value "
        f"having here > 0 and holders <= {RARE} and not (kind = {quote(kind)} and value = {quote(value)}) "
        "order by holders = 1, holders, here desc, kind, value limit 500",
        holders,
    )
    run.con.execute("drop table mapae_seen")
    return rows


def _day(at: Any) -> str:
    return at.strftime("%Y-%m-%d %H:%M") if at is not None else "no time"


def text(found: list[Found]) -> str:
    """What was found, for a terminal. Times are UTC."""
    if not found:
        return "Nobody in the last run had it."
    lines: list[str] = []
    for one in found:
        n = len(one.holders)
        lines.append(printable(f"{one.kind} {one.value}"))
        share = f"{n:,} of {one.people:,} people"
        lines.append(f"  held by {share}" + ("" if n else "; nobody signed in from it"))
        for h in one.holders[:SHOWN]:
            called = f" ({h['name']})" if h["name"] else ""
            lines.append(
                printable(
                    f"    {h['holder']}{called}: {_day(h['first'])} to {_day(h['last'])}, {h['rows']:,} rows in {h['tables']}"
                )
            )
        if n > SHOWN:
            lines.append(f"    and {n - SHOWN:,} more (--json lists them)")
        if one.tried:
            lines.append(f"  {one.tried:,} sign-ins from it did not succeed; they say nothing of whose it is")
        shared = [x for x in one.next if x["holders"] > 1]
        alone = len(one.next) - len(shared)
        if n > CROWD:
            lines.append(f"  next: not looked for, since more than {CROWD} people have it")
        elif shared:
            lines.append("  next, values of these people that few others have:")
            for x in shared[:SHOWN]:
                lines.append(
                    printable(
                        f"    {x['kind']} {x['value']}: {x['holders']} people, {x['here']} of these; {_day(x['first'])} to {_day(x['last'])}"
                    )
                )
        if alone:
            lines.append(f"  {alone:,} further values belong to one of these people alone")
    return "\n".join(lines)


def data(found: list[Found]) -> list[dict[str, Any]]:
    """The same as plain data; times in ISO 8601, UTC."""

    def plain(row: dict[str, Any]) -> dict[str, Any]:
        return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}

    return [
        {**dataclasses.asdict(f), "holders": [plain(h) for h in f.holders], "next": [plain(x) for x in f.next]}
        for f in found
    ]


def nobody() -> MapaeError:
    """The error for a value that no row of the run holds."""
    return MapaeError(
        "No row of the last run holds this value.",
        why="It was looked up as an address, network, phone, e-mail, device, payout, wallet, document and postal address.",
        do="Write it as it stands in your files; mapae status says which files were read.",
    )
