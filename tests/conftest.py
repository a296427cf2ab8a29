"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def own_key(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger's signing key of a test lies in a folder of the test's, never in the user's configuration."""
    folder = (
        Path(os.environ.get("MAPAE_TEST_CONFIG", ""))
        if os.environ.get("MAPAE_TEST_CONFIG")
        else tmp_path_factory.mktemp("config")
    )
    monkeypatch.setenv("MAPAE_CONFIG", str(folder))
    monkeypatch.delenv("MAPAE_TRACEBACK", raising=False)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real lists and logs beside the project; a test that needs them is skipped, with its reason, where they are not."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real lists of ../shared/data are not on this machine")
    return folder
