"""Repeat-factor sampling: photos of rare classes stand in the JSON repeatedly."""
