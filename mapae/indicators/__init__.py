"""Indicators: measures and projections computed once; the answers of all indicators as one SELECT.

In: records, statements, and the catalogue's SQL. Out: ``measures/*``, the four projections, ``answers``, ``findings/flag``.
It weighs nothing, and knows no stage that reads its tables.
"""
