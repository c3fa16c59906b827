"""The files of a run that labels photos."""
