"""Store: a workspace's vault, parts, runs and ledger.

In: bytes of sources, finished Parquet halves, manifests and acts. Out: paths, open runs, reports of what holds.
It is the only room that writes below ``.mapae``, always by the commit protocol; every touch of the disk goes
through ``disk``. It knows no rule and no stage, and what a table means is nothing to it.
"""
