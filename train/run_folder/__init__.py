"""The folder of a run: its name, its lock, what it was started with, and going on with it."""
