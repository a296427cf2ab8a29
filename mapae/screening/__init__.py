"""Screening: names, documents and wallets of the records against those of the lists.

In: the projections names and identifiers, the listed entries, dates of birth and documents that go with them.
Out: findings of the kind match for the question "same party?".
A name alone gives a match that is possible, never more; no country, language or origin is read from a name.
It imports no other stage and writes no table but findings/match.
"""

from mapae.screening.queries import Document, Entry, Match, Paper, Query
from mapae.screening.screener import Screener

__all__ = ["Document", "Entry", "Match", "Paper", "Query", "Screener"]
