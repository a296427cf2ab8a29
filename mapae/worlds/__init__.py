"""Worlds: simulated platforms whose truth is known, to test the rest against.

In: parameters from ``mapae/catalogue/worlds`` (each cited or marked analysis), a number of accounts, a seed.
Out: a folder with ``inputs/`` (records as a platform sends them) and ``truth/`` (who is who), and figures against it.
It may not set any rule, threshold or prior; no other room reads ``truth/``; what it makes is always called simulated.
"""
