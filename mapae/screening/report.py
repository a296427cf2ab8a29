"""The hit-rate report: how many simulated typing errors the screening of a workspace's own lists sees through, and how
many alerts it gives about simulated ordinary people, group by group."""

from __future__ import annotations

import dataclasses

from mapae import __version__
from mapae.names.tables import digest, weights
from mapae.screening import ordinary
from mapae.screening.measured import Group, Listed, Recalled, Share, false_alerts, recall, sample
from mapae.screening.typing_errors import TREATMENTS
from mapae.store.runs import OpenRun

SEED = 20_261_124
_LISTED = """
select distinct n.party, n.name, n.kind, n.quality from names as n join entries as e on e.party = n.party
where e.schema <> 'CryptoWallet' and n.name not like 'hmac:%' order by all
"""
_LISTS = (
    "select list, max(snapshot) as snapshot, count(distinct party) as parties from entries group by list order by list"
)
# Ends of the intervals, for whoever reads the table.
_INTERVAL = "95 % Wilson interval"


@dataclasses.dataclass(frozen=True)
class Report:
    """What was measured.

    Args:
        lists: (list, snapshot, parties).
        names: listed names that were indexed.
        targets: listed names that were given errors.
        once, twice: recall with one error and with two.
        groups: false alerts by group of simulated people.
        seed: of errors and people.
    """

    lists: tuple[tuple[str, str, int], ...]
    names: int
    targets: int
    once: Recalled
    twice: Recalled
    groups: dict[str, Group]
    seed: int

    @property
    def strangers(self) -> Share:
        """False alerts over all groups."""
        rates = [g.rate for g in self.groups.values()]
        return Share(sum(r.found for r in rates), sum(r.of for r in rates))


def measure(
    names: list[tuple[str, str, str, str]],
    lists: list[tuple[str, str, int]],
    *,
    most: int = 2000,
    each: int = 1000,
    seed: int = SEED,
) -> Report:
    """Measure a list.

    Args:
        names: party, name, FollowTheMoney schema, quality.
        lists: list, snapshot, parties; printed only.
        most: listed names to give errors to, at most.
        each: simulated people of each group.
        seed: of errors and people.
    """
    listed = Listed(names)
    targets = sample(names, most, seed)
    return Report(
        tuple(lists),
        len(names),
        len(targets),
        recall(listed, targets, seed),
        recall(listed, targets, seed, errors=2),
        false_alerts(listed, ordinary.people(each, seed)),
        seed,
    )


def of_run(run: OpenRun, *, most: int = 2000, each: int = 1000, seed: int = SEED) -> Report:
    """Measure the lists of a run (see :func:`measure`).

    Args:
        run: an open run.
        most, each, seed: as in :func:`measure`.
    """
    names = [(r["party"], r["name"], r["kind"] or "", r["quality"]) for r in run.rows(_LISTED)]
    lists = [(r["list"], str(r["snapshot"]), int(r["parties"])) for r in run.rows(_LISTS)]
    return measure(names, lists, most=most, each=each, seed=seed)


def text(report: Report) -> str:
    """The report as Markdown.

    Args:
        report: what was measured.
    """
    lines = [
        "# How well screening by name finds, and whom it troubles",
        "",
        "Typing errors and people of this report are simulated: made by a seeded generator, nobody's data. Rates hold for such",
        "names and such errors, not for any population. A match on a name alone is possible, never more.",
        "",
        f"- version: Mapae {__version__}, word tables {digest()[:16]}",
        f"- threshold: {weights()['match_least'] / 100:.1f} bits",
        f"- seed: {report.seed}",
        f"- listed names: {report.names:,}",
        *(f"- list: {name}, {snapshot}, {parties:,} parties" for name, snapshot, parties in report.lists),
        "",
        f"## Recall of {report.targets:,} listed names with simulated typing errors",
        "",
        f"Per cent found ({_INTERVAL}; counts). Names all of syllables, Korean or Chinese, stand apart: there one letter",
        "often makes another name. Errors that made another listed name, token or syllable are set apart.",
        "",
        "| error | names | names all of syllables | errors that made another valid name |",
        "|---|---|---|---|",
    ]
    for treatment in TREATMENTS:
        cells = [report.once.total(c, treatment=treatment).text(100) for c in ("plain", "syllabic", "another")]
        lines.append(f"| {treatment} | {' | '.join(cells)} |")
    for label, measured in (("one error, all", report.once), ("two errors", report.twice)):
        lines.append(
            f"| {label} | {' | '.join(measured.total(c).text(100) for c in ('plain', 'syllabic', 'another'))} |"
        )
    lines += [
        "",
        "## False alerts about simulated ordinary people",
        "",
        f"Alerts per 1,000 ({_INTERVAL}; counts) among people who have no listed name. Those who have the very tokens of a",
        "listed name must come up, as possible, and are counted apart.",
        "",
        "| group | people | share a listed name | false alerts per 1,000 |",
        "|---|---|---|---|",
    ]
    for name, group in sorted(report.groups.items()):
        lines.append(f"| {name} | {group.people:,} | {group.shares} | {group.rate.text(1000)} |")
    everybody = sum(g.people for g in report.groups.values())
    shares = sum(g.shares for g in report.groups.values())
    lines.append(f"| all | {everybody:,} | {shares} | {report.strangers.text(1000)} |")
    return "\n".join(lines) + "\n"
