"""Rules: the catalogue's YAML as checked values; the SQL gate, inline cases, citations and the lock.

In: files of ``mapae/catalogue`` and the readers and engines that a caller hands over.
Out: typed rules, refusals with file and line, results of cases.
It holds no rule itself, knows no records, and imports no room above it.
"""
