"""One file of a vendor's layout as rows of several tables: numbers, counts, rejections, rows that were read before."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from mapae.rules.kinds import load_catalogue
from mapae.sources import layouts
from mapae.sources.layout import Event, Rows
from mapae.sources.layouts import FURTHER, read_layout
from mapae.store import views

AT = "2026-05-01T10:00:00Z"


@dataclasses.dataclass
class Made:
    """A layout whose events stand in memory."""

    given: list[Event]
    name: str = "made"
    title: str = "Made up"
    tables: tuple[str, ...] = ("sign_ins", "accounts")
    version: str = "1"

    def recognises(self, path: Path, beginning: str) -> bool:
        return True

    def events(self, path: Path) -> Iterator[Event]:
        yield from self.given


def sign_in(event: str, **more: str | None) -> tuple[str, dict[str, str | None]]:
    return "sign_ins", {"event_id": event, "account_id": "okta/1", "happened_at": AT, "ip": "192.0.2.1", **more}


def read(
    tmp_path: Path, events: list[Event], earlier: dict[str, list[Path]] | None = None
) -> tuple[dict[str, pa.Table], object]:
    con = views.connect(threads=1)
    staging = tmp_path / "staging"
    made = read_layout(
        tmp_path / "x.json",
        Made(events),
        load_catalogue().tables,
        "f" * 16,
        con,
        staging=staging,
        earlier=earlier or {},
    )
    return {name: con.sql(query.sql).to_arrow_table() for name, query in made.tables.items()}, made


def numbered(*rows: Rows) -> list[Event]:
    return [Event(n, list(r)) for n, r in enumerate(rows, 1)]


def test_an_event_gives_rows_of_several_tables_under_its_own_number(tmp_path: Path) -> None:
    account = ("accounts", {"account_id": "okta/1", "platform": "okta", "email": "A@Acme.Example"})
    tables, made = read(tmp_path, numbered([sign_in("e1"), account], [], [sign_in("e3")]))
    assert tables["records/sign_ins"]["mapae_row"].to_pylist() == [1, 3]
    assert tables["records/accounts"].to_pylist()[0]["email"] == "a@acme.example"
    assert (made.events, made.other, made.counts.read, made.counts.kept) == (3, 1, 3, 3)  # type: ignore[attr-defined]
    assert made.by_table["sign_ins"].kept == 2  # type: ignore[attr-defined]


def test_a_further_row_of_one_event_keeps_the_event_in_its_number(tmp_path: Path) -> None:
    tables, _ = read(tmp_path, [Event(7, [sign_in("e1"), sign_in("e2"), sign_in("e3")])])
    rows = tables["records/sign_ins"]["mapae_row"].to_pylist()
    assert sorted(rows) == [7, 7 + FURTHER, 7 + 2 * FURTHER] and {r % FURTHER for r in rows} == {7}


def test_a_refused_event_and_a_bad_cell_are_rejected_with_their_reason_and_nothing_is_lost(tmp_path: Path) -> None:
    events = [
        Event(1, [sign_in("e1")]),
        Event(2, [], "cut off", '{"uuid":'),
        Event(3, [sign_in("e3", ip="1232.321.123.222")]),
    ]
    tables, made = read(tmp_path, events)
    refused = {r["mapae_row"]: r for r in tables["rejected/sign_ins"].to_pylist()}
    assert refused[2]["reason"] == "cut off" and refused[3]["column"] == "ip" and "1232.321" in refused[3]["raw"]
    assert made.counts.balanced() and (made.counts.kept, made.counts.rejected) == (1, 2)  # type: ignore[attr-defined]


def test_what_no_column_is_for_is_kept(tmp_path: Path) -> None:
    tables, _ = read(tmp_path, numbered([sign_in("e1", zone_name="office", empty=None)]))
    assert tables["records/sign_ins"]["mapae_unknown"].to_pylist() == ['{"zone_name":"office"}']


def test_days_exported_twice_count_once(tmp_path: Path) -> None:
    con = views.connect(threads=1)
    tables, _ = read(tmp_path / "a", numbered([sign_in("e1")], [sign_in("e2")]))
    part = tmp_path / "part.parquet"
    con.register("t", tables["records/sign_ins"])
    con.execute(f"copy t to '{part}'")
    _, made = read(tmp_path / "b", numbered([sign_in("e2")], [sign_in("e3")]), {"records/sign_ins": [part]})
    assert (made.counts.kept, made.counts.equal) == (1, 1)  # type: ignore[attr-defined]


def test_every_known_layout_has_a_name_of_its_own_and_tables_that_exist() -> None:
    catalogue = load_catalogue()
    known = layouts.known(catalogue)
    names = [one.name for one in known]
    assert len(names) == len(set(names)) and len(names) >= 5
    assert all(set(one.tables) <= set(catalogue.tables) and one.title and one.version for one in known)
