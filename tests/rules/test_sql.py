"""The gate: what engines answer alike passes; the rest is refused with file, line, the text, and what to write."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapae.model.errors import RuleRefused
from mapae.rules.sql import check, normal

KNOWN = {
    "t": {
        "account_id": "string",
        "a": "int64",
        "b": "int64",
        "f": "float64",
        "m": "decimal",
        "s": "string",
        "q": "bool",
        "happened_at": "time",
        "d": "date",
        "mapae_source": "string",
        "mapae_row": "int64",
    },
    "u": {"account_id": "string", "a": "int64", "x": "string"},
}

ALLOWED = [
    "select account_id, count(*) as n from t group by account_id having count(*) > 1",
    "select account_id, count(distinct a) as n, coalesce(count_if(a > 1), 0) as k, sum(a) as s from t group by account_id",
    "with w as (select a, s from t where q) select a, s from w",
    "select t.a as a from t as t inner join u as v on v.account_id = t.account_id and v.a < t.a",
    "select t.a as a, v.x as x from t as t left join u as v on v.account_id = t.account_id",
    "select a from t semi join u as v on v.account_id = t.account_id",
    "select t.a as a from t anti join u as v on v.account_id = t.account_id",
    "select a, row_number() over (partition by s order by happened_at desc, mapae_source, mapae_row) as n from t qualify n = 1",
    "select lag(a) over w as b, lead(a, 2) over w as c, sum(a) over w as d, count(*) over w as e from t "
    "window w as (partition by s order by happened_at, mapae_source, mapae_row)",
    "select account_id, arg_max(s, n) as s from (select account_id, s, row_number() over (partition by account_id "
    "order by happened_at, mapae_source, mapae_row) as n from t) as numbered group by account_id",
    "select case when a > 1 then 'x' when a is null then s else 'z' end as c, nullif(a, 0) as n, coalesce(s, '') as e from t",
    "select greatest(a, b) as g, least(a, b, 0) as l, abs(a - b) as c, a + b * 2 - 1 as d, a / nullif(b, 0) as r, a / 2 as h from t",
    "select floor(f) as a, pow(f, 2) as b, sqrt(f) as c, sin(f) as d, cos(f) as e, asin(f) as g, radians(f) as h from t",
    "select date_diff('second', happened_at, happened_at) as s, date_trunc('day', happened_at) as o, "
    "hour(happened_at at time zone 'Asia/Seoul') as h from t",
    "select s || ':' || account_id as r, regexp_matches(s, '^[a-z]{2,3}(?:x|y)$') as m, split_part(s, '-', 1) as p, sha256(s) as h from t",
    "select a from t where a in (1, 2) and s not in ('x') and a between 1 and 3 and not q and (d is null or d is not null)",
    "select cast(happened_at as date) as d, cast(null as date) as e, cast(null as bigint) as f from t where d > date '2020-01-01'",
    "select min(happened_at) as first, max(f) as most from t",
]

# What is refused, and a piece of what to write instead.
REFUSED = [
    ("select * from t", "Name the columns"),
    ("select t.* from t", "Name the columns"),
    ("from t", "Name the columns"),
    ("select a b from t", "as b"),
    ("select a from t u", "as u"),
    ("select a from (select a from t) u", "as u"),
    ("select a + 1 from t", "name with as"),
    ("select a, b as a from t", "Two columns"),
    ("select distinct a from t", "group by"),
    ("select a from t order by a", "engine sorts"),
    ("select a from t limit 3", "row_number"),
    ("select a from t offset 3", "row_number"),
    ("select a from t union all select a from u", "of its own"),
    ("select a from t except select a from u", "anti join"),
    ("select a from t where a in (select a from u)", "semi join"),
    ("select a from t where exists (select 1 as o from u)", "semi join"),
    ("select (select max(a) as m from u) as x from t", "semi join"),
    ("select t.a as a from t, u", "condition"),
    ("select t.a as a from t cross join u", "inner, left, semi or anti"),
    ("select t.a as a from t natural join u", "inner, left"),
    ("select t.a as a from t join u using (account_id)", "on a.account_id"),
    ("select t.a as a from t right join u on t.a = u.a", "inner, left"),
    ("select t.a as a from t full join u on t.a = u.a", "inner, left"),
    ("select t.a as a from t asof join u on t.a >= u.a", "inner, left"),
    ("select t.a as a from t positional join u", "inner, left"),
    ("select a, row_number() over (order by happened_at) as n from t", "mapae_source, mapae_row"),
    ("select a, row_number() over (order by mapae_row, mapae_source) as n from t", "mapae_source, mapae_row"),
    ("select a, sum(a) over (partition by s) as n from t", "mapae_source, mapae_row"),
    ("select lag(a) over w as n from t window w as (partition by s order by happened_at)", "mapae_source, mapae_row"),
    (
        "select sum(a) over (order by mapae_source, mapae_row rows between 1 preceding and current row) as n from t",
        "frame",
    ),
    ("select rank() over (order by mapae_source, mapae_row) as n from t", "row_number"),
    ("select first_value(a) over (order by mapae_source, mapae_row) as n from t", "row_number"),
    ("select lag(a ignore nulls) over (order by mapae_source, mapae_row) as n from t", "null"),
    ("select lag(a) as n from t", "over"),
    ("select count_if(a > 1) as n from t", "coalesce(count_if"),
    ("select coalesce(count_if(a > 1), 1) as n from t", "coalesce(count_if"),
    ("select count(*) filter (where a > 1) as n from t", "count_if"),
    ("select count(distinct a, b) as n from t", "one"),
    ("select sum(f) as n from t", "whole numbers"),
    ("select sum(m) as n from t", "_cents"),
    ("select sum(a / 2) as n from t", "whole numbers"),
    ("select sum(sqrt(a)) as n from t", "whole numbers"),
    ("select sum(a * 1.5) as n from t", "whole numbers"),
    ("select arg_max(s, a) as n from t", "row_number"),
    ("select arg_max(s, a, 3) as n from t", "two arguments"),
    ("select arg_min(s, a) as n from t", "arg_max"),
    ("select any_value(a) as n from t", "min(x)"),
    ("select first(a) as n from t", "row_number"),
    ("select avg(a) as n from t", "sums of whole numbers"),
    ("select mean(a) as n from t", "sums of whole numbers"),
    ("select median(a) as n from t", "sums of whole numbers"),
    ("select stddev(a) as n from t", "sums of whole numbers"),
    ("select variance(a) as n from t", "sums of whole numbers"),
    ("select quantile_cont(a, 0.5) as n from t", "sums of whole numbers"),
    ("select approx_count_distinct(a) as n from t", "count(distinct"),
    ("select list(a) as n from t", "table of its own"),
    ("select array_agg(a) as n from t", "table of its own"),
    ("select string_agg(s, ',') as n from t", "table of its own"),
    ("select [a, b] as n from t", "table of its own"),
    ("select {'x': a} as n from t", "table of its own"),
    ("select unnest([1, 2]) as n from t", "table of its own"),
    ("select list_transform([1], x -> x + 1) as n from t", "list"),
    ("select a from t where s like 'x%'", "regexp_matches"),
    ("select a from t where s ilike 'x%'", "_folded"),
    ("select lower(s) as n from t", "_folded"),
    ("select upper(s) as n from t", "_folded"),
    ("select trim(s) as n from t", "_folded"),
    ("select replace(s, 'a', 'b') as n from t", "_folded"),
    ("select length(s) as n from t", "regexp_matches"),
    ("select concat(s, 'x') as n from t", "||"),
    ("select concat_ws(',', s, 'x') as n from t", "||"),
    ("select s || a as n from t", "texts"),
    ("select happened_at || '' as n from t", "texts"),
    ("select strftime(happened_at, '%Y') as n from t", "Text is never made"),
    ("select cast(a as varchar) as n from t", "Casts"),
    ("select cast(f as bigint) as n from t", "Casts"),
    ("select f::int as n from t", "Casts"),
    ("select cast(s as date) as n from t", "a time"),
    ("select try_cast(s as date) as n from t", "Casts"),
    ("select round(f) as n from t", "floor"),
    ("select ceil(f) as n from t", "floor"),
    ("select a / b as n from t", "nullif"),
    ("select a / 0 as n from t", "nullif"),
    ("select a // b as n from t", "floor"),
    ("select a % 2 as n from t", "floor"),
    ("select date_diff('hour', happened_at, happened_at) as n from t", "second"),
    ("select date_diff('day', happened_at, happened_at) as n from t", "second"),
    ("select date_trunc('week', happened_at) as n from t", "'day'"),
    ("select hour(happened_at) as n from t", "time zone"),
    ("select happened_at at time zone 'UTC' as n from t", "hour("),
    ("select extract(year from happened_at) as n from t", "hour(t"),
    ("select year(happened_at) as n from t", "date_diff"),
    ("select happened_at + interval 1 day as n from t", "date_diff"),
    ("select d + 1 as n from t", "numbers"),
    ("select now() as n from t", "clock"),
    ("select current_date as n from t", "clock"),
    ("select today() as n from t", "clock"),
    ("select random() as n from t", "chance"),
    ("select uuid() as n from t", "chance"),
    ("select a from t using sample 10", "chance"),
    ("select a from t tablesample 10%", ""),
    ("select md5(s) as n from t", "sha256"),
    ("select hash(s) as n from t", "sha256"),
    ("select if(q, 1, 2) as n from t", "case when"),
    ("select a is distinct from b as n from t", "a <> b"),
    ("select q is true as n from t", "condition itself"),
    ("select regexp_matches(s, '(?=x)') as n from t", "look-around"),
    ("select regexp_matches(s, '(a)\\1') as n from t", "look-around"),
    ("select regexp_matches(s, '(') as n from t", "valid pattern"),
    ("select regexp_matches(s, s) as n from t", "as a text"),
    ("select regexp_matches(s, 'x', 'i') as n from t", "without options"),
    ("select regexp_extract(s, 'x') as n from t", "split_part"),
    ("select a from t group by all", "not in the list"),
    ("select count(*) as n from t group by 1", "expression itself"),
    ("select count(*) as n from t group by rollup (a)", ""),
    ("select count(*) as n from t group by grouping sets ((a), ())", ""),
    ("with recursive r as (select a from t) select a from r", "recursion"),
    ("select a from 'file.csv'", "Name a table"),
    ("select a from read_csv('file.csv')", "Name a table"),
    ("select a from read_parquet('x')", "Name a table"),
    ("select a from other.t", "not in the list"),
    ("select a from range(10)", "Name a table"),
    ("values (1)", "catalogue"),
    ("select 1 as a", "Select from a table"),
    ("insert into t values (1)", "only selects"),
    ("drop table t", "only selects"),
    ("create table x as select a from t", "only selects"),
    ("copy t to 'x'", "only selects"),
    ("attach 'x'", "only selects"),
    ("pragma database_list", "only selects"),
    ("set threads = 1", "only selects"),
    ("select a from t; select a from t", "one SELECT"),
    ("", "one SELECT"),
    ("select a from", "one SELECT"),
    ("select getenv('HOME') as n from t", "list"),
    ("select a from t where a = :hops", "Parameters"),
    ("select a from t where a = ?", "Parameters"),
    ("select a from nowhere", "No table or measure"),
    ("select nothing from t", "No column"),
    ("select v.nothing as n from t as v", "no column nothing"),
    ("select x.a as n from t", "Nothing is called x"),
    ("select a as n from t inner join u on t.account_id = u.account_id", "Say whose"),
    ("select v.x as x from t semi join u as v on v.account_id = t.account_id", "Nothing is called v"),
    ("select a from t where s = 1", "like values"),
    ("select a from t where happened_at > '2020-01-01'", "like values"),
    ("select case when q then 1 else 'x' end as n from t", "like values"),
    ("select a from t where a", "a condition"),
    ("select a from t where a and q", "conditions"),
    ("select a from t pivot (sum(a) for s in ('x'))", ""),
    ("select (a, b) as n from t", ""),
    ("select -a as n from t", "0 - x"),
    ("select a from t as t inner join t as t on t.a = t.a", "Two tables"),
    ("with t as (select a from u) select a from t", "is taken"),
    ("select columns('a') as n from t", ""),
    ("select a from t qualify row_number() over (order by happened_at) = 1", "mapae_source"),
]


@pytest.mark.parametrize("sql", ALLOWED)
def test_what_is_in_the_list_passes(sql: str) -> None:
    check(sql, path="a.yml", line=7, known=KNOWN)


@pytest.mark.parametrize(("sql", "do"), REFUSED)
def test_what_is_not_in_the_list_is_refused_with_what_to_write(sql: str, do: str) -> None:
    with pytest.raises(RuleRefused) as caught:
        check(sql, path="a.yml", line=7, known=KNOWN)
    assert caught.value.where.startswith("a.yml:7")
    assert do in caught.value.do
    assert caught.value.do and (caught.value.why or not sql)


def test_the_line_is_that_of_the_file() -> None:
    sql = "select a,\n  count(*) as n,\n  avg(a)\n    as m\nfrom t\ngroup by a"
    with pytest.raises(RuleRefused) as caught:
        check(sql, path="a.yml", line=20)
    assert caught.value.where == "a.yml:22"
    assert "AVG(a)" in caught.value.why


def test_tables_and_columns_read_are_taken_from_the_tree() -> None:
    sql = """with w as (select account_id, a from t where s = 'x' and q)
    select w.account_id as k, count(v.x) as n from w inner join u as v on v.account_id = w.account_id group by w.account_id"""
    read = check(sql, path="a.yml", known=KNOWN)
    assert read.tables == {"t": ("a", "account_id", "q", "s"), "u": ("account_id", "x")}
    assert read.gives == {"k": "text", "n": "whole"}


def test_form_is_checked_without_knowing_any_table() -> None:
    assert check("select x.y as z from anything as x", path="a.yml").tables == {"anything": ("y",)}


def test_deep_nesting_and_great_length_are_refused() -> None:
    for sql in (f"select {'(' * 3000}a{')' * 3000} as x from t", "select " + "a + " * 6000 + "a as x from t"):
        with pytest.raises(RuleRefused):
            check(sql, path="a.yml")


def test_blanks_and_letter_case_of_keywords_make_no_other_rule() -> None:
    assert normal("SELECT a   FROM t -- why") == normal("select a from t")


PIECES = sorted(
    {
        piece
        for sql in (*ALLOWED, *(s for s, _ in REFUSED))
        for piece in sql.replace("(", " ( ").replace(")", " ) ").split()
    }
)


def survives(sql: str) -> None:
    try:
        check(sql, path="a.yml", known=KNOWN)
    except RuleRefused as refused:
        assert refused.where and refused.do


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join))
def test_no_heap_of_words_makes_the_gate_stumble(sql: str) -> None:
    survives(sql)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80))
def test_no_text_at_all_makes_the_gate_stumble(sql: str) -> None:
    survives(sql)


def test_no_allowed_question_with_a_word_lost_doubled_or_swapped_makes_the_gate_stumble() -> None:
    chance = random.Random(11)
    for sql in ALLOWED:
        words = sql.split()
        for _ in range(25):
            other = list(words)
            i, j = chance.randrange(len(other)), chance.randrange(len(other))
            change = chance.randrange(3)
            if change == 0:
                del other[i]
            elif change == 1:
                other.insert(i, other[j])
            else:
                other[i], other[j] = other[j], other[i]
            survives(" ".join(other))
