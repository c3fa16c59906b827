"""Predictions of photos, and the thresholds and the ranking that follow from them."""
