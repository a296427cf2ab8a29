"""One run of the small employer's workspace for all tests of reports; each file of tests works on a copy of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from outgoing import employer
from small import key_in

from mapae.store import workspace
from mapae.store.workspace import Workspace


@pytest.fixture(scope="session")
def employer_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the key that signs the ledger of the workspace and its copies."""
    return tmp_path_factory.mktemp("employer-key")


@pytest.fixture(scope="session")
def employer_copy(tmp_path_factory: pytest.TempPathFactory, employer_key: Path) -> Callable[[Path], Workspace]:
    """Makes a copy of the workspace in a folder."""
    with key_in(employer_key):
        made = employer(tmp_path_factory.mktemp("employer") / "w")

    def copy(folder: Path) -> Workspace:
        return workspace.find(shutil.copytree(made.root, folder))

    return copy
