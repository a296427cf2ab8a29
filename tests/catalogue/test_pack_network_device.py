"""Honest people who trip wires, and two who are not, through a whole run: HR register, sign-ins, endpoints, meetings.

All records are invented. Each person is an HR row and a login of another system that the work e-mail joins, so the
answers also show that claims and sign-ins of one person meet.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from small import DAY, Rows, key_in, run, write_csv

from mapae.rules.kinds import CATALOGUE, Catalogue, load_catalogue
from mapae.store import workspace
from mapae.store.runs import OpenRun

LISTS = ("remote_tools", "kvm_devices", "vpn_operators")
START = dt.date(2026, 3, 2)
FAMILIES = ("network", "device", "behaviour")


def days(first: int, last: int, hour: int = 15) -> list[str]:
    """Instants on days first to last after the beginning, in UTC."""
    return [f"{START + dt.timedelta(days=n)}T{hour:02d}:00:00Z" for n in range(first, last + 1)]


class Book:
    """Rows of all tables, written person by person."""

    def __init__(self) -> None:
        self.rows: dict[str, Rows] = {}
        self.people: list[str] = []

    def add(self, table: str, **row: str) -> None:
        self.rows.setdefault(table, []).append(row)

    def person(self, name: str, country: str = "US", home: str = "", zone: str = "America/New_York") -> None:
        """An employee with an HR row, a login elsewhere with the same e-mail, a machine, and a month of work at home."""
        self.people.append(name)
        mail = f"{name.replace('_', '.')}@acme-example.com"
        shown = {"display_name": name, "legal_name": f"Person {name}", "nationality_declared": "US"}
        self.add("accounts", account_id=f"hr/{name}", platform="hr", person_id=name, kind="employee", email=mail, claimed_country=country, claimed_timezone=zone, **shown)  # fmt: skip
        self.add("accounts", account_id=f"okta/{name}", platform="okta", person_id="", kind="", email=mail, claimed_country="", claimed_timezone="", **shown)  # fmt: skip
        self.add("employees", person_id=name, employer_id="acme", hired_on=str(START), work_country=country, home_country=home or country)  # fmt: skip
        self.add("endpoint_facts", account_id=f"okta/{name}", device_id=f"m-{name}", happened_at=days(3, 3)[0], kind="software", product="Slack")  # fmt: skip

    def signs(self, name: str, when: list[str], kind: str = "residential", country: str = "US", **more: str) -> None:
        device = {"device_id": f"m-{name}", "device_managed": "true", "asn": "64500"}
        for at in when:
            self.add("sign_ins", account_id=f"okta/{name}", happened_at=at, outcome="success", network_kind=kind, country=country, **(device | more))  # fmt: skip

    def declare(self, kind: str, subject: str, with_whom: str = "", until: str = "") -> None:
        self.add("declared", kind=kind, subject=subject, with_whom=with_whom, since=str(START), until=until)

    def software(self, name: str, *products: str, on: int = 5, kind: str = "software") -> None:
        for product in products:
            self.add("endpoint_facts", account_id=f"okta/{name}", device_id=f"m-{name}", happened_at=days(on, on)[0], kind=kind, product=product)  # fmt: skip

    def usb(self, name: str, first: int, last: int, vendor: str, product: str) -> None:
        for at in days(first, last):
            self.add("endpoint_facts", account_id=f"okta/{name}", device_id=f"m-{name}", happened_at=at, kind="usb", vendor=vendor, product=product, vendor_id="1d6b", product_id="0104")  # fmt: skip

    def meets(self, name: str, when: list[str], **more: str) -> None:
        for at in when:
            self.add("meetings", meeting_id=f"{name}-{at}", account_id=f"okta/{name}", happened_at=at, duration_s="1800", **more)  # fmt: skip


def honest() -> Book:
    """People whom single signs point at and who are what they say."""
    book = Book()
    book.person("korean_american_behind_a_tunnel")
    book.signs("korean_american_behind_a_tunnel", days(0, 40), "vpn", vpn_operator="Mullvad")
    book.signs("korean_american_behind_a_tunnel", days(41, 50))
    book.person("freelancer_in_china", "CN", zone="Asia/Shanghai")
    book.signs("freelancer_in_china", days(0, 40, 2), "vpn", vpn_operator="Astrill VPN", browser_timezone="Asia/Shanghai")  # fmt: skip
    book.signs("freelancer_in_china", days(41, 50, 2), country="CN")
    book.person("agency")
    book.declare("team", "agency")
    for hour in range(24):
        book.signs("agency", days(0, 24, hour))
    for n in range(30):
        book.add("applications", application_id=f"q{n}", employer_id="other", account_id="okta/agency", job_id=f"j{n}", happened_at=f"2026-03-03T09:00:{n:02d}Z")  # fmt: skip
    book.person("abroad_with_approval")
    book.declare("travel", "abroad_with_approval", until="2026-04-20")
    book.signs("abroad_with_approval", days(0, 40), country="PT", browser_timezone="Europe/Lisbon")
    book.signs("abroad_with_approval", days(55, 65))
    book.person("disabled_on_remote_desktop")
    book.declare("accommodation", "disabled_on_remote_desktop")
    book.signs("disabled_on_remote_desktop", days(0, 30), remote_control="true")
    book.software("disabled_on_remote_desktop", "AnyDesk", "TeamViewer Host")
    book.meets("disabled_on_remote_desktop", days(0, 20), camera_off="true")
    book.person("relay_of_the_telephone")
    for n, country in enumerate(("NL", "DE", "JP", "GB", "US", "FR")):
        book.signs("relay_of_the_telephone", days(n * 5, n * 5 + 4), "relay", country)
    book.signs("relay_of_the_telephone", days(31, 45))
    book.person("zero_trust_gateway")
    for n, country in enumerate(("NL", "DE", "JP", "GB", "US", "FR")):
        book.signs("zero_trust_gateway", days(n * 5, n * 5 + 4), "corporate", country, asn=str(64510 + n))
    book.signs("zero_trust_gateway", days(31, 45))
    book.person("embedded_developer")
    book.signs("embedded_developer", days(0, 30))
    book.usb("embedded_developer", 3, 25, "Linux 6.1 with dwc2", "RNDIS/Ethernet Gadget")
    book.person("embedded_developer_who_told")
    book.declare("tool", "embedded_developer_who_told")
    book.signs("embedded_developer_who_told", days(0, 30))
    book.usb("embedded_developer_who_told", 3, 25, "Linux Foundation", "Multifunction Composite Gadget")
    book.person("contractor_with_two_clients")
    book.signs("contractor_with_two_clients", days(0, 30))
    book.software("contractor_with_two_clients", "AnyDesk 8.1", "teamviewer_service.exe")
    book.declare("tool", "anydesk", "hr/contractor_with_two_clients")
    book.declare("tool", "TeamViewer", "contractor_with_two_clients")
    book.person("satellite_line")
    book.signs("satellite_line", days(0, 40), "satellite", "CA")
    book.signs("satellite_line", days(41, 55))
    book.person("lives_over_the_border", home="CA")
    book.signs("lives_over_the_border", days(0, 30, 9), country="CA")
    book.signs("lives_over_the_border", days(0, 30), country="US")
    book.person("night_nurse_by_agreement")
    book.declare("accommodation", "night_nurse_by_agreement")
    book.signs("night_nurse_by_agreement", days(0, 30, 7))
    return book


def others(book: Book) -> Book:
    """A hosted laptop behind a clean home line, somebody whose tunnel slips, and two who only have not told."""
    book.person("laptop_at_a_host")
    book.signs("laptop_at_a_host", days(0, 40))
    book.software("laptop_at_a_host", "AnyDesk", "RustDesk 1.3", on=4)
    book.usb("laptop_at_a_host", 5, 5, "PiKVM", "PiKVM Composite Device")
    book.person("tunnel_that_slips")
    book.signs("tunnel_that_slips", days(0, 40), "vpn", vpn_operator="Astrill", browser_timezone="Asia/Shanghai")
    book.signs("tunnel_that_slips", days(41, 46), country="LA", browser_timezone="Asia/Shanghai")
    book.person("abroad_and_told_nobody")
    book.signs("abroad_and_told_nobody", days(0, 40), country="PT")
    book.person("contractor_who_told_nobody")
    book.signs("contractor_who_told_nobody", days(0, 30))
    book.software("contractor_who_told_nobody", "AnyDesk 8.1", "TeamViewer", on=40)
    return book


def answers(folder: Path, book: Book) -> dict[str, dict[str, str]]:
    """Person to indicator to answer, after a run."""
    space = workspace.init(folder)
    for table, listed in book.rows.items():
        names = list(dict.fromkeys(name for row in listed for name in row))
        write_csv(space.inputs / f"{table}.csv", [{n: row.get(n, "") for n in names} for row in listed])
    run(space)
    with OpenRun.last(space.root) as held:
        rows = {str(r.pop("account_id")): r for r in held.rows("select * from answers")}
    return {name: {k.replace("__", ".", 1): str(v) for k, v in rows[f"hr/{name}"].items()} for name in book.people}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, str]]]:
    with key_in(tmp_path_factory.mktemp("key")):
        yield answers(tmp_path_factory.mktemp("people") / "w", others(honest()))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def said(told: dict[str, dict[str, str]], name: str) -> set[str]:
    return {rule for rule, answer in told[name].items() if answer == "yes" and rule.startswith(FAMILIES)}


@pytest.mark.parametrize("name", honest().people)
def test_nothing_is_said_of_an_honest_person(told: dict[str, dict[str, str]], name: str) -> None:
    assert said(told, name) == set()


def test_a_hosted_laptop_behind_a_clean_line_shows_on_the_machine(told: dict[str, dict[str, str]]) -> None:
    found = said(told, "laptop_at_a_host")
    assert {"device.remote_tools_at_start", "device.second_remote_tool", "device.switch_box"} <= found
    assert not {rule for rule in found if rule.startswith("network")}


def test_a_tunnel_that_slips_contradicts_the_claim(told: dict[str, dict[str, str]]) -> None:
    assert said(told, "tunnel_that_slips") == {
        "network.claim_only_by_tunnel",
        "network.uncommon_operator",
        "behaviour.zone_contradicted",
    }


@pytest.mark.parametrize(
    ("name", "family"), [("abroad_and_told_nobody", "network"), ("contractor_who_told_nobody", "device")]
)
def test_whoever_only_has_not_told_shows_in_one_family(told: dict[str, dict[str, str]], name: str, family: str) -> None:
    assert {rule.partition(".")[0] for rule in said(told, name)} == {family}


def test_names_and_papers_change_no_answer(tmp_path: Path, told: dict[str, dict[str, str]]) -> None:
    book = others(honest())
    for n, row in enumerate(book.rows["accounts"]):
        row |= {"display_name": f"권하은 {n}", "legal_name": f"Kwon Ha-eun {n}", "nationality_declared": "KR", "date_of_birth": "1991-04-05"}  # fmt: skip
    assert answers(tmp_path / "w", book) == told


def test_what_no_record_shows_is_unknown(told: dict[str, dict[str, str]]) -> None:
    assert told["abroad_and_told_nobody"]["device.switch_box"] == "unknown"
    assert told["abroad_and_told_nobody"]["behaviour.camera_off"] == "unknown"
    assert told["zero_trust_gateway"]["network.region_never_met"] == "unknown"


# ---- the lists


def rows_of(name: str) -> list[dict[str, str]]:
    lines = (CATALOGUE / "infrastructure" / f"{name}.csv").read_text("utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@pytest.mark.parametrize("name", LISTS)
def test_every_row_says_who_says_so_since_when_and_until_when(catalogue: Catalogue, name: str) -> None:
    for row in rows_of(name):
        assert row["mark"] in ("sourced", "unsourced", "analysis")
        assert (row["source"] in catalogue.citations) == (row["mark"] == "sourced"), row
        assert dt.date.fromisoformat(row["seen"]) < dt.date.fromisoformat(row["valid_until"])
        assert dt.date.fromisoformat(row["valid_until"]) >= DAY


@pytest.mark.parametrize(("name", "column"), [("remote_tools", "begins"), ("kvm_devices", "begins"), ("vpn_operators", "spelling")])  # fmt: skip
def test_words_stand_in_the_folded_form_that_they_are_compared_with(name: str, column: str) -> None:
    from mapae.sources.values import fold

    for row in rows_of(name):
        assert row[column] == fold(row[column])


def test_a_spelling_belongs_to_one_tool() -> None:
    owner: dict[str, str] = {}
    for row in rows_of("remote_tools"):
        for word in (row["begins"], f"{row['process']}.exe" if row["process"] else ""):
            if word:
                assert owner.setdefault(word, row["tool"]) == row["tool"], word
        assert re.fullmatch(r"[a-z0-9_]+", row["tool"])
        assert len(row["begins"].split()) <= 3
