"""What computers of the simulated employer report, as rows of two tables of Microsoft Defender's Advanced Hunting."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mapae.worlds.employer.faces import Faces
from mapae.worlds.employer.parameters import Given
from mapae.worlds.employer.sign_ins import DAY
from mapae.worlds.employer.staff import Staff
from mapae.worlds.population import Ints

# A computer goes out so many days before the first day of work.
SENT_BEFORE = 6


def provisioned(staff: Staff) -> Ints:
    """Day on which each computer first reports."""
    return staff.hired - 1


def write(path: Path, given: Given, staff: Staff, faces: Faces, days: int, rng: np.random.Generator) -> int:
    """Write one JSON object a line, in order of time.

    Returns:
        How many rows.
    """
    rows = sorted(
        _rows(given, staff, faces, days, rng),
        key=lambda row: (row["Timestamp"], row["DeviceId"], json.dumps(row, sort_keys=True)),
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    return len(rows)


def _rows(given: Given, staff: Staff, faces: Faces, days: int, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    seen = given.endpoints
    came = provisioned(staff)
    for who in range(staff.n):
        begin = int(max(0, came[who]))
        last = int(min(days, staff.left[who] + 1))
        if begin >= last:
            continue

        def row(day: float, who: int = who, last: int = last) -> dict[str, Any]:
            at = given.begins + dt.timedelta(seconds=int(min(max(day, 0.0), last - 0.01) * DAY))
            return {
                "Timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.0000000Z"),
                "DeviceId": faces.machine_ids[who],
                "DeviceName": faces.machines[who],
                "AccountUpn": faces.emails[who],
            }

        first = begin + 0.4 + 0.1 * float(rng.random())
        for name in [*seen["common"], given.company["tool"]]:
            yield _software(row(first), seen["makers"][name], name)
        pool = seen["planted_tools"] if staff.planted_tools[who] else seen["tools"]
        for name in rng.permutation(pool)[: int(staff.tools[who])].tolist():
            soon = came[who] >= 0 and bool(staff.tool_soon[who])
            when = first + 1 + 12 * float(rng.random()) if soon else begin + float(rng.random()) * (last - begin)
            yield _software(row(when), seen["makers"][name], name)
        board = seen["keyboards"][who % len(seen["keyboards"])]
        yield _usb(row(begin + 0.42), board, f"{who:x}", faces, who)
        if staff.embedded[who]:
            for _ in range(int(rng.integers(1, 5))):
                yield _usb(
                    row(begin + float(rng.random()) * (last - begin)),
                    seen["gadgets"][who % len(seen["gadgets"])],
                    "",
                    faces,
                    who,
                )
        if staff.kvm[who]:
            kind = seen["kvm"] if staff.kvm[who] == 1 else seen["kvm_hidden"]
            one = kind[int(rng.integers(0, len(kind)))]
            yield _usb(row(begin + 1 + 20 * float(rng.random())), one, f"{who:x}", faces, who)


def _software(row: dict[str, Any], vendor: str, name: str) -> dict[str, Any]:
    """A row of DeviceTvmSoftwareInventory, with the time at which the software was first seen."""
    return {
        **row,
        "OSPlatform": "Windows11",
        "SoftwareVendor": vendor,
        "SoftwareName": name.lower().replace(" ", "_"),
        "SoftwareVersion": "7.4.1",
    }


def _usb(row: dict[str, Any], one: dict[str, str], serial: str, faces: Faces, who: int) -> dict[str, Any]:
    """A row of DeviceEvents, PnpDeviceConnected; what was connected is JSON inside a string."""
    fields = {
        "ClassName": "USBDevice",
        "DeviceId": f"USB\\VID_{one['vid']}&PID_{one['pid']}\\{one['serial'] or serial}",
        "DeviceDescription": one["name"],
        "VendorIds": f"USB\\VID_{one['vid']}",
    }
    return {
        **row,
        "ActionType": "PnpDeviceConnected",
        "InitiatingProcessAccountUpn": faces.emails[who],
        "AdditionalFields": json.dumps(fields, separators=(",", ":")),
    }
