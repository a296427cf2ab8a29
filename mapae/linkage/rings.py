"""Rings: groups of hands that are likelier one hand than a household or strangers, inside connected components.

Hands and the values they hold are the two sides of a graph. What hangs together by one tie is no ring: a ring is a
*block*, a part in which no single hand's or value's going would cut it apart, with at least two kinds of key. A couple
that hangs on a ring's member is a block of its own and is weighed as a couple. Everything runs in sorted order.
"""

from __future__ import annotations

import collections
import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Iterable

import rustworkx as rx

from mapae.linkage.keys import Question, Shared
from mapae.linkage.register import NOBODY, Register

# A value as the graph sees it: its key, and the hands that hold it.
Value = tuple[str, frozenset[str]]


@dataclasses.dataclass(frozen=True)
class Ring:
    """A group of hands that is likelier one hand than not.

    Args:
        core: hands of its blocks, sorted.
        attached: hands that share a value with members, and how surely they belong, in permille.
        keys: kinds of key that hold it together, sorted.
        centibits: weight of what the largest block shares, for "same hand?".
        permille: probability that the core is one hand.
    """

    core: tuple[str, ...]
    attached: tuple[tuple[str, int], ...]
    keys: tuple[str, ...]
    centibits: int
    permille: int

    @property
    def hands(self) -> tuple[str, ...]:
        return tuple(sorted([*self.core, *(hand for hand, _ in self.attached)]))


def find(holdings: Iterable[tuple[str, str, str]], question: Question, register: Register = NOBODY) -> list[Ring]:
    """All rings among what hands hold.

    Args:
        holdings: key, value, hand; every value with all of its holders, none above its ceiling.
        question: the weights.
        register: what it says of people.

    Returns:
        Rings in order of their first hand; no hand is in two.
    """
    by_value: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key, value, hand in holdings:
        by_value[key, value].add(hand)
    values = [(key, frozenset(hands)) for (key, _), hands in sorted(by_value.items()) if len(hands) > 1]
    rings: list[Ring] = []
    for component in components(values):
        if len({key for key, _ in component}) > 1:
            rings.extend(_in_component(component, question, register))
    return sorted(rings, key=lambda ring: ring.core)


def possible(
    holdings: Iterable[tuple[str, str, str]], question: Question, apart: frozenset[str], register: Register = NOBODY
) -> list[Ring]:
    """Groups that may be one hand although that is not the likelier explanation: what an employer's people are asked about.

    One kind of key is enough here, since people of a register are told apart by it: two of them who are one hand are
    a finding, how unlikely it may be. Pairs less likely than ``possible.least_permille`` are no groups.

    Args:
        holdings: key, value, hand, of people alone; every value with all of its holders.
        question: the weights.
        apart: hands that are members of a ring already, or declared together with whom they share.
        register: what it says of people.

    Returns:
        Groups in order of their first hand; no hand is in two.
    """
    by_value: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key, value, hand in holdings:
        by_value[key, value].add(hand)
    values = merged([(key, frozenset(hands)) for (key, _), hands in sorted(by_value.items()) if len(hands) > 1])
    by_hand = _places(values)

    def weigh(hands: frozenset[str]) -> Group:
        near = [values[place] for place in sorted({place for hand in hands for place in by_hand[hand]})]
        weight, permille = question.weigh(shared_by(hands, near), len(hands), register.relation(hands))
        return Group(hands, near, weight, permille)

    pairs = {pair for _, held in values for pair in itertools.combinations(sorted(held - apart), 2)}
    likely = [one for pair in sorted(pairs) if (one := weigh(frozenset(pair))).permille >= question.possible_permille]
    found: list[Ring] = []
    for part in components([("", one.hands) for one in likely]):
        inside = sorted(
            (one for one in likely if any(one.hands == held for _, held in part)),
            key=lambda one: (-one.permille, -one.centibits, sorted(one.hands)),
        )
        whole = weigh(_hands(part))
        # A chain of pairs is a group only where it is likelier than its likeliest pair; else each goes with its nearest.
        taken: set[str] = set()
        for one in [whole] if whole.permille > inside[0].permille else inside:
            if not one.hands & taken:
                taken |= one.hands
                found.append(_ring(one, one.hands, question, attach=False))
    return sorted(found, key=lambda ring: ring.core)


def components(values: list[Value]) -> list[list[Value]]:
    """Connected components, each as its values; in order of the first value."""
    graph, hands = _graph(values)
    parts = []
    for nodes in rx.connected_components(graph):
        inside = sorted(node for node in nodes if node < len(values))
        parts.append([values[node] for node in inside])
    del hands
    return sorted(parts, key=lambda part: (part[0][0], sorted(part[0][1])))


def _graph(values: list[Value]) -> tuple[rx.PyGraph, list[str]]:
    """Values are nodes 0 to len(values) - 1, hands follow in sorted order."""
    hands = sorted({hand for _, held in values for hand in held})
    place = {hand: len(values) + i for i, hand in enumerate(hands)}
    graph = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(list(range(len(values) + len(hands))))
    graph.add_edges_from_no_data([(i, place[hand]) for i, (_, held) in enumerate(values) for hand in sorted(held)])
    return graph, hands


def merged(values: list[Value]) -> list[Value]:
    """Values of one key held by mostly the same hands, made one: two shared devices are no second piece of evidence.

    Two are made one where they have two hands or more in common, and these are at least half of the smaller's.
    """
    made: list[Value] = []
    for name in sorted({key for key, _ in values}):
        sets = sorted((held for key, held in values if key == name), key=lambda held: (len(held), sorted(held)))
        places: dict[str, list[int]] = defaultdict(list)
        leader = list(range(len(sets)))
        for i, held in enumerate(sets):
            common = collections.Counter(place for hand in held for place in places[hand])
            for place, number in sorted(common.items()):
                if number > 1 and 2 * number >= len(sets[place]):
                    leader[_root(leader, i)] = _root(leader, place)
            for hand in held:
                places[hand].append(i)
        together: dict[int, set[str]] = defaultdict(set)
        for i, held in enumerate(sets):
            together[_root(leader, i)] |= held
        made += [(name, frozenset(held)) for held in together.values()]
    return sorted(made, key=lambda v: (v[0], sorted(v[1])))


def _root(leader: list[int], i: int) -> int:
    while leader[i] != i:
        i = leader[i]
    return i


def blocks(values: list[Value]) -> list[list[Value]]:
    """Parts that no single node's going cuts apart, with at least two kinds of key: each as values cut to its hands."""
    graph, hands = _graph(values)
    inside: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for (a, b), number in dict(rx.biconnected_components(graph)).items():
        value, hand = (a, b) if a < b else (b, a)
        inside[number][value].add(hands[hand - len(values)])
    found = []
    for parts in inside.values():
        cut = sorted(((values[i][0], frozenset(held)) for i, held in parts.items()), key=lambda v: (v[0], sorted(v[1])))
        if len({key for key, _ in cut}) > 1:
            found.append(cut)
    return sorted(found, key=lambda part: [(key, sorted(held)) for key, held in part])


def _places(values: list[Value]) -> dict[str, list[int]]:
    """Hand to the places of the values that it holds."""
    by_hand: dict[str, list[int]] = defaultdict(list)
    for place, (_, held) in enumerate(values):
        for hand in held:
            by_hand[hand].append(place)
    return by_hand


def firm(values: list[Value]) -> list[Value]:
    """Values without private ties: held by two hands alone, which share no other kind of key."""
    by_hand = _places(values)

    def kinds(pair: frozenset[str]) -> int:
        one, other = pair
        return len({values[place][0] for place in set(by_hand[one]) & set(by_hand[other])})

    return [(key, held) for key, held in values if len(held) > 2 or kinds(held) > 1]


def dense(values: list[Value], question: Question) -> bool:
    """Whether enough of all pairs of hands hold a value together; in a crowd that only hangs together, few do."""
    hands = {hand for _, held in values for hand in held}
    pairs = {pair for _, held in values for pair in itertools.combinations(sorted(held), 2)}
    return 2000 * len(pairs) >= question.dense_permille * len(hands) * (len(hands) - 1)


def tightened(block: list[Value], question: Question, kinds: int = 2) -> list[list[Value]]:
    """A block where it is dense; else the dense blocks among those of its hands that share ever more kinds of key.

    Args:
        block: values cut to the block's hands.
        question: how dense a ring must be.
        kinds: kinds of key that two must share next, where the block is too thin.
    """
    if dense(block, question):
        return [block]
    agree: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key, held in block:
        for pair in itertools.combinations(sorted(held), 2):
            agree[pair].add(key)
    strong = [("", frozenset(pair)) for pair, keys in sorted(agree.items()) if len(keys) >= kinds]
    found: list[list[Value]] = []
    for component in components(strong):
        hands = frozenset(hand for _, held in component for hand in held)
        cut = [(key, held & hands) for key, held in block if len(held & hands) > 1]
        for inner in blocks(cut):
            found += tightened(inner, question, kinds + 1)
    return found


def _in_component(values: list[Value], question: Question, register: Register) -> list[Ring]:
    whole = merged(values)
    by_hand = _places(whole)
    parts: list[list[Value]] = []
    for block in blocks(whole):
        for inner in blocks(firm(block)) or [block]:
            parts += tightened(inner, question)

    def weigh(hands: frozenset[str]) -> Group:
        near = [whole[place] for place in sorted({place for hand in hands for place in by_hand[hand]})]
        cut = [(key, held & hands) for key, held in near if len(held & hands) > 1]
        weight, permille = question.weigh(shared_by(hands, near), len(hands), register.relation(hands))
        return Group(hands, near, weight, permille if dense(cut, question) else 0)

    likely: list[Group] = []
    for group in _meeting(parts, whole, by_hand):
        union = weigh(_hands(value for part in group for value in part))
        likely += [union] if union.permille >= 500 else [weigh(_hands(part)) for part in group]
    cores: list[Group] = []
    order = sorted(likely, key=lambda g: (-len(g.hands), -g.permille, sorted(g.hands)))
    for one in order:
        # Rings that share a hand are one, where the whole is as likely and dense; else the hand stays with the larger.
        near = [core for core in cores if core.hands & one.hands]
        if near and one.permille >= 500:
            union = weigh(one.hands.union(*(core.hands for core in near)))
            if union.permille >= 500:
                cores = [core for core in cores if core not in near]
                one = union
            else:
                one = weigh(one.hands.difference(*(core.hands for core in near)))
        if one.permille >= 500 and len(one.hands) > 1:
            cores.append(one)
    taken = frozenset(hand for one in cores for hand in one.hands)
    return [_ring(one, taken, question) for one in cores]


def _hands(values: Iterable[Value]) -> frozenset[str]:
    return frozenset(hand for _, held in values for hand in held)


@dataclasses.dataclass(frozen=True)
class Group:
    """Hands that may be one, all values that any of them holds, and what these say of "same hand?"."""

    hands: frozenset[str]
    values: list[Value]
    centibits: int
    permille: int


def _meeting(parts: list[list[Value]], whole: list[Value], by_hand: dict[str, list[int]]) -> list[list[list[Value]]]:
    """Blocks by the values in which they meet, as three sites paid to one account meet in it."""
    leader = list(range(len(parts)))
    first: dict[int, int] = {}
    for i, part in enumerate(parts):
        for key, held in part:
            for place in by_hand[min(held)]:
                if whole[place][0] == key and held <= whole[place][1]:
                    leader[_root(leader, i)] = _root(leader, first.setdefault(place, i))
    groups: dict[int, list[list[Value]]] = defaultdict(list)
    for i, part in enumerate(parts):
        groups[_root(leader, i)].append(part)
    return [groups[number] for number in sorted(groups)]


def shared_by(hands: frozenset[str], values: list[Value]) -> list[Shared]:
    """What a set of hands holds together: per key, hands chained by its values, and all holders of those values.

    Args:
        hands: the set.
        values: at least all values that two of them hold.
    """
    made: list[Shared] = []
    for name in sorted({key for key, _ in values}):
        chains: list[tuple[set[str], set[str]]] = []
        for key, held in values:
            if key != name or len(held & hands) < 2:
                continue
            near = [chain for chain in chains if chain[0] & held]
            inside, holders = set(held & hands), set(held)
            for chain in near:
                inside |= chain[0]
                holders |= chain[1]
                chains.remove(chain)
            chains.append((inside, holders))
        made += [(name, len(inside), len(holders)) for inside, holders in chains]
    return sorted(made)


def _ring(core: Group, taken: frozenset[str], question: Question, *, attach: bool = True) -> Ring:
    """A core with the hands that share a value of which most holders are members for other reasons."""
    attached: dict[str, int] = {}
    for _, held in core.values if attach else ():
        inside = len(held & core.hands)
        share = 1000 * inside // len(held)
        if inside < 2 or share < question.attach_permille:
            continue
        for hand in held - taken:
            attached[hand] = max(attached.get(hand, 0), core.permille * share // 1000)
    keys = sorted({key for key, held in core.values if len(held & core.hands) > 1})
    sure = tuple(sorted((hand, at) for hand, at in attached.items() if at >= 500))
    return Ring(tuple(sorted(core.hands)), sure, tuple(keys), core.centibits, core.permille)
