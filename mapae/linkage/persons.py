"""Persons: accounts that an employer or platform gives to one person are one hand, and never linked to each other.

Nothing is merged: the joining is a table with its basis, made anew in every run, so a corrected ``person_id``
undoes it without a trace.
"""

from __future__ import annotations

from mapae.engine.steps import Inputs

# Basis of a hand that several accounts may share, and of one that is its account.
BY_PERSON, AS_GIVEN = "person_id", "account"


def make(inputs: Inputs) -> int:
    """Make the temporary table ``hands(account, hand, basis, created_at, document_country)``, one row per account.

    Args:
        inputs: with the view ``accounts``.

    Returns:
        How many hands there are.
    """
    inputs.con.execute(
        "create or replace temp table hands as select 'account:' || account_id as account, "
        "case when person_id is null then 'account:' || account_id else 'person:' || person_id end as hand, "
        f"case when person_id is null then '{AS_GIVEN}' else '{BY_PERSON}' end as basis, "
        "created_at, coalesce(id_document_country, '') as document_country from accounts "
        "qualify row_number() over (partition by account_id order by mapae_source desc, mapae_row desc) = 1"
    )
    return int(inputs.con.execute("select count(distinct hand) from hands").fetchall()[0][0])


def accounts_of(inputs: Inputs, hands: list[str]) -> dict[str, list[str]]:
    """Accounts of each hand, earliest-created first; accounts without a day come last.

    Args:
        inputs: after :func:`make`.
        hands: typed references of hands.

    Returns:
        Hand to its accounts; a hand that no account table knows is its own account.
    """
    import pyarrow as pa

    inputs.con.register("wanted_hands", pa.table({"hand": pa.array(sorted(set(hands)), pa.string())}))
    rows = inputs.con.execute(
        "select h.hand, h.account from hands as h semi join wanted_hands as w on w.hand = h.hand "
        "order by h.hand, h.created_at nulls last, h.account"
    ).fetchall()
    inputs.con.unregister("wanted_hands")
    made: dict[str, list[str]] = {hand: [] for hand in sorted(set(hands))}
    for hand, account in rows:
        made[hand].append(account)
    return {hand: accounts or [hand] for hand, accounts in made.items()}


def earliest(inputs: Inputs, accounts: list[str]) -> dict[str, tuple[str, str]]:
    """Sort key of each account by its day of creation: ISO text (empty days last), then the account.

    Args:
        inputs: after :func:`make`.
        accounts: typed references.
    """
    import pyarrow as pa

    inputs.con.register("wanted_accounts", pa.table({"account": pa.array(sorted(set(accounts)), pa.string())}))
    rows = inputs.con.execute(
        "select h.account, epoch_us(h.created_at) from hands as h "
        "semi join wanted_accounts as w on w.account = h.account"
    ).fetchall()
    inputs.con.unregister("wanted_accounts")
    days = {account: f"{int(us) + 10**18:020d}" for account, us in rows if us is not None}
    return {account: (days.get(account, "~"), account) for account in set(accounts)}
