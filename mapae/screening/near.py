"""Tokens near to listed ones, for many tokens at once: symmetric deletes as 64-bit hashes, without a loop over letters.

Two tokens within one edit share a form with at most one letter taken out of each; within two edits, two letters.
All such forms of the listed tokens are hashed once; those of the asked tokens are looked up and checked by distance.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from mapae.names import hangul
from mapae.names.relations import bare, skeleton
from mapae.names.syllables import is_syllable
from mapae.names.tables import weights

Ids = NDArray[np.int64]
Hashes = NDArray[np.uint32]

# A fixed odd number: its powers weigh the places of letters in a hash modulo 2^64, and it has an inverse there.
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_MASK = (1 << 64) - 1
# A hash is kept in its upper 32 bits; two tokens that share one by accident are told apart by their distance.
_HALF = np.uint64(32)
# Hashes are looked up only where the bit of their top 26 bits is set.
_SHIFT = 6
# Longer tokens are compared whole, or with one letter out; two letters out make too many forms.
_ONE_MOST, _TWO_MOST = 40, 20
# So many asked tokens are looked up at a time: bounds the memory.
_AT_ONCE = 50_000
# Answers for so many tokens are kept, since names of one batch share theirs with the next.
_KNOWN_MOST = 60_000


class NearTokens:
    """Finds, for any token, the listed tokens that can stand for it."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """Hash the listed tokens.

        Args:
            vocabulary: distinct folded tokens; a token's place is its id.
        """
        self.vocabulary = list(vocabulary)
        codes = _forms(self.vocabulary)
        codes.sort()
        self._hashes, self._owners = (codes >> _HALF).astype(np.uint32), codes.astype(np.uint32)
        self._set = Bits(1 << (32 - _SHIFT), self._hashes >> _SHIFT)
        self._lengths = np.array([len(t) for t in self.vocabulary], dtype=np.int64)
        self._bare = np.array([bare(t) for t in self.vocabulary], dtype=np.bool_)
        self._syllabic = np.array([is_syllable(t) for t in self.vocabulary], dtype=np.bool_)
        self._known: dict[str, Ids] = {}
        self._by_skeleton: dict[str, list[int]] = {}
        self._by_syllable: dict[str, list[int]] = {}
        for id_, token in enumerate(self.vocabulary):
            for syllable in sorted(hangul.readings(token)):
                self._by_syllable.setdefault(syllable, []).append(id_)
            bones = skeleton(token)
            if bones:
                self._by_skeleton.setdefault(token[0] + bones, []).append(id_)

    def find(self, tokens: Sequence[str]) -> tuple[Ids, Ids]:
        """Listed tokens for each asked one: the same, near, alike, or with the same consonants.

        Args:
            tokens: distinct folded tokens.

        Returns:
            offsets (one more than tokens) and ids of listed tokens, ascending within each asked token.
        """
        new = [t for t in tokens if t not in self._known]
        if len(self._known) + len(new) > _KNOWN_MOST:
            self._known, new = {}, list(tokens)
        for at in range(0, len(new), _AT_ONCE):
            some = new[at : at + _AT_ONCE]
            asked, listed = np.divmod(self._find(some), max(1, len(self.vocabulary)))
            cuts = np.searchsorted(asked, np.arange(1, len(some)))
            self._known.update(zip(some, np.split(listed, cuts), strict=True))
        parts = [self._known[t] for t in tokens]
        offsets = np.zeros(len(parts) + 1, dtype=np.int64)
        np.cumsum([len(part) for part in parts], out=offsets[1:])
        return offsets, np.concatenate([np.empty(0, dtype=np.int64), *parts])

    def _find(self, tokens: Sequence[str]) -> Ids:
        size = max(1, len(self.vocabulary))
        codes = _forms(tokens)
        codes = np.sort(codes[self._set.has((codes >> _HALF).astype(np.uint32) >> _SHIFT)])
        hashes, owners = (codes >> _HALF).astype(np.uint32), codes.astype(np.uint32).astype(np.int64)
        low = np.searchsorted(self._hashes, hashes, "left")
        counts = np.searchsorted(self._hashes, hashes, "right") - low
        pairs = np.unique(np.repeat(owners, counts) * size + self._owners[spread(low, counts)])
        pairs = pairs[self._checked(tokens, *np.divmod(pairs, size))]
        more = [asked * size + listed for asked, token in enumerate(tokens) for listed in self._syllables(token)]
        made: Ids = np.unique(np.concatenate([pairs, np.array(more, dtype=np.int64), self._consonants(tokens)]))
        return made

    def _checked(self, tokens: Sequence[str], asked: Ids, listed: Ids) -> NDArray[np.bool_]:
        """Which pairs are the same or near by the rule of :func:`mapae.names.relations.relation`."""
        limits = weights()
        a = np.array([len(t) for t in tokens], dtype=np.int64)[asked]
        b = self._lengths[listed]
        short, long = np.minimum(a, b), np.maximum(a, b)
        allowed = np.where(
            (long < limits["near_letters"]) | (short < limits["near_letters"] - 1),
            0,
            np.where(short < limits["far_letters"], 1, 2),
        )
        texts_a, texts_b = [tokens[i] for i in asked.tolist()], [self.vocabulary[i] for i in listed.tolist()]
        distance = cpdist(texts_a, texts_b, scorer=OSA.distance, dtype=np.uint16)
        near = distance <= allowed
        for at in np.flatnonzero(near & (distance > 0)).tolist():
            x, y = texts_a[at], texts_b[at]
            if x.isdigit() or y.isdigit() or (is_syllable(x) and is_syllable(y)):
                near[at] = False
        return np.asarray(near, dtype=np.bool_)

    def _syllables(self, token: str) -> set[int]:
        """Listed tokens that can be read as one Hangul syllable with an asked one."""
        return {id_ for syllable in hangul.readings(token) for id_ in self._by_syllable.get(syllable, ())}

    def _consonants(self, tokens: Sequence[str]) -> Ids:
        """Pairs of the same consonants, by the rule of :func:`mapae.names.relations.same_consonants`."""
        asked: list[int] = []
        listed: list[int] = []
        for place, token in enumerate(tokens):
            bones = skeleton(token)
            if bones:
                others = self._by_skeleton.get(token[0] + bones, ())
                asked += [place] * len(others)
                listed += others
        texts_a, texts_b = [tokens[i] for i in asked], [self.vocabulary[i] for i in listed]
        distance = cpdist(texts_a, texts_b, scorer=OSA.distance, dtype=np.int64)
        a, b = np.array(asked, dtype=np.int64), np.array(listed, dtype=np.int64)
        lengths = np.array([len(t) for t in tokens], dtype=np.int64)
        kept = distance * 1000 <= weights()["skeleton_other"] * np.maximum(lengths[a], self._lengths[b])
        kept |= np.array([bare(t) for t in tokens], dtype=np.bool_)[a] | self._bare[b]
        syllables = np.array([is_syllable(t) for t in tokens], dtype=np.bool_)
        kept &= ~(syllables[a] & self._syllabic[b])
        made: Ids = (a * len(self.vocabulary) + b)[kept]
        return made


class Bits:
    """A set of whole numbers as one bit each: small enough to stay near the processor."""

    def __init__(self, size: int, members: NDArray[Any]) -> None:
        """Set the members' bits.

        Args:
            size: members are below it; a multiple of eight.
            members: whole numbers, in any order.
        """
        flags = np.zeros(size, dtype=np.bool_)
        flags[members] = True
        self._bytes = np.packbits(flags, bitorder="little")

    def has(self, numbers: NDArray[Any]) -> NDArray[np.bool_]:
        """Which of some whole numbers are members.

        Args:
            numbers: below the size.
        """
        found: NDArray[np.bool_] = (self._bytes[numbers >> 3] >> (numbers & 7).astype(np.uint8)) & 1 != 0
        return found


def spread(starts: Ids, counts: Ids) -> Ids:
    """Places ``starts[i], starts[i] + 1, …`` (``counts[i]`` of them), one row after the other.

    Args:
        starts: first place of each run.
        counts: length of each run.
    """
    total = int(counts.sum())
    ends = np.cumsum(counts)
    places: Ids = np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - counts), counts)
    return places


def _forms(tokens: Sequence[str]) -> NDArray[np.uint64]:
    """Every token with no, one or (long ones) two letters taken out: its hash above, the token's place below."""
    limits = weights()
    lengths = np.array([len(t) for t in tokens], dtype=np.int64)
    codes = [np.empty(0, dtype=np.uint64)]
    for length in np.unique(lengths):
        n = int(length)
        owners = np.flatnonzero(lengths == n)
        letters = np.frombuffer("".join(tokens[i] for i in owners.tolist()).encode(), dtype=np.uint8).reshape(
            len(owners), n
        )
        powers = np.array([pow(_BASE, i, 1 << 64) for i in range(n)], dtype=np.uint64)
        sums = np.zeros((n + 1, len(owners)), dtype=np.uint64)
        np.cumsum(letters.T.astype(np.uint64) * powers[:, None], axis=0, out=sums[1:])
        once, twice = np.uint64(_INVERSE), np.uint64((_INVERSE * _INVERSE) & _MASK)
        made = [sums[n : n + 1]]
        if limits["near_letters"] - 1 <= n <= _ONE_MOST:
            made.append(sums[:n] + (sums[n] - sums[1:]) * once)
        if limits["far_letters"] <= n <= _TWO_MOST:
            p, q = np.array(list(itertools.combinations(range(n), 2)), dtype=np.int64).T
            made.append(sums[p] + (sums[q] - sums[p + 1]) * once + (sums[n] - sums[q + 1]) * twice)
        for hashes in made:
            hashes = hashes ^ (hashes >> np.uint64(29))
            hashes *= np.uint64(0xBF58476D1CE4E5B9)
            hashes &= np.uint64(_MASK ^ 0xFFFFFFFF)
            hashes |= owners.astype(np.uint64)
            codes.append(hashes.ravel())
    return np.concatenate(codes)
