"""A small employer's workspace (simulated) for tests of what leaves the house: people with several systems, a farm of four."""

from __future__ import annotations

from pathlib import Path

from small import DAY, Rows, write_csv

from mapae import pipeline
from mapae.cli import main
from mapae.store import workspace
from mapae.store.workspace import Workspace

PEOPLE = 40
FARM = ("okta/u1", "okta/u2", "okta/u3", "okta/u4")
HOME = "2001:db8:7:7::/64"


def rows() -> dict[str, Rows]:
    """Forty people, each with an HR row, an Okta login and a chat login; four of them share much."""
    made: dict[str, Rows] = {
        n: [] for n in ("accounts", "employees", "sign_ins", "authenticators", "equipment", "payouts")
    }
    for i in range(PEOPLE):
        farm = i in (1, 2, 3, 4)
        for platform in ("okta", "chat"):
            made["accounts"].append({
                "account_id": f"{platform}/u{i}", "platform": platform, "person_id": f"{100 + i}", "kind": "employee",
                "created_at": f"2026-01-{i % 28 + 1:02d}T09:00:00Z", "display_name": f"Canaryname{i} Canarylast{i}",
                "legal_name": f"Canaryname{i} Canarylast{i}", "claimed_country": "US", "email": f"canary{i}@corp.example",
                "phone": "+12025550100" if farm else f"+1202555{i + 110:04d}",
            })  # fmt: skip
        made["employees"].append({
            "person_id": f"{100 + i}", "employer_id": "corp", "worker_type": "employee", "hired_on": f"2026-01-{i % 28 + 1:02d}",
            "job_title": "engineer", "work_country": "US", "home_address": f"{i} Canarystreet, Austin", "home_country": "US",
        })  # fmt: skip
        for n in range(20):
            made["sign_ins"].append({
                "event_id": f"e{i}-{n}", "account_id": f"okta/u{i}", "happened_at": f"2026-05-{n + 1:02d}T0{i % 9}:00:00Z",
                "outcome": "success", "network_kind": "residential", "country": ("KR" if n % 2 else "US") if farm else "US",
                "lat": ("37.5" if n % 2 else "30.3") if farm else "30.3", "lon": ("127.0" if n % 2 else "-97.7") if farm else "-97.7",
                "ip": f"2001:db8:7:7::{i}" if farm else f"198.51.100.{i}", "device_id": "d-farm" if farm else f"d{i}", "remote_control": "true" if farm else "false",
            })  # fmt: skip
        made["authenticators"].append({
            "account_id": f"okta/u{i}", "happened_at": "2026-01-20T09:00:00Z", "kind": "push",
            "authenticator_id": "phone-farm" if farm else f"phone-{i}", "ip": f"198.51.100.{i}",
        })  # fmt: skip
        made["equipment"].append({
            "shipment_id": f"s{i}", "employer_id": "corp", "person_id": f"{100 + i}", "happened_at": "2026-01-15T09:00:00Z",
            "item": "laptop", "device_serial": f"serial{i}", "ship_to_address": "9 Farm Road, Nashville" if farm else f"{i} Canarystreet, Austin",
            "redirected": "false",
        })  # fmt: skip
        made["payouts"].append({
            "payout_id": f"p{i}", "account_id": f"okta/u{i}", "happened_at": "2026-05-28T00:00:00Z", "amount": "4000.00",
            "currency": "USD", "amount_usd": "4000.00", "method": "payroll", "destination_id": "bank-farm" if farm else f"bank-{i}",
        })  # fmt: skip
    made["sign_ins"].append({
        **made["sign_ins"][0], "event_id": "failed", "account_id": "okta/u5", "outcome": "failure", "ip": "2001:db8:7:7::9",
        "happened_at": "2026-05-21T00:00:00Z",
    })  # fmt: skip
    made["accounts"][0]["display_name"] = "=HYPERLINK(1)"
    return made


def employer(folder: Path) -> Workspace:
    """The workspace, run."""
    space = workspace.init(folder)
    for table, listed in rows().items():
        write_csv(space.inputs / f"{table}.csv", listed)
    space.settings_file.write_text("simulated = true\n")
    pipeline.run(space.root, today=DAY)
    return space


# Commands of these reports, for tests that run before the command line lists them.
for _name, _module in {"pivot": "reports", "schedule": "daily", "notify": "daily"}.items():
    main.COMMANDS.setdefault(_name, (f"mapae.cli.{_module}", "A command of these reports."))
