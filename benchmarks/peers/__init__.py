"""Other packages beside ours, on the same work in the same run: ``make bench-peers``."""
