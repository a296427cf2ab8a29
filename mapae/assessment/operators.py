"""Operators: a ring is weighed as one hand, never member by member added up.

Members' weights are averaged; what links them enters once, as the family "control". Declared teams and households,
and one person's several systems, have no level of control.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence

from mapae.assessment.levels import FAMILIES, NOTHING
from mapae.assessment.reach import level_of
from mapae.assessment.weights import Pattern, Weights
from mapae.model.amounts import probability

UNKNOWN, ALONE, TWO, THREE_TO_FOUR, FIVE_AND_MORE = range(5)
# Bar for the difference between an account's own weight and what its ring (and the doubt about membership) makes of it.
RING_BAR = "ring"
CONTROL_BAR = "control"
# A probability is kept this far from 0 and 1 when it is turned back into bits.
EDGE = 1e-12


@dataclasses.dataclass(frozen=True)
class Member:
    """An account's place in a ring.

    Args:
        account: its id.
        identity: the person behind it as stated, or the account itself.
        permille: probability of membership in thousandths.
        pattern: its own codes (reach.py).
    """

    account: str
    identity: str
    permille: int
    pattern: Pattern


@dataclasses.dataclass(frozen=True)
class Weighed:
    """What is said of one account.

    Args:
        centibits: its weight; prior and weight make its probability.
        bars: what adds up exactly to the weight.
        families_seen: families with a known level, of the operator; control among them where it speaks.
        families: families that speak: a flag seen, or an undeclared group.
    """

    centibits: int
    bars: dict[str, int]
    families_seen: int
    families: int


def control_level(identities: int) -> int:
    """Level code of control for a number of undeclared identities; one identity is no group: unknown."""
    if identities <= 1:
        return UNKNOWN
    return TWO if identities == 2 else THREE_TO_FOUR if identities <= 4 else FIVE_AND_MORE


def undeclared(identities: Iterable[str], declared: Iterable[frozenset[str]]) -> int:
    """How many identities remain when those declared together count as one.

    Args:
        identities: of the members of one ring.
        declared: groups of identities that were declared together.

    Returns:
        The number of groups that nobody declared to belong together.
    """
    parent = {one: one for one in sorted(set(identities))}

    def root(one: str) -> str:
        while parent[one] != one:
            one = parent[one]
        return one

    for group in declared:
        inside = sorted(one for one in group if one in parent)
        for other in inside[1:]:
            first, second = sorted((root(inside[0]), root(other)))
            parent[second] = first
    return sum(1 for one in parent if parent[one] == one)


def weigh_alone(weights: Weights, pattern: Pattern, control: int) -> Weighed:
    """Weigh an account that belongs to no ring.

    Args:
        weights: those in force.
        pattern: a code per family (reach.py).
        control: 1 (alone), or 0 where that could not be known.

    Returns:
        Its weight, bars and families.
    """
    total, bars = weights.weigh(pattern)
    if control:
        bars = bars | {CONTROL_BAR: weights.control(control)}
        total += weights.control(control)
    return Weighed(total, bars, _known(pattern), _spoke(pattern))


def weigh_ring(weights: Weights, members: Sequence[Member], control: int) -> dict[str, Weighed]:
    """Weigh a ring as one operator, and each of its members by how surely it belongs.

    P(account) = mu P(ring) + (1 - mu) P(alone), where the ring weighs the mean of its members with any visible
    family, and control once.

    Args:
        weights: those in force.
        members: of one ring.
        control: level code of its undeclared size, 0 where unknown.

    Returns:
        Per account its weight, with bars that add up exactly.
    """
    own = {one.account: weights.weigh(one.pattern) for one in members}
    visible = sorted(own[one.account][0] for one in members if any(one.pattern))
    mean = round(sum(visible) / len(visible)) if visible else 0
    group = weights.control(control)
    ring = probability(weights.prior + mean + group)
    speaks = int(control >= TWO)
    seen = sum(any(one.pattern[i] for one in members) for i in range(len(FAMILIES))) + speaks
    spoke = sum(any(level_of(one.pattern[i]) > NOTHING for one in members) for i in range(len(FAMILIES))) + speaks
    result = {}
    for one in members:
        total, bars = own[one.account]
        alone = probability(weights.prior + total + (weights.control(ALONE) if control else 0))
        mu = one.permille / 1000
        chance = min(1 - EDGE, max(EDGE, mu * ring + (1 - mu) * alone))
        whole = round(100 * math.log2(chance / (1 - chance))) - weights.prior
        bars = bars | ({CONTROL_BAR: group} if control else {})
        bars[RING_BAR] = whole - sum(bars.values())
        result[one.account] = Weighed(whole, bars, seen, spoke)
    return result


def weigh_people(weights: Weights, members: Sequence[Member], control: int) -> dict[str, Weighed]:
    """Weigh people of a register, or applicants, who are one hand with some probability.

    Two people whom an employer knows by different names and who are one hand are not what they say: what linkage says
    of "same hand?" is the probability to begin with, in place of the base rate, and the mean of their own weights is
    added. What they share alone never brings anybody above one in two.

    Args:
        weights: those in force.
        members: of one ring.
        control: level code of its undeclared size; 0 (declared, or one identity): everybody stands alone.

    Returns:
        Per account its weight, with bars that add up exactly.
    """
    if control < TWO:
        return {one.account: weigh_alone(weights, one.pattern, 0) for one in members}
    own = {one.account: weights.weigh(one.pattern) for one in members}
    visible = sorted(own[one.account][0] for one in members if any(one.pattern))
    mean = round(sum(visible) / len(visible)) if visible else 0
    most = max(weights.cap_centibits, -weights.prior)
    seen = 1 + sum(any(one.pattern[i] for one in members) for i in range(len(FAMILIES)))
    spoke = sum(any(level_of(one.pattern[i]) > NOTHING for one in members) for i in range(len(FAMILIES)))
    result = {}
    for one in members:
        mu = min(1 - EDGE, max(EDGE, one.permille / 1000))
        group = min(round(100 * math.log2(mu / (1 - mu))) - weights.prior, most)
        bars = own[one.account][1] | {CONTROL_BAR: group}
        whole = mean + group
        bars[RING_BAR] = whole - sum(bars.values())
        result[one.account] = Weighed(whole, bars, seen, spoke + int(group > 0))
    return result


def declared_groups(rows: Iterable[tuple[str, Sequence[str]]], person_of: Mapping[str, str]) -> list[frozenset[str]]:
    """Groups of identities that were declared together as team or household.

    Args:
        rows: subject and those it was declared with; an account or a person, with or without ``account:``, ``person:``.
        person_of: identity of each account that is named; every other name is a person.

    Returns:
        One set of identities per declaration.
    """
    groups = []
    for subject, others in rows:
        bare = [n.split(":", 1)[1] if n.startswith(("account:", "person:")) else n for n in (subject, *others)]
        groups.append(frozenset(person_of.get(name, f"person:{name}") for name in bare))
    return groups


def _known(pattern: Pattern) -> int:
    return sum(told > 0 for told in pattern)


def _spoke(pattern: Pattern) -> int:
    return sum(level_of(told) > NOTHING for told in pattern)
