"""Photos that stay together in one fold."""
