"""``why``: every finding is walked back to rows of files in the vault, whose bytes are hashed again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from small import Rows, call, key_in, run, small

from mapae.model.findings import KINDS
from mapae.model.ids import parse_ref
from mapae.reports.why import DEPTH, Node, Walk, find
from mapae.store import workspace
from mapae.store.runs import OpenRun
from mapae.store.workspace import Workspace


@pytest.fixture(autouse=True, scope="module")
def own_signing_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with key_in(tmp_path_factory.mktemp("key")):
        yield


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A small workspace after a run; one account of the ring signed in often enough to have more than twenty grounds."""

    def change(made: dict[str, Rows]) -> None:
        first = [row for row in made["sign_ins"] if row["account_id"] == "a0"]
        made["sign_ins"] += [
            {
                **row,
                "event_id": f"{row['event_id']}-{n}",
                "happened_at": row["happened_at"].replace("2026-05-0", f"2026-05-{n}"),
            }
            for n in (1, 2)
            for row in first
        ]

    made = small(tmp_path_factory.mktemp("why") / "w", change)
    run(made)
    assert call("status", made.root).code == 0
    return made


def depth(node: Node) -> int:
    return 1 + max((depth(child) for child in node.children), default=0)


def refs(node: Node, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield (*above, node.ref)
    for child in node.children:
        yield from refs(child, (*above, node.ref))


def test_every_finding_reaches_bytes_without_a_cycle(space: Workspace) -> None:
    """R19: every finding of the run reaches at least one row of a source, none by way of itself, none deeper than twelve."""
    walked = dict.fromkeys(KINDS, 0)
    with OpenRun.last(space.root) as held:
        walk = Walk(held)
        for kind in KINDS:
            for row in held.rows(f"select * from {kind} order by id"):
                tree = walk.of(kind, row)
                walked[kind] += 1
                leaves = tree.leaves()
                grounded = bool(row["because"] or row.get("against"))
                assert bool(leaves) == grounded, (
                    f"{kind} {row['id']} {row['verdict']} rests on nothing that can be shown"
                )
                assert not [leaf for leaf in leaves if leaf.problem]
                assert depth(tree) <= DEPTH
                assert all(len(set(line)) == len(line) for line in refs(tree))
                if not grounded:
                    # Only what nobody knows may rest on nothing: an element without facts, an account without signs.
                    assert row["verdict"] in ("unknown", "no"), f"{kind} {row['rule']}"
    assert all(walked.values()), walked


def test_every_reference_points_to_something(space: Workspace) -> None:
    with OpenRun.last(space.root) as held:
        sources = {r["source"] for r in held.rows("select source from sources")}
        ids = {r["id"] for kind in KINDS for r in held.rows(f"select id from {kind}")}
        for kind in KINDS:
            for row in held.rows(f"select * from {kind}"):
                assert row["because"] == sorted(set(row["because"])) and row["because_n"] >= len(row["because"]) <= 20
                for ref in [*row["because"], *(row.get("against") or [])]:
                    parsed = parse_ref(ref)
                    if parsed.kind == "finding":
                        assert parsed.key in ids, ref
                    elif parsed.kind == "record":
                        assert parsed.source in sources
                        assert held.rows(
                            f"select 1 from {parsed.table} where mapae_source = ? and mapae_row = ?",
                            [parsed.source, int(parsed.key)],
                        ), ref
                    elif parsed.kind == "statement":
                        assert held.rows("select 1 from statements where id = ?", [parsed.key]), ref
                    else:
                        assert parsed.source in sources and held.rows(
                            "select 1 from evidence where item = ?", [parsed.key]
                        ), ref


@pytest.mark.parametrize("kind", ["determination", "flag", "ring", "path", "assessment", "link", "match", "element"])
def test_a_tree_ends_in_rows_of_files(kind: str, space: Workspace) -> None:
    with OpenRun.last(space.root) as held:
        row = held.rows(
            f"select * from {kind} where len(because) > 0 order by verdict in ('met', 'yes') desc, len(because) desc, id"
        )[0]
    told = call("why", row["id"], space.root)
    assert told.code == 0 and told.err == ""
    assert told.out.startswith(f"{kind} {row['id']}\n")
    assert re.search(r"inputs/[\w.]+, (row|entry|item) \d+ \(source [0-9a-f]{16}\): ", told.out)
    assert re.search(r"\n\d+ lea(?:f|ves) in \d+ sources?; each source's bytes were hashed again\.", told.out)


def test_the_rows_shown_are_the_rows_of_the_file(space: Workspace) -> None:
    with OpenRun.last(space.root) as held:
        (row,) = held.rows("select * from flag where subject = 'account:a1' and rule = 'network.impossible_travel'")
        leaves = Walk(held).of("flag", row).leaves()
    lines = (space.inputs / "sign_ins.csv").read_text("utf-8").splitlines()
    assert leaves and {leaf.path for leaf in leaves} == {"inputs/sign_ins.csv"}
    for leaf in leaves:
        assert ",".join(leaf.content.values()) == lines[leaf.row]
        assert leaf.content["account_id"] == "a1"


def test_one_changed_byte_changes_the_leaves_of_that_file_and_no_other(space: Workspace, tmp_path: Path) -> None:
    copy = workspace.find(shutil.copytree(space.root, tmp_path / "w", symlinks=True))
    with OpenRun.last(copy.root) as held:
        row = held.rows(
            "select * from determination where subject like 'party:ofac-43379' and rule = 'us.22usc9214.g1c'"
        )[0]
        before = {(leaf.path, leaf.row): str(leaf) for leaf in Walk(held).of("determination", row).leaves()}
        sources = {r["path"]: r["sha256"] for r in held.rows("select path, sha256 from sources")}
    assert {path for path, _ in before} >= {"inputs/evidence.yaml", "inputs/payouts.csv"}
    for path in ("inputs/payouts.csv", "inputs/evidence.yaml"):
        file = copy.vault / sources[path]
        data = file.read_bytes()
        middle = len(data) // 2
        file.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
        with OpenRun.last(copy.root) as held:
            after = {(leaf.path, leaf.row): str(leaf) for leaf in Walk(held).of("determination", row).leaves()}
        assert set(after) == set(before)
        for place, text in after.items():
            if place[0] == path:
                assert "cannot be shown: A source's bytes have changed since they were read" in text
            else:
                assert text == before[place]
        told = call("why", row["id"], copy.root)
        assert told.code == 0 and "cannot be shown" in told.out and "Traceback" not in told.text
        assert call("verify", copy.root).code == 1
        file.unlink()
        told = call("why", row["id"], copy.root)
        assert told.code == 0 and "cannot be shown: A source is missing in the vault" in told.out
        file.write_bytes(data)
    assert call("verify", copy.root).code == 0


def test_all_shows_the_grounds_beyond_the_first_twenty(space: Workspace) -> None:
    with OpenRun.last(space.root) as held:
        row = held.rows("select * from flag where subject = 'account:a0' order by because_n desc")[0]
    assert row["because_n"] > 20
    short, whole = call("why", row["id"], space.root), call("why", row["id"], space.root, "--all")
    assert f"and {row['because_n'] - 20} more (mapae why … --all)" in short.out and f"\n{20} leaves" in short.out
    assert " more (mapae why" not in whole.out and f"\n{row['because_n']} leaves" in whole.out


def test_a_number_the_first_eight_digits_and_the_whole_id_name_one_finding(space: Workspace) -> None:
    listed = call("status", space.root).out
    assert re.search(r"^ +1  ", listed, re.MULTILINE)
    by_number = call("why", "1", space.root)
    id_ = by_number.out.split()[1]
    assert by_number.code == 0 and len(id_) == 32
    for wanted in (id_, id_[:8], id_[:8].upper()):
        assert call("why", wanted, space.root).out == by_number.out


@pytest.mark.parametrize(
    ("wanted", "code", "words"),
    [
        ("00000000", 1, ("holds no finding 00000000", "mapae status lists findings")),
        ("999", 2, ("has no line 999", "Print it anew: mapae status")),
        ("0", 2, ("has no line 0",)),
        ("account:a1", 2, ("names no finding", "first eight digits")),
        ("a1", 2, ("names no finding",)),
        ("%", 2, ("names no finding",)),
        ("' or 1=1 --", 2, ("names no finding",)),
    ],
)
def test_what_names_no_finding_is_said_in_words(
    wanted: str, code: int, words: tuple[str, ...], space: Workspace
) -> None:
    told = call("why", wanted, space.root)
    assert told.code == code and all(word in told.err for word in words), told.text
    assert "Traceback" not in told.text


def test_digits_that_name_several_findings_are_refused_with_all_of_them(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mapae.model.errors import MapaeError

    with OpenRun.last(space.root) as held:
        flag, ring = held.rows("select * from flag limit 1")[0], held.rows("select * from ring limit 1")[0]
        twice = {"flag": [{**flag, "id": "abcdabcd" + "0" * 24}], "ring": [{**ring, "id": "abcdabcd" + "1" * 24}]}
        monkeypatch.setattr(held, "rows", lambda sql, _=None: twice.get(sql.split()[3], []))
        with pytest.raises(MapaeError) as caught:
            find(held, "abcdabcd")
    assert "Several findings begin with abcdabcd" in caught.value.what
    assert "abcdabcd" + "0" * 24 in caught.value.do and "abcdabcd" + "1" * 24 in caught.value.do


def test_why_before_the_first_run_says_what_to_do(tmp_path: Path) -> None:
    made = workspace.init(tmp_path / "fresh")
    told = call("why", "abcdabcd", made.root)
    assert told.code == 1 and "Nothing has been run" in told.err and "mapae run" in told.err
