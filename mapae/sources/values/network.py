"""Addresses of the internet: IP, ranges, hosts, e-mail, pages."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
import urllib.parse

import idna

from mapae.sources.values.form import HMAC, NOTHING, Form, refused
from mapae.sources.values.texts import invisible

_V4 = re.compile(r"\d{1,3}(\.\d{1,3}){3}", re.ASCII)


def ip(raw: str, beside: str = "") -> Form:
    """Canonical IPv4 or IPv6 address, and the network of it that counts as one: itself, or the /64."""
    value = raw.strip()
    if not value:
        return NOTHING
    try:
        found = ipaddress.ip_address(value.strip("[]").split("%")[0])
    except ValueError:
        if _V4.match(value) and (":" in value or "/" in value):
            return refused("an address with a port or a range; write the address alone, as 203.0.113.7")
        return refused("not an internet address; write it as 203.0.113.7 or 2001:db8::1")
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        else:
            return Form(str(found), (f"{ipaddress.IPv6Address(int(found) >> 64 << 64)}/64",))
    return Form(str(found), (str(found),))


def cidr(raw: str, beside: str = "") -> Form:
    """Range of addresses in canonical form, its host bits off."""
    value = raw.strip()
    if not value:
        return NOTHING
    try:
        return Form(str(ipaddress.ip_network(value, strict=False)))
    except ValueError:
        return refused("not a range of addresses; write it as 203.0.113.0/24")


def _host(value: str) -> str | None:
    """ASCII form of a host name, or None."""
    value = value.strip().rstrip(".").lower()
    if not value or len(value) > 1000:
        return None
    try:
        made = idna.encode(value, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError, ValueError, IndexError):
        # Underscores and other letters that registries do not sell, but that names in use have.
        made = (
            value
            if re.fullmatch(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*", value, re.ASCII)
            else ""
        )
        made = "" if "xn--" in made else made
    return made if 0 < len(made) <= 253 else None


def host(raw: str, beside: str = "") -> Form:
    """Name of a host: lower case, IDNA, without the final point."""
    if not raw.strip():
        return NOTHING
    made = _host(raw)
    return Form(made) if made else refused("not the name of a host; write it as example.org")


def email(raw: str, beside: str = "") -> Form:
    """E-mail address in lower case with an ASCII domain; beside it the root, without sub-address."""
    value = unicodedata.normalize("NFC", raw.strip())
    if not value:
        return NOTHING
    if HMAC.fullmatch(value):
        return Form(value, (value,))
    advice = "not an e-mail address; write it as name@example.org"
    local, _, domain = unicodedata.normalize("NFC", value.lower()).rpartition("@")
    made = _host(domain)
    if not local or made is None or "." not in made or re.search(r"[\s@<>(),;:\\\"\[\]]", local) or invisible(local):
        return refused(advice)
    return Form(f"{local}@{made}", (f"{local.split('+')[0] or local}@{made}",))


def url(raw: str, beside: str = "") -> Form:
    """Web address: scheme and host in lower case, the rest as received."""
    value = raw.strip()
    if not value:
        return NOTHING
    if invisible(value) or re.search(r"\s", value):
        return refused("a web address with a blank or an invisible character")
    full = value if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", value) else f"https://{value}"
    try:
        parts = urllib.parse.urlsplit(full)
        made, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        made, port = None, None
    if made is None:
        return refused("not a web address; write it as https://example.org/page")
    tail = re.sub(r"^[^/?#]*", "", full.split("://", 1)[1])
    return Form(f"{parts.scheme.lower()}://{made}{f':{port}' if port else ''}{tail}")
