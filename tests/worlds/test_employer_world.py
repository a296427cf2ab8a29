"""A simulated employer: the same bytes every time, honest people at the measured rates, traces of the planted in the files."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mapae.model.errors import MapaeError, WrongUse
from mapae.worlds.employer import evaluate, write
from mapae.worlds.employer.parameters import PLANTED, given

PEOPLE, MONTHS = 4_000, 3
PROXY_ADDRESSES, RELAY_ADDRESSES, OTHER_ADDRESSES = 316, 310, 6


def events(folder: Path) -> Iterator[dict[str, Any]]:
    with (folder / "inputs" / "okta.json").open(encoding="utf-8") as file:
        for line in file:
            if line.startswith("{"):
                yield json.loads(line.rstrip().rstrip(","))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ninety days of an employer with nobody planted, as the measured organisation."""
    folder = tmp_path_factory.mktemp("quiet") / "world"
    write.simulate(folder, PEOPLE, MONTHS, 0, 11, each=1)
    return folder


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted") / "world"
    write.simulate(folder, 400, 6, 5, 3, each=120)
    return folder


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write.simulate(tmp_path / name, 120, 2, 2, seed, each=60)
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    assert hashes(tmp_path / "a")["inputs/okta.json"] != hashes(tmp_path / "c")["inputs/okta.json"]


def test_more_events_a_person_leave_sign_ins_as_they_are(tmp_path: Path) -> None:
    write.simulate(tmp_path / "few", 100, 2, 0, 5, each=60)
    write.simulate(tmp_path / "many", 100, 2, 0, 5, each=200)

    def starts(name: str) -> Counter[tuple[str, str]]:
        return Counter(
            (e["actor"]["id"], e["client"]["ipAddress"])
            for e in events(tmp_path / name)
            if e["eventType"] == "user.session.start"
        )

    assert starts("few") == starts("many")
    assert sum(1 for _ in events(tmp_path / "many")) == 100 * 200


def test_proxies_are_as_many_as_were_measured(quiet: Path) -> None:
    relay, other, pairs = set(), set(), set()
    for event in events(quiet):
        if event["outcome"]["result"] in ("FAILURE", "DENY"):
            continue
        ip = event["client"]["ipAddress"]
        # Lines that speak IPv6 are counted by their /64, since the interface part changes daily.
        pairs.add((event["actor"]["id"], ip.split("::")[0]))
        if event["securityContext"]["isProxy"]:
            tunnels = json.loads(event["debugContext"]["debugData"]["tunnels"])
            (relay if "RELAY" in tunnels[0]["operator"] else other).add(ip)
    assert len(relay) == pytest.approx(RELAY_ADDRESSES, rel=0.15)
    assert 0 <= len(other) <= 3 * OTHER_ADDRESSES
    assert len(relay | other) == pytest.approx(PROXY_ADDRESSES, rel=0.15)
    assert len(pairs) / PEOPLE == pytest.approx(given()["addresses_per_person"], rel=0.25)


def test_relays_are_of_the_three_partners_alone(quiet: Path) -> None:
    orgs = {
        event["securityContext"]["asOrg"]
        for event in events(quiet)
        if "APPLE_ICLOUD_RELAY_PROXY" in event["debugContext"]["debugData"].get("tunnels", "")
    }
    assert orgs == {"akamai technologies", "cloudflare", "fastly"}


def test_nobody_is_planted_where_none_are_asked_for(quiet: Path) -> None:
    assert {row["planted"] for row in rows(quiet / "truth" / "people.csv")} == {"false"}
    assert json.loads((quiet / "truth" / "farms.json").read_text("utf-8"))["farms"] == []


def test_addresses_belong_to_nobody(planted: Path) -> None:
    for event in events(planted):
        ip = event["client"]["ipAddress"]
        assert ip.startswith("2001:db8:") or 240 <= int(ip.split(".")[0]) <= 255


@pytest.mark.parametrize("number", sorted(PLANTED))
def test_as_many_are_planted_as_asked_for(tmp_path: Path, number: int) -> None:
    write.simulate(tmp_path / "w", 200, 6, number, 2, each=1)
    people = rows(tmp_path / "w" / "truth" / "people.csv")
    assert sum(row["planted"] == "true" for row in people) == number
    farms = json.loads((tmp_path / "w" / "truth" / "farms.json").read_text("utf-8"))["farms"]
    assert tuple(len(farm["members"]) for farm in farms) == PLANTED[number]


def test_planted_workers_have_honest_people_as_they_were(tmp_path: Path) -> None:
    """What is planted changes nobody else's row of the register."""
    for name, number in (("none", 0), ("two", 2)):
        write.simulate(tmp_path / name, 200, 3, number, 4, each=1)
    guilty = {r["person_id"] for r in rows(tmp_path / "two" / "truth" / "people.csv") if r["planted"] == "true"}
    before, after = (
        {
            r["Employee ID"]: (r["Name"], r["Home City"], r["Hire Date"])
            for r in rows(tmp_path / n / "inputs" / "employees.csv")
        }
        for n in ("none", "two")
    )
    assert {p for p in before if before[p] != after[p]} <= guilty


class Files:
    """What the files say, by work e-mail."""

    def __init__(self, folder: Path) -> None:
        self.hr = {row["Work Email"]: row for row in rows(folder / "inputs" / "employees.csv")}
        self.parcel = {
            row["Assignee Email"]: row["Ship To Street"] for row in rows(folder / "inputs" / "shipments.csv")
        }
        self.days: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.factors: dict[str, set[str]] = defaultdict(set)
        self.codes: dict[str, set[str]] = defaultdict(set)
        self.operators: dict[str, set[str]] = defaultdict(set)
        self.countries: dict[str, set[str]] = defaultdict(set)
        for event in events(folder):
            who, kind = event["actor"]["alternateId"], event["eventType"]
            if event["outcome"]["result"] not in ("SUCCESS", "ALLOW"):
                continue
            ip = event["client"]["ipAddress"].split("::")[0]
            self.days[who, ip].add(event["published"][:10])
            self.countries[who].add(event["client"]["geographicalContext"]["country"])
            self.operators[who].add(event["debugContext"]["debugData"].get("tunnels", ""))
            if kind == "device.user.add":
                self.factors[who].add(event["target"][1]["detailEntry"]["oktaDeviceId"])
            if kind == "system.sms.send_phone_verification_message":
                self.codes[who].add(event["target"][0]["id"])
        self.software: dict[str, set[str]] = defaultdict(set)
        self.usb: dict[str, list[str]] = defaultdict(list)
        with (folder / "inputs" / "defender.jsonl").open(encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                if "SoftwareName" in row:
                    self.software[row["AccountUpn"]].add(row["SoftwareName"])
                else:
                    self.usb[row["AccountUpn"]].append(json.loads(row["AdditionalFields"])["DeviceDescription"])


def shown(files: Files, one: str, other: str | None, trace: str) -> bool:
    """Whether a trace stands in the files."""
    register, told = files.hr[one], given()
    if trace == "line":
        lines = [{ip for (who, ip), days in files.days.items() if who == w and len(days) >= 3} for w in (one, other)]
        return bool(lines[0] & lines[1])
    if trace in ("device", "phone"):
        held = files.factors if trace == "device" else files.codes
        return bool(held[one] & held[str(other)])
    if trace == "account":
        return register["Pay Account"] == files.hr[str(other)]["Pay Account"]
    if trace == "address":
        both = [
            {files.hr[w]["Home Address"], files.parcel.get(w, files.hr[w]["Home Address"])} for w in (one, str(other))
        ]
        return bool(both[0] & both[1])
    if trace == "referral":
        ids = [files.hr[w]["Employee ID"] for w in (one, str(other))]
        return register["Referred By ID"] == ids[1] or files.hr[str(other)]["Referred By ID"] == ids[0]
    if trace == "tunnel":
        return any(o["operator"] in str(files.operators[one]) for o in told.networks["planted_tunnel"])
    if trace == "foreign":
        return len(files.countries[one]) > 1
    if trace == "tool":
        known = {name.lower().replace(" ", "_") for name in told.endpoints["planted_tools"]}
        return bool(files.software[one] & known)
    if trace == "kvm":
        return any(name in files.usb[one] for name in (k["name"] for k in told.endpoints["kvm"]))
    if trace == "parcel":
        return files.parcel[one] != register["Home Address"]
    return trace in ("elsewhere", "hours")


@pytest.mark.parametrize("seed", [3, 4, 5, 6])
def test_traces_of_the_truth_stand_in_the_files(tmp_path: Path, seed: int) -> None:
    write.simulate(tmp_path / "w", 200, 6, 5, seed, each=120)
    files = Files(tmp_path / "w")
    guilty = [row for row in rows(tmp_path / "w" / "truth" / "people.csv") if row["planted"] == "true"]
    looked_at = 0
    for row in guilty:
        other = next((o["email"] for o in guilty if o["farm"] == row["farm"] and o is not row), None)
        for trace in filter(None, row["traces"].split(";")):
            looked_at += 1
            assert shown(files, row["email"], other, trace), (row["email"], trace)
    assert looked_at


def test_names_have_nothing_to_do_with_what_somebody_does(planted: Path) -> None:
    """Names of the planted are drawn as everybody's: the same seed with nobody planted has the same names."""
    people = {row["Employee ID"]: row["Name"] for row in rows(planted / "inputs" / "employees.csv")}
    other = planted.parent / "nobody"
    write.simulate(other, 400, 6, 0, 3, each=1)
    assert people == {row["Employee ID"]: row["Name"] for row in rows(other / "inputs" / "employees.csv")}


def test_no_stage_knows_of_the_truth() -> None:
    """Outside the worlds no module names the folder, and the pipeline takes inputs from inputs/ alone."""
    root = Path(sys.modules["mapae"].__file__ or "").parent
    naming = {
        path.relative_to(root).parts[0]
        for path in root.rglob("*.py")
        if re.search(r"[\"']truth[\"'/]|truth/", path.read_text("utf-8"))
    }
    assert naming <= {"worlds", "cli"}


def test_numbers_out_of_range_are_refused(tmp_path: Path) -> None:
    for wrong in ({"people": 3}, {"months": 0}, {"planted": 3}, {"seed": -1}):
        with pytest.raises(WrongUse):
            write.simulate(tmp_path / "w", **{"people": 100, "months": 1, "planted": 0, "seed": 1, **wrong})
    assert not (tmp_path / "w").exists()


def test_a_folder_with_inputs_is_refused(tmp_path: Path) -> None:
    write.simulate(tmp_path / "w", 60, 1, 0, 1, each=1)
    with pytest.raises(MapaeError, match="already holds a workspace"):
        write.simulate(tmp_path / "w", 60, 1, 0, 1, each=1)


def assessments(said: dict[str, int], rings: dict[str, str]) -> Any:
    import pyarrow as pa

    made = [
        {
            "subject": f"account:hr/{p}",
            "verdict": "yes" if c > 997 else "no",
            "centibits": c,
            "prior_centibits": -997,
            "ring": rings.get(p, ""),
        }
        for p, c in said.items()
    ]
    return pa.Table.from_pylist(made)


def people(*planted: tuple[str, str, str]) -> list[dict[str, str]]:
    told = {p: (farm, traces) for p, farm, traces in planted}
    return [
        {"person_id": f"E{i}", "planted": str(f"E{i}" in told).lower(), "farm": told.get(f"E{i}", ("", ""))[0],
         "kinds": "", "traces": told.get(f"E{i}", ("", ""))[1], "families": "control" if f"E{i}" in told else ""}
        for i in range(30)
    ]  # fmt: skip


def test_a_ring_is_one_place_of_the_queue() -> None:
    table = assessments(
        {f"E{i}": 500 - i for i in range(30)} | {"E20": 600, "E21": 550}, {"E20": "ring:1", "E21": "ring:1"}
    )
    queue = evaluate.queue(table)
    assert (queue[0]["case"], len(queue[0]["subjects"]), queue[0]["centibits"]) == ("ring:1", 2, 600)
    assert queue[1]["subjects"] == ["account:hr/E0"]


def test_a_farm_is_found_when_both_stand_in_the_first_ten() -> None:
    who = people(("E9", "farm-0", "line"), ("E10", "farm-0", "line"))
    farms = [{"farm": "farm-0", "members": ["E10", "E9"], "plain": ["line"], "traces": ["line"]}]
    subjects = {f"E{i}": f"account:hr/E{i}" for i in range(30)}
    apart = evaluate.score(who, farms, [], assessments({f"E{i}": 500 - i for i in range(30)}, {}), subjects, 300)
    assert apart["plain_in_first"]["found"] == 0
    ring = assessments({f"E{i}": 500 - i for i in range(30)}, {"E9": "ring:1", "E10": "ring:1"})
    together = evaluate.score(who, farms, [], ring, subjects, 300)
    assert (together["plain_in_first"]["found"], together["farms"][0]["ranks"]) == (1, [10, 10])
    assert "[simulated]" in evaluate.text(together)


def test_those_without_a_trace_are_listed_with_what_would_have_shown_them() -> None:
    who = people(("E3", "farm-0", ""))
    farms = [{"farm": "farm-0", "members": ["E3"], "plain": [], "traces": []}]
    table = assessments({f"E{i}": i for i in range(30)}, {})
    figures = evaluate.score(
        who, farms, ["papers shown in person"], table, {f"E{i}": f"account:hr/E{i}" for i in range(30)}, 300
    )
    assert figures["without_trace"] == ["E3"]
    assert "papers shown in person" in evaluate.text(figures)
