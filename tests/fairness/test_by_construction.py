"""Fairness by construction (R20): no rule reads what a person is, and a change of all of it changes no answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small import Rows, key_in, run, small

from mapae.assessment import steps as assessment
from mapae.indicators import steps as indicators
from mapae.linkage import steps as linkage
from mapae.rules.kinds import Catalogue, load_catalogue
from mapae.rules.sql import check
from mapae.settings import Settings
from mapae.store.runs import OpenRun
from mapae.store.weights import load
from mapae.store.workspace import Workspace
from mapae.tracing import steps as tracing

# Ethnicity, name origin, language, birthplace, looks, accent, sex and age (house.md), as columns of tables and statements.
BARRED = frozenset({
    *("nationality_declared", "date_of_birth", "browser_languages", "worker_nationality", "id_document_country"),
    *("display_name", "display_name_folded", "display_name_received", "legal_name", "legal_name_folded", "legal_name_received"),
    *("destination_name", "debtor_name", "creditor_name", "consignor_name", "consignee_name", "employer_name"),
    *("gender", "sex", "birth_place", "ethnicity", "language", "languages"),
})  # fmt: skip
# Pictures and papers are compared for being the same one (keys.yml); nothing is taken from what they show.
SAME_ONLY = frozenset({"photo_phash", "id_document_number"})
# A number on a list of reported papers is held against it for being the same; of no other measure is it any business.
SAME_AS_LISTED = {"watchlisted": frozenset({"id_document_number"})}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def reads(sql: str) -> set[str]:
    return {column for columns in check(sql, path=Path("rule.yml")).tables.values() for column in columns}


def test_no_measure_reads_what_a_person_is(catalogue: Catalogue) -> None:
    for measure in catalogue.measures.values():
        for sql in (measure.sql, *measure.rows):
            assert not reads(sql) & ((BARRED | SAME_ONLY) - SAME_AS_LISTED.get(measure.id, frozenset())), measure.id


def test_no_condition_names_what_a_person_is(catalogue: Catalogue) -> None:
    for indicator in catalogue.indicators.values():
        said = f"{indicator.when} {indicator.known_when} {indicator.says}"
        assert not [word for word in BARRED | SAME_ONLY if word in said], indicator.id


def test_of_the_projections_names_alone_read_names(catalogue: Catalogue) -> None:
    assert set(catalogue.projections) == {"names", "identifiers", "edges", "facts"}
    for projection in catalogue.projections.values():
        for origin, sql in projection.origins.items():
            read = reads(sql)
            if projection.id == "names":
                assert not read & (BARRED - {c for c in BARRED if "name" in c}), origin
            else:
                assert not read & BARRED, f"{projection.id} {origin}"
            assert not read & SAME_ONLY or projection.id == "identifiers"


def test_the_check_sees_what_it_must_refuse() -> None:
    assert "date_of_birth" in reads("select account_id from accounts where date_of_birth is not null")
    assert "nationality_declared" in reads(
        "select a.account_id as x from accounts as a where a.nationality_declared <> a.claimed_country"
    )


def test_keys_of_linkage_read_no_name_and_no_trait(catalogue: Catalogue) -> None:
    keys: Any = catalogue.keys
    for name, key in keys["keys"].items():
        columns = {str(c).rpartition(".")[2] for c in key["columns"]}
        assert not columns & BARRED, name


def test_stages_that_assess_read_no_names_and_no_matches(catalogue: Catalogue, anglo: Workspace) -> None:
    """The projection of names and what screening made of it reach neither answers, links nor assessments."""
    settings = Settings()
    with OpenRun.last(anglo.root) as held:
        weights = load(anglo, held.manifest["weights"])
    made = {
        "indicators": indicators.steps(catalogue, settings),
        "linkage": linkage.steps(catalogue, settings),
        "assessment": assessment.steps(catalogue, settings, None) + assessment.steps(catalogue, settings, weights),
    }
    barred = {
        "names",
        "findings/match",
        "statements",
        "statements_now",
        "entries",
        "records/account_skills",
        "records/sign_in_browser_languages",
    }
    for stage, steps in made.items():
        for step in steps:
            if not step.name.startswith("projection."):
                assert not set(step.reads) & barred, f"{stage}: {step.name} reads {set(step.reads) & barred}"
    assert "findings/match" in {table for step in tracing.steps(catalogue, settings) for table in step.reads}


# ---- the swap: the same deeds under other names, papers, ages and languages

NAMES = {
    "Anglo": ("US", "en-US;en", "Emily", "Richardson"),
    "Korean": ("KR", "ko-KR;ko", "Ha-eun", "Kwon"),
    "Chinese": ("CN", "zh-CN;zh", "王", "小明"),
    "Vietnamese": ("VN", "vi-VN;vi", "Nguyễn Thị", "Hương"),
    "Nigerian": ("NG", "en-NG;yo", "Olúwaṣeun", "Adébáyọ̀"),
}


def cultured(culture: str) -> Callable[[dict[str, Rows]], None]:
    """Everybody of one culture: names, nationality, country of papers, age and languages."""
    country, languages, given, family = NAMES[culture]
    shift = list(NAMES).index(culture)

    def change(made: dict[str, Rows]) -> None:
        for i, row in enumerate(made["accounts"]):
            row |= {
                "display_name": f"{given} {family} {i}", "legal_name": f"{family} {given} {i}", "nationality_declared": country,
                "id_document_country": country, "date_of_birth": f"{1950 + (i * 7 + shift * 11) % 50}-0{1 + shift}-11",
            }  # fmt: skip
        for row in made["sign_ins"]:
            row["browser_languages"] = languages
        for row in made["payouts"]:
            row["destination_name"] = f"{given} {family}"

    return change


def said(space: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """Every answer, weight and verdict but those of name screening."""
    kinds = ("flag", "link", "ring", "assessment", "path", "element", "determination")
    with OpenRun.last(space.root) as held:
        found = {
            kind: [
                (
                    r["id"],
                    r["verdict"],
                    r["centibits"],
                    r["facts"],
                    json.dumps(r.get("permille")),
                    r.get("level"),
                    r.get("counted"),
                )
                for r in held.rows(f"select * from {kind} order by id")
            ]
            for kind in kinds
        }
        found["answers"] = [tuple(r.values()) for r in held.rows("select * from answers order by account_id")]
        found["weights"] = [(held.manifest["weights"],)]
        found["matches on more than names"] = [
            (r["id"], r["verdict"], r["level"])
            for r in held.rows("select * from match where rule <> 'screening.name' order by id")
        ]
        found["path"] = [
            (r["subject"], r["object"].split("|")[0], r["facts"], r["weakest_permille"])
            for r in held.rows("select * from path order by subject, facts, weakest_permille")
        ]
    return found


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with key_in(tmp_path_factory.mktemp("key")):
        yield


@pytest.fixture(scope="module")
def anglo(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A small workspace, run, in which everybody bears an English name."""
    space = small(tmp_path_factory.mktemp("anglo") / "w", cultured("Anglo"))
    run(space)
    return space


@pytest.mark.parametrize("culture", list(NAMES)[1:])
def test_other_names_papers_ages_and_languages_change_nothing(culture: str, anglo: Workspace, tmp_path: Path) -> None:
    space = small(tmp_path / "w", cultured(culture))
    run(space)
    wanted, found = said(anglo), said(space)
    assert all(wanted.values())  # each kind has something to compare
    for kind, listed in wanted.items():
        assert found[kind] == listed, kind


def test_a_match_on_a_name_alone_stays_possible(tmp_path: Path) -> None:
    def change(made: dict[str, Rows]) -> None:
        for row in made["accounts"]:
            row["legal_name"] = row["display_name"] = "Kim Sang Man"

    space = small(tmp_path / "w", change)
    run(space)
    with OpenRun.last(space.root) as held:
        levels = held.rows("select distinct level, verdict from match where rule = 'screening.name'")
        assert levels == [{"level": "possible", "verdict": "unknown"}]
