"""What is asked and what comes back when a name is screened, and the normal forms by which values are equal."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
import unicodedata
from urllib.parse import urlsplit

from mapae.model.dates import DateRange, parse_partial
from mapae.names.tables import FOLDER, rows

Reasons = list[str]
LEVELS = ("exact", "strong", "possible")
OWNED = "owned by listed parties"
OWNED_UNKNOWN = "owned in part by listed parties, share unknown"
_IMO = re.compile(r"(?:IMO[\s:.#-]*)?(\d{7})", re.I)
_CASELESS_WALLET = re.compile(r"0[xX][0-9a-fA-F]{40}|[bB][cC]1[0-9a-zA-Z]+")
_DAY = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[T ].*)?")


@dataclasses.dataclass(frozen=True, slots=True)
class Document:
    """A document's number, and the country that issued it ("" where nobody says; two letters)."""

    number: str
    country: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Query:
    """Who is asked about; everything but one of its values may be empty.

    Args:
        name: in any script.
        schema: FollowTheMoney schema: Person, Organization, Company, Vessel …; "" where unknown.
        birth_date: ISO, also a year or a month alone.
        countries: codes of two letters.
        documents: numbers, as :class:`Document` or as text ``NUMBER`` or ``NUMBER@kp``.
        imo: number of a ship or shipping company.
        wallet: address of a wallet.
        email: address.
        domain: domain or web address.
    """

    name: str = ""
    schema: str = ""
    birth_date: str = ""
    countries: tuple[str, ...] = ()
    documents: tuple[Document | str, ...] = ()
    imo: str = ""
    wallet: str = ""
    email: str = ""
    domain: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Paper:
    """A listed document: normal number, countries of issue as far as told."""

    number: str
    countries: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One party of one list, or one that listed parties own.

    Args:
        id: entity id, as ``ofac-1234``.
        schema: FollowTheMoney schema.
        caption: its main name.
        list: the list's id.
        snapshot: day of the list's copy, ISO; "" where it has none.
        programme: programme tags, joined by ``;``.
        authority: who listed it, joined by ``;``.
        names: (name, quality) with quality primary, strong or weak.
        births: (partial ISO date, told as about).
        countries: codes.
        documents: its papers.
        imos, wallets, emails, domains: normal forms.
        digest: hash over what the list says of it; a clearing holds while it stands.
        owned: "" for a listed party, else :data:`OWNED` or :data:`OWNED_UNKNOWN`.
        chain: how listed parties own it, one sentence each.
    """

    id: str
    schema: str
    caption: str
    list: str
    snapshot: str = ""
    programme: str = ""
    authority: str = ""
    names: tuple[tuple[str, str], ...] = ()
    births: tuple[tuple[str, bool], ...] = ()
    countries: tuple[str, ...] = ()
    documents: tuple[Paper, ...] = ()
    imos: tuple[str, ...] = ()
    wallets: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    digest: str = ""
    owned: str = ""
    chain: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Match:
    """A listed party that the query may be.

    Args:
        level: exact, strong or possible.
        centibits: weight of name and evidence for "same party?", hundredths of a bit.
        list: the list; entry: the party's id there; name: its main name.
        programme, authority: as the list says.
        alias: the name of the entry that hit, "" where none did; quality: primary, strong or weak.
        snapshot: day of the list's copy, ISO.
        why: grounds, one short text each.
        owned: not listed itself, but owned by listed parties: in these words.
        digest: hash over what the list says of the entry.
        cleared: who cleared it, why and until when; "" while open.
    """

    level: str
    centibits: int
    list: str
    entry: str
    name: str
    programme: str
    authority: str
    alias: str
    quality: str
    snapshot: str
    why: Reasons
    owned: str = ""
    digest: str = ""
    cleared: str = ""

    @property
    def bits(self) -> float:
        """Weight in bits."""
        return self.centibits / 100

    @property
    def alias_quality(self) -> str:
        """Quality of the name that hit."""
        return self.quality


@functools.cache
def evidence() -> dict[str, int]:
    """Weights and limits of ``evidence.csv``; whole numbers in the unit that the file states."""
    return {row["name"]: int(row["value"]) for row in rows("evidence.csv")}


@functools.cache
def open_mail() -> frozenset[str]:
    """Domains on which anybody may open a mailbox."""
    lines = (FOLDER.parent / "infrastructure" / "free_mail.csv").read_text("utf-8").splitlines()
    return frozenset(line.partition(",")[0] for line in lines if line and not line.startswith("#"))


def document(text: str) -> str:
    """Normal form of a document number: letters and digits, capitals.

    Example:
        >>> document("ps 472-310 111")
        'PS472310111'
    """
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())


def paper(given: Document | str) -> Document:
    """A document as asked about, in normal form; a text may end in ``@`` and the country of issue.

    Example:
        >>> paper("A-1@KP")
        Document(number='A1', country='kp')
    """
    if isinstance(given, str):
        number, at, country = given.rpartition("@")
        given = Document(number, country) if at else Document(given)
    return Document(document(given.number), given.country.strip().lower())


def imo(text: str) -> str:
    """Seven digits of an IMO number, "" where the text is none."""
    found = _IMO.fullmatch(text.strip())
    return found[1] if found else ""


def wallet(text: str) -> str:
    """Normal form of a wallet's address: forms that mean the same in either case in small letters (EIP-55, BIP 173)."""
    text = "".join(text.split())
    return text.lower() if _CASELESS_WALLET.fullmatch(text) else text


def email(text: str) -> str:
    """Normal form of an e-mail address: small letters, no blanks; "" where it is none."""
    text = unicodedata.normalize("NFKC", text).strip().removeprefix("mailto:").lower()
    local, at, host = text.rpartition("@")
    return f"{local}@{host.rstrip('.')}" if at and local and "." in host and not any(c.isspace() for c in text) else ""


def domain(text: str) -> str:
    """The host of a domain or web address in its encoded form, without ``www.``; "" where there is none.

    Example:
        >>> domain("https://WWW.Example.com:8080/"), domain("example.com")
        ('example.com', 'example.com')
    """
    text = unicodedata.normalize("NFKC", text).strip()
    try:
        host = (urlsplit(text if "//" in text else "//" + text).hostname or "").rstrip(".")
        host = host if host.isascii() else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        return ""
    host = host.lower().removeprefix("www.")
    return host if "." in host and " " not in host else ""


def own_site(text: str) -> str:
    """The domain of a web address that is a site of its own: no page below a host's; "" otherwise."""
    try:
        path = urlsplit(text if "//" in text else "//" + text).path
    except ValueError:
        return ""
    return domain(text) if path in ("", "/") else ""


def birth_date(text: str) -> str:
    """A date of birth as (partial) ISO text.

    Raises:
        ValueError: it is none, or none that can be read in one way alone.

    Example:
        >>> birth_date("1971"), birth_date("1971/02/03"), birth_date("3 Feb 1971")
        ('1971', '1971-02-03', '1971-02-03')
    """
    text = text.strip()
    if found := _DAY.fullmatch(text):
        text = "-".join(found.groups())
    elif len(text) > 7:
        for form in ("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%B %d, %Y", "%b %d, %Y"):
            try:
                text = dt.datetime.strptime(text, form).date().isoformat()
                break
            except ValueError:
                continue
    parse_partial(text)
    return text


@functools.lru_cache(maxsize=20_000)
def days(text: str, about: bool = False) -> DateRange | None:
    """Days that a partial date covers, wider where it is told as about; None where it is no date."""
    try:
        told = parse_partial(text)
    except ValueError:
        return None
    if about and told.since and told.until:
        years = evidence()["circa_years"]
        return DateRange(
            dt.date(max(1, told.since.year - years), 1, 1), dt.date(min(9999, told.until.year + years), 12, 31)
        )
    return told
