"""Cases for a SIEM or a threat platform, in the format it takes; values only where they are needed, or as keyed hashes."""

from __future__ import annotations

from pathlib import Path

from mapae.reports import acts, cases, cells, facts, misp, ocsf, people, plain, stix
from mapae.reports.cases import Case, Identifier
from mapae.store import disk
from mapae.store.runs import OpenRun

FORMATS = ("ocsf", "csv", "stix", "misp")
# What leaves the house: values that another system can look for. Names, papers and postal addresses stay.
CARRIED = ("ip", "/64", "asn", "device", "email", "phone", "payout", "wallet")


class Conceal:
    """What is done to personal values on their way out: nothing, or a keyed hash that stays the same for the same value."""

    def __init__(self, values: dict[str, str], masked: bool) -> None:
        self.masked = masked
        self._mask = plain.Mask(values)

    def __call__(self, value: str) -> str:
        return acts.sealed(value) if self.masked else value

    def of(self, one: Identifier) -> str:
        """An identifier's value; a network's number is nobody's and stays."""
        return one.value if one.kind == "asn" else self(one.value)

    def text(self, said: str) -> str:
        """A sentence, without the people's values where they are concealed."""
        return self._mask(said) if self.masked else said


def text(run: OpenRun, format: str, *, subjects: tuple[str, ...] = (), masked: bool = False) -> tuple[str, int]:
    """Cases in a format.

    Args:
        subjects: cases to export; all under review when empty.
        masked: with keyed hashes in place of values (the ledger's key seals them).

    Returns:
        The text of the file, and how many cases it holds.

    Raises:
        MapaeError: the run holds nothing about a subject that was named.
    """
    held = [cases.of(run, s, state) for s, state in cases.chosen(run, subjects).items()]
    each = [(case, cases.seen(run, case, CARRIED)) for case in held]
    values: dict[str, str] = {}
    if masked:
        for case in held:
            values |= facts.personal_values(run, list(case.people))
    conceal = Conceal(values, masked)
    if format == "ocsf":
        return ocsf.lines([ocsf.event(run, case, found, conceal) for case, found in each]), len(held)
    if format == "stix":
        return stix.bundle(run, each, conceal), len(held)
    if format == "misp":
        return misp.event(run, each, conceal), len(held)
    return _csv(each, conceal), len(held)


def _csv(each: list[tuple[Case, list[Identifier]]], conceal: Conceal) -> str:
    heads = ("case", "case_id", "under_review", "people", "rule", "says", "since_utc", "until_utc", "rows", "files", "may_be_innocent", "would_settle_it", "accounts")  # fmt: skip
    rows = [
        (
            people.reference(case.subject), case.id, "yes" if case.review else "no", len(case.people), fact.rule, conceal.text(fact.says),
            fact.since.isoformat() if fact.since else "", fact.until.isoformat() if fact.until else "", fact.rows, "; ".join(fact.files),
            "; ".join(fact.innocent), "; ".join(fact.settles), "; ".join(conceal(a) for p in case.people if p.principal in fact.people for a in p.accounts),
        )
        for case, _ in each
        for fact in case.facts
    ]  # fmt: skip
    return cells.csv_text(heads, rows)


def put(run: OpenRun, made: str, out: str, format: str, counted: int, *, masked: bool) -> None:
    """Note the export in the ledger, and write it unless it is to be printed.

    Raises:
        MapaeError: the file cannot be written.
    """
    target = Path(out)
    if out != "-":
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(made, "utf-8")
        except OSError as problem:
            raise disk.full_disk(problem, target) from problem
    acts.note(run, {"act": "export", "what": "findings", "format": format, "cases": counted, "masked": masked})
