"""Sign-ins: where, when, from what line and device every account was used."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa

from mapae.worlds import addresses as at
from mapae.worlds import lines
from mapae.worlds.parameters import Parameters
from mapae.worlds.population import Bools, Floats, Ints, Population
from mapae.worlds.work import numbered, times

JOURNEYS = 4
DAY = 86_400
LONG_DAYS, LONG_DAY_SIGN_INS = 6, 60
Journeys = tuple[Ints, Ints, Ints]
# A session's usual length: log-normal around forty minutes (analysis); long ones last 20 to 36 hours.
SESSION_MEDIAN_S, SESSION_SPREAD = 2400.0, 0.9


@dataclasses.dataclass
class Events:
    """One entry per sign-in, not yet in order of time."""

    account: Ints
    second: Ints  # since the world begins, UTC
    body: Ints  # place where whoever types sits
    network: Ints
    place: Ints  # place of the address
    address: Ints
    device: Ints  # -1: none seen
    failed: Bools
    remote: Bools
    session_s: Ints


def _active_days(days: int, counts: Ints, account: Ints, per_day: float, rng: np.random.Generator) -> Ints:
    """A day for every event: few days with several sign-ins each, fewer at weekends."""
    n = len(counts)
    kept = np.clip(np.ceil(counts / per_day), 1, days // 2).astype(np.int64)
    width = int(kept.max(initial=1))
    table = rng.integers(0, days, (n, width))
    weekend = (table + 2) % 7 >= 5  # 1 July 2026 is a Wednesday
    again = rng.integers(0, days, (n, width))
    table = np.where(weekend & (rng.random((n, width)) < 0.6), again, table)
    pick = (rng.random(len(account)) * kept[account]).astype(np.int64)
    return np.asarray(table[account, pick], dtype=np.int64)


def journeys(given: Parameters, people: Population, rng: np.random.Generator) -> Journeys:
    """Journeys of everybody.

    Returns:
        First day, last day and place of up to four journeys a person, each of shape (n, 4); first day -1: none.
    """
    n, days = people.n, int(given["days"])
    number = np.minimum(rng.poisson(people.traits["trips"]), JOURNEYS)
    starts = np.full((n, JOURNEYS), -1, dtype=np.int64)
    # Journeys lie in their own stretch of the quarter, so that nobody is on two at once.
    stretch = days // JOURNEYS
    for j in range(JOURNEYS):
        starts[:, j] = np.where(number > j, j * stretch + rng.integers(1, 8, n), -1)
    lasts = starts + rng.integers(3, stretch - 8, (n, JOURNEYS))
    weight, countries = given.array("weight"), given.array("country")
    anywhere = rng.choice(len(weight), size=(n, JOURNEYS), p=weight / weight.sum())
    places = anywhere.copy()
    homeland = rng.random((n, JOURNEYS)) >= people.traits["abroad"][:, None]
    for country in np.unique(countries):
        here = np.flatnonzero(countries == country)
        mine = (countries[people.claimed] == country)[:, None] & homeland
        places = np.where(mine, rng.choice(here, (n, JOURNEYS)), places)
    return starts, lasts, places


def _where(people: Population, account: Ints, day: Ints, travels: Journeys) -> tuple[Ints, Ints, Ints, Bools]:
    """For each event: where the person sits, where the account seems to be, the journey (-1), whether hands changed."""
    changed = (people.change_day[account] >= 0) & (day >= people.change_day[account])
    conceals = people.actual != people.claimed
    taken_over = conceals & (people.traits["handover"] > 0)
    body = np.where(conceals & ~taken_over, people.actual, people.claimed)[account]
    body = np.where(changed, people.change_place[account], body)
    seems = np.where(conceals[account] & ~taken_over[account], people.claimed[account], body)
    starts, lasts, places = travels
    journey = np.full(len(account), -1, dtype=np.int64)
    for j in range(JOURNEYS):
        on = (starts[account, j] >= 0) & (day >= starts[account, j]) & (day <= lasts[account, j])
        journey = np.where(on & ~conceals[account], j, journey)
    away = journey >= 0
    there = places[account, np.maximum(journey, 0)]
    # The day of departure and the day of return are spent on the way: those sign-ins come from a phone at home.
    edges = np.zeros(len(account), dtype=bool)
    for j in range(JOURNEYS):
        edges |= (starts[account, j] >= 0) & ((day == starts[account, j]) | (day == lasts[account, j]))
    moving = ~conceals[account] & (people.change_day[account] == day)
    body, seems = np.where(away, there, body), np.where(away, there, seems)
    return body, seems, np.where(edges & away | moving, -2, journey), changed


def events(given: Parameters, people: Population, travels: Journeys, rng: np.random.Generator) -> Events:
    """All sign-ins of the quarter.

    Returns:
        Events in no order; about ``sign_ins`` of the parameters per account.
    """
    n, days = people.n, int(given["days"])
    counts = rng.poisson(rng.gamma(3.0, given["sign_ins"] * people.traits["busy"] / 3.0)).astype(np.int64)
    account = np.repeat(np.arange(n, dtype=np.int64), counts)
    day = _active_days(days, counts, account, given["sign_ins_per_active_day"], rng)
    # Accounts that several hands work: some days with a sign-in or two in every hour (analysis).
    shared = np.repeat(np.flatnonzero(people.traits["several_hands"] > 0), LONG_DAYS * LONG_DAY_SIGN_INS)
    long_day = np.tile(
        np.repeat(np.arange(LONG_DAYS), LONG_DAY_SIGN_INS), len(shared) // (LONG_DAYS * LONG_DAY_SIGN_INS)
    )
    account = np.concatenate([account, shared])
    day = np.concatenate([day, (at.noise(shared * LONG_DAYS + long_day, 13) % np.uint64(days)).astype(np.int64)])
    by_many = np.arange(len(account)) >= len(day) - len(shared)
    body, seems, journey, changed = _where(people, account, day, travels)
    # On the way people use no fixed line: such a day's events are dropped.
    keep = journey != -2
    account, day, body, seems, journey, changed, by_many = (
        a[keep] for a in (account, day, body, seems, journey, changed, by_many)
    )
    m = len(account)

    network = lines.networks(people, account, rng)
    elsewhere = (network == 0) & (rng.random(m) < people.traits["elsewhere"][account]) & (journey < 0)
    conceals = people.actual[account] != people.claimed[account]
    other_place = lines.other_places(given, people, rng)
    place = np.where(elsewhere, np.where(conceals, people.actual[account], other_place[account]), seems)
    # A telephone, an office or a relay shows where one is: only a fixed line can be borrowed from afar.
    on_the_spot = np.isin(network, [lines.NETWORKS.index(k) for k in ("mobile", "corporate", "relay")])
    place = np.where(on_the_spot & conceals, body, place)
    place, operator = lines.tunnel_places(given, people, account, network, place, rng)
    address, place = lines.addresses(
        given, people, account, day, network, place, journey, elsewhere, changed, operator, rng
    )

    minutes = given.array("minutes")
    hour = rng.normal(people.traits["hour"][account], people.traits["hour_spread"][account])
    hour = np.where(by_many, minutes[body] / 60.0 + 24.0 * rng.random(m), hour)
    second = (day * 24.0 + hour) * 3600.0 - minutes[body] * 60.0
    second = np.clip(second, 0, days * DAY - 1).astype(np.int64)

    failed = rng.random(m) < given["failures"]
    # One failure in five is a stranger guessing passwords from anywhere.
    stranger = failed & (rng.random(m) < 0.2)
    place = np.where(stranger, rng.integers(0, len(given.places), m), place)
    address = np.where(stranger, at.v4(at.STRANGER, rng.integers(0, max(50, m // 400), m)), address)
    network = np.where(stranger, lines.NETWORKS.index("hosting"), network)

    device = _devices(people, account, changed, rng)
    device = np.where(stranger | (rng.random(m) < 0.03), -1, device)
    long = rng.random(m) < people.traits["long_session"][account]
    usual = np.exp(rng.normal(np.log(SESSION_MEDIAN_S), SESSION_SPREAD, m))
    session_s = np.where(long, rng.uniform(20 * 3600, 36 * 3600, m), np.minimum(usual, 12 * 3600)).astype(np.int64)
    return Events(
        account=account,
        second=second,
        body=body,
        network=network,
        place=place,
        address=address,
        device=device,
        failed=failed,
        remote=~stranger & (rng.random(m) < people.traits["remote"][account]),
        session_s=session_s,
    )


def _devices(people: Population, account: Ints, changed: Bools, rng: np.random.Generator) -> Ints:
    """Device of each event: mostly the first of a person's; the group's for those who share; new ones in new hands."""
    n, m = people.n, len(account)
    owned = 1 + np.minimum(rng.poisson(np.maximum(people.traits["devices"] - 1, 0)), 3)
    pick = np.where(rng.random(m) < 0.75, 0, (rng.random(m) * owned[account]).astype(np.int64))
    passed_on = changed & (people.traits["handover"] > 0)[account]
    device = account * 8 + pick + np.where(passed_on, 4, 0)
    shares = people.leads["device"] != np.arange(n)
    uses = shares[account] & (rng.random(m) < 0.4)
    return np.asarray(np.where(uses, people.leads["device"][account] * 8, device), dtype=np.int64)


def sign_ins(
    given: Parameters, people: Population, ids: pa.Array, travels: Journeys, rng: np.random.Generator
) -> pa.Table:
    """The table ``sign_ins`` of records.md, in order of time.

    Args:
        ids: account ids by position.
        travels: as :func:`journeys` makes them.
    """
    e = events(given, people, travels, rng)
    order = np.lexsort((e.address, e.account, e.second))
    for field in dataclasses.fields(Events):
        setattr(e, field.name, getattr(e, field.name)[order])
    m = len(order)
    countries = given.array("country")
    country_no = np.searchsorted(given.countries, countries)[e.place]
    tunnel = e.network == lines.NETWORKS.index("vpn")
    seen_as = np.where(tunnel & (at.fraction(e.address, 5) < given["unknown_tunnel"]), 0, e.network)
    operator = e.address % at.BLOCK
    asn = at.FIRST_ASN + country_no * 16 + seen_as
    orgs = [f"Simulated {kind.replace('_', ' ')} network {c}" for c in given.countries for kind in lines.NETWORKS]
    texts, rows = at.text(e.address)
    wide, long = _lat_lon(given, e)
    tells = np.where(
        (e.body != people.claimed[e.account]) & (rng.random(m) >= people.traits["clock_slip"][e.account]),
        people.claimed[e.account],
        e.body,
    )
    named = (seen_as == lines.NETWORKS.index("vpn")) & (at.fraction(operator, 6) < 0.8)
    devices, which = np.unique(e.device, return_inverse=True)
    names = [None if d < 0 else f"d-{int(at.noise(np.array([d]), 8)[0]):016x}" for d in devices.tolist()]
    return pa.table(
        {
            "event_id": numbered("e", m),
            "account_id": ids.take(pa.array(e.account)),
            "happened_at": times(given, e.second),
            "outcome": at.dictionary(["success", "failure"], e.failed.astype(np.int64)),
            "ip": at.dictionary(list(texts), rows),
            "asn": pa.array(asn),
            "as_org": at.dictionary(list(orgs), country_no * len(lines.NETWORKS) + seen_as),
            "network_kind": at.dictionary(list(lines.NETWORKS), seen_as),
            "vpn_operator": at.dictionary(
                [None] + [f"Simulated Tunnel {letter}" for letter in "ABCDEF"],
                np.where(named, 1 + (at.noise(e.account, 9) % np.uint64(lines.OPERATORS)).astype(np.int64), 0),
            ),
            "country": at.dictionary(list(countries), e.place),
            "region": at.dictionary([p.region for p in given.places], e.place),
            "city": at.dictionary([p.city for p in given.places], e.place),
            "lat": pa.array(wide),
            "lon": pa.array(long),
            "device_id": at.dictionary(names, which.astype(np.int64)),
            "session_id": numbered("s", m),
            "browser_timezone": at.dictionary([p.zone for p in given.places], tells),
            "remote_control": pa.array(e.remote & ~e.failed),
            "session_s": pa.array(np.where(e.failed, 0, e.session_s), mask=e.failed),
        }
    )


def _lat_lon(given: Parameters, e: Events) -> tuple[Floats, Floats]:
    """Degrees of each address: its city, and within some fifteen kilometres always the same spot."""
    key = e.address // np.where(e.address >= at.V6, 65536, 1)
    wide = given.array("lat")[e.place] + (at.fraction(key, 1) - 0.5) * 0.2
    long = given.array("lon")[e.place] + (at.fraction(key, 2) - 0.5) * 0.2
    return np.round(wide, 4), np.round(long, 4)
