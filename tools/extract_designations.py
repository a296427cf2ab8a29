"""Makes ``mapae/catalogue/demo/dprk_designations.ftm.json`` from an SDN list: designated parties under a DPRK* programme.

    python tools/extract_designations.py sdn_advanced.xml

Kept are names, birth dates, countries, identity numbers of ships and companies, programmes, legal basis, listing
dates, wallets, and relations between the parties kept. Identity papers and addresses of people are left out: the
demo has no need of them.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from mapae.rules.kinds import CATALOGUE, ListRule, read_rule
from mapae.sources import ftm, ofac_advanced

TARGET = CATALOGUE / "demo" / "dprk_designations.ftm.json"
LARGEST = 900_000
NAMES = {"name", "alias", "weakAlias", "previousName"}
PARTY = NAMES | {
    "topics", "programId", "country", "nationality", "citizenship", "jurisdiction", "birthDate", "position", "gender",
    "imoNumber", "mmsi", "callSign", "flag", "pastFlags", "type", "registrationNumber", "incorporationDate", "sourceUrl",
}  # fmt: skip
SANCTION = {"entity", "program", "programId", "authority", "listingDate", "reason"}
ENDS = {
    "owner",
    "asset",
    "agent",
    "client",
    "director",
    "organization",
    "person",
    "relative",
    "associate",
    "subject",
    "object",
}


def extract(entities: list[dict[str, Any]], programs: set[str]) -> list[dict[str, Any]]:
    """Parties under one of the programmes with their entries, wallets and relations among them, trimmed."""
    kept = {
        e["id"] for e in entities if programs & set(e["properties"].get("programId", [])) and e["schema"] != "Sanction"
    }
    made = []
    for entity in entities:
        given, schema = entity["properties"], entity["schema"]
        if entity["id"] in kept:
            wanted = PARTY - ({"registrationNumber"} if schema == "Person" else set())
        elif schema == "Sanction" and kept & set(given["entity"]):
            wanted = SANCTION
        elif schema == "CryptoWallet" and kept & set(given.get("holder", [])):
            wanted = {"publicKey", "currency", "holder"}
        elif ENDS & set(given) and all(set(given[end]) <= kept for end in ENDS & set(given)):
            wanted = ENDS | {"role", "relationship", "startDate", "endDate"}
        else:
            continue
        trimmed = {prop: values for prop, values in given.items() if prop in wanted}
        made.append({"id": entity["id"], "schema": schema, "properties": trimmed})
    return made


def main(path: Path) -> None:
    """Write the extract and say how large it is."""
    rule = read_rule(CATALOGUE / "lists" / "us_ofac_sdn.yml", "list", ListRule)
    assert isinstance(rule, ListRule)
    source16 = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    reading = ofac_advanced.read(path, rule, source16)
    made = extract(ftm.to_entities(reading.tables["statements"].read_all()), set(rule.data["nexus_programs"]))
    made = [{**entity, "datasets": [str(rule.data["dataset"])]} for entity in made]
    text = "".join(json.dumps(e, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n" for e in made)
    size = len(text.encode())
    if size > LARGEST:
        raise SystemExit(f"{size:,} bytes are more than {LARGEST:,}")
    TARGET.write_text(text, "utf-8")
    parties = sum("programId" in e["properties"] and e["schema"] != "Sanction" for e in made)
    print(f"{TARGET.name}: {parties} parties, {len(made)} entities, {size:,} bytes, list of {reading.snapshot}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
