"""Tracing: paths over ownership and payments from a subject to a conduct.

In: the projection ``edges``, rings, matches, the lists' entries; ``catalogue/tracing.yml``. Out: ``findings/path`` (one
row per party on a route and route) and ``notes/tracing`` (parties too well connected to be walked through).
It walks from accounts outward, along what they paid and who owns it, never back along what others sent them. It says
that relations lead from here to there, each with its days and its row; it weighs nobody and adds no money up twice.
"""
