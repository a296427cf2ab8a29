"""Amounts, numbers, truth words: finite, within bounds, exact where money is meant."""

from __future__ import annotations

import decimal
import math
import re

from mapae.sources.values.form import NOTHING, Form, refused

# Largest amount taken for money: ten times the product of the world in a year, in U.S. dollars.
LARGEST_AMOUNT = decimal.Decimal(10) ** 15

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


_YES = frozenset({"true", "t", "yes", "y", "1"})
_NO = frozenset({"false", "f", "no", "n", "0"})


def bool_(raw: str, beside: str = "") -> Form:
    """``true`` or ``false``."""
    value = raw.strip().lower()
    if not value:
        return NOTHING
    if value in _YES or value in _NO:
        return Form("true" if value in _YES else "false")
    return refused("neither yes nor no; write true or false")
