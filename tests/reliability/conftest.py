"""Fixtures of the tests that spoil a workspace: one that was run once, and copies of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bad import copied
from killed import killer, wanted  # noqa: F401 (fixtures of the killed runs)
from small import DAY, key_in, run, small

from mapae import pipeline
from mapae.store.workspace import Workspace


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the one signing key of this file's workspaces."""
    return tmp_path_factory.mktemp("key")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Workspace:
    """A workspace that was run once; tests work on copies."""
    with key_in(key):
        space = small(tmp_path_factory.mktemp("base") / "w", lists=False, only=("accounts", "sign_ins"))
        run(space)
    return space


@pytest.fixture
def space(base: Workspace, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A copy of the workspace, with the same signing key."""
    monkeypatch.setenv("MAPAE_CONFIG", str(key))
    return copied(base, tmp_path / "w")


@pytest.fixture(scope="module")
def on_the_tests_day() -> Iterator[None]:
    """Commands run on the day of the tests."""
    real = pipeline.run
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "run", lambda *given, **named: real(*given, **{"today": DAY, **named}))
        yield
