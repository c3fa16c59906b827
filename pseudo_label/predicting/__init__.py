"""What models say of photos, and the thresholds and the order that follow from it."""
