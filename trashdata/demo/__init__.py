"""The whole road on the sample set: its steps as data, and how they are walked."""
