"""Which objects can be pasted, and from which photos."""
