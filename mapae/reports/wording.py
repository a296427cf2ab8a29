"""Sentences: a finding's facts in its rule's words, and the words that every report must carry."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any

from mapae.casework import playbooks
from mapae.model.amounts import probability
from mapae.rules.load import load_text

NOT_AN_ACCUSATION = (
    "Mapae informs people; it does not ban, designate or accuse. Each line below is a sign or a record, "
    "with its ground; people decide. False positives exist: read the innocent explanations beside each sign."
)
SIMULATED = "SIMULATED: the accounts, sign-ins and payments here were made by a simulator; none of them exists. List entries and cited evidence are real."

_FIELD = re.compile(r"\{(\w+)\}")
_VERDICT_PREFIX = {"unknown": "unknown: ", "no": "no: "}


def fill(says: str, facts: dict[str, Any]) -> str:
    """A rule's sentence with the facts put in; a fact that is missing stands as a question mark."""
    return _FIELD.sub(lambda m: str(facts.get(m.group(1), "?")), says)


def kind_and_id(rule: str) -> str:
    """Id of the rule file behind a finding's rule: an element belongs to its provision."""
    return rule.partition("#")[0]


@functools.lru_cache(maxsize=512)
def parsed(text: str) -> Any:
    """YAML text of a manifest as data, parsed once."""
    return load_text(text)


def rule_data(
    manifest: dict[str, Any], rule: str, kinds: tuple[str, ...] = ("indicator", "provision", "measure")
) -> Any:
    """The rule that a run used, as data; an empty mapping for rules that live in code (links, paths, screening)."""
    for kind in kinds:
        held = manifest["rules"].get(f"{kind}/{kind_and_id(rule)}")
        if held:
            return parsed(held["text"])
    return {}


def money(cents: Any) -> str:
    """Cents as dollars."""
    return f"USD {int(cents) / 100:,.0f}"


def one_in(prior_centibits: int) -> str:
    """A prior in words, as ``1 in 1,000``: to two digits, since hundredths of a bit know no more."""
    number = 1 / probability(prior_centibits)
    return f"1 in {round(number, -1 if number >= 100 else 0):,.0f}"


def weight(finding: Mapping[str, Any], manifest: Mapping[str, Any], *, calibrated: bool = False) -> str:
    """The weight of an assessment in words: bits, prior and band; a percentage only where outcomes bear it out.

    Args:
        finding: a row of ``assessment``.
        manifest: of the run, for its playbooks.
        calibrated: whether the workspace has enough confirmed outcomes (casework/outcomes.py).
    """
    odds = finding["prior_centibits"] + finding["centibits"]
    band = playbooks.of_run(manifest).band(odds, int(finding["families"])).title
    beside = f"{finding['permille'] / 10:.1f} %" if calibrated else "not calibrated on your data"
    return (
        f"{finding['centibits'] / 100:+.1f} bits on a prior of {one_in(finding['prior_centibits'])} ({band}; {beside})"
    )


def sentence(kind: str, finding: dict[str, Any], manifest: dict[str, Any], called: str = "") -> str:
    """One sentence for a finding of any kind; ``called`` is the subject's name where one is known."""
    facts: dict[str, Any] = json.loads(finding["facts"])
    subject, object_, verdict = finding["subject"], finding["object"], finding["verdict"]
    data = rule_data(manifest, finding["rule"])
    if kind == "flag":
        return fill(str(data.get("says", finding["rule"])), facts)
    if kind == "match":
        listed = f"{facts.get('caption') or facts.get('alias') or finding['alias']} ({finding['list']}, {object_.removeprefix('party:')})"
        if finding["level"] == "possible":
            return f"{subject} bears a name like that of {listed}; a name alone is no result"
        return f"{subject} carries the same {finding['rule'].partition('.')[2]} as {listed}"
    if kind == "link":
        return f"{subject} and {object_} share {', '.join(finding['keys'])}"
    if kind == "ring":
        declared = f", declared as a {facts['declared']}" if facts.get("declared") else ""
        return f"{subject} belongs to {object_}, {finding['size']} accounts that share rare identifiers{declared}"
    if kind == "assessment":
        return f"{subject}: {weight(finding, manifest)} that somebody else than it says runs it"
    if kind == "path":
        hops = (
            " → ".join([finding["hops"][0]["from_ref"], *(h["to_ref"] for h in finding["hops"])])
            if finding["hops"]
            else object_
        )
        cents = f"; {money(facts['cents'])} set out on it" if facts.get("cents") else ""
        return f"{hops} ({len(finding['hops'])} hops, {finding['role']}){cents}"
    if kind == "element":
        element = finding["rule"].partition("#")[2]
        asks = next((e.get("asks", element) for e in data.get("elements", []) if e["id"] == element), element)
        return f"{verdict}: {asks}"
    if kind == "determination":
        cite = data.get("cite", {}).get("text") or finding["rule"]
        lacking = [": ".join(part.split("; ")[0].split(": ")[:2]) for part in finding["missing"]]
        missing = f"; open: {', '.join(lacking)}" if lacking else ""
        counted = f", {facts['met']} of {facts['elements']} elements met" if "met" in facts else ""
        return f"{called or subject}, {cite}: {facts.get('result', verdict)}{counted}{missing}"
    return f"{_VERDICT_PREFIX.get(verdict, '')}{finding['rule']}"
