"""Codes of closed sets and with check digits: countries, currencies, words, banks, ports, ships, time zones."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping

from mapae.sources.codes import COUNTRIES, CURRENCIES
from mapae.sources.countries import country_code
from mapae.sources.values.form import NOTHING, Form, refused

_COUNTRY_ADVICE = {"UK": "GB", "EL": "GR"}


def country(raw: str, beside: str = "") -> Form:
    """ISO 3166-1 alpha-2, or a country's name that the table of names knows; two letters that are no code are refused."""
    value = raw.strip().upper()
    if not value:
        return NOTHING
    if value in COUNTRIES:
        return Form(value)
    named = country_code(value).upper() if len(value) > 2 else ""
    if named in COUNTRIES:
        return Form(named)
    advice = _COUNTRY_ADVICE.get(value, "the two letters of ISO 3166, as KR")
    return refused(f"neither a country's code nor a name of one that is known; write {advice}")


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


@functools.lru_cache(maxsize=4)
def _lowered(zones: tuple[str, ...]) -> Mapping[str, str]:
    return {name.lower(): name for name in zones}


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
    found = _lowered(tuple(zones)).get(value.lower())
    return Form(found) if found else refused("not a time zone of the IANA register; write it as Asia/Seoul")
