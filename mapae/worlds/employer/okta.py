"""The identity provider's log of the simulated employer, in the layout of an Okta System Log export (a JSON array)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mapae.worlds import addresses as at
from mapae.worlds.employer import sign_ins as visits
from mapae.worlds.employer.enrolments import CODE, Enrolments
from mapae.worlds.employer.faces import Faces
from mapae.worlds.employer.parameters import Given
from mapae.worlds.employer.sign_ins import DAY, SignIns
from mapae.worlds.employer.staff import Staff, some
from mapae.worlds.population import Ints

# Kinds of event: name, older name, message.
KINDS = (
    ("user.session.start", "core.user_auth.login_success", "User login to Okta"),
    ("user.authentication.auth_via_mfa", "core.user.factor.attempt_success", "Authentication of user via MFA"),
    ("policy.evaluate_sign_on", "core.sign_on.policy.evaluate", "Evaluation of sign-on policy"),
    ("user.authentication.sso", "app.auth.sso", "User single sign on to app"),
    ("device.user.add", "", "Add device to user"),
    ("user.mfa.factor.activate", "core.user.factor.activate", "Activate factor for user"),
    ("system.sms.send_phone_verification_message", "core.sms.send", "Send phone verification SMS"),
)
START, MFA, POLICY, SSO, DEVICE_ADD, ACTIVATE, SMS = range(len(KINDS))
APPS = ("Slack", "Google Workspace", "GitHub Enterprise Cloud", "Jira", "Zoom", "Salesforce", "AWS IAM Identity Center")
COUNTRIES = {
    "US": "United States", "CA": "Canada", "MX": "Mexico", "BR": "Brazil", "AR": "Argentina", "CO": "Colombia", "GB": "United Kingdom",
    "DE": "Germany", "FR": "France", "ES": "Spain", "PT": "Portugal", "PL": "Poland", "UA": "Ukraine", "RO": "Romania", "RS": "Serbia",
    "TR": "Turkey", "EG": "Egypt", "NG": "Nigeria", "KE": "Kenya", "ZA": "South Africa", "AE": "United Arab Emirates", "PK": "Pakistan",
    "IN": "India", "BD": "Bangladesh", "LK": "Sri Lanka", "VN": "Vietnam", "LA": "Laos", "TH": "Thailand", "ID": "Indonesia",
    "MY": "Malaysia", "PH": "Philippines", "CN": "China", "HK": "Hong Kong", "KR": "South Korea", "JP": "Japan", "RU": "Russia",
    "AU": "Australia", "NZ": "New Zealand",
}  # fmt: skip
COMPUTERS = (
    ("Windows 11", "CHROME", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36"),
    ("Mac OS X", "CHROME", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36"),
)  # fmt: skip
TELEPHONE = (
    "iOS (iPhone)",
    "SAFARI",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
)
_LINE = (
    '{{"actor":{actor},"client":{{"userAgent":{agent},"zone":"null","device":"{form}","id":null,"ipAddress":"{ip}",'
    '"geographicalContext":{place}}},"device":{device},"authenticationContext":{{"authenticationProvider":null,"credentialProvider":null,'
    '"credentialType":null,"issuer":null,"interface":null,"authenticationStep":0,"rootSessionId":"{session}",'
    '"externalSessionId":"{session}"}},"displayMessage":"{message}","eventType":"{event}","outcome":{{"result":"{result}","reason":{reason}}},'
    '"published":"{published}Z","securityContext":{network},"severity":"INFO","debugContext":{{"debugData":{{"requestId":"{request}",'
    '"dtHash":"{cookie}","requestUri":"/idp/idx/identify","url":"/idp/idx/identify?"{tunnels}}}}},"legacyEventType":"{older}",'
    '"transaction":{{"type":"WEB","id":"{request}","detail":{{}}}},"uuid":"{uuid}","version":"0","request":{{"ipChain":[{{"ip":"{ip}",'
    '"geographicalContext":{place},"version":"{version}","source":null}}]}},"target":{target}}}'
)  # fmt: skip


@dataclasses.dataclass
class Events:
    """One row an event of the log. ``row`` is the sign-in whose network and device it has, ``more`` what is bound."""

    kind: Ints
    person: Ints
    second: Ints
    row: Ints
    more: Ints


def events(
    given: Given, staff: Staff, attempts: SignIns, bound: Enrolments, each: int, days: int, rng: np.random.Generator
) -> Events:
    """Sign-ins, second factors, policies, bindings, and enough use of applications to make ``each`` events a person."""
    m = attempts.n
    rows = np.arange(m, dtype=np.int64)
    denied = some(rng, m, 0.3) & (attempts.network == visits.STRANGER)
    kind = np.where(denied, POLICY, START)
    own = np.flatnonzero(~attempts.failed)
    mfa = own[some(rng, len(own), given["mfa"]) & ~staff.codes[attempts.person[own]]]
    policy = own[some(rng, len(own), 0.05)]
    device = bound.what != CODE
    nothing = np.full(m, -1, dtype=np.int64)
    parts = [
        (kind, attempts.person, attempts.second, rows, nothing),
        (np.full(len(mfa), MFA), attempts.person[mfa], attempts.second[mfa] + 12, mfa, nothing[mfa]),
        (np.full(len(policy), POLICY), attempts.person[policy], attempts.second[policy] + 2, policy, nothing[policy]),
        (np.where(device, DEVICE_ADD, SMS), bound.person, bound.second, bound.near, bound.which),
        (
            np.full(int(device.sum()), ACTIVATE),
            bound.person[device],
            bound.second[device] + 3,
            bound.near[device],
            bound.which[device],
        ),
    ]
    wanted = each * staff.n - sum(len(part[0]) for part in parts)
    if wanted > 0 and len(own):
        use = own[rng.integers(0, len(own), wanted)]
        later = attempts.second[use] + 30 + (rng.random(wanted) ** 2 * 8 * 3600).astype(np.int64)
        parts.append((np.full(wanted, SSO), attempts.person[use], later, use, rng.integers(0, len(APPS), wanted)))
    made = [np.concatenate([part[k] for part in parts]).astype(np.int64) for k in range(5)]
    made[2] = np.clip(made[2], 0, days * DAY - 1)
    order = np.lexsort((made[3], made[0], made[1], made[2]))
    return Events(*(column[order] for column in made))


def write(path: Path, given: Given, staff: Staff, faces: Faces, attempts: SignIns, log: Events, seed: int) -> int:
    """Write the log.

    Returns:
        How many events.
    """
    texts, which = at.text(attempts.address)
    place, network, tunnels = _addresses(given, attempts)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("[\n")
        begun = False
        for lines in _lines(given, staff, faces, attempts, log, texts, which, place, network, tunnels, seed):
            file.write((",\n" if begun else "") + ",\n".join(lines))
            begun = True
        file.write("\n]\n")
    return len(log.kind)


def _addresses(given: Given, attempts: SignIns) -> tuple[list[str], list[str], list[str]]:
    """Per sign-in: the place, the network and the tunnels as text of JSON."""
    places = [
        json.dumps({"city": p.city, "state": p.region, "country": COUNTRIES.get(p.country, p.country), "postalCode": None,
                    "geolocation": {"lat": p.lat, "lon": p.lon}}, separators=(",", ":"))
        for p in given.places
    ]  # fmt: skip
    kept: dict[tuple[int, int, int, int], str] = {}
    country = [p.country for p in given.places]
    codes = sorted(set(country))
    lines, mobile = given.networks["lines"], given.networks["mobile"]
    networks, tunnels = [], []
    said = _tunnels(given)
    maker = (
        at.fraction(attempts.address // np.where(attempts.address >= at.V6, 65536 * visits.PER_PERSON, 1), 61)
        * len(lines)
    ).astype(np.int64)
    for kind, place, operator, made in zip(
        attempts.network.tolist(), attempts.place.tolist(), attempts.operator.tolist(), maker.tolist(), strict=True
    ):
        key = (kind, place, operator, made)
        if key not in kept:
            here = codes.index(country[place])
            asn, org, proxy = at.FIRST_ASN + here * 16 + made, f"{lines[made]} {country[place].lower()}", False
            if kind in (visits.RELAY, visits.TUNNEL):
                one = _operators(given, kind)[operator]
                asn, org, proxy = int(one["asn"]), one["org"], True
            elif kind == visits.MOBILE:
                asn, org = at.FIRST_ASN + here * 16 + 8 + made % 2, f"{mobile[made % 2]} {country[place].lower()}"
            elif kind in (visits.GATEWAY, visits.AT_OFFICE, visits.STRANGER):
                one = given.networks[
                    {visits.GATEWAY: "gateway", visits.AT_OFFICE: "office", visits.STRANGER: "stranger"}[kind]
                ]
                asn, org = int(one["asn"]), one["org"]
            elif kind == visits.AWAY:
                asn, org = at.FIRST_ASN + here * 16 + 12, f"{given.networks['hotel']} {country[place].lower()}"
            kept[key] = json.dumps(
                {"asNumber": asn, "asOrg": org, "isp": org, "domain": ".", "isProxy": proxy}, separators=(",", ":")
            )
        networks.append(kept[key])
        tunnels.append(said[kind][operator] if kind in said else "")
    return [places[p] for p in attempts.place.tolist()], networks, tunnels


def _operators(given: Given, kind: int) -> list[dict[str, str]]:
    if kind == visits.RELAY:
        return list(given.networks["relay"])
    return [*given.networks["tunnel"], *given.networks["planted_tunnel"]]


def _tunnels(given: Given) -> dict[int, list[str]]:
    """What the sender says of a tunnel: JSON inside a string."""
    made = {}
    for kind in (visits.RELAY, visits.TUNNEL):
        said = [[{"anonymous": True, "operator": o["operator"], "type": o["type"]}] for o in _operators(given, kind)]
        made[kind] = [f',"tunnels":{json.dumps(json.dumps(one, separators=(",", ":")))}' for one in said]
    return made


def _lines(
    given: Given, staff: Staff, faces: Faces, attempts: SignIns, log: Events, ips: list[str], which: Ints, places: list[str],
    networks: list[str], tunnels: list[str], seed: int, size: int = 50_000,
) -> Iterator[list[str]]:  # fmt: skip
    actors, devices = faces.actors(), faces.devices()
    agents = [
        json.dumps(dict(zip(("os", "browser", "rawUserAgent"), one, strict=True)), separators=(",", ":"))
        for one in (*COMPUTERS, TELEPHONE)
    ]
    managed = (
        (at.fraction(np.arange(attempts.n) + seed, 62) < given["managed"])
        & ~attempts.phone
        & (attempts.network != visits.STRANGER)
    )
    failed, phone, stranger = (
        attempts.failed.tolist(),
        attempts.phone.tolist(),
        (attempts.network == visits.STRANGER).tolist(),
    )
    has, address = managed.tolist(), which.tolist()
    begin = np.datetime64(given.begins.replace(tzinfo=None), "ms")
    for start in range(0, len(log.kind), size):
        part = slice(start, start + size)
        number = np.arange(start, start + len(log.kind[part]))
        high, low = at.noise(number + (seed << 32), 63).tolist(), at.noise(number + (seed << 32), 64).tolist()
        shown = np.datetime_as_string(begin + log.second[part] * 1000 + at.noise(number, 65).astype(np.int64) % 1000)
        made = []
        for kind, person, row, more, when, a, b in zip(
            log.kind[part].tolist(), log.person[part].tolist(), log.row[part].tolist(), log.more[part].tolist(), shown.tolist(), high, low,
            strict=True,
        ):  # fmt: skip
            event, older, message = KINDS[kind]
            wrong = failed[row] and kind in (START, POLICY)
            on_phone, ip = phone[row], ips[address[row]]
            result = ("DENY" if kind == POLICY else "FAILURE") if wrong else ("ALLOW" if kind == POLICY else "SUCCESS")
            made.append(
                _LINE.format(
                    actor=actors[person], agent=agents[2 if on_phone else person % 2], form="Mobile" if on_phone else "Computer", ip=ip,
                    place=places[row], device=devices[person] if has[row] else "null", session=f"idx{row:011x}s", message=message, event=event,
                    result=result, reason='"INVALID_CREDENTIALS"' if wrong and kind == START else "null", published=when,
                    network=networks[row], request=f"{b:016x}", cookie=faces.cookie(person, on_phone, stranger[row], row),
                    tunnels=tunnels[row], older=older, uuid=f"{a >> 32:08x}-{a >> 16 & 65535:04x}-{a & 65535:04x}-{b >> 48:04x}-{b & (1 << 48) - 1:012x}",
                    version="V6" if ":" in ip else "V4", target=faces.target(kind, person, more),
                )
            )  # fmt: skip
        yield made
