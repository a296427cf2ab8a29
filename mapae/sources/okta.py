"""Okta System Log: sign-ins, authenticators, identity checks and accounts of its events, in whatever container.

What counts as one sign-in. ``user.session.start`` is the sign-in. ``user.authentication.*`` are factors proven or failed,
each at an address and a time of its own (they also come hours into a session), so each is a row. ``policy.evaluate_sign_on``
is a row where it denies or asks for more, as denials by zone stand nowhere else; where it allows it is none, since the
session that follows says so. Access to applications and the end of sessions are no sign-ins. Okta writes UTC, also where an
export has dropped the zone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mapae.sources import csv_records, json_records
from mapae.sources.json_records import cell
from mapae.sources.layout import Event, Rows
from mapae.sources.log_cells import CONFUSED, Accounts, confused, filled, part, truth, utc
from mapae.sources.okta_containers import event_of, is_okta
from mapae.sources.okta_factors import authenticators, identity_check, target_users
from mapae.sources.okta_tunnels import network
from mapae.sources.rows import cut

_OUTCOMES = {
    "SUCCESS": "success",
    "ALLOW": "success",
    "FAILURE": "failure",
    "DENY": "denied",
    "CHALLENGE": "challenge",
}
_START = "user.session.start"
_AUTHENTICATION, _POLICY = "user.authentication.", "policy.evaluate_sign_on"
# Access to an application within a session, and its end.
_NO_SIGN_IN = frozenset(
    f"{_AUTHENTICATION}{name}" for name in ("sso", "slo", "universal_logout", "auth_unconfigured_identifier")
)
_PERSONS = frozenset(("User", "AppUser"))
_MACHINES = frozenset(
    ("SystemPrincipal", "PublicClientApp", "ConfidentialClientApp", "Client", "ServiceClient", "Agent")
)


class Okta:
    """Reader of the Okta System Log."""

    name = "okta"
    title = "Okta System Log"
    tables: tuple[str, ...] = ("sign_ins", "authenticators", "identity_checks", "accounts")
    version = "1"

    def recognises(self, path: Path, beginning: str) -> bool:
        """Whether a file holds Okta's events: by the names of their fields."""
        return is_okta(beginning)

    def events(self, path: Path) -> Iterator[Event]:
        """One event per record; see the module for what is a sign-in.

        Raises:
            InputRefused: the file cannot be read at all.
        """
        accounts = Accounts("okta")
        source: Iterator[tuple[int, int, Any]] = (
            csv_records.records(path) if _is_table(path) else json_records.records(path)
        )
        for number, line, record in source:
            if type(record) is not dict:
                yield Event(number, [], record.reason, record.raw)
                continue
            try:
                event = record if "eventType" in record and "actor" in record else event_of(record)
                if event is None:
                    yield _refused(number, record, f"no event type (line {line})")
                    continue
                rows = _rows(event, accounts)
            except (TypeError, ValueError, AttributeError, KeyError, RecursionError):
                yield _refused(number, record, f"its fields are not of the form that Okta writes (line {line})")
                continue
            if isinstance(rows, str):
                yield _refused(number, record, f"{rows} (line {line})")
            else:
                yield Event(number, rows)


def _is_table(path: Path) -> bool:
    from mapae.sources import opened

    beginning = opened.beginning(path, 1 << 12).removeprefix(b"\xef\xbb\xbf").lstrip()
    return not beginning.startswith((b"{", b"["))


def _refused(number: int, record: Any, reason: str) -> Event:
    return Event(number, [], reason, cut(cell(record) or ""))


def _rows(event: dict[str, Any], accounts: Accounts) -> Rows | str:
    """Rows of an event, or why there are none though there should be."""
    kind = event["eventType"]
    if type(kind) is not str:
        return "no event type"
    rows: Rows = []
    make = _KINDS.get(kind)
    if make is None and kind.startswith(_AUTHENTICATION) and kind not in _NO_SIGN_IN:
        make = _sign_in
    actor = event.get("actor")
    if type(actor) is not dict:
        actor = {}
    if make is not None:
        when = utc(event.get("published") or event.get("p_event_time"))
        if when is None or when == "redacted":
            return "no time (published)"
        if confused(when):
            return CONFUSED
        wrong = make(rows, event, _account(actor), when, accounts)
        if wrong:
            return wrong
    _see(rows, actor, event, accounts)
    return rows


def _account(actor: dict[str, Any]) -> str | None:
    """The account of an actor; an attempt under a name that is no account's is told by that name."""
    given = actor.get("id")
    if given is None or given in ("unknown", ""):
        login = filled(actor.get("alternateId"))
        return f"okta/unknown/{login}" if login else None
    return f"okta/{cell(given)}"


def _see(rows: Rows, actor: dict[str, Any], event: dict[str, Any], accounts: Accounts) -> None:
    """Note the account of an actor."""
    given, email, shown = actor.get("id"), actor.get("alternateId"), actor.get("displayName")
    if given is None or given in ("unknown", ""):
        return
    if accounts.last.get(given) == (email, shown):
        return
    accounts.last[given] = (email, shown)
    type_, published = actor.get("type"), event.get("published")
    if type_ not in _PERSONS and type_ not in _MACHINES:
        return
    person = type_ in _PERSONS
    accounts.see(
        rows,
        f"okta/{cell(given)}",
        published if type(published) is str else None,
        filled(email) if person else None,
        filled(shown),
        kind=None if person else "service",
    )


def _sign_in(rows: Rows, event: dict[str, Any], account: str | None, when: str, accounts: Accounts) -> str:
    if account is None:
        return "no account (actor.id)"
    result = part(event, "outcome", "result")
    outcome = _OUTCOMES.get(result.upper(), "unknown") if type(result) is str else "unknown"
    if event["eventType"] == _POLICY and outcome not in ("denied", "challenge"):
        return ""
    client = event.get("client")
    client = client if type(client) is dict else {}
    place = client.get("geographicalContext")
    place = place if type(place) is dict else {}
    point = place.get("geolocation")
    point = point if type(point) is dict else {}
    security = event.get("securityContext")
    security = security if type(security) is dict else {}
    session = event.get("authenticationContext")
    session = session if type(session) is dict else {}
    device = event.get("device")
    device = device if type(device) is dict else {}
    debug = part(event, "debugContext", "debugData")
    debug = debug if type(debug) is dict else {}
    kind, operator = network(event, client, security, debug)
    rows.append(
        (
            "sign_ins",
            {
                "event_id": filled(event.get("uuid")),
                "account_id": account,
                "happened_at": when,
                "outcome": outcome,
                "ip": filled(client.get("ipAddress")),
                "asn": filled(security.get("asNumber")),
                "as_org": filled(security.get("asOrg")),
                "network_kind": kind,
                "vpn_operator": operator,
                "country": filled(place.get("country")),
                "region": filled(place.get("state")),
                "city": filled(place.get("city")),
                "lat": filled(point.get("lat")),
                "lon": filled(point.get("lon")),
                "device_id": filled(device.get("id")) or filled(debug.get("dtHash")),
                "device_managed": truth(device.get("managed")),
                "session_id": filled(session.get("externalSessionId")) or filled(session.get("rootSessionId")),
                "interactive": "true",
                "user_agent": filled(part(client, "userAgent", "rawUserAgent")),
            },
        )
    )
    return ""


def _authenticator(rows: Rows, event: dict[str, Any], account: str | None, when: str, accounts: Accounts) -> str:
    users = target_users(event)
    owner = f"okta/{users[0]['id']}" if users else account
    found = authenticators(event)
    if found and owner is None:
        return "no account (actor.id)"
    ip = filled(part(event, "client", "ipAddress"))
    for kind, authenticator in found:
        cells = {"account_id": owner, "happened_at": when, "kind": kind, "authenticator_id": authenticator, "ip": ip}
        rows.append(("authenticators", cells))
    return ""


def _check(rows: Rows, event: dict[str, Any], account: str | None, when: str, accounts: Accounts) -> str:
    users = target_users(event)
    owner = f"okta/{users[0]['id']}" if users else account
    if owner is None:
        return "no account (actor.id)"
    cells = {"check_id": filled(event.get("uuid")), "account_id": owner, "happened_at": when}
    rows.append(("identity_checks", {**cells, **identity_check(event)}))
    return ""


def _created(rows: Rows, event: dict[str, Any], account: str | None, when: str, accounts: Accounts) -> str:
    if part(event, "outcome", "result") not in ("SUCCESS", None):
        return ""
    for user in target_users(event):
        email, shown = filled(user.get("alternateId")), filled(user.get("displayName"))
        accounts.see(rows, f"okta/{user['id']}", when, email, shown, created_at=when)
    return ""


_Make = Callable[[Rows, dict[str, Any], str | None, str, Accounts], str]
_KINDS: dict[str, _Make] = {
    _START: _sign_in,
    _POLICY: _sign_in,
    "device.user.add": _authenticator,
    "user.mfa.factor.activate": _authenticator,
    "system.sms.send_phone_verification_message": _authenticator,
    "system.voice.send_phone_verification_call": _authenticator,
    "user.identity_verification": _check,
    "user.lifecycle.create": _created,
}
