"""The step: facts per subject in, findings of elements and determinations out."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from mapae.determinations.steps import steps
from mapae.engine.duckdb import StepInputs
from mapae.model import findings
from mapae.model.ids import finding_id
from mapae.rules.kinds import CATALOGUE, Catalogue, Provision, read_rule
from mapae.rules.load import Mapping
from mapae.settings import Settings

DAY = dt.date.fromisoformat
FACTS = pa.schema(
    [("subject", pa.string()), ("fact", pa.string()), ("since", pa.date32()), ("until", pa.date32()), ("known_from", pa.date32()),
     ("source_kind", pa.string()), ("ref", pa.string())]
)  # fmt: skip


def catalogue() -> Catalogue:
    law = {
        r.id: r
        for p in sorted((CATALOGUE / "law").rglob("*.yml"))
        if isinstance(r := read_rule(p, "provision", Provision), Provision)
    }
    return Catalogue(CATALOGUE, {}, {}, {}, law, {}, {}, Mapping(), Mapping(), Mapping())


def row(
    subject: str,
    fact: str,
    kind: str = "court",
    day: str = "2023-01-01",
    known: str | None = "2023-06-01",
    ref: str = "",
) -> dict[str, Any]:
    one = DAY(day) if day else None
    return {"subject": subject, "fact": fact, "since": one, "until": one, "known_from": DAY(known) if known else None,
            "source_kind": kind, "ref": ref or f"evidence:s:{subject}-{fact}"}  # fmt: skip


def run(
    facts: list[dict[str, Any]], paths: list[dict[str, Any]] | None = None, **settings: str
) -> dict[str, list[dict[str, Any]]]:
    con = duckdb.connect()
    con.register("facts", pa.Table.from_pylist(facts, schema=FACTS))
    con.register("path", findings.table("path", paths or []))
    step = steps(catalogue(), Settings(**({"as_of": "2026-11-01", "known_by": "2026-11-01"} | settings)))[0]
    assert step.function is not None
    made = step.function(StepInputs(con, {}, lambda _: None))
    for name, table in made.items():
        assert table.schema == step.schema[name]
    return {name.removeprefix("findings/"): table.to_pylist() for name, table in made.items()}


def test_a_subject_gets_a_determination_of_each_provision_that_names_one_of_its_facts() -> None:
    made = run(
        [row("party:a", "hosted"), row("party:b", "exported_worker"), row("party:c", "listed_dprk", "government")]
    )
    assert [(d["subject"], d["rule"]) for d in made["determination"]] == [
        ("party:a", "us.22usc9214.g1c"),
        ("party:b", "us.22usc9214.g1c"),
        ("party:b", "us.eo13722.s2a4"),
    ]


def test_a_determination_rests_on_its_elements_and_they_on_the_grounds() -> None:
    made = run([row("party:a", "hosted"), row("party:a", "remediation", "press")])
    determination = made["determination"][0]
    ids = {e["id"] for e in made["element"] if e["rule"].startswith("us.22usc9214.g1c#")}
    assert set(determination["because"]) == {f"finding:{i}" for i in ids}
    act = next(e for e in made["element"] if e["rule"] == "us.22usc9214.g1c#act")
    assert (act["verdict"], act["because"], act["against"]) == (
        "met",
        ["evidence:s:party:a-hosted"],
        ["evidence:s:party:a-remediation"],
    )
    assert act["source_kinds"] == ["court", "press"]
    assert act["id"] == finding_id("element", "us.22usc9214.g1c#act", "party:a")


def test_an_element_without_facts_is_written_as_unknown() -> None:
    made = run([row("party:a", "hosted")])
    assert {e["rule"].partition("#")[2]: e["verdict"] for e in made["element"]}["revenue"] == "unknown"


def test_both_overalls_and_the_listing_stand_beside_the_verdict() -> None:
    made = run([row("party:a", "hosted"), row("party:a", "listed_dprk", "government", "2020-01-14")])
    facts = json.loads(made["determination"][0]["facts"])
    assert (facts["overall_actual"], facts["overall_constructive"]) == ("unknown", "unknown")
    assert facts["record"].startswith("listed under a programme on North Korea since 2020-01-14")
    assert (facts["met"], facts["elements"]) == (1, 7)
    assert set(facts["exceptions"].values()) == {"none on record"}


def test_without_a_listing_it_says_no_public_record_never_unlawful() -> None:
    facts = json.loads(run([row("party:a", "hosted")])["determination"][0]["facts"])
    assert facts["record"] == "no public record of designation in the lists read"


def test_an_exception_in_evidence_is_a_ground_of_the_determination() -> None:
    made = run([row("party:a", "hosted"), row("party:a", "waiver_9228", "government")])
    [determination] = made["determination"]
    assert "evidence:s:party:a-waiver_9228" in determination["because"]
    assert json.loads(determination["facts"])["result"] == "not met (excepted)"


def test_a_path_takes_its_days_from_its_hops() -> None:
    hop = {
        "from_ref": "account:a",
        "to_ref": "wallet:w",
        "role": "paid",
        "since": DAY("2018-01-01"),
        "until": DAY("2018-02-01"),
        "ref": "record:payouts:s:1",
    }
    path = findings.row(
        "path", rule="paths", subject="account:a", object="conduct:x", verdict="yes", because=["record:payouts:s:1"],
        direct=False, role="paid", weakest_permille=1000, hops=[hop],
    )  # fmt: skip
    ref = f"finding:{path['id']}"
    made = run([row("account:a", "paid_to_dprk_entity", "record", "", None, ref)], [path])
    facts = json.loads(made["determination"][0]["facts"])
    assert facts["result"] == "not in force"
    later = {**path, "hops": [{**hop, "since": DAY("2022-01-01"), "until": None}]}
    made = run([row("account:a", "paid_to_dprk_entity", "record", "", None, ref)], [later])
    assert next(e["verdict"] for e in made["element"] if e["rule"].endswith("#revenue")) == "met"


@pytest.mark.parametrize(("known_by", "verdict"), [("2023-05-31", "unknown"), ("2023-06-01", "met")])
def test_the_settings_date_the_evidence(known_by: str, verdict: str) -> None:
    made = run([row("party:a", "hosted")], known_by=known_by)
    assert next(e["verdict"] for e in made["element"] if e["rule"].endswith("#act")) == verdict


def test_nothing_in_gives_nothing_out() -> None:
    assert run([]) == {"element": [], "determination": []}


def test_the_recipe_holds_dates_and_the_provisions_texts() -> None:
    one, other = (steps(catalogue(), Settings(as_of=day))[0].parameters for day in ("2026-01-01", "2026-01-02"))
    assert one != other
    assert set(one["provisions"]) == {"us.22usc9214.g1c", "us.eo13722.s2a4"}
