"""A name made ready for being compared with one other: tokens without titles and legal forms, numbers as digits."""

from __future__ import annotations

import dataclasses
import re

from mapae.names import companies, people
from mapae.names.clean import cleaned
from mapae.names.fold import tokens as fold_tokens
from mapae.names.tables import weights
from mapae.names.variants import generic, lettered, numbered, roman

_REMARK = re.compile(r"[(\[（]([^()\[\]（）]*)[)\]）]")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Spellings that begin names of the type "servant of the …", written as one word; the longest first.
_SERVANT = re.compile("(?:abdoul|abdur|abdul|abdel|abdal|abdus|abdu[nzd](?=[nzd]))(?=[a-z]{4})")
_NUMBER_AFTER = re.compile(r"(?<=[a-z])(?=\d+$)")


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A name ready to be compared.

    Args:
        tokens: folded tokens that name the party, in order.
        forms: legal forms taken off, sorted.
        remarks: tokens that stood in brackets.
        whole: the tokens with words as the, of, der.
        numerals: numbers that stood as Roman numerals, each with the numeral.
        words: all folded tokens before anything was taken off.
    """

    tokens: tuple[str, ...]
    forms: tuple[str, ...] = ()
    remarks: frozenset[str] = frozenset()
    whole: tuple[str, ...] = ()
    numerals: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()


def is_firm(schema: str, *names: tuple[str, ...]) -> bool:
    """Whether names are compared as names of firms and ships rather than of people.

    Args:
        schema: FollowTheMoney schema; "" when unknown.
        names: folded tokens of both names.

    Returns:
        True for every schema but Person; without a schema, where a sure legal form or two generic words stand.
    """
    if schema:
        return schema != "Person"
    for tokens in names:
        common = sum(1 for t in tokens if (found := generic(t)) is not None and found[1])
        if common > 1 or companies.core(tokens, sure=True)[1]:
            return True
    return False


def _initials_joined(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Single letters in a row as one word: A.B.C. is abc."""
    made: list[str] = []
    row = ""
    for token in (*tokens, ""):
        if len(token) == 1 and token.isalpha():
            row += token
            continue
        if row:
            made.append(row)
            row = ""
        if token:
            made.append(token)
    return tuple(made)


def _person(tokens: tuple[str, ...]) -> tuple[str, ...]:
    made: list[str] = []
    for token in companies.core(tokens, sure=True)[0]:
        token = lettered(token)
        found = _SERVANT.match(token)
        made += ["abdul", token[found.end() :]] if found else [token]
    return people.core(tuple(made))


def prepare(text: str, firm: bool) -> Prepared:
    """Make a name ready.

    Args:
        text: a name in any script.
        firm: it is a firm's or a ship's name.
    """
    text = _POSSESSIVE.sub("", cleaned(text)).replace("&", " and ")
    words = fold_tokens(text)[: weights()["tokens_most"]]
    if not firm:
        tokens = _person(words)
        return Prepared(tokens, whole=tokens, words=words)
    noted = frozenset(t for found in _REMARK.findall(text) for t in fold_tokens(found))
    tokens, forms = companies.ends(words)
    tokens = tuple(part for token in tokens for part in _NUMBER_AFTER.split(token))
    raw = _initials_joined(tokens)
    whole = tokens = numbered(raw)
    numerals = tuple((str(roman(t)), t) for t in raw if roman(t))
    kept = tuple(generic_word(t) for t in tokens if generic_word(t))
    remarks = frozenset(generic_word(t) for t in noted)
    tokens = kept or tokens
    return Prepared(tokens, forms, remarks if set(tokens) - remarks else frozenset(), whole, numerals, words)


def generic_word(token: str) -> str:
    """What a token stands for in a firm's name: "" for words as the, of, and.

    Args:
        token: a folded token.
    """
    found = generic(token)
    if found is None:
        return token
    return found[0] if found[1] else ""


def apart(text: str) -> str:
    """A text with blanks where a small letter meets a capital.

    Args:
        text: a name.

    Example:
        >>> apart("PolPot")
        'Pol Pot'
    """
    return _CAMEL.sub(" ", text)
