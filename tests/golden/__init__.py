"""The SHA-256 of every file that a list of commands makes on real data."""
