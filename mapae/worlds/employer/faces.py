"""Names, ids and addresses of the simulated employer's people: nobody, made of words and whole numbers."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
from anyascii import anyascii

from mapae.worlds import addresses as at
from mapae.worlds.employer.parameters import Given
from mapae.worlds.employer.staff import Staff

_LETTERS = "0123456789abcdefghijkmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Numbers of area codes whose 555-01xx numbers are kept for fiction.
_FIRST_AREA, _AREAS = 201, 780


def _id(kind: str, numbers: list[int], seed: int, salt: int, length: int = 17) -> list[str]:
    """Ids of the provider's form: a prefix and letters, the same for the same number."""
    made = []
    for one in at.noise(np.array(numbers, dtype=np.int64) + (seed << 32), salt).tolist():
        text, left = "", int(one)
        for _ in range(length):
            left, digit = divmod(left, len(_LETTERS)) if left else (0, 0)
            text += _LETTERS[digit]
        made.append(kind + text)
    return made


@dataclasses.dataclass
class Faces:
    """What the files say of each person. ``machines`` are the names of computers, ``serials`` their numbers."""

    names: list[str]
    emails: list[str]
    employees: list[str]
    users: list[str]
    okta_devices: list[str]
    machines: list[str]
    machine_ids: list[str]
    serials: list[str]
    phones: list[str]
    bound: dict[int, str]
    codes: list[str]
    cookies: list[str]
    apps: list[str]

    def actors(self) -> list[str]:
        """Each person as the log names an actor, as text of JSON."""
        return [
            json.dumps({"id": u, "type": "User", "alternateId": e, "displayName": n, "detailEntry": None}, ensure_ascii=False, separators=(",", ":"))
            for u, e, n in zip(self.users, self.emails, self.names, strict=True)
        ]  # fmt: skip

    def devices(self) -> list[str]:
        """Each person's computer as the log names a device, as text of JSON."""
        return [
            json.dumps({"id": d, "name": m, "os_platform": "OSX" if i % 2 else "WINDOWS", "os_version": "14.6.0", "managed": True,
                        "registered": True, "device_integrator": None, "disk_encryption_type": "ALL_INTERNAL_VOLUMES",
                        "screen_lock_type": "BIOMETRIC", "jailbreak": None, "secure_hardware_present": True}, separators=(",", ":"))
            for i, (d, m) in enumerate(zip(self.okta_devices, self.machines, strict=True))
        ]  # fmt: skip

    def cookie(self, person: int, phone: bool, stranger: bool, row: int) -> str:
        """The browser's token: one a person and kind of device; a stranger's is another every time."""
        return f"{row:032x}" if stranger else self.cookies[2 * person + phone]

    def target(self, kind: int, person: int, more: int) -> str:
        """What an event is done to, as text of JSON."""
        if kind == 3:
            return self.apps[more]
        if kind in (4, 5):
            user = f'{{"id":"{self.users[person]}","type":"User","alternateId":"{self.emails[person]}","displayName":{json.dumps(self.names[person], ensure_ascii=False)},"detailEntry":null}}'
            if kind == 5:
                return f'[{user},{{"id":"pfd{person:08d}{more:09d}","type":"AuthenticatorEnrollment","alternateId":"unknown","displayName":"Okta Verify","detailEntry":null}}]'
            return f'[{user},{{"id":"{self.bound[more]}","type":"Device","alternateId":"unknown","displayName":"Telephone {more}","detailEntry":{{"oktaDeviceId":"{self.bound[more]}"}}}}]'
        if kind == 6:
            return f'[{{"id":"{self.codes[more]}","type":"MobilePhone","alternateId":"unknown","displayName":"+1 XXX-XXX-XX{more % 100:02d}","detailEntry":null}}]'
        return '[{"id":"0oa1simulatedportal0","type":"AppInstance","alternateId":"Okta Dashboard","displayName":"Okta Dashboard","detailEntry":null}]'


def _plain(name: str) -> str:
    """A name as it stands in a mail address."""
    words = anyascii(name).lower().split()
    return "".join(c for c in f"{''.join(words[:-1])}.{words[-1]}" if c.isalnum() or c == ".")


def faces(
    given: Given, staff: Staff, bound: list[int], apps: tuple[str, ...], seed: int, rng: np.random.Generator
) -> Faces:
    """Names and ids of everybody. Names are drawn apart from everything else: from no place, kind or trait.

    Args:
        bound: numbers of devices that second factors are on.
        apps: names of applications.
    """
    n = staff.n
    words = given.words
    tongues = sorted(words["given"])
    # Three in five names are of the most usual language of the country, whoever and wherever somebody is.
    tongue = np.where(rng.random(n) < 0.6, tongues.index("english"), rng.integers(0, len(tongues), n)).tolist()
    first, last = rng.random(n).tolist(), rng.random(n).tolist()
    own, family = [], []
    for i in range(n):
        spoken = tongues[tongue[i]]
        own.append(words["given"][spoken][int(first[i] * len(words["given"][spoken]))])
        family.append(words["family"][spoken][int(last[i] * len(words["family"][spoken]))])
    shared = [family[int(lead)] for lead in staff.leads["surname"]]
    names = [f"{a} {b}" for a, b in zip(own, shared, strict=True)]
    emails = [f"{_plain(name)}{i}@{given.company['domain']}" for i, name in enumerate(names)]
    numbers = list(range(n))
    shuffled = rng.permutation(n).tolist()
    ids = _id("guo", bound, seed, 71)
    return Faces(
        names=names,
        emails=emails,
        employees=[f"E{10_000 + shuffled[i]}" for i in numbers],
        users=_id("00u", numbers, seed, 72),
        okta_devices=_id("guo", numbers, seed, 73),
        machines=[f"ACME-{shuffled[i]:05d}" for i in numbers],
        machine_ids=[f"{a:016x}{b:016x}{a >> 32:08x}" for a, b in zip(at.noise(np.arange(n) + (seed << 32), 74).tolist(), at.noise(np.arange(n) + (seed << 32), 75).tolist(), strict=True)],
        serials=[f"SIM{v % 10**9:09d}" for v in at.noise(np.arange(n) + (seed << 32), 76).tolist()],
        phones=[f"+1{_FIRST_AREA + (i // 100) % _AREAS}55501{i % 100:02d}" for i in numbers],
        bound=dict(zip(bound, ids, strict=True)),
        codes=_id("mbl", numbers, seed, 77),
        cookies=[f"{v:016x}{w:016x}" for v, w in zip(at.noise(np.arange(2 * n) + (seed << 32), 78).tolist(), at.noise(np.arange(2 * n) + (seed << 32), 79).tolist(), strict=True)],
        apps=[f'[{{"id":"0oa{i:017d}","type":"AppInstance","alternateId":"{app}","displayName":"{app}","detailEntry":{{"signOnModeType":"SAML_2_0"}}}}]' for i, app in enumerate(apps)],
    )  # fmt: skip
