"""families.yml: shares that sum to 1, say why and on what authority; and what a catalogue with few signs makes of them."""

from __future__ import annotations

import dataclasses

import pytest
from assessment_room import catalogue

from mapae.assessment.levels import CONTROL, FAMILIES, LEVELS, counted_indicators, shares
from mapae.assessment.reach import code_sql
from mapae.model.errors import RuleRefused
from mapae.rules.kinds import load_catalogue
from mapae.settings import Settings

SHIPPED = load_catalogue()


@pytest.mark.parametrize("name", [*FAMILIES, "control"])
def test_shares_of_a_family_sum_to_one_and_are_marked(name: str) -> None:
    entry = SHIPPED.families["control"] if name == "control" else SHIPPED.families["families"][name]
    levels = CONTROL if name == "control" else LEVELS[1:]
    assert set(entry["m"]) == set(levels)
    assert sum(round(1000 * float(entry["m"][level])) for level in levels) == 1000
    assert entry["mark"] in ("sourced", "analysis", "unsourced") and len(entry["why"]) > 20
    assert entry["mark"] != "sourced" or entry["cites"]


def test_every_citation_of_families_is_known() -> None:
    entries = [*SHIPPED.families["families"].values(), SHIPPED.families["control"], SHIPPED.families["base_rate"]]
    cited = {key for entry in entries for key in entry["cites"]}
    assert cited and cited <= set(SHIPPED.citations)


def test_default_base_rate_is_the_one_that_families_explains() -> None:
    assert Settings().base_rate == float(SHIPPED.families["base_rate"]["value"])
    assert SHIPPED.families["base_rate"]["cites"]


def test_every_family_that_an_indicator_names_has_shares() -> None:
    assert {i.family for i in counted_indicators(SHIPPED)} <= set(FAMILIES)


def test_a_level_that_no_sign_can_reach_counts_as_nothing_found() -> None:
    full = shares(SHIPPED.families, counted_indicators(catalogue()))
    made = catalogue()
    only_weak = [i for i in counted_indicators(made) if i.id == "network.weak_sign"]
    cut = shares(SHIPPED.families, only_weak)
    assert cut.families[0][2] == full.families[0][2]
    assert cut.families[0][3] == cut.families[0][4] == 0
    assert cut.families[1] == (0.0, 1.0, 0.0, 0.0, 0.0)
    assert all(abs(sum(family) - 1) < 1e-9 for family in (*full.families, *cut.families))


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    wrong = {**SHIPPED.families, "control": {"m": dict.fromkeys(CONTROL, "0.3")}}
    with pytest.raises(RuleRefused, match="control"):
        shares(wrong, [])
    with pytest.raises(RuleRefused, match="network"):
        shares({"families": {}, "cap": {"bits": "6"}}, [])


def test_drafts_and_signs_of_nexus_do_not_speak() -> None:
    made = catalogue()
    for word, value in (("status", "draft"), ("status", "retired"), ("stage", "nexus")):
        one = made.indicators["money.strong_sign"]
        other = dataclasses.replace(one, data={**one.data, word: value})  # type: ignore[arg-type]
        changed = dataclasses.replace(made, indicators={**made.indicators, one.id: other})
        assert one.id not in {i.id for i in counted_indicators(changed)}
        assert "money__strong_sign" not in code_sql(counted_indicators(changed))


def test_a_family_that_the_model_does_not_know_is_refused() -> None:
    made = catalogue()
    one = made.indicators["money.strong_sign"]
    other = dataclasses.replace(one, data={**one.data, "family": "looks"})  # type: ignore[arg-type]
    with pytest.raises(RuleRefused, match=r"money\.strong_sign"):
        counted_indicators(dataclasses.replace(made, indicators={one.id: other}))
