"""Sign-ins of the simulated employer: when, over which network, from where, as columns."""

from __future__ import annotations

import dataclasses

import numpy as np

from mapae.worlds import addresses as at
from mapae.worlds.employer.parameters import Given
from mapae.worlds.employer.staff import HYBRID, OFFICE, Staff, some
from mapae.worlds.population import Bools, Floats, Ints

HOME, AT_OFFICE, GATEWAY, MOBILE, AWAY, TUNNEL, RELAY, STRANGER = range(8)
DAY = 86_400
# Journeys a person may make, their length in days, and how much is one block's share of numbers for a person.
TRIPS, LEAST, MOST = 8, 2, 11
PER_PERSON = 16


@dataclasses.dataclass
class SignIns:
    """One row an attempt, in no order. ``second`` counts from the first moment of the log, UTC."""

    person: Ints
    second: Ints
    network: Ints
    place: Ints
    address: Ints
    operator: Ints
    failed: Bools
    phone: Bools

    @property
    def n(self) -> int:
        """Number of attempts."""
        return len(self.person)


@dataclasses.dataclass
class Journeys:
    """First and last day, and the place, of each journey of each person; -1 where there is none."""

    first: Ints
    last: Ints
    place: Ints


def journeys(given: Given, staff: Staff, days: int, rng: np.random.Generator) -> Journeys:
    """Journeys of everybody, long stays abroad as the first of them; planted workers make none."""
    n = staff.n
    mean = given["journeys"] * days / 90 * np.where(staff.restless, given["restless_journeys"], 1.0)
    how_many = np.minimum(rng.poisson(np.where(staff.farm >= 0, 0.0, mean)), TRIPS - 1)
    first = rng.integers(3, days - 3, (n, TRIPS))
    last = first + rng.integers(LEAST, MOST, (n, TRIPS))
    weight, country = given.array("weight"), given.array("country")
    anywhere = rng.choice(len(weight), (n, TRIPS), p=weight / weight.sum())
    inland = rng.random((n, TRIPS)) >= np.where(staff.restless, 0.5, given["journeys_abroad"])[:, None]
    for one in sorted(set(country.tolist())):
        near = np.flatnonzero(country == one)
        here = inland & (country[staff.home] == one)[:, None]
        anywhere = np.where(here, rng.choice(near, (n, TRIPS)), anywhere)
    made = np.arange(TRIPS)[None, :] < how_many[:, None] + 1
    made[:, 0] = staff.stay >= 0
    first[:, 0] = staff.stay
    last[:, 0] = staff.stay + rng.integers(30, 45, n)
    anywhere[:, 0] = staff.stay_place
    return Journeys(np.where(made, first, -1), np.where(made, last, -2), anywhere)


def sign_ins(given: Given, staff: Staff, trips: Journeys, days: int, rng: np.random.Generator) -> SignIns:
    """Attempts of everybody over the whole log, strangers' attempts on their accounts with them."""
    n = staff.n
    week = (np.arange(days) + given.begins.weekday()) % 7
    chance = np.where(week < 5, given["workday"], given["weekend"])
    day_of = np.arange(days)[None, :]
    there = (day_of >= staff.hired[:, None]) & (day_of <= staff.left[:, None])
    person, day = np.nonzero((rng.random((n, days)) < chance[None, :]) & there)
    again = some(rng, len(person), given["second"])
    person, day = np.concatenate([person, person[again]]), np.concatenate([day, day[again]])
    m = len(person)
    network = _network(given, staff, person, rng)
    trip = _trip_of(trips, person, day)
    away = trip >= 0
    network = np.where(away & (network != MOBILE), AWAY, network)
    where = np.where(away, trips.place[person, np.maximum(trip, 0)], staff.line_home[staff.line[person]])
    network, where, operator = _slips(given, staff, network, where, person, day, away, days, rng)
    address, place = _address(given, staff, network, where, person, day, trip, operator, rng)
    minutes = given.array("minutes")
    local = np.where(rng.random(m) < 0.7, rng.normal(9.0, 1.1, m), rng.normal(14.0, 2.3, m))
    local = np.where(rng.random(m) < staff.night[person], local + 11.0, local)
    second = day * DAY + (np.clip(local, 0.2, 28.0) * 3600).astype(np.int64) - minutes[where] * 60
    failed = some(rng, m, given["failures"])
    phone = (network == MOBILE) | ((network == RELAY) & some(rng, m, 0.7))
    made = SignIns(person, second, network, place, address, operator, failed, phone)
    made = _join(made, _attacks(given, staff, days, rng))
    inside = (made.second >= 0) & (made.second < days * DAY)
    return SignIns(*(getattr(made, f.name)[inside] for f in dataclasses.fields(made)))


def _network(given: Given, staff: Staff, person: Ints, rng: np.random.Generator) -> Ints:
    """Over which network each sign-in comes, journeys and slips aside."""
    m = len(person)
    office = np.where(staff.work == OFFICE, 0.88, np.where(staff.work == HYBRID, 0.45, 0.0))[person]
    draw = rng.random(m)
    mobile = np.where(staff.restless, given["restless_mobile"], given["mobile"])[person]
    mobile = np.where(staff.farm[person] >= 0, 0.0, mobile)
    gated = some(rng, staff.n, given["gateway_people"])[person]
    gateway = np.where(gated, given["gateway_share"], 0.0)
    rest = rng.random(m)
    outside = np.where(rest < gateway, GATEWAY, HOME)
    return np.where(draw < office, AT_OFFICE, np.where(rng.random(m) < mobile, MOBILE, outside)).astype(np.int64)


def _trip_of(trips: Journeys, person: Ints, day: Ints) -> Ints:
    """Which journey somebody is on that day, or -1."""
    found = np.full(len(person), -1, dtype=np.int64)
    for k in range(TRIPS):
        on = (trips.first[person, k] >= 0) & (day >= trips.first[person, k]) & (day <= trips.last[person, k])
        found = np.where(on & (found < 0), k, found)
    return found


def _slips(
    given: Given, staff: Staff, network: Ints, where: Ints, person: Ints, day: Ints, away: Bools, days: int, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints]:  # fmt: skip
    """Relays and tunnels of the honest at the measured rates, and slips of planted workers."""
    m = len(person)
    operator = np.full(m, -1, dtype=np.int64)
    honest = staff.farm < 0
    # Relays: so many addresses a user and ninety days, each a sign-in of its own. Picked among rows from home.
    relay_user = some(rng, staff.n, given["relay_people"]) & honest
    open_to = np.flatnonzero(relay_user[person] & (network == HOME) & ~away)
    wanted = rng.poisson(given["relay_addresses"] * staff.n * days / 90)
    picked = rng.permutation(open_to)[:wanted]
    network = network.copy()
    network[picked] = RELAY
    operator[picked] = rng.choice(len(given.networks["relay"]), len(picked), p=[0.5, 0.35, 0.15])
    # Tunnels of one's own: one exit kept for the ninety days, half of them restless people's.
    users = int(rng.poisson(given["tunnel_addresses"] * staff.n))
    restless, settled = np.flatnonzero(staff.restless & honest), np.flatnonzero(~staff.restless & honest)
    half = min(users // 2, len(restless))
    chosen = np.concatenate([rng.permutation(restless)[:half], rng.permutation(settled)[: users - half]])
    is_user = np.zeros(staff.n, dtype=bool)
    is_user[chosen] = True
    tunnel = is_user[person] & (network == HOME) & some(rng, m, 0.35)
    network[tunnel] = TUNNEL
    operator[tunnel] = (person % len(given.networks["tunnel"]))[tunnel]
    # Slips: some days on which the line of the host was not used.
    slip_day = (at.noise(person * 512 + day, 51) % np.uint64(100) < 9) & (network == HOME)
    tunnelled = staff.slips["tunnel"][person] & slip_day
    first = float(given.networks["planted_tunnel"][0]["weight"])
    network[tunnelled] = TUNNEL
    base = len(given.networks["tunnel"])
    operator[tunnelled] = np.where(at.fraction(person, 52) < first, base, base + 1)[tunnelled]
    abroad = (
        staff.slips["foreign"][person] & (at.noise(person * 512 + day, 53) % np.uint64(100) < 4) & (network == HOME)
    )
    network[abroad] = AWAY
    where = np.where(abroad, staff.abroad[person], where)
    return network, where, operator


def _address(
    given: Given, staff: Staff, network: Ints, where: Ints, person: Ints, day: Ints, trip: Ints, operator: Ints, rng: np.random.Generator
) -> tuple[Ints, Ints]:  # fmt: skip
    """Address of each sign-in, and its place as the sender's geolocation has it."""
    m, country = len(person), given.array("country")
    numbers = {one: i for i, one in enumerate(sorted(set(country.tolist())))}
    country_of = np.array([numbers[c] for c in country.tolist()])
    line = staff.line[person] + np.where((staff.mover[person] >= 0) & (day >= staff.mover[person]), staff.n, 0)
    lease = np.maximum(25, (given["lease_days"] * 2 * at.fraction(line, 11)).astype(np.int64))
    number = line * PER_PERSON + np.minimum(day // lease, 7)
    speaks_v6 = at.fraction(line, 12) < given["ipv6"]
    home = np.where(
        speaks_v6,
        at.V6 + number * 65536 + 1 + at.noise(person * 512 + day, 13).astype(np.int64) % 65000,
        at.v4(0, number),
    )
    place = np.where(network == HOME, staff.line_home[line], where)
    wrong = (network == HOME) & (at.fraction(number, 14) < given["wrong_place"])
    anywhere = (at.fraction(number, 15) * len(given.places)).astype(np.int64)
    place = np.where(wrong & (country[anywhere] == country[place]), anywhere, place)
    # Telephone networks: one address a week out of a large pool, put where the carrier hands over.
    week = person * 1024 + day // 7
    pool = (at.fraction(week, 16) * np.maximum(300, staff.n)).astype(np.int64)
    mobile = at.v4(3, country_of[where] * 65_536 + pool)
    inland = (at.fraction(mobile, 17) * 7).astype(np.int64)
    for one, index in numbers.items():
        near = np.flatnonzero(country == one)
        here = (network == MOBILE) & (country_of[where] == index) & (at.fraction(week, 18) < given["mobile_far"])
        place = np.where(here, near[inland % len(near)], place)
    cities = np.array([given.city(c) for c in given.networks["gateway"]["cities"]])
    near_by = _nearest(given, cities)[where]
    far = some(rng, m, given["gateway_far"])
    gate = np.where(far, rng.integers(0, len(cities), m), near_by)
    place = np.where(network == GATEWAY, cities[gate], place)
    base = given.city(given.company["base"])
    office = np.where(country[where] == country[base], base, where)
    place = np.where(network == AT_OFFICE, office, place)
    exits = operator * 4096 + (at.fraction(person * 8 + day // 90, 19) * 4096).astype(np.int64)
    made = {
        HOME: home,
        AT_OFFICE: at.v4(4, office * 16),
        GATEWAY: at.v4(4, 100_000 + gate * 4 + person % 3),
        MOBILE: mobile,
        AWAY: at.v4(1, person * PER_PERSON + np.maximum(trip, 0) + np.where(trip < 0, 9, 0)),
        TUNNEL: at.v4(5, exits),
        RELAY: at.v4(6, rng.integers(0, 200_000, m)),
    }
    address = np.zeros(m, dtype=np.int64)
    for index, values in made.items():
        address = np.where(network == index, values, address)
    tunnels = np.flatnonzero(country == country[base])
    place = np.where(network == TUNNEL, tunnels[(at.fraction(exits, 20) * len(tunnels)).astype(np.int64)], place)
    return address, place


def _nearest(given: Given, cities: Ints) -> Ints:
    """For each place the nearest of some cities, by the angle between them."""
    lat, lon = np.radians(given.array("lat").astype(float)), np.radians(given.array("lon").astype(float))
    cos: Floats = np.sin(lat)[:, None] * np.sin(lat[cities]) + np.cos(lat)[:, None] * np.cos(lat[cities]) * np.cos(
        lon[:, None] - lon[cities]
    )
    return np.asarray(cos.argmax(axis=1), dtype=np.int64)


def _attacks(given: Given, staff: Staff, days: int, rng: np.random.Generator) -> SignIns:
    """Failed attempts of strangers, from many countries, on accounts at random."""
    m = int(rng.poisson(given["attacks"] * staff.n * days / 180))
    number = rng.integers(0, 400, m)
    place = (at.fraction(number, 21) * len(given.places)).astype(np.int64)
    return SignIns(
        person=rng.integers(0, staff.n, m), second=rng.integers(0, days * DAY, m), network=np.full(m, STRANGER, dtype=np.int64),
        place=place, address=at.v4(9, number), operator=np.full(m, -1, dtype=np.int64), failed=np.ones(m, dtype=bool),
        phone=np.zeros(m, dtype=bool),
    )  # fmt: skip


def _join(one: SignIns, other: SignIns) -> SignIns:
    names = [f.name for f in dataclasses.fields(SignIns)]
    return SignIns(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in names))
