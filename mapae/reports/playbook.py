"""The playbook of a board in words: for each band that it holds, what to check, whom to ask, and what nobody does."""

from __future__ import annotations

from mapae.casework import playbooks
from mapae.casework.alerts import Board
from mapae.casework.playbooks import Band, Step
from mapae.store.runs import OpenRun


def text(run: OpenRun, board: Board) -> str:
    """The playbook for what is new, to look at again, or open; of every band where nothing is."""
    books = playbooks.of_run(run.manifest)
    held = [alert.case for alert in (*board.new, *board.again, *board.open)]
    wanted = {books.band(case.log_odds, len(case.families)).name for case in held}
    lines: list[str] = []
    if not held or any(case.nexus for case in held):
        lines += _band(books.nexus)
    for band in books.bands:
        if not held or band.name in wanted:
            lines += _band(band)
    lines += ["Everybody is asked, of whatever band:", *(_step(one) for one in books.everybody)]
    lines += ["Nobody, in no band:", *(_step(one) for one in books.never)]
    return "\n".join(lines)


def _band(band: Band) -> list[str]:
    why = f" ({band.why}; {band.mark})" if band.why else ""
    return [
        f"{band.title[0].upper()}{band.title[1:]}{why}",
        "  check:",
        *(_step(one) for one in band.check),
        "  ask:",
        *(_step(one) for one in band.ask),
    ]


def _step(one: Step) -> str:
    who = f"{one.who}: " if one.who else ""
    why = f" ({one.why})" if one.why else ""
    ground = f" [{', '.join(one.cites)}]" if one.cites else f" [{one.mark}]"
    return f"    - {who}{one.say}{why}{ground}"
