"""Mappings: what each verb does, what is refused with its line, and that no day is guessed."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapae.model.errors import InputRefused, RuleRefused
from mapae.rules.kinds import load_catalogue
from mapae.sources.layout import Event, Layout
from mapae.sources.mapping import Mapping, load_mapping, of_workspace
from mapae.sources.mapping_cases import failures
from mapae.sources.mapping_columns import column
from mapae.sources.mapping_csv import named
from mapae.sources.mapping_paths import header_key, place, segments
from mapae.sources.mapping_times import Unreadable, day_or_moment, zone_of

CATALOGUE = load_catalogue()
ACCOUNTS = CATALOGUE.tables["accounts"].columns
HEAD = "reads: {format: csv, match: {headers: [ID]}}\nto: accounts\n"
COLUMNS = "columns:\n  account_id: {from: ID}\n  platform: {value: acme-hr}\n"


def made(folder: Path, text: str, name: str = "acme.yml") -> Mapping:
    path = folder / name
    path.write_text(text, "utf-8")
    return load_mapping(path, CATALOGUE)


def events(folder: Path, mapping: Mapping, text: str, name: str = "file.csv") -> list[Event]:
    path = folder / name
    path.write_bytes(text.encode())
    return list(mapping.events(path))


def read(verbs: Any, record: dict[str, Any], name: str = "display_name") -> str | None:
    return column(ACCOUNTS[name], verbs, table=False, parsed=(), employer="acme").read(record)


# ---- verbs


def test_from_follows_paths_lists_and_flat_names() -> None:
    record = {"a": {"b": [{"c": "1"}, {"c": "2"}]}, "source.ip": "192.0.2.1", "d": ["x"]}
    assert read({"from": "a.b[1].c"}, record) == "2"
    assert read({"from": "a.b.0.c"}, record) == "1"
    assert read({"from": "source.ip"}, record) == "192.0.2.1"
    assert read({"from": "d"}, record) == "x"
    assert read({"from": "a.b[7].c"}, record) is None
    assert read({"from": ["no", "d"]}, record) == "x"
    with pytest.raises(Unreadable, match="holds 2 values"):
        read({"from": "a.b.c"}, record)
    assert segments("emails[0].value") == ("emails", 0, "value")


def test_values_are_joined_and_a_constant_stands_before_what_is_found() -> None:
    record = {"first": "Ada", "last": "Example", "tags": ["a", "b"], "id": 7}
    assert read({"from": ["first", "middle", "last"], "join": " "}, record) == "Ada Example"
    assert read({"from": "tags", "join": "; "}, record) == "a; b"
    assert read({"value": "lever", "from": ["id"], "join": "/"}, record) == "lever/7"
    assert read({"value": "lever", "from": ["none"], "join": "/"}, record) is None
    assert read({"from": [["no", "first"], ["last", "first"]], "join": " "}, record) == "Ada Example"


def test_text_is_taken_apart_into_a_list_or_one_of_its_parts() -> None:
    assert read({"from": "s", "split": ";"}, {"s": "go; sql;"}, "skills") == '["go", "sql"]'
    assert read({"from": "place", "split": {"at": ",", "part": "-1"}}, {"place": "Boston, MA, US"}) == "US"
    assert read({"from": "place", "split": {"at": ",", "part": "4"}}, {"place": "Boston, MA, US"}) is None


def test_json_in_a_text_is_read() -> None:
    record = {"debug": '{"tunnels": [{"operator": "Example VPN"}]}', "bad": "{"}
    assert read({"from": "debug", "parse_json": "tunnels[0].operator"}, record) == "Example VPN"
    with pytest.raises(Unreadable, match="JSON"):
        read({"from": "bad", "parse_json": "x"}, record)


def test_map_translates_and_else_says_what_becomes_of_the_rest() -> None:
    verbs = {"from": "t", "map": {"Full-Time": "employee", "": "worker"}, "else": "reject"}
    assert read(verbs, {"t": " full-time "}, "kind") == "employee"
    assert read(verbs, {}, "kind") == "worker"
    with pytest.raises(Unreadable, match="map does not name"):
        read(verbs, {"t": "Gig"}, "kind")
    assert read({**verbs, "else": "empty"}, {"t": "Gig"}, "kind") is None
    assert read({**verbs, "else": "client"}, {"t": "Gig"}, "kind") == "client"


def test_of_several_forms_of_a_column_the_first_that_finds_something_counts() -> None:
    verbs = [{"from": "work", "where": {"place": {"not_in": ["Remote"]}}}, {"from": "home"}]
    assert read(verbs, {"work": "Boston", "home": "Salem", "place": "HQ"}) == "Boston"
    assert read(verbs, {"work": "Boston", "home": "Salem", "place": "remote"}) == "Salem"


def test_a_list_becomes_rows_by_explode(tmp_path: Path) -> None:
    text = (
        "reads: {format: json, match: {keys: [id]}}\nto: accounts\ncolumns: {account_id: {from: id}, platform: {value: x}}\n"
        "also:\n  - {to: references_given, explode: [apps, apps.refs], columns: {reference_id: {from: apps.refs.id}, application_id: {from: apps.id}}}\n"
    )
    record = {
        "id": "a",
        "apps": [{"id": "p1", "refs": [{"id": "r1"}, {"id": "r2"}]}, {"id": "p2", "refs": []}, {"id": "p3"}],
    }
    [event] = events(tmp_path, made(tmp_path, text), json.dumps(record), "file.json")
    assert [(c["application_id"], c["reference_id"]) for t, c in event.rows if t == "references_given"] == [
        ("p1", "r1"),
        ("p1", "r2"),
    ]


def test_a_cell_becomes_rows_by_split_and_explode(tmp_path: Path) -> None:
    text = HEAD + COLUMNS + "  display_name: {from: Names, split: ';', explode: yes}\n"
    [event] = events(tmp_path, made(tmp_path, text), "ID,Names\n1,Ada; Bo\n")
    assert [cells["display_name"] for _, cells in event.rows] == ["Ada", "Bo"]


def test_where_holds_for_all_tables_and_an_also_table_may_ask_for_more(tmp_path: Path) -> None:
    text = HEAD + "where: {Status: {not_in: [Intern]}}\n" + COLUMNS
    text += "also: [{to: employees, where: {Type: {in: [Employee, '']}}, columns: {person_id: {from: ID}, employer_id: {value: acme}}}]\n"
    rows = events(tmp_path, made(tmp_path, text), "ID,Status,Type\n1,,\n2,INTERN,Employee\n3,Active,Vendor\n")
    assert [[t for t, _ in e.rows] for e in rows] == [["accounts", "employees"], [], ["accounts"]]
    assert [e.refused for e in rows] == ["", "", ""]


def test_a_bare_number_of_an_account_is_completed_by_the_platform(tmp_path: Path) -> None:
    rows = events(tmp_path, made(tmp_path, HEAD + COLUMNS), "ID\n7\nada\n")
    assert [e.rows[0][1]["account_id"] for e in rows] == ["acme-hr/7", "ada"]


def test_a_telephone_number_without_its_country_is_kept_beside_the_row(tmp_path: Path) -> None:
    text = HEAD + COLUMNS + "  phone: {from: Phone}\n  claimed_country: {from: Land}\n"
    rows = events(
        tmp_path, made(tmp_path, text), "ID,Phone,Land\n1,555-555-5555,\n2,555-555-5555,US\n3,+12125550100,\n"
    )
    assert [e.rows[0][1]["phone"] for e in rows] == [None, "555-555-5555", "+12125550100"]
    assert rows[0].rows[0][1]["phone_without_country"] == "555-555-5555"


# ---- days and moments


def moment(text: str, *formats: str, zone: str = "", day: bool = False, to_time: bool = True) -> str:
    return day_or_moment(text, day=day, formats=formats, zone=zone_of(zone) if zone else None, to_time=to_time)


def test_a_day_that_can_be_confused_is_refused_unless_its_form_is_said() -> None:
    with pytest.raises(Unreadable, match="can be confused"):
        moment("03/04/2026", day=True, to_time=False)
    assert moment("03/04/2026", "%m/%d/%Y", day=True, to_time=False) == "2026-03-04"
    with pytest.raises(Unreadable, match="read several days"):
        moment("03/04/2026", "%m/%d/%Y", "%d/%m/%Y", day=True, to_time=False)
    assert moment("25/04/2026", "%m/%d/%Y", "%d/%m/%Y", day=True, to_time=False) == "2026-04-25"
    assert moment("04/04/2026", "%m/%d/%Y", "%d/%m/%Y", day=True, to_time=False) == "2026-04-04"


def test_a_zone_makes_a_moment_of_a_day_and_of_a_time_on_the_wall() -> None:
    assert moment("03/04/2026", "%m/%d/%Y", zone="America/New_York", day=True) == "2026-03-04T05:00:00Z"
    assert moment("2026-07-01 10:00", zone="America/New_York") == "2026-07-01T14:00:00Z"
    assert moment("2026-07-01T10:00:00+02:00", zone="America/New_York") == "2026-07-01T10:00:00+02:00"


def test_a_time_that_clocks_show_twice_or_never_is_refused() -> None:
    with pytest.raises(Unreadable, match="twice"):
        moment("2026-11-01 01:30", zone="America/New_York")
    with pytest.raises(Unreadable, match="never"):
        moment("2026-03-08 02:30", zone="America/New_York")


def test_a_time_on_the_wall_without_a_zone_is_refused() -> None:
    with pytest.raises(Unreadable, match="time zone"):
        moment("2026-07-01 10:00:00")


@pytest.mark.parametrize("text", ["1772359200", "1772359200000", "1772359200000.0"])
def test_seconds_and_milliseconds_are_told_apart(text: str) -> None:
    assert moment(text) == moment(text, "epoch") == "2026-03-01T10:00:00Z"


@given(
    st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1)),
    st.sampled_from(["%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%b-%Y", "%B %d, %Y"]),
)
def test_every_day_comes_back_from_each_form(day: dt.date, form: str) -> None:
    assert moment(day.strftime(form), form, day=True, to_time=False) == day.isoformat()


@given(st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1)))
def test_two_orders_of_one_day_are_read_only_where_they_agree(day: dt.date) -> None:
    text = day.strftime("%m/%d/%Y")
    if day.day <= 12 and day.day != day.month:
        with pytest.raises(Unreadable):
            moment(text, "%m/%d/%Y", "%d/%m/%Y", day=True, to_time=False)
    else:
        assert moment(text, "%m/%d/%Y", "%d/%m/%Y", day=True, to_time=False) == day.isoformat()


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_days(text: str) -> None:
    for forms in ((), ("%m/%d/%Y", "iso", "epoch")):
        with contextlib.suppress(Unreadable):
            moment(text, *forms, zone="Europe/Berlin")


# ---- refusals


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (HEAD + COLUMNS + "  email: {from: Mail, frobnicate: yes}\n", 6, "unknown key frobnicate"),
        (HEAD + COLUMNS + "  hobby: {from: Mail}\n", 6, "accounts has no column hobby"),
        (HEAD + "columns:\n  account_id: {from: ID}\n", 3, "accounts needs platform in every row"),
        (HEAD.replace("accounts", "acounts") + COLUMNS, 2, "acounts is no table"),
        (HEAD + COLUMNS + "  email: {from: Mail, as: phone}\n", 6, "as says phone"),
        (HEAD + COLUMNS + "  kind: {from: T, map: {A: boss}, else: reject}\n", 6, "boss is no word"),
        (HEAD + COLUMNS + "  kind: {from: T, map: {A: employee}}\n", 6, "else"),
        (HEAD + COLUMNS + "  kind: {from: T, map: {A: employee, ' a': worker}, else: empty}\n", 6, "one word"),
        (HEAD + COLUMNS + "  created_at: {from: D, format: '%m/%q/%Y'}\n", 6, "%q is no directive"),
        (HEAD + COLUMNS + "  created_at: {from: D, format: '%m/%d'}\n", 6, "year"),
        (HEAD + COLUMNS + "  created_at: {from: D, zone: Mars/Olympus}\n", 6, "no time zone"),
        (HEAD + COLUMNS + "  email: {from: D, zone: UTC}\n", 6, "belongs to days"),
        (HEAD + "explode: [a.b, a]\n" + COLUMNS, 3, "goes in a circle"),
        (HEAD + "explode: [a, a]\n" + COLUMNS, 3, "goes in a circle"),
        (HEAD + COLUMNS + "also: &round [{to: employees, also: *round}]\n", 6, "aliases are not read"),
        (
            HEAD + COLUMNS + "also: [{to: employees, also: [], columns: {person_id: {from: ID}}}]\n",
            6,
            "unknown key also",
        ),
        (HEAD.replace("headers", "keys") + COLUMNS, 1, "not matched by keys"),
        (HEAD.replace("csv,", "csv, encoding: klingon,") + COLUMNS, 1, "no encoding"),
        (HEAD + COLUMNS + "  email: {from: A, value: b}\n", 6, "without join"),
        (HEAD + COLUMNS + "cases: [{in: {ID: '1'}, out: {hobby: x}}]\n", 6, "no such column"),
    ],
)
def test_a_broken_mapping_is_refused_with_file_and_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        made(tmp_path, text)
    assert refused.value.where.startswith(f"{tmp_path / 'acme.yml'}:{line}"), str(refused.value)
    assert said in str(refused.value)
    assert refused.value.do


def test_a_broken_mapping_leaves_the_others_of_a_workspace_in_use(tmp_path: Path) -> None:
    folder = tmp_path / "mappings"
    folder.mkdir()
    (folder / "good.yml").write_text(HEAD + COLUMNS + "confirm: [{line: 4, question: 'ID: is it?'}]\n")
    (folder / "bad.yml").write_text(HEAD + COLUMNS + "  hobby: {from: X}\n")
    refused: list[RuleRefused] = []
    [mapping] = of_workspace(tmp_path, CATALOGUE, refused=refused)
    assert mapping.name == "good" and mapping.questions == ("ID: is it?",) and len(refused) == 1
    assert [m.name for m in of_workspace(folder, CATALOGUE, refused=refused)] == ["good"]
    with pytest.raises(RuleRefused):
        of_workspace(tmp_path, CATALOGUE)


# ---- files


def test_a_mapping_is_a_layout(tmp_path: Path) -> None:
    layout: Layout = made(tmp_path, HEAD + COLUMNS)
    assert (layout.name, layout.tables) == ("acme", ("accounts",)) and layout.version.startswith("1/")


def test_a_row_that_cannot_be_read_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    mapping = made(tmp_path, HEAD + COLUMNS + "  created_at: {from: Day}\n")
    rows = events(tmp_path, mapping, 'ID,Day\n1,2026-03-04\n2,03/04/2026\n3\n4,"2026"x\n5,2026-03-05\n')
    assert [e.number for e in rows] == [1, 2, 3, 4, 5]
    assert [bool(e.rows) for e in rows] == [True, False, False, False, True]
    assert rows[1].refused == "Day: day and month can be confused; say with format which comes first"
    assert "03/04/2026" in rows[1].raw and "03/04/2026" not in rows[1].refused
    assert rows[2].refused == "the row has 1 cells and the header 2"
    assert "quotation mark" in rows[3].refused and "line 5" in rows[3].refused


def test_a_quotation_mark_that_is_never_closed_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="begins in line 3"):
        events(tmp_path, made(tmp_path, HEAD + COLUMNS), 'ID,Name\n1,a\n2,"b\n3,c\n')


def test_twin_headers_are_kept_apart() -> None:
    assert named(["Name", " name ", "", "NAME", "Application ID "]) == (
        "Name",
        "name (2)",
        "column3",
        "NAME (3)",
        "Application ID",
    )


@given(st.lists(st.text(max_size=8), min_size=1, max_size=8))
def test_no_two_headers_are_alike_after_naming(cells: list[str]) -> None:
    keys = [header_key(h, i) for i, h in enumerate(named(cells))]
    assert len(set(keys)) == len(cells)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffID;Name\n1;Ada\n",
        "Roster of Acme\n\nAs of today,,\nID,Name\n1,Ada\n",
        "Name\tid\nAda\t1\n",
        "ID,Name\r\n1,Ada\r\n",
        "I D,Name\n1,Ada\n".replace("I D", "Id"),
    ],
)
def test_a_header_is_found_below_titles_with_any_delimiter(tmp_path: Path, text: str) -> None:
    mapping = made(tmp_path, HEAD + COLUMNS + "  display_name: {from: Name}\n")
    [event] = events(tmp_path, mapping, text)
    assert event.rows[0][1]["display_name"] == "Ada" and mapping.recognises(tmp_path / "file.csv", text)


def test_other_encodings_and_files_without_a_header_are_read_where_the_mapping_says_so(tmp_path: Path) -> None:
    text = "reads: {format: csv, encoding: windows-1252, header: no, match: {columns: 2}}\nto: accounts\n"
    mapping = made(tmp_path, text + COLUMNS.replace("ID", "column1") + "  display_name: {from: column2}\n")
    path = tmp_path / "old.csv"
    path.write_bytes("1\tZoë\n2\tBo\n".encode("windows-1252"))
    assert [e.rows[0][1]["display_name"] for e in mapping.events(path)] == ["Zoë", "Bo"]


def test_a_column_that_the_file_lacks_is_named_with_the_line_of_the_mapping(tmp_path: Path) -> None:
    mapping = made(tmp_path, HEAD + COLUMNS + "  display_name: {from: Full Nam}\n")
    with pytest.raises(InputRefused) as refused:
        events(tmp_path, mapping, "ID,Full Name\n1,Ada\n")
    assert "acme.yml, line 6" in refused.value.where and "Full Name" in refused.value.why
    mapping = made(tmp_path, HEAD + COLUMNS + "  display_name: {from: [Full Nam]}\n")
    assert events(tmp_path, mapping, "ID,Full Name\n1,Ada\n")[0].rows


def test_json_is_recognised_by_its_keys_and_a_cut_file_gives_its_whole_records(tmp_path: Path) -> None:
    text = "reads: {format: json, match: {keys: [id, [user.mail, mail]]}}\nto: accounts\ncolumns: {account_id: {from: id}, platform: {value: x}}\n"
    mapping = made(tmp_path, text)
    whole = '[{"id": "1", "user": {"mail": "a"}},\n{"id": "2", "mail": "b"}'
    rows = events(tmp_path, mapping, whole + ',\n{"id": "3', "file.json")
    assert [e.rows[0][1]["account_id"] for e in rows[:2]] == ["x/1", "x/2"] and rows[-1].refused
    assert mapping.recognises(tmp_path / "file.json", whole)
    (tmp_path / "other.json").write_text('{"id": "1"}')
    assert not mapping.recognises(tmp_path / "other.json", '{"id": "1"}')


def test_parquet_is_read_with_its_nested_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    when = dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)
    pq.write_table(pa.table({"ID": ["1"], "user": [{"mail": "a@x.io"}], "made": [when]}), path)
    text = "reads: {format: parquet, match: {headers: [ID, user]}}\nto: accounts\ncolumns:\n  account_id: {from: ID}\n  platform: {value: x}\n"
    mapping = made(tmp_path, text + "  email: {from: user.mail}\n  created_at: {from: made}\n")
    assert mapping.recognises(path, "")
    [event] = mapping.events(path)
    assert event.rows[0][1] == {
        "account_id": "x/1",
        "platform": "x",
        "email": "a@x.io",
        "created_at": "2026-03-01T10:00:00Z",
    }


def test_a_log_gives_an_account_once_and_again_when_it_says_something_new(tmp_path: Path) -> None:
    text = "reads: {format: csv, match: {headers: [User, IP]}}\nto: sign_ins\ncolumns: {account_id: {from: User}, happened_at: {from: T}, ip: {from: IP}}\n"
    text += "also: [{to: accounts, columns: {account_id: {from: User}, platform: {value: x}, email: {from: Mail}}}]\n"
    day = "2026-03-01T10:00:00Z"
    rows = events(
        tmp_path,
        made(tmp_path, text),
        f"User,IP,T,Mail\na,192.0.2.1,{day},\na,192.0.2.2,{day},\na,192.0.2.2,{day},a@x.io\n",
    )
    assert [[t for t, _ in e.rows] for e in rows] == [["sign_ins", "accounts"], ["sign_ins"], ["sign_ins", "accounts"]]


def test_cases_that_do_not_hold_are_told_with_their_line(tmp_path: Path) -> None:
    text = HEAD + COLUMNS + "  email: {from: Mail}\ncases:\n  - {in: {ID: '1', Mail: A@x.io}, out: {email: a@x.io}}\n"
    assert failures(made(tmp_path, text), CATALOGUE) == []
    wrong = made(tmp_path, text.replace("out: {email: a@", "out: {email: b@"))
    assert failures(wrong, CATALOGUE) == [
        f"{tmp_path / 'acme.yml'}:8: accounts: email of row 1 is 'a@x.io' and not 'b@x.io'."
    ]


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.text(min_size=1, max_size=6),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=6),
            lambda s: st.lists(s, max_size=3) | st.dictionaries(st.text(max_size=4), s, max_size=3),
            max_leaves=8,
        ),
        max_size=4,
    ),
    st.text(max_size=12),
)
def test_no_record_and_no_path_breaks_the_finding(record: dict[str, Any], path: str) -> None:
    at = place(path or "x", table=False)
    at.find(record)
    for key in record:
        assert place(key, table=True).whole == header_key(key)
