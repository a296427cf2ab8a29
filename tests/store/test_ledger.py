"""The ledger keeps every line, notices every change, and repairs only what a killed writer can leave."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mapae.model.errors import Damaged
from mapae.store import ledger, workspace
from mapae.store.workspace import Workspace


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return workspace.init(tmp_path / "w")


def filled(space: Workspace, lines: int = 20) -> bytes:
    for i in range(lines // 2):
        ledger.append(space, [{"act": "export", "n": 2 * i}, {"act": "export", "n": 2 * i + 1, "text": "리용호"}])
    return space.ledger.read_bytes()


def test_lines_come_back_as_written_and_in_order(space: Workspace) -> None:
    filled(space)
    reading = ledger.read(space.ledger)
    assert [line.act["n"] for line in reading.lines] == list(range(20))
    assert not reading.fault and reading.torn == 0
    head = ledger.read_head(space)
    assert head is not None and (head["sequence"], head["hash"]) == (20, reading.head)


def test_every_bit_flip_is_noticed(space: Workspace) -> None:
    data = filled(space)
    chance = random.Random(5)
    missed = 0
    for _ in range(20_000):
        at, bit = chance.randrange(len(data)), chance.randrange(8)
        changed = bytearray(data)
        changed[at] ^= 1 << bit
        reading = ledger.parse(bytes(changed))
        missed += not (reading.fault or reading.torn or len(reading.lines) < 20)
    assert missed == 0


def test_lines_swapped_doubled_or_deleted_are_noticed(space: Workspace) -> None:
    lines = filled(space).splitlines(keepends=True)
    chance = random.Random(6)
    for _ in range(300):
        changed = list(lines)
        what = chance.randrange(3)
        i, j = chance.sample(range(len(lines) - 1), 2)
        if what == 0:
            changed[i], changed[j] = changed[j], changed[i]
        elif what == 1:
            changed.insert(j, changed[i])
        else:
            del changed[i]
        assert ledger.parse(b"".join(changed)).fault


def test_a_ledger_cut_at_every_byte_of_its_last_two_lines_opens(space: Workspace) -> None:
    data = filled(space)
    last_two = sum(map(len, data.splitlines(keepends=True)[-2:]))
    for end in range(len(data) - last_two, len(data)):
        space.ledger.write_bytes(data[:end])
        reading = ledger.read(space.ledger)
        whole = data[:end].count(b"\n")
        assert not reading.fault and len(reading.lines) == whole
        assert reading.torn == end - (data[:end].rfind(b"\n") + 1)


def test_a_torn_last_line_is_cut_off_and_noted(space: Workspace) -> None:
    data = filled(space)
    space.ledger.write_bytes(data + b'{"act":"run"')
    notes = ledger.repair(space)
    assert space.ledger.read_bytes() == data
    assert notes == ["a torn last line of 12 bytes was cut off the ledger"]


def test_a_head_one_line_behind_is_signed_again(space: Workspace) -> None:
    filled(space)
    behind = space.head.read_bytes()
    ledger.append(space, [{"act": "export", "n": 20}])
    space.head.write_bytes(behind)
    assert ledger.repair(space) == ["the ledger's head was behind and is signed again"]
    head = ledger.read_head(space)
    assert head is not None and head["sequence"] == 21


def test_a_cut_tail_is_refused_because_the_head_counts_more(space: Workspace) -> None:
    data = filled(space)
    space.ledger.write_bytes(b"".join(data.splitlines(keepends=True)[:-1]))
    with pytest.raises(Damaged, match="end is missing"):
        ledger.repair(space)


def test_a_head_that_was_edited_is_refused(space: Workspace) -> None:
    filled(space)
    space.head.write_bytes(space.head.read_bytes().replace(b'"sequence":20', b'"sequence":19'))
    with pytest.raises(Damaged, match="not what was signed"):
        ledger.repair(space)


def test_the_key_is_its_owners_alone(space: Workspace) -> None:
    ledger.signing_key()
    assert (ledger.key_folder() / "ledger.key").stat().st_mode & 0o077 == 0
