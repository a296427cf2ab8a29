"""Patterns of STIX indicators: the values that each by itself is enough."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<path>[a-z0-9-]+:(?:[\w.*-]|\[\*\]|\[\d+\]|'[^']*')+)"
    r"|(?P<text>t?'(?:[^'\\]|\\.)*')"
    r"|(?P<sign>!=|<=|>=|<>|[=<>()\[\],])"
    r"|(?P<word>[A-Za-z]+)"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<blank>\s+)"
)
_OPERATORS = frozenset(("=", "!=", "<>", "<", ">", "<=", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"))
# Operators under which a value itself is looked for.
_PLAIN = frozenset(("=", "IN", "ISSUBSET"))


class Comparison(NamedTuple):
    """One comparison: what, how, with which values, and whether it is denied."""

    path: str
    operator: str
    values: tuple[str, ...]
    denied: bool

    @property
    def plain(self) -> bool:
        """Whether it looks for the values themselves."""
        return self.operator in _PLAIN and not self.denied


class Pattern(NamedTuple):
    """Comparisons of a pattern, and whether several of them must hold together."""

    comparisons: tuple[Comparison, ...]
    together: bool


def parse(pattern: str) -> Pattern:
    """Read a pattern (STIX 2.0 and 2.1, section "STIX Patterning").

    Raises:
        ValueError: it is none; the text says where it ends to be one.

    Example:
        >>> parse("[ipv4-addr:value = '192.0.2.1' OR ipv4-addr:value = '192.0.2.2']").comparisons[1].values
        ('192.0.2.2',)
    """
    tokens = _tokens(pattern)
    found: list[Comparison] = []
    together, at = False, 0
    while at < len(tokens):
        kind, text = tokens[at]
        at += 1
        if kind == "word" and text.upper() in ("AND", "FOLLOWEDBY"):
            together = True
        if kind != "path":
            continue
        denied = at < len(tokens) and tokens[at][1].upper() == "NOT"
        at += denied
        if at >= len(tokens) or tokens[at][1].upper() not in _OPERATORS:
            raise ValueError(f"no comparison behind {text}")
        operator = tokens[at][1].upper()
        at += 1
        values: list[str] = []
        if at < len(tokens) and tokens[at][1] == "(":
            while at < len(tokens) and tokens[at][1] != ")":
                if tokens[at][0] in ("text", "number"):
                    values.append(_value(tokens[at][1]))
                at += 1
        elif at < len(tokens):
            values.append(_value(tokens[at][1]))
        at += 1
        if not values:
            raise ValueError(f"no value behind {text}")
        found.append(Comparison(text, operator, tuple(values), denied or operator in ("!=", "<>")))
    if not found:
        raise ValueError("no comparison in it")
    return Pattern(tuple(found), together)


def _tokens(pattern: str) -> list[tuple[str, str]]:
    made: list[tuple[str, str]] = []
    at = 0
    while at < len(pattern):
        match = _TOKEN.match(pattern, at)
        if match is None:
            raise ValueError(f"sign {at + 1} cannot be read")
        if match.lastgroup != "blank":
            made.append((str(match.lastgroup), match.group()))
        at = match.end()
    return made


def _value(token: str) -> str:
    if token.startswith(("'", "t'")):
        return re.sub(r"\\(.)", r"\1", token[token.index("'") + 1 : -1])
    return token
