"""Shipped mappings: each holds its own cases, through the mapping and through the tables' own reader."""

from __future__ import annotations

import pytest

from mapae.rules.kinds import load_catalogue
from mapae.sources.mapping import Mapping, problems, shipped
from mapae.sources.mapping_cases import failures

CATALOGUE = load_catalogue()
SHIPPED = shipped(CATALOGUE)


@pytest.mark.parametrize("mapping", SHIPPED, ids=lambda m: m.name)
def test_each_shipped_mapping_holds_its_own_cases(mapping: Mapping) -> None:
    assert failures(mapping, CATALOGUE) == []


def test_nothing_is_wrong_with_the_shipped_mappings() -> None:
    assert problems(CATALOGUE) == []
