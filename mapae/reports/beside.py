"""What stands beside a tree of grounds: how many of the employer's own people do the same, honest reasons, what settles it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mapae.reports import facts, people, plain
from mapae.reports.why import Node, printable
from mapae.reports.wording import rule_data
from mapae.store.runs import OpenRun
from mapae.store.views import name


def nodes(tree: Node) -> Iterator[Node]:
    """A tree's nodes, from the top."""
    yield tree
    for child in tree.children:
        yield from nodes(child)


def doing_the_same(run: OpenRun, rule: str) -> tuple[int, int, int]:
    """How many people the answer to a sign is yes for, how many it could be asked of, and how many there are."""
    column = rule.replace(".", "__")
    if column not in {c[0] for c in run.con.execute("describe answers").fetchall()}:
        return 0, 0, people.everybody(run)
    found = run.con.execute(
        f"select count_if({name(column)} = 'yes'), count_if({name(column)} in ('yes', 'no')), count(*) from answers"
    ).fetchall()[0]
    return int(found[0]), int(found[1]), int(found[2])


def same(run: OpenRun, rule: str) -> str:
    """The same as a sentence: ``9 of 4,021 of your people do the same``."""
    yes, asked, all_ = doing_the_same(run, rule)
    return f"{yes:,} of {all_:,} of your people do the same" + (
        "" if asked == all_ else f" (it can be known of {asked:,})"
    )


def of(run: OpenRun, tree: Node) -> list[dict[str, Any]]:
    """What is to be read beside a tree: one entry per sign and per shared key in it.

    Returns:
        ``about, same, innocent, guard, limits, settles, values``; values are half covered.
    """
    settles = facts.data(run, facts.FORMS).get("settles", {})
    entries: dict[str, dict[str, Any]] = {}
    linked: set[str] = set()
    for node in nodes(tree):
        finding = node.finding
        if finding is None:
            continue
        if node.kind == "flag" and finding["rule"] not in entries:
            rule = rule_data(run.manifest, finding["rule"])
            entries[finding["rule"]] = {
                "about": finding["rule"],
                "same": same(run, finding["rule"]),
                "innocent": list(rule.get("innocent", ())),
                "guard": str(rule.get("guard", "")),
                "limits": str(rule.get("limits", "")),
                "settles": list(rule.get("settles") or settles.get(finding["family"], ())),
                "values": [],
            }
        elif node.kind == "link":
            linked |= {finding["subject"], finding["object"]}
        elif node.kind == "ring":
            linked |= {
                r["subject"]
                for r in run.rows("select subject from ring where object = ? order by subject", [finding["object"]])
            }
    keys = facts.data(run, "keys.yml").get("keys", {})
    all_ = people.everybody(run)
    if len(linked) > 1:
        who = {p.principal: p for s in sorted(linked) for p in people.of(run, s)}
        for key, group in facts.shared_values(run, list(who.values())).items():
            rule = keys.get(key, {})
            entries[f"key {key}"] = {
                "about": key,
                "same": str(rule.get("title", key)),
                "innocent": list(rule.get("innocent", ())),
                "guard": str(rule.get("guard", "")),
                "limits": "",
                "settles": list(settles.get("sharing", ())),
                "values": [
                    f"{plain.shown(one.value)}, by {len(one.people)} of them; {one.holders:,} of {all_:,} people have it"
                    for one in group
                ],
            }
    return list(entries.values())


def text(run: OpenRun, tree: Node) -> str:
    """The same for a terminal; nothing where the tree holds no sign and no link."""
    lines: list[str] = []
    once: dict[str, None] = {}  # what settles sharing is the same for every key
    for entry in of(run, tree):
        lines.append(f"{entry['about']}: {entry['same']}")
        lines += [f"  shared: {v}" for v in entry["values"][:8]]
        settles = "; ".join(entry["settles"])
        if entry["values"]:
            once[settles] = None
            settles = ""
        for head, said in (
            ("may be innocent", "; ".join(entry["innocent"])),
            ("left out beforehand", entry["guard"]),
            ("cannot see", entry["limits"]),
            ("would settle it", settles),
        ):
            if said:
                lines.append(f"  {head}: {said}")
    lines += [f"sharing would be settled by: {settles}" for settles in once if settles]
    return "\n".join(map(printable, lines))
