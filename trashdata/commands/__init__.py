"""Commands that belong to no spoke, one per file."""
