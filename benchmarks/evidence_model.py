"""The evidence model on worlds of its own with known truth: the table of the design, printed again.

Run: ``python benchmarks/evidence_model.py [--accounts N] [--seed S]``. The worlds are simulated and have nothing to do
with the platform that ``mapae simulate`` makes; case shares come from a second world of the same make, so that the
figures show the model and not a guess at shares. Rows named "raw" show why trip rates are not simply added up.
"""

from __future__ import annotations

import argparse
import dataclasses
import time

import numpy as np
import numpy.typing as npt

from mapae.assessment import estimating, operators
from mapae.assessment.levels import Shares
from mapae.assessment.operators import Member
from mapae.assessment.reach import SETS, bit
from mapae.assessment.weights import Pattern, Weights
from mapae.model.amounts import prior_centibits, probability

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]

BASE_RATE = 0.013
FAMILIES, FLAGS = 6, 5
LEVELS = np.array([2, 2, 3, 3, 4], dtype=np.int8)
# How often a family stirs at all, honest and case, and how often each of its flags then trips; all made up.
STIRS_HONEST = np.array([0.05, 0.03, 0.02, 0.04, 0.06, 0.04])
STIRS_CASE = np.array([0.50, 0.45, 0.40, 0.50, 0.45, 0.40])
TRIPS_HONEST = np.array([0.50, 0.40, 0.20, 0.15, 0.06])
TRIPS_CASE = np.array([0.50, 0.45, 0.40, 0.35, 0.30])
TRIPS_STILL = np.array([0.012, 0.010, 0.003, 0.002, 0.0005])
RESTLESS, RESTLESS_TIMES = 0.03, 12
EDGES = np.array([0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01])


@dataclasses.dataclass(frozen=True)
class World:
    """Simulated accounts.

    Args:
        case: truth, shape (N,).
        flags: tripped, shape (N, 6, 5).
        levels: 0 unknown, 1 nothing, 2 weak, 3 medium, 4 strong, shape (N, 7); the seventh family is unknown throughout.
        reach: the set of levels that could be seen (reach.py), shape (N, 7).
        group: number of the account's group, -1 alone, shape (N,).
    """

    case: Bools
    flags: Bools
    levels: Codes
    reach: Codes
    group: npt.NDArray[np.int64]

    @property
    def codes(self) -> Codes:
        """Codes of patterns: level and set of reachable levels together."""
        codes: Codes = np.where(self.levels > 0, 4 * self.reach + self.levels - 1, 0).astype(np.int8)
        return codes


@dataclasses.dataclass(frozen=True)
class Figures:
    """Figures of one model on one world; ``total`` is the sum of probabilities over base rate x accounts."""

    error: float
    said: float
    true: float
    first: float
    total: float
    review: int
    found: float

    def row(self, name: str) -> str:
        """A line of the printed table."""
        return (
            f"| {name:58} | {self.error:7.4f} | {self.said:4.2f} / {self.true:4.2f} | {self.first:5.2f} "
            f"| {self.total:5.2f} | {self.review:6} | {self.found:5.2f} |"
        )


def pattern_world(
    accounts: int,
    seed: int,
    *,
    harsher: bool = False,
    null: bool = False,
    in_rings: float = 0.0,
    faint: float = 1.0,
    patchy: bool = False,
) -> World:
    """A world of flags: 1.3 % misrepresented, six families of five flags that go together, a quarter missing.

    Args:
        accounts: how many.
        seed: of the generator.
        harsher: 3 % of honest people stir in every family twelve times as often.
        null: the misrepresented behave like everybody else.
        in_rings: share of all accounts that belong to rings of 3 to 10; 2 % of honest people are then in groups of
            2 to 6. A group has one way of life: a family stirs in all its members or in none.
        faint: the misrepresented stir this much as often as otherwise.
        patchy: of a family that is not missing, each level can be looked at in half of the accounts only.

    Returns:
        The world.
    """
    chance = np.random.default_rng(seed)
    case = chance.random(accounts) < BASE_RATE
    group = np.full(accounts, -1, dtype=np.int64)
    if in_rings:
        _group(chance, group, np.flatnonzero(case), in_rings / BASE_RATE, np.array([3, 4, 5, 6, 7, 8, 9, 10]))
        _group(chance, group, np.flatnonzero(~case), 0.02, np.array([2, 2, 2, 2, 2, 2, 2, 3, 3, 4, 5, 6]))
    restless = (chance.random(accounts) < RESTLESS) & ~case if harsher else np.zeros(accounts, dtype=bool)
    acts = np.zeros(accounts, dtype=bool) if null else case
    flags = np.zeros((accounts, FAMILIES, FLAGS), dtype=bool)
    seen = chance.random((accounts, FAMILIES)) >= 0.25
    reach = np.zeros((accounts, FAMILIES + 1), dtype=np.int8)
    reach[:, :FAMILIES] = np.where(seen, SETS - 1, 0)
    if patchy:
        for level in (2, 3, 4):
            reach[:, :FAMILIES] -= bit(level) * (seen & (chance.random(seen.shape) < 0.5)).astype(np.int8)
    levels = np.minimum(reach, 1)
    for family in range(FAMILIES):
        often = np.where(restless, min(RESTLESS_TIMES * STIRS_HONEST[family], 0.95), STIRS_HONEST[family])
        draw = chance.random(accounts)
        shared = chance.random(accounts)
        draw = np.where(group >= 0, shared[group], draw)
        stirs = draw < np.where(acts, STIRS_CASE[family] * faint, often)
        for flag in range(FLAGS):
            rate = np.where(stirs, np.where(acts, TRIPS_CASE[flag], TRIPS_HONEST[flag]), TRIPS_STILL[flag])
            could = reach[:, family] & bit(int(LEVELS[flag])) > 0
            tripped = (chance.random(accounts) < rate) & could
            flags[:, family, flag] = tripped
            levels[:, family] = np.where(tripped, np.maximum(levels[:, family], LEVELS[flag]), levels[:, family])
    return World(case, flags, levels, reach, group)


def _group(
    chance: np.random.Generator,
    group: npt.NDArray[np.int64],
    who: npt.NDArray[np.int64],
    share: float,
    sizes: npt.NDArray[np.int64],
) -> None:
    """Put a share of some accounts into groups."""
    chosen = chance.permutation(who)[: int(share * len(who))]
    number, at = int(group.max()) + 1, 0
    while at < len(chosen):
        size = int(chance.choice(sizes))
        group[chosen[at : at + size]] = number
        number, at = number + 1, at + size


def control_codes(world: World) -> Codes:
    """Level code of control for every account: 1 alone, 2 two, 3 three to four, 4 five and more."""
    codes = np.ones(len(world.case), dtype=np.int8)
    inside = world.group >= 0
    size = np.bincount(world.group[inside])
    code = np.array([operators.control_level(int(n)) or 1 for n in size] or [1], dtype=np.int8)
    codes[inside] = code[world.group[inside]]
    return codes


def shares_of(world: World, times: float = 1.0) -> Shares:
    """Case shares as they are in a world, the flagged levels taken times something (and so wrong on purpose)."""
    made = []
    for family in range(FAMILIES + 1):
        count = np.bincount(world.levels[world.case, family], minlength=5)[1:].astype(np.float64)
        share = count / count.sum() if count.sum() else np.array([1.0, 0.0, 0.0, 0.0])
        share[1:] *= times
        share[0] = 1 - share[1:].sum()
        made.append((0.0, *(float(x) for x in share)))
    control = np.bincount(control_codes(world)[world.case], minlength=5)[1:] + 0.5
    return Shares(tuple(made), tuple(float(x) for x in control / control.sum()), 6.0)


def count(codes: Codes, control: Codes) -> tuple[dict[Pattern, int], list[Pattern], npt.NDArray[np.int64]]:
    """Patterns, how many accounts show each, and each account's pattern."""
    every, where, numbers = np.unique(
        np.column_stack([codes, control]), axis=0, return_inverse=True, return_counts=True
    )
    patterns = [tuple(int(one) for one in row) for row in every]
    return dict(zip(patterns, (int(n) for n in numbers), strict=True)), patterns, where.ravel()


def model(world: World, shares: Shares, base_rate: float = BASE_RATE, kinds: int = 1) -> tuple[Weights, Floats]:
    """The evidence model: weights estimated from the world's counts, and each account's probability."""
    counts, patterns, where = count(world.codes, np.zeros(len(world.case), dtype=np.int8))
    weights = estimating.estimate(counts, shares, base_rate, kinds)
    chances = np.array([probability(weights.prior + weights.weigh(p[:-1])[0]) for p in patterns])
    return weights, chances[where]


def fixed_rate(world: World, shares: Shares, kinds: int = 1) -> Floats:
    """The same with the base rate told kept whatever the counts say (the design as first written)."""
    before = estimating.LEAST_BITS
    estimating.LEAST_BITS = float("inf")
    try:
        return model(world, shares, kinds=kinds)[1]
    finally:
        estimating.LEAST_BITS = before


def as_if_all_were_seen(world: World) -> World:
    """The same world, every family of which anything is known taken as looked at in full (the design as first written)."""
    return dataclasses.replace(world, reach=np.where(world.reach > 0, SETS - 1, 0).astype(np.int8))


def raw_flags_added(world: World, learnt: World) -> Floats:
    """Every flag's own log2 ratio of case rate to raw trip rate, all added up."""
    case = learnt.flags[learnt.case].mean(axis=0)
    bits = np.log2(np.maximum(case, 1e-6) / np.maximum(world.flags.mean(axis=0), 1e-6))
    total = (world.flags * bits).sum(axis=(1, 2))
    return _chances(total)


def raw_strongest(world: World, learnt: World) -> Floats:
    """The strongest flag of each family, raw rates, nothing found weighing nothing."""
    total = np.zeros(len(world.case))
    for family in range(FAMILIES):
        own, other = world.levels[:, family], learnt.levels[learnt.case, family]
        for level in (2, 3, 4):
            raw, case = (own == level).sum() / (own > 0).sum(), (other == level).sum() / (other > 0).sum()
            total += np.where(own == level, np.log2(case / raw), 0.0)
    return _chances(total)


def _chances(bits: Floats) -> Floats:
    chances: Floats = 1 / (1 + 2.0 ** -(prior_centibits(BASE_RATE) / 100 + bits))
    return chances


def ring_chances(world: World, shares: Shares, how: str, kinds: int = 1) -> Floats:
    """Probabilities in a world with rings, weighed in one of five ways.

    Args:
        world: with groups.
        shares: the case side.
        how: ``own``, ``sum``, ``own + control``, ``mean + control`` (the model's) or ``sum + control``.
        kinds: of honest people.

    Returns:
        Probability of each account.
    """
    control = control_codes(world) if "control" in how else np.zeros(len(world.case), dtype=np.int8)
    counts, patterns, where = count(world.codes, control)
    weights = estimating.estimate(counts, shares, BASE_RATE, kinds)
    own = np.array([weights.weigh(p[:-1])[0] for p in patterns])[where]
    bars = np.array([weights.control(p[-1]) for p in patterns])[where]
    if how == "mean + control":
        totals = own + bars
        codes = world.codes
        order = np.argsort(world.group, kind="stable")
        order = order[world.group[order] >= 0]
        for members in np.split(order, np.flatnonzero(np.diff(world.group[order])) + 1):
            ring = [Member(str(i), str(i), 1000, tuple(int(c) for c in codes[i])) for i in members]
            said = operators.weigh_ring(weights, ring, operators.control_level(len(ring)))
            totals[members] = [said[str(i)].centibits for i in members]
    elif how.startswith("sum"):
        inside = world.group >= 0
        sums = np.bincount(world.group[inside], weights=own[inside])
        totals = own + bars
        totals[inside] = sums[world.group[inside]] + bars[inside]
    else:
        totals = own + bars
    return np.array([probability(int(t)) for t in totals + weights.prior])


def figures(chances: Floats, world: World, base_rate: float = BASE_RATE, above: float = 0.5) -> Figures:
    """Calibration error, said and true above a line, precision of the first 200, sum, and how many cases are found."""
    box = np.digitize(chances, EDGES)
    error = sum(abs(chances[box == k].sum() - world.case[box == k].sum()) for k in np.unique(box)) / len(chances)
    high = chances > above
    first = np.argsort(-chances, kind="stable")[:200]
    return Figures(
        error=float(error),
        said=float(chances[high].mean()) if high.any() else 0.0,
        true=float(world.case[high].mean()) if high.any() else 0.0,
        first=float(world.case[first].mean()),
        total=float(chances.sum() / (base_rate * len(chances))),
        review=int(high.sum()),
        found=float(world.case[high].sum() / max(1, world.case.sum())),
    )


HEAD = (
    f"| {'model (simulated worlds)':58} | error   | said / true | first | sum   | review | found |\n"
    f"|{'-' * 60}|---------|-------------|-------|-------|--------|-------|"
)


def table(accounts: int, seed: int) -> list[str]:
    """The lines of the table."""
    learnt = pattern_world(accounts, seed + 100)
    shares = shares_of(learnt)
    plain, harsher = pattern_world(accounts, seed), pattern_world(accounts, seed + 1, harsher=True)
    lines = [HEAD]

    def add(name: str, chances: Floats, world: World, rate: float = BASE_RATE, above: float = 0.5) -> None:
        lines.append(figures(chances, world, rate, above).row(name))

    add("raw: all flags added", raw_flags_added(plain, learnt), plain)
    add("raw: strongest flag per family", raw_strongest(plain, learnt), plain)
    add("levels, honest rates, one kind", model(plain, shares)[1], plain)
    add("levels, honest rates, two kinds", model(plain, shares, kinds=2)[1], plain)
    add("harsher, raw: all flags added", raw_flags_added(harsher, learnt), harsher)
    add("harsher, one kind", model(harsher, shares)[1], harsher)
    add("harsher, two kinds", model(harsher, shares, kinds=2)[1], harsher)
    for times in (1.4, 0.7):
        wrong = shares_of(learnt, times)
        add(f"harsher, two kinds, case shares wrong by {times}", model(harsher, wrong, kinds=2)[1], harsher)
    for times in (2.0, 0.5):
        rate = BASE_RATE * times
        add(f"two kinds, base rate wrong by {times}", model(plain, shares, rate, 2)[1], plain, rate)
    patchy, patchy_too = (
        pattern_world(accounts, seed + 5, patchy=True),
        pattern_world(accounts, seed + 6, harsher=True, patchy=True),
    )
    add("half of the levels unseen, taken as if all were seen", model(as_if_all_were_seen(patchy), shares)[1], patchy)
    add("half of the levels unseen, one kind", model(patchy, shares)[1], patchy)
    add("half unseen, harsher, two kinds, as if all were seen",
        model(as_if_all_were_seen(patchy_too), shares, kinds=2)[1], patchy_too)  # fmt: skip
    add("half unseen, harsher, two kinds", model(patchy_too, shares, kinds=2)[1], patchy_too)
    nobody, restless = (
        pattern_world(accounts, seed + 2, null=True),
        pattern_world(accounts, seed + 3, null=True, harsher=True),
    )
    add("nobody differs, base rate kept whatever the counts say", fixed_rate(nobody, shares), nobody)
    add("nobody differs, one kind", model(nobody, shares)[1], nobody)
    add("nobody differs, two kinds", model(nobody, shares, kinds=2)[1], nobody)
    add("nobody differs, harsher, one kind", model(restless, shares)[1], restless)
    add("nobody differs, harsher, two kinds", model(restless, shares, kinds=2)[1], restless)
    rings = pattern_world(accounts, seed + 4, in_rings=0.010, faint=0.5)
    told = shares_of(pattern_world(accounts, seed + 104, in_rings=0.010, faint=0.5))
    for how in ("own", "sum", "own + control", "mean + control", "sum + control"):
        add(f"rings, {how} (above 0.8)", ring_chances(rings, told, how), rings, above=0.8)
    return lines


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--accounts", type=int, default=600_000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    start = time.perf_counter()
    print(f"{given.accounts:,} simulated accounts a world, seed {given.seed}")
    print("\n".join(table(given.accounts, given.seed)))
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
