"""A run killed at random moments; in a file of its own, so that another worker can take it."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

from killed import Killer, opens
from workspaces import state, tiny

from mapae.store import workspace

# Random moments at which a run is killed: more in .ci/run than where somebody waits for make test.
MOMENTS = int(os.environ.get("MAPAE_KILLS") or (50 if os.environ.get("MAPAE_CI") else 20))


def test_a_kill_at_random_moments(wanted: dict[str, str], killer: Killer, tmp_path: Path) -> None:
    chance = random.Random(11)
    compared = survived = 0
    fresh = tiny(tmp_path / "fresh")
    took = killer.run(tiny(tmp_path / "timed"))["seconds"]
    for _ in range(MOMENTS):
        copy = tmp_path / "copy"
        shutil.copytree(fresh.root, copy)
        space = workspace.find(copy)
        survived += killer.run(space, after=chance.uniform(0.01, 1.0) * took)["code"] == 0
        opens(space)
        assert killer.run(space)["code"] == 0
        found = state(space)
        assert found == wanted
        compared += len(found)
        shutil.rmtree(copy)
    print(f"\n{MOMENTS} kills at random moments ({survived} came after the end), compared {compared} files: all equal")
    assert survived < MOMENTS / 2
