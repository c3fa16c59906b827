"""Rendering of plans: new photos, their masks and records."""
