"""Repeat-factor sampling: photos of rare classes are repeated in the JSON."""
