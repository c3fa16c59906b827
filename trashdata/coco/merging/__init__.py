"""The parts of a merge, one subject a file."""
