"""Country names of official lists to ISO 3166-1 codes (lower case, as FollowTheMoney writes them), by our own table."""

from __future__ import annotations

import csv
import functools
import re
import unicodedata
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "catalogue" / "infrastructure" / "countries.csv"
_WORDS = re.compile(r"[^\W_]+")


def folded(name: str) -> str:
    """A name without accents, case and punctuation: what two spellings of one country have in common."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    plain = plain.casefold().replace("&", " and ").replace("'", "").replace("\u2019", "")
    return " ".join(_WORDS.findall(plain))


@functools.cache
def _codes() -> dict[str, str]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {folded(row["name"]): row["code"] for row in csv.DictReader(file)}


@functools.lru_cache(maxsize=4096)
def country_code(name: str) -> str:
    """ISO 3166-1 alpha-2 in lower case (``xk`` Kosovo, ``suhh`` the former Soviet Union); "" for what is no country.

    Example:
        >>> country_code("Korea, North"), country_code("undetermined")
        ('kp', '')
    """
    return _codes().get(folded(name), "")


def country_at_end(place: str) -> str:
    """Code of the country that a place ends with: ``Pyongyang, North Korea`` gives ``kp``; "" where none stands there."""
    parts = place.split(",")
    for start in (len(parts) - 2, len(parts) - 1):
        if start >= 0 and (code := country_code(",".join(parts[start:]))):
            return code
    return ""


@functools.cache
def known_codes() -> frozenset[str]:
    """Every code of the table."""
    return frozenset(_codes().values())
