"""Signs of documents, deliveries, applications, referees, pay and reports: what they may weigh and whom they spare."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pyarrow as pa
import pytest

from mapae.engine.answering import DuckDBAnswering
from mapae.rules.answers import used
from mapae.rules.cases import answer_rows, measure_rows, pool_tables, with_persons
from mapae.rules.kinds import Catalogue, Indicator, load_catalogue
from mapae.rules.mutate import mutate
from mapae.rules.sql import check
from mapae.sources.case_rows import read_rows

DELIVERIES = {"shipped_elsewhere", "shipped_off_papers", "sent_on", "to_mail_service", "to_forwarder"}
OURS = {
    *(f"document.{name}" for name in DELIVERIES),
    *("document.mismatch_again", "document.broken_off", "document.recheck_failed", "document.unvouched"),
    *("document.background_refused", "document.will_not_show"),
    *("content.several_mailboxes", "content.own_referee", "content.referees_on_free_mail"),
    *("content.countries_differ", "content.many_roles"),
    *("money.pay_moved_early", "money.pay_moved_often"),
    *("report.met_another", "report.called_another", "report.closed_over_identity"),
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def ours(catalogue: Catalogue) -> list[Indicator]:
    return [catalogue.indicators[id_] for id_ in sorted(OURS)]


def answers(catalogue: Catalogue, **rows: list[list[str]]) -> dict[str, str]:
    """Answers of our indicators for account ``a``, whose records are given as a header and rows of text."""
    tables = pool_tables(catalogue, [])
    if "accounts" not in rows:
        rows["accounts"] = [["account_id", "platform"], ["a", "hr"]]
    for name, (header, *cells) in rows.items():
        table = read_rows(catalogue.tables[name], header, cells)
        assert table.num_rows == len(cells), f"the reader refuses a row of {name}"
        tables[name] = table
    engine = DuckDBAnswering()
    tables = with_persons(catalogue, engine, tables)
    wanted = {m for one in ours(catalogue) for m in used(catalogue, one)}
    measures = {m: measure_rows(catalogue, catalogue.measures[m], engine, tables) for m in sorted(wanted)}
    held = measures | {"persons": tables["persons"]}
    told = answer_rows(catalogue, ours(catalogue), engine, tables["accounts"], held).to_pylist()
    row = next(row for row in told if row["account_id"] == "a")
    return {one.id: str(row[one.column]) for one in ours(catalogue)}


def yes(told: dict[str, str]) -> set[str]:
    return {id_ for id_, answer in told.items() if answer == "yes"}


def test_all_are_signs_of_misrepresentation_with_guard_limits_and_innocent_explanations(catalogue: Catalogue) -> None:
    for one in ours(catalogue):
        assert (one.stage, one.status) == ("misrepresentation", "test"), one.id
        assert len(one.data["innocent"]) >= 3 and one.data["guard"] and one.data["limits"] and one.cites, one.id


def test_every_change_of_a_condition_is_noticed_by_a_case(catalogue: Catalogue) -> None:
    chosen = {one.id: one for one in ours(catalogue)}
    trial = mutate(dataclasses.replace(catalogue, indicators=chosen, provisions={}), DuckDBAnswering(), read_rows)
    assert [(m.rule, m.change) for m in trial.survivors] == []
    assert len(trial.mutants) >= 8 * len(OURS)


def test_no_measure_of_theirs_reads_a_name_a_number_or_what_a_person_is(catalogue: Catalogue) -> None:
    never = {"display_name", "legal_name", "applicant_name", "referee_name", "delivered_to", "destination_name"}
    never |= {f"{name}_folded" for name in never} | {"phone", "nationality_declared", "date_of_birth", "resume_text"}
    for measure in {m for one in ours(catalogue) for m in used(catalogue, one)}:
        for table, columns in check(catalogue.measures[measure].sql, path=measure).tables.items():
            assert not never & set(columns), f"{measure} reads {never & set(columns)} of {table}"


def test_a_delivery_is_one_piece_of_evidence_however_many_signs_it_gives(catalogue: Catalogue) -> None:
    """All signs of a delivery are of one family, and none of them is strong: a parcel alone brings nobody to review."""
    found = {i.id: i for i in catalogue.indicators.values() if "deliveries." in i.when}
    assert set(found) == {f"document.{name}" for name in DELIVERIES}
    assert {i.family for i in found.values()} == {"document"} and "strong" not in {i.level for i in found.values()}


def test_what_people_reported_and_what_papers_showed_rest_on_different_checks(catalogue: Catalogue) -> None:
    met = answers(
        catalogue,
        identity_checks=[
            ["account_id", "happened_at", "kind", "result"],
            ["a", "2026-01-01T00:00Z", "document", "passed"],
            ["a", "2026-02-01T00:00Z", "in_person", "mismatch"],
            ["a", "2026-02-02T00:00Z", "call", "mismatch"],
        ],
    )
    assert yes(met) == {"report.met_another", "report.called_another"}


# --- people who are honest

EQUIPMENT = [
    "account_id",
    "employer_id",
    "shipment_id",
    "happened_at",
    "ship_to_address",
    "ship_to_city",
    "ship_to_region",
    "redirected",
]
PEOPLE = [
    "account_id",
    "person_id",
    "employer_id",
    "home_address",
    "home_city",
    "home_region",
    "worker_type",
    "vendor",
    "hired_on",
]
CHECKS = ["account_id", "happened_at", "kind", "result"]
HR = [["account_id", "platform", "person_id"], ["a", "hr", "p"]]


def person(worker_type: str = "employee", vendor: str = "") -> list[list[str]]:
    return [PEOPLE, ["a", "p", "acme", "1 Elm St, Columbus", "Columbus", "Ohio", worker_type, vendor, "2026-01-01"]]


def test_somebody_who_hides_and_has_mail_forwarded_is_clear_once_met(catalogue: Catalogue) -> None:
    parcel = [
        EQUIPMENT,
        ["a", "acme", "s1", "2026-01-01T00:00Z", "PMB 40, The UPS Store, Reno", "Reno", "Nevada", "true"],
    ]
    before = answers(catalogue, accounts=HR, employees=person(), equipment=parcel)
    assert yes(before) == {"document.to_mail_service", "document.shipped_elsewhere", "document.sent_on"}
    met = [CHECKS, ["a", "2026-01-03T00:00Z", "in_person", "passed"]]
    assert yes(answers(catalogue, accounts=HR, employees=person(), equipment=parcel, identity_checks=met)) == set()


def test_somebody_with_a_poor_camera_is_clear_after_one_call(catalogue: Catalogue) -> None:
    tries = [[*("a", f"2026-01-0{day}T00:00Z", "liveness", "incomplete")] for day in range(1, 6)]
    assert yes(answers(catalogue, identity_checks=[CHECKS, *tries])) == {"document.broken_off"}
    call = ["a", "2026-01-07T00:00Z", "call", "passed"]
    assert yes(answers(catalogue, identity_checks=[CHECKS, *tries, call])) == set()


def test_somebody_who_will_not_be_filmed_is_not_asked_where_no_other_way_was_offered(catalogue: Catalogue) -> None:
    refused = [
        ["application_id", "employer_id", "account_id", "happened_at", "video_refused"],
        ["q", "acme", "a", "2026-01-01T00:00Z", "true"],
    ]
    assert answers(catalogue, applications=refused)["document.will_not_show"] == "unknown"


def test_an_agency_worker_of_an_employer_who_records_no_checks_is_not_asked(catalogue: Catalogue) -> None:
    assert answers(catalogue, accounts=HR, employees=person("agency", "Staffers"))["document.unvouched"] == "unknown"


def test_a_couple_who_open_a_joint_account_once_a_year_are_no_sign(catalogue: Catalogue) -> None:
    header = ["payout_id", "account_id", "happened_at", "destination_id"]
    start = dt.date(2024, 1, 1)
    pay = [
        [f"p{n}", "a", f"{start + dt.timedelta(days=30 * n)}T00:00Z", f"bank-{n // 12}"] for n in range(48)
    ]  # fmt: skip
    told = answers(catalogue, accounts=HR, employees=person(), payouts=[header, *pay])
    assert told["money.pay_moved_often"] == "no" and told["money.pay_moved_early"] == "no"


def test_a_person_with_two_systems_is_judged_once_under_the_account_that_stands_for_her(catalogue: Catalogue) -> None:
    accounts = [["account_id", "platform", "person_id"], ["a", "hr", "p"], ["okta-1", "okta", "p"]]
    checks = [
        CHECKS,
        ["okta-1", "2026-01-01T00:00Z", "document", "mismatch"],
        ["a", "2026-01-02T00:00Z", "document", "mismatch"],
    ]
    told = answers(catalogue, accounts=accounts, employees=person(), identity_checks=checks)
    assert told["document.mismatch_again"] == "yes"


def test_lists_of_services_and_free_mail_say_where_each_line_is_from_and_when_it_was_seen(catalogue: Catalogue) -> None:
    for name, first in (("mail_services", "words"), ("free_mail", "domain")):
        lookup = catalogue.lookups[name]
        assert lookup.columns[0] == first and lookup.columns[-3:] == ("source", "seen", "valid_until")
        table: pa.Table = lookup.table()
        values = table[first].to_pylist()
        assert len(values) == len(set(values)) == table.num_rows > 40
        assert all(value == value.lower() and value.strip() == value for value in values)
        assert not table["source"].null_count and not table["seen"].null_count
    assert set(catalogue.lookups["mail_services"].table()["kind"].to_pylist()) == {
        *("box", "mail_service", "forwarder", "virtual_office"),
    }
