"""Determinations: elements of a provision judged on facts by one table of four rows."""
