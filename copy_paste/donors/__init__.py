"""Which photos and objects may serve."""
