"""Sources: bytes as received become records, statements and evidence; what breaks the contract is quarantined.

In: files of any layout that is known by content. Out: a :class:`~mapae.sources.reading.Reading` per file.
It never edits a source, never drops a row uncounted, never fails a run for a bad row or file.
"""
