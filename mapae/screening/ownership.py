"""Who is owned by listed parties: the 50 percent rule as a fixed point over known shares.

An owner that is listed, or itself so owned, counts with its full share, any other with nothing; shares are added and
never multiplied; exactly half counts (law: 31 CFR 510.411 and OFAC's FAQ 398 to 402). An unknown share is no share:
what would only be owned if it were large enough is said as unknown.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Collection, Iterable
from decimal import Decimal, InvalidOperation

# Shares are whole millionths, so that no fraction is lost in a sum; permille is what is shown.
WHOLE, HALF = 1_000_000, 500_000
# Since 14 February 2008 one blocked owner of half is enough; since 13 August 2014 shares of several are added.
SINGLE, AGGREGATE = dt.date(2008, 2, 14), dt.date(2014, 8, 13)
_SHARE = re.compile(r"\s*(\d{1,3}(?:[.,]\d{1,8})?)\s*%?\s*")
_BETWEEN = re.compile(r"\s*(\d{1,3}(?:[.,]\d{1,8})?)\s*%?\s*(?:-|–|to)\s*(\d{1,3}(?:[.,]\d{1,8})?)\s*%?\s*")


@dataclasses.dataclass(frozen=True, order=True)
class Holding:
    """One owner's share of one asset.

    Args:
        owner, asset: ids.
        share: millionths of the whole; None where nobody says.
    """

    owner: str
    asset: str
    share: int | None = None


@dataclasses.dataclass(frozen=True)
class Owned:
    """An asset that is owned by listed parties, or may be.

    Args:
        known: half or more is known to be theirs; False: only if unknown shares were large enough.
        share: known millionths that count, at most the whole.
        holdings: the holdings that count, largest first.
        listed: listed parties at the ends of the chains, sorted.
    """

    asset: str
    known: bool
    share: int
    holdings: tuple[Holding, ...]
    listed: tuple[str, ...]

    @property
    def permille(self) -> int:
        """Known share in whole permille, rounded down."""
        return self.share // 1000


def share(text: str) -> int | None:
    """A share as written, in millionths; of a range its lower end; None where it is no share.

    Example:
        >>> share("50"), share("49.99 %"), share("50-75"), share("a majority")
        (500000, 499900, 500000, None)
    """
    found = _SHARE.fullmatch(text) or _BETWEEN.fullmatch(text)
    if not found:
        return None
    try:
        made = int(Decimal(found[1].replace(",", ".")) * 10_000)
    except InvalidOperation:
        return None
    return made if 0 <= made <= WHOLE else None


def owned(holdings: Iterable[Holding], listed: Collection[str], on: dt.date | None = None) -> dict[str, Owned]:
    """Assets owned half or more by listed parties, directly or through others so owned.

    Args:
        holdings: in any order; of several of one owner in one asset the largest known counts.
        listed: ids of listed parties.
        on: day whose rule is asked for; None for today's.

    Returns:
        by asset, listed ones left out; the same whatever the order of the holdings.
    """
    if on is not None and on < SINGLE:
        return {}
    together = on is None or on >= AGGREGATE
    best: dict[tuple[str, str], int | None] = {}
    for holding in holdings:
        key = (holding.owner, holding.asset)
        if holding.owner != holding.asset:
            best[key] = max((s for s in (best.get(key), holding.share) if s is not None), default=None)
    by_asset: dict[str, list[Holding]] = {}
    by_owner: dict[str, list[str]] = {}
    for (owner, asset), size in sorted(best.items()):
        by_asset.setdefault(asset, []).append(Holding(owner, asset, size))
        by_owner.setdefault(owner, []).append(asset)
    ends = set(listed)
    known = _fixed(by_asset, by_owner, ends, together, 0)
    maybe = _fixed(by_asset, by_owner, ends, together, WHOLE)
    made = {}
    for asset in sorted(maybe - ends):
        reach = known if asset in known else maybe
        counted = [h for h in by_asset[asset] if h.owner in reach]
        counted.sort(key=lambda h: (-(h.share or 0), h.owner))
        sure = sum(h.share or 0 for h in counted if h.owner in known)
        made[asset] = Owned(
            asset, asset in known, min(WHOLE, sure), tuple(counted), _ends(asset, by_asset, reach, ends)
        )
    return made


def _fixed(
    by_asset: dict[str, list[Holding]], by_owner: dict[str, list[str]], listed: set[str], together: bool, unknown: int
) -> set[str]:
    """The least set that holds the listed and what it owns half of; ``unknown`` is what an unknown share counts."""
    blocked, waiting = set(listed), sorted(listed)
    while waiting:
        for asset in by_owner.get(waiting.pop(), ()):
            if asset in blocked:
                continue
            shares = [unknown if h.share is None else h.share for h in by_asset[asset] if h.owner in blocked]
            if (sum(shares) if together else max(shares, default=0)) >= HALF:
                blocked.add(asset)
                waiting.append(asset)
    return blocked


def _ends(asset: str, by_asset: dict[str, list[Holding]], reach: set[str], listed: set[str]) -> tuple[str, ...]:
    found, seen, waiting = set(), {asset}, [asset]
    while waiting:
        for holding in by_asset.get(waiting.pop(), ()):
            if holding.owner not in reach or holding.owner in seen:
                continue
            seen.add(holding.owner)
            if holding.owner in listed:
                found.add(holding.owner)
            else:
                waiting.append(holding.owner)
    return tuple(sorted(found))


def chain(asset: str, everything: dict[str, Owned], called: dict[str, str]) -> tuple[str, ...]:
    """How listed parties own an asset: one sentence for each asset on the way, the asked one first.

    Args:
        everything: what :func:`owned` gave.
        called: names by id.
    """
    told, seen, waiting = [], {asset}, [asset]
    while waiting:
        one = everything[waiting.pop(0)]
        parts = []
        for holding in one.holdings:
            size = "share unknown" if holding.share is None else f"{percent(holding.share)} %"
            inner = everything.get(holding.owner)
            parts.append(
                f"{called.get(holding.owner, holding.owner)} ({holding.owner}{'' if inner else ', listed'}): {size}"
            )
            if inner and holding.owner not in seen:
                seen.add(holding.owner)
                waiting.append(holding.owner)
        sums = f", {percent(one.share)} % known in all" if len(parts) > 1 else ""
        told.append(f"{called.get(one.asset, one.asset)} is owned by {'; '.join(parts)}{sums}")
    return tuple(told)


def percent(millionths: int) -> str:
    """Per cent as text without needless zeros.

    Example:
        >>> percent(500_000), percent(333_300)
        ('50', '33.33')
    """
    return (
        f"{Decimal(millionths) / 10_000:f}".rstrip("0").rstrip(".")
        if millionths % 10_000
        else str(millionths // 10_000)
    )
