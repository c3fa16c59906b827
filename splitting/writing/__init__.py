"""Writing the files of a split: parts, list of photos, report, picture."""
