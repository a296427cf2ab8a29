"""What Okta says of the network of a sign-in: tunnels, services by address, and whether the address is a proxy."""

from __future__ import annotations

import json
from typing import Any

from mapae.sources.log_cells import filled, proxy_kind, truth

# The better known kind wins (records.md, order of kinds).
_ORDER = ("relay", "tor", "vpn", "proxy", "residential_proxy")


def listed(value: Any) -> list[dict[str, Any]]:
    """A list of objects, also where it stands as JSON inside a string."""
    if type(value) is str:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    if type(value) is dict:
        value = [value]
    return [one for one in value if type(one) is dict] if type(value) is list else []


def _kind(type_: str, operator: str) -> str:
    """Kind of network of a tunnel, by the words of its type and operator."""
    words = f"{type_} {operator}".upper().replace("-", "_")
    if "RELAY" in words:
        return "relay"
    if "TOR" in words.replace("_", " ").split():
        return "tor"
    if "RESIDENTIAL" in words:
        return "residential_proxy"
    if "VPN" in words or "WARP" in words:
        return "vpn"
    return "proxy"


def network(
    event: dict[str, Any], client: dict[str, Any], security: dict[str, Any], debug: dict[str, Any]
) -> tuple[str | None, str | None]:
    """Kind of network and operator of its tunnel, as far as the event tells.

    ``debugData.tunnels`` comes first, then the services of the client's address in the chain of the request, and
    ``isProxy`` last: it marks the relay of any iPhone too.

    Returns:
        A word of ``network_kind`` or None, and the operator as Okta writes it or None.
    """
    found: list[tuple[int, str, str | None]] = []
    tunnels = debug.get("tunnels")
    if tunnels:
        for one in listed(tunnels):
            operator = filled(one.get("operator"))
            kind = _kind(filled(one.get("type")) or "", operator or "")
            found.append((_ORDER.index(kind), kind, operator))
    if not found:
        request = event.get("request")
        chain = request.get("ipChain") if type(request) is dict else None
        if chain and (type(chain) is not str or "ipServicesCategories" in chain):
            found = _services(chain, client.get("ipAddress"))
    if found:
        _, kind, operator = min(found, key=lambda one: (one[0], one[2] is None, one[2] or ""))
        return kind, operator
    if security and truth(security.get("isProxy")) == "true":
        return proxy_kind(filled(security.get("asOrg"))), None
    return None, None


def _services(chain: Any, ip: Any) -> list[tuple[int, str, str | None]]:
    found = []
    for hop in listed(chain) if type(chain) is str else chain:
        if type(hop) is not dict:
            continue
        details = hop.get("ipDetails")
        if type(details) is not dict or (ip and hop.get("ip") not in (ip, None)):
            continue
        for one in listed(details.get("ipServicesCategories")):
            operator = filled(one.get("operator"))
            type_ = filled(one.get("type")) or filled(one.get("category")) or ""
            if operator or type_:
                kind = _kind(type_, operator or "")
                found.append((_ORDER.index(kind), kind, operator))
    return found
