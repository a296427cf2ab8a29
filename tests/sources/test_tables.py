"""Record tables: one content in three formats, equal rows, keys with two contents, lists, and what is said of them."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tabled import SOURCE, Outcome, read, table_rules, written

from mapae.model.errors import InputRefused

ACCOUNTS: list[dict[str, Any]] = [
    {
        "account_id": "upwork/1", "platform": "upwork", "created_at": "2026-01-01", "legal_name": "Jos\u00e9  \u00d1and\u00fa",
        "claimed_country": "kr", "email": "Bob+x@Example.ORG", "phone": "02-212-3456", "skills": ["Go", " Rust ", "\u00fc"],
        "claimed_timezone": "asia/seoul", "date_of_birth": "1990-02-01", "badge": "gold",
    },
    {"account_id": "upwork/2", "platform": "upwork", "created_at": "2026-01-02T03:04:05.9+09:00", "profile_text": 'says "hi"; a,b\nc'},
    {"account_id": "upwork/3", "platform": "upwork", "claimed_country": "Korea"},
]  # fmt: skip


def as_csv(rows: list[dict[str, Any]], delimiter: str = ",") -> str:
    """Rows as CSV, lists between semicolons."""
    names = list(dict.fromkeys(n for row in rows for n in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, delimiter=delimiter)
    writer.writeheader()
    for row in rows:
        writer.writerow({n: ";".join(v) if isinstance(v, list) else v for n, v in row.items()})
    return out.getvalue()


def as_jsonl(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def as_parquet(rows: list[dict[str, Any]], path: Path, types: dict[str, pa.DataType] | None = None) -> Path:
    names = list(dict.fromkeys(n for row in rows for n in row))
    arrays = {n: pa.array([row.get(n) for row in rows], (types or {}).get(n)) for n in names}
    pq.write_table(pa.table(arrays), path)
    return path


def plain(outcome: Outcome, table: str) -> list[dict[str, Any]]:
    """Rows without what says how they were received."""
    return [{k: v for k, v in r.items() if not k.endswith("_received")} for r in outcome.rows(f"records/{table}")]


def test_one_content_gives_the_same_records_in_every_format(tmp_path: Path) -> None:
    made = [
        read(written(tmp_path, "accounts.csv", as_csv(ACCOUNTS)), "accounts"),
        read(written(tmp_path, "accounts.jsonl", as_jsonl(ACCOUNTS)), "accounts"),
        read(as_parquet(ACCOUNTS, tmp_path / "accounts.parquet"), "accounts"),
        read(
            written(tmp_path, "b.csv", "\ufeff" + as_csv(ACCOUNTS, ";").replace("account_id", " Account_ID ")),
            "accounts",
        ),
        read(written(tmp_path, "c.csv.gz", gzip.compress(as_csv(ACCOUNTS, "\t").encode())), "accounts"),
    ]
    first = plain(made[0], "accounts")
    for other in made[1:]:
        assert plain(other, "accounts") == first
        assert other.rows("records/account_skills") == made[0].rows("records/account_skills")
        assert other.reasons() == made[0].reasons() == {3: ("claimed_country", made[0].reasons()[3][1])}


def test_a_record_holds_normal_forms_and_the_text_received(tmp_path: Path) -> None:
    found = read(written(tmp_path, "accounts.csv", as_csv(ACCOUNTS)), "accounts")
    one, two = found.rows("records/accounts")
    assert one["legal_name_folded"] == "jose nandu"
    assert (one["claimed_country"], one["claimed_country_received"]) == ("KR", "kr")
    assert (one["email"], one["email_root"]) == ("bob+x@example.org", "bob@example.org")
    assert (one["phone"], one["phone_received"]) == ("+8222123456", "02-212-3456")
    assert one["mapae_unknown"] == '{"badge":"gold"}'
    assert one["date_of_birth"] == dt.date(1990, 2, 1) and one["date_of_birth_received"] is None
    assert two["created_at"].isoformat() == "2026-01-01T18:04:05+00:00"
    assert two["created_at_received"] == "2026-01-02T03:04:05.9+09:00"
    assert two["profile_text_folded"] == 'says "hi"; a,b c'
    assert [(r["position"], r["value"]) for r in found.rows("records/account_skills")] == [
        (1, "Go"),
        (2, "Rust"),
        (3, "\u00fc"),
    ]
    assert all(
        r["account_id"] == "upwork/1" and r["mapae_source"] == SOURCE for r in found.rows("records/account_skills")
    )


def test_native_columns_of_parquet_are_read_as_what_they_are(tmp_path: Path) -> None:
    moment = dt.datetime(2026, 1, 1, 9, 30, 1, 999_000, tzinfo=dt.UTC)
    rows = [
        {"payout_id": 1, "account_id": 7, "happened_at": moment, "amount": Decimal("12.345"), "amount_usd": 1.005, "destination_id": "d"},
        {"payout_id": 2, "account_id": 7, "happened_at": moment, "amount": Decimal("12.355"), "amount_usd": float("nan"), "destination_id": "d"},
        {"payout_id": 3, "account_id": 7, "happened_at": moment, "amount": None, "amount_usd": float("inf"), "destination_id": "d"},
        {"payout_id": 4, "account_id": 7, "happened_at": moment, "amount": None, "amount_usd": None, "destination_id": None},
    ]  # fmt: skip
    types = {"amount": pa.decimal128(12, 3), "happened_at": pa.timestamp("ms", "UTC")}
    found = read(as_parquet(rows, tmp_path / "payouts.parquet", types), "payouts")
    (one,) = found.rows("records/payouts")
    assert (one["payout_id"], one["account_id"]) == ("1", "7")
    assert one["happened_at"].isoformat() == "2026-01-01T09:30:01+00:00"
    assert one["happened_at_received"] == "2026-01-01T09:30:01.999000Z"
    assert (one["amount_cents"], one["amount_usd_cents"]) == (1234, 100), "half to even"
    assert {row: column for row, (column, _) in found.reasons().items()} == {
        2: "amount_usd",
        3: "amount_usd",
        4: "destination_id",
    }


SIGN_INS = "account_id,happened_at,ip,device_id\n"


def test_sign_ins_without_an_outcome_count_as_success_and_the_run_says_so(tmp_path: Path) -> None:
    found = read(written(tmp_path, "a.csv", SIGN_INS + "a,2026-01-01T00:00:00Z,203.0.113.7,\n"), "sign_ins")
    (row,) = found.rows("records/sign_ins")
    assert (row["outcome"], row["place_file"]) == ("success", "sender")
    assert any("no column outcome" in note for note in found.notes)
    empty = read(
        written(tmp_path, "b.csv", "account_id,happened_at,ip,outcome\na,2026-01-01T00:00:00Z,203.0.113.7,\n"),
        "sign_ins",
    )
    assert empty.rows("records/sign_ins")[0]["outcome"] == "unknown", "an empty cell is no success"
    assert not empty.notes


def test_at_is_read_as_happened_at(tmp_path: Path) -> None:
    found = read(written(tmp_path, "a.csv", "account_id,AT,ip\na,2026-01-01T00:00:00Z,203.0.113.7\n"), "sign_ins")
    assert found.rows("records/sign_ins")[0]["happened_at"].year == 2026


def test_equal_rows_are_one_and_keys_with_two_contents_are_kept_and_counted(tmp_path: Path) -> None:
    text = (
        "event_id,account_id,happened_at,ip,device_id\n"
        "e1,a,2026-01-01T00:00:00Z,203.0.113.7,d\n"
        "e1,a,2026-01-01T01:00:00+01:00,203.0.113.7,d\n"
        "e2,a,2026-01-01T00:00:00Z,203.0.113.7,d\n"
        "e2,a,2026-01-01T00:00:00Z,203.0.113.8,d\n"
    )
    found = read(written(tmp_path, "a.csv", text), "sign_ins")
    assert (found.counts.read, found.counts.kept, found.counts.equal) == (4, 3, 1)
    assert [r["mapae_row"] for r in found.rows("records/sign_ins")] == [1, 3, 4]
    assert any(note.startswith("1 keys (event_id)") for note in found.notes)


def _part(found: Outcome, path: Path) -> Path:
    pq.write_table(found.tables["records/sign_ins"], path)
    return path


@pytest.mark.parametrize("ids", [True, False])
def test_a_log_exported_twice_counts_once(tmp_path: Path, ids: bool) -> None:
    rows = [
        {
            "event_id": f"e{i}",
            "account_id": "a",
            "happened_at": f"2026-01-01T00:00:{i:02d}Z",
            "ip": "203.0.113.7",
            "city": "Ulm",
        }
        for i in range(20)
    ]
    if not ids:
        rows = [{k: v for k, v in row.items() if k != "event_id"} for row in rows]
    first = read(written(tmp_path, "a.csv", as_csv(rows[:15])), "sign_ins", source="a" * 16)
    part = _part(first, tmp_path / "part.parquet")
    second = read(written(tmp_path, "b.jsonl", as_jsonl(rows[10:])), "sign_ins", earlier=[part], source="b" * 16)
    assert (second.counts.read, second.counts.kept, second.counts.equal) == (10, 5, 5)
    assert [r["mapae_row"] for r in second.rows("records/sign_ins")] == [6, 7, 8, 9, 10]
    changed = [{**row, "city": "Bonn"} for row in rows[:1]]
    third = read(written(tmp_path, "c.csv", as_csv(changed)), "sign_ins", earlier=[part], source="c" * 16)
    assert third.counts.equal == 0
    assert bool(third.notes) and (any("earlier file" in n for n in third.notes) == ids)


def test_made_ids_depend_on_source_account_time_and_ip_alone(tmp_path: Path) -> None:
    text = (
        SIGN_INS
        + "a,2026-01-01T00:00:00Z,203.0.113.7,x\na,2026-01-01T00:00:00Z,203.0.113.8,x\na,2026-01-01T00:00:00Z,,x\n"
    )
    found = read(written(tmp_path, "a.csv", text), "sign_ins")
    again = read(written(tmp_path, "b.csv", text), "sign_ins")
    ids = [r["event_id"] for r in found.rows("records/sign_ins")]
    assert len(set(ids)) == 3 and all(len(i) == 32 for i in ids)
    assert ids == [r["event_id"] for r in again.rows("records/sign_ins")]
    other = read(written(tmp_path, "c.csv", text), "sign_ins", source="f" * 16)
    assert not set(ids) & {r["event_id"] for r in other.rows("records/sign_ins")}


def test_rows_that_differ_in_a_list_alone_are_not_equal(tmp_path: Path) -> None:
    text = 'account_id,platform,skills\na,x,Go\na,x,Rust\na,x,["Go"]\n'.replace('["Go"]', '"[""Go""]"')
    found = read(written(tmp_path, "a.csv", text), "accounts")
    assert (found.counts.kept, found.counts.equal) == (2, 1)


def test_state_tables_keep_what_an_earlier_file_said_too(tmp_path: Path) -> None:
    first = read(written(tmp_path, "a.csv", "account_id,platform\na,x\n"), "accounts")
    part = tmp_path / "p.parquet"
    pq.write_table(first.tables["records/accounts"], part)
    again = read(written(tmp_path, "b.csv", "account_id,platform\na,x\n"), "accounts", earlier=[part])
    assert again.counts.kept == 1


def test_unknown_columns_are_kept_in_one_canonical_text(tmp_path: Path) -> None:
    row = {
        "bid_id": "b",
        "account_id": "a",
        "job_id": "j",
        "happened_at": "2026-01-01T00:00:00Z",
        "zeta": 'x"\\\n\u00fc',
        "alpha": 5,
        "nil": None,
    }
    for path in (
        written(tmp_path, "a.csv", as_csv([row])),
        written(tmp_path, "a.jsonl", as_jsonl([row])),
        as_parquet([row], tmp_path / "a.parquet"),
    ):
        (kept,) = read(path, "bids").rows("records/bids")
        assert kept["mapae_unknown"] == '{"alpha":"5","zeta":"x\\"\\\\\\n\u00fc"}', path.suffix
        assert json.loads(kept["mapae_unknown"]) == {"alpha": "5", "zeta": 'x"\\\n\u00fc'}


def test_watched_values_take_the_form_of_their_kind(tmp_path: Path) -> None:
    text = "value,kind,source,valid_until\nBob@Example.org,email,s,2027-01-01\n203.0.113.9/24,cidr,s,2027-01-01\n1.2.3.999,ip,s,2027-01-01\n"
    found = read(written(tmp_path, "w.csv", text), "watchlist")
    assert [r["value"] for r in found.rows("records/watchlist")] == ["bob@example.org", "203.0.113.0/24"]
    assert found.reasons()[3][0] == "value"


def test_addresses_part_with_their_unit(tmp_path: Path) -> None:
    text = 'person_id,employer_id,home_address\np,e,"12 Elm St., Apt 4B"\nq,e,12 elm st apartment 4b\nr,e,12 Elm St\n'
    rows = read(written(tmp_path, "e.csv", text), "employees").rows("records/employees")
    assert {r["home_address_folded"] for r in rows} == {"12 elm st"}
    assert [r["home_address_unit"] for r in rows] == ["4b", "4b", None]


def test_the_result_does_not_depend_on_threads(tmp_path: Path) -> None:
    import duckdb

    from mapae.sources.tables import read_table

    rows = [
        {"account_id": f"a{i % 97}", "happened_at": f"2026-01-01T00:{i % 60:02d}:00Z", "ip": f"203.0.113.{i % 255}"}
        for i in range(3000)
    ]
    path = written(tmp_path, "s.csv", as_csv(rows))
    made = []
    for threads in (1, 4):
        con = duckdb.connect()
        con.execute(f"set threads = {threads}; set timezone = 'UTC'")
        reading = read_table(path, table_rules()["sign_ins"], SOURCE, con, staging=tmp_path / f"s{threads}")
        table = con.sql(reading.tables["records/sign_ins"].sql + " order by mapae_row").to_arrow_table()
        made.append((reading.counts, table))
        con.close()
    assert made[0][0] == made[1][0] and made[0][1].equals(made[1][1])
    assert made[0][0].read == 3000


CELL = st.text(max_size=30).filter(lambda t: not any(0xD800 <= ord(c) < 0xE000 for c in t))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELL, CELL, CELL, CELL), max_size=6))
def test_any_cells_give_rows_kept_rejected_or_equal_and_no_error(
    tmp_path: Path, rows: list[tuple[str, str, str, str]]
) -> None:
    names = ("account_id", "platform", "profile_text", "created_at")
    dicts = [dict(zip(names, row, strict=True)) for row in rows]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows(rows)
    by_csv = read(written(tmp_path, "accounts.csv", out.getvalue()), "accounts")
    assert by_csv.counts.read == len(rows)
    if dicts:
        by_json = read(written(tmp_path, "accounts.jsonl", as_jsonl(dicts)), "accounts")
        by_parquet = read(as_parquet(dicts, tmp_path / "accounts.parquet"), "accounts")
        assert plain(by_json, "accounts") == plain(by_csv, "accounts") == plain(by_parquet, "accounts")
        assert by_json.reasons() == by_csv.reasons() == by_parquet.reasons()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass")),
                         st.binary(max_size=120).map(lambda b: b"account_id,platform\n" + b)),
       ending=st.sampled_from([".csv", ".jsonl", ".parquet", ".csv.gz", ".csv.xz", ".csv.zst", ".csv.bz2"]))  # fmt: skip
def test_no_bytes_break_the_reader(tmp_path: Path, content: bytes, ending: str) -> None:
    try:
        found = read(written(tmp_path, f"accounts{ending}", content), "accounts")
    except InputRefused as problem:
        assert problem.what and problem.where and problem.do
    else:
        assert found.counts.balanced()
