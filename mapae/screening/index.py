"""Listed names by their tokens, so that few of them need to be compared with a name asked about.

Names that may be one share two tokens (the same or near) or are the same letters joined: the index holds every
pair of tokens of every listed name. A name whose shorter side is not covered by such tokens is no candidate.
"""

from __future__ import annotations

import dataclasses
import itertools
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mapae.model.amounts import centibits
from mapae.names import people
from mapae.names.compare import core, plain_weight
from mapae.names.fold import tokens as fold_tokens
from mapae.names.tables import weights
from mapae.screening.near import Bits, Ids, NearTokens, spread

Name = tuple[tuple[str, ...], str]
# The rarest so many tokens of a name stand in the index, and a name of more tokens than the second figure is not
# also entered with neighbours joined (firms' names).
_TOKENS_MOST, _JOIN_MOST = 10, 6
# A candidate may have so many tokens that the other name lacks.
_EXTRA_MOST = 3
# What a comparison may find beyond the indexed tokens of a name (particles, initials), in centibits.
_SLACK = 200
# Pairs of tokens looked up at a time: bounds the memory.
_PAIRS_AT_ONCE = 4_000_000


@dataclasses.dataclass
class Asked:
    """A batch of names asked about: places of their indexed tokens in ``tokens``, by how many they have."""

    names: list[Name]
    tokens: list[str]
    rows: dict[int, tuple[Ids, NDArray[np.int64]]]
    joined: list[tuple[int, int]]


def rarity(token: str, names: int, total: int) -> int:
    """How much a matched token weighs: by its share of the listed names, drawn toward what its length says.

    On a short list the length decides, on a long one the list does; the name that is matched is itself left out.

    Args:
        token: a folded token.
        names: listed names that have it.
        total: listed names.

    Returns:
        centibits, at most ``token_most``.
    """
    limits = weights()
    background = limits["background"]
    by_length = background * 2.0 ** (-plain_weight(token) / 100)
    return min(limits["token_most"], centibits((total + background) / (max(0, names - 1) + by_length)))


class NameIndex:
    """Distinct folded listed names, and where their tokens occur."""

    def __init__(self, names: Sequence[tuple[str, str]]) -> None:
        """Fold and index listed names.

        Args:
            names: each a name and the FollowTheMoney schema of its bearer.
        """
        self.of_name: list[int] = []
        self._particles = people.words("particle")
        places: dict[Name, int] = {}
        once: dict[str, str] = {}  # equal tokens are one object: there are many more tokens than different ones
        for text, kind in names:
            tokens, legal = core(fold_tokens(text), kind)
            made = (tuple(once.setdefault(token, token) for token in tokens), legal)
            self.of_name.append(places.setdefault(made, len(places)))
        self.names: list[Name] = list(places)
        del places, once
        frequency = Counter(token for tokens, _ in self.names for token in set(tokens))
        self.rarity = {token: rarity(token, n, len(self.names)) for token, n in sorted(frequency.items())}
        self.joined: dict[str, list[int]] = {}
        numbers: dict[str, int] = {token: n for n, token in enumerate(self.rarity)}
        forms = {size: (array("i"), array("i")) for size in range(1, _TOKENS_MOST + 1)}
        for place, (tokens, _) in enumerate(self.names):
            if tokens:
                self.joined.setdefault("".join(tokens), []).append(place)
                for form in self._variants(tokens):
                    ids, owners = forms[len(form)]
                    ids.extend([numbers.setdefault(token, len(numbers)) for token in form])
                    owners.append(place)
        self._enter(numbers, forms)

    def _variants(self, tokens: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield self._indexed(tokens)
        if 2 < len(tokens) <= _JOIN_MOST:
            for at in range(len(tokens) - 1):
                yield self._indexed((*tokens[:at], tokens[at] + tokens[at + 1], *tokens[at + 2 :]))

    def _indexed(self, tokens: tuple[str, ...]) -> tuple[str, ...]:
        """The tokens of a name that retrieval uses: no particles, no single letters, the rarest ten, sorted."""
        kept = {t for t in tokens if len(t) > 1 and t not in self._particles} or set(tokens)
        if len(kept) > _TOKENS_MOST:
            kept = set(sorted(kept, key=lambda t: (-self.rarity.get(t, 1 << 30), t))[:_TOKENS_MOST])
        return tuple(sorted(kept))

    def _enter(self, numbers: dict[str, int], forms: dict[int, tuple[array[int], array[int]]]) -> None:
        """Enter the forms of names: by how many tokens they have, tokens' numbers and whose form each is."""
        vocabulary = sorted(numbers)
        rank = np.empty(len(vocabulary), dtype=np.int64)
        rank[[numbers[token] for token in vocabulary]] = np.arange(len(vocabulary))
        numbers.clear()
        self.near = NearTokens(vocabulary)
        self._ids = {token: i for i, token in enumerate(vocabulary)}
        most = weights()["token_most"]
        rare = np.array([self.rarity.get(token, most) for token in vocabulary], dtype=np.int16)
        self._single: dict[int, list[int]] = {}
        sizes, weighed, named, counts = [], [], [np.empty(0, np.int32)], [np.empty(0, np.int64)]
        keys, owners, bits = [np.empty(0, np.int64)], [np.empty(0, np.int32)], [np.empty(0, np.int16)]
        total = 0
        for size, (ids, places) in forms.items():
            if not len(places):
                continue
            matrix, form = np.unique(rank[np.array(ids).reshape(-1, size)], axis=0, return_inverse=True)
            whose = np.unique(form.reshape(-1).astype(np.int64) * len(self.names) + np.array(places))
            form, place = np.divmod(whose, len(self.names))
            named.append(place.astype(np.int32))
            counts.append(np.bincount(form, minlength=len(matrix)))
            sizes.append(np.full(len(matrix), size, dtype=np.int64))
            weighed.append(np.pad(rare[matrix], ((0, 0), (0, _TOKENS_MOST - size))))
            own = np.arange(total, total + len(matrix), dtype=np.int32)
            total += len(matrix)
            if size == 1:
                for at, token in zip(own.tolist(), matrix[:, 0].tolist(), strict=True):
                    self._single.setdefault(token, []).append(at)
            for i, j in itertools.combinations(range(size), 2):
                keys.append(matrix[:, i] * len(vocabulary) + matrix[:, j])
                owners.append(own)
                bits.append(np.full(len(matrix), (1 << i) | (1 << j), dtype=np.int16))
        self._size = np.concatenate([np.empty(0, np.int64), *sizes])
        self._weights = np.concatenate([np.empty((0, _TOKENS_MOST), np.int16), *weighed])
        self._form_from = np.append(0, np.cumsum(np.concatenate(counts)))
        self._form_names = np.concatenate(named)
        key = np.concatenate(keys)
        order = np.argsort(key, kind="stable")
        self._pair_keys, first = np.unique(key[order], return_index=True)
        self._pair_from = np.append(first, len(key)).astype(np.int64)
        self._pair_forms, self._pair_bits = np.concatenate(owners)[order], np.concatenate(bits)[order]
        self._pair_set = Bits(1 << 24, _place(self._pair_keys))

    def ask(self, names: Sequence[Name]) -> Asked:
        """Prepare folded names for :meth:`candidates`.

        Args:
            names: distinct folded names (see :func:`mapae.names.compare.core`).
        """
        ids: dict[str, int] = {}
        by_size: dict[int, list[tuple[int, list[int]]]] = {}
        joined: list[tuple[int, int]] = []
        for place, (tokens, _) in enumerate(names):
            if not tokens:
                continue
            joined += [(place, hit) for hit in self.joined.get("".join(tokens), ())]
            forms = [self._indexed(tokens)]
            for at in range(len(tokens) - 1):
                together = tokens[at] + tokens[at + 1]
                if together in self._ids:
                    forms.append(self._indexed((*tokens[:at], together, *tokens[at + 2 :])))
            for form in forms:
                by_size.setdefault(len(form), []).append((place, [ids.setdefault(t, len(ids)) for t in form]))
        rows = {
            size: (np.array([p for p, _ in found], dtype=np.int64), np.array([t for _, t in found], dtype=np.int64))
            for size, found in sorted(by_size.items())
        }
        return Asked(list(names), list(ids), rows, joined)

    def candidates(self, asked: Asked) -> list[tuple[int, int]]:
        """Pairs worth comparing.

        Args:
            asked: a batch made by :meth:`ask`.

        Returns:
            distinct (place in the batch, place in :attr:`names`), sorted.
        """
        offsets, near = self.near.find(asked.tokens)
        found = set(asked.joined)
        for size, (places, matrix) in asked.rows.items():
            if size == 1:
                for place, token in zip(places.tolist(), matrix[:, 0].tolist(), strict=True):
                    for listed in near[offsets[token] : offsets[token + 1]].tolist():
                        for form in self._single.get(listed, ()):
                            found.update((place, name) for name in self._names_of(form))
                continue
            degree = offsets[matrix + 1] - offsets[matrix]
            work = np.cumsum(degree.sum(axis=1) ** 2)
            cuts = np.searchsorted(work, np.arange(0, int(work[-1]) + _PAIRS_AT_ONCE, _PAIRS_AT_ONCE))
            for low, high in itertools.pairwise(np.unique(np.append(cuts, len(matrix))).tolist()):
                rows, forms = self._covered(matrix[low:high], degree[low:high], offsets, near)
                for row, form in zip((rows + low).tolist(), forms.tolist(), strict=True):
                    found.update((int(places[row]), name) for name in self._names_of(form))
        return sorted(found)

    def _names_of(self, form: int) -> list[int]:
        made: list[int] = self._form_names[self._form_from[form] : self._form_from[form + 1]].tolist()
        return made

    def _covered(self, matrix: Ids, degree: Ids, offsets: Ids, near: Ids) -> tuple[Ids, Ids]:
        """Rows and forms that share so many tokens that the shorter of both is covered, and weigh enough."""
        size = matrix.shape[1]
        total = len(self._size)
        codes: list[Ids] = []
        asked_bits, listed_bits = [], []
        for i, j in itertools.combinations(range(size), 2):
            counts = degree[:, i] * degree[:, j]
            rows = np.repeat(np.arange(len(matrix), dtype=np.int64), counts)
            within = spread(np.zeros(len(matrix), dtype=np.int64), counts)
            at_i, at_j = np.divmod(within, degree[rows, j])
            x, y = near[offsets[matrix[rows, i]] + at_i], near[offsets[matrix[rows, j]] + at_j]
            key = np.minimum(x, y) * len(self._ids) + np.maximum(x, y)
            kept = self._pair_set.has(_place(key))
            key, rows = key[kept], rows[kept]
            place = np.searchsorted(self._pair_keys, key)
            place[place == len(self._pair_keys)] = 0
            kept = self._pair_keys[place] == key if len(self._pair_keys) else np.zeros(len(key), np.bool_)
            place, rows = place[kept], rows[kept]
            counts = self._pair_from[place + 1] - self._pair_from[place]
            hits = spread(self._pair_from[place], counts)
            codes.append(np.repeat(rows, counts) * np.int64(total) + self._pair_forms[hits])
            asked_bits.append(np.full(len(hits), (1 << i) | (1 << j), dtype=np.int16))
            listed_bits.append(self._pair_bits[hits])
        code = np.concatenate(codes)
        if not len(code):
            return code, code
        order = np.argsort(code, kind="stable")
        code = code[order]
        start = np.flatnonzero(np.append(True, code[1:] != code[:-1]))
        code = code[start]
        asked = np.bitwise_or.reduceat(np.concatenate(asked_bits)[order], start)
        listed = np.bitwise_or.reduceat(np.concatenate(listed_bits)[order], start)
        rows, forms = np.divmod(code, total)
        sizes = self._size[forms]
        least = np.minimum(size, sizes)
        extra = np.abs(size - sizes)
        kept = (np.bitwise_count(asked) >= least) & (np.bitwise_count(listed) >= least) & (extra <= _EXTRA_MOST)
        rows, forms, listed, extra = rows[kept], forms[kept], listed[kept], extra[kept]
        limits = weights()
        bound = extra * limits["missing"] + _SLACK
        for place in range(_TOKENS_MOST):
            bound = bound + ((listed >> place) & 1) * self._weights[forms, place]
        enough = bound >= limits["match_least"]
        return rows[enough], forms[enough]


def _place(keys: Ids) -> NDArray[np.uint64]:
    return (keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
