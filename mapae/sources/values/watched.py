"""A watched value in the normal form of its own kind."""

from __future__ import annotations

import re
from collections.abc import Callable

from mapae.sources.values.form import NOTHING, Form
from mapae.sources.values.network import cidr, email, host, ip
from mapae.sources.values.numbers import asn
from mapae.sources.values.people import document, phone
from mapae.sources.values.texts import clean, id_

WATCHED: dict[str, Callable[[str], Form]] = {
    "ip": ip,
    "cidr": cidr,
    "asn": asn,
    "email": email,
    "phone": phone,
    "domain": host,
    "document": document,
    "name": lambda raw: Form(clean(raw)) if clean(raw) else NOTHING,
    "wallet": id_,
    "device": id_,
    "account": id_,
    "text_hash": lambda raw: Form(raw.strip().lower()) if raw.strip().isalnum() else id_(raw),
}


def watched(raw: str, beside: str = "") -> Form:
    """A watched value in the normal form of its kind, which stands beside it."""
    form = WATCHED.get(re.sub(r"[\s\-]+", "_", beside.strip().lower()), id_)(raw)
    return Form(form.value, (), form.reason)
