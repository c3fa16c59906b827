"""Groups of photos that stay in one fold."""
