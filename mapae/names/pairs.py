"""Two names compared by themselves, without a list: persons, firms and ships, with all word tables.

The tokens that agree are counted as evidence for one party, by their length; a generic word counts little. What
decides is what does not agree: with a wholly different token or another number the names weigh no more than
``pair_different``, with a telling word on one side only, or another legal form, no more than ``pair_open``.
"""

from __future__ import annotations

import functools
from collections import Counter

from rapidfuzz.distance import OSA

from mapae.names import abbreviations, korean_door, people
from mapae.names.alternatives import readings
from mapae.names.comparison import SAYS, Comparison, Related, join_neighbours, pair_rest, plain_weight
from mapae.names.fold import tokens as fold_tokens
from mapae.names.prepare import Prepared, is_firm, prepare
from mapae.names.relations import is_doubled, is_unvowelled, relation, same_consonants
from mapae.names.syllables import is_syllable, same_order
from mapae.names.tables import weights
from mapae.names.variants import are_two_names, generic, is_nickname, spellings, standard
from mapae.names.word_tables import same_sound, same_word

_PHRASE_MOST = 6
# Forms that are said of a firm whatever its legal form is.
_LOOSE = frozenset({"company", "corporation"})


def compare(a: str, b: str, schema: str = "Person") -> Comparison:
    """Compare two names as texts, by themselves.

    Args:
        a: a name in any script.
        b: another.
        schema: FollowTheMoney schema of the parties; "" when unknown.

    Returns:
        the weight, whether that is a match at the default threshold, and the reasons; symmetric.
    """
    a, b = sorted((a, b))
    found = korean_door.compare(a, b) if schema in ("Person", "") else None
    if found is not None:
        return found
    firm = is_firm(schema, fold_tokens(a), fold_tokens(b))
    tried = [_judge(prepare(x, firm), prepare(y, firm), firm, schema) for x, y in readings(a, b, firm)]
    return max(tried, key=lambda one: (one.centibits, one.why))


def related(firm: bool, strict: bool) -> Related:
    """How tokens of a pair may stand to each other.

    Args:
        firm: tokens of firms' names: no initials, no short forms.
        strict: both names are all of syllables, where one letter makes another name.
    """

    def how(x: str, y: str) -> tuple[str, int] | None:
        return _related(x, y, firm, strict)

    return how


@functools.lru_cache(maxsize=100_000)
def _related(x: str, y: str, firm: bool, strict: bool) -> tuple[str, int] | None:
    limits = weights()
    if standard(x) == standard(y):
        return "variant", limits["variant"]
    if firm and same_word(x, y):
        return "word", limits["alike_word"]
    if any(c.isdigit() for c in x + y):
        return None
    if not firm and is_unvowelled(x, y):
        return "consonants", limits["unvowelled"]
    found = relation(x, y)
    if found is not None and (strict or found[0] == "alike" or (found[0] == "initial" and not firm)):
        return found
    if not firm and is_nickname(x, y):
        return "nickname", limits["nickname"]
    if firm and same_sound(x, y):
        return "sound", limits["alike_word"]
    short = min(len(x), len(y))
    if not strict and short > 1 and is_doubled(x, y):
        return "near", limits["pair_edit"]
    if strict or short < limits["pair_short_letters"]:
        return None
    ways = [(limits["skeleton"], "consonants")] if same_consonants(x, y) and not are_two_names(x, y) else []
    allowed = 2 if short >= limits["pair_two_firm" if firm else "pair_two_letters"] else 1
    distance = OSA.distance(x, y, score_cutoff=allowed)
    if distance <= allowed:
        ways.append((distance * limits["pair_edit_short" if short < limits["near_letters"] else "pair_edit"], "near"))
    if not ways:
        return None
    cost, kind = min(ways)
    return kind, cost


def _weight(token: str, firm: bool, syllabic: bool) -> int:
    limits = weights()
    if not firm and people.is_particle(token):
        return limits["particle"]
    found = generic(token) if firm else None
    bits = found[1] if found is not None else plain_weight(token)
    return min(bits, limits["syllable_most"]) if syllabic and is_syllable(token) else bits


def _judge(a: Prepared, b: Prepared, firm: bool, schema: str) -> Comparison:
    limits = weights()
    if not a.tokens or not b.tokens:
        return Comparison(0, ["no name to compare"])
    grounds: list[tuple[int, str]] = []
    same = sorted(a.tokens) == sorted(b.tokens) or "".join(a.whole) == "".join(b.whole)
    if same and sorted(a.tokens) != sorted(b.tokens):
        left_a = left_b = max(a.whole, b.whole, key=lambda tokens: (len(tokens), tokens))
    else:
        left_a = join_neighbours(a.tokens, spellings(frozenset(b.tokens)) - frozenset(a.tokens))
        left_b = join_neighbours(b.tokens, spellings(frozenset(a.tokens)) - frozenset(b.tokens))
    syllabic = not firm and all(is_syllable(t) for t in (*left_a, *left_b))
    both = Counter(left_a) & Counter(left_b)
    grounds += [(_weight(t, firm, syllabic) * n, f"{t} = {t}") for t, n in both.items()]
    rest_a, rest_b = Counter(left_a) - both, Counter(left_b) - both
    found = pair_rest(rest_a, rest_b, lambda t: _weight(t, firm, syllabic), None, related(firm, syllabic))
    grounds += [(gain * n, f"{low} ~ {high}, {SAYS[kind]}") for gain, low, high, kind, n in found]
    typed = sum(n for _, _, _, kind, n in found if kind == "near")
    if typed > 1:
        grounds.append(((1 - typed) * limits["edit_more"], f"{typed} tokens typed differently"))
    if firm:
        grounds += _phrases(rest_a, rest_b, left_a, left_b)
    else:
        grounds += _initials(rest_a, rest_b, left_a, left_b)
    agreed = sum(n for t, n in both.items() if not people.is_particle(t)) + sum(n for *_, n in found)
    ceilings, different = _against(a, b, rest_a, rest_b, firm, grounds)
    if not firm and min(len(a.tokens), len(b.tokens)) == 1 < max(len(a.tokens), len(b.tokens)) and not same:
        ceilings.append((limits["pair_open"], "one name is a single word of the other"))
    missing = sum(1 for rest in (rest_a, rest_b) for t in rest.elements() if not people.is_particle(t))
    if not firm and not different and missing > 2 and missing >= agreed:
        ceilings.append((limits["pair_open"], "more is missing than agrees"))
    if syllabic and not same_order(*_sequences(left_a, left_b, both, found)):
        grounds.append((limits["order"], "syllables in another order"))
    joined = _joined(a, b, syllabic) if different else None
    if joined is not None:
        grounds, ceilings, different = [joined], [], 0
    short = abbreviations.ground(a, b) if firm and not same else None
    if short is not None:
        grounds, ceilings, different = [short], [], 0
    total = sum(cents for cents, _ in grounds)
    for most, text in sorted(ceilings):
        if total > most:
            grounds.append((most - total, text))
            total = most
    grounds.sort(key=lambda ground: (-abs(ground[0]), ground[1]))
    why = [f"{text} ({cents / 100:+.1f} bits)" for cents, text in grounds]
    match = total >= limits["pair_least"] or (same and not ceilings)
    return Comparison(total, why, different, same, match, not match and total >= limits["pair_possible"])


def _against(
    a: Prepared, b: Prepared, rest_a: Counter[str], rest_b: Counter[str], firm: bool, grounds: list[tuple[int, str]]
) -> tuple[list[tuple[int, str]], int]:
    """Ceilings that what does not agree sets, and how many tokens are wholly different; adds to the grounds."""
    limits = weights()
    ceilings: list[tuple[int, str]] = []
    alone = []
    for rest in (rest_a, rest_b):
        left = sorted(t for t in rest.elements() if firm or not people.is_particle(t))
        numbers = [t for t in left if t.isdigit()]
        idle = [t for t in left if firm and _idle(t)]
        alone.append((numbers, [t for t in left if t not in numbers and t not in idle], idle))
    (numbers_a, words_a, idle_a), (numbers_b, words_b, idle_b) = alone
    if firm and len(numbers_a) == len(numbers_b) == 1 and _numerals_near(a, b, numbers_a[0], numbers_b[0]):
        text = f"numerals one letter apart: {', '.join(sorted(numbers_a + numbers_b))}"
        grounds.append((-limits["pair_numeral"], text))
    elif firm and numbers_a and numbers_b:
        text = f"another number: {', '.join(sorted(numbers_a + numbers_b))}"
        ceilings.append((limits["pair_different"], text))
    elif firm and numbers_a + numbers_b == ["1"]:
        grounds.append((limits["pair_missing"], "the number 1 on one side only: the first often goes without"))
    elif firm and numbers_a + numbers_b:
        ceilings.append((limits["pair_open"], f"a number on one side only: {', '.join(numbers_a + numbers_b)}"))
    different = min(len(words_a), len(words_b))
    lonely = sorted(words_a + words_b)
    if different:
        grounds.append((different * limits["different"], f"wholly different: {', '.join(lonely)}"))
        ceilings.append((limits["pair_different"], "a wholly different token is not outweighed"))
    elif lonely:
        grounds.append((len(lonely) * limits["pair_missing"], f"only on one side: {', '.join(lonely)}"))
        telling = [t for t in lonely if t not in a.remarks | b.remarks]
        if firm and telling:
            ceilings.append((limits["pair_open"], f"a telling word on one side only: {', '.join(telling)}"))
    if idle_a + idle_b:
        cost = limits["particle"] * -len(idle_a + idle_b)
        grounds.append((cost, f"generic, on one side only: {', '.join(sorted(idle_a + idle_b))}"))
    forms_a, forms_b = set(a.forms), set(b.forms)
    if firm and forms_a and forms_b:
        text = f"legal form: {', '.join(sorted(forms_a | forms_b))}"
        if forms_a & forms_b:
            grounds.append((limits["form_same"], text))
        elif forms_a - _LOOSE and forms_b - _LOOSE:
            grounds.append((limits["form_other"], text))
            ceilings.append((limits["pair_open"], "another legal form"))
    return ceilings, different


def _numerals_near(a: Prepared, b: Prepared, x: str, y: str) -> bool:
    """Whether two Roman numerals differ by one letter, which a typing error does; digits must agree."""
    one, other = dict(a.numerals).get(x, ""), dict(b.numerals).get(y, "")
    return bool(one and other) and OSA.distance(one, other) == 1


def _idle(token: str) -> bool:
    found = generic(token)
    return found is not None and not found[2]


def _initials(
    rest_a: Counter[str], rest_b: Counter[str], left_a: tuple[str, ...], left_b: tuple[str, ...]
) -> list[tuple[int, str]]:
    """JC for Jean Claude: two or three letters that begin neighbours of the other name; takes them out."""
    grounds = []
    for own, other, order in ((rest_a, rest_b, left_b), (rest_b, rest_a, left_a)):
        for token in sorted(own):
            size = len(token)
            if not 2 <= size <= 3 or is_vowelled(token):
                continue
            for at in range(len(order) - size + 1):
                words = order[at : at + size]
                if all(other[w] > 0 and w[0] == c for w, c in zip(words, token, strict=True)):
                    grounds.append((size * weights()["initial"], f"{token} ~ {' '.join(words)}, {SAYS['initials']}"))
                    own.subtract([token])
                    other.subtract(words)
                    break
    return grounds


def _phrases(
    rest_a: Counter[str], rest_b: Counter[str], left_a: tuple[str, ...], left_b: tuple[str, ...]
) -> list[tuple[int, str]]:
    """What is left of both firms' names is one Korean phrase: its translation, or split otherwise; takes it out."""
    words_a = [t for t in left_a if rest_a[t] > 0 and not _idle(t)]
    words_b = [t for t in left_b if rest_b[t] > 0 and not _idle(t)]
    if not words_a or not words_b or len(words_a) + len(words_b) > _PHRASE_MOST:
        return []
    x, y = sorted((" ".join(words_a), " ".join(words_b)))
    if same_word(x, y):
        kind = "word"
    elif same_sound(x.replace(" ", ""), y.replace(" ", "")):
        kind = "sound"
    else:
        return []
    rest_a.subtract(words_a)
    rest_b.subtract(words_b)
    gain = min(plain_weight(x.replace(" ", "")), plain_weight(y.replace(" ", ""))) - weights()["alike_word"]
    return [(gain, f"{x} ~ {y}, {SAYS[kind]}")]


def is_vowelled(token: str) -> bool:
    """Whether a token has a vowel behind its first letter, so that it is read as a word."""
    return bool(set("aeiouy") & set(token[1:]))


def _joined(a: Prepared, b: Prepared, syllabic: bool) -> tuple[int, str] | None:
    """Names that are near once their letters are joined, where they are split otherwise."""
    if syllabic or len(a.tokens) == len(b.tokens):
        return None
    limits = weights()
    x, y = "".join(a.tokens), "".join(b.tokens)
    short = min(len(x), len(y))
    allowed = short // limits["far_letters"]
    distance = OSA.distance(x, y, score_cutoff=min(allowed, 2)) if allowed else 1
    if not allowed or distance > min(allowed, 2) or any(c.isdigit() for c in x + y):
        return None
    gain = plain_weight(x) + limits["pair_joined"] - distance * limits["edit"] // 2
    return gain, f"{' '.join(a.tokens)} ~ {' '.join(b.tokens)}, near once joined" if x < y else (
        f"{' '.join(b.tokens)} ~ {' '.join(a.tokens)}, near once joined"
    )


def _sequences(
    left_a: tuple[str, ...], left_b: tuple[str, ...], both: Counter[str], found: list[tuple[int, str, str, str, int]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    label = {token: token for token in both}
    for _, low, high, _, _ in found:
        label[low] = label[high] = low
    return tuple(label[t] for t in left_a if t in label), tuple(label[t] for t in left_b if t in label)
