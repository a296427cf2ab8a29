"""Normal forms: what each takes, what it refuses just beside it, and that both ways to a form agree."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tabled import table_rules

from mapae.rules.tables import TableColumn
from mapae.sources import values
from mapae.sources.normal import normal_form
from mapae.sources.values import Form

ZONES = ("Asia/Seoul", "America/New_York", "UTC")
WORDS = ("success", "failure", "residential_proxy")

FORMS: dict[str, Callable[[str], Form]] = {
    "id": values.id_,
    "text": values.text,
    "word": partial(values.word, words=WORDS),
    "country": values.country,
    "currency": values.currency,
    "time": values.time,
    "time or day": partial(values.time, date_ok=True),
    "date": values.date,
    "money": values.money,
    "number": values.number,
    "share": partial(values.number, low="0", high="100", low_open=True),
    "integer": values.integer,
    "asn": values.asn,
    "bool": values.bool_,
    "bic": values.bic,
    "locode": values.locode,
    "imo": values.imo,
    "mmsi": values.mmsi,
    "hex": partial(values.hex_, digits=16),
    "zone": partial(values.zone, zones=ZONES),
    "ip": values.ip,
    "cidr": values.cidr,
    "email": values.email,
    "host": values.host,
    "url": values.url,
    "phone": values.phone,
    "phone in Korea": partial(values.phone, beside="KR"),
    "document": values.document,
    "address": values.address,
}

TAKEN = [
    ("id", " a17 ", "a17"),
    ("id", "acme/7 b", "acme/7 b"),
    ("id", "e\u0301", "\u00e9"),
    ("text", "  two\nlines ", "two\nlines"),
    ("text", "bell\x07", "bell"),
    ("word", "Residential Proxy", "residential_proxy"),
    ("country", "kp", "KP"),
    ("country", "NO", "NO"),
    ("currency", "usd", "USD"),
    ("time", "2026-01-31T09:30:00Z", "2026-01-31T09:30:00Z"),
    ("time", "2026-01-31 09:30:00.999+09:00", "2026-01-31T00:30:00Z"),
    ("time", "20260131T093000-0500", "2026-01-31T14:30:00Z"),
    ("time", "2026-03-01T00:00:00+01:00", "2026-02-28T23:00:00Z"),
    ("time or day", "2026-01-31", "2026-01-31T00:00:00Z"),
    ("date", "2024-02-29", "2024-02-29"),
    ("date", "2024-02-29T00:00:00Z", "2024-02-29"),
    ("money", "12.50", "12.5"),
    ("money", "-1e3", "-1000"),
    ("money", "0.000000015", "0.00000002"),
    ("money", "1000000000000000", "1000000000000000"),
    ("number", "1e-3", "0.001"),
    ("share", "100", "100.0"),
    ("integer", "12.0", "12"),
    ("asn", "AS15169", "15169"),
    ("bool", "Yes", "true"),
    ("bool", "0", "false"),
    ("bic", "deutdeff500", "DEUTDEFF500"),
    ("locode", "kp nam", "KPNAM"),
    ("imo", "IMO 9074729", "9074729"),
    ("mmsi", "445001000", "445001000"),
    ("hex", "0xFFD8e0c0a0804020", "ffd8e0c0a0804020"),
    ("zone", "asia/seoul", "Asia/Seoul"),
    ("ip", "203.0.113.7", "203.0.113.7"),
    ("ip", "2001:DB8:0:0::1", "2001:db8::1"),
    ("ip", "::ffff:203.0.113.7", "203.0.113.7"),
    ("cidr", "203.0.113.7/24", "203.0.113.0/24"),
    ("email", "Bob+Jobs@EXAMPLE.org", "bob+jobs@example.org"),
    ("email", "a@b\u00fccher.example", "a@xn--bcher-kva.example"),
    ("email", "hmac:0123456789abcdef0123456789abcdef", "hmac:0123456789abcdef0123456789abcdef"),
    ("host", "B\u00fccher.Example.", "xn--bcher-kva.example"),
    ("url", "HTTPS://Example.ORG/A?b=C", "https://example.org/A?b=C"),
    ("url", "example.org", "https://example.org"),
    ("phone", "+82 2-212-3456", "+8222123456"),
    ("phone", "00441632960000", "+441632960000"),
    ("phone in Korea", "02-212-3456", "+8222123456"),
    ("phone", "hmac:0123456789abcdef0123456789abcdef", "hmac:0123456789abcdef0123456789abcdef"),
    ("document", "ps-472 310/104", "PS472310104"),
    ("document", "hmac:0123456789abcdef0123456789abcdef", "hmac:0123456789abcdef0123456789abcdef"),
    ("address", " 12 Elm St,\u00a0Apt 4 ", "12 Elm St,\u00a0Apt 4"),
]

REFUSED = [
    ("id", "a\x1f17", "invisible"),
    ("id", "a\u200b17", "invisible"),
    ("word", "allowed", "not one of the words"),
    ("country", "Korea", "two letters"),
    ("country", "UK", "GB"),
    ("country", "ZZ", "two letters"),
    ("currency", "USDT", "ISO 4217"),
    ("time", "2026-01-31T09:30:00", "offset"),
    ("time", "2026-01-31", "day without a time"),
    ("time", "03/04/2026 10:00", "day and month can be confused"),
    ("time", "0000-01-01T00:00:00Z", "year 0000"),
    ("time", "9999-12-31T23:59:59Z", "year 9999"),
    ("time", "2201-01-01T00:00:00+14:00x", "ISO 8601"),
    ("time", "1900-01-01T00:00:00+01:00", "year 1899"),
    ("time", "2026-02-30T00:00:00Z", "no such day"),
    ("time", "1767225600", "a number is no date"),
    ("date", "1899-12-31", "year 1899"),
    ("date", "04.03.2026", "day and month can be confused"),
    ("date", "2026-01-31T09:30:00Z", "a time where a day belongs"),
    ("date", "2023-02-29", "no such day"),
    ("money", "NaN", "no amount"),
    ("money", "-inf", "no amount"),
    ("money", "1,50", "comma"),
    ("money", "1000000000000000.01", "check the unit"),
    ("money", "12 USD", "not a number"),
    ("number", "1e999", "too large"),
    ("share", "0", "more than 0"),
    ("share", "100.1", "at most 100"),
    ("integer", "1.5", "fraction"),
    ("integer", "1000000000000000000", "18 digits"),
    ("asn", "4294967296", "network"),
    ("bool", "maybe", "true or false"),
    ("bic", "DEUTXYFF", "bank"),
    ("locode", "KPNA", "LOCODE"),
    ("imo", "9074728", "check digit"),
    ("imo", "907472", "seven digits"),
    ("mmsi", "44500100", "nine digits"),
    ("hex", "ffd8e0c0a080402", "16 hexadecimal"),
    ("zone", "Eastern Standard Time", "IANA"),
    ("ip", "203.0.113.256", "internet address"),
    ("ip", "203.0.113.7:443", "port"),
    ("ip", "203.0.113.07", "internet address"),
    ("email", "bob", "e-mail"),
    ("email", "bob@host", "e-mail"),
    ("email", "bob smith@example.org", "e-mail"),
    ("url", "https://exa mple.org", "blank"),
    ("phone", "02-212-3456", "prefix"),
    ("phone", "+8212", "digits"),
    ("document", "12\x0034", "invisible"),
]


@pytest.mark.parametrize(("form", "raw", "value"), TAKEN)
def test_it_takes(form: str, raw: str, value: str) -> None:
    found = FORMS[form](raw)
    assert (found.value, found.reason) == (value, None)


@pytest.mark.parametrize(("form", "raw", "why"), REFUSED)
def test_it_refuses_and_says_why(form: str, raw: str, why: str) -> None:
    found = FORMS[form](raw)
    assert found.value is None
    assert found.reason is not None and why in found.reason


@pytest.mark.parametrize("form", sorted(FORMS))
def test_blanks_alone_are_nothing(form: str) -> None:
    assert FORMS[form]("  \t ") == values.NOTHING


def test_what_is_made_beside_a_value() -> None:
    assert values.email("bob+x@example.org").made == ("bob@example.org",)
    assert values.ip("2001:db8:1:2:3::4").made == ("2001:db8:1:2::/64",)
    assert values.ip("203.0.113.7").made == ("203.0.113.7",)
    assert values.money("1.005").made == ("100",) and values.money("1.015").made == ("102",)
    assert values.address("12 Elm St., Apt #4B").made == ("12 elm st", "4b")
    assert values.address("12 Elm St. Apt 4B").made == values.address("12 ELM ST,  apartment 4b").made
    assert values.text("\u1eb8k\u00fa").made == ("eku",)


def test_folding_keeps_letters_that_marks_change_and_drops_what_is_not_seen() -> None:
    assert values.fold("\u304c") != values.fold("\u304b"), "a voiced kana is another letter"
    assert values.fold("\uae40\uc815\uc740") == "\uae40\uc815\uc740"
    assert values.fold("pay\u200bpal") == "paypal"
    assert values.fold("\uff30\uff21\uff39") == "pay"


def test_watched_values_take_the_form_of_their_kind() -> None:
    assert values.watched("Bob@Example.org", "email").value == "bob@example.org"
    assert values.watched("203.0.113.9/24", "cidr").value == "203.0.113.0/24"
    assert values.watched("203.0.113.999", "ip").reason is not None


MESSY = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="0123456789-+:.TZ/ ,eE", max_size=30),
    st.text(alphabet="abcABC0123456789@.-_+:/\u00fc\u0130\u212a", max_size=30),
    st.sampled_from([raw for _, raw, *_ in [*TAKEN, *REFUSED]]),
)


@pytest.mark.parametrize("form", sorted(FORMS))
@settings(max_examples=120, deadline=None)
@given(raw=MESSY)
def test_no_text_breaks_a_form_and_a_normal_form_is_its_own(form: str, raw: str) -> None:
    found = FORMS[form](raw)
    assert found.value is None or found.reason is None
    if found.value is not None:
        again = FORMS[form](found.value)
        assert (again.value, again.reason) == (found.value, None)
        assert again.made == found.made or form in ("phone in Korea",)


@settings(max_examples=300, deadline=None)
@given(raw=st.text(max_size=60))
def test_folded_text_is_folded(raw: str) -> None:
    assert values.fold(values.fold(raw)) == values.fold(raw)


COLUMNS: dict[str, TableColumn] = {
    "id": TableColumn("x", "id"),
    "text": TableColumn("x", "text", fold=True),
    "word": TableColumn("x", "word", words=WORDS),
    "country": TableColumn("x", "country"),
    "currency": TableColumn("x", "currency"),
    "time": TableColumn("x", "time"),
    "time or day": TableColumn("x", "time", date_ok=True),
    "date": TableColumn("x", "date"),
    "money": TableColumn("x", "money"),
    "number": TableColumn("x", "number"),
    "share": TableColumn("x", "number", low="0", high="100", low_open=True),
    "integer": TableColumn("x", "integer"),
    "asn": TableColumn("x", "asn"),
    "bool": TableColumn("x", "bool"),
    "bic": TableColumn("x", "bic"),
    "locode": TableColumn("x", "locode"),
    "imo": TableColumn("x", "imo"),
    "mmsi": TableColumn("x", "mmsi"),
    "hex": TableColumn("x", "hex", digits=16),
    "zone": TableColumn("x", "zone"),
    "ip": TableColumn("x", "ip"),
    "email": TableColumn("x", "email"),
    "phone": TableColumn("x", "phone"),
    "document": TableColumn("x", "document"),
    "url": TableColumn("x", "url"),
    "host": TableColumn("x", "host"),
    "address": TableColumn("x", "address", fold=True),
}


def _fast(name: str, raws: list[str]) -> list[tuple[str, bool, str | None, tuple[str | None, ...]]]:
    """What the engine says of texts: whether the fast path holds, the value, what is made from it, as texts."""
    form = normal_form(COLUMNS[name], "x", "VARCHAR", zones=ZONES)
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'; create table t (x varchar)")
    con.executemany("insert into t values (?)", [[raw] for raw in raws])
    value = (
        f"strftime({form.value}, '%Y-%m-%dT%H:%M:%SZ')"
        if COLUMNS[name].type == "time"
        else f"cast({form.value} as varchar)"
    )
    made = "".join(f", cast({sql} as varchar)" for sql in form.made.values())
    rows = con.execute(f"select x, true, {value}{made} from t where x <> '' and ({form.fast})").fetchall()
    con.close()
    return [(r[0], r[1], r[2], tuple(r[3:])) for r in rows]


def _same(name: str, fast: str | None, slow: str | None) -> bool:
    if fast is not None and slow is not None and COLUMNS[name].type in ("money", "number"):
        return float(fast) == float(slow)
    return fast == slow


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_the_fast_path_and_the_slow_agree_on_known_values(name: str) -> None:
    raws = sorted({raw for _, raw, *_ in [*TAKEN, *REFUSED]} | {raw.strip() for _, _, raw in TAKEN})
    for raw, _, value, made in _fast(name, raws):
        found = FORMS[name](raw)
        assert found.reason is None and _same(name, value, found.value), raw
        assert made == found.made[: len(made)], raw


@pytest.mark.parametrize("name", sorted(COLUMNS))
@settings(max_examples=15, deadline=None)
@given(
    raws=st.lists(
        MESSY.filter(lambda t: "\x00" not in t and not any(0xD800 <= ord(c) < 0xE000 for c in t)),
        min_size=5,
        max_size=40,
    )
)
def test_the_fast_path_and_the_slow_agree_on_any_text(name: str, raws: list[str]) -> None:
    for raw, _, value, made in _fast(name, raws):
        found = FORMS[name](raw)
        assert found.reason is None and _same(name, value, found.value), raw
        assert made == found.made[: len(made)], raw


def test_telephone_numbers_of_every_country_take_one_form_on_both_ways() -> None:
    import random

    import phonenumbers

    chance = random.Random(7)
    raws = []
    for code in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE):
        for size in range(4, 13):
            for _ in range(6):
                raws.append(
                    f"+{code} ({chance.choice('0123456789')}) " + "".join(chance.choices("0123456789", k=size - 1))
                )
    taken = _fast("phone", raws)
    assert len(taken) > 1000
    for raw, _, value, _ in taken:
        assert values.phone(raw).value == value, raw
        assert values.phone(str(value)).value == value, raw


def test_mail_addresses_take_one_form_on_both_ways() -> None:
    raws = [
        "Bob.Q+a+b@Example.ORG",
        "x_y-z@mail.example.co",
        "a@b.c",
        "A@B.CD",
        "a..b@example.org",
        "a@-x.example.org",
        "a@x--y.example.org",
    ]
    taken = {raw: (value, made) for raw, _, value, made in _fast("email", raws)}
    assert taken["Bob.Q+a+b@Example.ORG"] == ("bob.q+a+b@example.org", ("bob.q@example.org",))
    for raw, (value, made) in taken.items():
        assert values.email(raw).value == value and values.email(raw).made == made


def test_every_type_of_the_catalogue_has_a_normal_form() -> None:
    for table in table_rules().values():
        for column in table.columns.values():
            for sql_type in ("VARCHAR", "BIGINT", "DOUBLE", "TIMESTAMP WITH TIME ZONE"):
                assert normal_form(column, "x", sql_type).fast, (table.name, column.name)
