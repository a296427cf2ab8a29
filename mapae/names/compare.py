"""Two names compared token by token, in whatever order they stand: bits for "same party?", and why.

Tokens are paired: the same, joined (abdul rahman, abdulrahman), near (one or two letters typed differently), alike
(two spellings of one Hangul syllable, or the same consonants), an initial. A token without a partner on either
side is strong evidence against; on one side only it weighs a little against. Symmetric in its two names.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from mapae.names import companies, people
from mapae.names.fold import tokens as fold_tokens
from mapae.names.relations import relation
from mapae.names.syllables import is_syllable, same_order
from mapae.names.tables import weights

# Gain in centibits, the two tokens in alphabetical order, kind of relation, how often.
Pair = tuple[int, str, str, str, int]
# At most so many neighbours are tried as one token.
_JOINED_MOST = 4


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What comparing two names gave.

    Args:
        centibits: weight for "same party?" in hundredths of a bit; below zero it speaks against.
        why: the grounds, one short text per pair of tokens, in order of weight.
        different: how many tokens have no partner although the other name has one left too.
        same: the folded names have the same tokens (or the same letters joined).
    """

    centibits: int
    why: list[str]
    different: int = 0
    same: bool = False


def plain_weight(token: str) -> int:
    """Weight of a matched token whose rarity nobody knows: by its length.

    Args:
        token: a folded token.

    Returns:
        centibits.
    """
    limits = weights()
    return min(limits["token_most"], limits["token_base"] + limits["token_letter"] * len(token))


def join_neighbours(own: Sequence[str], other: frozenset[str]) -> tuple[str, ...]:
    """Neighbours that together are a token of the other name, written as one.

    Args:
        own: folded tokens of one name.
        other: the tokens of the other.

    Example:
        >>> join_neighbours(("abdul", "rahman", "yasin"), frozenset({"abdulrahman", "yasin"}))
        ('abdulrahman', 'yasin')
    """
    made: list[str] = []
    at = 0
    while at < len(own):
        for length in range(min(_JOINED_MOST, len(own) - at), 1, -1):
            joined = "".join(own[at : at + length])
            if joined in other:
                made.append(joined)
                at += length
                break
        else:
            made.append(own[at])
            at += 1
    return tuple(made)


def core(tokens: tuple[str, ...], schema: str) -> tuple[tuple[str, ...], str]:
    """The tokens that are compared, and the legal form.

    Args:
        tokens: folded tokens of a name.
        schema: FollowTheMoney schema of whoever bears it; "" when unknown.

    Returns:
        the tokens without titles or legal forms, and the form or "".
    """
    if schema in companies.SCHEMATA:
        return companies.core(tokens)
    if schema == "Person":
        return people.core(tokens), ""
    left, form = companies.core(tokens, sure=True)
    return people.core(left), form


def compare(a: str, b: str, schema: str = "Person", rarity: Mapping[str, int] | None = None) -> Comparison:
    """Compare two names as texts.

    Args:
        a: a name in any script.
        b: another.
        schema: FollowTheMoney schema of the parties: Person, Company, Organization, Vessel …; "" when unknown.
        rarity: centibits of a token by how rare it is; tokens that it lacks weigh most.
            Without it a token weighs by its length.

    Returns:
        the weight and its reasons; the same with a and b exchanged.

    Example:
        >>> compare("RI Yong Mu", "리용무").same
        True
    """
    return compare_tokens(core(fold_tokens(a), schema), core(fold_tokens(b), schema), rarity)


def compare_tokens(
    a: tuple[tuple[str, ...], str], b: tuple[tuple[str, ...], str], rarity: Mapping[str, int] | None = None
) -> Comparison:
    """Compare two names that are folded already (see :func:`core`).

    Args:
        a: tokens and legal form of a name.
        b: of another.
        rarity: as in :func:`compare`.
    """
    limits = weights()
    most = limits["tokens_most"]
    raw_a, raw_b = a[0][:most], b[0][:most]
    if not raw_a or not raw_b:
        return Comparison(0, ["no name to compare"])

    def weight(token: str) -> int:
        if people.is_particle(token):
            return limits["particle"]
        bits = plain_weight(token) if rarity is None else rarity.get(token, limits["token_most"])
        return min(bits, limits["syllable_most"]) if is_syllable(token) else bits

    same = sorted(raw_a) == sorted(raw_b)
    if not same and "".join(raw_a) == "".join(raw_b):
        same = True
        left_a = left_b = max(raw_a, raw_b, key=lambda tokens: (len(tokens), tokens))
    else:
        left_a = join_neighbours(raw_a, frozenset(raw_b) - frozenset(raw_a))
        left_b = join_neighbours(raw_b, frozenset(raw_a) - frozenset(raw_b))
    both = Counter(left_a) & Counter(left_b)
    grounds: list[tuple[int, str]] = [(weight(t) * n, f"{t} = {t}") for t, n in both.items()]
    rest_a, rest_b = Counter(left_a) - both, Counter(left_b) - both
    pairs = _pair(rest_a, rest_b, weight, rarity)
    grounds += [(gain * n, f"{low} ~ {high}, {_SAYS[kind]}") for gain, low, high, kind, n in pairs]
    typed = sum(n for _, _, _, kind, n in pairs if kind == "near")
    if typed > 1:
        grounds.append(((1 - typed) * limits["edit_more"], f"{typed} tokens typed differently"))
    alone_a = sorted(t for t in rest_a.elements() if not people.is_particle(t))
    alone_b = sorted(t for t in rest_b.elements() if not people.is_particle(t))
    different, lonely = min(len(alone_a), len(alone_b)), sorted([*alone_a, *alone_b])
    syllabic = all(is_syllable(t) for t in (*left_a, *left_b))
    if different:
        grounds.append((different * limits["different"], f"wholly different: {', '.join(lonely)}"))
    elif lonely:
        cost = limits["missing_syllable" if syllabic else "missing"]
        grounds.append((len(lonely) * cost, f"only on one side: {', '.join(lonely)}"))
    if syllabic and not same_order(*_sequences(left_a, left_b, both, pairs)):
        grounds.append((limits["order"], "syllables in another order"))
    if a[1] and b[1]:
        grounds.append((limits["form_same" if a[1] == b[1] else "form_other"], f"legal form: {_both(a[1], b[1])}"))
    grounds.sort(key=lambda ground: (-abs(ground[0]), ground[1]))
    why = [f"{text} ({cents / 100:+.1f} bits)" for cents, text in grounds]
    return Comparison(sum(cents for cents, _ in grounds), why, different, same)


def _both(x: str, y: str) -> str:
    return ", ".join(sorted({x, y}))


def _sequences(
    left_a: tuple[str, ...], left_b: tuple[str, ...], both: Counter[str], pairs: list[Pair]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The paired tokens of both names in the order written, the two of a pair under one label."""
    label = {token: token for token in both}
    for _, low, high, _, _ in pairs:
        label[low] = label[high] = low
    return tuple(label[t] for t in left_a if t in label), tuple(label[t] for t in left_b if t in label)


def _pair(
    rest_a: Counter[str], rest_b: Counter[str], weight: Callable[[str], int], rarity: Mapping[str, int] | None
) -> list[Pair]:
    """Pair what is left of two names, the strongest pairs first; takes the paired out of both counters."""
    limits = weights()
    found: list[tuple[int, str, str, str]] = []
    for x in rest_a:
        for y in rest_b:
            low, high = (x, y) if x < y else (y, x)
            how = relation(low, high)
            if how is None:
                continue
            kind, cost = how
            gain = limits["initial"]
            if kind != "initial":
                known = kind == "near" and rarity is not None and x in rarity and y in rarity
                gain = min(weight(x), weight(y)) - (limits["both_known"] if known else 0)
                gain = (min(gain, limits["alike_most"]) if kind == "alike" else gain) - cost
            found.append((-gain, low, high, kind))
    pairs: list[Pair] = []
    for minus, low, high, kind in sorted(found):
        x, y = (low, high) if rest_a[low] and rest_b[high] else (high, low)
        n = min(rest_a[x], rest_b[y])
        if n > 0:
            pairs.append((-minus, low, high, kind, n))
            rest_a[x] -= n
            rest_b[y] -= n
    for rest in (rest_a, rest_b):
        for token in [t for t, n in rest.items() if n <= 0]:
            del rest[token]
    return pairs


_SAYS = {
    "near": "typed differently",
    "alike": "can be read as one Hangul syllable",
    "consonants": "same consonants",
    "initial": "initial",
}
