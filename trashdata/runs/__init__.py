"""Runs: stages of shards on workers, a journal to resume from, a manifest of the files."""
