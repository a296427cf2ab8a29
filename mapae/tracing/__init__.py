"""Tracing: paths over ownership and payments from a subject to a conduct."""
