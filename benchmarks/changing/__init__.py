"""The parts of the change benchmark: pages, edits, noise."""
