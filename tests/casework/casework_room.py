"""Cases by hand, and a workspace whose run is only a name: what tests of alerts and decisions need."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

import pytest

from mapae.casework import alerts, cases
from mapae.casework.cases import Case
from mapae.store import ledger, workspace
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace

DAY = dt.date(2026, 6, 1)
PRIOR = -997


def moment(day: dt.date = DAY, hour: int = 9) -> dt.datetime:
    """A time of a day, in UTC."""
    return dt.datetime(day.year, day.month, day.day, hour, tzinfo=dt.UTC)


def case(
    *people: str,
    bits: float = 5.0,
    families: Iterable[str] = ("network", "device"),
    nexus: Iterable[str] = (),
    **more: Any,
) -> Case:
    """A case of people by their account; a ring where they are several."""
    named = tuple(f"account:{one}" for one in sorted(people))
    held = {family: (f"flag-{family}",) for family in sorted(families)}
    given = [named, sorted(held), sorted(nexus)]
    return Case(
        ref=f"ring:{min(people)}" if len(people) > 1 else named[0],
        people=named,
        members=named,
        finding=hashlib.sha256(repr(named).encode()).hexdigest()[:32],
        verdict="no",
        centibits=round(100 * bits),
        prior=PRIOR,
        permille=1,
        families=held,
        nexus=tuple(nexus),
        digest=hashlib.sha256(repr(given).encode()).hexdigest(),
        **more,
    )


@dataclasses.dataclass
class Room:
    """A workspace, and the cases that its run is made to have."""

    space: Workspace
    found: list[Case] = dataclasses.field(default_factory=list)
    people: int = 1000
    name: str = "0" * 64
    manifest: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def run(self) -> OpenRun:
        """The run, as far as casework looks at one."""
        return cast(OpenRun, self)

    def has(self, *held: Case) -> None:
        """Let the next run have these cases."""
        self.found = sorted(held, key=lambda one: one.order)
        self.name = hashlib.sha256(repr(self.found).encode()).hexdigest()

    def update(self, day: dt.date = DAY) -> alerts.Board:
        """What ``mapae run`` does."""
        return alerts.update(self.space, self.run, today=day)

    def board(self, day: dt.date = DAY) -> alerts.Board:
        """What ``mapae alerts`` shows."""
        return alerts.board(self.run, today=day)

    def acts(self) -> list[dict[str, Any]]:
        """The ledger's acts."""
        return [line.act for line in ledger.read(self.space.ledger).lines]


def build(folder: Path, patch: Callable[..., None], **settings: int) -> Room:
    """A room in a folder; ``patch`` sets what reads a run."""
    space = workspace.init(folder)
    space.settings_file.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    room = Room(space)

    def read(run: OpenRun, *, least: int, also: Iterable[str] = ()) -> list[Case]:
        refs = set(also)
        return [one for one in room.found if one.centibits >= least or one.nexus or refs & set(one.members)]

    patch(cases, "read", read)
    patch(cases, "people", lambda run: room.people)
    return room


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """A room of a thousand people: at most five alerts a week, from three bits on."""
    return build(tmp_path / "w", monkeypatch.setattr)
