"""Keys: what accounts share, how rare it is, and what that says of the question "same hand?".

Three explanations stand against each other for a set of n hands: one hand; people close to each other (a household,
a firm that nobody declared); strangers who agree by chance. With N the number of hands, m and u the shares that agree
under the first and the second (``catalogue/keys.yml``), p how common a value is among strangers (one in N, and the
holders outside the set as a share of the workspace; those inside are what is to be explained), for each kind of key
and each set of k that holds it together:

    one hand   n! · g(n) / N^(n-1) · Π m^(k-1)
    close      n! · c(n) / N^(n-1) · Π u^(k-1)
    strangers  Π p^(k-1)

g and c are the groups per account of exactly n. For two hands and no closeness this is log2(m / p) per key.
Evidence counts once per kind: two shared devices say no more than one. What two do not share says nothing here.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

from mapae.engine.steps import Inputs
from mapae.model.amounts import centibits
from mapae.rules.load import Mapping

# Kinds that hands hold together: (key, hands of the set that hold it together, holders of its value in the workspace).
Shared = tuple[str, int, int]

# Hashes of values with more than one row. First by hash, which is cheap and lets nothing slip: what hashes alike is
# compared by value afterwards.
MANY = """
create or replace temp table many as select h from (
  select hash(k.key, i.value) as h from identifiers as i join key_kinds as k on k.kind = i.kind
  where i.party like 'account:%') as hashed
group by h having count(*) > 1
"""
HOLDERS = """
create or replace temp table holders as select key, value, hand, min(ref) as ref from (
  select k.key as key, coalesce(a.hand, i.party) as hand, i.ref as ref,
    case when k.key = 'document' then i.value || ' ' || coalesce(a.document_country, '') else i.value end as value
  from identifiers as i join key_kinds as k on k.kind = i.kind
  semi join many as m on m.h = hash(k.key, i.value)
  left join hands as a on a.account = i.party
  where i.party like 'account:%') as held
group by key, value, hand
"""
COUNTED = """
create or replace temp table counted as select c.key, c.value, c.holders, c.holders > k.ceiling as above
from (select key, value, count(*) as holders from holders group by key, value having count(*) > 1) as c
join (select distinct key, ceiling from key_kinds) as k on k.key = c.key
"""
SHARED = """
create or replace temp table shared as select h.key, h.value, h.hand, c.holders, h.ref
from holders as h join counted as c on c.key = h.key and c.value = h.value where not c.above
"""


@dataclasses.dataclass(frozen=True)
class Key:
    """A link key: kinds of identifiers that carry it, ceiling of holders, shares of agreement, cap in bits, and chance.

    ``chance`` is how often two strangers of one register agree by chance (0: as the cap says).
    """

    name: str
    kinds: tuple[str, ...]
    ceiling: int
    same_hand: float
    close: float
    cap: float
    chance: float = 0.0


@dataclasses.dataclass(frozen=True)
class Question:
    """The question "same hand?" with all its numbers, for one workspace.

    Args:
        keys: link keys by name.
        seen: hands in the workspace.
        hands: N, the hands that a stranger is one of: those seen, at least ``population.least``.
        one_hand, close: by size, the share of accounts in groups of exactly that size.
        attach_permille: least share of a value's holders that are members, for another holder to join them.
        dense_permille: least share of a ring's pairs that share something.
        possible_permille: probability from which a pair of people is named although it is likelier no one hand.
        register: by each word of what the register says of a group (register.py), the share of groups of which it
            says so: of one hand, of people close to each other, of strangers.
        further: least share of strangers who hold a value with each other, once two of them do.
        people: whether everybody asked about stands in a register (or applied): then a stranger is one of those seen,
            and how common a value is by chance is told by each key.
    """

    keys: dict[str, Key]
    seen: int
    hands: int
    one_hand: dict[int, float]
    close: dict[int, float]
    attach_permille: int
    dense_permille: int
    possible_permille: int = 10
    register: dict[str, tuple[float, float, float]] = dataclasses.field(default_factory=dict)
    people: bool = False
    further: float = 0.0
    people_further: float = 0.0

    def of_people(self) -> Question:
        """The same question about the people of a register."""
        return dataclasses.replace(self, hands=self.seen, people=True, further=self.people_further)

    def common(self, key: Key, others: int) -> float:
        """How common a value is among strangers, that ``others`` outside the set at hand hold too."""
        rarest = key.same_hand / 2**key.cap
        if self.people:
            return min(1.0, max(others / self.seen, key.chance or rarest))
        return min(1.0, max(others / self.seen + 1 / self.hands, rarest))

    def groups(self, shares: dict[int, float], size: int) -> float:
        """Groups of exactly ``size`` per account; sizes beyond the table take its last share."""
        return shares[min(size, max(shares))] / size

    def prior(self, size: int) -> int:
        """Log2 odds, in centibits, that ``size`` hands drawn at random are one hand."""
        bits = math.log2(math.factorial(min(size, 150)) * self.groups(self.one_hand, size)) - (size - 1) * math.log2(
            self.hands
        )
        return round(100 * bits)

    def weigh(self, shared: Iterable[Shared], size: int = 2, register: str = "") -> tuple[int, int]:
        """Weight of what ``size`` hands hold in common.

        Args:
            shared: each kind and set that holds it together, in any order.
            size: number of hands.
            register: what the register says of them, in words (register.py).

        Returns:
            Centibits for "same hand?", and the probability in permille.
        """
        ordered = sorted(shared)
        crowd = math.log2(self.hands)
        arrangements = math.log2(math.factorial(min(size, 150)))
        one = arrangements + math.log2(self.groups(self.one_hand, size)) - (size - 1) * crowd
        near = arrangements + math.log2(self.groups(self.close, size)) - (size - 1) * crowd
        chance = 0.0
        for word in register.split():
            by_one, by_near, by_chance = self.register.get(word, (1.0, 1.0, 1.0))
            one += math.log2(by_one)
            near += math.log2(by_near)
            chance += math.log2(by_chance)
        for name, together, holders in ordered:
            key = self.keys[name]
            one += (together - 1) * math.log2(key.same_hand)
            near += (together - 1) * math.log2(key.close)
            chance += math.log2(self.common(key, holders - together))
            # What two strangers share by chance (a loan telephone, a carrier's address) more may share as well.
            further = max(self.common(key, holders - together), self.further)
            chance += (together - 2) * math.log2(further) if together > 2 else 0.0
        # one - log2(2^near + 2^chance), with the larger taken out so that nothing underflows.
        top = max(near, chance)
        odds = one - top - math.log2(2 ** (near - top) + 2 ** (chance - top))
        odds = max(-900.0, min(900.0, odds))
        weight = round(100 * odds) - self.prior(size)
        return weight, round(1000 / (1 + 2**-odds))


def read(data: Mapping, hands: int, base_rate: float) -> Question:
    """The catalogue's link keys as a question about a workspace.

    Args:
        data: ``catalogue/keys.yml``.
        hands: hands in the workspace; taken as at least ``population.least``.
        base_rate: share of accounts run by somebody else.
    """
    keys = {
        name: Key(
            name,
            tuple(row["kinds"]),
            int(row["ceiling"]),
            float(row["same_hand"]),
            float(row["close"]),
            float(row["cap"]),
            float(row.get("chance", 0)),
        )
        for name, row in data["keys"].items()
    }
    grouped = base_rate * float(data["same_hand"]["in_groups"]["value"])
    return Question(
        keys=keys,
        seen=max(hands, 2),
        hands=max(hands, int(data["population"]["least"]["value"])),
        one_hand={int(n): grouped * float(share) for n, share in data["same_hand"]["sizes"].items()},
        close={int(n): float(share) for n, share in data["close"]["sizes"].items()},
        attach_permille=int(data["attach"]["least_permille"]["value"]),
        dense_permille=int(data["dense"]["least_permille"]["value"]),
        possible_permille=int(data["possible"]["least_permille"]["value"]),
        people_further=float(data["further"]["share"]["value"]),
        register={
            str(word): (float(row["one_hand"]), float(row["close"]), float(row["strangers"]))
            for comparison in ("homes", "hired")
            for word, row in data["register"][comparison].items()
        },
    )


def rarity(question: Question, name: str, holders: int) -> int:
    """Centibits of two agreeing on a value against strangers alone: log2(m / p), at most the key's cap."""
    key = question.keys[name]
    return centibits(key.same_hand / question.common(key, holders - 2))


def make(inputs: Inputs, question: Question) -> list[tuple[str, int, int]]:
    """Make the temporary table ``shared(key, value, hand, holders, ref)``: values of 2 to ceiling hands.

    One row per key, value and hand; ``ref`` is the first ground. A value is looked at again by hand and,
    for documents, with its country, once the many that nobody shares are gone.

    Args:
        inputs: with the view ``identifiers``, after :func:`mapae.linkage.persons.make`.
        question: keys and their ceilings.

    Returns:
        Per key with values above its ceiling: key, values left out, accounts' hands on them.
    """
    con = inputs.con
    rows = [(kind, key.name, key.ceiling) for key in question.keys.values() for kind in key.kinds]
    con.execute("create or replace temp table key_kinds (kind text, key text, ceiling bigint)")
    con.executemany("insert into key_kinds values (?, ?, ?)", rows)
    for sql in (MANY, HOLDERS, COUNTED, SHARED):
        con.execute(sql)
    above = "select key, count(*), sum(holders) from counted where above group by key order by key"
    return [(str(key), int(values), int(total)) for key, values, total in con.execute(above).fetchall()]
