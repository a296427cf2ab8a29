"""Spark as an engine: the same questions, on one machine (``local``) or a cluster that is already there."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from mapae.engine.dialect import SPARK_SETTINGS, to_spark
from mapae.model.errors import MapaeError

# Settings of the small local session that answers rules' cases: one core, no shuffle to speak of, no page to serve.
LOCAL = {
    "spark.master": "local[1]",
    "spark.app.name": "mapae",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.sql.warehouse.dir": "",
    "spark.log.level": "ERROR",
}


class SparkEngine:
    """Answers questions with Spark; a context manager that ends the session it began.

    Args:
        session: a session that is already there; by default a local one is begun.

    Raises:
        MapaeError: pyspark or Java is missing.
    """

    name = "spark"

    def __init__(self, session: Any = None) -> None:
        self._own = session is None
        self.session = _local_session() if session is None else session
        for key, value in SPARK_SETTINGS.items():
            self.session.conf.set(key, value)

    def sql(self, sql: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        """Answer one SELECT in DuckDB's dialect (see :class:`mapae.engine.answering.Answering`)."""
        for name, table in tables.items():
            self.session.createDataFrame(_spark_table(table)).createOrReplaceTempView(name)
        try:
            return self.session.sql(to_spark(sql)).toArrow()
        finally:
            for name in tables:
                self.session.catalog.dropTempView(name)

    def close(self) -> None:
        """End the session, if it is this engine's own."""
        if self._own:
            self.session.stop()

    def __enter__(self) -> SparkEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _spark_table(table: pa.Table) -> pa.Table:
    """Columns in types that Spark takes: texts of any length as plain strings."""
    fields = []
    for field in table.schema:
        kind = pa.string() if pa.types.is_large_string(field.type) else field.type
        fields.append(pa.field(field.name, kind, nullable=True))
    # In one piece: of a table in many chunks, rows of the later ones were seen to be missing in joins.
    return table.cast(pa.schema(fields)).combine_chunks()


def _local_session() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as problem:
        raise MapaeError(
            "Spark is not installed.",
            why="pyspark, an optional part, was not found",
            do="Install mapae[spark], or leave Spark out: everything runs without it.",
        ) from problem
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder
    for key, value in {**LOCAL, **SPARK_SETTINGS}.items():
        if value:
            builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except Exception as problem:
        raise MapaeError(
            "Spark did not start.",
            why=f"{type(problem).__name__}: {str(problem).splitlines()[0] if str(problem) else 'no reason given'}",
            do="Check that Java 17 or later is installed and that JAVA_HOME names it.",
        ) from problem
