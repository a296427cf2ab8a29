"""Engines: the two verbs in which all heavy work is said, SQL over tables and a function over batches of one key.

In: steps, and the Arrow or Parquet tables that they read. Out: Arrow record batches.
It knows no table by name and writes no part; the store does.
"""
