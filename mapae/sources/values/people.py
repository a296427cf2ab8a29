"""Marks of people: telephone numbers, numbers of documents, postal addresses."""

from __future__ import annotations

import re
import unicodedata

from mapae.sources.values.codes import country
from mapae.sources.values.form import HMAC, NOTHING, Form, refused
from mapae.sources.values.texts import clean, fold, invisible


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

    region = (country(beside).value or "") if beside.strip() else ""
    given = "+" + value[2:] if value.startswith("00") else value
    for _ in range(4):  # a zero that is not dialled from abroad may have another behind it: until nothing changes
        try:
            found = phonenumbers.parse(given, region if region in phonenumbers.SUPPORTED_REGIONS else None)
        except phonenumbers.NumberParseException:
            return refused("not a telephone number; write + and the prefix of its country before it, as +82212345678")
        if not phonenumbers.is_possible_number(found):
            return refused("a telephone number with too many or too few digits")
        found.extension = None
        made = str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))
        if made == given:
            return Form(made)
        given = made
    return refused("a telephone number with more zeros before it than can be")


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
