"""New photos, their masks and records, made of a plan."""
