"""The summary of a run for a terminal: what came in, what was found, what is missing, and a numbered list."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from mapae.casework import outcomes
from mapae.model.verdicts import UNKNOWN
from mapae.reports.sections import caption
from mapae.reports.wording import SIMULATED, fill, money, one_in, rule_data, sentence
from mapae.store.runs import OpenRun
from mapae.store.views import first, name, quote

# Lines of each numbered list on a terminal.
LISTED = 10


@dataclasses.dataclass
class Told:
    """The summary's text, the ids of its numbered lines, and the word of the sum check."""

    text: str
    listed: list[str]
    sum_check: str


def one(run: OpenRun, sql: str) -> int:
    """One whole number from the run."""
    found = first(run.con, sql)
    return int(found[0] or 0) if found else 0


def sources(run: OpenRun) -> str:
    """One line per source: rows read, kept, rejected, equal; or why it was refused."""
    lines = []
    for s in run.rows("select * from sources order by path"):
        if s["error"]:
            lines.append(f"  {s['path']}: refused. {s['error'].splitlines()[0]}")
            continue
        sum_ = f"{s['read']:,} read = {s['kept']:,} kept + {s['rejected']:,} rejected + {s['equal']:,} equal"
        dated = f", of {s['snapshot']}" if s["snapshot"] else ""
        notes = f" ({'; '.join(s['notes'])})" if s["notes"] else ""
        lines.append(f"  {s['path']}: {s['name'] or s['what']}{dated}: {sum_}{notes}")
    return "Sources:\n" + ("\n".join(lines) or "  none; put files into inputs/")


def _checks(run: OpenRun) -> tuple[str, str]:
    rows = run.rows("select * from run_checks where name = 'sum_check'")
    return (rows[0]["verdict"], rows[0]["says"]) if rows else ("not judged", "")


def of(run: OpenRun) -> Told:
    """Summarise a run."""
    manifest = run.manifest
    lines: list[str] = []
    if manifest["settings"].get("simulated"):
        lines += [SIMULATED, ""]
    accounts = one(run, "select count(*) from accounts")
    review = one(run, "select count(*) from assessment where verdict = 'yes'")
    unknown = one(run, "select count(*) from assessment where verdict = 'unknown'")
    rings = run.rows(
        "select object, max(size) as size, count(*) as n from ring where verdict = 'yes' group by object order by size desc, object"
    )
    lines.append(f"Run {run.name[:8]} (law, lists and evidence as of {manifest['as_of']})")
    lines.append(
        f"  accounts        {accounts:,}; {review:,} to review, {unknown:,} unknown (nothing could be known of them)"
    )
    counts = {
        kind: one(run, f"select count(*) from {kind}")
        for kind in ("flag", "match", "link", "path", "element", "determination")
    }
    lines.append(
        "  findings        "
        + ", ".join(f"{n:,} {k}{'' if n == 1 else 'es' if k == 'match' else 's'}" for k, n in counts.items())
    )
    members = one(run, "select count(*) from ring where verdict = 'yes'")
    lines.append(f"  rings           {len(rings):,} groups of accounts with one hand, {members:,} accounts in them")
    cents = one(
        run,
        "select sum(cents) from (select split_part(object, '|', 1) as conduct, "
        "max(cast(json_extract(facts, '$.total_cents') as bigint)) as cents from path group by conduct) as p",
    )
    paid = one(
        run,
        "select sum(p.amount_usd_cents) from payouts as p join (select distinct subject from ring) as r on r.subject = 'account:' || p.account_id",
    )
    lines.append(
        f"  money           {money(paid)} paid out to accounts in rings; {money(cents)} of it set out towards listed parties, on {counts['path']:,} traced paths"
    )
    verdict, says = _checks(run)
    lines.append(f"  sum check       {verdict}{': ' + says if says else ''}")
    lines.append(f"  missing         {_missing(run, accounts)}")
    listed: list[str] = []
    lines += _review(run, listed)
    lines += _matches(run, listed)
    lines += _nexus(run, listed)
    lines += _determinations(run, listed)
    if not listed:
        lines.append("\nNothing reaches review.")
    lines.append("\nmapae why N shows what line N rests on, down to rows of your files.")
    return Told("\n".join(lines), listed, verdict)


def _missing(run: OpenRun, accounts: int) -> str:
    """Signs that are unknown for at least half of the accounts, refused files, and determinations with open elements."""
    told = []
    columns = [c[0] for c in run.con.execute("describe answers").fetchall() if c[0] != "account_id"]
    if columns and accounts:
        counts = first(
            run.con, f"select {', '.join(f'count_if({name(c)} = {quote(UNKNOWN)})' for c in columns)} from answers"
        )
        shares = {c.replace("__", "."): 100 * n // accounts for c, n in zip(columns, counts or (), strict=True)}
        often = [
            f"{sign} ({share} %)" for sign, share in sorted(shares.items(), key=lambda x: (-x[1], x[0])) if share >= 50
        ]
        told.append("signs unknown for half of the accounts and more: " + (", ".join(often) or "none"))
    refused = one(run, "select count(*) from sources where error <> ''")
    told += [f"{refused} files refused (mapae status)"] if refused else []
    opened = one(run, "select count(*) from determination where len(missing) > 0")
    told += [f"{opened} determinations with open elements"] if opened else []
    return "; ".join(told) or "nothing that these signs read"


def _review(run: OpenRun, listed: list[str]) -> list[str]:
    rows = run.rows(
        "select *, row_number() over (partition by case when ring = '' then subject else ring end order by permille desc, subject) as n "
        "from assessment where verdict = 'yes' qualify n = 1 order by permille desc, subject"
    )
    if not rows:
        return []
    known = outcomes.calibration(run.space)
    lines = [
        "",
        f"To review (operators: a ring counts once; prior {one_in(rows[0]['prior_centibits'])}; {known.says}):",
    ]
    for row in rows[:LISTED]:
        listed.append(row["id"])
        who = f"{row['ring']} (with {row['subject']})" if row["ring"] else row["subject"]
        told = f"{row['permille'] / 10:5.1f} %" if known.enough else f"{row['centibits'] / 100:+5.1f} bits"
        lines.append(f"  {len(listed):>2}  {told}  {who}: {_signs(run, row['subject'])}")
    if len(rows) > LISTED:
        lines.append(f"      and {len(rows) - LISTED:,} more (mapae export tables)")
    return lines


def _signs(run: OpenRun, subject: str) -> str:
    flags = run.rows("select * from flag where subject = ? and counted order by family, rule", [subject])
    said = [
        fill(str(rule_data(run.manifest, f["rule"]).get("says", f["rule"])), json.loads(f["facts"])).rstrip(".")
        for f in flags
    ]
    return "; ".join(said[:3]) or "what its ring shows"


def _matches(run: OpenRun, listed: list[str]) -> list[str]:
    """Matches by document, wallet or ship; of names alone only how many there are, since they are no result."""
    order = "case level when 'exact' then 0 else 1 end, subject, object"
    rows = run.rows(f"select * from match where level <> 'possible' order by {order}")
    possible = one(run, "select count(*) from match where level = 'possible'")
    if not rows and not possible:
        return []
    lines = ["", "Against official lists:"]
    for row in rows[:LISTED]:
        listed.append(row["id"])
        facts = json.loads(row["facts"])
        who = f"{facts.get('caption') or caption(run, row['object'])} ({row['list']}, {row['object'].removeprefix('party:')})"
        what = row["rule"].partition(".")[2]
        held = row["subject"].startswith(("wallet:", "vessel:"))
        same = f"is a listed {what} of" if held else f"carries the same {what} as"
        lines.append(f"  {len(listed):>2}  {row['level']}: {row['subject']} {same} {who}")
    if len(rows) > LISTED:
        lines.append(f"      and {len(rows) - LISTED:,} more (mapae export tables)")
    if possible:
        lines.append(
            f"      {possible:,} possible by name alone, which is no result (mapae export tables --only findings)"
        )
    return lines


def nexus(run: OpenRun) -> list[dict[str, Any]]:
    """Paths from a ring or account to a listed party: one row per conduct and party, the shortest path's id with it."""
    return run.rows(
        "select split_part(p.object, '|', 1) as conduct, p.subject, e.caption, e.list, e.programs, count(*) as routes, "
        "min(len(p.hops)) as hops, arg_min(p.id, (len(p.hops), p.object)) as id, max(p.weakest_permille) as permille "
        "from path as p join (select distinct on (party) * from entries order by party, list) as e on e.party = p.subject "
        "group by all order by conduct, p.subject"
    )


def nexus_flags(run: OpenRun) -> list[dict[str, Any]]:
    """Flags of stage nexus: facts such as a sign-in from the DPRK's own block, or an official attribution."""
    rules = [
        key.removeprefix("indicator/")
        for key in run.manifest["rules"]
        if key.startswith("indicator/")
        and rule_data(run.manifest, key.removeprefix("indicator/")).get("stage") == "nexus"
    ]
    if not rules:
        return []
    named = ", ".join(quote(rule) for rule in sorted(rules))
    return run.rows(f"select * from flag where rule in ({named}) order by subject, rule")


def _nexus(run: OpenRun, listed: list[str]) -> list[str]:
    lines = [
        "",
        "DPRK nexus (facts, not weights: listed parties on traced paths; the second question, with its own base rate):",
    ]
    rows = nexus(run)
    for row in rows[:LISTED]:
        listed.append(row["id"])
        conduct = row["conduct"].removeprefix("conduct:")
        lines.append(
            f"  {len(listed):>2}  {conduct} → {row['caption']} ({row['list']}: {row['programs']}): {row['hops']} hops, {row['routes']} routes"
        )
    told = nexus_flags(run)
    for row in told[:LISTED]:
        listed.append(row["id"])
        lines.append(f"  {len(listed):>2}  {row['subject']}: {sentence('flag', row, run.manifest)}")
    more = max(0, len(told) - LISTED)
    lines += [f"      and {more:,} more such signs (mapae export tables)"] if more else []
    return lines if rows or told else [*lines, "      none in your data, which is normal"]


def _determinations(run: OpenRun, listed: list[str]) -> list[str]:
    order = "case verdict when 'met' then 0 when 'partly' then 1 when 'unknown' then 2 else 3 end, len(missing), subject, rule"
    rows = run.rows(f"select * from determination order by {order}")
    if not rows:
        return []
    lines = [
        "",
        "Determinations (elements of law that the evidence meets; whether anybody designated, the lists say):",
    ]
    for row in rows[:LISTED]:
        listed.append(row["id"])
        lines.append(
            f"  {len(listed):>2}  {sentence('determination', row, run.manifest, caption(run, row['subject']))}"
        )
    if len(rows) > LISTED:
        lines.append(f"      and {len(rows) - LISTED:,} more (mapae export tables)")
    return lines


def worth_a_case(run: OpenRun, most: int = 3) -> list[str]:
    """Subjects that a newcomer should look at first: the largest rings under review, then the best met determinations."""
    rings = run.rows(
        "select ring, count(*) as n from assessment where verdict = 'yes' and ring <> '' group by ring order by n desc, ring limit ?",
        [most],
    )
    alone = run.rows(
        "select subject from assessment where verdict = 'yes' and ring = '' order by permille desc, subject limit 1"
    )
    order = (
        "case verdict when 'met' then 0 when 'partly' then 1 when 'unknown' then 2 else 3 end, len(missing), subject"
    )
    parties = run.rows(
        f"select subject from determination qualify row_number() over (partition by subject order by {order}) = 1 order by {order} limit ?",
        [most],
    )
    linked = [row["conduct"].removeprefix("conduct:") for row in nexus(run)]
    wanted = linked + [r["ring"] for r in rings] + [r["subject"] for r in alone] + [r["subject"] for r in parties]
    return list(dict.fromkeys(wanted))
