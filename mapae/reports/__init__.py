"""Reports: walks along ``because``; a finding's sentence is made when it is read, so that it can be masked.

In: one committed run, held open. Out: text, trees, HTML and JSON.
It decides nothing and stores nothing.
"""
