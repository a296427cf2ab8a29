"""Names: a name as text becomes folded tokens, and two names are compared token by token.

In: text in any script, word tables of ``mapae/catalogue/names``, the rarity of tokens where it is known.
Out: tokens, scripts, and a comparison in centibits for the question "same party?" with its reasons.
It never guesses an origin, language or country from a name; spellings are compared, not people.

``mapae.names.compare(a, b, schema)`` is the function; ``from mapae.names.compare import …`` reaches its module.
"""

from mapae.names.compare import Comparison, compare

__all__ = ["Comparison", "compare"]
