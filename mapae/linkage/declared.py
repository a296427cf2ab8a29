"""Declared teams and households: who has said, or been said, to share what they share."""

from __future__ import annotations

from collections.abc import Iterable

from mapae.engine.steps import Inputs

KINDS = ("household", "team")


def read(inputs: Inputs, as_of: str = "") -> list[tuple[str, frozenset[str]]]:
    """Declared groups as sets of hands.

    Args:
        as_of: ISO day on which a declaration must hold; "" takes all.
        inputs: with the views ``declared`` and ``declared_with_whom``, after :func:`mapae.linkage.persons.make`.

    Returns:
        Kind and hands of each declaration that names at least two, in order. A name may be an account's or a
        person's id, with or without ``account:`` or ``person:`` before it.
    """
    holds = (
        ""
        if not as_of
        else (
            f" and (since is null or since::date <= date '{as_of}') and (until is null or until::date >= date '{as_of}')"
        )
    )
    rows = inputs.con.execute(
        f"""
        with groups as (
          select kind, mapae_source, mapae_row, subject from declared where kind in ('team', 'household'){holds}),
        said as (
          select kind, mapae_source, mapae_row, subject as name from groups
          union select g.kind, g.mapae_source, g.mapae_row, w.value from groups as g
          join declared_with_whom as w on w.mapae_source = g.mapae_source and w.mapae_row = g.mapae_row)
        select s.kind, s.mapae_source, s.mapae_row, coalesce(a.hand, p.hand) as hand from said as s
        left join hands as a
          on a.account = case when s.name like 'account:%' then s.name else 'account:' || s.name end
        left join (select distinct hand from hands where hand like 'person:%') as p
          on p.hand = case when s.name like 'person:%' then s.name else 'person:' || s.name end
        where coalesce(a.hand, p.hand) is not null order by all
        """
    ).fetchall()
    groups: dict[tuple[str, str, int], set[str]] = {}
    for kind, source, row, hand in rows:
        groups.setdefault((kind, source, row), set()).add(hand)
    return sorted(
        {(key[0], frozenset(hands)) for key, hands in groups.items() if len(hands) > 1},
        key=lambda g: (g[0], sorted(g[1])),
    )


def covering(hands: Iterable[str], groups: list[tuple[str, frozenset[str]]]) -> str:
    """Kind of declaration that holds all of a ring's hands together, directly or through each other.

    Args:
        hands: members of a ring.
        groups: as :func:`read` gives them, at least those that touch the ring.

    Returns:
        ``household`` or ``team`` (``team`` where both were needed), or "".
    """
    members = set(hands)
    leader = {hand: hand for hand in members}

    def find(hand: str) -> str:
        while leader[hand] != hand:
            hand = leader[hand]
        return hand

    used = set()
    for kind, group in groups:
        inside = sorted(group & members)
        if len(inside) < 2:
            continue
        used.add(kind)
        for one in inside[1:]:
            leader[find(one)] = find(inside[0])
    if not used or len({find(hand) for hand in members}) > 1:
        return ""
    return max(used)
