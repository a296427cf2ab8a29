"""Linkage: which accounts are one hand, by rarity of what they share; rings inside components.

In: the projection ``identifiers``, accounts (whose person they are), what has been declared; ``catalogue/keys.yml``.
Out: ``findings/link``, ``findings/ring``, and ``notes/linkage`` (values that too many hold to say anything).
It weighs the question "same hand?" alone: whether anybody is misrepresented it neither asks nor answers, and it
reads no flag, no address and nothing about what a person is.
"""
