"""Google Workspace login audit: the Reports API's activities, flattened forms of them, and exports as tables.

What counts: ``login_success`` and ``login_failure`` are sign-ins. A challenge or verification that was passed is none, as
the success that belongs to it says so; one that was not is asked for more. Logins to applications (SAML) and everything
else are none. One record may hold several events; each has the id ``time/uniqueQualifier/place``. A qualifier that went
through a spreadsheet (-4.32E+18) is no id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mapae.sources import csv_records, json_records
from mapae.sources.json_records import cell
from mapae.sources.json_text import is_json, listed, structure
from mapae.sources.layout import Event, Rows
from mapae.sources.log_cells import CONFUSED, Accounts, confused, filled, part, utc
from mapae.sources.rows import cut

_OUTCOMES = {"login_success": "success", "login_failure": "failure"}
_STEPS = frozenset(("login_challenge", "login_verification"))
# Audit logs whose login_success is access to an application.
_APPLICATIONS = frozenset(("saml",))


class Google:
    """Reader of Google Workspace's login audit."""

    name = "google"
    title = "Google Workspace login audit"
    tables: tuple[str, ...] = ("sign_ins", "accounts")
    version = "1"

    def recognises(self, path: Path, beginning: str) -> bool:
        """Whether a file holds activities of Google Workspace: by the names of their fields."""
        if not is_json(beginning):
            found = set(csv_records.headers(beginning))
            return {"EventName", "ActorProfileId", "IdTime"} <= found or {"time_usec", "event_name", "email"} <= found
        if '"admin#reports#activity"' in beginning or "GWorkspace_ReportsAPI" in beginning:
            return True
        if '"time_usec"' in beginning and '"event_name"' in beginning:
            return True
        return '"uniqueQualifier"' in beginning and '"applicationName"' in beginning

    def events(self, path: Path) -> Iterator[Event]:
        """One event per record; see the module for what is a sign-in.

        Raises:
            InputRefused: the file cannot be read at all.
        """
        accounts = Accounts("google")
        source: Iterator[tuple[int, int, Any]] = (
            json_records.records(path) if is_json(path) else csv_records.records(path)
        )
        for number, line, record in source:
            if type(record) is not dict:
                yield Event(number, [], record.reason, record.raw)
                continue
            try:
                rows = _rows(_activity(record), accounts)
            except (TypeError, ValueError, AttributeError, KeyError, RecursionError):
                rows = "its fields are not of the form that Google writes"
            if isinstance(rows, str):
                yield Event(number, [], f"{rows} (line {line})", cut(cell(record) or ""))
            else:
                yield Event(number, rows)


# Names of flattened exports by what they hold: Reports API by connector, its table in Log Analytics, BigQuery.
_TIME = ("IdTime", "id_time_t", "id_time", "time_usec", "TimeGenerated [UTC]", "TimeGenerated", "p_event_time")
_QUALIFIER = ("IdUniqueQualifier", "id_uniqueQualifier_s", "unique_identifier")
_IP = ("ipAddress", "SrcIpAddr", "IPAddress", "ip_address")
_PROFILE = ("ActorProfileId", "actor_profileId_s", "profile_id")
_EMAIL = ("ActorEmail", "actor_email_s", "email")
_NAME = ("EventName", "event_name_s", "event_name", "name")
_APPLICATION = ("IdApplicationName", "id_applicationName_s", "record_type")


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        value = record.get(name)
        if value is not None and value != "":
            return value
    return None


def _parameters(value: Any) -> dict[str, Any]:
    """Parameters of an event by name, from a list of ``{name, value}`` or an object."""
    value = structure(value)
    if type(value) is dict:
        return value
    made = {}
    for one in listed(value):
        kinds = ("value", "boolValue", "intValue", "multiValue", "multiIntValue", "messageValue")
        made[str(one.get("name"))] = _first(one, kinds)
    return made


def _activity(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record in one form: what all its events share, and ``events`` as name and parameters."""
    actor = structure(record.get("actor"))
    actor = actor if type(actor) is dict else {}
    id_ = structure(record.get("id"))
    id_ = id_ if type(id_) is dict else {}
    network = structure(record.get("networkInfo"))
    network = network if type(network) is dict else {}
    asn = structure(network.get("ipAsn") or record.get("NetworkIpAsn"))
    if type(asn) is list:
        asn = asn[0] if asn else None
    events = listed(record.get("events"))
    if events:
        found = [(str(one.get("name") or "").strip(), _parameters(one.get("parameters"))) for one in events]
    else:
        parameters = _first(record, ("parameters", "EventParameters", "event_parameters_s", "login"))
        found = [(str(_first(record, _NAME) or "").strip(), _parameters(parameters))]
    email = actor.get("email") or _first(record, _EMAIL)
    for one in listed(record.get("ResourceDetails") or record.get("resourceDetails")):
        # Exports have been seen that write one address for all actors; the resource is the user in truth.
        if one.get("type") == "USER" and "@" in str(one.get("title")):
            email = one["title"]
    return {
        "time": id_.get("time") or _first(record, _TIME),
        "qualifier": filled(id_.get("uniqueQualifier") or _first(record, _QUALIFIER)),
        "application": id_.get("applicationName") or _first(record, _APPLICATION),
        "ip": filled(_first(record, _IP)),
        "profile": filled(actor.get("profileId") or _first(record, _PROFILE)),
        "email": filled(email),
        "asn": filled(asn),
        "country": filled(network.get("regionCode") or record.get("NetworkInfoRegionCode")),
        "region": filled(network.get("subdivisionCode") or record.get("NetworkInfoSubdivisionCode")),
        "user_agent": filled(record.get("userAgent") or part(network, "userAgent")),
        "events": found,
    }


def _outcome(name: str, parameters: Mapping[str, Any]) -> str:
    """A word of ``outcome``, or "" where an event is no sign-in."""
    if name in _STEPS:
        status = str(parameters.get("login_challenge_status") or "").lower()
        return "" if "passed" in status or not status else "challenge"
    return _OUTCOMES.get(name, "")


def _rows(activity: Mapping[str, Any], accounts: Accounts) -> Rows | str:
    """Rows of a record, or why there are none though there should be."""
    rows: Rows = []
    if activity["application"] in _APPLICATIONS:
        return rows
    when = utc(activity["time"])
    seen: list[tuple[str, str | None]] = []
    for place, (name, parameters) in enumerate(activity["events"], start=1):
        outcome = _outcome(name, parameters)
        if not outcome:
            continue
        if when is None:
            return f"{name}: no time (id.time)"
        if confused(activity["time"]):
            return f"{name}: {CONFUSED}"
        email = activity["email"] or filled(parameters.get("affected_email_address"))
        if activity["profile"] is None and email is None:
            return f"{name}: no account (actor.profileId)"
        account = f"google/{activity['profile'] or email}"
        qualifier = activity["qualifier"]
        whole = qualifier is not None and qualifier.removeprefix("-").isdigit()
        cells = {
            "event_id": f"{when}/{qualifier}/{place}" if whole else None,
            "account_id": account,
            "happened_at": when,
            "outcome": outcome,
            "ip": activity["ip"],
            "asn": activity["asn"],
            "country": activity["country"],
            "region": activity["region"],
            "interactive": "true",
            "user_agent": activity["user_agent"],
        }
        rows.append(("sign_ins", cells))
        seen.append((account, email))
    for account, email in seen:
        accounts.see(rows, account, when, email, None)
    return rows
