"""Sampling, augmentation and loading of photos and label maps."""
