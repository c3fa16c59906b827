"""Photos and label maps, as they are drawn, augmented and loaded."""
