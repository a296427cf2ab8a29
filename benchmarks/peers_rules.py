"""Six rules that others publish for the same logs, stated again by us as SQL over a run's tables, one rule one alert.

What each stands for: Okta's detections of a device and of a telephone that several users enrolled
(okta/customer-detections), Sigma's sign-in through an anonymising proxy (a bare ``isProxy``), a list of VPN brands as
Splunk's remote-employment-fraud rules keep one, Elastic's several remote-management vendors on one host, and the usual
impossible travel. None of their code is here. An alert is a rule, a person and a day (the usual throttle of a day);
for enrolments each further user of a device or number, and for hosts each host, counts once.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from mapae.store.runs import OpenRun

# Faster than any airliner between two sign-ins, and farther apart than geolocation errs within a city.
FASTEST_KMH, LEAST_KM = 900, 100
BRANDS = (
    "NORD", "EXPRESS", "SURFSHARK", "MULLVAD", "PROTON", "ASTRILL", "CYBERGHOST", "IPVANISH", "TUNNELBEAR", "WINDSCRIBE", "HOTSPOT",
    "PUREVPN", "TORGUARD", "VYPR", "AVAST", "HIDE_ME", "IVPN", "PRIVATE_INTERNET", "ATLAS", "BETTERNET", "HOLA", "OEVPN", "PSIPHON",
    "SOFTETHER", "URBAN", "X_VPN", "ZENMATE",
)  # fmt: skip
# What an isProxy says: every kind that a sender marks so, relays of telephones among them.
PROXIES = ("relay", "tor", "vpn", "proxy", "residential_proxy")


@dataclasses.dataclass(frozen=True)
class Rule:
    """A rule: its name, whose it restates, and SQL that gives ``account_id`` and ``day`` of each alert."""

    name: str
    whose: str
    sql: str


def _shared(kinds: str) -> str:
    return f"""
      with users as (
        select authenticator_id, account_id, min(happened_at) as since from authenticators where {kinds}
        group by authenticator_id, account_id
      )
      select account_id, cast(since as date) as day from (
        select *, row_number() over (partition by authenticator_id order by since, account_id) as place from users
      ) where place >= 2
    """


_QUOTED = ", ".join(f"'{kind}'" for kind in PROXIES)
_LIKE = " or ".join(f"upper(vpn_operator) like '{brand}%'" for brand in BRANDS)
_TRAVEL = f"""
  with ordered as (
    select account_id, happened_at, lat, lon,
      lag(happened_at) over w as before, lag(lat) over w as lat0, lag(lon) over w as lon0
    from sign_ins where outcome = 'success' and lat is not null and lon is not null
    window w as (partition by account_id order by happened_at, event_id)
  ), measured as (
    select account_id, happened_at, greatest(date_diff('second', before, happened_at), 60) / 3600.0 as hours,
      2 * 6371 * asin(sqrt(least(1, power(sin(radians(lat - lat0) / 2), 2)
        + cos(radians(lat)) * cos(radians(lat0)) * power(sin(radians(lon - lon0) / 2), 2)))) as km
    from ordered where before is not null
  )
  select distinct account_id, cast(happened_at as date) as day from measured
  where km > {LEAST_KM} and km / hours > {FASTEST_KMH}
"""
RULES = (
    Rule("shared_device", "Okta: device registered to multiple users", _shared("coalesce(kind, '') <> 'sms'")),
    Rule("shared_phone", "Okta: phone number registered to multiple users", _shared("kind = 'sms'")),
    Rule(
        "is_proxy",
        "Sigma: sign-in through an anonymising proxy (isProxy)",
        f"select distinct account_id, cast(happened_at as date) as day from sign_ins where network_kind in ({_QUOTED})",
    ),
    Rule(
        "vpn_brands",
        "Splunk: list of VPN brands",
        f"select distinct account_id, cast(happened_at as date) as day from sign_ins where outcome = 'success' and ({_LIKE})",
    ),
    Rule(
        "several_tools",
        "Elastic: several remote-management vendors on one host",
        """
          with named as (
            select coalesce(f.device_id, f.account_id) as host, min(f.account_id) as account_id, t.tool as tool, min(f.happened_at) as since
            from endpoint_facts as f
            join tools as t on starts_with(replace(lower(f.product), '_', ' '), t.begins)
              or starts_with(replace(lower(coalesce(f.vendor, '') || ' ' || f.product), '_', ' '), t.begins)
            where f.kind in ('software', 'process') group by all
          ), counted as (
            select *, dense_rank() over (partition by host order by tool) as nth from named
          )
          select min(account_id) as account_id, cast(max(since) as date) as day, host from counted
          group by host having count(distinct tool) >= 2
        """,
    ),
    Rule("impossible_travel", "the usual: faster than an airliner between two sign-ins", _TRAVEL),
)


def alerts(run: OpenRun) -> list[dict[str, Any]]:
    """Every alert of every rule.

    Args:
        run: of a workspace with sign-ins, authenticators and endpoint facts.

    Returns:
        ``rule, account_id, person, day``; ``person`` is the account that stands for the person.
    """
    from mapae.rules.kinds import CATALOGUE

    path = CATALOGUE / "infrastructure" / "remote_tools.csv"
    run.con.execute(
        "create or replace temp table tools as select distinct tool, begins from "
        f"read_csv('{path}', comment = '#', header = true, all_varchar = true) where begins <> ''"
    )
    made = []
    for rule in RULES:
        rows = run.rows(
            f"select a.account_id, coalesce(p.principal, a.account_id) as person, a.day from ({rule.sql}) as a "
            "left join persons as p on p.account_id = a.account_id order by all"
        )
        made += [{"rule": rule.name, **row} for row in rows]
    return made


def table(found: list[dict[str, Any]], people: int, weeks: float, planted: set[str]) -> list[dict[str, Any]]:
    """Alerts per 1,000 people a week and planted people reached, of each rule and of all six together.

    Args:
        found: of :func:`alerts`.
        people: how many the employer has.
        weeks: length of the log.
        planted: accounts that stand for planted people.

    Returns:
        One row a rule, the last named ``together``: ``rule, alerts, per_thousand_week, reached, planted``.
    """
    rows = []
    for name in [*(rule.name for rule in RULES), "together"]:
        mine = [a for a in found if name in (a["rule"], "together")]
        rows.append(
            {
                "rule": name,
                "alerts": len(mine),
                "per_thousand_week": round(1000 * len(mine) / people / weeks, 3),
                "reached": len({a["person"] for a in mine} & planted),
                "planted": len(planted),
            }
        )
    return rows
