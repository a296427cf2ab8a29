"""Which planted ring of a simulated world a found ring is."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def match_rings(planted: dict[str, dict[str, Any]], rings: pa.Table) -> list[dict[str, Any]]:
    """Each planted ring beside the found ring that holds most of its members.

    Args:
        planted: by name: ``kind``, ``dprk``, ``members`` (set of account ids).
        rings: findings of the kind ring; ``subject`` is the account, ``object`` the ring.

    Returns:
        In order of name: ``ring, kind, dprk, members, found, together, purity, as`` and ``accounts`` (the set).
        ``found``: half of the members or more lie in one found ring. ``purity``: their share of that ring. Of several
        found rings with equally many members the purer, then the first by name, is taken.
    """
    inside: dict[str, set[str]] = {}
    for row in rings.select(["subject", "object"]).to_pylist():
        inside.setdefault(row["object"], set()).add(row["subject"].removeprefix("account:"))
    of: dict[str, list[str]] = {}
    for name in sorted(inside):
        for account in inside[name]:
            of.setdefault(account, []).append(name)
    rows = []
    for name in sorted(planted):
        members: set[str] = planted[name]["members"]
        best, together, purity = "", 0, 0.0
        for other in sorted({o for a in members for o in of.get(a, ())}):
            shared = len(members & inside[other])
            pure = shared / len(inside[other])
            if (shared, pure) > (together, purity):
                best, together, purity = other, shared, pure
        rows.append(
            {
                "ring": name,
                "kind": planted[name]["kind"],
                "dprk": planted[name]["dprk"],
                "members": len(members),
                "found": together >= 2 and together * 2 >= len(members),
                "together": together,
                "purity": round(purity, 4),
                "as": best,
                "accounts": members,
            }
        )
    return rows
