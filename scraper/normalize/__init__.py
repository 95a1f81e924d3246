"""Dates, counts, labels and text, as tables and pure functions."""
