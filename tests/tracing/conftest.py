"""Relations written by hand, and the step of tracing run over them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from mapae.model import findings
from mapae.rules.kinds import load_catalogue
from mapae.settings import Settings
from mapae.tracing.steps import steps


@dataclasses.dataclass
class Tables:
    """The step's inputs: views over tables in memory."""

    con: duckdb.DuckDBPyConnection

    def progress(self, said: str) -> None: ...

    def arrow(self, sql: str) -> pa.Table:
        return self.con.sql(sql).to_arrow_table()

    def refs(self, table: str) -> list[str]:
        return []


class Relations:
    """``edge("account:a", "wallet:w", "paid_to", cents=5)``; ``listed("kkbc")``; ``ring("r", "a", "b")``."""

    def __init__(self) -> None:
        self.edges: list[dict[str, Any]] = []
        self.entries: list[tuple[str, str, str]] = []
        self.remarks: list[tuple[str, str]] = []
        self.rings: list[dict[str, Any]] = []
        self.matches: list[dict[str, Any]] = []

    def edge(
        self,
        one: str,
        other: str,
        role: str = "paid_to",
        *,
        cents: int | None = None,
        days: tuple[str, str] | None = None,
    ) -> None:
        since, until = (dt.date.fromisoformat(d) for d in days) if days else (None, None)
        ref = f"record:x:s:{len(self.edges)}"
        self.edges.append(
            {"from_ref": one, "to_ref": other, "role": role, "since": since, "until": until, "cents": cents, "ref": ref}
        )

    def listed(self, name: str, programs: str = "DPRK3") -> None:
        self.entries.append((f"party:{name}", name, programs))

    def remark(self, name: str, text: str) -> None:
        self.remarks.append((name, text))

    def ring(self, name: str, *accounts: str, permille: int = 900) -> None:
        for account in accounts:
            self.rings.append(
                findings.row(
                    "ring", rule="ring.member", subject=f"account:{account}", object=f"ring:{name}", verdict="yes",
                    centibits=1, because=[], size=len(accounts), member_permille=permille,
                )
            )  # fmt: skip

    def match(self, subject: str, party: str, level: str = "exact", alias: str = "x") -> None:
        self.matches.append(
            findings.row(
                "match", rule="match.name", subject=subject, object=f"party:{party}", verdict="yes", centibits=1,
                because=[], list="us_ofac_sdn", snapshot=None, alias=alias, level=level,
            )
        )  # fmt: skip

    def run(self, *, threads: int = 1, order: Any = None) -> dict[str, pa.Table]:
        con = duckdb.connect(config={"threads": threads})
        edges, rings = list(self.edges), list(self.rings)
        if order:
            order(edges)
            order(rings)
        texts = [(name, pa.string()) for name in ("from_ref", "to_ref", "role", "ref")]
        schema = pa.schema([*texts, ("since", pa.date32()), ("until", pa.date32()), ("cents", pa.int64())])
        con.register("edges", pa.Table.from_pylist(edges, schema=schema))
        con.register("ring", pa.Table.from_pylist(rings, schema=findings.schema("ring")))
        con.register("match", pa.Table.from_pylist(self.matches, schema=findings.schema("match")))
        con.execute("create table entries (party text, entity_id text, caption text, programs text)")
        for party, name, programs in self.entries:
            con.execute("insert into entries values (?, ?, ?, ?)", [party, name, f"The {name}", programs])
        con.execute("create table statements_now (entity_id text, prop text, value text)")
        for name, text in self.remarks:
            con.execute("insert into statements_now values (?, 'notes', ?)", [name, text])
        step = steps(load_catalogue(), Settings())[0]
        assert isinstance(step.function, functools.partial)
        made = dict(step.function(Tables(con)))
        return {
            name: table.cast(step.schema[name]).sort_by([(c, "ascending") for c in step.order[name]])
            for name, table in made.items()
        }

    def paths(self, **how: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.run(**how)["findings/path"].to_pylist()
        return rows


@pytest.fixture
def relations() -> Relations:
    return Relations()
