"""Normal forms of single values: what the fast path in SQL does not take is decided here, once per distinct value.

Each form is a pure function of a text and of one text beside it; it never raises. A value that breaks the
contract gives a reason in words; a text of blanks alone gives nothing at all. The normal form of a normal form is itself.
"""

from __future__ import annotations

import datetime as dt
import decimal
import ipaddress
import math
import re
import unicodedata
import urllib.parse
from collections.abc import Callable, Collection
from typing import NamedTuple

import idna

from mapae.sources.codes import COUNTRIES, CURRENCIES

FIRST_YEAR, LAST_YEAR = 1900, 2200
# Largest amount that is taken for money: a thousand times the yearly product of the world in U.S. dollars would still fit.
LARGEST_AMOUNT = decimal.Decimal(10) ** 15
HMAC = re.compile(r"hmac:[A-Za-z0-9+/_=-]{16,128}")


class Form(NamedTuple):
    """Outcome for one value: its normal form as text, what is made from it, or why it is refused."""

    value: str | None
    made: tuple[str | None, ...] = ()
    reason: str | None = None


NOTHING = Form(None)


def refused(reason: str) -> Form:
    """A value that breaks the contract."""
    return Form(None, (), reason)


# ---- text

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BLANKS = re.compile(r"[ \t\r\n\x0b\x0c\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


def _accent(code: int) -> bool:
    # Canonical combining classes: 1 overlays, 10-35 Hebrew and Arabic points, 200 and more accents above, below, attached.
    # Nukta, kana voicing and virama (7-9) change the letter and stay.
    kind = unicodedata.combining(chr(code))
    return kind == 1 or 10 <= kind <= 35 or kind >= 200


_DROPPED = {c: None for c in range(0x1F000) if _accent(c) or unicodedata.category(chr(c)) == "Cf"}


def clean(text: str) -> str:
    """Unicode NFC without outer blanks; control characters other than tab and line breaks become blanks."""
    return unicodedata.normalize("NFC", _CONTROLS.sub(" ", text).replace("\ufeff", "")).strip()


def fold(text: str) -> str:
    """Text as it is compared: compatibility forms resolved, accents and invisible characters off, lower case, single blanks.

    Example:
        >>> fold("  Ångström\\tCAFÉ ")
        'angstrom cafe'
    """
    for _ in range(4):  # lower case can bring back a mark (Turkish dotted I); the second round finds nothing as a rule
        folded = unicodedata.normalize("NFKD", text).lower().translate(_DROPPED)
        folded = _BLANKS.sub(" ", unicodedata.normalize("NFC", _CONTROLS.sub(" ", folded))).strip()
        if folded == text:
            break
        text = folded
    return folded


def text(raw: str, beside: str = "") -> Form:
    """Running text and its folded form."""
    value = clean(raw)
    return Form(value, (fold(value) or None,)) if value else NOTHING


def invisible(raw: str) -> str:
    """Name of the first control or invisible character of a text, or ""."""
    for character in raw:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            return f"U+{ord(character):04X}"
    return ""


def id_(raw: str, beside: str = "") -> Form:
    """An opaque id: NFC, no outer blanks, no control or invisible characters."""
    value = unicodedata.normalize("NFC", raw.strip(" "))
    found = invisible(value)
    if found:
        return refused(f"an id holds the invisible character {found}; ids are made of visible characters")
    value = value.strip()
    return Form(value) if value else NOTHING


# ---- times, dates

_TIME = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,12})?)? ?(?:([Zz]|UTC|GMT)|([+-])(\d{2}):?(\d{2})?)?",
    re.ASCII,
)
_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(Z|[+-]\d{2}:?\d{2})", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_CONFUSED = re.compile(r"\d{1,2}[/.\- ]\d{1,2}[/.\- ]\d{2,4}(\D.*)?", re.ASCII | re.DOTALL)
_NUMBER_ALONE = re.compile(r"\d+([.,]\d+)?", re.ASCII)


def _year_reason(year: int) -> str | None:
    if FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return (
        f"the year {year:04d} lies outside {FIRST_YEAR} to {LAST_YEAR}; leave the cell empty where the day is not known"
    )


def _no_time(value: str, example: str) -> Form:
    if _CONFUSED.fullmatch(value):
        return refused(f"day and month can be confused; write year-month-day, as {example}")
    if _NUMBER_ALONE.fullmatch(value):
        return refused(f"a number is no date; write year-month-day, as {example}")
    return refused(f"not a date in the form of ISO 8601; write it as {example}")


def time(raw: str, beside: str = "", *, date_ok: bool = False) -> Form:
    """A moment in UTC, whole seconds: ``2026-01-31T09:30:00Z``.

    Args:
        raw: ISO 8601 with an offset; a plain date only where ``date_ok``.
        beside: not used.
        date_ok: read a plain date as midnight UTC.
    """
    value = raw.strip()
    if not value:
        return NOTHING
    day = _DATE.fullmatch(value)
    if day:
        if not date_ok:
            return refused("a day without a time; write the time and its offset too, as 2026-01-31T09:30:00Z")
        value = f"{value}T00:00:00Z"
    basic = _BASIC.fullmatch(value)
    if basic:
        y, mo, d, h, mi, s, zone = basic.groups()
        value = f"{y}-{mo}-{d}T{h}:{mi}:{s}{zone}"
    match = _TIME.fullmatch(value)
    if not match:
        return _no_time(value, "2026-01-31T09:30:00Z")
    year, month, date, hour, minute, second = (int(g or 0) for g in match.groups()[:6])
    wrong = _year_reason(year)
    if wrong:
        return refused(wrong)
    if not match.group(7) and not match.group(8):
        return refused(
            "a time without its offset from UTC; write Z or the offset behind it, as 2026-01-31T09:30:00+09:00"
        )
    offset = int(match.group(9) or 0) * 60 + int(match.group(10) or 0)
    if offset > 14 * 60 or int(match.group(10) or 0) > 59:
        return refused("an offset from UTC of more than 14 hours")
    try:
        moment = dt.datetime(year, month, date, hour, minute, second)
    except ValueError:
        return refused("no such day or time in the calendar")
    moment -= dt.timedelta(minutes=-offset if match.group(8) == "-" else offset)
    wrong = _year_reason(moment.year)
    return refused(wrong) if wrong else Form(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?00)?", re.ASCII)


def date(raw: str, beside: str = "") -> Form:
    """A day: ``2026-01-31``; a time is taken only where it is midnight in UTC or has no offset."""
    value = raw.strip()
    if not value:
        return NOTHING
    midnight = _MIDNIGHT.fullmatch(value)
    match = _DATE.fullmatch(midnight.group(1) if midnight else value)
    if not match:
        if _TIME.fullmatch(value):
            return refused("a time where a day belongs; write the day alone, as 2026-01-31")
        return _no_time(value, "2026-01-31")
    year, month, day = (int(g) for g in match.groups())
    wrong = _year_reason(year)
    if wrong:
        return refused(wrong)
    try:
        return Form(dt.date(year, month, day).isoformat())
    except ValueError:
        return refused("no such day in the calendar")


# ---- numbers

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_EIGHT = decimal.Decimal("0.00000001")
_CENT = decimal.Decimal("0.01")
_WIDE = decimal.Context(prec=60, rounding=decimal.ROUND_HALF_EVEN)


def _number_reason(value: str) -> str:
    low = value.lower().lstrip("+-")
    if low in ("nan", "inf", "infinity"):
        return f"{low} is no amount; leave the cell empty where it is not known"
    if "," in value:
        return "a comma in a number; write 1234.56, without signs for thousands"
    return "not a number; write digits with a point, as 1234.56"


def money(raw: str, beside: str = "") -> Form:
    """An amount with at most eight decimals, and its hundredths by rounding half to even."""
    value = raw.strip()
    if not value:
        return NOTHING
    if not _NUMBER.fullmatch(value):
        return refused(_number_reason(value))
    amount = decimal.Decimal(value)
    if abs(amount) > LARGEST_AMOUNT:
        return refused("an amount above 1000000000000000; check the unit")
    amount = amount.quantize(_EIGHT, context=_WIDE)
    cents = (amount.quantize(_CENT, context=_WIDE) * 100).to_integral_value()
    text_ = format(abs(amount) if amount == 0 else amount, "f").rstrip("0").rstrip(".")
    return Form(text_, (str(int(cents)),))


def number(raw: str, beside: str = "", *, low: str = "", high: str = "", low_open: bool = False) -> Form:
    """A finite number within bounds, as text that a 64-bit fraction reads back to itself."""
    value = raw.strip()
    if not value:
        return NOTHING
    if not _NUMBER.fullmatch(value):
        return refused(_number_reason(value))
    found = float(value)
    if not math.isfinite(found):
        return refused("a number too large to be stored")
    wrong = _bounds(found, low, high, low_open)
    return refused(wrong) if wrong else Form(repr(found + 0.0))


def _bounds(found: float, low: str, high: str, low_open: bool) -> str | None:
    if low and (found < float(low) or (low_open and found == float(low))):
        return f"{found:g} is below what can be: {'more than' if low_open else 'at least'} {low}"
    if high and found > float(high):
        return f"{found:g} is above what can be: at most {high}"
    return None


def integer(raw: str, beside: str = "", *, low: str = "", high: str = "", low_open: bool = False) -> Form:
    """A whole number of at most 18 digits; ``12.0`` is 12."""
    value = raw.strip()
    if not value:
        return NOTHING
    if not _NUMBER.fullmatch(value):
        return refused(_number_reason(value))
    found = decimal.Decimal(value)
    if abs(found) >= decimal.Decimal(10) ** 18:
        return refused("a number of more than 18 digits")
    if found != found.to_integral_value(context=_WIDE):
        return refused("a fraction where a whole number belongs")
    wrong = _bounds(float(found), low, high, low_open)
    return refused(wrong) if wrong else Form(str(int(found)))


def asn(raw: str, beside: str = "") -> Form:
    """Number of an autonomous system; ``AS15169`` is 15169."""
    value = raw.strip()
    value = value[2:].strip() if value[:2].upper() == "AS" else value
    if not value:
        return refused("no number of a network; write digits, as 15169") if raw.strip() else NOTHING
    found = integer(value, low="0", high="4294967295")
    return found if found.reason is None else refused(f"no number of a network: {found.reason}")


_YES, _NO = frozenset("true t yes y 1".split()), frozenset("false f no n 0".split())


def bool_(raw: str, beside: str = "") -> Form:
    """``true`` or ``false``."""
    value = raw.strip().lower()
    if not value:
        return NOTHING
    if value in _YES or value in _NO:
        return Form("true" if value in _YES else "false")
    return refused("neither yes nor no; write true or false")


# ---- codes

_COUNTRY_ADVICE = {"UK": "GB", "EL": "GR"}


def country(raw: str, beside: str = "") -> Form:
    """ISO 3166-1 alpha-2; a name is refused, since names of states are many."""
    value = raw.strip().upper()
    if not value:
        return NOTHING
    if value in COUNTRIES:
        return Form(value)
    advice = _COUNTRY_ADVICE.get(value, "the two letters of ISO 3166, as KR")
    return refused(f"not a country's code; write {advice}")


def currency(raw: str, beside: str = "") -> Form:
    """ISO 4217."""
    value = raw.strip().upper()
    if not value:
        return NOTHING
    return (
        Form(value)
        if value in CURRENCIES
        else refused("not a currency's code; write the three letters of ISO 4217, as USD")
    )


def word(raw: str, beside: str = "", *, words: Collection[str] = ()) -> Form:
    """One of a column's words; letter case, blanks and hyphens are forgiven."""
    value = re.sub(r"[\s\-]+", "_", raw.strip().lower())
    if not value:
        return NOTHING
    return Form(value) if value in words else refused("not one of the words of this column: " + ", ".join(words))


_BIC = re.compile(r"[A-Z0-9]{4}([A-Z]{2})[A-Z0-9]{2}([A-Z0-9]{3})?", re.ASCII)


def bic(raw: str, beside: str = "") -> Form:
    """ISO 9362: eight or eleven characters with a country in the middle."""
    value = raw.strip().upper()
    if not value:
        return NOTHING
    match = _BIC.fullmatch(value)
    if match and match.group(1) in COUNTRIES:
        return Form(value)
    return refused("not the code of a bank (BIC); it has 8 or 11 characters, the fifth and sixth a country's")


_LOCODE = re.compile(r"([A-Z]{2})[A-Z2-9]{3}", re.ASCII)


def locode(raw: str, beside: str = "") -> Form:
    """UN/LOCODE of a place: country and three characters."""
    value = raw.strip().upper().replace(" ", "")
    if not value:
        return NOTHING
    match = _LOCODE.fullmatch(value)
    return (
        Form(value)
        if match and match.group(1) in COUNTRIES
        else refused("not a UN/LOCODE; write country and place, as KPNAM")
    )


_IMO = re.compile(r"(?:IMO)?[ :]*(\d{7})", re.ASCII | re.IGNORECASE)


def imo(raw: str, beside: str = "") -> Form:
    """IMO number of a ship: seven digits, the last a check digit (IMO resolution A.1117(30))."""
    value = raw.strip()
    if not value:
        return NOTHING
    match = _IMO.fullmatch(value)
    if not match:
        return refused("not an IMO number; it has seven digits")
    digits = match.group(1)
    if sum(int(d) * w for d, w in zip(digits[:6], range(7, 1, -1), strict=True)) % 10 != int(digits[6]):
        return refused("an IMO number whose check digit is wrong; look for a slip of the keys")
    return Form(digits)


def mmsi(raw: str, beside: str = "") -> Form:
    """Nine digits (ITU-R M.585)."""
    value = raw.strip()
    if not value:
        return NOTHING
    return Form(value) if re.fullmatch(r"\d{9}", value, re.ASCII) else refused("not an MMSI; it has nine digits")


def hex_(raw: str, beside: str = "", *, digits: int = 0) -> Form:
    """Hexadecimal digits, lower case, without 0x."""
    value = raw.strip().lower().removeprefix("0x")
    if not raw.strip():
        return NOTHING
    if not re.fullmatch(r"[0-9a-f]+", value, re.ASCII) or (digits and len(value) != digits):
        return refused(f"not {digits or 'a row of'} hexadecimal digits")
    return Form(value)


def zone(raw: str, beside: str = "", *, zones: Collection[str] = ()) -> Form:
    """IANA time zone, in the letter case of the register.

    Args:
        raw: as received.
        beside: not used.
        zones: names that the query engine knows; a name that it does not know would end a rule.
    """
    value = raw.strip()
    if not value:
        return NOTHING
    known = {name.lower(): name for name in zones}
    found = known.get(value.lower())
    return Form(found) if found else refused("not a time zone of the IANA register; write it as Asia/Seoul")


# ---- network

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


# ---- people's marks


def phone(raw: str, beside: str = "") -> Form:
    """E.164 by the phonenumbers library.

    Args:
        raw: as received; a keyed hash is kept.
        beside: country that a number without prefix belongs to, or "".
    """
    value = raw.strip()
    if not value:
        return NOTHING
    if HMAC.fullmatch(value):
        return Form(value)
    import phonenumbers

    region = beside.strip().upper()
    given = "+" + value[2:] if value.startswith("00") else value
    try:
        found = phonenumbers.parse(given, region if region in phonenumbers.SUPPORTED_REGIONS else None)
    except phonenumbers.NumberParseException:
        return refused("not a telephone number; write + and the prefix of its country before it, as +82212345678")
    if not phonenumbers.is_possible_number(found):
        return refused("a telephone number with too many or too few digits")
    found.extension = None
    return Form(str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)))


def document(raw: str, beside: str = "") -> Form:
    """Number of a document: capitals and digits without blanks, hyphens, points and slashes; a keyed hash is kept."""
    value = unicodedata.normalize("NFKC", raw).strip()
    if not value:
        return NOTHING
    if HMAC.fullmatch(value):
        return Form(value)
    found = invisible(value)
    if found:
        return refused(f"the number of a document holds the invisible character {found}")
    made = unicodedata.normalize("NFKC", re.sub(r"[\s\-./\u2010-\u2015]+", "", value).upper())
    return Form(made) if made else refused("the number of a document without a letter or digit")


_UNIT = re.compile(
    r"(?:^|[,\s])(?:(?P<hash>#)\s*(?P<n1>[\w-]+)"
    r"|(?P<kind>apartment|apt|suite|ste|unit|flat|room|rm|floor|fl|ho|dong)\b\.?\s*(?:no\.?\s*)?#?\s*(?P<n2>[a-z]?-?\d[\w-]*|[a-z])\b)"
)
_PUNCTUATION = re.compile(r"[.,;]+")


def address(raw: str, beside: str = "") -> Form:
    """A postal address, folded without its unit, and the unit (number of the flat) apart."""
    value = clean(raw)
    if not value:
        return NOTHING
    folded = fold(value)
    match = _UNIT.search(folded)
    unit = None
    if match:
        unit = (match.group("n1") or match.group("n2") or "").strip("-") or None
        folded = folded[: match.start()] + " " + folded[match.end() :]
    folded = fold(_PUNCTUATION.sub(" ", folded))
    return Form(value, (folded or None, unit))


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


def list_(raw: str, beside: str = "") -> Form:
    """A list that is no list: whatever the fast path did not take."""
    if not raw.strip():
        return NOTHING
    if raw.lstrip().startswith("["):
        return refused('a list that is not closed or not in JSON; write ["a","b"] or a;b')
    return refused("a list that holds control characters")
