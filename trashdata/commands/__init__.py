"""Commands that belong to no spoke, one a file."""
