"""Numbers that check themselves: a value is filed under its own kind only where its check digit holds.

A number that fails is not lost: it goes, as written, under a general kind (registration, tax or identity number).
"""

from __future__ import annotations

import re

import phonenumbers

_IMO = re.compile(r"(?:IMO[\s:.#-]*)?(\d{7})", re.IGNORECASE)
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_EMAIL = re.compile(r"[^<>()\[\],;:?\s@\"]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
_URL = re.compile(r"(?:https?://)?((?:[A-Za-z0-9_-]{1,63}\.)+[A-Za-z]{2,63})(:\d+)?(/[^\s]*)?")


def imo(text: str) -> str:
    """Seven digits of a ship's or shipping company's IMO number, or "".

    A ship's last digit is that of 7a+6b+5c+4d+3e+2f; a company's makes 8a+6b+4c+2d+9e+7f+g a multiple of 11
    with 10 written 0 (IMO Resolution A.1117(30) and Circular letter 2554).

    Example:
        >>> imo("IMO 9187629"), imo("IMO 9187620")
        ('9187629', '')
    """
    match = _IMO.fullmatch(text.strip())
    if not match or not int(match[1]):
        return ""
    digits = [int(c) for c in match[1]]
    ship = sum(d * w for d, w in zip(digits, (7, 6, 5, 4, 3, 2), strict=False)) % 10
    company = (11 - sum(d * w for d, w in zip(digits, (8, 6, 4, 2, 9, 7), strict=False)) % 11) % 10
    return match[1] if digits[6] in (ship, company) else ""


def lei(text: str) -> str:
    """A Legal Entity Identifier whose two check digits hold (ISO 17442: remainder 1 by 97), or ""."""
    value = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(r"[A-Z0-9]{18}\d\d", value):
        return ""
    return value if int("".join(str(int(c, 36)) for c in value)) % 97 == 1 else ""


def inn(text: str) -> str:
    """A Russian tax number of 10 (organisation) or 12 digits (person) whose check digits hold, or ""."""
    value = text.replace(" ", "")
    if not re.fullmatch(r"\d{10}|\d{12}", value):
        return ""
    digits = [int(c) for c in value]

    def check(weights: tuple[int, ...]) -> int:
        return sum(w * d for w, d in zip(weights, digits, strict=False)) % 11 % 10

    if len(digits) == 10:
        return value if check((2, 4, 10, 3, 5, 9, 4, 6, 8)) == digits[9] else ""
    first = check((7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) == digits[10]
    return value if first and check((3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) == digits[11] else ""


def ogrn(text: str) -> str:
    """A Russian state registration number (13 digits) whose check digit holds, or ""."""
    value = text.strip()
    if not re.fullmatch(r"[1-9]\d{12}", value):
        return ""
    return value if int(value[:-1]) % 11 % 10 == int(value[-1]) else ""


def uscc(text: str) -> str:
    """A Chinese unified social credit code whose check sign holds (GB 32100-2015), or ""."""
    value, signs = text.replace(" ", "").upper(), "0123456789ABCDEFGHJKLMNPQRTUWXY"
    if not re.fullmatch(rf"\d{{8}}[{signs}]{{10}}", value):
        return ""
    total = sum(signs.index(c) * pow(3, i, 31) for i, c in enumerate(value[:17]))
    return value if signs[-total % 31] == value[17] else ""


def bic(text: str) -> str:
    """The eight characters of a bank's SWIFT/BIC code, or ""."""
    value = text.replace(" ", "").upper()
    return value[:8] if _BIC.fullmatch(value) else ""


def phone(text: str) -> str:
    """A number in international form (``+8613102808677``), or "" where it is none."""
    number = text.strip()
    for written in (number, f"+{number}"):
        try:
            parsed = phonenumbers.parse(written, None)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    return ""


def email(text: str) -> str:
    """An e-mail address with its domain in lower case, or ""."""
    value = text.strip()
    if not _EMAIL.fullmatch(value):
        return ""
    local, _, domain = value.rpartition("@")
    return f"{local}@{domain.lower()}"


def url(text: str) -> str:
    """A web address with its scheme, or ""."""
    match = _URL.fullmatch(text.strip())
    if not match:
        return ""
    scheme = "https" if text.strip().lower().startswith("https:") else "http"
    return f"{scheme}://{match[1].lower()}{match[2] or ''}{match[3] or '/'}"


def number(text: str) -> str:
    """A whole number or decimal without grouping signs (``9,038`` gives ``9038``), or ""."""
    value = text.replace(",", "").strip()
    return value if re.fullmatch(r"\d+(?:\.\d+)?", value) else ""


def mmsi(text: str) -> str:
    """Nine digits of a ship station's identity, or ""."""
    value = text.strip()
    return value if re.fullmatch(r"\d{9}", value) else ""


# Kinds that a list's YAML may name in ``check``.
CHECKS = {
    "imo": imo,
    "lei": lei,
    "inn": inn,
    "ogrn": ogrn,
    "uscc": uscc,
    "bic": bic,
    "phone": phone,
    "email": email,
    "url": url,
    "number": number,
    "mmsi": mmsi,
}
