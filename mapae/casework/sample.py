"""The audit sample: a few cases from below the line, drawn by hash, so that what the line misses is measured.

The draw depends on the run's name and the case's reference alone: nobody can choose, and the same run gives the same.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from mapae.casework import cases, playbooks
from mapae.casework.cases import Case
from mapae.store import ledger
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace, writing


@dataclasses.dataclass(frozen=True)
class Drawn:
    """A case of the sample, and how many cases below the line it stands for, in thousandths."""

    case: Case
    weight_permille: int


def offered(run: OpenRun, k: int | None = None) -> list[Drawn]:
    """The sample of a run.

    Args:
        run: the run; its name is the seed.
        k: how many; the catalogue's number when None.

    Returns:
        At most ``k`` cases that are below the line and have no nexus fact, in the order drawn.
    """
    size = playbooks.of_run(run.manifest).sample_size if k is None else k
    least = run.space.settings.alerts_least_bits
    cases.read(run, least=2**31 - 1)  # makes the views that name operators
    below = (
        "select operator, any_value(h) as h from (select operator, centibits, sha256($1 || chr(31) || operator) as h, "
        "subject from case_rows) as c group by operator having max(centibits) < $2 "
        "and not bool_or(subject in (select ref from case_nexus) or operator in (select ref from case_nexus))"
    )
    rows = run.con.execute(
        f"select operator, count(*) over () from ({below}) as b order by h, operator limit $3", [run.name, least, size]
    ).fetchall()
    if not rows:
        return []
    weight = 1000 * int(rows[0][1]) // len(rows)
    held = {case.ref: case for case in cases.read(run, least=2**31 - 1, also=[row[0] for row in rows])}
    return [Drawn(held[row[0]], weight) for row in rows]


def offer(space: Workspace, run: OpenRun, *, by: str, now: dt.datetime, k: int | None = None) -> list[Drawn]:
    """Draw the sample and record that it was offered, so that an outcome given weeks later carries its weight.

    A sample that was offered before is not recorded twice. Takes the writing lock.

    Args:
        by: to whom it was shown.
        now: when.
    """
    drawn = offered(run, k)
    line = {
        "act": "read",
        "what": "sample",
        "at": now.replace(microsecond=0).isoformat(),
        "by": by,
        "run": run.name,
        "cases": [{"case": one.case.ref, "members": list(one.case.members)} for one in drawn],
        "weight_permille": drawn[0].weight_permille if drawn else 0,
    }
    with writing(space):
        ledger.repair(space)
        told = [act.act for act in ledger.read(space.ledger).lines if act.act.get("what") == "sample"]
        if drawn and not any(act["run"] == run.name and act["cases"] == line["cases"] for act in told):
            ledger.append(space, [line])
    return drawn


def weights(space: Workspace) -> dict[str, int]:
    """Sampling weight, in thousandths, of every reference that was offered; the latest offer holds."""
    held: dict[str, int] = {}
    for line in ledger.read(space.ledger).lines:
        act: dict[str, Any] = line.act
        if act.get("act") == "read" and act.get("what") == "sample":
            for one in act["cases"]:
                held |= dict.fromkeys(one["members"], int(act["weight_permille"]))
    return held
