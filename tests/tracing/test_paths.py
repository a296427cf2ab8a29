"""Paths lead from a ring's accounts to listed parties, hop by hop, each hop with its ground."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest

from mapae.rules.kinds import load_catalogue
from mapae.rules.load import load_file
from mapae.tracing.graph import Hop
from mapae.tracing.money import total
from mapae.tracing.roles import read


def bounds() -> Any:
    return read(load_file(load_catalogue().root / "tracing.yml"))


def chain(relations: Any, *nodes: str) -> None:
    for one, other in itertools.pairwise(nodes):
        relations.edge(one, other, "paid_to" if one.startswith("account:") else "paid", cents=100)


def test_a_payout_to_a_listed_wallet_reaches_its_holder_directly(relations: Any) -> None:
    relations.ring("a", "a", "b", permille=870)
    relations.edge("account:a", "wallet:w", "paid_to", cents=5000, days=("2024-01-01", "2024-02-01"))
    relations.edge("wallet:w", "party:bank", "held_by")
    relations.listed("bank")
    (path,) = relations.paths()
    assert path["subject"] == "party:bank" and path["object"].startswith("conduct:ring:a|")
    assert path["direct"] and path["role"] == "controls_wallet" and path["weakest_permille"] == 870
    assert [hop["role"] for hop in path["hops"]] == ["member", "paid_to", "held_by"]
    assert path["because"] == sorted(hop["ref"] for hop in path["hops"])
    facts = json.loads(path["facts"])
    assert facts["cents"] == 5000 and facts["conduct"] == "ring:a" and facts["programs"] == "DPRK3"


def test_whoever_stands_between_has_a_path_of_their_own_on_the_same_route(relations: Any) -> None:
    relations.ring("a", "a")
    relations.edge("account:a", "party:front", "paid_to", cents=100)
    relations.edge("party:front", "party:bank", "owned_by")
    relations.listed("bank")
    rows = {row["subject"]: row for row in relations.paths()}
    assert set(rows) == {"party:front", "party:bank"}
    assert rows["party:front"]["object"] == rows["party:bank"]["object"]
    assert rows["party:front"]["role"] == "receives_money" and rows["party:front"]["direct"]
    assert rows["party:bank"]["role"] == "owns_receiver" and not rows["party:bank"]["direct"]
    assert len(rows["party:front"]["hops"]) == 2


@pytest.mark.parametrize(("between", "reached"), [(3, True), (4, False)])
def test_four_steps_are_walked_and_five_are_not(relations: Any, between: int, reached: bool) -> None:
    relations.ring("a", "a")
    chain(relations, "account:a", *(f"party:p{i}" for i in range(between)), "party:bank")
    relations.listed("bank")
    assert any(row["subject"] == "party:bank" for row in relations.paths()) is reached


def test_two_routes_are_two_findings(relations: Any) -> None:
    relations.ring("a", "a")
    chain(relations, "account:a", "party:x", "party:bank")
    chain(relations, "account:a", "party:y", "party:bank")
    relations.listed("bank")
    found = [row for row in relations.paths() if row["subject"] == "party:bank"]
    assert len(found) == len({row["object"] for row in found}) == len({row["id"] for row in found}) == 2
    assert all(json.loads(row["facts"])["routes"] == 2 for row in found)


def test_an_exchange_is_not_walked_through_and_that_is_said(relations: Any) -> None:
    relations.ring("a", "a")
    chain(relations, "account:a", "party:exchange", "party:bank")
    relations.listed("bank")
    for i in range(198):
        relations.edge(f"account:c{i}", "party:exchange")
    assert relations.paths()
    relations.edge("account:one-more", "party:exchange")
    made = relations.run()
    assert made["findings/path"].num_rows == 0
    (note,) = made["notes/tracing"].to_pylist()
    assert note["about"] == "party:exchange" and note["neighbours"] == 201 and "200" in note["says"]


def test_a_listed_party_with_many_customers_still_ends_a_path(relations: Any) -> None:
    relations.ring("a", "a")
    relations.listed("bank")
    for i in range(400):
        relations.edge(f"account:c{i}", "party:bank")
    relations.edge("account:a", "party:bank")
    assert [row["subject"] for row in relations.paths()] == ["party:bank"]


def test_money_that_a_listed_wallet_sends_makes_no_path(relations: Any) -> None:
    relations.ring("a", "a")
    relations.edge("wallet:listed", "wallet:mine", "transferred", cents=1)
    relations.edge("account:a", "wallet:mine", "paid_to")
    relations.edge("wallet:listed", "party:bank", "held_by")
    relations.listed("bank")
    assert relations.paths() == []


def test_accounts_in_no_ring_begin_no_path_unless_they_match_exactly(relations: Any) -> None:
    chain(relations, "account:a", "party:bank")
    relations.listed("bank")
    assert relations.paths() == []
    relations.match("account:a", "somebody", level="strong")
    assert relations.paths() == []
    relations.match("account:a", "other")
    assert [row["object"].split("|")[0] for row in relations.paths()] == ["conduct:account:a"]


def test_only_an_exact_match_is_a_hop(relations: Any) -> None:
    relations.ring("a", "a")
    relations.edge("account:a", "party:iban-1")
    relations.listed("bank")
    relations.match("party:iban-1", "bank", level="possible")
    assert relations.paths() == []
    relations.match("party:iban-1", "bank", level="exact")
    end = next(row for row in relations.paths() if row["subject"] == "party:bank")
    assert end["role"] == "is_listed_as" and end["direct"]
    assert any(ref.startswith("finding:") for ref in end["because"])


def test_a_payout_to_a_listed_wallet_does_not_make_the_payee_the_listed_party(relations: Any) -> None:
    relations.edge("account:a", "wallet:0xab")
    relations.edge("wallet:0xAB", "party:bank", "held_by")
    relations.match("account:a", "bank", alias="0xAB")
    relations.match("wallet:0xab", "bank", alias="0xAB")
    relations.listed("bank")
    (path,) = relations.paths()
    assert path["role"] == "controls_wallet" and path["direct"]
    assert [hop["role"] for hop in path["hops"]] == ["paid_to", "held_by"]


def test_a_holder_that_the_list_names_is_not_said_twice(relations: Any) -> None:
    relations.ring("a", "a")
    relations.edge("account:a", "wallet:w")
    relations.edge("wallet:w", "party:bank", "held_by")
    relations.match("wallet:w", "bank")
    relations.listed("bank")
    (path,) = relations.paths()
    assert all(ref.startswith(("record:", "finding:")) for ref in path["because"]) and len(path["hops"]) == 3


def test_other_programmes_are_not_looked_for_unless_the_entry_says_north_korea(relations: Any) -> None:
    relations.ring("a", "a")
    relations.edge("account:a", "party:x")
    relations.listed("x", programs="NPWMD;IRAN")
    assert relations.paths() == []
    relations.remark("x", "Secondary sanctions risk: North Korea Sanctions Regulations, sections 510.201 and 510.210")
    assert len(relations.paths()) == 1


def test_family_is_no_path(relations: Any) -> None:
    relations.ring("a", "a")
    relations.edge("account:a", "party:x")
    relations.edge("party:x", "party:bank", "family_of")
    relations.listed("bank")
    assert relations.paths() == []


def test_money_cannot_go_on_before_it_came(relations: Any) -> None:
    relations.ring("a", "a")
    relations.edge("account:a", "party:x", "paid_to", days=("2024-05-01", "2024-06-01"))
    relations.edge("party:x", "party:bank", "paid", days=("2023-01-01", "2024-04-30"))
    relations.listed("bank")
    assert relations.paths() == []
    relations.edge("party:x", "party:bank", "paid", days=("2023-01-01", "2024-05-01"))
    assert any(row["subject"] == "party:bank" for row in relations.paths())


def test_cents_are_what_the_first_hop_paid_and_never_more(relations: Any) -> None:
    relations.ring("a", "a")
    relations.edge("account:a", "party:x", "paid_to", cents=10_000)
    relations.edge("party:x", "party:bank", "paid", cents=2_500)
    relations.listed("bank")
    end = next(row for row in relations.paths() if row["subject"] == "party:bank")
    facts = json.loads(end["facts"])
    assert facts["cents"] == 10_000 and facts["passed_on_permille"] == 250


def test_one_payment_on_many_routes_counts_once() -> None:
    first = Hop("account:a", "party:x", "paid_to", "record:x:s:1", cents=700)
    routes = [(first, Hop("party:x", f"party:y{i}", "paid", f"record:x:s:{i}", cents=700)) for i in range(2, 9)]
    assert total(routes, bounds()) == 700


def test_a_circle_is_walked_once(relations: Any) -> None:
    relations.ring("a", "a")
    chain(relations, "account:a", "party:x", "party:y", "party:x")
    relations.edge("party:y", "party:bank", "paid")
    relations.listed("bank")
    for row in relations.paths():
        ends = [hop["to_ref"] for hop in row["hops"]]
        assert len(ends) == len(set(ends))


def test_behind_a_listed_party_the_walk_ends(relations: Any) -> None:
    relations.ring("a", "a")
    chain(relations, "account:a", "party:near", "party:far")
    relations.listed("near")
    relations.listed("far")
    assert {row["subject"] for row in relations.paths()} == {"party:near"}


def brute(relations: Any, start: str, ends: set[str], depth: int) -> set[tuple[str, ...]]:
    """Every route by plain recursion over all edges."""
    found: set[tuple[str, ...]] = set()

    def go(at: str, passed: tuple[str, ...], refs: tuple[str, ...]) -> None:
        for edge in relations.edges:
            if edge["from_ref"] != at or edge["to_ref"] in passed or len(refs) == depth:
                continue
            if edge["to_ref"] in ends:
                found.add((*refs, edge["ref"]))
            else:
                go(edge["to_ref"], (*passed, edge["to_ref"]), (*refs, edge["ref"]))

    go(start, (start,), ())
    return found


@pytest.mark.parametrize("seed", range(40))
def test_the_walk_finds_what_plain_recursion_finds_and_the_same_under_shuffles(relations: Any, seed: int) -> None:
    chance = random.Random(seed)
    nodes = [f"party:n{i}" for i in range(9)]
    relations.ring("a", "a")
    for node in chance.sample(nodes, 2):
        relations.edge("account:a", node)
    for one in nodes:
        for other in chance.sample(nodes, 1):
            if one != other:
                relations.edge(one, other, "paid")
    ends = set(chance.sample(nodes, 2))
    for end in ends:
        relations.listed(end.removeprefix("party:"))
    first = relations.run()
    rows = [row for row in first["findings/path"].to_pylist() if row["subject"] in ends]
    assert {tuple(hop["ref"] for hop in row["hops"][1:]) for row in rows} == brute(relations, "account:a", ends, 4)
    again = relations.run(threads=4, order=chance.shuffle)
    assert first["findings/path"].equals(again["findings/path"])
