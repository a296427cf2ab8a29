"""Rows of ``endpoint_facts`` as the readers of endpoint tools write them, each with an id of its own."""

from __future__ import annotations

import hashlib

from mapae.sources.layout import Rows
from mapae.sources.log_cells import Accounts, filled

# Accounts that are nobody's: what runs on every computer.
_NOBODY = frozenset(("system", "local service", "network service", "root", "localsystem"))


def fact(
    kind: str,
    when: str,
    device: str | None,
    account: str | None,
    cells: dict[str, str | None],
    device_name: str | None = None,
) -> tuple[str, dict[str, str | None]]:
    """One row; its id is made of all that it says, since one report may list many things at one moment.

    Args:
        kind: a word of ``kind``.
        when: time in ISO 8601.
        device: id of the device.
        account: id of the account, with its platform.
        cells: vendor_id, product_id, vendor, product, serial, version as far as known.
        device_name: name of the device, kept beside its id.
    """
    row: dict[str, str | None] = {"account_id": account, "device_id": device, "happened_at": when, "kind": kind}
    row |= {name: value or None for name, value in cells.items()}
    text = "\x1f".join(f"{name}\x1e{value or ''}" for name, value in sorted(row.items()))
    made = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
    row["fact_id"] = made
    if device_name and device_name != device:
        row["device_name"] = device_name
    return "endpoint_facts", row


def owner(
    rows: Rows, accounts: dict[str, Accounts], when: str, platform: str, object_id: str | None, name: str | None
) -> str | None:
    """The account at a device, noted with its e-mail so that it joins its person; None where nobody is told.

    Args:
        rows: where a row of ``accounts`` goes.
        accounts: accounts seen so far, by platform.
        when: time of the event.
        platform: the tool that tells.
        object_id: id of the user in Entra.
        name: user name; only an e-mail names a person outside the computer.
    """
    email = name if name and "@" in name and name.lower() not in _NOBODY else None
    user = filled(object_id)
    if user and user != "00000000-0000-0000-0000-000000000000":
        platform = "entra"
    elif email is None:
        return None
    account = f"{platform}/{user or email.lower()}" if email else f"{platform}/{user}"
    accounts.setdefault(platform, Accounts(platform)).see(rows, account, when, email, None)
    return account
