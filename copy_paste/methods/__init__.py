"""Ways to make new photos."""
