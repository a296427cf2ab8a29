"""Two engines, one answer: every measure and indicator gives the same rows on DuckDB and on Spark."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from mapae.engine.answering import DuckDBAnswering
from mapae.engine.dialect import to_spark
from mapae.rules.cases import answer_rows, measure_rows, pooled_tables, run_cases, with_persons
from mapae.rules.kinds import Catalogue, load_catalogue
from mapae.rules.seen import PERSONS, also_read, seen
from mapae.rules.sql import check
from mapae.sources.case_rows import read_rows

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    pytest.importorskip("pyspark", reason="pyspark, an optional part, is not installed; the second engine is not tried")
    from mapae.engine.spark import SparkEngine

    with SparkEngine() as engine:
        yield engine


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def test_measures_and_answers_have_the_same_rows_on_both(spark: Any, catalogue: Catalogue) -> None:
    tables = pooled_tables(catalogue, read_rows)
    duck = DuckDBAnswering()
    held = {engine.name: with_persons(catalogue, engine, tables) for engine in (duck, spark)}
    both: dict[str, dict[str, pa.Table]] = {"duckdb": {}, "spark": {}}
    for measure in catalogue.measures.values():
        for engine in (duck, spark):
            both[engine.name][measure.id] = measure_rows(catalogue, measure, engine, held[engine.name])
        assert both["spark"][measure.id].to_pylist() == both["duckdb"][measure.id].to_pylist(), measure.id
        assert both["duckdb"][measure.id].num_rows > 0
    chosen = catalogue.indicators.values()
    here = answer_rows(catalogue, chosen, duck, tables["accounts"], both["duckdb"])
    there = answer_rows(catalogue, chosen, spark, tables["accounts"], both["spark"])
    assert there.to_pylist() == here.to_pylist()
    assert {cell for row in here.to_pylist() for cell in row.values()} >= {"yes", "no", "unknown"}


def test_every_case_comes_out_as_written_on_spark(spark: Any, catalogue: Catalogue) -> None:
    assert [r for r in run_cases(catalogue, spark, read_rows) if not r.passed] == []


def test_witnesses_are_the_same_rows_on_both(spark: Any, catalogue: Catalogue) -> None:
    tables = with_persons(catalogue, DuckDBAnswering(), pooled_tables(catalogue, read_rows))
    for measure in catalogue.measures.values():
        for _, sql in measure.texts()[1:]:
            views = set(check(sql, path=measure.path).tables)
            asked = sql if measure.id == PERSONS else seen(sql, catalogue)
            more = set() if measure.id == PERSONS else also_read(views, catalogue)
            read = {name: tables[name] for name in sorted(views | more)}
            here, there = (
                sorted(map(str, engine.sql(asked, read).to_pylist())) for engine in (DuckDBAnswering(), spark)
            )
            assert here == there, measure.id


NOON = dt.datetime(2026, 3, 29, 12, 0, 5, tzinfo=dt.UTC)
EDGES = pa.table(
    {
        "k": pa.array(["a", "a", "a", "b", "b", "ä", None], pa.string()),
        "n": pa.array([1, None, -3, 2**40, 0, 7, 7], pa.int64()),
        "f": pa.array([0.5, None, -2.5, 1e9, 0.0, 3.0, 1.0], pa.float64()),
        "q": pa.array([True, None, False, True, None, False, True], pa.bool_()),
        "t": pa.array(
            [
                *(NOON, None, NOON + dt.timedelta(seconds=1), dt.datetime(1969, 12, 31, 23, 59, 59, tzinfo=dt.UTC)),
                *(dt.datetime(2026, 3, 29, 0, 0, tzinfo=dt.UTC), dt.datetime(2024, 2, 29, 23, 0, tzinfo=dt.UTC), NOON),
            ],
            pa.timestamp("us", tz="UTC"),
        ),
        "s": pa.array(["x-y-z", "", "-", "ÄÖ", "a\\b", "x", None], pa.string()),
        "mapae_source": pa.array(["f" * 16] * 7, pa.string()),
        "mapae_row": pa.array(range(1, 8), pa.int64()),
    }
)
# Each construct of the gate's list, over nulls, negative and large numbers, empty texts, days before 1970.
CONSTRUCTS = {
    "values": """select mapae_row, coalesce(n, 0) as c, nullif(n, 7) as z, greatest(n, 2) as g, least(n, 2, 0) as l,
        abs(n) as a, n / nullif(n - 1, 0) as d, n / 2 as h, n * 2 - 1 as m, floor(f) as fl, pow(f, 2) as p,
        case when n > 1 then 'more' when n is null then 'none' else 'less' end as w, not q as nq, q and n > 0 as qa, q or n > 0 as qo,
        n in (1, 7) as i, n not in (1, 7) as ni, n between 0 and 7 as b, k < 'b' as lt from edges""",
    "texts": """select mapae_row, k || ':' || s as j, split_part(s, '-', 1) as a, split_part(s, '-', 2) as b, split_part(s, '-', 9) as c,
        sha256(s) as h, regexp_matches(s, '^[a-z]') as m, regexp_matches(s, '-.*-') as r, regexp_matches(s, '\\\\') as bs from edges""",
    "times": """select mapae_row, date_diff('second', t, timestamptz_of) as d, date_trunc('day', t) as o, hour(t at time zone 'UTC') as u,
        hour(t at time zone 'Asia/Seoul') as s, hour(t at time zone 'America/New_York') as n, cast(t as date) as c,
        t < timestamptz_of as b, cast(t as date) = date '2026-03-29' as e
        from (select mapae_row, t, lag(t) over (order by mapae_source, mapae_row) as timestamptz_of from edges) as inner_edges""",
    "aggregates": """select k, count(*) as n, count(n) as nn, count(distinct n) as d, coalesce(count_if(q), 0) as c, sum(n) as s, min(f) as l,
        max(t) as m, min(s) as ms, max(k || s) as x from edges group by k having count(*) > 0""",
    "windows": """select mapae_row, lag(n) over w as a, lead(n, 2) over w as b, row_number() over w as r, sum(n) over w as s, count(q) over w as c,
        min(n) over w as l, row_number() over (order by n desc, mapae_source, mapae_row) as o, row_number() over (order by s, mapae_source, mapae_row) as e
        from edges window w as (partition by k order by t, mapae_source, mapae_row)""",
    "qualify": """select k, n from edges qualify row_number() over (partition by k order by n, mapae_source, mapae_row) = 1""",
    "arg_max": """select k, arg_max(n, r) as n from (select k, n, row_number() over (partition by k order by f, mapae_source, mapae_row) as r
        from edges) as numbered group by k""",
    "joins": """with small as (select k, n from edges where n is not null)
        select e.mapae_row as mapae_row, s.n as n from edges as e left join small as s on s.k = e.k and s.n > e.n""",
    "semi": "select e.mapae_row as mapae_row from edges as e semi join edges as o on o.k = e.k and o.n > e.n",
    "anti": "select e.mapae_row as mapae_row from edges as e anti join edges as o on o.k = e.k and o.n > e.n",
}


def rows(table: pa.Table) -> list[str]:
    def plain(value: Any) -> Any:
        if isinstance(value, float):
            return f"{value:.12g}"
        if isinstance(value, dt.datetime):
            return value.astimezone(dt.UTC).isoformat()
        number = not isinstance(value, bool | str | dt.date) and value is not None
        return f"{float(value):.12g}" if number else value

    return sorted(str([plain(v) for v in row.values()]) for row in table.to_pylist())


@pytest.mark.parametrize("name", sorted(CONSTRUCTS))
def test_each_construct_of_the_list_is_answered_alike(spark: Any, name: str) -> None:
    sql = CONSTRUCTS[name]
    kinds = {"k": "string", "n": "int64", "f": "float64", "q": "bool", "t": "time", "s": "string"}
    check(sql, path=name, known={"edges": {**kinds, "mapae_source": "string", "mapae_row": "int64"}})
    assert rows(spark.sql(sql, {"edges": EDGES})) == rows(DuckDBAnswering().sql(sql, {"edges": EDGES}))


def test_joins_and_orders_are_said_as_spark_says_them() -> None:
    assert "LEFT ANTI JOIN" in to_spark("select a from t anti join u as v on v.a = t.a")
    ordered = to_spark("select lag(a) over (order by b, mapae_source, mapae_row) as x from t")
    assert ordered.count("NULLS LAST") == 3
    assert "QUALIFY" not in to_spark("select a from t qualify row_number() over (order by mapae_source, mapae_row) = 1")


def test_without_pyspark_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from mapae.engine.spark import SparkEngine
    from mapae.model.errors import MapaeError

    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(MapaeError, match="Spark is not installed") as caught:
        SparkEngine()
    assert "mapae[spark]" in caught.value.do
