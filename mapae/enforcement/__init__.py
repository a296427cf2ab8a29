"""Enforcement: who is listed, since when; what changed."""
