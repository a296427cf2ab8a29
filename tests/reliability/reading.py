"""Opens the last run again and again and hashes every part it names. Usage: reading.py WORKSPACE UNTIL"""

from __future__ import annotations

import sys
import time

from mapae.store import parts
from mapae.store.runs import OpenRun

hashed = 0
while time.time() < float(sys.argv[2]):
    with OpenRun.last(sys.argv[1]) as run:
        time.sleep(0.2)
        for table, entry in run.manifest["tables"].items():
            for part in entry["parts"]:
                path = parts.path(run.space, part["name"])
                if parts.hash_file(path) != part["sha256"]:
                    sys.exit(f"{table}: wrong bytes")
                hashed += 1
print(hashed)
