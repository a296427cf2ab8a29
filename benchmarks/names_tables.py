"""Tables of the benchmark of names: recall by treatment, false alerts by group."""

from __future__ import annotations

from benchmarks.tables import lines
from mapae.screening.measured import Group, Recalled
from mapae.screening.typing_errors import TREATMENTS

CLASSES = ("plain", "syllabic", "another")


def recall_table(targets: int, once: Recalled, twice: Recalled) -> str:
    """Per cent found, by treatment and class, and some of the missed.

    Args:
        targets: names that were given errors.
        once: with one error of each treatment.
        twice: with two.
    """
    rows = [(t, *(once.total(c, treatment=t).text(100) for c in CLASSES)) for t in TREATMENTS]
    for label, measured in (("one error", once), ("two errors", twice)):
        rows.append((label, *(measured.total(c).text(100) for c in CLASSES)))
    heads = ("simulated error", "not all syllables", "all syllables", "made another valid name (apart)")
    said = [f"\n{targets:,} UN names, per cent found (95 % Wilson interval; counts)", lines(rows, heads)]
    for class_ in ("plain", "syllabic"):
        missed = [m for m in once.missed if m[1] == class_]
        said.append(f"missed with one error, {class_}: {len(missed)}")
        said += [
            f"  {treatment:10} {name} -> {changed}"
            for treatment, _, name, changed in missed[:: max(1, len(missed) // 12)]
        ]
    return "\n".join(said)


def false_table(groups: dict[str, Group]) -> str:
    """False alerts per 1,000 by group, and the clearest of each.

    Args:
        groups: of :func:`mapae.screening.measured.false_alerts`.
    """
    rows = []
    for name, group in sorted(groups.items(), key=lambda item: -item[1].false / item[1].people):
        example = f"{group.examples[0][0]} ~ {group.examples[0][1]}" if group.examples else ""
        rows.append((name, f"{group.people:,}", str(group.shares), group.rate.text(1000), example))
    heads = (
        "simulated group",
        "people",
        "share a listed name",
        "false alerts per 1,000 (95 % Wilson; counts)",
        "clearest",
    )
    return "\n" + lines(rows, heads, "lrrll")
