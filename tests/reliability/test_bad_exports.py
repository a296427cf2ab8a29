"""Bad exports: cut, doubled, mixed, damaged; each is told by file, row and remedy, nothing is lost, the others go on."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path

import bad_exports as made
import pytest
from bad import plain
from small import DAY, Told, call, key_in, whole

from mapae.store import workspace
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace


@dataclasses.dataclass
class Brought:
    """A workspace to which everything was added at once and which was run, and what both commands said."""

    space: Workspace
    added: Told
    ran: Told

    def rows(self, sql: str, *given: object) -> list[dict[str, object]]:
        with OpenRun.last(self.space.root) as held:
            return held.rows(sql, list(given))

    def source(self, name: str) -> dict[str, object]:
        (found,) = self.rows("select * from sources where path = ?", f"inputs/{name}")
        return found

    def rejected(self, name: str, table: str = "sign_ins") -> list[str]:
        found = self.rows(
            f"select r.reason as reason from rejected_{table} as r join sources as s on s.source = r.mapae_source "
            "where s.path = ? order by r.mapae_row", f"inputs/{name}",
        )  # fmt: skip
        return [str(r["reason"]) for r in found]


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brought]:
    folder = tmp_path_factory.mktemp("exports")
    with key_in(tmp_path_factory.mktemp("key")):
        call("init", folder / "acme")
        space = workspace.find(folder / "acme")
        (space.root / "mappings").mkdir()
        for name, (text, _, _) in made.MAPPINGS.items():
            (space.root / "mappings" / f"{name}.yml").write_text(text)
        (space.root / "mappings" / "own.yml").write_text(made.OWN)
        made.write(folder / "exports")
        (folder / "exports" / "o_own.csv").write_text(made.OWN_ROWS)
        made.write_databases(folder / "databases")
        added = call("add", "--dir", space.root, "--quiet", folder / "exports", folder / "databases")
        # Whoever puts files into inputs/ by hand has the same.
        for name in ("cut.mmdb", "weather.mmdb"):
            (space.inputs / name).write_bytes((folder / "databases" / name).read_bytes())
        ran = call("run", space.root, "--quiet")
        yield Brought(space, added, ran)


def test_everything_at_once_is_added_and_run(brought: Brought) -> None:
    for told in (brought.added, brought.ran):
        assert told.code == 0, told.text
        plain(told, brought.space)
    whole(brought.space)


def test_no_error_names_a_person(brought: Brought) -> None:
    for told in (brought.added, brought.ran):
        assert "@acme.example" not in told.err and "Person" not in told.err and "198.51." not in told.err


@pytest.mark.parametrize(
    ("name", "read", "kept", "rejected", "equal"),
    [
        ("a_array.json", 20, 20, 0, 0),
        ("b_lines.jsonl", 20, 20, 0, 0),
        ("c_envelope.json", 20, 20, 0, 0),
        ("d_table.csv", 20, 20, 0, 0),
        ("e_packed.json.gz", 20, 20, 0, 0),
        ("f_overlap.json", 20, 10, 0, 10),
        ("g_cut.json", 11, 10, 1, 0),
        ("h_cut.jsonl", 11, 10, 1, 0),
        ("i_cut.csv", 11, 10, 1, 0),
        ("j_cut_in_quotes.csv", 11, 10, 1, 0),
        ("m_odd.jsonl", 5, 3, 2, 0),
    ],
)
def test_mixed_containers_cut_and_doubled_exports_add_up(
    brought: Brought, name: str, read: int, kept: int, rejected: int, equal: int
) -> None:
    (counts,) = [str(t) for t in brought.source(name)["by_table"] if str(t).startswith("sign_ins ")]  # type: ignore[attr-defined]
    assert counts == f"sign_ins {read} {kept} {rejected} {equal}"
    assert brought.source(name)["error"] == ""
    shown = re.search(rf"^{re.escape(name)}: .*\n  (.*)$", brought.added.out, re.MULTILINE)
    assert shown and "rows read = " in shown[1]


@pytest.mark.parametrize("name", ["g_cut.json", "h_cut.jsonl", "i_cut.csv", "j_cut_in_quotes.csv"])
def test_the_record_in_which_an_export_ends_is_refused_with_its_line(brought: Brought, name: str) -> None:
    (reason,) = brought.rejected(name)
    assert "line" in reason and ("cut off" in reason or "cells and the header" in reason), reason


@pytest.mark.parametrize("name", ["k_cut.json.gz", "l_cut.csv.gz"])
def test_of_a_compressed_export_that_was_cut_off_the_whole_records_are_kept(brought: Brought, name: str) -> None:
    shown = brought.source(name)
    (reason,) = brought.rejected(name)
    assert "cut off" in reason and "line" in reason
    (counts,) = [str(t) for t in shown["by_table"] if str(t).startswith("sign_ins ")]  # type: ignore[attr-defined]
    read, kept, rejected, equal = (int(n) for n in counts.split()[1:])
    assert kept > 100 and rejected == 1 and equal == 0 and read == kept + 1


def test_what_is_rejected_is_told_at_once_with_record_and_reason(brought: Brought) -> None:
    for words in (
        "rejected: 1 of sign_ins, first in record 3: day and month of its time can be confused",
        "rejected: 1 of sign_ins.country, first in record 4: neither a country's code nor a name",
        "rejected: 1 of accounts, first in record 2: Anfang: day and month can be confused",
        "rejected: 1 of sign_ins, first in record 11: the record that begins in line 11 was cut off",
    ):
        assert words in brought.added.out, brought.added.out


def test_a_file_given_twice_under_two_names_is_read_once(brought: Brought) -> None:
    shown = brought.source("a_copy.json")
    assert shown["read"] == 0 and "the same bytes as inputs/a_array.json" in str(shown["notes"])


def test_epochs_in_seconds_and_milliseconds_are_one_moment(brought: Brought) -> None:
    found = brought.rows("select distinct happened_at from sign_ins where event_id in (?, ?)", made.event(1600)["uuid"], made.event(1601)["uuid"])  # fmt: skip
    assert [str(r["happened_at"])[:19] for r in found] == ["2026-10-13 00:00:00"]


def test_days_that_can_be_confused_are_refused_row_by_row_with_their_reason(brought: Brought) -> None:
    reasons = brought.rejected("m_odd.jsonl")
    assert any("day and month" in r and "year-month-day" in r and "line 3" in r for r in reasons)
    (own,) = brought.rejected("o_own.csv", "accounts")
    assert "day and month can be confused" in own and "Anfang" in own
    assert [r["account_id"] for r in brought.rows("select account_id from accounts where platform = 'own' order by 1")] == ["own/1", "own/3"]  # fmt: skip


def test_countries_may_be_full_names_and_what_is_none_is_refused(brought: Brought) -> None:
    assert {r["country"] for r in brought.rows("select distinct country from sign_ins where country is not null")} == {
        "US"
    }
    assert any("country" in r for r in brought.rejected("m_odd.jsonl"))
    found = brought.rows("select distinct home_country as c from employees order by 1")
    assert [r["c"] for r in found] == ["DE", "GB", "US"]


def test_a_service_has_no_person_and_is_not_assessed(brought: Brought) -> None:
    account = f"okta/{made.SERVICE}"
    assert brought.rows("select kind from accounts where account_id = ?", account) == [{"kind": "service"}]
    assert brought.rows("select 1 from persons where account_id = ?", account) == []
    assert brought.rows("select 1 from assessment where subject = ?", f"account:{account}") == []


def test_of_a_person_in_two_rows_the_last_counts(brought: Brought) -> None:
    found = brought.rows("select person_id, home_city, hired_on, left_on from employees where person_id in ('3', '4') order by 1")  # fmt: skip
    assert [(r["person_id"], r["home_city"], str(r["hired_on"]), r["left_on"]) for r in found] == [
        ("3", "Dayton", "2026-03-02", None), ("4", "Toledo", "2024-01-05", None),
    ]  # fmt: skip
    assert len(brought.rows("select 1 from employees")) == made.PEOPLE


def test_a_footer_is_nobody(brought: Brought) -> None:
    (reason,) = brought.rejected("n_people.csv", "accounts")
    assert "nobody stands in this row" in reason
    assert brought.rows("select 1 from accounts where account_id like 'hr/Total%'") == []


def test_two_people_with_one_e_mail_join_nobody_and_it_is_said(brought: Brought) -> None:
    assert "1 e-mail stands at several people of the register" in brought.added.out
    assert brought.rows("select 1 from persons where account_id in ('okta/00u5', 'okta/00u6')") == []
    assert brought.rows("select person_id from persons where account_id = 'okta/00u7'") == [{"person_id": "7"}]
    unmatched = (brought.space.root / "unmatched.csv").read_text()
    assert "okta/00u5" in unmatched and "several people" in unmatched


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cut.mmdb", ("damaged or cut off", "Download it again")),
        ("weather.mmdb", ("type that is not known", "Weather-By-Address", "Give a City")),
        ("deep.mmdb", ("damaged or cut off", "Download it again")),
    ],
)
def test_a_damaged_or_unknown_address_database_is_one_error_and_the_run_goes_on(
    brought: Brought, name: str, words: tuple[str, ...]
) -> None:
    for told in (brought.added, brought.ran):
        found = [m for m in re.split(r"\n(?=\S)", told.err) if f"/{name}" in m]
        assert len(found) == 1, told.err
        assert all(word in found[0] for word in words) and len(found[0].strip().splitlines()) <= 4
    assert {r["country"] for r in brought.rows("select country from address_facts")} == {"US"}


@pytest.mark.parametrize("name", made.MAPPINGS)
def test_a_mapping_that_cannot_be_used_is_one_error_with_its_line(brought: Brought, name: str) -> None:
    _, line, words = made.MAPPINGS[name]
    for told in (brought.added, brought.ran):
        found = [m for m in re.split(r"\n(?=\S)", told.err) if f"mappings/{name}.yml" in m]
        assert len(found) == 1, told.err
        assert f"where: mappings/{name}.yml:{line}\n" in found[0] + "\n" and words in found[0], found[0]
        assert "  do: " in found[0]


def test_ranges_of_address_files_are_kept_and_go_with_their_file(brought: Brought) -> None:
    kept = sorted(p.name for p in brought.space.ranges.iterdir())
    assert len(kept) == 1 and kept[0].endswith(".parquet")


# ---- small workspaces of their own


@pytest.fixture
def home(tmp_path: Path) -> Path:
    call("init", tmp_path / "acme")
    return tmp_path


def test_a_mapping_that_was_mended_is_used_though_its_number_stayed(home: Path) -> None:
    mappings = home / "acme" / "mappings"
    mappings.mkdir()
    (home / "own.csv").write_text(made.OWN_ROWS)
    (mappings / "own.yml").write_text(made.OWN)
    assert "1 rejected" in call("add", "--dir", home / "acme", "--quiet", home / "own.csv").out
    (mappings / "own.yml").write_text(made.OWN.replace("as: date", 'as: date, format: [iso, "%d/%m/%Y"]'))
    assert "3 kept + 0 rejected" in call("add", "--dir", home / "acme", "--quiet", home / "own.csv").out
    (mappings / "twin.yml").write_text("mapping: own\n" + made.OWN)
    told = call("add", "--dir", home / "acme", "--quiet", home / "own.csv")
    assert "Two mappings have one name" in told.err and "mappings/twin.yml:1" in told.err and "3 kept" in told.out


def accounts_of(home: Path, platform: str) -> list[dict[str, object]]:
    assert call("run", home / "acme", "--quiet").code == 0
    with OpenRun.last(home / "acme") as held:
        return held.rows("select * from accounts where platform = ? order by account_id", [platform])


def test_of_an_account_that_an_event_names_beside_another_the_later_event_still_wins(home: Path) -> None:
    admin = {"id": "00uadmin", "type": "User", "alternateId": "admin@acme.example", "displayName": "before"}
    new = {"id": "00unew", "type": "User", "alternateId": "new@acme.example", "displayName": "new"}
    created = made.event(1, actor=admin, eventType="user.lifecycle.create", target=[new])
    later = made.event(2, actor={**admin, "displayName": "after"})
    (home / "okta.jsonl").write_text(made.lines([created, later]))
    call("add", "--dir", home / "acme", "--quiet", home / "okta.jsonl")
    assert [(r["account_id"], r["display_name"]) for r in accounts_of(home, "okta")] == [("okta/00uadmin", "after"), ("okta/00unew", "new")]  # fmt: skip


def test_a_register_that_returns_to_what_it_said_ends_with_that(home: Path) -> None:
    head = "account_id,platform,display_name\n"
    (home / "acme" / "inputs" / "accounts.csv").write_text(head + "a,site,one\na,site,two\na,site,one\n")
    assert [r["display_name"] for r in accounts_of(home, "site")] == ["one"]
    with OpenRun.last(home / "acme") as held:
        (source,) = held.rows("select * from sources")
    assert (source["read"], source["kept"], source["equal"]) == (3, 2, 1)


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_applications_alone_give_applicants_and_take_no_name_from_candidates(
    home: Path, order: tuple[str, str]
) -> None:
    application = {
        "id": 1,
        "candidate_id": 538,
        "applied_at": "2026-03-26T20:11:39.000Z",
        "status": "active",
        "jobs": [{"id": 7}],
    }
    other = {**application, "id": 2, "candidate_id": 540}
    candidate = {"id": 538, "first_name": "Ada", "last_name": "Example", "email_addresses": [{"value": "ada@mail.example"}], "application_ids": [1]}  # fmt: skip
    (home / f"{order[0]}.json").write_text(json.dumps([application, other]))
    (home / f"{order[1]}.json").write_text(json.dumps([candidate]))
    told = call("add", "--dir", home / "acme", "--quiet", home / "a.json", home / "b.json")
    assert told.code == 0 and told.err == ""
    found = accounts_of(home, "greenhouse")
    assert [(r["account_id"], r["kind"], r["legal_name"]) for r in found] == [
        ("greenhouse/538", "applicant", "Ada Example"), ("greenhouse/540", "applicant", None),
    ]  # fmt: skip
    with OpenRun.last(home / "acme") as held:
        assessed = {r["subject"] for r in held.rows("select subject from assessment")}
        assert {"account:greenhouse/538", "account:greenhouse/540"} <= assessed


def test_an_inventory_without_times_gets_the_newest_of_its_export_and_is_refused_where_there_is_none(
    home: Path,
) -> None:
    software = {"DeviceId": "d1", "DeviceName": "laptop", "SoftwareVendor": "anydesk", "SoftwareName": "anydesk", "SoftwareVersion": "7"}  # fmt: skip
    dated = [{**software, "SoftwareName": n, "Timestamp": t} for n, t in (("one", "2026-10-02T00:00:00Z"), ("two", "2026-10-01T00:00:00Z"))]  # fmt: skip
    (home / "some.jsonl").write_text(made.lines([software, *dated]))
    (home / "none.jsonl").write_text(made.lines([{**software, "DeviceId": "d2"}]))
    told = call("add", "--dir", home / "acme", "--quiet", home / "some.jsonl", home / "none.jsonl")
    assert "3 kept + 0 rejected" in told.out and "0 kept + 1 rejected" in told.out
    assert call("run", home / "acme", "--quiet").code == 0
    with OpenRun.last(home / "acme") as held:
        (row,) = held.rows("select happened_at from endpoint_facts where product = 'anydesk'")
        assert str(row["happened_at"])[:10] == "2026-10-02"
        (reason,) = held.rows("select reason from rejected_endpoint_facts")
    assert "no time" in str(reason["reason"]) and "line 1" in str(reason["reason"])


def test_one_user_with_very_many_events_is_one_account(home: Path) -> None:
    count = 20_000
    with (home / "bot.jsonl").open("w") as file:
        for n in range(count):
            when = f"2026-{n % 9 + 1:02d}-{n % 28 + 1:02d}T{n % 24:02d}:{n // 24 % 60:02d}:{n // 1440 % 60:02d}Z"
            file.write(json.dumps(made.event(n, user=1, when=when)) + "\n")
    told = call("add", "--dir", home / "acme", "--quiet", home / "bot.jsonl")
    assert f"sign_ins {count:,} ({count:,} success)" in told.out and told.err == ""
    assert len(accounts_of(home, "okta")) == 1 and DAY.year == 2026
