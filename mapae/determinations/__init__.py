"""Determinations: what the facts show of each element of a provision of law, and what is still missing.

In: the projection ``facts`` (and the days of paths), provisions of the catalogue, the run's two dates.
Out: findings of the kinds element and determination, with the grounds for and against.
It weighs no numbers, adds no bits, knows no list and no record, and never says that somebody must be designated.
"""
