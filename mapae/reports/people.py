"""Who a case is about: the people behind a subject as the run joined their accounts, and how many people it knows."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

from mapae.model.errors import MapaeError
from mapae.reports.sections import rows_in
from mapae.store.naming import view_name
from mapae.store.runs import OpenRun

# A view of this module's: account to the account that stands for its person.
HOLDERS = "mapae_holders"


@dataclasses.dataclass(frozen=True)
class Person:
    """One person of a case.

    Args:
        principal: the account that stands for the person, without ``account:``.
        accounts: all accounts that the run joined to it, the principal among them, in order.
        person_id: the employer's number of the person, "" where none is known.
    """

    principal: str
    accounts: tuple[str, ...]
    person_id: str


def has(run: OpenRun, view: str) -> bool:
    """Whether the run holds a table that reads under this name."""
    return any(view_name(table) == view for table in run.manifest["tables"])


def holders(run: OpenRun) -> str:
    """Make and name the view ``(account_id, person_id, holder)``: each account, and the account that stands for its person.

    Where the run joined no persons, accounts of one ``person_id`` are one person, and each other account its own.
    """
    if has(run, "persons"):
        joined = "select account_id, person_id, principal from persons"
    else:
        joined = (
            "select account_id, person_id, min(account_id) over (partition by person_id) as principal "
            "from accounts where person_id is not null"
        )
    run.con.execute(
        f"create or replace temp view {HOLDERS} as with joined as ({joined}) "
        "select a.account_id, coalesce(j.person_id, a.person_id) as person_id, coalesce(j.principal, a.account_id) as holder "
        "from accounts as a left join joined as j on j.account_id = a.account_id "
        "union all select account_id, person_id, principal from joined anti join accounts using (account_id)"
    )
    return HOLDERS


def everybody(run: OpenRun) -> int:
    """How many people the run knows: one row of ``answers`` each."""
    return int(run.con.execute("select count(*) from answers").fetchall()[0][0])


def of(run: OpenRun, subject: str) -> list[Person]:
    """The people of a case, in order of the account that stands for each.

    Args:
        subject: ``ring:…``, ``person:…`` or ``account:…``.

    Raises:
        MapaeError: the subject is nobody (a party, a vessel …).
    """
    view = holders(run)
    kind, _, key = subject.partition(":")
    if kind == "ring":
        wanted = [
            r["subject"].removeprefix("account:")
            for r in run.rows("select subject from ring where object = ? order by subject", [subject])
        ]
    elif kind == "person":
        wanted = [
            r["account_id"]
            for r in run.rows(f"select account_id from {view} where person_id = ? order by account_id", [key])
        ]
    elif kind == "account":
        wanted = [key]
    else:
        raise MapaeError(
            f"{subject} is no person and no group of people.",
            where=str(run.space.root),
            do="Name an account or a ring, as account:a17 or ring:a17; the other subjects have a case file for analysts.",
        )
    found = {
        r["account_id"]: r["holder"]
        for r in rows_in(run, f"select account_id, holder from {view} where account_id in $in", wanted)
    }
    principals = sorted({found.get(account, account) for account in wanted})
    rows = rows_in(
        run,
        f"select holder, account_id, person_id from {view} where holder in $in order by holder, account_id, person_id",
        principals,
    )
    joined: dict[str, list[dict[str, Any]]] = {principal: [] for principal in principals}
    for row in rows:
        joined[row["holder"]].append(row)
    return [
        Person(
            principal,
            tuple(dict.fromkeys([r["account_id"] for r in listed] or [principal])),
            next((str(r["person_id"]) for r in listed if r["person_id"]), ""),
        )
        for principal, listed in joined.items()
    ]


def operator(run: OpenRun, subject: str) -> str:
    """The operator that a subject belongs to, as the assessment calls it: its ring, else the account of its person."""
    kind, _, key = subject.partition(":")
    if kind in ("account", "person"):
        column = "account_id" if kind == "account" else "person_id"
        found = run.rows(f"select min(holder) as holder from {holders(run)} where {column} = ?", [key])
        if found and found[0]["holder"] is not None:
            subject = f"account:{found[0]['holder']}"
    held = run.rows("select min(object) as object from ring where subject = ?", [subject])
    return str(held[0]["object"]) if held and held[0]["object"] is not None else subject


def reference(subject: str) -> str:
    """A short name of a case that says nothing about anybody: twelve hex digits of its subject's hash."""
    return hashlib.sha256(b"case\x1f" + subject.encode()).hexdigest()[:12]
