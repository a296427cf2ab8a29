"""Outcomes: what a case turned out to be, how that was confirmed, by whom, when; and whether percentages may be shown.

An outcome of a case that the audit sample offered carries its sampling weight, so what the line misses can be estimated.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections import Counter

from mapae.casework import playbooks, sample
from mapae.casework.cases import Case
from mapae.casework.decisions import line, plain
from mapae.model.errors import WrongUse
from mapae.store import ledger
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace, writing

NOT_CALIBRATED = "not calibrated on your data"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One confirmed outcome: the latest of its members.

    Args:
        members: typed references of the case when it was confirmed.
        is_: a key of the playbooks' outcomes.
        counts_as: ``yes`` (misrepresented), ``no`` (honest) or ``apart``.
        how, by, at: how confirmed, by whom, when (ISO text, UTC).
        centibits: weight of the case then.
        weight_permille: cases it stands for in thousandths, where the audit sample offered it; 0 where it did not.
    """

    members: tuple[str, ...]
    is_: str
    counts_as: str
    how: str
    by: str
    at: str
    centibits: int
    weight_permille: int


@dataclasses.dataclass(frozen=True)
class Labels:
    """Confirmed outcomes of a workspace, counted.

    Args:
        outcomes: in the order confirmed; of one case the latest.
        counts: outcome to how many.
        sampled: how many came from the audit sample.
        missed: how many of these turned out misrepresented, though below the line.
    """

    outcomes: tuple[Outcome, ...]
    counts: dict[str, int]
    sampled: int
    missed: int

    @property
    def missed_at_most(self) -> int:
        """Upper end of the 95 % Wilson interval of the share missed below the line, in permille; 1000 of no sample."""
        return wilson(self.missed, self.sampled)[1]


@dataclasses.dataclass(frozen=True)
class Calibration:
    """Whether a workspace has enough confirmed outcomes for percentages, and the words to print."""

    confirmed: int
    enough: bool
    says: str


def record(space: Workspace, run: OpenRun, case: Case, *, is_: str, how: str, by: str, now: dt.datetime) -> Outcome:
    """Record what a case turned out to be. Takes the writing lock.

    Args:
        is_: a key of the playbooks' outcomes.
        how: how it was confirmed, in words without contact data.
        by: who confirmed it.
        now: when, in UTC.

    Raises:
        WrongUse: there is no such outcome, or a text is missing.
    """
    known = playbooks.of_run(run.manifest).outcomes
    if is_ not in known:
        raise WrongUse(f"There is no outcome {is_!r}.", do="Outcomes: " + ", ".join(known) + ".")
    how, by = plain(how, "--how"), plain(by, "--by")
    with writing(space):
        ledger.repair(space)
        drawn = sample.weights(space)
        weight = next((drawn[ref] for ref in case.members if ref in drawn), 0)
        made = line(
            run,
            case,
            "outcome",
            by=by,
            now=now,
            how=how,
            counts_as=known[is_][1],
            weight_permille=weight,
            **{"is": is_},
        )
        ledger.append(space, [made])
    return _of(made)


def labels(space: Workspace) -> Labels:
    """All confirmed outcomes of a workspace; of one case the latest holds, so that a correction replaces."""
    latest: list[Outcome] = []
    for told in ledger.read(space.ledger).lines:
        if told.act.get("act") == "decision" and told.act.get("what") == "outcome":
            one = _of(told.act)
            latest = [other for other in latest if not set(other.members) & set(one.members)] + [one]
    drawn = [one for one in latest if one.weight_permille]
    counts = Counter(one.is_ for one in latest)
    return Labels(
        outcomes=tuple(latest),
        counts=dict(sorted(counts.items())),
        sampled=len(drawn),
        missed=sum(one.counts_as == "yes" for one in drawn),
    )


def calibration(space: Workspace) -> Calibration:
    """Whether percentages may be shown: only from the playbooks' number of confirmed outcomes on."""
    number, least = len(labels(space).outcomes), playbooks.shipped().least_outcomes
    if number < least:
        return Calibration(number, False, NOT_CALIBRATED)
    return Calibration(number, True, f"{number} confirmed outcomes of your own stand beside it")


def wilson(found: int, of: int) -> tuple[int, int]:
    """The 95 % Wilson interval of a share, in permille: all of it where nothing was counted."""
    if not of:
        return 0, 1000
    z2 = 1.96**2
    middle, spread = found + z2 / 2, 1.96 * math.sqrt(found * (of - found) / of + z2 / 4)
    low, high = (1000 * (middle + sign * spread) / (of + z2) for sign in (-1, 1))
    return max(0, math.floor(low + 1e-9)), min(1000, math.ceil(high - 1e-9))


def _of(act: dict[str, object]) -> Outcome:
    members = act["members"]
    assert isinstance(members, list)
    return Outcome(
        members=tuple(str(ref) for ref in members),
        is_=str(act["is"]),
        counts_as=str(act["counts_as"]),
        how=str(act["how"]),
        by=str(act["by"]),
        at=str(act["at"]),
        centibits=int(str(act["centibits"])),
        weight_permille=int(str(act.get("weight_permille", 0))),
    )
