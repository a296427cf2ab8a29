"""Work on the platform: bids, contracts, messages and checks of identity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mapae.worlds import addresses as at
from mapae.worlds.parameters import Parameters
from mapae.worlds.population import Ints, Population
from mapae.worlds.profiles import Faces, stamp

DAY = 86_400


def times(given: Parameters, seconds: Ints) -> pa.Array:
    """Seconds since the world begins as UTC timestamps."""
    begins = np.datetime64(given.begins.replace(tzinfo=None), "s")
    return pa.array((begins + seconds.astype("timedelta64[s]")).astype("datetime64[us]")).cast(
        pa.timestamp("us", tz="UTC")
    )


def numbered(letter: str, count: int) -> pa.Array:
    """Ids ``b000000000`` to ``count - 1``, made without a loop."""
    digits = pc.utf8_lpad(pa.array(np.arange(count)).cast(pa.string()), width=9, padding="0")
    return pc.binary_join_element_wise(pa.scalar(letter), digits, "")


def dollars(cents: Ints) -> pa.Array:
    """Whole cents as exact decimals with two places."""
    wide = np.empty((len(cents), 2), dtype=np.int64)
    wide[:, 0] = cents
    wide[:, 1] = np.where(cents < 0, -1, 0)
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [None, pa.py_buffer(wide.tobytes())])


def _spread(
    given: Parameters, people: Population, mean: np.ndarray[Any, Any], rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Account and second of events whose number varies around each person's mean, in order of time."""
    counts = rng.poisson(rng.gamma(2.0, np.maximum(mean, 1e-9) / 2.0))
    account = np.repeat(np.arange(people.n, dtype=np.int64), counts)
    second = rng.integers(0, int(given["days"]) * DAY, len(account))
    order = np.lexsort((account, second))
    return account[order], second[order]


def bids(given: Parameters, people: Population, faces: Faces, rng: np.random.Generator) -> pa.Table:
    """The table ``bids``; a person's letter is mostly the same, a quarter of bids is not yet decided."""
    account, second = _spread(given, people, people.traits["bids"], rng)
    m = len(account)
    won = rng.random(m) < people.traits["wins"][account]
    jobs = max(50, m // 12)
    return pa.table(
        {
            "bid_id": numbered("b", m),
            "account_id": at.dictionary(list(faces.ids), account),
            "job_id": at.dictionary([f"job-{j:07d}" for j in range(jobs)], rng.integers(0, jobs, m)),
            "happened_at": times(given, second),
            "text": at.dictionary(list(faces.texts), account),
            "accepted": pa.array(won, mask=rng.random(m) < 0.25),
        }
    )


def messages(given: Parameters, people: Population, faces: Faces, rng: np.random.Generator) -> pa.Table:
    """The table ``messages``: some nine a person, to a few clients each; what they say is left out."""
    account, second = _spread(given, people, np.full(people.n, 9.0), rng)
    m = len(account)
    clients = max(20, people.n // 4)
    client = (at.noise(account * 8 + rng.integers(0, 5, m), 11) % np.uint64(clients)).astype(np.int64)
    kinds = rng.choice(4, size=m, p=[0.86, 0.05, 0.05, 0.04])
    return pa.table(
        {
            "message_id": numbered("m", m),
            "account_id": at.dictionary(list(faces.ids), account),
            "happened_at": times(given, second),
            "counterparty_id": at.dictionary([f"client-{c:06d}" for c in range(clients)], client),
            "kind": at.dictionary(["chat", "call", "video", "email"], kinds),
            "off_platform": pa.array(rng.random(m) < people.traits["off_platform"][account]),
            "answered_after_s": pa.array(np.exp(rng.normal(7.0, 1.5, m)).astype(np.int64)),
        }
    )


def contracts(
    given: Parameters, people: Population, faces: Faces, wages: Ints, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """The table ``contracts``, row by row.

    Args:
        wages: what each account earns in a month, cents.
    """
    account, second = _spread(given, people, np.full(people.n, 1.6), rng)
    clients = max(20, people.n // 4)
    client = rng.integers(0, clients, len(account))
    months = rng.integers(1, 7, len(account))
    rows = []
    for number, (i, s, c, long) in enumerate(
        zip(account.tolist(), second.tolist(), client.tolist(), months.tolist(), strict=True)
    ):
        cents = int(wages[i])
        rows.append(
            {
                "contract_id": f"c{number:08d}",
                "account_id": faces.ids[i],
                "client_id": f"client-{c:06d}",
                "started_at": stamp(given, s),
                "value_usd": f"{cents * long // 100}.{cents * long % 100:02d}",
                "title": f"{given.words['things'][number % len(given.words['things'])]} (simulated)",
                "wage_usd_per_month": f"{cents // 100}.{cents % 100:02d}",
            }
        )
    return rows


def identity_checks(
    given: Parameters, people: Population, faces: Faces, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """The table ``identity_checks``: one at entry, for some another later; up to three tries with a document."""
    n = people.n
    again = rng.random(n) < np.where(people.change_day >= 0, 0.5, 0.12)
    rows: list[tuple[int, int, str, str, str]] = []
    for late in (False, True):
        draws = rng.random((n, 10))
        for i in np.flatnonzero(again).tolist() if late else range(n):
            day = int(draws[i, 0] * 80) if people.change_day[i] < 0 else int(people.change_day[i]) + 1
            second = (day if late else -1) * DAY + int(draws[i, 1] * 50_000)
            told = _one_check(people, i, draws[i])
            rows += [(i, second + after, kind, result, reason) for after, kind, result, reason in told]
    rows.sort(key=lambda r: (r[1], r[0], r[2], r[3]))
    return [
        {
            "check_id": f"k{number:08d}",
            "account_id": faces.ids[i],
            "happened_at": stamp(given, second),
            "provider": "simulated checks",
            "kind": kind,
            "result": result,
            "reason": reason,
        }
        for number, (i, second, kind, result, reason) in enumerate(rows)
    ]


# Chance that a document passes on the next try (analysis): a better picture helps; somebody else's paper seldom does.
NEXT_PASSES_HONEST, NEXT_PASSES_ACTING = 0.8, 0.3
# Share of failures that a checker calls a mismatch, for those who act under another identity (analysis).
SAID_MISMATCH = 0.6


def _one_check(people: Population, i: int, d: np.ndarray[Any, Any]) -> list[tuple[int, str, str, str]]:
    """One round of checks of an account: seconds after its begin, kind, result, reason.

    Args:
        d: ten numbers in [0, 1), drawn for this round.
    """
    told: list[tuple[int, str, str, str]] = []
    acts = bool(people.acts[i])
    at = 0
    passes = NEXT_PASSES_ACTING if acts else NEXT_PASSES_HONEST
    for attempt in range(3):
        fails = d[2] < people.traits["document_failure"][i] if attempt == 0 else d[2 + attempt] > passes
        if not fails:
            break
        mismatch = acts and d[5] < SAID_MISMATCH
        reason = "portrait and paper differ" if mismatch else "picture too dark or blurred"
        told.append((at, "document", "mismatch" if mismatch else "failed", reason))
        at += 3_600 + int(d[6] * 90_000)
    else:
        return told
    if people.traits["renamed"][i] > 0:
        told.append((at, "document", "mismatch", "name differs"))
        if d[7] < NEXT_PASSES_HONEST:
            told.append((at + 400_000, "in_person", "passed", ""))
    else:
        told.append((at, "document", "passed", ""))
    if d[8] < 0.4:
        failed = d[9] < people.traits["liveness_failure"][i]
        told.append((at + 60, "liveness", "failed" if failed else "passed", "no movement seen" if failed else ""))
    return told
