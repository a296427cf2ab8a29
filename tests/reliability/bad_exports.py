"""Exports (simulated) as people have them: cut, doubled, mixed, with two rows a person; and what is wrong with each."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from small import ROOT

# People of the simulated register; p5 and p6 have one e-mail between them, p3 was hired again, p4 stands there twice.
PEOPLE = 12
SHARED = "office@acme.example"
SERVICE = "00uservice"


def event(n: int, *, user: int | None = None, when: Any = None, **given: Any) -> dict[str, Any]:
    """One simulated sign-in in Okta's layout; its number decides all about it."""
    who = n % PEOPLE if user is None else user
    mail = SHARED if who in (5, 6) else f"p{who}@acme.example"
    return {
        "uuid": f"00000000-0000-0000-0000-{n:012d}",
        "published": when if when is not None else f"2026-10-{n % 28 + 1:02d}T08:{n % 60:02d}:00.000Z",
        "eventType": "user.session.start",
        "actor": {"id": f"00u{who}", "type": "User", "alternateId": mail, "displayName": f"Person {who}"},
        "client": {
            "ipAddress": f"198.51.{n % 100}.{n * 7 % 250 + 1}",
            "geographicalContext": {"country": "United States", "state": "Ohio", "city": "Columbus"},
        },
        "outcome": {"result": "SUCCESS"},
        **given,
    }  # fmt: skip


def events(first: int, last: int) -> list[dict[str, Any]]:
    return [event(n) for n in range(first, last)]


def lines(made: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(one) + "\n" for one in made)


def table(made: Iterable[dict[str, Any]]) -> str:
    """Events as a search exports them: dotted columns, a row each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["uuid", "published", "eventType", "actor.id", "actor.type", "actor.alternateId", "client.ipAddress", "outcome.result", "displayMessage"]
    )  # fmt: skip
    for one in made:
        actor = one["actor"]
        writer.writerow(
            [one["uuid"], one["published"], one["eventType"], actor["id"], actor["type"], actor["alternateId"], one["client"]["ipAddress"], "SUCCESS", "User login, to Okta"]
        )  # fmt: skip
    return out.getvalue()


def register(people: int = PEOPLE, footer: bool = True) -> str:
    """An HR file with blanks and twins among its headers, people in two rows, one e-mail twice, and a footer."""
    rows = [[" Employee ID", "Work  Email ", "Name", "Hire Date", "Termination Date", "Home City", "Home Country", "Notes", "Notes"]]  # fmt: skip
    for p in range(people):
        mail = SHARED if p in (5, 6) else f"p{p}@acme.example"
        country = ("United States", "UK", "Germany")[p % 3]
        rows.append([str(p), mail, f"Person {p}", "2024-01-05", "2025-02-03" if p == 3 else "", "Columbus", country, "a", "b"])  # fmt: skip
    rows.append(["3", "p3@acme.example", "Person 3", "2026-03-02", "", "Dayton", "United States", "", ""])
    rows.append(["4", "p4@acme.example", "Person 4", "2024-01-05", "", "Toledo", "United States", "merged", ""])
    if footer:
        rows.append([f"Total: {people + 2}", *[""] * 8])
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def write(folder: Path) -> None:
    """All that a folder of exports may hold at once."""
    folder.mkdir()
    array = json.dumps(events(0, 20))
    (folder / "a_array.json").write_text(array)
    (folder / "a_copy.json").write_text(array)
    (folder / "b_lines.jsonl").write_text(lines(events(20, 40)))
    envelopes = ({"version": "0", "detail-type": "SystemLog", "source": "okta", "detail": e} for e in events(40, 60))
    (folder / "c_envelope.json").write_text(lines(envelopes))
    (folder / "d_table.csv").write_text(table(events(60, 80)))
    with gzip.open(folder / "e_packed.json.gz", "wt") as file:
        file.write(json.dumps(events(80, 100)))
    (folder / "f_overlap.json").write_text(json.dumps(events(10, 20) + events(100, 110)))
    # Cut in the middle of the eleventh record.
    text = json.dumps(events(200, 220))
    (folder / "g_cut.json").write_text(text[: text.index(event(210)["uuid"]) + 50])
    text = lines(events(220, 240))
    (folder / "h_cut.jsonl").write_text(text[: text.index(event(230)["uuid"]) + 50])
    text = table(events(240, 260))
    (folder / "i_cut.csv").write_text(text[: text.index(event(250)["uuid"]) + 40])
    text = table(events(260, 280))
    (folder / "j_cut_in_quotes.csv").write_text(text[: text.index("login", text.index(event(270)["uuid"]))])
    for name, text in (("k_cut.json.gz", json.dumps(events(300, 900))), ("l_cut.csv.gz", table(events(900, 1500)))):
        packed = gzip.compress(text.encode(), mtime=0)
        (folder / name).write_bytes(packed[: len(packed) // 2])
    odd = [
        event(1600, when=1_791_849_600),
        event(1601, when="1791849600000"),
        event(1602, when="03/04/2026 10:00:00"),
        event(1603, client={"ipAddress": "198.51.100.9", "geographicalContext": {"country": "Republic of Nowhere"}}),
        event(1604, actor={"id": SERVICE, "type": "SystemPrincipal", "alternateId": "p1@acme.example", "displayName": "bot"}),
    ]  # fmt: skip
    (folder / "m_odd.jsonl").write_text(lines(odd))
    (folder / "n_people.csv").write_text(register())


def write_mmdb(path: Path, kind: str, rows: dict[str, dict[str, Any]]) -> Path:
    """As the tests of address files write them."""
    spec = importlib.util.spec_from_file_location("writing", ROOT / "tests" / "sources" / "addresses" / "writing.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: Path = module.write_mmdb(path, kind, rows)
    return made


def write_databases(folder: Path) -> None:
    """A good MMDB, one cut off, one of a type that nobody knows, and one that is damaged far behind its beginning."""
    folder.mkdir()
    rows = {f"198.51.{n // 256}.{n % 256}/32": {"country": {"iso_code": "US"}, "city": {"names": {"en": f"Town {n}"}}} for n in range(3000)}  # fmt: skip
    write_mmdb(folder / "good.mmdb", "GeoIP2-City", {"198.51.0.0/16": {"country": {"iso_code": "US"}}})
    whole = write_mmdb(folder / "deep.mmdb", "GeoIP2-City", rows).read_bytes()
    at = whole.index(b"Town 2990") - 1
    (folder / "deep.mmdb").write_bytes(whole[:at] + b"\xff\xff\xff\xff" + whole[at + 4 :])
    (folder / "cut.mmdb").write_bytes(whole[: len(whole) // 2])
    write_mmdb(folder / "weather.mmdb", "Weather-By-Address", {"198.51.0.0/16": {"rain": "often"}})


# Mappings of the workspace that cannot be used: their text, the line that is named, and words of the reason.
MAPPINGS = {
    "broken": ("reads: {format: csv, match: {headers: [Nr]}}\nto: accounts\ncolumns: {account_id: {from: [}}\n", 3, "Mend the line"),
    "verb": ("reads: {format: csv, match: {headers: [Nr]}}\nto: accounts\ncolumns:\n  account_id: {from: Nr}\n  platform: {run: date}\n", 5, "run"),
    "circle": (
        "reads: {format: json, match: {keys: [nr]}}\nto: accounts\nexplode: [a.b, a]\ncolumns:\n  account_id: {from: nr}\n"
        "  platform: {value: own}\n", 3, "goes in a circle",
    ),
    "itself": ("reads: &r\n  format: csv\n  match: *r\nto: accounts\n", 3, "aliases"),
    "column": ("reads: {format: csv, match: {headers: [Nr]}}\nto: accounts\ncolumns:\n  account_id: {from: Nr}\n  platform: {value: own}\n  colour: {from: Nr}\n", 6, "no column colour"),
}  # fmt: skip
OWN = """\
reads: {format: csv, match: {headers: [Nr, Anfang]}}
to: accounts
columns:
  account_id: {value: own, from: [Nr], join: /}
  platform: {value: own}
  created_at: {from: Anfang, as: date}
"""
OWN_ROWS = "Nr,Anfang\n1,2026-03-04\n2,03/04/2026\n3,2026-03-06\n"
