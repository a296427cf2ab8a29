"""Persons: accounts that an employer or platform gives to one person are one hand, and never linked to each other.

Nothing is merged: the joining is a table with its basis, made anew in every run, so a corrected ``person_id``
undoes it without a trace.
"""

from __future__ import annotations

from mapae.engine.steps import Inputs

# Basis of a hand that is its account; several accounts share one by person_id or by the work e-mail.
AS_GIVEN = "account"


def make(inputs: Inputs) -> int:
    """Make the temporary table ``hands(account, hand, basis, principal, created_at, document_country)``, one row per account.

    Args:
        inputs: with the views ``accounts`` and ``persons``.

    Returns:
        How many hands there are.
    """
    inputs.con.execute(
        "create or replace temp table hands as select 'account:' || a.account_id as account, "
        "case when p.person_id is null then 'account:' || a.account_id else 'person:' || p.person_id end as hand, "
        f"coalesce(p.basis, '{AS_GIVEN}') as basis, coalesce(p.principal, a.account_id) as principal, "
        "a.created_at as created_at, coalesce(a.id_document_country, '') as document_country "
        "from accounts as a left join persons as p on p.account_id = a.account_id "
        "qualify row_number() over (partition by a.account_id order by a.mapae_source desc, a.mapae_row desc) = 1"
    )
    return int(inputs.con.execute("select count(distinct hand) from hands").fetchall()[0][0])


def accounts_of(inputs: Inputs, hands: list[str]) -> dict[str, list[str]]:
    """The account that stands for each hand (``principal``), as findings name it.

    Args:
        inputs: after :func:`make`.
        hands: typed references of hands.

    Returns:
        Hand to its accounts; a hand that no account table knows is its own account.
    """
    import pyarrow as pa

    inputs.con.register("wanted_hands", pa.table({"hand": pa.array(sorted(set(hands)), pa.string())}))
    rows = inputs.con.execute(
        "select distinct h.hand, 'account:' || h.principal as account from hands as h "
        "semi join wanted_hands as w on w.hand = h.hand order by h.hand, account"
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
