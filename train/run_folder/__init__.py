"""The run folder of training: name, lock, configuration, and resuming."""
