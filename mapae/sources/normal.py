"""Normal forms as SQL: per column one test of the fast path and the values that follow from it.

What passes the test costs one regular expression and stays in the query engine. What does not is decided once per
distinct value by :mod:`mapae.sources.values` and joined back. Both ways give the same normal form; a test holds
them against each other.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mapae.rules.tables import TableColumn
from mapae.sources import values as slow
from mapae.sources.codes import COUNTRIES, CURRENCIES

# A row with a larger cell is rejected: nothing in a record is that long (issue 11, "Bad input").
LARGEST_CELL = 1 << 20


@dataclasses.dataclass(frozen=True)
class NormalForm:
    """How one column of one file comes into its normal form.

    Args:
        raw: SQL text of what was received, null where nothing was.
        empty: SQL truth: nothing was received.
        fast: SQL truth: the expressions below hold for this row.
        value: SQL of the normal form where ``fast``.
        made: SQL per derived column where ``fast``, in the order of ``python``'s ``made``.
        received: SQL of the text received where it differs and ``fast``.
        python: the same for all other values.
        beside: SQL text of a second column that ``python`` needs, or "".
        sql_type: type that ``python``'s text is cast to.
        made_types: the same per derived column.
    """

    raw: str
    empty: str
    fast: str
    value: str
    made: dict[str, str]
    received: str
    python: Callable[[str, str], slow.Form]
    beside: str
    sql_type: str
    made_types: dict[str, str]


def quoted(text: str) -> str:
    """An SQL text literal."""
    return "'" + text.replace("'", "''") + "'"


def name(column: str) -> str:
    """An SQL name."""
    return '"' + column.replace('"', '""') + '"'


def literal(path: Path) -> str:
    """A path for the query engine, in which signs of a file pattern stand for themselves."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


_IP4 = r"((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_LINE = r"[!-~]([ -~]*[!-~])?"
_TEXT = r"[!-~]([\t\n\r -~]*[!-~])?"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_EMAIL = rf"[A-Za-z0-9_]+([._+-][A-Za-z0-9_]+)*@({_LABEL}\.)+[A-Za-z]{{2,24}}"
# 1900 and 2200 are left to the slow way: an offset may carry their first and last hours out of bounds.
_TIME = r"(190[1-9]|19[1-9]\d|20\d\d|21\d\d)-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-](0\d|1[0-3])(:?[0-5]\d)?)"
_PLAIN_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
_DECIMAL = r"-?\d{1,14}(\.\d{1,8})?"
_NUMBER = r"-?\d{1,15}(\.\d{1,17})?"


@functools.cache
def _phone() -> str:
    """E.164 numbers that the phonenumbers library gives back as they are: possible length, no trunk prefix."""
    import phonenumbers

    forms = []
    for code, regions in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()):
        if regions[0] == "001":
            continue
        metadata: Any = phonenumbers.PhoneMetadata.metadata_for_region(regions[0])
        prefix = metadata.national_prefix_for_parsing or "0"
        if re.fullmatch(r"\d", prefix):
            first = "".join(d for d in "123456789" if d != prefix)
        elif re.fullmatch(r"0[^|]*|0\(.*\)\??", prefix):
            first = "123456789"
        else:  # prefixes that need the library to be told apart
            continue
        lengths = [n for n in metadata.general_desc.possible_length if n > 1]
        forms.append(f"{code}[{first}]({'|'.join(rf'[0-9]{{{n - 1}}}' for n in lengths)})")
    return rf"\+({'|'.join(forms)})"


def _matches(x: str, pattern: str) -> str:
    return f"regexp_full_match({x}, {quoted(pattern)})"


def _choice(x: str, words: Sequence[str]) -> str:
    """One of some plain words; IN is several times faster here than a regular expression."""
    return f"{x} in ({', '.join(quoted(w) for w in words)})"


def _whole(sql_type: str) -> bool:
    return sql_type in (
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
        "UBIGINT",
        "HUGEINT",
    )


def _cents(value: str) -> str:
    return f"cast(round_even({value} * 100, 0) as bigint)"


def text_of(column: str, sql_type: str) -> str:
    """What was received, as text, of a column of any type; nothing where it is empty."""
    if sql_type == "VARCHAR":
        return f"nullif({column}, '')"
    if sql_type == "TIMESTAMP WITH TIME ZONE":
        return f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%fZ')"
    if sql_type.startswith("TIMESTAMP"):
        return f"strftime(cast({column} as timestamp), '%Y-%m-%dT%H:%M:%S')"
    if sql_type == "BLOB":
        return f"hex({column})"
    if sql_type.endswith("]") or sql_type.startswith(("STRUCT", "MAP")):
        return f"cast(to_json({column}) as varchar)"
    if sql_type in ("DOUBLE", "FLOAT"):
        whole = f"{column} = trunc({column}) and abs({column}) < 1e15"
        return f"case when {whole} then cast(cast({column} as bigint) as varchar) else cast({column} as varchar) end"
    return f"cast({column} as varchar)"


def _bounds(column: TableColumn, x: str) -> str:
    tests = []
    if column.low:
        tests.append(f"{x} {'>' if column.low_open else '>='} {column.low}")
    if column.high:
        tests.append(f"{x} <= {column.high}")
    return " and ".join(tests) or "true"


_DEGREES = {"lat": "90", "lon": "180"}


def normal_form(
    column: TableColumn, given: str, sql_type: str, beside: str = "", zones: Sequence[str] = ()
) -> NormalForm:
    """Normal form of a column as a file gives it.

    Args:
        column: as declared.
        given: SQL of the file's column.
        sql_type: its type in DuckDB's words.
        beside: SQL text of the column that ``column.region`` or ``column.by`` names, or "".
        zones: names of time zones that the engine knows.
    """
    x = text_of(given, sql_type)
    kind = column.type
    if kind in _DEGREES:
        column = dataclasses.replace(column, low=f"-{_DEGREES[kind]}", high=_DEGREES[kind])
        kind = "number"
    fast, value, made, received = "false", x, {}, "null"
    python: Callable[..., slow.Form] = slow.id_
    out, made_types = "varchar", {}
    plain = given if sql_type == "VARCHAR" else x

    if kind == "id":
        fast, value = _matches(plain, _LINE), plain
    elif kind == "text":
        fast, value, python = _matches(plain, _TEXT), plain, slow.text
        if column.fold:
            folded = f"lower(regexp_replace({plain}, '\\s+', ' ', 'g'))"
            made, made_types = {f"{column.name}_folded": folded}, {f"{column.name}_folded": "varchar"}
    elif kind == "word":
        fast, value = _choice(plain, column.words), plain
        python = functools.partial(slow.word, words=column.words)
    elif kind == "country":
        fast, value, python = _choice(plain, sorted(COUNTRIES)), plain, slow.country
    elif kind == "currency":
        fast, value, python = _choice(plain, sorted(CURRENCIES)), plain, slow.currency
    elif kind == "zone":
        fast, value = _choice(plain, zones) if zones else "false", plain
        python = functools.partial(slow.zone, zones=tuple(zones))
    elif kind == "ip":
        fast, value, python = _matches(plain, _IP4), plain, slow.ip
        made, made_types = {f"{column.name}_64": plain}, {f"{column.name}_64": "varchar"}
    elif kind == "email":
        fast = f"({_matches(plain, _EMAIL)} and not contains({plain}, '--') and length({plain}) <= 200)"
        value, python = f"lower({plain})", slow.email
        received = f"case when {plain} <> lower({plain}) then {plain} end"
        made = {f"{column.name}_root": f"regexp_replace(lower({plain}), '\\+[^@]*', '')"}
        made_types = {f"{column.name}_root": "varchar"}
    elif kind == "phone":
        digits = f"translate({plain}, ' ().-/', '')"
        fast, value, python = f"(({plain})[1] = '+' and {_matches(digits, _phone())})", digits, slow.phone
        received = f"case when {plain} <> {digits} then {plain} end"
    elif kind == "document":
        fast, value, python = _matches(plain, "[A-Z0-9]{1,60}"), plain, slow.document
    elif kind == "host":
        python = slow.host
    elif kind == "url":
        python = slow.url
    elif kind == "address":
        python = slow.address
        made = {f"{column.name}_folded": "null", f"{column.name}_unit": "null"}
        made_types = dict.fromkeys(made, "varchar")
    elif kind == "watched":
        python = slow.watched
    elif kind == "bic":
        fast, value, python = (
            _matches(plain, rf"[A-Z0-9]{{4}}({'|'.join(sorted(COUNTRIES))})[A-Z0-9]{{2}}([A-Z0-9]{{3}})?"),
            plain,
            slow.bic,
        )
    elif kind == "locode":
        fast, value, python = _matches(plain, rf"({'|'.join(sorted(COUNTRIES))})[A-Z2-9]{{3}}"), plain, slow.locode
    elif kind == "imo":
        digits = " + ".join(f"{8 - i} * (ascii(substring({plain}, {i}, 1)) - 48)" for i in range(1, 7))
        fast = f"case when {_matches(plain, '[0-9]{7}')} then ({digits}) % 10 = ascii(substring({plain}, 7, 1)) - 48 else false end"
        value, python = plain, slow.imo
    elif kind == "mmsi":
        fast, value, python = _matches(plain, "[0-9]{9}"), plain, slow.mmsi
    elif kind == "hex":
        size = f"{{{column.digits}}}" if column.digits else "+"
        fast, value = _matches(plain, f"[0-9a-f]{size}"), plain
        python = functools.partial(slow.hex_, digits=column.digits)
    elif kind == "time":
        out, python = "timestamptz", functools.partial(slow.time, date_ok=column.date_ok)
        if sql_type == "TIMESTAMP WITH TIME ZONE":
            fast = f"{given} >= timestamptz '1900-01-01 00:00:00Z' and {given} < timestamptz '2201-01-01 00:00:00Z'"
            value = f"make_timestamptz(epoch_us({given}) - ((epoch_us({given}) % 1000000) + 1000000) % 1000000)"
            received = f"case when epoch_us({given}) % 1000000 <> 0 then {x} end"
        elif sql_type == "VARCHAR":
            moment = f"try_cast({given} as timestamptz)"
            fast = f"({_matches(given, _TIME)} and {moment} is not null)"
            value = f"make_timestamptz(epoch_us({moment}) - ((epoch_us({moment}) % 1000000) + 1000000) % 1000000)"
            received = f"case when not {_matches(given, _PLAIN_TIME)} then {given} end"
    elif kind == "date":
        out, python = "date", slow.date
        if sql_type == "DATE":
            fast, value = f"year({given}) between 1900 and 2200", given
        elif sql_type == "VARCHAR":
            fast = (
                f"({_matches(given, '(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}')} and try_cast({given} as date) is not null)"
            )
            value = f"cast({given} as date)"
    elif kind == "money":
        out, python = "decimal(28,8)", slow.money
        decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", sql_type)
        if _whole(sql_type) or (decimal and int(decimal.group(2)) <= 8):
            fast, value = f"abs({given}) <= 1000000000000000", f"cast({given} as decimal(28,8))"
        else:
            fast, value = _matches(plain, _DECIMAL), f"cast({plain} as decimal(28,8))"
        made, made_types = {f"{column.name}_cents": _cents(value)}, {f"{column.name}_cents": "bigint"}
    elif kind == "number":
        out = "double"
        python = functools.partial(slow.number, low=column.low, high=column.high, low_open=column.low_open)
        if sql_type in ("DOUBLE", "FLOAT"):
            value = f"(cast({given} as double) + 0.0)"
            fast = f"isfinite({given}) and {_bounds(column, given)}"
        elif _whole(sql_type):
            fast, value = _bounds(column, given), f"cast({given} as double)"
        else:
            value = f"(cast({plain} as double) + 0.0)"
            fast = f"case when {_matches(plain, _NUMBER)} then {_bounds(column, f'cast({plain} as double)')} else false end"
    elif kind in ("integer", "asn"):
        out = "bigint"
        if kind == "asn":
            column, python = dataclasses.replace(column, low="0", high="4294967295"), slow.asn
        else:
            python = functools.partial(slow.integer, low=column.low, high=column.high, low_open=column.low_open)
        if _whole(sql_type):
            tests = f"abs({given}) < 1000000000000000000" if sql_type in ("BIGINT", "UBIGINT", "HUGEINT") else "true"
            fast, value = f"{tests} and {_bounds(column, given)}", f"cast({given} as bigint)"
        else:
            value = f"cast({plain} as bigint)"
            fast = f"case when {_matches(plain, '-?[0-9]{1,17}')} then {_bounds(column, value)} else false end"
    elif kind == "bool":
        out, python = "boolean", slow.bool_
        if sql_type == "BOOLEAN":
            fast, value = f"{given} is not null", given
        else:
            fast, value = _choice(plain, ("true", "false")), f"cast({plain} as boolean)"
    elif kind == "list":
        python = slow.list_
        fast, value = _list(x)
    else:  # pragma: no cover - the catalogue's test names every type
        raise ValueError(f"no normal form for the type {kind}")
    empty = f"({given} is null or {given} = '')" if sql_type == "VARCHAR" else f"{given} is null"
    beside = beside if kind in ("phone", "watched") else ""
    return NormalForm(x, empty, fast, value, made, received, python, beside, out, made_types)


def _list(x: str) -> tuple[str, str]:
    """Fast path of a list: a JSON array, or elements between semicolons; the normal form is a JSON array of texts."""
    x = f"({x})"
    array = f"from_json({x}, '[\"VARCHAR\"]')"
    parts = f"case when {x}[1] = '[' then {array} else string_split({x}, ';') end"
    trimmed = f"list_transform({parts}, lambda e: trim(nfc_normalize(e), ' \t\r\n'))"
    value = f"nullif(cast(to_json(list_filter({trimmed}, lambda e: e <> '')) as varchar), '[]')"
    valid = f"json_valid({x}) and json_type({x}) = 'ARRAY'"
    controls = quoted(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*")
    fast = f"case when {x}[1] = '[' then {valid} else regexp_full_match({x}, {controls}) end"
    return fast, value


def element(of: str, value: str) -> str:
    """SQL of one element of a list in its normal form."""
    if of == "locode":
        return f"upper(replace({value}, ' ', ''))"
    if of == "url":
        head = f"regexp_extract({value}, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*|^[^/?#:]*')"
        return f"lower({head}) || substring({value}, length({head}) + 1)"
    return value
