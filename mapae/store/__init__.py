"""Store: a workspace's vault, parts, runs and ledger; the only room that writes below .mapae."""
