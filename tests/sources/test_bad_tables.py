"""Bad tables: each is refused in words that a newcomer understands, or loses single rows that are all accounted for."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import resource
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tabled import engine, read, table_rules, written

from mapae.model.errors import InputRefused
from mapae.sources import opened
from mapae.sources.tables import read_table

HEAD = "account_id,platform,legal_name,profile_text\n"


def refusal(path: Path, table: str = "accounts") -> InputRefused:
    """The refusal of a file; it names the file and says what to do, and names no part of the program."""
    with pytest.raises(InputRefused) as caught:
        read(path, table)
    problem = caught.value
    assert path.name in problem.where
    assert problem.do
    for technical in ("Traceback", "Error:", "Exception", "codec", "NoneType", "duckdb", "pyarrow"):
        assert technical not in str(problem)
    return problem


def test_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    text = HEAD + "a1,x,Ana,\n" + "a2,x,Jos\u00e9,\n"
    problem = refusal(written(tmp_path, "a.csv", text.encode("latin-1")))
    assert "UTF-8" in problem.what and "line 3" in problem.where and "save it as" in problem.do
    problem = refusal(written(tmp_path, "b.csv", text.encode("utf-16")))
    assert "UTF-16" in problem.what


def test_a_missing_required_column_is_named_beside_those_found(tmp_path: Path) -> None:
    problem = refusal(written(tmp_path, "a.csv", "login,platform\na1,x\n"))
    assert "account_id" in problem.what and "login, platform" in problem.why and "Rename" in problem.do
    pq.write_table(pa.table({"login": ["a1"], "platform": ["x"]}), tmp_path / "a.parquet")
    assert "account_id" in refusal(tmp_path / "a.parquet").what
    assert "account_id" in refusal(written(tmp_path, "a.jsonl", '{"login": "a1", "platform": "x"}\n')).what


def test_one_of_several_columns_must_be_there(tmp_path: Path) -> None:
    problem = refusal(written(tmp_path, "s.csv", "account_id,happened_at\na,2026-01-01T00:00:00Z\n"), "sign_ins")
    assert "ip, country, device_id" in problem.what
    found = read(
        written(
            tmp_path, "t.csv", "account_id,happened_at,ip\na,2026-01-01T00:00:00Z,\na,2026-01-01T00:00:00Z,1.2.3.4\n"
        ),
        "sign_ins",
    )
    assert found.reasons() == {1: ("ip", "one of ip, country, device_id must be filled")}


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    assert "platform" in refusal(written(tmp_path, "a.csv", "account_id,platform,Platform \na,x,y\n")).what


def test_duplicate_keys_are_kept_and_counted(tmp_path: Path) -> None:
    found = read(written(tmp_path, "a.csv", HEAD + "a,x,Ana,\na,x,Eva,\na,x,Eva,\n"), "accounts")
    assert (found.counts.kept, found.counts.equal) == (2, 1)
    assert found.notes == ["1 keys (account_id) have more than one content; all of them are kept"]


INJECTIONS = (
    "'); drop table accounts; --",
    '"; drop view accounts; --',
    "' or '1'='1",
    "$$; attach 'x.db'; $$",
    "\\'; select 1; /*",
    "{{7*7}}${x}%s?:1",
)


def test_an_injection_in_every_text_field_stays_text(tmp_path: Path) -> None:
    rule = table_rules()["accounts"]
    names = [c.name for c in rule.columns.values() if c.type in ("id", "text", "list")]
    rows = [",".join('"' + bad.replace('"', '""') + '"' for _ in names) for bad in INJECTIONS]
    head = ",".join(names) + ',"x""); drop table t; --"\n'
    path = written(tmp_path, "accounts.csv", head + "".join(f"{row},{i}\n" for i, row in enumerate(rows)))
    with engine() as con:
        con.execute("create table accounts (a int); create table t as select 1 as a")
        staging = tmp_path / "s'); drop table t; --"
        staging.mkdir()
        reading = read_table(path, rule, "0" * 16, con, staging=staging)
        records = con.sql(reading.tables["records/accounts"].sql).to_arrow_table().to_pylist()
        assert con.execute("select count(*) from accounts").fetchall() == [(0,)]
        assert con.execute("select count(*) from t").fetchall() == [(1,)]
    assert reading.counts.kept == len(INJECTIONS)
    for bad, row in zip(INJECTIONS, sorted(records, key=lambda r: r["mapae_row"]), strict=True):
        for name in names:
            if rule.columns[name].type != "list":
                assert row[name] == bad, name


def test_a_file_whose_own_name_is_an_injection_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x'); drop table t; -- [a-z]*?.parquet"
    pq.write_table(pa.table({"account_id": ["a"], "platform": ["x"], 'it\'s "so"': ["v"]}), path)
    found = read(path, "accounts")
    assert found.rows("records/accounts")[0]["mapae_unknown"] == '{"it\'s \\"so\\"":"v"}'


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_cell_of_ten_megabytes_costs_its_row_alone(tmp_path: Path, ending: str) -> None:
    big = "x" * (10 << 20)
    path = tmp_path / f"accounts.{ending}"
    if ending == "csv":
        path.write_text(HEAD + f"a1,x,Ana,{big}\na2,x,Eva,ok\n")
    elif ending == "jsonl":
        path.write_text(
            f'{{"account_id":"a1","platform":"x","profile_text":"{big}"}}\n{{"account_id":"a2","platform":"x"}}\n'
        )
    else:
        pq.write_table(
            pa.table({"account_id": ["a1", "a2"], "platform": ["x", "x"], "profile_text": [big, "ok"]}), path
        )
    found = read(path, "accounts")
    assert found.reasons() == {1: ("profile_text", "a cell of more than 1 MB")}
    assert [r["account_id"] for r in found.rows("records/accounts")] == ["a2"]
    assert all(len(r["raw"]) <= 4096 for r in found.rows("rejected/accounts"))


def test_a_large_cell_in_a_column_nobody_knows_costs_its_row_too(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"account_id": ["a1"], "platform": ["x"], "blob": ["y" * (2 << 20)]}), tmp_path / "a.parquet"
    )
    assert read(tmp_path / "a.parquet", "accounts").counts.rejected == 1


@pytest.mark.parametrize("sign", ["\x00", "\x1f", "\x7f", "\u200b", "\u202e", "\n"])
def test_control_characters_in_ids_are_refused(tmp_path: Path, sign: str) -> None:
    found = read(written(tmp_path, "a.csv", HEAD + f'"a{sign}1",x,Ana,\na2,x,"A{sign}na",\n'), "accounts")
    assert found.reasons()[1][0] == "account_id" and "invisible" in found.reasons()[1][1]
    (kept,) = found.rows("records/accounts")
    assert "\x00" not in kept["legal_name"] and "\x1f" not in kept["legal_name"]


def test_years_zero_and_9999_and_confusable_days_are_refused_and_never_guessed(tmp_path: Path) -> None:
    days = ["0000-01-01", "9999-12-31", "03/04/2026", "1899-12-31", "2026-13-01", "2026-02-30", "2026-03-04"]
    text = "account_id,platform,created_at,date_of_birth\n" + "".join(
        f"a{i},x,{d},\nb{i},x,,{d}\n" for i, d in enumerate(days)
    )
    found = read(written(tmp_path, "a.csv", text), "accounts")
    assert found.counts.kept == 2 and found.counts.rejected == 12
    reasons = [reason for _, reason in found.reasons().values()]
    assert sum("lies outside 1900 to 2200" in r for r in reasons) == 6
    assert sum("day and month can be confused" in r for r in reasons) == 2
    pq.write_table(
        pa.table(
            {
                "account_id": ["a", "b"],
                "platform": ["x", "x"],
                "created_at": pa.array([253402300799, 0], pa.timestamp("s", "UTC")),
            }
        ),
        tmp_path / "a.parquet",
    )
    native = read(tmp_path / "a.parquet", "accounts")
    assert "the year 9999" in native.reasons()[1][1] and native.counts.kept == 1


def test_times_without_an_offset_are_refused_in_every_format(tmp_path: Path) -> None:
    found = read(written(tmp_path, "s.csv", "account_id,happened_at,ip\na,2026-01-01T00:00:00,1.2.3.4\n"), "sign_ins")
    assert "offset" in found.reasons()[1][1]
    import datetime as dt

    naive = pa.table({"account_id": ["a"], "happened_at": [dt.datetime(2026, 1, 1, 9)], "ip": ["1.2.3.4"]})
    pq.write_table(naive, tmp_path / "s.parquet")
    assert "offset" in read(tmp_path / "s.parquet", "sign_ins").reasons()[1][1]


@pytest.mark.parametrize("amount", ["NaN", "inf", "-Infinity", "1e16", "1,50", "0x10", "١٢"])
def test_amounts_that_are_none_are_refused(tmp_path: Path, amount: str) -> None:
    head = "payout_id,account_id,happened_at,destination_id,amount\n"
    found = read(written(tmp_path, "p.csv", head + f'p,a,2026-01-01T00:00:00Z,d,"{amount}"\n'), "payouts")
    assert found.reasons()[1][0] == "amount"
    line = f'{{"payout_id":"p","account_id":"a","happened_at":"2026-01-01T00:00:00Z","destination_id":"d","amount":{amount if amount in ("NaN", "-Infinity", "1e16") else chr(34) + amount + chr(34)}}}\n'
    assert read(written(tmp_path, "p.jsonl", line), "payouts").reasons()[1][0] == "amount"


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.csv.gz"])
def test_empty_files_are_refused_and_a_header_alone_is_an_empty_table(tmp_path: Path, name: str) -> None:
    assert refusal(written(tmp_path, name, b"")).what == "A file is empty."
    found = read(written(tmp_path, "h.csv", HEAD), "accounts")
    assert found.counts.read == 0


def test_an_empty_archive_is_refused(tmp_path: Path) -> None:
    refusal(written(tmp_path, "a.csv.gz", gzip.compress(b"")))
    refusal(written(tmp_path, "a.csv", b"\n\n\n"))


def test_a_folder_for_a_file_and_a_file_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").mkdir()
    assert "folder" in refusal(tmp_path / "accounts.csv").what
    assert "not there" in refusal(tmp_path / "gone.csv").what


def test_no_permission_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a.csv", HEAD)
    path.chmod(0)
    if os.access(path, os.R_OK):  # an administrator may read everything: let the system refuse in its place

        def denied(self: Path, *args: object, **kwargs: object) -> object:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(InputRefused) as caught:
        opened.check_file(path)
    assert "may not be read" in caught.value.what and "right" in caught.value.do


def test_ragged_rows_are_lost_one_by_one(tmp_path: Path) -> None:
    found = read(written(tmp_path, "a.csv", HEAD + "a1,x\na2,x,Ana,\na3,x,Eva,,extra\n\na4,x,Ida,\n"), "accounts")
    assert [r["mapae_row"] for r in found.rows("records/accounts")] == [2, 4]
    assert found.reasons() == {
        1: ("", "the row has 2 cells and the header 4"),
        3: ("", "the row has 5 cells and the header 4"),
    }
    assert found.rows("rejected/accounts")[0]["raw"] == '["a1","x"]'


def test_a_quotation_mark_in_the_wrong_place_costs_its_row_and_an_open_one_the_file(tmp_path: Path) -> None:
    found = read(written(tmp_path, "a.csv", HEAD + 'a1,x,"Ana"Bo,\na2,x,Eva,\n'), "accounts")
    assert "quotation mark" in found.reasons()[1][1] and found.counts.kept == 1
    problem = refusal(written(tmp_path, "b.csv", HEAD + 'a1,x,Ana,\na2,x,"Eva,\na3,x,Ida,\n'))
    assert "never closed" in problem.what and "line 3" in problem.where
    swallowed = HEAD + 'a1,x,"Ana,\na2,x,Eva,\na3,x,"Ida",\n'
    assert "line 2" in refusal(written(tmp_path, "c.csv", swallowed)).where, (
        "rows between two marks are not lost in silence"
    )
    joined = read(written(tmp_path, "d.csv", HEAD + 'a1,x,"Ana,\na2,x,Eva"\na4,x,Ida,\n'), "accounts")
    assert "line 2 to 3" in joined.reasons()[1][1]


def test_lines_that_are_no_json_are_lost_one_by_one(tmp_path: Path) -> None:
    good = '{"account_id":"a1","platform":"x"}\n'
    bad = (
        'nonsense\n[1]\n{"account_id":"a","account_id":"b","platform":"x"}\n'
        + "[" * 50000
        + "\n"
        + '{"account_id":"a3","pla'
    )
    found = read(written(tmp_path, "a.jsonl", good + bad), "accounts")
    assert (found.counts.kept, found.counts.rejected) == (1, 5)
    refusal(written(tmp_path, "b.json", '[{"account_id":"a1"}]'))


@pytest.mark.parametrize("damage", ["cut", "footer", "middle"])
def test_a_damaged_parquet_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table(
        {
            "account_id": [f"a{i}" for i in range(5000)],
            "platform": ["x"] * 5000,
            "other": [f"{i * i}" for i in range(5000)],
        }
    )
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)
    whole = bytearray(path.read_bytes())
    if damage == "cut":
        whole = whole[: len(whole) // 2]
    elif damage == "footer":
        whole[-12:-8] = b"\xff\xff\xff\xff"
    else:
        whole[60:400] = os.urandom(340)
    path.write_bytes(bytes(whole))
    assert "damaged" in refusal(path).what


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_a_cut_archive_is_refused(tmp_path: Path, pack: object) -> None:
    ending = {gzip.compress: "gz", lzma.compress: "xz", bz2.compress: "bz2"}[pack]  # type: ignore[index]
    packed = pack((HEAD + "a1,x,Ana,\n" * 5000).encode())  # type: ignore[operator]
    assert "damaged" in refusal(written(tmp_path, f"a.csv.{ending}", packed[: len(packed) // 2])).what


def test_a_bomb_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.zst"
    with pa.OSFile(str(path), "wb") as raw, pa.CompressedOutputStream(raw, "zstd") as out:
        out.write(HEAD.encode())
        for _ in range(400):
            out.write(b"a,x,," + b"0" * (1 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    problem = refusal(path)
    assert "longer than 64 MB" in problem.what
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000, "kilobytes"


def test_an_archive_that_grows_without_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "FREE_GROWTH", 1 << 20)
    path = written(tmp_path, "a.csv.gz", gzip.compress((HEAD + "a1,x,Ana,\n" * 1_000_000).encode()))
    assert "without measure" in refusal(path).what


def test_a_parquet_of_endless_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mapae.sources import formats

    monkeypatch.setattr(formats, "FREE_ROWS", 1000)
    monkeypatch.setattr(formats, "MOST_ROWS_PER_BYTE", 100)
    path = tmp_path / "a.parquet"
    ids = pa.DictionaryArray.from_arrays(pa.array([0] * 3_000_000, pa.int32()), pa.array(["a"]))
    pq.write_table(pa.table({"account_id": ids, "platform": ids}), path)
    assert "more rows than its size allows" in refusal(path).what


def test_a_spreadsheet_called_csv_is_refused(tmp_path: Path) -> None:
    refusal(written(tmp_path, "a.csv", b"PK\x03\x04" + bytes(200)))


def test_a_word_outside_the_list_names_the_list(tmp_path: Path) -> None:
    text = "account_id,happened_at,ip,outcome\na,2026-01-01T00:00:00Z,1.2.3.4,ALLOWED\na,2026-01-01T00:00:00Z,1.2.3.4,SUCCESS\n"
    found = read(written(tmp_path, "s.csv", text), "sign_ins")
    assert "success, failure, denied, challenge, unknown" in found.reasons()[1][1]
    assert found.rows("records/sign_ins")[0]["outcome"] == "success"
