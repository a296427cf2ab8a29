"""Drawings: figures as SVG text that stands inside a page and prints.

In: names and relations, already worded and masked. Out: SVG as text, the same for the same input.
It reads no table and knows no finding.
"""
