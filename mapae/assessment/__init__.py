"""How likely is it that an account is run by somebody other than it says?

In: ``answers``, flags, rings, who holds identifiers, accounts and what was declared. Out: ``weights`` (pinned by the
pipeline), ``findings/assessment`` (one row for every account) and ``run_checks``.
It may not read a record's traits, add bits of two questions, weigh one thing twice, or let one family open a review.
"""
