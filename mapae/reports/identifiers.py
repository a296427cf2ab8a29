"""Where values that identify people stand in the records: one list that pivot, exports and evidence packages share."""

from __future__ import annotations

import dataclasses
import re

from mapae.reports import people
from mapae.sources import values
from mapae.store.runs import OpenRun
from mapae.store.views import name, quote


@dataclasses.dataclass(frozen=True)
class Place:
    """A column in which values of one kind stand.

    Args:
        kind: what the value is, in the words that ``pivot`` prints.
        table, column: where it stands, in its normal form.
        at: column of the time, "" where the table has none.
        by: ``account`` or ``person``, whose column names the holder.
        where: condition of the rows in which the holder had the value; "" for all.
    """

    kind: str
    table: str
    column: str
    at: str = "happened_at"
    by: str = "account"
    where: str = ""

    @property
    def had(self) -> str:
        """The condition as SQL."""
        return self.where or "true"


# Only success says that somebody had an address or a device: anybody can fail to sign in as anybody.
_SUCCESS = "outcome = 'success'"
PLACES: tuple[Place, ...] = (
    Place("ip", "sign_ins", "ip", where=_SUCCESS),
    Place("ip", "authenticators", "ip"),
    Place("ip", "applications", "ip"),
    Place("ip", "meetings", "ip"),
    Place("/64", "sign_ins", "ip_64", where=f"{_SUCCESS} and ip_64 <> ip"),
    Place("/64", "authenticators", "ip_64", where="ip_64 <> ip"),
    Place("/64", "applications", "ip_64", where="ip_64 <> ip"),
    Place("/64", "meetings", "ip_64", where="ip_64 <> ip"),
    Place("asn", "sign_ins", "asn", where=_SUCCESS),
    Place("device", "sign_ins", "device_id", where=_SUCCESS),
    Place("device", "applications", "device_id"),
    Place("device", "endpoint_facts", "device_id"),
    Place("device", "equipment", "device_serial"),
    Place("device", "endpoint_facts", "serial"),
    Place("authenticator", "authenticators", "authenticator_id"),
    Place("phone", "accounts", "phone", at="created_at"),
    Place("phone", "applications", "phone"),
    Place("phone", "references_given", "referee_phone"),
    Place("phone", "authenticators", "authenticator_id", where="kind in ('sms', 'call')"),
    Place("email", "accounts", "email", at="created_at"),
    Place("email", "accounts", "email_root", at="created_at", where="email_root <> email"),
    Place("email", "applications", "email"),
    Place("email", "references_given", "referee_email"),
    Place("payout", "payouts", "destination_id", where="coalesce(method, '') <> 'crypto'"),
    Place("payout", "employees", "pay_destination_id", at="hired_on", by="person"),
    Place("wallet", "payouts", "destination_id", where="method = 'crypto'"),
    Place("address", "equipment", "ship_to_address_folded"),
    Place("address", "equipment", "id_document_address_folded"),
    Place("address", "employees", "home_address_folded", at="hired_on", by="person"),
    Place("address", "applications", "address_folded"),
    Place("document", "accounts", "id_document_number", at="created_at"),
)
KINDS = tuple(dict.fromkeys(place.kind for place in PLACES))
# Tables in which an account may be left out where a person is named.
_EITHER = frozenset({"applications", "meetings", "equipment"})


def sightings(run: OpenRun, kinds: tuple[str, ...] = KINDS) -> str:
    """SQL of ``(kind, value, holder, seen_at, table_name, column_name, mapae_source, mapae_row)``: each time somebody had a value.

    Holders are accounts that stand for persons (:func:`mapae.reports.people.holders`), or ``person:<id>`` where the
    employer's register names a person without an account.
    """
    view = people.holders(run)
    run.con.execute(
        f"create or replace temp view mapae_person_holders as select person_id, min(holder) as holder from {view} "
        "where person_id is not null group by person_id"
    )
    selects = []
    for place in PLACES:
        if place.kind not in kinds or not people.has(run, place.table):
            continue
        t = f"(select * from {name(place.table)} where {name(place.column)} is not null and {place.had})"
        at = f"cast(r.{name(place.at)} as timestamptz)" if place.at else "cast(null as timestamptz)"
        joins = f"left join {view} as h on h.account_id = r.account_id"
        holder = "coalesce(h.holder, r.account_id)"
        if place.by == "person":
            joins = "left join mapae_person_holders as p on p.person_id = r.person_id"
            holder = "coalesce(p.holder, 'person:' || r.person_id)"
        elif place.table in _EITHER:
            joins += " left join mapae_person_holders as p on p.person_id = r.person_id"
            holder = "coalesce(h.holder, r.account_id, p.holder, 'person:' || r.person_id)"
        selects.append(
            f"select {quote(place.kind)} as kind, cast(r.{name(place.column)} as varchar) as value, {holder} as holder, "
            f"{at} as seen_at, {quote(place.table)} as table_name, {quote(place.column)} as column_name, "
            f"r.mapae_source, r.mapae_row from {t} as r {joins} where {holder} is not null"
        )
    return " union all ".join(selects)


def normal(value: str) -> dict[str, str]:
    """Kinds that a value can be, each with its normal form as the readers make it.

    Example:
        >>> normal("2001:DB8::1")["/64"], normal("AS64500")["asn"], normal("Jane@Example.org")["email"]
        ('2001:db8::/64', '64500', 'jane@example.org')
    """
    text = value.strip()
    found: dict[str, str] = {}

    def put(kind: str, form: values.Form, made: bool = False) -> None:
        normal_form = (form.made[0] if form.made else None) if made else form.value
        if form.reason is None and normal_form:
            found[kind] = normal_form

    address = values.ip(text)
    put("ip", address)
    if address.value and ":" in address.value:
        put("/64", address, made=True)
    if text.endswith("/64"):
        put("/64", values.cidr(text))
    if re.fullmatch(r"(?i)as\s*\d+|\d{1,10}", text):
        put("asn", values.asn(text))
    if re.match(r"\+|00|hmac:", text) and "ip" not in found:
        put("phone", values.phone(text))
    if "@" in text or text.startswith("hmac:"):
        put("email", values.email(text))
    if re.search(r"\d", text) and re.search(r"[^\W\d]", text) and re.search(r"\s", text):
        put("address", values.address(text), made=True)
    if re.search(r"\d", text) and "ip" not in found and "address" not in found:
        put("document", values.document(text))
    for kind in ("device", "authenticator", "payout", "wallet"):
        put(kind, values.id_(text))
    return found
