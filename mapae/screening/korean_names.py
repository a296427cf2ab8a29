"""Listed people whose names can be Korean, reached by the syllables of the given name, whatever script they are in."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from mapae.names import korean_door
from mapae.names.comparison import Comparison
from mapae.names.korean import read
from mapae.names.korean_read import Lattice
from mapae.names.tables import weights

# A syllable that a spelling stands for less often than this is not looked up, and of a spelling no more than so many.
_LEAST, _MOST = 0.02, 6


def _keys(name: Lattice) -> set[tuple[str, ...]]:
    """Given names that a text can stand for, as syllables."""
    made: set[tuple[str, ...]] = set()
    for reading in name.readings:
        cells = [sorted(cell.syllables[0].items(), key=lambda held: (-held[1], held[0])) for cell in reading.given]
        made.update(itertools.product(*([s for s, p in held[:_MOST] if p >= _LEAST] for held in cells)))
    return made


class KoreanNames:
    """An index of names that can be Korean people's."""

    def __init__(self, names: Iterable[tuple[int, str]]) -> None:
        """Read and index names.

        Args:
            names: each a number of the caller's and a name; those that can be no Korean name are left out.
        """
        self._of: dict[tuple[str, ...], list[tuple[int, str]]] = {}
        for number, name in names:
            lattice = read(name)
            for key in sorted(_keys(lattice)) if lattice is not None else ():
                self._of.setdefault(key, []).append((number, name))

    def find(self, name: str) -> Iterator[tuple[int, Comparison]]:
        """Listed names that may be the same Korean name, by number.

        Args:
            name: as it is asked about, in any script.

        Returns:
            the caller's number and the comparison, where it weighs as much as a match by tokens must.
        """
        lattice = read(name)
        if lattice is None:
            return
        near = {held for key in _keys(lattice) for held in self._of.get(key, ())}
        for number, listed in sorted(near):
            comparison = korean_door.compare(name, listed)
            if comparison is not None and comparison.centibits >= weights()["match_least"]:
                yield number, comparison
