"""The sections of a case, each a query over one run."""

from __future__ import annotations

import json
from typing import Any

from mapae.casework import outcomes
from mapae.reports.why import Node, Walk
from mapae.reports.wording import fill, parsed, rule_data, sentence, weight
from mapae.store.runs import OpenRun

# Grounds shown under a claim; the rest is counted and found with mapae why --all.
SHOWN = 6
# Paths and links shown; all are in the export.
MOST = 60


def _in(values: list[str]) -> str:
    return "(select unnest(?::varchar[]))" if values else "(select '' where false)"


def rows_in(run: OpenRun, sql: str, values: list[str]) -> list[dict[str, Any]]:
    """Rows of a query in which ``$in`` stands for a table of the values; of none, an empty one."""
    return run.rows(sql.replace("$in", _in(values)), [values] * sql.count("$in") if values else [])


def caption(run: OpenRun, subject: str) -> str:
    """What a subject is called: a listed party's caption, an evidence subject's name, else its reference."""
    found = run.rows("select caption from entries where party = ? order by list limit 1", [subject])
    found = found or run.rows(
        "select name as caption from evidence where subject = ? and name is not null order by item limit 1", [subject]
    )
    return str(found[0]["caption"]) if found else subject


def members(run: OpenRun, subject: str) -> list[dict[str, Any]]:
    """Members of the ring that the subject is or belongs to, most likely first."""
    ring = subject
    if subject.startswith("account:"):
        held = run.rows("select object from ring where subject = ? order by object limit 1", [subject])
        ring = held[0]["object"] if held else ""
    return run.rows(
        "select r.subject, r.object as ring, r.member_permille, a.permille, a.centibits, a.id as assessment, "
        "(select count(*) from flag as f where f.subject = r.subject and f.counted) as signs "
        "from ring as r left join assessment as a on a.subject = r.subject where r.object = ? order by a.permille desc nulls last, r.subject",
        [ring],
    )


def parties(run: OpenRun, subject: str, accounts: list[str]) -> list[str]:
    """Parties on paths that begin at the accounts."""
    rings = {subject} | {
        r["object"] for r in rows_in(run, "select distinct object from ring where subject in $in", accounts)
    }
    names = sorted({x for x in rings if x.startswith(("ring:", "account:"))} | set(accounts))
    found = rows_in(
        run,
        "select distinct subject from path where split_part(object, '|', 1) in (select 'conduct:' || x from $in as t(x)) order by subject",
        names,
    )
    return [r["subject"] for r in found][:MOST]


def assessment(run: OpenRun, subject: str, accounts: list[str]) -> dict[str, Any] | None:
    """The assessment of the subject, or of the likeliest member of the ring: probability, prior and bars in bits."""
    rows = rows_in(
        run,
        "select * from assessment where subject in $in order by permille desc, subject limit 1",
        [subject] if subject.startswith("account:") else accounts,
    )
    if not rows:
        return None
    one = rows[0]
    facts = json.loads(one["facts"])
    bars = {k: v for k, v in facts.get("bars", facts).items() if isinstance(v, int)}
    return {
        "subject": one["subject"], "id": one["id"], "verdict": one["verdict"], "permille": one["permille"],
        "weight": weight(one, run.manifest, calibrated=outcomes.calibration(run.space).enough),
        "prior_centibits": one["prior_centibits"], "centibits": one["centibits"], "ring": one["ring"],
        "families_seen": one["families_seen"], "families": one["families"], "bars": bars, "facts": facts,
    }  # fmt: skip


def links(run: OpenRun, accounts: list[str]) -> list[dict[str, Any]]:
    """Links among the accounts, strongest first."""
    return rows_in(
        run,
        f"select id, subject, object, verdict, centibits, keys from link where subject in $in and object in $in order by centibits desc, subject, object limit {MOST}",
        accounts,
    )


def _grounds(node: Node) -> list[dict[str, Any]]:
    shown = []
    for child in node.children[:SHOWN]:
        shown.append(
            {
                "ref": child.ref,
                "text": child.text,
                "row": child.leaf.row if child.leaf else None,
                "source": child.leaf.source if child.leaf else "",
            }
        )
    return shown


def citations(run: OpenRun, keys: list[str]) -> list[dict[str, Any]]:
    """Citations by key as the run held them, each with whether anybody has read it."""
    held = parsed(run.manifest["data"]["citations.yml"]["text"]) if "citations.yml" in run.manifest["data"] else {}
    fields = ("title", "publisher", "date", "cite", "address", "read", "mark")
    return [{"key": k, **{f: str(held.get(k, {}).get(f, "")) for f in fields}} for k in keys]


def signs(run: OpenRun, accounts: list[str], walk: Walk) -> list[dict[str, Any]]:
    """Counted signs of the accounts, with the innocent explanations and limits of their rules."""
    out = []
    for row in rows_in(
        run,
        f"select * from flag where subject in $in and counted order by subject, family, rule limit {MOST}",
        accounts,
    ):
        data = rule_data(run.manifest, row["rule"])
        node = walk.of("flag", row)
        out.append({
            "id": row["id"], "subject": row["subject"], "rule": row["rule"], "title": str(data.get("title", "")), "family": row["family"],
            "level": row["level"], "says": fill(str(data.get("says", row["rule"])), json.loads(row["facts"])),
            "innocent": list(data.get("innocent", [])), "guard": str(data.get("guard", "")), "limits": str(data.get("limits", "")),
            "cites": citations(run, list(data.get("cites", []))), "grounds": _grounds(node), "grounds_n": row["because_n"],
        })  # fmt: skip
    return out


def matches(run: OpenRun, subjects: list[str], walk: Walk) -> list[dict[str, Any]]:
    """Matches of the subjects to list entries; a match on a name alone is marked possible and nothing more."""
    out = []
    for row in rows_in(
        run,
        f"select * from match where subject in $in order by case level when 'exact' then 0 when 'strong' then 1 else 2 end, subject, object limit {MOST}",
        subjects,
    ):
        out.append({
            "id": row["id"], "subject": row["subject"], "object": row["object"], "level": row["level"], "verdict": row["verdict"],
            "list": row["list"], "snapshot": str(row["snapshot"] or ""), "alias": row["alias"], "says": sentence("match", row, run.manifest),
            "facts": json.loads(row["facts"]), "grounds": _grounds(walk.of("match", row)),
        })  # fmt: skip
    return out


def paths(run: OpenRun, subject: str, accounts: list[str], walk: Walk) -> list[dict[str, Any]]:
    """Paths to or from the subject: those that reach a listed party first, then the shortest."""
    rings = [r["object"] for r in rows_in(run, "select distinct object from ring where subject in $in", accounts)]
    conducts = [f"conduct:{x}" for x in [subject, *rings, *accounts]]
    out = []
    sql = (
        "select * from path where subject = ? or split_part(object, '|', 1) in (select unnest(?::varchar[])) "
        f"order by subject not in (select party from entries), len(hops), subject, object limit {MOST}"
    )
    for row in run.rows(sql, [subject, conducts]):
        hops = [{**h, "since": str(h["since"] or ""), "until": str(h["until"] or "")} for h in row["hops"]]
        stops = [caption(run, s) for s in [hops[0]["from_ref"], *(h["to_ref"] for h in hops)]] if hops else []
        out.append({
            "id": row["id"], "subject": row["subject"], "object": row["object"], "direct": row["direct"], "role": row["role"],
            "weakest_permille": row["weakest_permille"], "hops": hops, "stops": stops, "says": sentence("path", row, run.manifest),
            "facts": json.loads(row["facts"]), "grounds": _grounds(walk.of("path", row)),
        })  # fmt: skip
    return out


def law(run: OpenRun, subjects: list[str], walk: Walk) -> list[dict[str, Any]]:
    """Determinations of the subjects with every element, its grounds for and against, and the exceptions beside them."""
    out = []
    for row in rows_in(run, "select * from determination where subject in $in order by subject, rule", subjects):
        data = rule_data(run.manifest, row["rule"])
        elements = []
        for e in run.rows(
            "select * from element where subject = ? and object = ? and split_part(rule, '#', 1) = ? order by rule",
            [row["subject"], row["object"], row["rule"]],
        ):
            node = walk.of("element", e)
            asks = next(
                (str(x.get("asks", "")) for x in data.get("elements", []) if x["id"] == e["rule"].partition("#")[2]), ""
            )
            elements.append({
                "id": e["id"], "element": e["rule"].partition("#")[2], "asks": asks, "verdict": e["verdict"], "source_kinds": list(e["source_kinds"]),
                "since": str(e["since"] or ""), "until": str(e["until"] or ""), "known_from": str(e["known_from"] or ""), "facts": json.loads(e["facts"]),
                "grounds": [g for g in _grounds(node) if g["ref"] not in e["against"]], "against": [g for g in _grounds(node) if g["ref"] in e["against"]],
            })  # fmt: skip
        order = [str(x["id"]) for x in data.get("elements", [])]
        elements.sort(key=lambda e: order.index(e["element"]) if e["element"] in order else 99)
        cite = data.get("cite", {})
        out.append({
            "id": row["id"], "subject": row["subject"], "name": caption(run, row["subject"]), "rule": row["rule"], "title": str(data.get("title", "")),
            "verdict": row["verdict"], "missing": list(row["missing"]), "law_on": str(row["law_on"] or ""), "act_since": str(row["act_since"] or ""),
            "act_until": str(row["act_until"] or ""), "cite": str(cite.get("text", "")), "cites": citations(run, list(cite.get("cites", []))),
            "duty": str(data.get("duty", "")), "exceptions": json.loads(row["facts"]).get("exceptions", {}), "facts": json.loads(row["facts"]), "elements": elements,
        })  # fmt: skip
    return out


def missing(run: OpenRun, accounts: list[str]) -> list[str]:
    """What could not be known: tables that are absent, and signs whose answer is unknown for these accounts."""
    told = []
    for table in ("sign_ins", "identity_checks", "payouts", "payments", "messages", "bids", "declared"):
        if not run.rows(f"select 1 from {table} limit 1"):
            told.append(f"No {table} were given: signs that need them are unknown, not absent.")
    if accounts:
        unknown: dict[str, int] = {}
        for row in rows_in(run, "select * from answers where 'account:' || account_id in $in", accounts):
            for column, answer in row.items():
                if answer == "unknown":
                    unknown[column] = unknown.get(column, 0) + 1
        told += [
            f"{c.replace('__', '.')}: unknown for {n} of {len(accounts)} accounts." for c, n in sorted(unknown.items())
        ]
    refused = run.rows("select path, error from sources where error <> '' order by path")
    told += [f"{r['path']} was refused: {r['error'].splitlines()[0]}" for r in refused]
    return told


def sources(run: OpenRun) -> list[dict[str, Any]]:
    """The sources of the run: path, hash, snapshot, and the attribution that a list's publisher asks for."""
    from mapae.rules.kinds import load_catalogue

    lists = load_catalogue().lists
    out = []
    for s in run.rows(
        "select path, sha256, what, name, snapshot, read, kept, rejected, equal from sources where error = '' order by path"
    ):
        rule = lists.get(s["name"])
        out.append(
            {
                **s,
                "snapshot": str(s["snapshot"] or ""),
                "attribution": str(rule.data.get("attribution", "")) if rule else "",
            }
        )
    return out


def rules(run: OpenRun) -> list[dict[str, str]]:
    """Hashes of the rules that the run used."""
    return [{"rule": key, "sha256": held["sha256"]} for key, held in sorted(run.manifest["rules"].items())]
