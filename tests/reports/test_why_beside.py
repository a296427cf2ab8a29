"""Beside a tree of grounds: how many of one's own people do the same, honest reasons, and what would settle it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from outgoing import PEOPLE
from small import call, key_in

from mapae.reports import beside, facts
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(employer_key: Path) -> Iterator[None]:
    with key_in(employer_key):
        yield


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory, employer_copy: Callable[[Path], Workspace]) -> Workspace:
    return employer_copy(tmp_path_factory.mktemp("beside") / "w")


def why(space: Workspace, sql: str) -> str:
    with OpenRun.last(space.root) as run:
        id_ = run.rows(sql)[0]["id"]
    told = call("why", id_, space.root)
    assert told.code == 0, told.text
    return told.out


def test_a_sign_is_compared_with_ones_own_people(space: Workspace) -> None:
    text = why(space, "select id from flag where rule = 'device.remote_control' order by subject")
    assert f"device.remote_control: 4 of {PEOPLE} of your people do the same" in text
    assert "may be innocent: works by remote desktop because of a disability" in text
    assert "left out beforehand: declared accommodations" in text and "would settle it: " in text


def test_a_sign_that_few_can_be_asked_of_says_so(space: Workspace) -> None:
    with OpenRun.last(space.root) as run:
        assert beside.doing_the_same(run, "network.hosting")[2] == PEOPLE
        run.con.execute(
            "create or replace temp view answers as select 'x' as account_id, 'unknown' as a__b union all select 'y', 'yes'"
        )
        assert beside.same(run, "a.b") == "1 of 2 of your people do the same (it can be known of 1)"
        assert beside.doing_the_same(run, "no.such") == (0, 0, 2)


def test_what_a_ring_shares_is_half_covered_with_its_holders(space: Workspace) -> None:
    text = why(space, "select id from ring order by subject")
    beside_tree = text[text.index("\naddress: ") :]
    assert (
        f"authenticator: Enrolled the same telephone, key or app as second factor\n  shared: p••••rm, by 4 of them; 4 of {PEOPLE} people have it"
        in beside_tree
    )
    assert "phone-farm" not in beside_tree and "+12025550100" not in beside_tree and "Farm Road" not in beside_tree
    assert beside_tree.count("sharing would be settled by: ") == 1


def test_shared_values_count_people_and_not_logins(space: Workspace) -> None:
    from mapae.reports import people

    with OpenRun.last(space.root) as run:
        held = facts.shared_values(run, people.of(run, "ring:chat/u1"))
        (phone,) = held["phone"]
        assert phone.holders == 4 and phone.people == tuple(f"chat/u{i}" for i in range(1, 5))
        assert facts.shared_values(run, people.of(run, "account:chat/u9")) == {}


def test_a_rule_may_say_itself_what_settles_it(space: Workspace, tmp_path: Path) -> None:
    import json

    from mapae.rules.shapes import SCHEMAS

    schema = json.loads((SCHEMAS / "indicator.json").read_text("utf-8"))
    assert "settles" in schema["properties"] and "settles" not in schema["required"]
    with OpenRun.last(space.root) as run:
        text = run.manifest["rules"]["indicator/device.remote_control"]["text"]
        run.manifest["rules"]["indicator/device.remote_control"]["text"] = (
            text + "\nsettles: [the help desk's own record]\n"
        )
        row = run.rows("select * from flag where rule = 'device.remote_control' order by subject")[0]
        from mapae.reports.why import Walk

        (entry,) = beside.of(run, Walk(run).of("flag", row))
    assert entry["settles"] == ["the help desk's own record"]


def test_a_match_has_nothing_beside_it(space: Workspace) -> None:
    from mapae.reports.why import Node

    with OpenRun.last(space.root) as run:
        assert (
            beside.text(run, Node("finding:x", "x", kind="match", finding={"rule": "r", "subject": "s", "object": "o"}))
            == ""
        )
