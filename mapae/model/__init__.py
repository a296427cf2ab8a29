"""Words of the house as values: ids, kinds of findings, verdicts, dates, amounts, errors.

In: plain values. Out: plain values.
It may not touch disk, network, clock or chance, and imports no other room.
"""
