"""Losses, and how much each class counts in them."""
