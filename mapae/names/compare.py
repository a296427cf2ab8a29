"""Two names compared token by token, in whatever order they stand: bits for "same party?", and why.

Tokens are paired: the same, joined (abdul rahman, abdulrahman), near (one or two letters typed differently), alike
(two spellings of one Hangul syllable, or the same consonants), an initial. A token without a partner on either
side is strong evidence against; on one side only it weighs a little against. Symmetric in its two names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from mapae.names import companies, people
from mapae.names.comparison import SAYS, Comparison, Pair, join_neighbours, pair_rest, plain_weight
from mapae.names.fold import tokens as fold_tokens
from mapae.names.syllables import is_syllable, same_order
from mapae.names.tables import weights

__all__ = ["Comparison", "compare", "compare_tokens", "core", "join_neighbours", "plain_weight"]


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
            Without it the two names are compared by themselves, with all tables (see :mod:`mapae.names.pairs`).

    Returns:
        the weight and its reasons; the same with a and b exchanged.

    Example:
        >>> compare("RI Yong Mu", "리용무").same
        True
    """
    from mapae.names import pairs

    if rarity is None:
        return pairs.compare(a, b, schema)
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
    pairs = pair_rest(rest_a, rest_b, weight, rarity)
    grounds += [(gain * n, f"{low} ~ {high}, {SAYS[kind]}") for gain, low, high, kind, n in pairs]
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
        if typed:
            grounds.append((limits["near_and_missing"], "one token typed differently and another missing"))
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
