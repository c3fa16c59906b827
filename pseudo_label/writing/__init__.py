"""Writing the files of a run that labels photos."""
