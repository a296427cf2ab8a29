"""What Okta says of factors and identity checks: whose, which device or number, and with what result."""

from __future__ import annotations

from typing import Any

from mapae.sources.log_cells import filled, part
from mapae.sources.okta_tunnels import listed

# Words of a factor's name, in the order in which they decide (okta/customer-detections log_fields.csv shows some).
_KINDS = (
    ("SMS", "sms"),
    ("CALL", "call"),
    ("VOICE", "call"),
    ("WEBAUTHN", "passkey"),
    ("PASSKEY", "passkey"),
    ("U2F", "key"),
    ("YUBIKEY", "key"),
    ("SIGNED_NONCE", "push"),
    ("FASTPASS", "push"),
    ("PUSH", "push"),
    ("TOTP", "totp"),
    ("SOFT_TOKEN", "totp"),
    ("GOOGLE", "totp"),
)


def target_users(event: dict[str, Any]) -> list[dict[str, Any]]:
    """Users that an event is about, each with an id."""
    return [
        one
        for one in listed(event.get("target"))
        if one.get("type") == "User" and type(one.get("id")) is str and filled(one["id"])
    ]


def _number(text: str | None, code: str | None) -> str | None:
    """A phone number in clear; nothing where digits of it are hidden, as people would then share a number by chance."""
    bare = (text or "").translate({ord(sign): None for sign in " ()-./"})
    digits = bare.removeprefix("+")
    if not digits.isascii() or not digits.isdigit() or len(digits) < 7:
        return None
    if bare.startswith("+"):
        return bare
    return f"+{digits}" if code and digits.startswith(code) and len(digits) > 10 else f"+{code or ''}{digits}"


def authenticators(event: dict[str, Any]) -> list[tuple[str | None, str]]:
    """Kind and id of the authenticators that an event binds to an account.

    A device of Okta Verify is known by its device id, a phone by its number, or, where digits are hidden, by Okta's id of
    the phone, which is the same for everybody who gives that number. The id of a kind of authenticator (one for a whole
    organisation) is never taken.
    """
    kind_of_event = event["eventType"]
    debug = part(event, "debugContext", "debugData")
    debug = debug if type(debug) is dict else {}
    if kind_of_event.startswith("system.sms"):
        kind: str | None = "sms"
    elif kind_of_event.startswith("system.voice"):
        kind = "call"
    else:
        word = f"{filled(debug.get('factor')) or ''} {filled(part(event, 'outcome', 'reason')) or ''}".upper()
        kind = next((made for sign, made in _KINDS if sign in word), None)
    found: dict[str, str | None] = {}
    enrolled: dict[str, str | None] = {}
    for one in listed(event.get("target")):
        device = filled(part(one, "detailEntry", "oktaDeviceId"))
        type_, id_ = one.get("type"), filled(one.get("id"))
        if device is None and type_ in ("Device", "UDDevice") and id_ and id_.startswith("guo"):
            device = id_
        if device:
            found[device] = kind or "push"
        elif type_ == "MobilePhone":
            number = _number(filled(one.get("alternateId")), None) or _number(filled(one.get("displayName")), None)
            if number or id_:
                found[number or str(id_)] = kind or "sms"
        elif type_ in ("AuthenticatorEnrollment", "UserFactor") and id_:
            enrolled[id_] = kind
    number = _number(filled(debug.get("phoneNumber")), filled(debug.get("countryCallingCode")))
    if number:
        found.setdefault(number, kind or "sms")
    return [(made, id_) for id_, made in (found or enrolled).items()]


_RESULTS = {"SUCCESS": "passed", "ALLOW": "passed", "DENY": "failed", "FAILURE": "failed"}


def identity_check(event: dict[str, Any]) -> dict[str, str | None]:
    """Provider, result and reason of an identity check."""
    result, reason = part(event, "outcome", "result"), filled(part(event, "outcome", "reason"))
    made = _RESULTS.get(result, "incomplete") if type(result) is str else "incomplete"
    if made == "failed" and "mismatch" in (reason or "").lower():
        made = "mismatch"
    provider = next(
        (
            filled(one.get("displayName"))
            for one in listed(event.get("target"))
            if "Ident" in str(one.get("type")) and filled(one.get("displayName"))
        ),
        None,
    )
    return {"provider": provider, "result": made, "reason": reason}
