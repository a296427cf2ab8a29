"""Entries of plain rows: for lists of one's own that are not in a workspace."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mapae.screening import queries
from mapae.screening.queries import Entry, Paper


def entries_of(rows: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """Entries of plain rows, one per name: entry and name, and what else of Entry's fields a row holds as text.

    Args:
        rows: dictionaries with ``entry`` and ``name``, and if wanted schema, list, snapshot, programme, authority, quality,
            birth_date, country, document (``NUMBER@kp``), imo, wallet, email, domain. Rows of one entry and list are one.

    Example:
        >>> entries_of([{"entry": "x1", "name": "RI Yong Mu", "country": "kp"}])[0].countries
        ('kp',)
    """
    grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        grouped.setdefault((row.get("list", ""), row["entry"]), []).append(row)
    made = []
    for (list_, id_), held in sorted(grouped.items()):

        def values(field: str, form: Callable[[str], str], held: list[Mapping[str, Any]] = held) -> tuple[str, ...]:
            return tuple(sorted({told for row in held if (told := form(row.get(field) or ""))}))

        papers = sorted(
            {(p.number, p.country) for row in held if row.get("document") for p in [queries.paper(row["document"])]}
        )
        first = held[0]
        made.append(
            Entry(
                id=id_, schema=first.get("schema", ""), caption=first["name"], list=list_, snapshot=first.get("snapshot", ""),
                programme=first.get("programme", ""), authority=first.get("authority", ""),
                names=tuple({row["name"]: row.get("quality") or "primary" for row in held}.items()),
                births=tuple((told, False) for told in values("birth_date", str)), countries=values("country", str.lower),
                documents=tuple(Paper(number, (country,) if country else ()) for number, country in papers),
                imos=values("imo", queries.imo), wallets=values("wallet", queries.wallet), emails=values("email", queries.email),
                domains=values("domain", queries.domain), digest=hashlib.sha256(repr(held).encode()).hexdigest(),
            )
        )  # fmt: skip
    return made
