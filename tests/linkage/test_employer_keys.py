"""What employers' people can share, through the projection identifiers to links and rings; honest couples stay apart."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from mapae.indicators.measures import projection_step, schema_of
from mapae.linkage import keys
from mapae.linkage.register import Register
from mapae.model.statements import SCHEMA
from mapae.rules.kinds import load_catalogue

START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
HIRED = dt.date(2026, 1, 1)


class Employer:
    """Records of a small employer. Each person has an account in the register and one that signs in."""

    def __init__(self) -> None:
        self.catalogue = load_catalogue()
        self.rows: dict[str, list[dict[str, Any]]] = {}
        mails = self.catalogue.lookups["mail_services"].table().to_pylist()
        self.rows["mail_services"] = mails

    def put(self, table: str, **row: Any) -> None:
        held = self.rows.setdefault(table, [])
        held.append({"mapae_source": "s1", "mapae_row": len(held) + 1, **row})

    def person(self, name: str, **row: Any) -> None:
        self.put("employees", person_id=name, employer_id="acme", **row)
        for system in ("hr", "okta"):
            account = f"{system}/{name}"
            self.rows.setdefault("persons", []).append(
                {"account_id": account, "person_id": name, "principal": f"hr/{name}", "basis": "email"}
            )

    def at_home(self, name: str, ip: str, days: int = 8, **row: Any) -> None:
        for day in range(days):
            at = START + dt.timedelta(days=day)
            self.put(
                "sign_ins",
                **{"account_id": f"okta/{name}", "happened_at": at, "ip": ip, "ip_64": ip, "outcome": "success"} | row,
            )

    def held(self, kind: str) -> dict[str, set[str]]:
        """Value of a kind to the people's accounts that hold it."""
        step = projection_step(self.catalogue, self.catalogue.projections["identifiers"])
        con = duckdb.connect()
        con.execute("set timezone = 'UTC'")
        for table in step.reads:
            view = table.split("/")[-1]
            loose = pa.schema([pa.field(f.name, f.type) for f in self._schema(view)])
            con.register(view, pa.Table.from_pylist(self.rows.get(view, []), schema=loose))
        assert step.sql is not None
        rows = con.sql(step.sql).to_arrow_table().to_pylist()
        found: dict[str, set[str]] = {}
        for row in rows:
            if row["kind"] == kind:
                holders = found.setdefault(row["value"], set())
                assert row["party"] not in holders, "a party holds a value once"
                assert row["ref"].startswith("record:")
                holders.add(row["party"])
        return found

    def _schema(self, view: str) -> pa.Schema:
        if view == "statements_now":
            return SCHEMA
        if view in self.catalogue.measures:
            return schema_of(self.catalogue.measures[view].columns, first="account_id")
        lookup = self.catalogue.lookups.get(view)
        return lookup.schema() if lookup else self.catalogue.tables[view].schema()


@pytest.fixture
def acme() -> Employer:
    return Employer()


def question() -> keys.Question:
    return keys.read(load_catalogue().keys, 100_000, 0.013)


def likely(*names: str, size: int = 2) -> int:
    """Probability in permille that hands who alone share values of these keys are one hand."""
    return question().weigh([(name, size, size) for name in names], size)[1]


# --- what the projection makes of records


def test_a_home_line_takes_eight_days_each_from_no_known_tunnel(acme: Employer) -> None:
    for name in "abcdef":
        acme.person(name)
    acme.at_home("a", "192.0.2.1")
    acme.at_home("b", "192.0.2.1", days=7)
    acme.at_home("c", "192.0.2.2", network_kind="vpn")
    acme.at_home("d", "192.0.2.3", network_kind="mobile")
    acme.at_home("e", "192.0.2.4", outcome="failure")
    acme.at_home("f", "192.0.2.5", network_kind="residential")
    assert acme.held("home_line") == {"192.0.2.1": {"account:hr/a"}, "192.0.2.5": {"account:hr/f"}}


def test_what_an_address_file_or_a_declaration_knows_is_left_out(acme: Employer) -> None:
    acme.put("addresses", ip="192.0.2.1", network_kind="hosting", declared=False)
    acme.put("addresses", ip="192.0.2.2", network_kind="residential", declared=True)
    acme.put("addresses", ip="192.0.2.3", network_kind="residential", declared=False)
    acme.person("a")
    for last in (1, 2, 3):
        acme.at_home("a", f"192.0.2.{last}")
    assert set(acme.held("home_line")) == {"192.0.2.3"}


def test_one_person_with_two_logins_is_one_holder_of_a_line(acme: Employer) -> None:
    acme.person("a", home_region_folded="texas")
    acme.at_home("a", "192.0.2.1", days=4)
    for day in range(4, 8):
        at = START + dt.timedelta(days=day)
        acme.put("sign_ins", account_id="hr/a", happened_at=at, ip="192.0.2.1", ip_64="192.0.2.1", outcome="success")
    assert acme.held("home_line") == {"192.0.2.1": {"account:hr/a"}}


def test_a_line_of_people_whom_no_register_knows_is_no_key(acme: Employer) -> None:
    for name in ("x", "y"):
        acme.put("accounts", account_id=f"site/{name}", platform="site")
        for day in range(9):
            at = START + dt.timedelta(days=day)
            acme.put(
                "sign_ins",
                account_id=f"site/{name}",
                happened_at=at,
                ip="192.0.2.1",
                ip_64="192.0.2.1",
                outcome="success",
            )
    assert acme.held("home_line") == {}


def test_a_hosts_home_and_a_guests_device_meet_on_one_address(acme: Employer) -> None:
    acme.person("host", home_address_folded="12 main st dallas")
    acme.person("guest", home_address_folded="9 elm st columbus")
    acme.put("equipment", person_id="guest", employer_id="acme", ship_to_address_folded="12 main st dallas")
    assert acme.held("home_address")["12 main st dallas unit "] == {"account:hr/host"}
    assert acme.held("ship_address") == {"12 main st dallas unit ": {"account:hr/guest"}}


def test_two_flats_of_one_house_are_two_addresses(acme: Employer) -> None:
    acme.person("a", home_address_folded="12 main st", home_address_unit="3")
    acme.person("b", home_address_folded="12 main st", home_address_unit="4")
    assert {len(holders) for holders in acme.held("home_address").values()} == {1}


@pytest.mark.parametrize("address", ["po box 12 dallas", "12 main st pmb 40 dallas", "the ups store 12 main st"])
def test_a_box_or_mail_service_is_nobodys_home(acme: Employer, address: str) -> None:
    acme.person("a", home_address_folded=address)
    acme.put("equipment", person_id="a", employer_id="acme", ship_to_address_folded=address)
    assert acme.held("home_address") == acme.held("ship_address") == {}


def test_a_street_that_only_begins_like_a_box_is_a_home(acme: Employer) -> None:
    acme.person("a", home_address_folded="12 po boxwood lane")
    assert len(acme.held("home_address")) == 1


def test_a_referral_ties_those_hired_within_120_days_of_each_other(acme: Employer) -> None:
    acme.person("boss", hired_on=HIRED)
    acme.person("soon", hired_on=HIRED + dt.timedelta(days=120), referrer_id="boss")
    acme.person("late", hired_on=HIRED + dt.timedelta(days=121), referrer_id="boss")
    acme.person("self", hired_on=HIRED, referrer_id="self")
    assert acme.held("referral") == {"boss": {"account:hr/boss", "account:hr/soon"}}


def test_a_referee_is_known_by_address_or_number_through_the_application(acme: Employer) -> None:
    acme.person("a")
    acme.put("applications", application_id="q1", person_id="a")
    acme.put("references_given", application_id="q1", referee_email="ann@firm.example")
    acme.put("references_given", account_id="okta/b", referee_email="ann@firm.example", referee_phone="+12025550100")
    assert acme.held("referee") == {
        "ann@firm.example": {"account:hr/a", "account:okta/b"},
        "+12025550100": {"account:okta/b"},
    }


def test_an_application_speaks_of_the_person_that_it_became(acme: Employer) -> None:
    acme.person("a")
    text = "long text " * 30
    acme.put(
        "applications", person_id="a", phone="+12025550100", device_id="D", email="a@x.example", resume_text_folded=text,
        ip="192.0.2.1", ip_64="192.0.2.1",
    )  # fmt: skip
    acme.put("applications", person_id="nobody", phone="+12025550101")
    for kind, value in (
        ("phone", "+12025550100"),
        ("device", "D"),
        ("email", "a@x.example"),
        ("recruiting_ip", "192.0.2.1"),
    ):
        assert acme.held(kind) == {value: {"account:hr/a"}}, kind
    assert [*acme.held("text").values()] == [{"account:hr/a"}]


def test_an_application_through_a_known_tunnel_shares_no_line(acme: Employer) -> None:
    acme.put("addresses", ip="192.0.2.1", network_kind="relay", declared=False)
    acme.put("applications", account_id="okta/a", ip="192.0.2.1", ip_64="192.0.2.1")
    assert acme.held("recruiting_ip") == {}


def test_wages_and_payouts_meet_on_one_destination(acme: Employer) -> None:
    acme.person("a", pay_destination_id="bank-1")
    acme.put("payouts", payout_id="p", account_id="okta/b", happened_at=START, destination_id="bank-1")
    assert acme.held("payout") == {"bank-1": {"account:hr/a", "account:okta/b"}}


def test_a_second_factor_counts_once_however_often_it_was_enrolled(acme: Employer) -> None:
    for account in ("okta/a", "okta/a", "okta/b"):
        acme.put("authenticators", account_id=account, happened_at=START, authenticator_id="phone-1")
    assert acme.held("authenticator") == {"phone-1": {"account:okta/a", "account:okta/b"}}


def test_who_shares_factors_with_four_others_is_a_desk_and_links_nobody(acme: Employer) -> None:
    for n in range(4):
        acme.put("authenticators", account_id="okta/desk", authenticator_id=f"phone-{n}")
        acme.put("authenticators", account_id=f"okta/{n}", authenticator_id=f"phone-{n}")
    assert {len(held) for held in acme.held("authenticator").values()} == {1}
    acme.rows["authenticators"] = acme.rows["authenticators"][:6]
    assert {len(held) for held in acme.held("authenticator").values()} == {2}


@pytest.mark.parametrize(
    ("title", "holders"),
    [
        ("senior help desk technician", {"account:okta/b"}),
        ("it support", {"account:okta/b"}),
        ("desk editor", {"account:okta/a", "account:okta/b"}),
        ("helpdesks analyst", {"account:okta/a", "account:okta/b"}),
        (None, {"account:okta/a", "account:okta/b"}),
    ],
)
def test_who_is_the_desk_by_title_links_nobody_whom_they_enrolled(
    acme: Employer, title: str | None, holders: set[str]
) -> None:
    acme.person("a", job_title_folded=title)
    acme.person("b", job_title_folded="designer")
    for account in ("okta/a", "okta/b"):
        acme.put("authenticators", account_id=account, authenticator_id="phone-1")
    assert acme.held("authenticator") == {"phone-1": holders}


def test_an_account_without_a_person_in_any_register_takes_no_part(acme: Employer) -> None:
    acme.put(
        "employees", person_id="ghost", employer_id="acme", home_address_folded="12 main st", pay_destination_id="b"
    )
    assert acme.held("home_address") == acme.held("payout") == {}


# --- what linkage makes of what is shared


def test_all_that_a_couple_shares_is_no_ring(world: Any) -> None:
    world.hold("a b", home_line="L", home_address="H", device="D", payout="P", phone="T")
    assert world.rings() == {}


def test_a_couple_of_whom_one_referred_the_other_and_who_share_one_telephone_is_no_ring(world: Any) -> None:
    world.hold("a b", home_line="L", home_address="H", referral="a", authenticator="M", phone="T")
    assert world.rings() == {}


def apart(world: Any, names: str) -> None:
    for name in names.split():
        world.live(name, f"{name} street", f"region of {name}")


def test_one_home_line_and_one_second_factor_of_two_said_to_live_in_different_regions_are_a_ring(world: Any) -> None:
    world.hold("a b", home_line="L", authenticator="M", referral="a")
    apart(world, "a b")
    assert world.rings() == {"ring:a": ["a", "b"]}


def test_the_same_of_a_couple_that_the_register_has_in_one_home_is_no_ring(world: Any) -> None:
    world.hold("a b", home_line="L", authenticator="M", referral="a")
    for name in "ab":
        world.live(name, "one street", "texas")
    assert world.rings() == {}


def test_four_hires_behind_one_line_whose_devices_went_to_one_house_are_a_ring(world: Any) -> None:
    world.hold("a b c d", home_line="L", ship_address="H")
    apart(world, "a b c d")
    assert world.rings() == {"ring:a": ["a", "b", "c", "d"]}


def test_staff_who_enrol_for_many_link_nobody(world: Any) -> None:
    world.hold("a b c d e", authenticator="desk", referral="boss")
    assert world.rings() == {}
    (note,) = [n for n in world.run()["notes/linkage"].to_pylist() if n["about"] == "authenticator"]
    assert note["values_left_out"] == 1 and note["holders"] == 5


def test_a_referral_a_line_and_an_address_alone_never_make_one_hand_of_two() -> None:
    assert likely("referral", "home_line", "address", "recruiting_ip") < 200


def test_the_register_s_word_on_homes_is_weighed_once_whatever_is_shared() -> None:
    question = keys.read(load_catalogue().keys, 4_000, 0.001).of_people()
    said = {
        how: question.weigh([("home_line", 2, 2)], register=how)[1]
        for how in ("same", "unknown", "apart", "regions_apart")
    }
    assert said["same"] <= said["unknown"] < said["apart"] < said["regions_apart"]
    keys_shared = [("home_line", 2, 2), ("address", 2, 2), ("authenticator", 2, 2)]
    weight = {how: [question.weigh(keys_shared[:n], register=how)[0] for n in (2, 3)] for how in said}
    for how in said:
        assert abs((weight[how][1] - weight[how][0]) - (weight["unknown"][1] - weight["unknown"][0])) <= 30


def day(number: int) -> dt.date:
    return HIRED + dt.timedelta(days=number)


def test_two_flats_are_two_homes_and_one_home_is_one_whatever_the_order() -> None:
    homes = Register({"person:a": ("x 1", "texas", "US", day(1), True), "person:b": ("x 2", "texas", "US", day(90), True), "person:c": ("y", "ohio", "US", day(300), True), "person:d": ("x 1", "texas", "US", None, False)})  # fmt: skip
    assert homes.relation(["person:a", "person:b"]) == "apart recent"
    assert homes.relation(["person:c", "person:a"]) == "regions_apart far"
    assert homes.relation(["person:d", "person:a"]) == "same unknown"
    assert homes.relation(["person:a", "person:b", "person:d"]) == "unknown unknown"
    assert homes.relation(["person:a", "person:z"]) == "unknown unknown"
