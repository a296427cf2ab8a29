"""The people of a simulated firm whom single signs point at, and pairs that one hand runs. All are invented."""

from __future__ import annotations

from simulated_firm import DAYS, PLACES, START, WORK, Firm

PLAIN = 360
# Everybody of the plain people in every fifth place works through the firm's gateway on some days.
GATEWAY, DECLARED_GATEWAY = "45.10.0.9", "45.20.0.9"
TOLD = "told"  # ends the names of those who have declared what explains them
HANDS = ("clean_line", "one_factor", "one_telephone")


def firm() -> Firm:
    """Plain people, the personas and the pairs, without applicants but for the one who has stolen papers."""
    made = Firm()
    for n in range(PLAIN):
        journey = n % 40 == 3
        made.person(f"plain_{n}", works=not journey)
        if n % 5 == 0:
            made.away(
                f"plain_{n}",
                made.most(WORK[::3]),
                "hosting",
                "NL",
                GATEWAY,
                region="",
                city="",
                lat="52.37",
                lon="4.90",
            )
        if n % 5 == 1:
            made.away(
                f"plain_{n}",
                made.most(WORK[::3]),
                "hosting",
                "NL",
                DECLARED_GATEWAY,
                region="",
                city="",
                lat="52.37",
                lon="4.90",
            )
        if n % 9 == 2:
            made.away(f"plain_{n}", made.most(WORK[::7]), "mobile", "US", f"45.30.{n % 250}.1", asn="64501")
        if journey:
            made.signs(f"plain_{n}", [*WORK[:20], *WORK[26:]])
            made.away(
                f"plain_{n}", WORK[20:26], "residential", "PT", f"45.31.{n % 250}.1", browser_timezone="Europe/Lisbon"
            )
        if n % 30 == 4:
            made.away(f"plain_{n}", made.most(WORK[::2]), "vpn", "US", f"45.32.{n % 250}.1", vpn_operator="NordVPN")
        if n % 23 == 5:
            made.software(f"plain_{n}", "AnyDesk")
    made.declare("network", subject=f"{DECLARED_GATEWAY}/32")
    _networks(made)
    _machines(made)
    _homes(made)
    _lives(made)
    _hands(made)
    return made


def _networks(made: Firm) -> None:
    name = "korean_american_behind_a_tunnel"
    made.person(name, works=False)
    made.away(name, WORK[:45], "vpn", "US", "45.40.0.1", vpn_operator="Mullvad", browser_languages="ko-KR;en-US")
    made.signs(name, WORK[45:], browser_languages="ko-KR;en-US")
    for name, told in (("nomad", False), (f"nomad_{TOLD}", True)):
        made.person(name, works=False)
        for k, country in enumerate(("PT", "TH", "MX", "CO")):
            made.away(name, WORK[k * 15 : k * 15 + 15], "residential", country, f"45.41.{k}.{int(told) + 1}")
        if told:
            made.declare("travel", name)
    for name, told in (("abroad", False), (f"abroad_{TOLD}", True)):
        made.person(name, works=False)
        made.signs(name, WORK[:20])
        made.away(name, WORK[20:45], "residential", "ES", f"45.42.0.{int(told) + 1}", browser_timezone="Europe/Madrid")
        made.signs(name, WORK[45:])
        if told:
            made.declare("travel", name, until="2026-05-20")
    name = "relay_of_the_telephone"
    made.person(name)
    for k, country in enumerate(("US", "NL", "US", "DE", "US", "JP", "GB", "US")):
        made.away(
            name,
            WORK[k * 7 : k * 7 + 7],
            "relay",
            country,
            f"45.43.{k}.1",
            vpn_operator="iCloud Private Relay",
            asn=str(64520 + k),
        )
    for name, ip in (("behind_a_gateway", GATEWAY), (f"behind_a_gateway_{TOLD}", DECLARED_GATEWAY)):
        made.person(name, works=False)
        made.away(name, WORK, "hosting", "NL", ip, region="", city="", lat="52.37", lon="4.90")
        made.signs(name, WORK[::9])
    made.person(
        "defector_in_seoul",
        home_country="KR",
        home_city="Seoul",
        home_region="",
        home_address="12 Teheran-ro, Gangnam-gu, Seoul",
        papers="KR",
    )
    _at_home_in(made, "defector_in_seoul", "KR", "Asia/Seoul", "ko-KR", None)
    china = {
        "home_country": "CN",
        "home_city": "Shenyang",
        "home_region": "",
        "home_address": "88 Qingnian Street, Shenyang",
        "papers": "CN",
    }
    made.person("freelancer_paid_in_china", worker_type="contractor", kind="contractor", pay="icbc-1", **china)
    _at_home_in(made, "freelancer_paid_in_china", "CN", "Asia/Shanghai", "zh-CN", "Astrill VPN")
    made.pays("freelancer_paid_in_china", method="bank", destination_id="icbc-1", destination_country="CN")


def _at_home_in(made: Firm, name: str, country: str, zone: str, language: str, operator: str | None) -> None:
    """Turn the sign-ins that somebody has from home into ones from another country; every second through a tunnel."""
    n = made.number(name)
    for k, row in enumerate(row for row in made.rows["sign_ins"] if row["account_id"] == f"okta/{n}"):
        row |= {
            "country": country,
            "region": "",
            "city": "",
            "lat": "",
            "lon": "",
            "browser_timezone": zone,
            "browser_languages": language,
        }
        row["happened_at"] = row["happened_at"][:11] + f"0{k % 9}:00:00Z"
        if operator and k % 2:
            row |= {
                "network_kind": "vpn",
                "vpn_operator": operator,
                "country": "HK" if k % 4 == 1 else "US",
                "ip": "45.44.0.1",
            }


def _machines(made: Firm) -> None:
    for name, told in (("remote_desktop", False), (f"remote_desktop_{TOLD}", True)):
        made.person(name, works=False)
        made.signs(name, made.most(WORK), remote_control="true")
        made.software(name, "AnyDesk", "TeamViewer Host", days=WORK[::10])
        made.meets(name, WORK[::3], camera="", camera_off="true")
        if told:
            made.declare("accommodation", name)
    for name, told in (("two_clients", False), (f"two_clients_{TOLD}", True)):
        made.person(name, worker_type="contractor", kind="contractor", vendor="Bridge Staffing")
        made.software(name, "AnyDesk", "TeamViewer", days=WORK[::10])
        if told:
            made.declare("tool", name, subject="anydesk")
            made.declare("tool", name, subject="teamviewer")
    for name, told in (("embedded_developer", False), (f"embedded_developer_{TOLD}", True)):
        made.person(name)
        for day in WORK[::2]:
            made.add("endpoint_facts", account_id=f"okta/{made.number(name)}", device_id=f"m-{made.number(name)}", happened_at=f"{_day(day)}T18:00:00Z",
                     kind="usb", vendor="Linux 6.1 with dwc2", product="RNDIS/Ethernet Gadget", vendor_id="0525", product_id="a4a2")  # fmt: skip
        if told:
            made.declare("tool", name)
    made.person("desk_that_enrols_many")
    for n in range(12):
        made.factor(f"plain_{n}", f"phone-{made.number('desk_that_enrols_many')}", 2)
    made.person("desk_that_enrolled_two")
    for n in (20, 21):
        made.factor(f"plain_{n}", f"phone-{made.number('desk_that_enrolled_two')}", 2)
    for n in range(0, PLAIN, 2):  # one in ten never turns the camera on
        made.meets(f"plain_{n}", WORK[::6], camera="Integrated Camera", camera_off="true" if n % 22 == 8 else "false")


def _day(day: int) -> str:
    from datetime import timedelta

    return str(START + timedelta(days=day))


def _registered(made: Firm, town: str) -> dict[str, str]:
    """A home of one's own in the register, in a town; nothing where there is none."""
    city, _, region = town.partition(", ")
    return (
        {"home_address": f"{len(made.people)} Oak Street, {town}", "home_city": city, "home_region": region}
        if town
        else {}
    )


def _homes(made: Firm) -> None:
    # A flat of two who are colleagues, and one of them whom the register still has elsewhere.
    for name, former in (
        ("housemates", ""),
        ("moved_in", "Austin, Texas"),
        ("moved_in_from_afar", "Bangor, Maine"),
        (f"moved_in_from_afar_{TOLD}", "Bangor, Maine"),
    ):
        flat = {
            "home_address": f"{len(made.people)} Shared Street, Austin, Texas",
            "home_city": "Austin",
            "home_region": "Texas",
        }
        made.person(f"{name}_a", place=0, **flat)
        made.person(f"{name}_b", works=False, place=0, **(flat | _registered(made, former)))
        made.signs(f"{name}_b", made.most(WORK), line=f"{name}_a")
        if name.endswith(TOLD):
            made.declare("household", f"{name}_a", f"{name}_b")
    # Couples who have moved in with each other and told nobody: one home line, one telephone, one bank account.
    for name, told, registered in (("newly_together", False, "Austin, Texas"), ("newly_together_from_afar", False, "Bangor, Maine"),
                                   (f"newly_together_from_afar_{TOLD}", True, "Bangor, Maine")):  # fmt: skip
        flat = {
            "home_address": f"{len(made.people)} Shared Street, Austin, Texas",
            "home_city": "Austin",
            "home_region": "Texas",
        }
        ties = {"factor": f"phone-{name}", "pay": f"joint-{name}"}
        made.person(f"{name}_a", place=0, **(flat | ties))
        made.person(f"{name}_b", works=False, place=0, **(_registered(made, registered) | ties))
        made.signs(f"{name}_b", made.most(WORK), line=f"{name}_a")
        if told:
            made.declare("household", f"{name}_a", f"{name}_b")
    for name, told in (("couple", False), (f"couple_{TOLD}", True)):
        flat = {
            "home_address": f"{len(made.people)} Shared Street, Denver, Colorado",
            "home_city": "Denver",
            "home_region": "Colorado",
            "pay": f"joint-{name}",
        }
        made.person(f"{name}_a", place=4, factor=f"phone-{name}", **flat)
        made.person(f"{name}_b", works=False, place=4, factor=f"phone-{name}", **flat)
        made.signs(f"{name}_b", made.most(WORK), line=f"{name}_a")
        if told:
            made.declare("household", f"{name}_a", f"{name}_b")
    for name, told, apart in (
        ("family_telephone", False, False),
        (f"family_telephone_{TOLD}", True, False),
        ("family_telephone_two_homes", False, True),
    ):
        flat = {
            "home_address": f"{len(made.people)} Shared Street, Atlanta, Georgia",
            "home_city": "Atlanta",
            "home_region": "Georgia",
        }
        made.person(f"{name}_a", place=3, factor=f"phone-{name}", **flat)
        own = {"home_address": f"{len(made.people)} Own Street, Atlanta, Georgia"} if apart else {}
        made.person(f"{name}_b", works=apart, place=3, factor=f"phone-{name}", **(flat | own))
        if not apart:
            made.signs(f"{name}_b", made.most(WORK), line=f"{name}_a")
        if told:
            made.declare("household", f"{name}_a", f"{name}_b")
    for name, told, size in (
        ("agency", False, 12),
        (f"agency_{TOLD}", True, 12),
        ("small_agency", False, 5),
        (f"small_agency_{TOLD}", True, 5),
    ):
        team = [f"{name}_{n}" for n in range(size)]
        for member in team:
            made.person(member, works=False, place=1, worker_type="agency", kind="contractor", vendor=f"{name} software house", pay=f"bank-of-{name}",
                        hired_on="2025-11-03")  # fmt: skip
        for member in team:
            made.signs(member, made.most(WORK), line=team[0])
        if told:
            made.declare("team", *team)


def _lives(made: Firm) -> None:
    # A state's programme for them gives one box to all.
    for name in ("survivor_with_forwarded_mail", "survivor_who_came_in_person"):
        made.person(name, place=2, home_address="PO Box 77, Salem, Oregon", home_city="Salem", papers_address="5 Old Street, Bangor, Maine",
                    ship_to=f"{len(made.people)} Refuge Road, Columbus, Ohio", ship_city="Columbus", ship_region="Ohio", redirected="true")  # fmt: skip
    n = made.number("survivor_who_came_in_person")
    made.add("identity_checks", account_id=f"acme-hr/{n}", happened_at="2026-02-05T10:00:00Z", kind="in_person", result="passed")  # fmt: skip
    made.person("victim_of_identity_theft")
    n = made.number("victim_of_identity_theft")
    made.add(
        "identity_checks",
        account_id=f"acme-hr/{n}",
        happened_at="2026-04-01T10:00:00Z",
        kind="document",
        result="mismatch",
    )
    made.add(
        "identity_checks",
        account_id=f"acme-hr/{n}",
        happened_at="2026-04-05T10:00:00Z",
        kind="in_person",
        result="passed",
    )
    # Whoever took the papers applies with them, under the victim's name and number, from elsewhere.
    made.add("accounts", account_id="greenhouse/1", platform="greenhouse", kind="applicant", email="victim.copy@example.org", claimed_country="US",
             phone=f"+1202555{1000 + n:04d}", id_document_number=f"P{100000 + n}", id_document_country="US", display_name="victim of identity theft",
             legal_name="victim_of_identity_theft person", nationality_declared="US", date_of_birth="1975-04-05")  # fmt: skip
    for k in range(3):
        made.add("applications", application_id=f"Q{k}", employer_id="acme", account_id="greenhouse/1", job_id=f"J{k}", applicant_name="victim of identity theft",
                 email="victim.copy@example.org", phone=f"+1202555{1000 + n:04d}", happened_at=f"2026-05-0{k + 1}T10:00:00Z", ip="45.60.0.1",
                 device_id="d-elsewhere")  # fmt: skip
    made.person("paid_in_stablecoins", worker_type="contractor", kind="contractor")
    made.pays("paid_in_stablecoins", method="crypto", destination_id="0x52908400098527886E0F7030069857D2E4169EE7")
    made.person("night_worker", works=False)
    made.signs("night_worker", made.most(WORK), hour=7, browser_timezone="America/Chicago")
    made.person("poor_with_an_old_machine", works=False, own_machine="true", photo_phash="", profile_text="")
    n = made.number("poor_with_an_old_machine")
    made.signs(
        "poor_with_an_old_machine",
        made.most(WORK),
        network_kind="mobile",
        asn="64501",
        ip="45.30.1.1",
        device_id="old-machine",
        device_managed="false",
    )
    made.signs(
        "poor_with_an_old_machine",
        WORK[::6],
        network_kind="mobile",
        asn="64501",
        ip="45.30.2.1",
        device_id="prepaid-telephone",
        device_managed="false",
    )
    made.meets("poor_with_an_old_machine", WORK[::4], camera="No-name webcam 2009", camera_off="true", latency_ms="900")
    made.person("on_an_own_machine", works=False)
    made.signs("on_an_own_machine", made.most(WORK), device_id="own-machine", device_managed="false")
    made.person(
        "private_with_a_thin_profile", works=False, own_machine="true", photo_phash="", profile_text="", phone=""
    )
    made.away(
        "private_with_a_thin_profile",
        made.most(WORK),
        "vpn",
        "US",
        "45.61.0.1",
        vpn_operator="Mullvad",
        device_managed="false",
    )
    made.meets("private_with_a_thin_profile", WORK[::3], camera_off="true", camera="")


def _hands(made: Firm) -> None:
    """Pairs that one hand runs on borrowed papers: clean home lines, each registered in another region."""
    for k, name in enumerate(HANDS):
        shared = (
            {"factor": f"phone-{name}"}
            if name == "one_factor"
            else {"phone": "+12025557777"}
            if name == "one_telephone"
            else {}
        )
        for n, member in enumerate("ab"):
            region, city, *_ = PLACES[(k + 1 + n * 2) % 6]
            host = 0 if name != "one_factor" else 5
            made.person(f"{name}_{member}", works=not n or name == "one_factor", place=host, home_city=city, home_region=region,
                        home_address=f"{40 + n} Borrowed Street, {city}, {region}", ship_to="1 Host Street, Austin, Texas" if name == "one_telephone" else f"{40 + n} Borrowed Street, {city}, {region}",
                        ship_city="Austin" if name == "one_telephone" else city, ship_region="Texas" if name == "one_telephone" else region,
                        hired_on=f"2026-0{1 + n}-12", **shared)  # fmt: skip
            if n and name != "one_factor":
                made.signs(f"{name}_{member}", made.most(WORK), line=f"{name}_a")
    assert len(WORK) < DAYS


def applicants(made: Firm) -> list[str]:
    """Many who have once applied under a private mailbox, with the telephone that they still have: their names."""
    numbers = range(0, PLAIN, 8)
    for n in numbers:
        phone, mail = f"+1202555{1000 + n:04d}", f"private.{n}@example.net"
        made.add("accounts", account_id=f"greenhouse/{100 + n}", platform="greenhouse", kind="applicant", email=mail, phone=phone, display_name="an applicant",
                 legal_name="an applicant")  # fmt: skip
        made.add("applications", application_id=f"R{n}", employer_id="acme", account_id=f"greenhouse/{100 + n}", job_id="J9", applicant_name="an applicant", email=mail,
                 phone=phone, happened_at="2025-01-10T10:00:00Z", ip=f"45.{100 + n // 250}.{n % 250}.1")  # fmt: skip
    return [f"plain_{n}" for n in numbers]
