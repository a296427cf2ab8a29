"""Drawings: figures for pages and paper."""
