"""Money along a route: what the first hop paid, and the largest share of it that can have come through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mapae.tracing.graph import Hop
from mapae.tracing.roles import Bounds


def along(hops: Sequence[Hop], bounds: Bounds) -> tuple[int | None, int | None]:
    """Money that entered a route, and how much of it can have passed on.

    What is attributed to a conduct is what its own hop paid: never a sum over hops, never a product of shares. Later
    hops can only say that less came through, since their money may have other origins.

    Args:
        hops: the route from the account on.
        bounds: which roles move money.

    Returns:
        U.S. cents of the first hop that moves money, or None where its sender gives none or none moves; and the
        largest share of them, in permille, that all later hops with known money could have passed on, or None.
    """
    paid = [hop.cents for hop in hops if bounds.role(hop.role).money]
    if not paid or paid[0] is None or paid[0] <= 0:
        return (paid[0] if paid else None), None
    later = [cents for cents in paid[1:] if cents is not None]
    least = min([paid[0], *(max(0, cents) for cents in later)])
    return paid[0], 1000 * least // paid[0]


def total(routes: Iterable[Sequence[Hop]], bounds: Bounds) -> int:
    """U.S. cents that entered a set of routes: each first payment counts once, however many routes it begins.

    Args:
        routes: hops of each route.
        bounds: which roles move money.
    """
    first: dict[Hop, int] = {}
    for hops in routes:
        paid = next((hop for hop in hops if bounds.role(hop.role).money), None)
        if paid is not None and paid.cents is not None:
            first[paid] = paid.cents
    return sum(first.values())


def in_time(before: Hop, after: Hop, bounds: Bounds) -> bool:
    """Whether money of one hop can have gone on by the next: not where the next had ended before the first began.

    Args:
        before, after: hops in their order.
        bounds: which roles move money.
    """
    if not (bounds.role(before.role).money and bounds.role(after.role).money):
        return True
    return before.since is None or after.until is None or after.until >= before.since
