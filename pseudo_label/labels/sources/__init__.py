"""Where labels come from: one file a source."""
