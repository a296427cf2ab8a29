"""Casework: what people should look at, what they decided, and what turned out.

In: one open run (assessments, flags, rings, links, paths) and the ledger. Out: the board of alerts, decisions,
outcomes with how they were confirmed, a random sample from below the line, a playbook for each band.
It writes ledger lines and nothing else, holds typed references and no names, and changes no finding and no weight.
"""
