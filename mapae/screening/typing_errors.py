"""Typing errors of our own making, to measure whether a listed name is still found: simulated, seeded."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

# Neighbours on a QWERTY keyboard, row by row.
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_WORD = re.compile(r"[^\W\d_]+")
# Shorter words are not given an error where the name has a longer one.
_SHORT = 4


def seeded(*seed: object) -> random.Random:
    """Where draws come from: the same parts of a seed give the same draws on every machine.

    Args:
        seed: whatever the draws depend on.
    """
    return random.Random(" ".join(map(str, seed)))  # noqa: S311  nothing secret is drawn


def _beside(letter: str, chance: random.Random) -> str:
    for row in _ROWS:
        at = row.find(letter.lower())
        if at >= 0:
            choice = chance.choice([row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)])
            return choice.upper() if letter.isupper() else choice
    return "e" if letter != "e" else "a"


def _in_word(text: str, chance: random.Random, change: Callable[[str], str | None]) -> str | None:
    """Change one word, of four letters or more where there is one."""
    words = list(_WORD.finditer(text))
    long = [w for w in words if len(w.group()) >= _SHORT] or [w for w in words if len(w.group()) > 1]
    chance.shuffle(long)
    for word in long:
        changed = change(word.group())
        if changed is not None and changed.lower() != word.group().lower():
            return text[: word.start()] + changed + text[word.end() :]
    return None


def swap(text: str, chance: random.Random) -> str | None:
    """Two neighbouring letters exchanged."""

    def change(word: str) -> str | None:
        places = [i for i in range(len(word) - 1) if word[i].lower() != word[i + 1].lower()]
        if not places:
            return None
        i = chance.choice(places)
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]

    return _in_word(text, chance, change)


def drop(text: str, chance: random.Random) -> str | None:
    """One letter left out."""

    def change(word: str) -> str:
        i = chance.randrange(len(word))
        return word[:i] + word[i + 1 :]

    return _in_word(text, chance, change)


def double(text: str, chance: random.Random) -> str | None:
    """One letter typed twice."""

    def change(word: str) -> str:
        i = chance.randrange(len(word))
        return word[: i + 1] + word[i:]

    return _in_word(text, chance, change)


def substitute(text: str, chance: random.Random) -> str | None:
    """One letter replaced by its neighbour on the keyboard."""

    def change(word: str) -> str:
        i = chance.randrange(len(word))
        return word[:i] + _beside(word[i], chance) + word[i + 1 :]

    return _in_word(text, chance, change)


def split(text: str, chance: random.Random) -> str | None:
    """A blank inside a word."""

    def change(word: str) -> str | None:
        if len(word) < 3:
            return None
        i = chance.randrange(1, len(word))
        return word[:i] + " " + word[i:]

    return _in_word(text, chance, change)


def join(text: str, chance: random.Random) -> str | None:
    """Two words written as one."""
    words = text.split()
    if len(words) < 2:
        return None
    i = chance.randrange(len(words) - 1)
    return " ".join([*words[:i], words[i] + words[i + 1], *words[i + 2 :]])


def order(text: str, chance: random.Random) -> str | None:
    """The last word first, or the first last, as lists and forms do."""
    words = text.split()
    if len(words) < 2:
        return None
    turned = [words[-1], *words[:-1]] if chance.random() < 0.5 else [*words[1:], words[0]]
    return " ".join(turned)


TREATMENTS: dict[str, Callable[[str, random.Random], str | None]] = {
    "swap": swap,
    "drop": drop,
    "double": double,
    "split": split,
    "join": join,
    "order": order,
    "substitute": substitute,
}


def wrong(text: str, treatments: Sequence[str], seed: int) -> str | None:
    """A name with errors.

    Args:
        text: the name as printed.
        treatments: of :data:`TREATMENTS`, one after the other.
        seed: the same name, treatments and seed give the same errors.

    Returns:
        the name with the errors, or None where it has no place for one of them.

    Example:
        >>> wrong("RI Yong Mu", ["join", "order"], 1) is not None
        True
    """
    chance = seeded(seed, *treatments, text)
    made: str | None = text
    for treatment in treatments:
        made = TREATMENTS[treatment](made, chance) if made is not None else None
    return made if made != text else None
