"""The tests, a folder for each subject; what several share is in ``helpers``."""
