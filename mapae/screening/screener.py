"""The Screener: made once from listed entries, asked as often as wanted; answers depend on what is asked alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mapae.names.tables import weights
from mapae.screening import queries
from mapae.screening.queries import LEVELS, Entry, Match, Query, evidence
from mapae.screening.screener_evidence import Beside, beside, one_kind

if TYPE_CHECKING:
    from mapae.names.compare import Comparison
    from mapae.screening.korean_names import KoreanNames
    from mapae.store.runs import OpenRun

# A clearing: (query, match) to the text that says who cleared it, why and until; "" where nobody did; the second text
# says why a clearing no longer holds.
Cleared = Callable[[Query, Match], tuple[str, str]]
# Names screened at a time by screen_many.
_AT_ONCE = 5_000


@dataclasses.dataclass(slots=True)
class _Found:
    """What was found for one entry: the name that weighs most, and equal values; ``value``: one that is not a domain."""

    comparison: Comparison | None = None
    alias: str = ""
    quality: str = ""
    exact: list[str] = dataclasses.field(default_factory=list)
    strong: list[str] = dataclasses.field(default_factory=list)
    possible: list[str] = dataclasses.field(default_factory=list)
    against: list[str] = dataclasses.field(default_factory=list)
    value: bool = False


# Whose names may be a person's; "" says nothing of who bears it.
_PEOPLE = ("", "Person", "LegalEntity")


class Screener:
    """Listed entries, ready to be asked about."""

    def __init__(self, entries: Iterable[Entry], cleared: Cleared | None = None) -> None:
        """Index entries.

        Args:
            entries: listed parties, and those that they own.
            cleared: says what a person decided about a match.
        """
        from mapae.names.compare import core
        from mapae.names.fold import tokens
        from mapae.screening.index import NameIndex

        self.entries = sorted(entries, key=lambda e: (e.list, e.id, e.digest))
        self.cleared = cleared
        self._names = [(at, name, quality) for at, e in enumerate(self.entries) for name, quality in e.names]
        self._index = NameIndex([(name, self.entries[at].schema) for at, name, _ in self._names])
        self._korean: KoreanNames | None = None
        self._of_place: dict[int, list[int]] = {}
        for number, place in enumerate(self._index.of_name):
            self._of_place.setdefault(place, []).append(number)
        # Weak aliases and names of one word are too little for the index, so they are found by the very name.
        self._short: dict[tuple[str, ...], list[int]] = {}
        for number, (at, name, quality) in enumerate(self._names):
            key = tuple(sorted(core(tokens(name), self.entries[at].schema)[0]))
            if len(key) == 1 or (key and quality == "weak"):
                self._short.setdefault(key, []).append(number)
        self._by: dict[str, dict[str, list[int]]] = {k: {} for k in ("document", "imo", "wallet", "email", "domain")}
        for at, entry in enumerate(self.entries):
            numbers = [p.number for p in entry.documents if len(p.number) >= weights()["document_letters"]]
            kinds = (numbers, entry.imos, entry.wallets, entry.emails, entry.domains)
            for kind, values in zip(self._by, kinds, strict=True):
                for value in dict.fromkeys(values):
                    self._by[kind].setdefault(value, []).append(at)

    @classmethod
    def from_run(cls, run: OpenRun, as_of: dt.date | None = None, *, cleared: Cleared | None = None) -> Screener:
        """A screener over the lists of a run.

        Args:
            run: a committed run, held open while this works.
            as_of: day whose lists are wanted; the run's own where None.
            cleared: see :class:`Screener`.

        Raises:
            MapaeError: the run holds no list of that day.
        """
        from mapae.screening import screener_lists

        return cls(screener_lists.entries(run, as_of), cleared)

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> Screener:
        """A screener over plain rows, one per name: see :func:`mapae.screening.queries_rows.entries_of`."""
        from mapae.screening import queries_rows

        return cls(queries_rows.entries_of(rows))

    def screen(self, query: Query) -> list[Match]:
        """Whom of the listed a query may be, the clearest first.

        Args:
            query: at least one of its values; with none the answer is empty.
        """
        return self.screen_many([query])[0]

    def screen_many(self, asked: Sequence[Query]) -> list[list[Match]]:
        """The same for many queries, in their order; quicker than one by one and the same in result."""
        made: list[list[Match]] = []
        for first in range(0, len(asked), _AT_ONCE):
            made += self._block(asked[first : first + _AT_ONCE])
        return made

    def _block(self, asked: Sequence[Query]) -> list[list[Match]]:
        from mapae.screening.score import screen

        found: list[dict[int, _Found]] = [{} for _ in asked]
        for hit in screen(self._index, [q.name for q in asked], [q.schema for q in asked]):
            for number in self._of_place.get(hit.listed, ()):
                self._name(asked[hit.asked], found[hit.asked], number, hit.comparison)
        for query, held in zip(asked, found, strict=True):
            if query.name and self._short:
                self._short_names(query, held)
            if query.name and query.schema in _PEOPLE:
                self._korean_names(query, held)
            self._values(query, held)
        return [self._matches(query, held) for query, held in zip(asked, found, strict=True)]

    def _name(self, query: Query, held: dict[int, _Found], number: int, comparison: Comparison) -> None:
        at, name, quality = self._names[number]
        if (quality == "weak" and not comparison.same) or not one_kind(query.schema, self.entries[at].schema):
            return
        one = held.setdefault(at, _Found())
        best = one.comparison
        rank = (quality == "weak", not comparison.same, -comparison.centibits, name)
        if best is None or rank < (one.quality == "weak", not best.same, -best.centibits, one.alias):
            one.comparison, one.alias, one.quality = comparison, name, quality

    def _korean_names(self, query: Query, held: dict[int, _Found]) -> None:
        """What can be a Korean person's name is compared by syllables too, whatever script the two are in."""
        from mapae.names.korean import read

        if read(query.name) is None:
            return
        if self._korean is None:
            from mapae.screening.korean_names import KoreanNames

            numbers = ((n, name) for n, (at, name, _) in enumerate(self._names) if self.entries[at].schema in _PEOPLE)
            self._korean = KoreanNames(numbers)
        for number, comparison in self._korean.find(query.name):
            self._name(query, held, number, comparison)

    def _short_names(self, query: Query, held: dict[int, _Found]) -> None:
        from mapae.names.compare import compare_tokens, core
        from mapae.names.fold import tokens

        asked = core(tokens(query.name), query.schema)
        for number in self._short.get(tuple(sorted(asked[0])), ()):
            at, name, _ = self._names[number]
            listed = core(tokens(name), self.entries[at].schema)
            self._name(query, held, number, compare_tokens(asked, listed, self._index.rarity))

    def _values(self, query: Query, held: dict[int, _Found]) -> None:
        for given in query.documents:
            paper = queries.paper(given)
            for place in self._by["document"].get(paper.number, ()):
                self._document(paper, place, held)
        mail = queries.email(query.email) if query.email else ""
        for kind, value, says in (
            ("imo", queries.imo(query.imo) if query.imo else "", "the same IMO number"),
            ("wallet", queries.wallet(query.wallet) if query.wallet else "", "the same wallet address"),
            ("email", mail, "the same e-mail address"),
        ):
            for place in self._by[kind].get(value, ()) if value else ():
                one = held.setdefault(place, _Found())
                one.exact.append(says)
                one.value = True
        self._domain(queries.domain(query.domain) if query.domain else "", "the same domain", True, held)
        self._domain(mail.rpartition("@")[2], "an e-mail address at the entry's domain", False, held)

    def _domain(self, host: str, says: str, strong: bool, held: dict[int, _Found]) -> None:
        holders = self._by["domain"].get(host, ()) if host else ()
        if not holders or host in queries.open_mail() or len(holders) > evidence()["domain_most"]:
            return
        for place in holders:
            one = held.setdefault(place, _Found())
            (one.strong if strong and len(holders) == 1 else one.possible).append(says)

    def _document(self, paper: queries.Document, place: int, held: dict[int, _Found]) -> None:
        listed = [p for p in self.entries[place].documents if p.number == paper.number]
        countries = {c for p in listed for c in p.countries}
        if paper.country and countries and paper.country not in countries:
            if place in held:
                held[place].against.append(
                    f"the same document number, but issued by another country ({', '.join(sorted(countries))})"
                )
            return
        one = held.setdefault(place, _Found())
        one.value = True
        if paper.country and countries:
            one.exact.append(f"the same document number, issued by the same country ({paper.country})")
        elif one.comparison is not None:
            one.exact.append("the same document number, and the name matches; issuing country not known on both sides")
        else:
            one.strong.append("the same document number; issuing country not known on both sides")

    def _matches(self, query: Query, held: dict[int, _Found]) -> list[Match]:
        made = [m for at, one in held.items() if (m := self._match(query, self.entries[at], one)) is not None]
        made.sort(key=lambda m: (LEVELS.index(m.level), -m.centibits, m.list, m.entry, m.alias, m.digest))
        return made

    def _match(self, query: Query, entry: Entry, one: _Found) -> Match | None:
        told: Beside = beside(query, entry)
        equal = [*one.exact, *one.strong, *one.possible]
        name = one.comparison
        if name is not None and one.quality == "weak" and not (equal or told.agrees):
            return None
        value = evidence()["value_same" if one.value else "domain_same"] if equal else 0
        bits = value + told.centibits + (name.centibits if name is not None else 0)
        if not equal and name is not None and not name.same and bits < weights()["match_least"]:
            return None
        level = (
            "exact" if one.exact else "strong" if one.strong or (told.birth and not told.contradicts) else "possible"
        )
        why = list(equal)
        if name is not None:
            why += name.why
            if one.quality == "weak":
                why.append("a weak alias: it counts only with what else agrees")
                level = level if one.exact else "possible"
        elif query.name:
            why.append("the names do not match")
        if entry.owned:
            level = "possible"
            why = [entry.owned, *entry.chain, *why]
        match = Match(
            level, bits, entry.list, entry.id, entry.caption, entry.programme, entry.authority, one.alias, one.quality,
            entry.snapshot, why + one.against + told.why, entry.owned, entry.digest,
        )  # fmt: skip
        if self.cleared is None:
            return match
        by, again = self.cleared(query, match)
        return dataclasses.replace(match, cleared=by, why=[*match.why, *([again] if again else [])])
