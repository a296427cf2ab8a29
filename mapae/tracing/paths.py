"""Paths: every route of few steps from a conduct's accounts to a listed party, shortest first."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator

from mapae.model.ids import SEPARATOR
from mapae.tracing.graph import SAME_HOPS, Hop, Reach
from mapae.tracing.money import in_time
from mapae.tracing.roles import Bounds

# Role of the hop from a ring to its account.
MEMBER = "member"


@dataclasses.dataclass(frozen=True)
class Route:
    """A route from a conduct to a listed party.

    Args:
        conduct: ``ring:…`` or ``account:…``.
        target: the listed party it ends at.
        hops: all hops in order, the membership in the ring first where the conduct is a ring.
    """

    conduct: str
    target: str
    hops: tuple[Hop, ...]

    @property
    def name(self) -> str:
        """First 16 hex digits of the SHA-256 over its hops: ends, roles and days, never the rows they rest on."""
        text = SEPARATOR.join(SEPARATOR.join(_question(hop)) for hop in self.hops)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def object(self) -> str:
        """The path's object: the conduct and the route."""
        return f"conduct:{self.conduct}|{self.name}"


def _question(hop: Hop) -> tuple[str, ...]:
    """What a hop says, without the row that says so."""
    return hop.from_ref, hop.to_ref, hop.role, str(hop.since or ""), str(hop.until or "")


def steps_of(hops: Iterable[Hop], bounds: Bounds) -> int:
    """Hops that are steps of their own: membership and hops that tell who somebody is do not count."""
    return sum(1 for hop in hops if hop.role != MEMBER and not bounds.role(hop.role).same)


def walk(start: str, reach: Reach, targets: frozenset[str], bounds: Bounds) -> Iterator[tuple[Hop, ...]]:
    """Routes from an account to listed parties, none of which passes a party twice or goes on behind a listed one.

    Shortest first: all routes of one hop, then of two, and so on, in order of their hops; nothing but the route at
    hand is held. Several relations between the same two are several routes. Money keeps to its days.

    Args:
        start: the account.
        reach: relations that lead to listed parties.
        targets: listed parties.
        bounds: depth, roles.

    Yields:
        Hops of each route.
    """
    longest = bounds.depth + SAME_HOPS

    def deeper(so_far: tuple[Hop, ...], passed: frozenset[str], left: int) -> Iterator[tuple[Hop, ...]]:
        at = so_far[-1].to_ref if so_far else start
        for hop in reach.out.get(at, ()):
            if hop.to_ref in passed or reach.far(hop.to_ref) > left - 1:
                continue
            if so_far and not in_time(so_far[-1], hop, bounds):
                continue
            longer = (*so_far, hop)
            if steps_of(longer, bounds) > bounds.depth:
                continue
            if hop.to_ref in targets:
                if left == 1:
                    yield longer
            elif left > 1:
                yield from deeper(longer, passed | {hop.to_ref}, left - 1)

    for length in range(1, longest + 1):
        yield from deeper((), frozenset({start}), length)


def most(bounds: Bounds) -> int:
    """Routes that are looked for from one account: fifty times those kept; beyond, their number is "at least"."""
    return 50 * bounds.routes


def by_ends(routes: Iterable[Route], bounds: Bounds) -> dict[tuple[str, str], list[Route]]:
    """Routes by conduct and listed party, shortest first."""
    made: dict[tuple[str, str], list[Route]] = {}
    for route in routes:
        made.setdefault((route.conduct, route.target), []).append(route)
    for held in made.values():
        held.sort(key=lambda route: (steps_of(route.hops, bounds), len(route.hops), [_question(h) for h in route.hops]))
    return dict(sorted(made.items()))
