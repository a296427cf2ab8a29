"""Command line: the only room that prints."""
