"""Casework: cases and decisions."""
