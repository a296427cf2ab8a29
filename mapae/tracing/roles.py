"""Roles: what a hop makes of the party that it leads to, and which hops are steps of their own."""

from __future__ import annotations

import dataclasses

from mapae.rules.load import Mapping


@dataclasses.dataclass(frozen=True)
class Role:
    """What a relation makes of the party at its end.

    Args:
        name: the party's part, as ``receives_money``.
        permille: how surely the relation holds, given its record.
        money: the hop moves money.
        same: the hop tells who somebody is, and is no step of its own.
        walk: the relation may lie on a path.
    """

    name: str
    permille: int
    money: bool = False
    same: bool = False
    walk: bool = True


@dataclasses.dataclass(frozen=True)
class Bounds:
    """How far and wide the walk goes, and whom it looks for (``catalogue/tracing.yml``)."""

    depth: int
    fan_out: int
    routes: int
    programmes: str
    remark: str
    roles: dict[str, Role]

    def role(self, relation: str) -> Role:
        """Role at the end of a relation.

        Raises:
            KeyError: ``catalogue/tracing.yml`` does not know the relation.
        """
        return self.roles[relation]


def read(data: Mapping) -> Bounds:
    """Bounds and roles out of ``catalogue/tracing.yml``."""
    roles = {
        relation: Role(
            str(row["role"]),
            int(row["permille"]),
            money=row.get("money") == "yes",
            same=row.get("same") == "yes",
            walk=row.get("walk", "yes") == "yes",
        )
        for relation, row in data["roles"].items()
    }
    return Bounds(
        depth=int(data["depth"]["value"]),
        fan_out=int(data["fan_out"]["value"]),
        routes=int(data["routes"]["value"]),
        programmes=str(data["programmes"]["value"]),
        remark=str(data["remark"]["value"]),
        roles=roles,
    )
