"""The text of a webhook: how much there is to look at, in counts, bands and words of keys; nothing of anybody's."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from mapae import __version__
from mapae.casework import playbooks
from mapae.casework.alerts import Alert, Board
from mapae.model.errors import MapaeError, WrongUse
from mapae.reports.sections import rows_in
from mapae.store.runs import OpenRun

# Cases named one by one; the rest is counted.
MOST = 10
# A receiver that takes longer is not waited for: the daily run goes on.
TIMEOUT_S = 10


def text(run: OpenRun, board: Board) -> str:
    """One JSON object: counts, and per new case its band, how many people, its families and the keys that link them.

    It holds no name, id, address, value or reference, so it may pass through a chat service. ``text`` is what such a
    service shows.
    """
    books = playbooks.of_run(run.manifest)
    new = [_case(run, books, alert) for alert in board.new[:MOST]]
    simulated = bool(run.manifest["settings"].get("simulated"))
    n, again = len(board.new), len(board.again)
    said = f"Mapae: {n} new {'case' if n == 1 else 'cases'} among {board.people:,} people"
    said += f", {len(board.open)} open" + (f", {again} to look at again" if again else "")
    if new:
        said += ". Worst: " + "; ".join(_words(case) for case in new[:3])
    made: dict[str, Any] = {
        "text": ("Simulated. " if simulated else "") + said + ". Look with: mapae alerts",
        "simulated": simulated,
        "run": run.name[:8],
        "as_of": run.manifest["as_of"],
        "people": board.people,
        "new": n,
        "open": len(board.open),
        "again": again,
        "waiting": len(board.waiting),
        "snoozed": len(board.snoozed),
        "covert_holds_ended": len(board.ended),
        "cases": new,
        "mapae": __version__,
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _case(run: OpenRun, books: playbooks.Playbooks, alert: Alert) -> dict[str, Any]:
    case = alert.case
    keys = rows_in(
        run,
        "select distinct unnest(keys) as k from link where subject in $in and object in $in order by k",
        [f"account:{a}" for a in case.people] + list(case.members) if len(case.people) > 1 else [],
    )
    return {
        "people": len(case.people),
        "band": books.band(case.log_odds, len(case.families)).title,
        "families": sorted(case.families),
        "shared": [r["k"].replace("_", " ") for r in keys],
    }


def _words(case: dict[str, Any]) -> str:
    n = case["people"]
    shared = f", share {', '.join(case['shared'][:3])}" if case["shared"] else ""
    return f"{'one person' if n == 1 else f'{n} people'} ({case['band']}){shared}"


def send(body: str, url: str) -> int:
    """Post a text to a URL once; the only network call of these reports, and made only when asked for.

    Returns:
        The receiver's status.

    Raises:
        WrongUse: the URL is not http or https.
        MapaeError: the receiver cannot be reached or refuses; the run stands all the same.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WrongUse(
            "A webhook's address begins with https:// (or http://).", do="Copy it from the service that receives it."
        )
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at
        url,
        data=body.encode(),
        headers={"Content-Type": "application/json", "User-Agent": f"Mapae/{__version__}"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as problem:
        raise _refused(parts.hostname, f"it answered {problem.code}") from problem
    except (OSError, ValueError) as problem:
        raise _refused(parts.hostname, str(getattr(problem, "reason", problem))) from problem


def _refused(host: str, why: str) -> MapaeError:
    # The address itself is a secret of the receiving service and stays out of messages.
    return MapaeError(
        "The webhook was not delivered.",
        where=host,
        why=why,
        do="Nothing else was affected; try again: mapae notify --url …",
    )
