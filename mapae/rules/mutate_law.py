"""Mutated provisions of law: an element or exception deleted, an element negated, a first day moved by a day.

A provision is no condition over measures; what can be wrong in it is which elements its result needs, what speaks for
and against each, and from which day it holds. Each mutant is judged by the provision's own cases.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator

from mapae.rules import load
from mapae.rules.cases import Judge
from mapae.rules.kinds import Catalogue, Provision
from mapae.rules.mutate import Mutant

_Changed = Callable[[load.Mapping], None]


def mutate_laws(catalogue: Catalogue, judge: Judge, rule: str = "") -> list[Mutant]:
    """Try every mutant of the provisions against their own cases.

    Args:
        catalogue: the rules.
        judge: answers a provision's case.
        rule: id of one provision; "" tries all.

    Returns:
        Mutants in order of provision and line; ``sql`` is empty.
    """
    return [
        _tried(provision, *change, judge)
        for id_, provision in sorted(catalogue.provisions.items())
        if rule in ("", id_)
        for change in _changes(provision)
    ]


def _changes(provision: Provision) -> Iterator[tuple[str, int, _Changed]]:
    """Each change: in words, its line, and what it does to a copy of the provision's data."""
    data = provision.data
    for number, version in enumerate(data["in_force"]):
        day = dt.date.fromisoformat(version["from"])
        for moved in (day - dt.timedelta(days=1), day + dt.timedelta(days=1)):
            yield f"in force from {moved} and not {day}", version.line_of("from"), _first_day(number, moved)
    for id_ in data["result"]["all"] if len(data["result"]["all"]) > 1 else ():
        yield f"result without the element {id_}", data.line_of("result"), _without_element(str(id_))
    for number, element in enumerate(data["elements"]):
        if "for" in element and isinstance(element.get("against"), list):
            yield f"element {element['id']} negated: for and against exchanged", element.line, _exchanged(number)
    for number, exception in enumerate(data.get("exceptions", ())):
        yield f"without the exception {exception['id']}", exception.line, _without_exception(number)


def _first_day(number: int, day: dt.date) -> _Changed:
    def change(data: load.Mapping) -> None:
        data["in_force"][number]["from"] = day.isoformat()

    return change


def _without_element(id_: str) -> _Changed:
    def change(data: load.Mapping) -> None:
        data["result"]["all"] = [one for one in data["result"]["all"] if one != id_]

    return change


def _exchanged(number: int) -> _Changed:
    def change(data: load.Mapping) -> None:
        element = data["elements"][number]
        element["for"], element["against"] = element["against"], element["for"]

    return change


def _without_exception(number: int) -> _Changed:
    def change(data: load.Mapping) -> None:
        del data["exceptions"][number]

    return change


def _tried(provision: Provision, says: str, line: int, change: _Changed, judge: Judge) -> Mutant:
    made = load.load_text(provision.text, str(provision.path))
    change(made)
    mutated = dataclasses.replace(provision, data=made)
    killer = next((str(case["name"]) for case in provision.cases if _otherwise(mutated, case, judge)), "")
    return Mutant(provision.id, "", says, "", provision.path, line, killer)


def _otherwise(mutated: Provision, case: load.Mapping, judge: Judge) -> bool:
    """Whether a case notices: it answers otherwise, or asks for what the mutant no longer has."""
    try:
        return judge(mutated, case) != str(case["answer"])
    except KeyError:
        return True
