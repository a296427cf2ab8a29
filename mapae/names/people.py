"""Words of a person's name that say little: titles, which are left out, and particles, which weigh little."""

from __future__ import annotations

import functools

from mapae.names.tables import rows


@functools.cache
def words(kind: str) -> frozenset[str]:
    """The folded words of one kind.

    Args:
        kind: title or particle.
    """
    return frozenset(row["word"] for row in rows("person_words.csv") if row["kind"] == kind)


def core(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """A person's name without titles; the name itself where fewer than two tokens would be left.

    Args:
        tokens: folded tokens.

    Returns:
        the tokens that name the person, in order.

    Example:
        >>> core(("dr", "abdul", "qadeer"))
        ('abdul', 'qadeer')
    """
    titles = words("title")
    left = tuple(t for t in tokens if t not in titles)
    return left if len(left) > 1 else tokens


def is_particle(token: str) -> bool:
    """Whether a token only binds parts of a name, as al, bin, van.

    Args:
        token: a folded token.
    """
    return token in words("particle")
