"""``pivot``: who had a value, when, how rare it is, what to look at next; every look is noted, no value stands in the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from outgoing import FARM, HOME, PEOPLE
from small import call, key_in

from mapae.reports import identifiers
from mapae.store import ledger
from mapae.store.workspace import Workspace


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(employer_key: Path) -> Iterator[None]:
    with key_in(employer_key):
        yield


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory, employer_copy: Callable[[Path], Workspace]) -> Workspace:
    return employer_copy(tmp_path_factory.mktemp("pivot") / "w")


def look(space: Workspace, value: str, *more: str) -> list[dict[str, object]]:
    told = call("pivot", value, space.root, "--json", *more)
    assert told.code == 0, told.text
    return list(json.loads(told.out))


@pytest.mark.parametrize(
    ("value", "kind", "holders"),
    [
        ("2001:DB8:7:7::1", "ip", 1),
        (HOME, "/64", 4),
        ("2001:db8:0007:0007::/64", "/64", 4),
        ("198.51.100.9", "ip", 1),
        ("+1 (202) 555-0100", "phone", 4),
        ("Canary7@CORP.example", "email", 1),
        ("d-farm", "device", 4),
        ("serial5", "device", 1),
        ("phone-farm", "authenticator", 4),
        ("bank-farm", "payout", 4),
        ("9 FARM road,  Nashville", "address", 4),
    ],
)
def test_every_kind_is_found_in_the_normal_form_that_readers_make(
    value: str, kind: str, holders: int, space: Workspace
) -> None:
    found = {f["kind"]: f for f in look(space, value)}
    assert len(found[kind]["holders"]) == holders and found[kind]["people"] == PEOPLE  # type: ignore[arg-type]


def test_people_hold_values_and_not_their_logins(space: Workspace) -> None:
    (one,) = look(space, "canary7@corp.example")
    assert [h["holder"] for h in one["holders"]] == ["chat/u7"]  # type: ignore[attr-defined]
    assert one["holders"][0]["rows"] == 2  # type: ignore[index]


def test_first_and_last_sight_are_told(space: Workspace) -> None:
    (one,) = [f for f in look(space, HOME) if f["kind"] == "/64"]
    holder = one["holders"][0]  # type: ignore[index]
    assert holder["first"] == "2026-05-01T01:00:00+00:00" and holder["last"] == "2026-05-20T01:00:00+00:00"
    assert holder["rows"] == 20 and holder["tables"] == "sign_ins.ip_64"


def test_failed_attempts_give_nobody_an_address(space: Workspace) -> None:
    (home,) = [f for f in look(space, HOME) if f["kind"] == "/64"]
    assert home["tried"] == 1 and "chat/u5" not in str(home["holders"])
    told = call("pivot", "2001:db8:7:7::9", space.root)
    assert (
        told.code == 0 and "nobody signed in from it" in told.out and "1 sign-ins from it did not succeed" in told.out
    )


def test_the_next_values_are_those_that_few_have_shared_ones_first(space: Workspace) -> None:
    (one,) = [f for f in look(space, "phone-farm") if f["kind"] == "authenticator"]
    following = {(x["kind"], x["value"]): x for x in one["next"]}  # type: ignore[attr-defined]
    assert following["/64", HOME]["holders"] == 4 and following["payout", "bank-farm"]["here"] == 4
    shared = [x["holders"] > 1 for x in one["next"]]  # type: ignore[attr-defined]
    assert shared == sorted(shared, reverse=True) and ("authenticator", "phone-farm") not in following


def test_each_look_is_a_read_in_the_ledger_and_the_value_is_sealed(space: Workspace) -> None:
    before = len(ledger.read(space.ledger).lines)
    look(space, "canary3@corp.example")
    told = call("pivot", "nobody@corp.example", space.root)
    assert told.code == 1 and "No row of the last run holds this value" in told.err
    acts = [line.act for line in ledger.read(space.ledger).lines[before:]]
    assert [a["act"] for a in acts] == ["read", "read"] and acts[0]["people"] == 1 and acts[1]["people"] == 0
    assert acts[0]["value"].startswith("hmac:") and acts[0]["value"] != acts[1]["value"]
    assert "canary" not in space.ledger.read_text() and call("verify", space.root).code == 0


def test_a_kind_narrows_the_look_and_a_wrong_one_is_said(space: Workspace) -> None:
    assert [f["kind"] for f in look(space, "2001:db8:7:7::1", "--kind", "/64")] == ["/64"]
    assert call("pivot", "d-farm", space.root, "--kind", "ip").code == 2
    told = call("pivot", "d-farm", space.root, "--kind", "shoe")
    assert told.code == 2 and "Kinds: ip, /64" in told.err


def test_text_for_a_terminal_steers_none(space: Workspace) -> None:
    told = call("pivot", FARM[0] + "\x1b[2J", space.root)
    assert "\x1b" not in told.text and told.code == 1


def test_normal_forms_say_what_a_value_can_be() -> None:
    assert identifiers.normal("AS64500")["asn"] == "64500" and "ip" not in identifiers.normal("AS64500")
    assert identifiers.normal("::ffff:198.51.100.7")["ip"] == "198.51.100.7"
    assert "address" not in identifiers.normal("198.51.100.7") and "phone" not in identifiers.normal("12025550100")
    assert identifiers.normal("0012025550100")["phone"] == "+12025550100"


def test_one_row_is_not_enough_to_be_found_below_another_name(space: Workspace, tmp_path: Path) -> None:
    assert call("pivot", "d-far", space.root).code == 1
