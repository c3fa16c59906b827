"""Long work: shards on an executor, a journal to resume from, a manifest of what was written."""
