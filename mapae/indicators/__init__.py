"""Indicators: measures and the answers of all indicators, computed as one SELECT."""
