"""Rings: several independent keys or a large group with two of them; never a couple, a person, a team unmarked."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from mapae.linkage import keys, rings
from mapae.rules.kinds import load_catalogue


def question(hands: int = 100_000) -> keys.Question:
    return keys.read(load_catalogue().keys, hands, 0.013)


def facts(tables: Any, subject: str) -> dict[str, Any]:
    row = next(r for r in tables["findings/ring"].to_pylist() if r["subject"] == f"account:{subject}")
    made: dict[str, Any] = json.loads(row["facts"])
    return made


def test_a_familys_device_makes_an_unknown_link_and_no_ring(world: Any) -> None:
    world.hold("a b", device="D")
    made = world.run()
    assert made["findings/ring"].num_rows == 0
    (link,) = made["findings/link"].to_pylist()
    assert (link["subject"], link["object"]) == ("account:a", "account:b")
    assert link["verdict"] == "unknown" and link["keys"] == ["device"] and link["because_n"] == 2


@pytest.mark.parametrize("names", ["a b", "a b c"])
def test_a_household_may_share_device_bank_account_and_telephone(world: Any, names: str) -> None:
    world.hold(names, device="D", payout="P", phone="T")
    assert world.rings() == {}


def test_two_accounts_with_one_document_and_one_payout_are_a_ring(world: Any) -> None:
    world.hold("a b", document="X", payout="P")
    assert world.rings() == {"ring:a": ["a", "b"]}


def test_the_same_number_of_two_countries_is_not_the_same_document(world: Any) -> None:
    world.account("a", country="KR")
    world.account("b", country="JP")
    world.hold("a b", document="X", payout="P")
    assert world.rings() == {}


def test_a_planted_ring_is_found_whole_and_named_after_its_earliest_member(world: Any) -> None:
    world.account("zoe")
    world.hold("a b c", device="D1")
    world.hold("d e zoe", device="D2")
    world.hold("a b c d e zoe", payout="P")
    made = world.run()
    rows = made["findings/ring"].to_pylist()
    assert {row["object"] for row in rows} == {"ring:zoe"} and len(rows) == 6
    assert {row["size"] for row in rows} == {6}
    ids = {row["id"] for row in made["findings/link"].to_pylist()}
    for row in rows:
        assert row["because"] and {ref.removeprefix("finding:") for ref in row["because"]} <= ids
        assert row["because_n"] == 5 and row["member_permille"] >= 500


def test_a_members_partner_is_not_welded_to_the_ring(world: Any) -> None:
    world.hold("a b c d e", device="D", payout="P")
    world.hold("e wife", device="D2", payout="P2", phone="T")
    assert world.rings() == {"ring:a": ["a", "b", "c", "d", "e"]}


def test_two_rings_with_one_tie_between_them_stay_two(world: Any) -> None:
    world.hold("a b c d", device="D", payout="P")
    world.hold("e f g h", device="E", payout="Q")
    world.hold("d e", phone="T")
    assert world.rings() == {"ring:a": ["a", "b", "c", "d"], "ring:e": ["e", "f", "g", "h"]}
    world.hold("c f", text="X")
    assert len(world.rings()) == 2


def test_one_kind_of_key_is_never_a_ring_however_many_share_it(world: Any) -> None:
    world.hold(" ".join(f"a{i}" for i in range(24)), payout="P")
    for i in range(23):
        world.hold(f"a{i} a{i + 1}", payout=f"P{i}")
    assert world.rings() == {}


def test_two_devices_shared_by_the_same_two_say_no_more_than_one(world: Any) -> None:
    world.hold("a b", device="D1")
    one = world.run()["findings/link"].to_pylist()[0]["centibits"]
    world.hold("a b", device="D2")
    assert world.run()["findings/link"].to_pylist()[0]["centibits"] == one


def test_values_above_their_ceiling_are_not_used_and_are_counted(world: Any) -> None:
    ceiling = question().keys["device"].ceiling
    names = [f"a{i:02}" for i in range(ceiling)]
    world.hold(" ".join(names), device="kiosk")
    made = world.run()
    assert made["findings/link"].num_rows == ceiling * (ceiling - 1) // 2 and made["notes/linkage"].num_rows == 0
    world.hold("one-more", device="kiosk")
    made = world.run()
    assert made["findings/link"].num_rows == 0
    (note,) = made["notes/linkage"].to_pylist()
    assert (note["about"], note["values_left_out"], note["holders"]) == ("device", 1, ceiling + 1)


def test_one_person_with_six_systems_is_no_ring_and_no_link(world: Any) -> None:
    for i in range(6):
        world.account(f"s{i}", person="p1")
        world.hold(f"s{i}", device="D", payout="P", email="x@example.org")
    made = world.run()
    assert made["findings/ring"].num_rows == 0 and made["findings/link"].num_rows == 0


def test_all_accounts_of_a_person_are_one_member_under_the_account_that_stands_for_it(world: Any) -> None:
    for i in range(3):
        world.account(f"s{i}", person="p1")
    world.hold("s0 b c d", device="D", payout="P")
    rows = world.run()["findings/ring"].to_pylist()
    assert sorted(row["subject"] for row in rows) == [f"account:{n}" for n in ("b", "c", "d", "s0")]
    assert {row["size"] for row in rows} == {4}


def test_a_declared_team_is_still_seen_and_marked_declared(world: Any) -> None:
    world.hold("a b c d e", device="D", payout="P")
    world.declare("team", "a", "b", "account:c", "d", "e")
    made = world.run()
    assert made["findings/ring"].num_rows == 5 and facts(made, "a")["declared"] == "team"


def test_a_ring_with_a_declared_household_in_it_is_not_declared(world: Any) -> None:
    world.hold("a b c d e", device="D", payout="P")
    world.declare("household", "a", "b")
    assert "declared" not in facts(world.run(), "a")


def test_a_person_can_be_declared_by_the_persons_id(world: Any) -> None:
    for name in "abcd":
        world.account(name, person=f"p-{name}")
    world.hold("a b c d", device="D", payout="P")
    world.declare("household", "p-a", "person:p-b", "p-c", "p-d")
    assert facts(world.run(), "a")["declared"] == "household"


def test_an_account_joins_a_ring_whose_value_it_shares_where_most_holders_are_members(world: Any) -> None:
    world.hold("a b c d e", device="D", payout="P")
    world.hold("a b new", phone="T")
    world.hold("a b x1 x2 x3", photo="S")
    assert world.rings() == {"ring:a": ["a", "b", "c", "d", "e", "new"]}
    made = world.run()
    assert facts(made, "new")["joined"] == "attached" and facts(made, "a")["joined"] == "core"


def test_no_hand_is_in_two_rings_and_the_result_is_the_same_under_shuffles(world: Any) -> None:
    chance = random.Random(7)
    names = [f"a{i:03}" for i in range(120)]
    for n in range(90):
        kind = chance.choice(["device", "payout", "phone", "text", "document"])
        world.hold(" ".join(chance.sample(names, chance.choice([2, 2, 3, 5]))), **{kind: f"V{n}"})
    for n in range(0, 60, 6):
        world.hold(" ".join(names[n : n + 6]), device=f"R{n}", payout=f"R{n}")
    first = world.run()
    subjects = [row["subject"] for row in first["findings/ring"].to_pylist()]
    assert subjects and len(subjects) == len(set(subjects))
    for _ in range(3):
        again = world.run(threads=4, order=chance.shuffle)
        assert all(first[name].equals(again[name]) for name in first)


def union_find(values: list[rings.Value]) -> set[frozenset[str]]:
    """Components of hands by the textbook, without a graph library."""
    leader: dict[str, str] = {}

    def root(x: str) -> str:
        leader.setdefault(x, x)
        while leader[x] != x:
            x = leader[x]
        return x

    for _, held in values:
        first = min(held)
        for hand in held:
            leader[root(hand)] = root(first)
    groups: dict[str, set[str]] = {}
    for hand in list(leader):
        groups.setdefault(root(hand), set()).add(hand)
    return {frozenset(group) for group in groups.values()}


def random_values(seed: int) -> list[rings.Value]:
    chance = random.Random(seed)
    hands = [f"h{i}" for i in range(chance.randint(2, 40))]
    made = {
        (chance.choice("dpt"), frozenset(chance.sample(hands, min(len(hands), chance.randint(2, 4)))))
        for _ in range(chance.randint(1, 30))
    }
    return sorted(made, key=lambda v: (v[0], sorted(v[1])))


@pytest.mark.parametrize("seed", range(200))
def test_components_are_those_of_the_textbook(seed: int) -> None:
    values = random_values(seed)
    found = {frozenset(hand for _, held in part for hand in held) for part in rings.components(values)}
    assert found == union_find(values)


@pytest.mark.parametrize("seed", range(200))
def test_a_block_holds_together_whichever_hand_is_taken_out(seed: int) -> None:
    for block in rings.blocks(random_values(seed)):
        assert len({key for key, _ in block}) > 1
        hands = sorted({hand for _, held in block for hand in held})
        for gone in hands:
            left = [(key, held - {gone}) for key, held in block if held - {gone}]
            assert len(union_find(left)) == 1
        for i in range(len(block)):
            rest = block[:i] + block[i + 1 :]
            assert union_find(rest) == {frozenset(hands)}


def test_a_weight_says_less_the_more_others_hold_the_value() -> None:
    asked = question()
    weights = [asked.weigh([("device", 2, holders), ("payout", 2, 2)])[0] for holders in (2, 5, 20)]
    assert weights == sorted(weights, reverse=True)


def test_rarity_is_capped_however_large_the_workspace() -> None:
    huge = question(10**9)
    assert keys.rarity(huge, "device", 2) == 100 * huge.keys["device"].cap


def test_a_tiny_workspace_is_weighed_as_part_of_a_large_world() -> None:
    assert question(5).hands == question(50_000).hands


def test_prior_and_weight_add_up_to_the_probability_said() -> None:
    asked = question()
    for size, shared in [
        (2, [("device", 2, 2)]),
        (5, [("device", 5, 5), ("payout", 5, 7)]),
        (40, [("payout", 40, 40)]),
    ]:
        weight, permille = asked.weigh(shared, size)
        assert permille == pytest.approx(1000 / (1 + 2 ** (-(weight + asked.prior(size)) / 100)), abs=5)


def test_a_crowd_that_only_hangs_together_is_no_ring() -> None:
    chance = random.Random(1)
    hands = [f"h{i}" for i in range(600)]
    held = [
        (kind, f"{kind}{i}", hand)
        for kind in ("device", "payout", "phone")
        for i in range(70)
        for hand in chance.sample(hands, 20)
    ]
    assert rings.find(held, question(600)) == []


def test_a_ring_is_found_inside_a_crowd_of_single_ties() -> None:
    chance = random.Random(2)
    hands = [f"h{i:03}" for i in range(400)]
    held = [("phone", f"T{i}", hand) for i in range(300) for hand in chance.sample(hands, 2)]
    held += [(kind, "planted", hand) for kind in ("device", "payout") for hand in hands[100:108]]
    found = rings.find(held, question(400))
    assert [ring.core for ring in found] == [tuple(hands[100:108])]
