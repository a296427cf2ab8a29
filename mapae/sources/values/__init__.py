"""Normal forms of single values: what the fast path in SQL does not take is decided here, once per distinct value.

In: a text and one text beside it. Out: a :class:`~mapae.sources.values.form.Form`: the normal form, or a reason.
Each form is a pure function that never raises. A text of blanks alone gives nothing at all, and the normal form
of a normal form is itself. It knows no tables, no files and no engine.
"""

from mapae.sources.values.codes import bic, country, currency, hex_, imo, locode, mmsi, word, zone
from mapae.sources.values.form import HMAC, NOTHING, Form, refused
from mapae.sources.values.network import cidr, email, host, ip, url
from mapae.sources.values.numbers import LARGEST_AMOUNT, asn, bool_, integer, money, number
from mapae.sources.values.people import address, document, phone
from mapae.sources.values.texts import clean, fold, id_, invisible, list_, text
from mapae.sources.values.times import FIRST_YEAR, LAST_YEAR, date, time
from mapae.sources.values.watched import watched

__all__ = [
    "FIRST_YEAR", "HMAC", "LARGEST_AMOUNT", "LAST_YEAR", "NOTHING", "Form", "address", "asn", "bic", "bool_", "cidr", "clean",
    "country", "currency", "date", "document", "email", "fold", "hex_", "host", "id_", "imo", "integer", "invisible", "ip",
    "list_", "locode", "mmsi", "money", "number", "phone", "refused", "text", "time", "url", "watched", "word", "zone",
]  # fmt: skip
